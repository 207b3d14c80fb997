"""Why a camera cannot be used: missing, busy, forbidden and silent are four things, and four things to do."""

from __future__ import annotations

import errno
import getpass
import importlib
import os
from collections.abc import Callable

from desktop_app.core.camera import CameraInfo
from desktop_app.errors import CameraUnavailable
from desktop_app.i18n import tr
from desktop_app.sources.limits import SYSTEM


def refuse_with_reason(camera: CameraInfo) -> None:
    """OpenCV only says that it did not open; the system says why. Raises `CameraUnavailable`, or nothing is wrong."""
    if SYSTEM != "linux":
        if is_forbidden():
            raise forbidden(camera.name)
        return
    from desktop_app.sources.v4l2_ioctl import is_busy, open_device

    try:
        descriptor = open_device(camera.index)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM):
            raise forbidden(camera.name) from None
        if error.errno == errno.EBUSY:
            raise busy(camera.name) from None
        raise missing(camera.name) from None
    try:
        if is_busy(descriptor):
            raise busy(camera.name)
    finally:
        os.close(descriptor)


def is_forbidden() -> bool:
    """By the privacy settings of Windows or macOS."""
    checks: dict[str, Callable[[], bool]] = {"win32": denied_by_windows, "darwin": denied_by_macos}
    check = checks.get(SYSTEM)
    return check is not None and check()


_CONSENT = r"SOFTWARE\Microsoft\Windows\CurrentVersion\CapabilityAccessManager\ConsentStore\webcam"


def denied_by_windows(read: Callable[[str], str] | None = None) -> bool:
    """Whether cameras are switched off for all programs, or for those that are no apps of the store (as we are).

    `read` gives the value "Value" of a key of the current user, empty where there is none.
    """
    read = read or _registry_value
    return any(read(key).lower() == "deny" for key in (_CONSENT, rf"{_CONSENT}\NonPackaged"))


def _registry_value(key: str) -> str:
    registry = importlib.import_module("winreg")
    try:
        with registry.OpenKey(registry.HKEY_CURRENT_USER, key) as opened:
            return str(registry.QueryValueEx(opened, "Value")[0])
    except OSError:
        return ""


_RESTRICTED, _DENIED = 1, 2  # AVAuthorizationStatus


def denied_by_macos(status: Callable[[], int] | None = None) -> bool:
    """Not whether it was never asked: asking is for the window."""
    try:
        return (status or _authorization)() in (_RESTRICTED, _DENIED)
    except ImportError:
        return False


def _authorization() -> int:
    from AVFoundation import AVCaptureDevice, AVMediaTypeVideo  # comes with cv2-enumerate-cameras

    return int(AVCaptureDevice.authorizationStatusForMediaType_(AVMediaTypeVideo))


def forbidden(name: str) -> CameraUnavailable:
    hints = {
        "win32": tr("Allow desktop apps to use the camera in Settings, Privacy & security, Camera."),
        "darwin": tr("Allow Regard to use the camera in System Settings, Privacy & Security, Camera."),
    }
    hint = hints.get(SYSTEM) or tr(
        "Add your user to the group “video” (sudo usermod -aG video {user}) and log in again.", user=_user()
    )
    return CameraUnavailable(tr("“{name}” may not be used: permission denied.", name=name), hint, "forbidden")


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user without a name
        return "$USER"


def busy(name: str) -> CameraUnavailable:
    message = tr("“{name}” is in use by another program.", name=name)
    return CameraUnavailable(message, tr("Close the other program, then try again."), "busy")


def missing(name: str) -> CameraUnavailable:
    message = tr("There is no camera “{name}”.", name=name)
    return CameraUnavailable(message, tr("Plug it in, or choose another camera."), "missing")


def silent(name: str) -> CameraUnavailable:
    return CameraUnavailable(
        tr("“{name}” opens, but sends no picture.", name=name),
        tr("Unplug it and plug it in again, or close other programs that may use it."),
        "silent",
    )


def no_camera(name: str) -> CameraUnavailable:
    return CameraUnavailable(
        tr("“{name}” is a device that gives no pictures.", name=name), tr("Choose another camera.")
    )
