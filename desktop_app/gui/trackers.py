"""The trackers to choose from, as people read them."""

from __future__ import annotations

from collections.abc import Callable

from desktop_app.core.tracking import TrackingName
from desktop_app.i18n import tr

TRACKERS: tuple[tuple[TrackingName, Callable[[], str]], ...] = (
    ("off", lambda: tr("Off")),
    ("bytetrack", lambda: "ByteTrack"),
    ("botsort", lambda: tr("BoT-SORT (moving camera)")),
)
