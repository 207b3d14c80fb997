from __future__ import annotations

import itertools

import numpy as np
import pytest

from desktop_app.render import labels
from desktop_app.render.labels import SPARE, Rect, _candidates, _inside, _pushed_inside, overlap, place_labels

AREA: Rect = (0, 0, 400, 300)
SIZE = (60.0, 20.0)


def place(*boxes: Rect, occupied: tuple[Rect, ...] = (), area: Rect = AREA) -> list[Rect]:
    return place_labels(boxes, [SIZE] * len(boxes), area, occupied)


def test_above_left_when_there_is_room() -> None:
    assert place((100, 100, 200, 200)) == [(100, 79, 160, 99)]


def test_above_right_when_the_left_is_taken() -> None:
    assert place((100, 100, 200, 200), occupied=((90, 70, 130, 99),)) == [(140, 79, 200, 99)]


def test_inside_when_the_box_touches_the_top() -> None:
    assert place((100, 5, 200, 200)) == [(100, 5, 160, 25)]


def test_inside_below_and_down_in_order() -> None:
    box: Rect = (100, 50, 160, 200)
    above, top, bottom, below = (100, 29, 160, 49), (100, 50, 160, 70), (100, 180, 160, 200), (100, 201, 160, 221)
    taken: list[Rect] = []
    for expected in (above, top, bottom, below, (100, 72, 160, 92), (100, 94, 160, 114)):
        assert place(box, occupied=tuple(taken)) == [expected]
        taken.append(expected)


def test_the_part_outside_the_picture_does_not_count() -> None:
    (label,) = place((-500, -500, 900, 900))
    assert label == (SPARE, SPARE, SPARE + 60, SPARE + 20)


def test_right_aligned_at_the_right_edge() -> None:
    (label,) = place((370, 100, 398, 200))
    assert label[2] == 398


def test_nothing_free_still_stays_inside() -> None:
    (label,) = place((100, 100, 130, 110), occupied=(AREA,))
    assert label[0] >= SPARE
    assert label[2] <= AREA[2] - SPARE


def test_a_label_larger_than_the_picture_starts_at_its_edge() -> None:
    assert place((0, 0, 30, 10), area=(0, 0, 30, 10))[0][:2] == (SPARE, SPARE)


@pytest.mark.parametrize("seed", range(30))
def test_labels_stay_inside_and_apart_where_there_is_room(seed: int) -> None:
    rng = np.random.default_rng(seed)
    corners = rng.uniform((-50, -50), (1500, 900), (25, 2))
    boxes = [(x, y, x + w, y + h) for (x, y), (w, h) in zip(corners, rng.uniform(40, 400, (25, 2)), strict=True)]
    area: Rect = (0, 0, 1600, 1000)
    labels = place_labels(boxes, [SIZE] * 25, area)
    for label in labels:
        assert area[0] + SPARE <= label[0]
        assert area[1] + SPARE <= label[1]
        assert label[2] <= area[2] - SPARE
        assert label[3] <= area[3] - SPARE
    clashes = sum(overlap(a, b) for a, b in itertools.combinations(labels, 2))
    assert clashes == 0


def test_a_thousand_labels_keep_clear_where_there_is_room() -> None:
    boxes = [(40.0 * (i % 40), 30.0 * (i // 40) + 20, 40.0 * (i % 40) + 30, 30.0 * (i // 40) + 28) for i in range(1000)]
    places = place_labels(boxes, [(28.0, 10.0)] * 1000, (0.0, 0.0, 1700.0, 900.0))
    assert len({(round(x), round(y)) for x, y, _, _ in places}) == 1000
    first, second = places[0], places[41]
    assert not overlap(first, second)


def _one_by_one(boxes: list[Rect], sizes: list[tuple[float, float]], area: Rect, occupied: list[Rect]) -> list[Rect]:
    """The rule as it reads: each place is compared with everything that is taken."""
    taken = list(occupied)
    for box, (width, height) in zip(boxes, sizes, strict=True):
        x0, x1 = max(box[0], area[0] + SPARE), min(box[2], area[2] - SPARE)
        y0, y1 = max(box[1], area[1] + SPARE), min(box[3], area[3] - SPARE)
        places = list(_candidates((x0, y0, x1, y1) if x0 < x1 and y0 < y1 else box, width, height))
        free = [p for p in places if _inside(p, area) and not any(overlap(p, other) for other in taken)]
        taken.append(free[0] if free else _pushed_inside(places[-1], area))
    return taken[len(occupied) :]


@pytest.mark.parametrize("seed", range(40))
def test_neighbours_alone_decide_as_all_would(seed: int) -> None:
    random = np.random.default_rng(seed)
    count = int(random.choice([1, 10, 100, 300]))
    width, height = ((1280, 720), (300, 200), (60, 40))[seed % 3]
    middles = random.random((count, 2)) * (1.2 * width, 1.2 * height) - (0.1 * width, 0.1 * height)
    halves = random.random((count, 2)) * random.choice([10, 80, 400]) + 0.5
    boxes: list[Rect] = [tuple(row) for row in np.hstack((middles - halves, middles + halves)).tolist()]
    sizes = [(float(w), 21.0) for w in random.random(count) * 90 + 20]
    area: Rect = (0, 0, width, height)
    occupied: list[Rect] = [(12, 12, 80, 38), (width - 70, height - 30, width, height)]
    assert place_labels(boxes, sizes, area, occupied) == _one_by_one(boxes, sizes, area, occupied)


@pytest.mark.parametrize("count", [1, 5, 20])
def test_a_few_labels_find_the_places_that_the_grid_would_give_them(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = np.random.default_rng(count)
    for _ in range(50):
        corners = chance.uniform((0, 0), (380, 280), (count, 2))
        found = np.hstack([corners, corners + chance.uniform(5, 120, (count, 2))])
        boxes: list[Rect] = [(a, b, c, d) for a, b, c, d in found.tolist()]
        few = place(*boxes, occupied=((12, 12, 90, 38),))
        with monkeypatch.context() as patched:
            patched.setattr(labels, "_GRID_FROM", 0)
            assert place(*boxes, occupied=((12, 12, 90, 38),)) == few
