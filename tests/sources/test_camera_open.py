"""How a camera is opened, against a stand-in for the device: which formats are tried."""

from __future__ import annotations

import threading
from typing import ClassVar

import numpy as np
import pytest

from desktop_app.core.camera import CameraFormat, CameraInfo
from desktop_app.core.frame import Bgr
from desktop_app.sources import camera


class Device:
    """Grants what `rates` says by pixel format; empty stands for what the driver takes by itself."""

    rates: ClassVar[dict[str, float | None]] = {}
    tried: ClassVar[list[str]] = []
    open: ClassVar[int] = 0

    def __init__(self, info: CameraInfo, asked: CameraFormat, stop: threading.Event) -> None:
        assert Device.open == 0, "two at a time"
        Device.open += 1
        Device.tried.append(asked.pixel_format)
        self.fps = self.rates[asked.pixel_format]
        self.pixel_format = asked.pixel_format or "YUY2"
        self.first: Bgr = np.zeros((720, 1280, 3), np.uint8)

    def read(self) -> Bgr | None:
        return None

    def close(self) -> None:
        Device.open -= 1


@pytest.mark.parametrize(
    ("rates", "tried", "granted"),
    [
        ({"": 30.0, "MJPG": 30.0}, [""], ("YUY2", 30.0)),
        ({"": 10.0, "MJPG": 30.0}, ["", "MJPG"], ("MJPG", 30.0)),
        ({"": 10.0, "MJPG": 5.0}, ["", "MJPG", ""], ("YUY2", 10.0)),
        ({"": None, "MJPG": 30.0}, [""], ("YUY2", None)),
    ],
)
def test_mjpg_is_tried_where_the_driver_did_not_say_how_slow_raw_is(
    rates: dict[str, float | None],
    tried: list[str],
    granted: tuple[str, float | None],
    monkeypatch: pytest.MonkeyPatch,
    stop: threading.Event,
) -> None:
    monkeypatch.setattr(Device, "rates", rates)
    monkeypatch.setattr(Device, "tried", [])
    monkeypatch.setattr(Device, "open", 0)
    monkeypatch.setattr(camera, "_Device", Device)
    connection = camera._connect("camera:0", CameraInfo(0, "id", "Webcam"), stop)
    assert Device.tried == tried
    assert (connection.info.detail, connection.info.fps) == granted
    assert connection.info.asked == CameraFormat(1280, 720, 30.0, "")
    assert connection.info.device_id == "id"
    connection.close()
    assert Device.open == 0
