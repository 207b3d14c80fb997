"""Trails: where tracks were, up to the frame that is shown."""

from __future__ import annotations

import pytest

from desktop_app.core.counting import counter_of
from desktop_app.core.marks import TRAIL, Marks, Trails, plain_caption
from desktop_app.core.shapes import Shape
from tests.core.test_counting import ACROSS, SQUARE, result, walked


def _walk(trails: Trails, frames: range, track: int = 1) -> None:
    for frame in frames:
        trails.add(result(frame, (track, float(frame), 50.0)))


def test_a_trail_ends_at_the_frame_that_is_shown() -> None:
    trails = Trails()
    _walk(trails, range(10))
    (trail,) = trails.of([result(6, (1, 6.0, 50.0))])
    assert trail.colour_id == 1
    assert [x for x, _ in trail.points] == pytest.approx([0.0, 0.02, 0.04, 0.06])
    (trail,) = trails.of([result(7, (1, 7.0, 50.0))])
    assert [x for x, _ in trail.points] == pytest.approx([0.0, 0.02, 0.04, 0.06, 0.07])
    assert {y for _, y in trail.points} == {0.5}


def test_what_is_not_shown_has_no_trail_and_a_single_point_is_none() -> None:
    trails = Trails()
    _walk(trails, range(10))
    assert trails.of([result(9, (2, 9.0, 50.0))]) == ()
    assert trails.of([result(0, (1, 0.0, 50.0))]) == ()


def test_a_trail_is_two_seconds_long() -> None:
    trails = Trails()
    _walk(trails, range(200))
    (trail,) = trails.of([result(199, (1, 1.0, 1.0))])
    assert len(trail.points) == TRAIL // 2 + 1


def test_stepping_back_and_a_loop_draw_nothing_twice() -> None:
    trails = Trails()
    _walk(trails, range(10))
    _walk(trails, range(8, 10))
    (trail,) = trails.of([result(9, (1, 9.0, 50.0))])
    assert [round(100 * x) for x, _ in trail.points] == [0, 2, 4, 6, 8, 9]
    _walk(trails, range(3))
    (trail,) = trails.of([result(2, (1, 2.0, 50.0))])
    assert [round(100 * x) for x, _ in trail.points] == [0, 2]


def test_a_track_that_is_gone_is_forgotten() -> None:
    trails = Trails()
    _walk(trails, range(5))
    trails.add(result(60, (2, 1.0, 1.0)))
    assert trails.of([result(60, (1, 60.0, 50.0))]) == ()


def test_captions_of_files() -> None:
    door = walked(ACROSS, [(50, 40), (50, 60)]).counters[1]
    assert plain_caption(door) == ("Door", "in 1 · out 0")
    room = counter_of(Shape(1, "zone", "Room", SQUARE.points))
    assert plain_caption(room) == ("Room", "inside 0 · entered 0 · left 0")


def test_no_marks_are_nothing() -> None:
    assert not Marks(follow=True)
