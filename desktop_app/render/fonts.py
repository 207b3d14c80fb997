"""A font where the machine has none."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from PySide6.QtGui import QFont, QFontDatabase, QFontMetricsF, QGuiApplication

from desktop_app.paths import resource_path


def ensure_fonts() -> None:
    """On a machine without any font (a bare container) text would be boxes: takes the one that a bundle or matplotlib
    carries.

    Outside of a bundle matplotlib is there, ultralytics needs it; it is located, not imported. Needs the application
    object.
    """
    # The list of families tells nothing: without fonts it holds the aliases "Serif" and "Sans Serif".
    if QFontMetricsF(QFont()).inFont("A"):
        return
    own = resource_path("fonts")
    found = None if own.is_dir() else importlib.util.find_spec("matplotlib")
    folders = (found.submodule_search_locations if found is not None else None) or ()
    for folder in (own,) if own.is_dir() else (Path(each, "mpl-data", "fonts", "ttf") for each in folders):
        for name in ("DejaVuSans-Bold.ttf", "DejaVuSans.ttf"):
            added = QFontDatabase.addApplicationFont(str(folder / name))
            for family in QFontDatabase.applicationFontFamilies(added)[:1]:
                font = QFont(QGuiApplication.font())  # its size stays
                font.setFamily(family)
                QGuiApplication.setFont(font)
