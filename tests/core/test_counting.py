"""Lines and zones count exactly: at their ends and corners, with jitter, with ids that go and come, in any order of
playing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from desktop_app.core.counting import FORGET, Counting, anchor_of
from desktop_app.core.results import Detections, Result, Timings
from desktop_app.core.shapes import Point, Shape, beside, holds, meets, to_border

SIZE = (100, 100)
ACROSS = Shape(1, "line", "Door", ((0.2, 0.5), (0.8, 0.5)))  # left to right: in is downwards
SQUARE = Shape(2, "zone", "Room", ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8)))


def result(frame: int, *things: tuple[int, float, float], live: bool = False, class_id: int = 0) -> Result:
    """Boxes of 4×4 pixels that stand on the given points: (track, x, y)."""
    boxes = np.array([(x - 2, y - 4, x + 2, y) for _, x, y in things], np.float32).reshape(-1, 4)
    count = len(things)
    found = Detections(
        boxes,
        np.full(count, 0.9, np.float32),
        np.full(count, class_id, np.int64),
        np.array([track for track, _, _ in things], np.int64),
    )
    at = frame / 10
    media_time = None if live else at
    return Result(frame, at, "m", found, Timings(0, 0, 0), "openvino", "CPU", "fp32", (0, 0), media_time, SIZE)


def walked(shape: Shape, path: Sequence[Point], track: int = 1, *, live: bool = False) -> Counting:
    counting = Counting([shape])
    for frame, (x, y) in enumerate(path):
        counting.update(result(frame, (track, x, y), live=live))
    return counting


def crossings(shape: Shape, path: Sequence[Point]) -> tuple[int, int]:
    counter = walked(shape, path).counters[shape.key]
    return counter.arrived(), counter.departed()


def test_the_right_of_a_line_from_left_to_right_is_below_it() -> None:
    assert beside((0, 0), (10, 0), (3, 4)) == 4
    assert beside((10, 0), (0, 0), (3, 4)) == -4
    assert beside((5, 5), (5, 5), (9, 9)) == 0


def test_down_is_in_and_up_is_out() -> None:
    assert crossings(ACROSS, [(50, 40), (50, 60)]) == (1, 0)
    assert crossings(ACROSS, [(50, 60), (50, 40)]) == (0, 1)
    assert crossings(ACROSS, [(50, 40), (50, 60), (50, 40), (50, 60)]) == (2, 1)


def test_a_line_counts_between_its_ends_only() -> None:
    assert crossings(ACROSS, [(10, 40), (10, 60)]) == (0, 0)
    assert crossings(ACROSS, [(90, 40), (90, 60)]) == (0, 0)
    # Round the end and back through the line: one out.
    assert crossings(ACROSS, [(50, 40), (90, 40), (90, 60), (50, 60), (50, 40)]) == (0, 1)
    # A step so long that it goes round the end at once.
    assert crossings(ACROSS, [(50, 40), (150, 60)]) == (0, 0)


@pytest.mark.parametrize("x", [20.0, 80.0])
def test_the_ends_belong_to_the_line(x: float) -> None:
    assert crossings(ACROSS, [(x, 40), (x, 60)]) == (1, 0)
    assert crossings(ACROSS, [(x, 40), (x, 50), (x, 60)]) == (1, 0)
    assert crossings(ACROSS, [(x, 60), (x, 50), (x, 40)]) == (0, 1)


def test_leaving_along_the_line_counts_nothing() -> None:
    assert crossings(ACROSS, [(50, 40), (60, 49.9), (70, 50), (80, 50.1), (95, 50.4), (95, 60)]) == (1, 0)
    assert crossings(ACROSS, [(50, 40), (70, 49), (90, 49.5), (95, 60)]) == (0, 0)
    assert crossings(ACROSS, [(30, 50), (70, 50), (99, 50)]) == (0, 0)


def test_standing_still_on_a_line_counts_nothing_and_going_on_counts_once() -> None:
    trembling = [(50.0, 50 + d) for d in (-1.0, 1.0, -0.5, 1.2, -1.3, 0.0, 0.4, -0.2)]
    assert crossings(ACROSS, [(50, 40), *trembling, (50, 60)]) == (1, 0)
    assert crossings(ACROSS, [(50, 40), *trembling, (50, 40)]) == (0, 0)
    assert crossings(ACROSS, trembling) == (0, 0)


def test_an_id_that_is_lost_on_the_line_and_found_behind_it_counts() -> None:
    counting = Counting([ACROSS])
    for frame, things in enumerate([[(1, 50.0, 40.0)], [(1, 50.0, 49.0)], [], [], [(1, 50.0, 60.0)]]):
        counting.update(result(frame, *things))
    assert counting.counters[1].arrived() == 1


def test_another_id_behind_the_line_counts_nothing() -> None:
    counting = Counting([ACROSS])
    counting.update(result(0, (1, 50, 40)))
    counting.update(result(1, (2, 50, 60)))
    assert counting.counters[1].arrived() == 0


def test_an_id_that_comes_back_after_a_long_time_is_somebody_new() -> None:
    counting = Counting([ACROSS])
    counting.update(result(0, (1, 50, 40), (9, 5, 5)))
    for frame in range(1, round(10 * FORGET) + 3):
        counting.update(result(frame, (9, 5, 5)))
    counting.update(result(round(10 * FORGET) + 3, (1, 50, 60), (9, 5, 5)))
    assert counting.counters[1].arrived() == 0


def test_counts_are_told_by_class_and_a_track_has_the_class_it_had_most_often() -> None:
    counting = Counting([ACROSS])
    for frame, (y, class_id) in enumerate([(30, 0), (40, 0), (60, 16)]):
        counting.update(result(frame, (1, 50, y), class_id=class_id))
    for frame, y in enumerate([30, 40, 60], start=3):
        counting.update(result(frame, (2, 50, y), class_id=2))
    counter = counting.counters[1]
    assert (counter.arrived(), counter.arrived(0), counter.arrived(2), counter.arrived(16)) == (2, 1, 1, 0)
    assert counter.classes() == [0, 2]


def test_events_say_when_where_what_and_who() -> None:
    counting = walked(ACROSS, [(50, 40), (50, 60)], track=7)
    (event,) = counting.events()
    assert (event.frame, event.at, event.media_time) == (1, 0.1, 0.1)
    assert (event.shape, event.direction, event.class_id, event.track) == (1, "in", 0, 7)
    live = walked(ACROSS, [(50, 40), (50, 60)], live=True).events()
    assert [(e.at, e.media_time) for e in live] == [(0.1, None)]


# --- zones ----------------------------------------------------------------------------------------------------------


def test_zones_that_touch_share_no_point() -> None:
    left = [(0.0, 0.0), (5.0, 0.0), (5.0, 10.0), (0.0, 10.0)]
    right = [(5.0, 0.0), (10.0, 0.0), (10.0, 10.0), (5.0, 10.0)]
    for y in (0.0, 5.0, 9.9):
        assert not holds(left, (5.0, y))
        assert holds(right, (5.0, y))
    for corner in left:
        assert holds(left, corner) is (corner == (0.0, 0.0))
    assert to_border(left, (2.0, 5.0)) == 2.0
    assert to_border(left, (8.0, 14.0)) == 5.0


def test_a_ray_through_a_corner_counts_it_once() -> None:
    diamond = [(5.0, 0.0), (10.0, 5.0), (5.0, 10.0), (0.0, 5.0)]
    assert holds(diamond, (5.0, 5.0))
    assert not holds(diamond, (-1.0, 5.0))
    assert not holds(diamond, (11.0, 5.0))
    assert not holds(diamond, (-1.0, 0.0))


def test_a_way_along_a_line_meets_nothing() -> None:
    assert not meets((0, 0), (10, 0), (2, 0), (8, 0))
    assert meets((0, 0), (10, 0), (10, -1), (10, 1))


def test_through_a_zone_is_one_stay() -> None:
    counter = walked(SQUARE, [(10, 50), (30, 50), (50, 50), (70, 50), (90, 50)]).counters[2]
    assert [e.direction for e in counter.events] == ["entered", "left"]
    assert (counter.arrived(), counter.departed(), counter.inside()) == (1, 1, 0)
    assert counter.dwells() == pytest.approx([0.3])


def test_through_a_corner_of_a_zone() -> None:
    # Exactly along the diagonal, through the first corner.
    assert [e.direction for e in walked(SQUARE, [(10, 10), (20, 20), (30, 30)]).events()] == ["entered"]
    # Past it, touching it: never inside.
    assert walked(SQUARE, [(10, 30), (20, 20), (30, 10)]).events() == []


def test_trembling_on_a_border_is_one_stay() -> None:
    path = [(10.0, 50.0), (30, 50), (20.5, 50), (19.5, 50), (20.4, 50), (19.2, 50), (30, 50), (10, 50)]
    counter = walked(SQUARE, path).counters[2]
    assert [e.direction for e in counter.events] == ["entered", "left"]
    assert counter.dwells() == pytest.approx([0.6])


def test_what_is_first_seen_inside_is_inside_and_what_is_lost_there_left_when_it_was_last_seen() -> None:
    counting = Counting([SQUARE])
    for frame in range(7):
        counting.update(result(frame, (1, 50, 50), (2, 5, 5)))
        assert counting.counters[2].inside() == (frame >= 5)
    counter = counting.counters[2]
    assert counter.arrived() == 1
    assert counter.dwells() == pytest.approx([0.6])
    for frame in range(7, 40):
        counting.update(result(frame, (2, 5, 5)))
    assert [e.direction for e in counter.events] == ["appeared", "lost"]
    assert [e.at for e in counter.events] == pytest.approx([0.0, 0.6])
    assert counter.inside() == 0
    assert counter.dwells() == pytest.approx([0.6])


def test_what_is_seen_inside_for_an_instant_is_nobody() -> None:
    assert walked(SQUARE, [(50, 50)] * 4 + [(90, 50), (10, 50)]).events() == []
    # Near the border it must get clear of it first.
    assert [e.direction for e in walked(SQUARE, [(21, 50), (19, 50), (21, 50), (10, 50), (50, 50)]).events()] == [
        "entered"
    ]


def test_who_is_hidden_for_a_moment_stays() -> None:
    counting = Counting([SQUARE])
    for frame in range(30):
        counting.update(result(frame, *([] if 10 < frame < 20 else [(1, 50.0, 50.0)])))
    counter = counting.counters[2]
    assert (counter.inside(), counter.departed()) == (1, 0)
    assert counter.dwells() == pytest.approx([2.9])


# --- the order of playing -------------------------------------------------------------------------------------------

PATH = [(50.0, 30.0 + 2 * frame) for frame in range(20)]  # in at frame 11


def _play(counting: Counting, frames: Sequence[int], first_id: int = 1) -> None:
    for frame in frames:
        counting.update(result(frame, (first_id, *PATH[frame])))


def test_a_file_that_loops_counts_each_frame_once() -> None:
    counting = Counting([ACROSS, SQUARE])
    for _ in range(3):
        _play(counting, range(20))
    assert (counting.counters[1].arrived(), counting.counters[2].arrived()) == (1, 1)
    assert counting.counters[2].inside() == 1


def test_stepping_back_and_on_changes_nothing() -> None:
    counting = Counting([ACROSS, SQUARE])
    _play(counting, [*range(13), 12, 11, 10, 9, 10, 11, 12, *range(13, 20)])
    assert (counting.counters[1].arrived(), counting.counters[1].departed()) == (1, 0)
    assert counting.counters[2].arrived() == 1


def test_what_was_skipped_counts_when_it_is_seen() -> None:
    counting = Counting([ACROSS])
    _play(counting, range(3))
    _play(counting, range(14, 20), first_id=2)
    assert counting.counters[1].arrived() == 0
    _play(counting, range(20), first_id=3)
    assert counting.counters[1].arrived() == 1
    _play(counting, range(20), first_id=4)
    assert counting.counters[1].arrived() == 1


def test_a_stride_is_no_jump() -> None:
    counting = Counting([ACROSS], stride=10)
    _play(counting, [0, 10, 19])
    assert counting.counters[1].arrived() == 1


def test_a_live_picture_that_comes_again_while_paused_counts_once_and_a_gap_ends_stays() -> None:
    counting = Counting([SQUARE])
    for frame in (*range(8), 7, 7):
        counting.update(result(frame, (1, 50, 50), live=True))
    assert counting.counters[2].dwells() == pytest.approx([0.7])
    for frame in range(900, 906):  # 90 s later, the same number by chance
        counting.update(result(frame, (1, 50, 50), live=True))
    counter = counting.counters[2]
    assert [e.direction for e in counter.events] == ["appeared", "lost", "appeared"]
    assert counter.inside() == 1
    assert counter.dwells() == pytest.approx([0.7, 0.5])


# --- shapes that change ---------------------------------------------------------------------------------------------


def test_a_moved_shape_begins_anew_and_a_renamed_one_goes_on() -> None:
    counting = Counting([ACROSS, SQUARE])
    _play(counting, range(20))
    renamed = Shape(1, "line", "Gate", ACROSS.points)
    moved = Shape(2, "zone", "Room", ((0.1, 0.2), *SQUARE.points[1:]))
    counting.set_shapes([renamed, moved])
    assert (counting.counters[1].arrived(), counting.counters[1].shape.name) == (1, "Gate")
    assert counting.counters[2].arrived() == 0
    _play(counting, range(20))
    assert (counting.counters[1].arrived(), counting.counters[2].arrived()) == (1, 1)
    counting.reset()
    assert (counting.counters[1].arrived(), counting.events()) == (0, [])


def test_results_without_tracks_count_nothing() -> None:
    counting = Counting([ACROSS])
    for frame, y in enumerate((40, 60)):
        boxes = np.array([(48, y - 4, 52, y)], np.float32)
        found = Detections(boxes, np.ones(1, np.float32), np.zeros(1, np.int64))
        counting.update(Result(frame, 0, "m", found, Timings(0, 0, 0), "openvino", "CPU", frame_size=SIZE))
        counting.update(result(frame, (-1, 50, y)))
    assert counting.events() == []


@pytest.mark.parametrize(("anchor", "point"), [("bottom", (5, 20)), ("centre", (5, 15)), ("top", (5, 10))])
def test_anchors(anchor: str, point: Point) -> None:
    assert anchor_of((0, 10, 10, 20), anchor) == point  # type: ignore[arg-type]


# --- a picture that is turned ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("mirror", [False, True])
def test_shapes_turn_with_the_picture_and_in_stays_in(rotation: int, mirror: bool) -> None:
    from desktop_app.core.capture import Orientation
    from desktop_app.core.shapes import turned, unturned

    # A bright spot on the right of the line, found again in the turned picture.
    picture = np.zeros((60, 100, 3), np.uint8)
    picture[45, 70] = 255
    line = Shape(1, "line", "Door", ((0.2, 0.5), (0.9, 0.4)))
    a, b = line.in_pixels((100, 60))
    off = beside(a, b, (70.5, 45.5))
    assert off > 0
    seen = Orientation(mirror, rotation).turn(picture)
    y, x = np.argwhere(seen[:, :, 0])[0]
    there = turned(line, mirror, rotation)
    a, b = there.in_pixels((seen.shape[1], seen.shape[0]))
    assert beside(a, b, (x + 0.5, y + 0.5)) == pytest.approx(off)
    back = unturned(there, mirror, rotation)
    np.testing.assert_allclose(back.points, line.points)
