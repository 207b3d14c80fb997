"""Boxes and labels from pieces that are drawn once and then copied.

Stroking the outline of a large box costs Qt ten times what copying its corners and edges does. The pieces are made by
the functions that would draw the whole, so they look the same; boxes and labels lie on whole pixels of the screen.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache, partial

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from desktop_app.render.palette import INK, PaletteName, class_colour, line_pattern
from desktop_app.render.scene import ink, overlay_font

HALO_OPACITY = 0.55
_STRIP = 256
"""Length of a piece of an edge, in pixels of the screen; longer edges take several."""
_HUGE = 8192
NAMED = 128
"""Up to so many labels the chip of each is kept with its name on it."""


def _picture(width: int, height: int, paint: Callable[[QPainter], None]) -> QImage:
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        paint(painter)
    return image


class FrameLook:
    """The outline of a box; widths in pixels of the screen. Get it from `frame_look`."""

    def __init__(
        self, class_id: int, palette: PaletteName, line: float, halo: float, corner: float, opacity: float
    ) -> None:
        self._corner, self._opacity = corner, opacity
        # Half the radius, so that there are few of them; none where the next would be less than a pixel.
        self._thinner = partial(frame_look, class_id, palette, line, halo, corner / 2 if corner > 2 else 0.0, opacity)
        self._halo = QPen(ink(HALO_OPACITY), halo)
        self._line = QPen(class_colour(class_id, palette), line)
        pattern = line_pattern(class_id, palette)
        if pattern:
            self._line.setCapStyle(Qt.PenCapStyle.FlatCap)
            self._line.setDashPattern(pattern)
        reach = halo / 2
        self._outside = math.ceil(reach) + 1
        # At least twice the radius: on a smaller box it would be less.
        self._inside = math.ceil(max(2 * corner, reach)) + 1
        # A dashed line is drawn as it is: each side has dashes of its own.
        self._least = math.inf if pattern else 2 * math.ceil(reach) + 4
        self._large: tuple[QImage, QImage] | None = None

    def _paint(self, painter: QPainter, left: int, top: int, width: int, height: int) -> None:
        corner, shape = min(self._corner, width / 4, height / 4), QRectF(left, top, width, height)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setOpacity(self._opacity)
        for pen in (self._halo, self._line):
            painter.setPen(pen)
            painter.drawRoundedRect(shape, corner, corner)
        painter.setOpacity(1.0)

    def made(self, width: int, height: int) -> QImage:
        out = self._outside
        return _picture(width + 2 * out, height + 2 * out, lambda p: self._paint(p, out, out, width, height))

    def draw(self, painter: QPainter, left: int, top: int, right: int, bottom: int) -> None:
        """The outline of a box. The painter counts in pixels of the screen."""
        width, height = right - left, bottom - top
        if min(width, height) < self._least or max(width, height) > _HUGE:
            self._paint(painter, left, top, width, height)
        elif min(width, height) < 2 * self._inside:
            self._thinner().draw(painter, left, top, right, bottom)
        else:
            self._draw_large(painter, left, top, right, bottom)

    def _draw_large(self, painter: QPainter, left: int, top: int, right: int, bottom: int) -> None:
        if self._large is None:
            short, long = 2 * self._inside, 2 * self._inside + _STRIP
            self._large = self.made(long, short), self.made(short, long)
        wide, high = self._large
        out, thick = self._outside, 2 * self._outside
        c = out + self._inside  # side of a corner piece; between the corners lie `_STRIP` pixels of edge
        end, far = c + _STRIP, 2 * self._inside
        x, y, far_x, far_y = left - out, top - out, right - self._inside, bottom - self._inside
        painter.drawImage(x, y, wide, 0, 0, c, c)
        painter.drawImage(far_x, y, wide, end, 0, c, c)
        painter.drawImage(x, far_y, high, 0, end, c, c)
        painter.drawImage(far_x, far_y, high, c, end, c, c)
        for at in range(x + c, far_x, _STRIP):
            length = min(_STRIP, far_x - at)
            painter.drawImage(at, y, wide, c, 0, length, thick)
            painter.drawImage(at, bottom - out, wide, c, far, length, thick)
        for at in range(y + c, far_y, _STRIP):
            length = min(_STRIP, far_y - at)
            painter.drawImage(x, at, high, 0, c, thick, length)
            painter.drawImage(right - out, at, high, far, c, thick, length)


@lru_cache(maxsize=128)
def frame_look(
    class_id: int, palette: PaletteName, line: float, halo: float, corner: float, opacity: float = 1.0
) -> FrameLook:
    """`class_id` decides on colour and pattern. `halo`: width of the dark line under it. `corner`: radius, less on a
    small box."""
    return FrameLook(class_id, palette, line, halo, corner, opacity)


@lru_cache(maxsize=64)
def _plate(class_id: int, palette: PaletteName, width: int, height: int, corner: float, edge: float) -> QImage:
    def paint(painter: QPainter) -> None:
        painter.setPen(QPen(ink(HALO_OPACITY), edge))
        painter.setBrush(class_colour(class_id, palette))
        inset = edge / 2
        painter.drawRoundedRect(QRectF(inset, inset, width - edge, height - edge), corner, corner)

    return _picture(width, height, paint)


def draw_plate(
    painter: QPainter,
    class_id: int,
    palette: PaletteName,
    place: tuple[int, int, int, int],
    corner: float,
    edge: float,
) -> None:
    """The filled chip under a label. `place`: left, top, width, height in pixels of the screen, as are the others."""
    left, top, width, height = place
    # As wide as the widest so far, in steps: the right end is taken from the right.
    steps = -(-width // _STRIP) * _STRIP
    image = _plate(class_id, palette, steps, height, corner, edge)
    end = min(width // 2, math.ceil(corner + edge) + 1)
    painter.drawImage(left, top, image, 0, 0, width - end, height)
    painter.drawImage(left + width - end, top, image, steps - end, 0, end, height)


@lru_cache(maxsize=2 * NAMED)
def named_plate(
    class_id: int,
    palette: PaletteName,
    size: tuple[int, int],
    corner: float,
    edge: float,
    name: tuple[str, float, float, str, float],
    at: tuple[int, int],
) -> QImage:
    """The chip with the bold name on it.

    `name`: text, width, pixels, family and ratio, as of `text_picture`. `at`: left end and baseline of it on the chip.
    """
    text, width, pixels, family, ratio = name

    def paint(painter: QPainter) -> None:
        draw_plate(painter, class_id, palette, (0, 0, *size), corner, edge)
        picture, ascent = text_picture(text, width, pixels, 600, family, ratio)
        painter.drawImage(at[0], at[1] - ascent, picture)

    return _picture(*size, paint)


@lru_cache(maxsize=512)
def text_picture(text: str, width: float, pixels: float, weight: int, family: str, ratio: float) -> tuple[QImage, int]:
    """Dark text on nothing, and how far its baseline lies under its upper edge, in pixels of the screen.

    `pixels`, `width`: in the painter's own units, `ratio` pixels of the screen each.
    """
    font = overlay_font(pixels, weight, family)
    ascent, descent = math.ceil(1.2 * pixels), math.ceil(0.5 * pixels)
    image = QImage(
        math.ceil((width + 2) * ratio), math.ceil((ascent + descent) * ratio), QImage.Format.Format_ARGB32_Premultiplied
    )
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        painter.setFont(font)
        painter.setPen(QColor(INK))
        painter.drawText(QPointF(0, ascent), text)
    image.setDevicePixelRatio(1.0)
    return image, round(ascent * ratio)
