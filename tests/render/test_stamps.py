"""Pieces put together look like the whole drawn at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPen

from desktop_app.render.palette import PaletteName, class_colour, line_pattern
from desktop_app.render.qimage import from_qimage
from desktop_app.render.scene import ink
from desktop_app.render.stamps import draw_plate, frame_look, named_plate, text_picture

LINE, HALO, CORNER = 2.25, 4.73, 6.75


def _drawn(paint: Callable[[QPainter], None]) -> NDArray[np.int64]:
    image = QImage(700, 500, QImage.Format.Format_RGB32)
    image.fill(0xFF905030)
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint(painter)
    return from_qimage(image).astype(np.int64)


def _whole(painter: QPainter, box: tuple[int, int, int, int], class_id: int, palette: PaletteName) -> None:
    left, top, right, bottom = box
    shape = QRectF(left, top, right - left, bottom - top)
    corner = min(CORNER, shape.width() / 4, shape.height() / 4)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(ink(0.55), HALO))
    painter.drawRoundedRect(shape, corner, corner)
    pen = QPen(class_colour(class_id, palette), LINE)
    if line_pattern(class_id, palette):
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        pen.setDashPattern(line_pattern(class_id, palette))
    painter.setPen(pen)
    painter.drawRoundedRect(shape, corner, corner)


@pytest.mark.parametrize(
    "box",
    [
        (20, 30, 60, 75),
        (20, 30, 148, 158),  # one piece of edge, to the pixel
        (20, 30, 680, 480),
        (-40, -30, 400, 700),
        (100, 100, 104, 103),
        (100, 100, 100, 100),
    ],
)
@pytest.mark.parametrize(("class_id", "palette"), [(0, "default"), (9, "safe"), (20, "safe")])
def test_a_box_of_pieces_is_the_box(box: tuple[int, int, int, int], class_id: int, palette: PaletteName) -> None:
    pieces = _drawn(lambda painter: frame_look(class_id, palette, LINE, HALO, CORNER).draw(painter, *box))
    whole = _drawn(lambda painter: _whole(painter, box, class_id, palette))
    assert np.abs(pieces - whole).max() <= 6


@pytest.mark.parametrize("box", [(20, 30, 600, 50), (20, 30, 33, 400), (20, 30, 44, 54)])
def test_a_thin_box_differs_at_its_corners_only(box: tuple[int, int, int, int]) -> None:
    pieces = _drawn(lambda painter: frame_look(0, "default", LINE, HALO, CORNER).draw(painter, *box))
    whole = _drawn(lambda painter: _whole(painter, box, 0, "default"))
    rows, columns = np.nonzero(np.abs(pieces - whole).max(axis=2) > 6)
    left, top, right, bottom = box
    near = 2 * CORNER
    assert all(min(abs(x - left), abs(x - right)) < near for x in columns)
    assert all(min(abs(y - top), abs(y - bottom)) < near for y in rows)


@pytest.mark.parametrize("width", [9, 40, 128, 131, 300])
def test_a_plate_of_pieces_is_the_plate(width: int) -> None:
    def whole(painter: QPainter) -> None:
        painter.setPen(QPen(ink(0.55), 1))
        painter.setBrush(class_colour(3))
        painter.drawRoundedRect(QRectF(50.5, 60.5, width - 1, 20), 4, 4)

    pieces = _drawn(lambda painter: draw_plate(painter, 3, "default", (50, 60, width, 21), 4.0, 1.0))
    assert np.abs(pieces - _drawn(whole)).max() <= 6


@pytest.mark.parametrize("ratio", [1.0, 1.5])
def test_a_plate_with_its_name_is_the_plate_and_the_name(ratio: float) -> None:
    def apart(painter: QPainter) -> None:
        draw_plate(painter, 5, "default", (50, 60, 130, 24), 4.0, ratio)
        name, ascent = text_picture("bicycle", 60.0, 14.0, 600, "", ratio)
        painter.drawImage(57, 60 + 17 - ascent, name)

    def together(painter: QPainter) -> None:
        name = ("bicycle", 60.0, 14.0, "", ratio)
        painter.drawImage(50, 60, named_plate(5, "default", (130, 24), 4.0, ratio, name, (7, 17)))

    np.testing.assert_array_equal(_drawn(together), _drawn(apart))
