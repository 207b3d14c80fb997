"""Numbers with decimals on squares: drawn as text once for what is seen, and kept until something else is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from desktop_app.core.pixels import Bytes
from desktop_app.gui import texts
from desktop_app.gui.pixel_numbers import DARK, HALO, LIGHT, TURNS_AT, luminance
from desktop_app.gui.theme import theme

FROM = 46.0
"""Pixels of the widget from which a square has room for "−1.23", …"""
ROOMY = 72.0
"""… and for a third decimal."""
_AROUND = tuple(QPointF(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1) if x or y)


class FloatNumbers:
    def __init__(self) -> None:
        self._layer = QImage()
        self._values: NDArray[np.float32] | None = None
        self._key: tuple[object, ...] = ()

    def layer(
        self, values: NDArray[np.float32], squares: Bytes, names: Sequence[str], cell: float, ratio: float
    ) -> QImage:
        """`values`: (rows, columns, channels), one below the other in the colours of `names` ("R", "G", "B", "grey");
        `squares`: the colours that they stand on, uint8 (rows, columns, 3). `cell`: side of a square in pixels of the
        widget."""
        key = (tuple(names), cell, ratio, values.shape)
        same = key == self._key and self._values is not None and np.array_equal(values, self._values)
        if not same:
            self._key, self._values = key, values.copy()
            self._layer = self._drawn(values, squares, names, cell, ratio)
        return self._layer

    def _drawn(
        self, values: NDArray[np.float32], squares: Bytes, names: Sequence[str], cell: float, ratio: float
    ) -> QImage:
        rows, columns, channels = values.shape
        size = (QSizeF(columns * cell, rows * cell) * ratio).toSize()
        image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(ratio)
        image.fill(0)
        dark = luminance(squares) < TURNS_AT
        decimals, share = (2, 4.6) if cell < ROOMY else (3, 5.4)
        font = theme().font("strong")
        font.setPixelSize(max(11, min(30, int(cell / share), int(0.8 * cell / channels))))
        high = cell / channels
        with QPainter(image) as painter:
            painter.setFont(font)
            for row in range(rows):
                for column in range(columns):
                    tones, seam = (LIGHT, "#0B0D10") if dark[row, column] else (DARK, "#FFFFFF")
                    for line, name in enumerate(names):
                        text = texts.number(float(values[row, column, line]), decimals)
                        box = QRectF(column * cell, row * cell + line * high, cell, high)
                        if name != "grey":
                            halo = QColor(seam)
                            halo.setAlphaF(HALO / 2)  # neighbours lie over each other
                            painter.setPen(halo)
                            for off in _AROUND:
                                painter.drawText(box.translated(off), Qt.AlignmentFlag.AlignCenter, text)
                        painter.setPen(QColor(tones[name]))
                        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        return image
