"""Where the labels of boxes go. Pure geometry, no Qt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

Rect = tuple[float, float, float, float]
"""left, top, right, bottom"""

SPARE = 2.0
"""Labels keep this far from the edge of the picture."""
GAP = 1.0
"""Between a label and the box it stands on."""
_CELL = 64.0
_GRID_FROM = 24


def overlap(a: Rect, b: Rect) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _inside(place: Rect, area: Rect) -> bool:
    return (
        place[0] >= area[0] + SPARE
        and place[1] >= area[1] + SPARE
        and place[2] <= area[2] - SPARE
        and place[3] <= area[3] - SPARE
    )


def _pushed_inside(place: Rect, area: Rect) -> Rect:
    """`place` moved the shortest way into `area`; a label larger than that starts at its left and top edge."""
    left = max(area[0] + SPARE, min(place[0], area[2] - SPARE - (place[2] - place[0])))
    top = max(area[1] + SPARE, min(place[1], area[3] - SPARE - (place[3] - place[1])))
    return left, top, left + place[2] - place[0], top + place[3] - place[1]


def _candidates(box: Rect, width: float, height: float) -> Iterator[Rect]:
    """Above, inside at the top, inside at the bottom, below, each left then right; then down inside."""
    x0, y0, x1, y1 = box
    for top in (y0 - GAP - height, y0, y1 - height, y1 + GAP):
        for left in (x0, x1 - width):
            yield left, top, left + width, top + height
    step = height + 2
    top = y0 + step
    while top + height <= y1:
        yield x0, top, x0 + width, top + height
        top += step


class _Taken:
    """Rectangles that labels must not cover, in a grid of cells: a new label is compared with its neighbours only.

    There may be a thousand boxes, and each tries a dozen places.
    """

    def __init__(self, cell: tuple[float, float]) -> None:
        self._width, self._height = cell
        self._cells: dict[tuple[int, int], list[Rect]] = {}

    def _cells_of(self, rect: Rect) -> tuple[range, range]:
        """Columns and rows."""
        columns = range(int(rect[0] // self._width), int(rect[2] // self._width) + 1)
        return columns, range(int(rect[1] // self._height), int(rect[3] // self._height) + 1)

    def add(self, rect: Rect) -> None:
        columns, rows = self._cells_of(rect)
        for column in columns:
            for row in rows:
                self._cells.setdefault((column, row), []).append(rect)

    def covers(self, place: Rect) -> bool:
        """Something taken overlaps `place`."""
        left, top, right, bottom = place
        columns, rows = self._cells_of(place)
        cells = self._cells
        for column in columns:
            for row in rows:
                for x0, y0, x1, y1 in cells.get((column, row), ()):
                    if left < x1 and x0 < right and top < y1 and y0 < bottom:
                        return True
        return False


class _Few:
    """The same for so few that a look at each is quicker than the grid."""

    def __init__(self) -> None:
        self._rects: list[Rect] = []

    def add(self, rect: Rect) -> None:
        self._rects.append(rect)

    def covers(self, place: Rect) -> bool:
        return any(overlap(place, rect) for rect in self._rects)


def place_labels(
    boxes: Sequence[Rect], sizes: Sequence[tuple[float, float]], area: Rect, occupied: Sequence[Rect] = ()
) -> list[Rect]:
    """A place for the label of each box: inside `area` and clear of `occupied` and of the labels before it.

    `boxes`: outer edges, the most important first. `sizes`: width and height of each label. Where nothing is free the
    label takes the last place tried, moved into `area`.
    """
    few = len(sizes) + len(occupied) <= _GRID_FROM
    taken = _Few() if few else _Taken((_CELL, max((height for _, height in sizes), default=_CELL)))
    for rect in occupied:
        taken.add(rect)
    places: list[Rect] = []
    for box, (width, height) in zip(boxes, sizes, strict=True):
        # The part that can be seen: a label stays in sight when its box is partly outside.
        x0, x1 = max(box[0], area[0] + SPARE), min(box[2], area[2] - SPARE)
        y0, y1 = max(box[1], area[1] + SPARE), min(box[3], area[3] - SPARE)
        seen = (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else box
        place = seen
        for place in _candidates(seen, width, height):
            if _inside(place, area) and not taken.covers(place):
                break
        else:
            place = _pushed_inside(place, area)
        taken.add(place)
        places.append(place)
    return places
