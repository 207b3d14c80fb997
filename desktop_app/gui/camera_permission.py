"""May this program use cameras? On macOS only the window's thread may ask the user, and only before a camera is opened:
OpenCV in the recogniser would be refused in silence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

from PySide6.QtCore import QCameraPermission, QCoreApplication, QObject, Qt

from desktop_app.errors import CameraUnavailable
from desktop_app.i18n import tr

Status = Literal["granted", "denied", "undetermined"]


class Permission(Protocol):
    def status(self) -> Status: ...

    def request(self, answered: Callable[[Status], None]) -> None:
        """Asks the user; `answered` is called later, in the window's thread."""


_STATUS: dict[Qt.PermissionStatus, Status] = {
    Qt.PermissionStatus.Granted: "granted",
    Qt.PermissionStatus.Denied: "denied",
    Qt.PermissionStatus.Undetermined: "undetermined",
}


class QtPermission:
    """The system's own answer, through `QCameraPermission`."""

    def __init__(self, context: QObject) -> None:
        self._context = context

    def status(self) -> Status:
        app = QCoreApplication.instance()
        return "granted" if app is None else _STATUS[app.checkPermission(QCameraPermission())]

    def request(self, answered: Callable[[Status], None]) -> None:
        app = QCoreApplication.instance()
        if app is None:
            answered("granted")
            return
        app.requestPermission(QCameraPermission(), self._context, lambda _: answered(self.status()))


class CameraDoor:
    """A `Door` of the controller: lets everything but cameras pass, and those when the user allows it."""

    def __init__(self, permission: Permission) -> None:
        self._permission = permission

    def __call__(
        self, specs: Sequence[str], go_on: Callable[[], None], refuse: Callable[[CameraUnavailable], None]
    ) -> None:
        def act(status: Status) -> None:
            if status == "granted":
                go_on()
            else:
                refuse(_forbidden())

        status = self._permission.status() if any(spec.startswith("camera:") for spec in specs) else "granted"
        if status == "undetermined":
            self._permission.request(act)
        else:
            act(status)


def _forbidden() -> CameraUnavailable:
    return CameraUnavailable(
        tr("Regard may not use cameras: permission denied."),
        tr("Allow Regard to use the camera in System Settings, Privacy & Security, Camera."),
        "forbidden",
    )
