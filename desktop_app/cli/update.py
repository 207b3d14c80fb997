"""`regard doctor --check-update`: whether there is a newer Regard, and what is new in it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict

from desktop_app import __version__
from desktop_app.i18n import tr
from desktop_app.settings import load_settings


def check_update(form: str = "text") -> int:
    """0 also where there is a newer one; raises `AppError` where that cannot be told."""
    from desktop_app.models import updates

    settings, _ = load_settings()
    found = updates.check(os.environ.get("REGARD_UPDATE_ADDRESS", "") or settings.update_address, __version__)
    if form == "jsonl":
        print(json.dumps({"version": __version__, "newer": [asdict(release) for release in found]}, ensure_ascii=False))
        return 0
    if not found:
        print(tr("Regard {version} is the newest.", version=__version__))
    for release in found:
        print(tr("Regard {version} is there: {page}", version=release.version, page=release.page))
        print(release.notes)
    return 0
