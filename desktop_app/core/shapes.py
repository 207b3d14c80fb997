"""Lines and zones in a picture: what they are and where a point lies. Plain geometry.

Points of a shape are shares of the width and height of the picture, so that they survive another size of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

ShapeKind = Literal["line", "zone"]
Point = tuple[float, float]

LEAST_POINTS: dict[ShapeKind, int] = {"line": 2, "zone": 3}
MOST_POINTS = 64


@dataclass(frozen=True, slots=True)
class Shape:
    """`key` names it for as long as it exists. A line has two points; who goes from its left to its right (seen from
    the first point to the second) goes *in*. The border of a zone closes itself."""

    key: int
    kind: ShapeKind
    name: str
    points: tuple[Point, ...]

    def in_pixels(self, size: tuple[int, int]) -> list[Point]:
        """`size`: width and height of the picture."""
        return [(x * size[0], y * size[1]) for x, y in self.points]


def turned(shape: Shape, mirror: bool, rotation: int) -> Shape:
    """In a picture that is turned by `rotation` degrees clockwise, then mirrored. In stays in."""
    points = shape.points
    for _ in range(rotation // 90 % 4):
        points = tuple((1 - y, x) for x, y in points)
    return replace(shape, points=_mirrored(shape.kind, points) if mirror else points)


def unturned(shape: Shape, mirror: bool, rotation: int) -> Shape:
    """The way back from `turned`."""
    points = _mirrored(shape.kind, shape.points) if mirror else shape.points
    for _ in range(rotation // 90 % 4):
        points = tuple((y, 1 - x) for x, y in points)
    return replace(shape, points=points)


def _mirrored(kind: ShapeKind, points: tuple[Point, ...]) -> tuple[Point, ...]:
    """The right of a line is its left in a mirror, so it goes the other way."""
    points = tuple((1 - x, y) for x, y in points)
    return points[::-1] if kind == "line" else points


def beside(a: Point, b: Point, point: Point) -> float:
    """How far `point` lies to the right of the line from `a` to `b`; negative to the left. Pictures count downwards, so
    the right of a line drawn from left to right is below it."""
    along = (b[0] - a[0], b[1] - a[1])
    length = math.hypot(*along)
    if length == 0:
        return 0.0
    return (along[0] * (point[1] - a[1]) - along[1] * (point[0] - a[0])) / length


def meets(a: Point, b: Point, before: Point, now: Point) -> bool:
    """Whether the way from `before` to `now`, which crosses the endless line through `a` and `b`, does so between the
    two, ends included."""
    d0, d1 = beside(a, b, before), beside(a, b, now)
    if d0 == d1:
        return False
    share = d0 / (d0 - d1)
    at = (before[0] + share * (now[0] - before[0]), before[1] + share * (now[1] - before[1]))
    along = (b[0] - a[0], b[1] - a[1])
    place = (at[0] - a[0]) * along[0] + (at[1] - a[1]) * along[1]
    length = along[0] ** 2 + along[1] ** 2
    tolerance = 1e-9 * length  # an end that is met exactly is met, whatever the last digit says
    return -tolerance <= place <= length + tolerance


def holds(corners: Sequence[Point], point: Point) -> bool:
    """Whether a polygon holds the point (even-odd). Of the border the left and upper edges belong to it, the right and
    lower ones do not: zones that touch share no point."""
    x, y = point
    inside = False
    for (x0, y0), (x1, y1) in zip(corners, (*corners[1:], corners[0]), strict=True):
        if (y0 > y) != (y1 > y) and x < x0 + (y - y0) * (x1 - x0) / (y1 - y0):
            inside = not inside
    return inside


def to_edge(a: Point, b: Point, point: Point) -> float:
    """The distance of a point from the segment between `a` and `b`."""
    along = (b[0] - a[0], b[1] - a[1])
    length = along[0] ** 2 + along[1] ** 2
    share = 0.0 if length == 0 else ((point[0] - a[0]) * along[0] + (point[1] - a[1]) * along[1]) / length
    share = min(1.0, max(0.0, share))
    return math.hypot(point[0] - a[0] - share * along[0], point[1] - a[1] - share * along[1])


def to_border(corners: Sequence[Point], point: Point) -> float:
    return min(to_edge(a, b, point) for a, b in zip(corners, (*corners[1:], corners[0]), strict=True))
