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
CELL, SMALL_CELL = 11, 8


class Loupe(QWidget):
    def __init__(self, state: InspectorState) -> None:
        super().__init__()
        self._state = state
        self._cell = 0
        self.set_cell(CELL)
        theme().changed.connect(self.update)

    def set_cell(self, cell: int) -> None:
        """Side of a square."""
        if cell != self._cell:
            self._cell = cell
            side = (2 * REACH + 1) * cell + 2
            self.setFixedSize(side, side)

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
            cell = self._cell
            place = QRectF(
                1 + (left - x + REACH) * cell,
                1 + (top - y + REACH) * cell,
                (right - left) * cell,
                (bottom - top) * cell,
            )
            painter.drawImage(place, image)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            middle = QRectF(1 + REACH * cell, 1 + REACH * cell, cell, cell)
            for pen in (QPen(QColor(11, 13, 16, 220), 4), QPen(QColor("white"), 2)):
                pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
                painter.setPen(pen)
                painter.drawRect(middle.adjusted(-1, -1, 1, 1))
