"""The pixels round the crosshair as squares, at any zoom of the picture."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from desktop_app.core.pixels import Area, Bytes, clipped, grey_of
from desktop_app.gui.inspector_state import InspectorState
from desktop_app.gui.theme import theme

REACH = 5
CELL = 11


class Loupe(QWidget):
    def __init__(self, state: InspectorState) -> None:
        super().__init__()
        self._state = state
        side = (2 * REACH + 1) * CELL + 2
        self.setFixedSize(side, side)
        theme().changed.connect(self.update)

    def part(self) -> tuple[Area, Bytes] | None:
        """What of the frame lies round the crosshair, and its pixels."""
        state = self._state
        if state.at is None or state.picture is None:
            return None
        x, y = state.at
        around = (x - REACH, y - REACH, x + REACH + 1, y + REACH + 1)
        area = clipped(around, state.picture.width, state.picture.height)
        pixels = None if area is None else state.part(area)
        return None if area is None or pixels is None else (area, pixels)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme().colour("stage"))
            found = self.part()
            if found is None or self._state.at is None:
                return
            (left, top, right, bottom), rgb = found
            if self._state.grey:
                rgb = np.repeat(grey_of(rgb)[..., None], 3, axis=2)
            height, width = rgb.shape[:2]
            data = np.ascontiguousarray(rgb).tobytes()
            image = QImage(data, width, height, 3 * width, QImage.Format.Format_RGB888)
            x, y = self._state.at
            place = QRectF(
                1 + (left - x + REACH) * CELL,
                1 + (top - y + REACH) * CELL,
                (right - left) * CELL,
                (bottom - top) * CELL,
            )
            painter.drawImage(place, image)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            middle = QRectF(1 + REACH * CELL, 1 + REACH * CELL, CELL, CELL)
            for pen in (QPen(QColor(11, 13, 16, 220), 4), QPen(QColor("white"), 2)):
                pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
                painter.setPen(pen)
                painter.drawRect(middle.adjusted(-1, -1, 1, 1))
