"""Where the window was the last time, and what lay in it: `window.ini` in the config folder."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtWidgets import QMainWindow

from desktop_app.paths import config_dir

STATE_VERSION = 1


def save(window: QMainWindow) -> None:
    kept = _kept()
    kept.setValue("geometry", window.saveGeometry())
    kept.setValue("state", window.saveState(STATE_VERSION))
    kept.sync()


def restore_geometry(window: QMainWindow) -> bool:
    """False where there is none."""
    geometry = _kept().value("geometry")
    return isinstance(geometry, QByteArray) and window.restoreGeometry(geometry)


def restore_docks(window: QMainWindow) -> bool:
    """The docks must be there by their names; False where nothing is known of them."""
    state = _kept().value("state")
    return isinstance(state, QByteArray) and window.restoreState(state, STATE_VERSION)


def _kept() -> QSettings:
    return QSettings(str(config_dir() / "window.ini"), QSettings.Format.IniFormat)
