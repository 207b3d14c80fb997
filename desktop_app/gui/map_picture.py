"""A map drawn large; the pointer reads its numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from desktop_app.gui import texts
from desktop_app.gui.ladder_view import HARD_UP_TO
from desktop_app.i18n import tr

SIDE = 140


class MapPicture(QWidget):
    pointed = Signal(int, int)
    """Row and column of the cell under the pointer; (-1, -1) when it left."""
    clicked = Signal()

    def __init__(self, side: int = SIDE) -> None:
        """`side`: of the square that it fits into; 0: as much as there is room for."""
        super().__init__()
        self._values: NDArray[np.float32] | None = None
        self._image = QImage()
        self._side = side
        if side:
            self.setFixedSize(side, side)
        else:
            policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            policy.setHeightForWidth(True)
            self.setSizePolicy(policy)
        self.setMouseTracking(True)

    def set_scale(self, scale: float) -> None:
        """For the projector."""
        if self._side:
            self.setFixedSize(round(self._side * scale), round(self._side * scale))

    def heightForWidth(self, width: int) -> int:
        return width if not self._side else -1

    def sizeHint(self) -> QSize:
        return QSize(100, 100)

    def show_values(self, values: NDArray[np.float32], image: QImage) -> None:
        """`image`: a pixel for each of the values (h, w)."""
        self._values, self._image = values, image
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._values is None:
            return
        with QPainter(self) as painter:
            smooth = max(self._values.shape) > HARD_UP_TO
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
            painter.drawImage(self._area(), self._image)

    def _area(self) -> QRectF:
        height, width = self._values.shape if self._values is not None else (1, 1)
        scale = min(self.width() / width, self.height() / height)
        return QRectF(
            (self.width() - width * scale) / 2, (self.height() - height * scale) / 2, width * scale, height * scale
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        area, point = self._area(), event.position()
        if self._values is None or not area.contains(point):
            self.pointed.emit(-1, -1)
            return
        height, width = self._values.shape
        row = min(height - 1, int((point.y() - area.y()) / area.height() * height))
        column = min(width - 1, int((point.x() - area.x()) / area.width() * width))
        value = texts.number(float(self._values[row, column]), 3)
        where = tr("row {row}, column {column}: {value}", row=row, column=column, value=value)
        QToolTip.showText(event.globalPosition().toPoint(), where, self)
        self.pointed.emit(row, column)

    def leaveEvent(self, event: QEvent) -> None:
        self.pointed.emit(-1, -1)
