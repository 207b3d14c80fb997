"""Lines, zones and trails in the picture."""

from __future__ import annotations

import numpy as np
import pytest

from desktop_app.core.frame import Bgr
from desktop_app.core.marks import Marks, ShapeMark, Trail
from desktop_app.render.annotate import annotate, ensure_gui
from desktop_app.render.overlay import OverlayOptions
from desktop_app.render.palette import class_colour

BLACK = np.zeros((200, 300, 3), np.uint8)


@pytest.fixture(autouse=True)
def gui() -> None:
    ensure_gui()


def drawn(marks: Marks, *, visible: bool = True) -> Bgr:
    return annotate(BLACK, [], {}, OverlayOptions(visible, marks=marks))


def brightness(picture: Bgr, x: int, y: int) -> int:
    return int(picture[y, x].max())


def test_a_line_lies_where_it_was_drawn_and_its_arrow_points_to_in() -> None:
    picture = drawn(Marks((ShapeMark("line", ((0.1, 0.5), (0.9, 0.5))),)))
    assert brightness(picture, 60, 100) > 200
    assert brightness(picture, 150, 106) > 200  # the arrow, below a line from left to right
    assert brightness(picture, 150, 94) == 0
    assert brightness(picture, 15, 100) == 0
    assert brightness(picture, 60, 60) == 0


def test_a_zone_is_closed_and_tinted() -> None:
    picture = drawn(Marks((ShapeMark("zone", ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8))),)))
    assert brightness(picture, 150, 40) > 200
    assert brightness(picture, 60, 100) > 200  # the edge that closes it
    assert 10 < brightness(picture, 150, 100) < 60
    assert brightness(picture, 30, 100) == 0


def test_captions_stay_inside_the_picture() -> None:
    for points in (((0.99, 0.99), (0.5, 0.99)), ((0.0, 0.0), (0.5, 0.0))):
        picture = drawn(Marks((ShapeMark("line", points, ("Door", "in 1 · out 0")),)))
        assert np.count_nonzero(picture.max(axis=2) > 200) > 300
        edge = np.concatenate([picture[0], picture[-1]]).max(axis=1)
        assert np.count_nonzero(edge[:140] > 230) <= 140


def test_a_trail_has_the_colour_of_its_track_and_fades() -> None:
    points = tuple((0.1 + 0.8 * i / 59, 0.5) for i in range(60))
    picture = drawn(Marks(trails=(Trail(7, points),)))
    colour = class_colour(7)
    end, start = picture[100, 268], picture[100, 34]
    assert np.abs(end.astype(int) - (colour.blue(), colour.green(), colour.red())).max() < 60
    assert int(start.max()) < 0.4 * int(end.max())


def test_nothing_is_drawn_where_the_overlay_is_off() -> None:
    marks = Marks((ShapeMark("line", ((0.1, 0.5), (0.9, 0.5)), ("Door",)),))
    assert not drawn(marks, visible=False).any()
