"""Frames and results made by hand."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from desktop_app.core.frame import Bgr
from desktop_app.core.picture import Picture
from desktop_app.core.results import Detections, Result, Timings

NAMES = {"detector": ("person", "bicycle", "car")}


def picture(bgr: Bgr, size: tuple[int, int] | None = None, index: int = 0) -> Picture:
    """`size`: width and height of the frame, where `bgr` is smaller."""
    pixels = np.dstack([bgr, np.full(bgr.shape[:2], 255, np.uint8)])
    width, height = size or (bgr.shape[1], bgr.shape[0])
    return Picture(np.ascontiguousarray(pixels), width, height, index, 0.0)


def frame(width: int = 640, height: int = 480, value: int = 128, index: int = 0) -> Picture:
    return picture(np.full((height, width, 3), value, np.uint8), index=index)


def boxes(*xyxy: tuple[float, float, float, float]) -> Result:
    count = len(xyxy)
    prediction = Detections(
        np.array(xyxy, np.float32).reshape(count, 4),
        np.linspace(0.9, 0.5, count, dtype=np.float32),
        np.arange(count, dtype=np.int64) % 3,
    )
    return Result(0, 0.0, "detector", prediction, Timings(1, 1, 1), "openvino", "CPU")


def turn_wheel(widget: QWidget, at: QPointF, notches: float) -> None:
    event = QWheelEvent(
        at,
        widget.mapToGlobal(at),
        QPoint(),
        QPoint(0, round(120 * notches)),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)
