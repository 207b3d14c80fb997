"""What is said of a stream that stopped."""

from __future__ import annotations

from desktop_app.errors import SourceLost
from desktop_app.i18n import tr


def lost(title: str) -> SourceLost:
    return SourceLost(tr("{title} sends no more pictures.", title=title), tr("Check the camera and the network."))
