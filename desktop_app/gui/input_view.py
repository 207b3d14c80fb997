"""The picture as the network gets it, with what counts for an answer over it; the pointer reads values."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_app.core.explain import Station
from desktop_app.gui.theme import theme

HARD_UP_TO = 28
HARD_FROM = 6.0
"""Screen pixels a pixel of the input from which those are drawn as squares."""


class InputView(QWidget):
    pointed = Signal(int, int)
    """Column and row of the input under the pointer; (-1, -1) when it left."""

    def __init__(self) -> None:
        super().__init__()
        self._picture = QImage()
        self._over = QImage()
        self._over_at = QRectF()
        self._smooth = True
        self._field: QRectF | None = None
        self.setMouseTracking(True)
        self.setMinimumSize(160, 120)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(320, 320)

    def show_input(self, rgb: NDArray[np.uint8] | None) -> None:
        """uint8 (h, w, 3), red-green-blue."""
        if rgb is None:
            self._picture = QImage()
        else:
            height, width = rgb.shape[:2]
            data = np.ascontiguousarray(rgb).tobytes()
            self._picture = QImage(data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
        self.update()

    def lay_over(self, image: QImage, where: QRectF, smooth: bool = True) -> None:
        """`where`: in pixels of the input. A null image takes it away."""
        self._over, self._over_at, self._smooth = image, where, smooth
        self.update()

    def mark(self, field: tuple[float, float, float, float] | None, station: Station | None = None) -> None:
        """The part of the input that a cell sees, as a frame."""
        if field is None or not np.isfinite(field).all():
            self._field = None
        else:
            left, top, right, bottom = field
            self._field = QRectF(left, top, right - left, bottom - top)
        self.update()

    def _area(self) -> QRectF:
        if self._picture.isNull():
            return QRectF()
        scale = min(self.width() / self._picture.width(), self.height() / self._picture.height())
        wide, high = self._picture.width() * scale, self._picture.height() * scale
        return QRectF((self.width() - wide) / 2, (self.height() - high) / 2, wide, high)

    def _of_input(self, rect: QRectF) -> QRectF:
        area = self._area()
        scale = area.width() / max(1, self._picture.width())
        return QRectF(
            area.x() + rect.x() * scale, area.y() + rect.y() * scale, rect.width() * scale, rect.height() * scale
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            area = self._area()
            if area.isEmpty():
                return
            hard = area.width() / self._picture.width() >= HARD_FROM
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not hard)
            painter.drawImage(area, self._picture)
            painter.setClipRect(area)
            if not self._over.isNull():
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._smooth)
                painter.drawImage(self._of_input(self._over_at), self._over)
            if self._field is not None:
                painter.setPen(QPen(theme().colour("ink"), 4))
                painter.drawRect(self._of_input(self._field))
                painter.setPen(QPen(theme().colour("on_stage_accent"), 2))
                painter.drawRect(self._of_input(self._field))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        area = self._area()
        point: QPointF = event.position()
        if not area.contains(point):
            self.pointed.emit(-1, -1)
            return
        column = int((point.x() - area.x()) / area.width() * self._picture.width())
        row = int((point.y() - area.y()) / area.height() * self._picture.height())
        self.pointed.emit(min(column, self._picture.width() - 1), min(row, self._picture.height() - 1))

    def leaveEvent(self, event: object) -> None:
        self.pointed.emit(-1, -1)


def smooth_cells(values: NDArray[np.float32]) -> bool:
    """Whether a map has so many cells that hard edges would only disturb."""
    return int(max(values.shape)) > HARD_UP_TO
