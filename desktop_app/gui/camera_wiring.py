"""What cameras need of the window where the system is not Linux: leave to use them, and Qt's knowledge of them."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject

from desktop_app.gui.session import Session


def follow_cameras(session: Session, parent: QObject, system: str = sys.platform) -> None:
    controller = session.controller
    if system == "darwin":
        from desktop_app.gui.camera_permission import CameraDoor, QtPermission

        controller.door = CameraDoor(QtPermission(parent))
    if system in ("darwin", "win32"):
        from desktop_app.gui.qt_cameras import QtCameras

        QtCameras(controller.send, parent)
