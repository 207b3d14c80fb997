"""Pixels as a matrix: squares with their numbers, as one layer to be laid over the enlarged picture.

A wall of thousands of numbers is put together by NumPy from small pictures of the numbers 0 … 255, which are drawn once
for each size: drawing them as text would take longer than a frame lasts.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QApplication

from desktop_app.core.pixels import Bytes, grey_of

Stamps = NDArray[np.uint32]
"""Numbers in two tones, (512, height, width), ARGB premultiplied: 0 … 255 for dark squares, then for light ones."""

LIGHT = {"R": "#FFB9B0", "G": "#9BF0B0", "B": "#BCD2FF", "grey": "#FFFFFF"}
"""Of numbers on dark squares."""
DARK = {"R": "#7A0010", "G": "#003D10", "B": "#00108A", "grey": "#000000"}
HALO = 0.62
"""Opacity of the seam round coloured numbers, which are legible on squares of middle lightness by it alone."""
TURNS_AT = 0.179
"""Relative luminance at which black and white text stand out equally (WCAG 2)."""
_LEAST_FONT, _MOST_FONT = 11, 40
# Heights of figures and widths of three of them, in shares of the size of the font; roomy enough for any system font.
_LINE, _WIDTH = 1.12, 2.2
_GRID = 0x592D2D2D
"""Premultiplied: a thin grey seam, darker than light squares and lighter than dark ones."""


def font_for(cell: float, *, grey: bool) -> int:
    """Size in pixels of numbers in a square of `cell` pixels; 0 where they would be too small to be read."""
    fits = int(min((cell - 4) / _WIDTH, (cell - 3) / (_LINE if grey else 3 * _LINE)))
    return 0 if fits < _LEAST_FONT else min(fits, _MOST_FONT)


def least_cell(*, grey: bool) -> int:
    """From this size on a square has room for its numbers."""
    return next(cell for cell in range(8, 400) if font_for(cell, grey=grey))


@cache
def _linear() -> NDArray[np.float32]:
    """sRGB values to linear light (IEC 61966-2-1)."""
    share = np.arange(256, dtype=np.float32) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4).astype(np.float32)


def luminance(rgb: Bytes) -> NDArray[np.float32]:
    """Relative, 0 … 1, of (…, 3)."""
    light = _linear()[rgb]
    weighed: NDArray[np.float32] = light @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    return weighed


def _coverage(pixels: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """How much of each pixel the numbers 0 … 255 cover, and the seam round them: (256, height, width), 0 … 255. Put
    together from ten figures of equal width, for drawing each number would take longer than a turn of the wheel."""
    font = QFont(QApplication.font())
    font.setPixelSize(pixels)
    font.setWeight(QFont.Weight.DemiBold)
    font.setFeature(QFont.Tag.fromString("tnum"), 1)
    metrics = QFontMetricsF(font)
    step, pad = round(max(metrics.horizontalAdvance(figure) for figure in "0123456789")), 2 + pixels // 8
    high, wide = round(pixels * _LINE), step + 2 * pad
    base = high - (high - metrics.capHeight()) / 2  # figures have no part below the line
    figures = []
    for seam in (False, True):
        image = QImage(wide, 10 * high, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(0)
        pen = QPen(QColor("white"), max(2.5, pixels / 5))
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        with QPainter(image) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for figure in range(10):
                path = QPainterPath()
                left = (wide - metrics.horizontalAdvance(str(figure))) / 2
                path.addText(QPointF(left, figure * high + base), font, str(figure))
                painter.setClipRect(0, figure * high, wide, high)
                painter.fillPath(path, QColor("white"))
                if seam:
                    painter.strokePath(path, pen)
        lines = np.frombuffer(image.constBits(), np.uint32).reshape(10, high, image.bytesPerLine() // 4)
        figures.append(lines[:, :, :wide] & 0xFF)
    made = np.zeros((2, 256, high, 3 * step + 2 * pad), np.uint32)
    for number in range(256):
        text = str(number)
        begin = round((3 - len(text)) * step / 2)
        for place, sign in enumerate(text):
            part = slice(begin + place * step, begin + place * step + wide)
            for layer, drawn in enumerate(figures):
                spot = made[layer, number, :, part]
                np.maximum(spot, drawn[int(sign)], out=spot)
    return made[0], made[1]


def _coloured(fill: NDArray[np.uint32], seam: NDArray[np.uint32], channel: str) -> Stamps:
    made = np.empty((2, *fill.shape), np.uint32)
    under = np.uint32(0) * seam if channel == "grey" else (seam * (255 - fill) + 127) // 255
    for tone, (words, halo) in enumerate(((LIGHT, "#0B0D10"), (DARK, "#FFFFFF"))):
        text, other = QColor(words[channel]), QColor(halo)
        parts = [(255, 255), (text.red(), other.red()), (text.green(), other.green()), (text.blue(), other.blue())]
        made[tone] = 0
        for shift, (mine, its) in zip((24, 16, 8, 0), parts, strict=True):
            mixed = fill * np.uint32(mine) + under * np.uint32(round(HALO * its))
            made[tone] |= (mixed // 255) << np.uint32(shift)
    return made.reshape(512, *fill.shape[1:])


class NumberWall:
    """Keeps the stamps of one size, and the memory of the last layer."""

    def __init__(self) -> None:
        self._font = 0
        self._made: dict[str, Stamps] = {}
        self._shapes: tuple[NDArray[np.uint32], NDArray[np.uint32]] | None = None
        self._canvas = np.zeros((0, 0, 0, 0), np.uint32)
        self._made_for: tuple[object, ...] = ()

    def layer(self, rgb: Bytes, cell: int, *, grey: bool, numbers: bool = True) -> QImage:
        """Grid and, where they find room, numbers for `rgb`, uint8 (h, w, 3), red-green-blue, each pixel a square of
        `cell` device pixels. Valid until the next call."""
        rows, columns = rgb.shape[:2]
        font = font_for(cell, grey=grey) if numbers else 0
        if font != self._font:
            self._font, self._made, self._shapes = font, {}, None
        if self._made_for != (rows, columns, cell, grey, font):
            self._made_for = (rows, columns, cell, grey, font)
            self._canvas = np.zeros((rows, cell, columns, cell), np.uint32)
            self._canvas[:, 0] = self._canvas[:, :, :, 0] = _GRID
        channels = [("grey", grey_of(rgb))] if grey else [(name, rgb[..., i]) for i, name in enumerate("RGB")]
        shown = np.repeat(channels[0][1][..., None], 3, axis=2) if grey else rgb
        tone = (luminance(shown) >= TURNS_AT).astype(np.int32) * 256
        for place, (name, values) in enumerate(channels if font else ()):
            stamps = self._stamps_of(name)
            if stamps.shape[2] >= cell:  # the room beside the figures may be larger than the square
                beside = (stamps.shape[2] - cell + 2) // 2
                stamps = stamps[:, :, beside : beside + cell - 1]
            high, wide = stamps.shape[1:]
            left = (cell - wide + 1) // 2
            top = (cell - len(channels) * high + 1) // 2 + place * high
            wall = stamps[tone + values]  # (rows, columns, high, wide)
            self._canvas[:, top : top + high, :, left : left + wide] = wall.transpose(0, 2, 1, 3)
        width, height = columns * cell, rows * cell
        return QImage(self._canvas.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)

    def _stamps_of(self, channel: str) -> Stamps:
        if channel not in self._made:
            self._shapes = self._shapes or _coverage(self._font)
            self._made[channel] = _coloured(*self._shapes, channel)
        return self._made[channel]

    def forget(self) -> None:
        self._made, self._shapes, self._font, self._made_for = {}, None, 0, ()
        self._canvas = np.zeros((0, 0, 0, 0), np.uint32)
