"""Where the labels of boxes go. Pure geometry, no Qt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

Rect = tuple[float, float, float, float]
"""left, top, right, bottom"""

SPARE = 2.0
"""Labels keep this far from the edge of the picture."""
GAP = 1.0
"""Between a label and the box it stands on."""


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


def _first_free(places: Sequence[Rect], taken: npt.NDArray[np.float64]) -> int | None:
    """The first place that is clear of all that are taken. All at once: there may be a thousand boxes."""
    if not places:
        return None
    p, t = np.array(places)[:, None], taken[None]
    hit = (p[..., 0] < t[..., 2]) & (t[..., 0] < p[..., 2]) & (p[..., 1] < t[..., 3]) & (t[..., 1] < p[..., 3])
    free = ~hit.any(axis=1)
    return int(free.argmax()) if free.any() else None


def place_labels(
    boxes: Sequence[Rect], sizes: Sequence[tuple[float, float]], area: Rect, occupied: Sequence[Rect] = ()
) -> list[Rect]:
    """A place for the label of each box: inside `area` and clear of `occupied` and of the labels before it.

    `boxes`: outer edges, the most important first. `sizes`: width and height of each label. Where nothing is free the
    label takes the last place tried, moved into `area`.
    """
    taken = np.empty((len(occupied) + len(boxes), 4))
    taken[: len(occupied)] = np.reshape(occupied, (-1, 4))
    places: list[Rect] = []
    for count, (box, (width, height)) in enumerate(zip(boxes, sizes, strict=True), len(occupied)):
        # The part that can be seen: a label stays in sight when its box is partly outside.
        x0, x1 = max(box[0], area[0] + SPARE), min(box[2], area[2] - SPARE)
        y0, y1 = max(box[1], area[1] + SPARE), min(box[3], area[3] - SPARE)
        seen = (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else box
        candidates = list(_candidates(seen, width, height))
        inside = [place for place in candidates if _inside(place, area)]
        free = _first_free(inside, taken[:count])
        place = inside[free] if free is not None else _pushed_inside(candidates[-1], area)
        taken[count] = place
        places.append(place)
    return places
