"""A font where the machine has none."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from PySide6.QtGui import QFont, QFontDatabase, QFontMetricsF, QGuiApplication


def ensure_fonts() -> None:
    """On a machine without any font (a bare container) text would be boxes: takes the one that matplotlib carries.

    matplotlib is always there, ultralytics needs it; it is located, not imported. Needs the application object.
    """
    # The list of families tells nothing: without fonts it holds the aliases "Serif" and "Sans Serif".
    if QFontMetricsF(QFont()).inFont("A"):
        return
    found = importlib.util.find_spec("matplotlib")
    folders = found.submodule_search_locations if found is not None else None
    for folder in folders or ():
        for name in ("DejaVuSans-Bold.ttf", "DejaVuSans.ttf"):
            added = QFontDatabase.addApplicationFont(str(Path(folder, "mpl-data", "fonts", "ttf", name)))
            for family in QFontDatabase.applicationFontFamilies(added)[:1]:
                font = QFont(QGuiApplication.font())  # its size stays
                font.setFamily(family)
                QGuiApplication.setFont(font)
