"""What Qt knows of cameras and OpenCV's list does not: their formats, and when one comes or goes (Windows, macOS).

QtMultimedia is imported inside a function, well after the start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from PySide6.QtCore import QObject, QTimer

from desktop_app.core.camera import CameraFormat, CameraInfo
from desktop_app.recogniser import messages as m

AFTER_MS = 1500
"""After the start: the window has its picture by then."""

# QVideoFrameFormat.PixelFormat by name, and the four letters that V4L2 and Windows have for it.
_CODES = {
    "Format_Jpeg": "MJPG",
    "Format_YUYV": "YUYV",
    "Format_UYVY": "UYVY",
    "Format_NV12": "NV12",
    "Format_NV21": "NV21",
    "Format_YUV420P": "YU12",
    "Format_YV12": "YV12",
    "Format_Y8": "GREY",
}


class QtCameras(QObject):
    """Tells the recogniser, at once and whenever something changes."""

    def __init__(
        self,
        send: Callable[[m.Command], None],
        parent: QObject | None = None,
        make_devices: Callable[[QObject], Any] | None = None,
    ) -> None:
        super().__init__(parent)
        self._send = send
        self._make_devices = make_devices or _media_devices
        self._devices: Any = None
        QTimer.singleShot(AFTER_MS, self, self.begin)

    def begin(self) -> None:
        if self._devices is None:
            self._devices = self._make_devices(self)
            self._devices.videoInputsChanged.connect(self.tell)
            self.tell()

    def tell(self) -> None:
        """The recogniser lists its own cameras anew when it hears this."""
        self._send(m.TellFormats(tuple(qt_cameras(self._devices.videoInputs()))))


def _media_devices(parent: QObject) -> Any:
    from PySide6.QtMultimedia import QMediaDevices

    return QMediaDevices(parent)


def qt_cameras(devices: Iterable[Any]) -> list[CameraInfo]:
    """`devices`: QCameraDevice. The index means nothing: Qt counts in its own way."""
    return [
        CameraInfo(0, bytes(device.id()).decode("utf-8", "replace"), device.description(), _formats(device))
        for device in devices
    ]


def _formats(device: Any) -> tuple[CameraFormat, ...]:
    found: dict[tuple[int, int, str], set[float]] = {}
    for each in device.videoFormats():
        size, code = each.resolution(), _CODES.get(each.pixelFormat().name, "")
        if code:
            rates = found.setdefault((size.width(), size.height(), code), set())
            rates.update(round(rate, 3) for rate in (each.minFrameRate(), each.maxFrameRate()) if rate > 0)
    return tuple(
        CameraFormat(width, height, max(rates, default=0.0), code, tuple(sorted(rates, reverse=True)))
        for (width, height, code), rates in found.items()
    )
