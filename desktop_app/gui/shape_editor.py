"""Drawing and moving lines and zones: what each gesture means, without a widget.

Positions are points of the stage in logical pixels; `picture` says where the frame lies in it. Shapes are in shares of
the frame.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, QPointF, QRectF, Signal

from desktop_app.core.shapes import LEAST_POINTS, MOST_POINTS, Point, Shape, ShapeKind, to_edge

if TYPE_CHECKING:
    from desktop_app.gui.counting_state import CountingState

GRAB = 14.0
"""How near to a handle one must be: targets are 28 pixels wide."""
GRAB_EDGE = 7.0
DRAG = 6.0
"""Pixels of a movement with the button down that make it a drag."""
Part = Literal["handle", "edge", "body"]


class ShapeEditor(QObject):
    """`drawing`: the kind of shape that is being drawn, with its `points` so far. `selected`: key of a shape, with its
    `handle` for the keyboard. `hovered`: what is under the pointer."""

    changed = Signal()
    """What is to be seen has changed."""
    mode_changed = Signal()

    def __init__(self, state: CountingState) -> None:
        super().__init__(state)
        self.state = state
        self.active = False
        """Shapes can be moved; otherwise they are only shown."""
        self.drawing: ShapeKind | None = None
        self.points: list[Point] = []
        self.pointer: Point | None = None
        self.selected: int | None = None
        self.handle = 0
        self.hovered: tuple[int, Part, int] | None = None
        self.picture = QRectF()
        self._grabbed: tuple[Shape, Part, int, QPointF] | None = None
        self._pressed_at: QPointF | None = None
        state.shapes_changed.connect(self._shapes_changed)

    # --- geometry ---------------------------------------------------------------------------------------------------

    def share(self, at: QPointF) -> Point:
        """The point of the frame under `at`, or the nearest to it."""
        x = (at.x() - self.picture.x()) / max(1.0, self.picture.width())
        y = (at.y() - self.picture.y()) / max(1.0, self.picture.height())
        return min(1.0, max(0.0, x)), min(1.0, max(0.0, y))

    def place(self, point: Point) -> QPointF:
        picture = self.picture
        return QPointF(picture.x() + point[0] * picture.width(), picture.y() + point[1] * picture.height())

    def _distance(self, point: Point, at: QPointF) -> float:
        there = self.place(point)
        return math.hypot(there.x() - at.x(), there.y() - at.y())

    def hit(self, at: QPointF) -> tuple[int, Part, int] | None:
        """Shape, part and number of the point or edge under `at`: handles before edges, the selected shape first."""
        shapes = sorted(self.state.shapes, key=lambda s: s.key != self.selected)
        for shape in shapes:
            near = min(range(len(shape.points)), key=lambda i: self._distance(shape.points[i], at))
            if self._distance(shape.points[near], at) <= GRAB:
                return shape.key, "handle", near
        for shape in shapes:
            corners = [(p.x(), p.y()) for p in map(self.place, shape.points)]
            ends = zip(corners, [*corners[1:], corners[0]], strict=True)
            for number, (a, b) in enumerate(ends):
                if shape.kind == "line" and number:
                    break
                if to_edge(a, b, (at.x(), at.y())) <= GRAB_EDGE:
                    return shape.key, "edge", number
        return None

    def shape(self, key: int | None) -> Shape | None:
        return next((shape for shape in self.state.shapes if shape.key == key), None)

    # --- modes ------------------------------------------------------------------------------------------------------

    def set_active(self, active: bool) -> None:
        if active != self.active:
            self.active = active
            if not active:
                self.cancel()
                self.select(None)
            self.changed.emit()

    def begin(self, kind: ShapeKind) -> None:
        """The next clicks draw."""
        self.select(None)
        self.drawing, self.points, self._grabbed = kind, [], None
        self.mode_changed.emit()
        self.changed.emit()

    def cancel(self) -> bool:
        """Ends drawing or moving without a change; False where nothing was going on."""
        busy = self.drawing is not None or self._grabbed is not None
        self.drawing, self.points, self._grabbed, self._pressed_at = None, [], None, None
        self.state.preview = None
        if busy:
            self.mode_changed.emit()
            self.changed.emit()
        return busy

    def select(self, key: int | None, handle: int = 0) -> None:
        if (key, handle) != (self.selected, self.handle):
            self.selected, self.handle = key, handle
            self.mode_changed.emit()
            self.changed.emit()

    def _shapes_changed(self) -> None:
        shape = self.shape(self.selected)
        self.hovered = self._grabbed = None
        if shape is None:
            self.select(None)
        else:
            self.handle = min(self.handle, len(shape.points) - 1)
        self.changed.emit()

    # --- the pointer ------------------------------------------------------------------------------------------------

    def press(self, at: QPointF, *, straight: bool = False) -> bool:
        if self.picture.isEmpty():
            return False
        if self.drawing is not None:
            self._pressed_at = at
            self._put(self._pulled(at, straight))
            return True
        if not self.active:
            return False
        hit = self.hit(at)
        if hit is None:
            if self.selected is not None:
                self.select(None)
            return False
        shape = self.shape(hit[0])
        assert shape is not None
        self.select(hit[0], hit[2] if hit[1] == "handle" else self.handle if hit[0] == self.selected else 0)
        self._grabbed = (shape, hit[1], hit[2], at)
        return True

    def move(self, at: QPointF, *, straight: bool = False) -> bool:
        """True where the picture should not do anything with the movement itself."""
        if self.drawing is not None:
            self.pointer = self._pulled(at, straight)
            self.changed.emit()
            return True
        if self._grabbed is not None:
            shape, part, number, since = self._grabbed
            points = list(shape.points)
            if part == "handle":
                points[number] = self._pulled(at, straight, points[number - 1])
            else:
                points = self._shifted(points, at - since)
            self.state.preview = replace(shape, points=tuple(points))
            self.changed.emit()
            return True
        hovered = self.hit(at) if self.active else None
        if hovered != self.hovered:
            self.hovered = hovered
            self.changed.emit()
        return hovered is not None

    def release(self, at: QPointF, *, straight: bool = False) -> bool:
        if self.drawing is not None:
            pressed, self._pressed_at = self._pressed_at, None
            dragged = pressed is not None and math.hypot(at.x() - pressed.x(), at.y() - pressed.y()) > DRAG
            if dragged and self.drawing == "line" and len(self.points) == 1:
                self._put(self._pulled(at, straight))
            return True
        if self._grabbed is None:
            return False
        shape, self._grabbed = self._grabbed[0], None
        preview, self.state.preview = self.state.preview, None
        if preview is not None and preview.points != shape.points:
            self.state.move(shape.key, preview.points)
        self.changed.emit()
        return True

    def double_click(self, at: QPointF) -> bool:
        """Closes a zone; on an edge of one that is there, makes a corner."""
        if self.drawing is not None:
            self.finish()
            return True
        hit = self.hit(at) if self.active else None
        shape = self.shape(hit[0]) if hit is not None else None
        if hit is None or shape is None:
            return False
        if hit[1] == "edge" and shape.kind == "zone" and len(shape.points) < MOST_POINTS:
            points = [*shape.points[: hit[2] + 1], self.share(at), *shape.points[hit[2] + 1 :]]
            self._grabbed = None
            self.state.move(shape.key, points)
            self.select(shape.key, hit[2] + 1)
        return True

    def leave(self) -> None:
        self.pointer = None
        if self.hovered is not None:
            self.hovered = None
        self.changed.emit()

    def _pulled(self, at: QPointF, straight: bool, origin: Point | None = None) -> Point:
        """Level, upright or at 45° from the last point where `straight` asks for it."""
        last = origin if origin is not None else self.points[-1] if self.points else None
        if not straight or last is None:
            return self.share(at)
        start = self.place(last)
        off = at - start
        angle = round(math.atan2(off.y(), off.x()) / (math.pi / 4)) * math.pi / 4
        length = math.hypot(off.x(), off.y())
        return self.share(start + QPointF(length * math.cos(angle), length * math.sin(angle)))

    def _shifted(self, points: Sequence[Point], by: QPointF) -> list[Point]:
        """All moved alike, as far as they stay in the picture."""
        return shifted(points, by.x() / max(1.0, self.picture.width()), by.y() / max(1.0, self.picture.height()))

    # --- drawing ----------------------------------------------------------------------------------------------------

    def _put(self, point: Point) -> None:
        first = self.points[0] if self.points else None
        if self.drawing == "zone" and first is not None and self._distance(first, self.place(point)) <= GRAB:
            self.finish()
            return
        if self.points and self._distance(self.points[-1], self.place(point)) < 2:
            return  # the second half of a double click, or a slip
        self.points.append(point)
        if (self.drawing == "line" and len(self.points) == 2) or len(self.points) == MOST_POINTS:
            self.finish()
        self.changed.emit()

    def finish(self) -> bool:
        """Makes the shape of the points so far; without any, one in the middle that the keyboard can move."""
        kind = self.drawing
        if kind is None:
            return False
        points = self.points or list(_DEFAULTS[kind])
        if len(points) < LEAST_POINTS[kind]:
            return False
        self.drawing, self.points, self._pressed_at = None, [], None
        shape = self.state.add_shape(kind, points)
        self.active = True
        self.select(shape.key, 0)
        self.mode_changed.emit()
        self.changed.emit()
        return True

    def take_back(self) -> bool:
        """The last point that was set; where there is none, drawing ends."""
        if self.drawing is None:
            return False
        if self.points:
            self.points.pop()
            self.changed.emit()
            return True
        return self.cancel()

    # --- the keyboard -----------------------------------------------------------------------------------------------

    def nudge(self, x: float, y: float, *, whole: bool = False) -> bool:
        """Moves the handle, or the whole shape, by so many logical pixels."""
        shape = self.shape(self.selected)
        if shape is None:
            return False
        if whole:
            points = self._shifted(shape.points, QPointF(x, y))
        else:
            points = list(shape.points)
            points[self.handle] = self.share(self.place(points[self.handle]) + QPointF(x, y))
        handle = self.handle
        self.state.move(shape.key, points)
        self.select(shape.key, handle)
        return True

    def next_handle(self, step: int) -> bool:
        """To the next corner; behind the last, the next shape."""
        shapes = self.state.shapes
        if not shapes:
            return False
        ends = [(s.key, number) for s in shapes for number in range(len(s.points))]
        now = (self.selected, self.handle)
        at = next((place for place, end in enumerate(ends) if end == now), -1 if step > 0 else 0)
        self.select(*ends[(at + step) % len(ends)])
        return True

    def remove_selected(self) -> bool:
        if self.selected is None:
            return False
        self.state.remove(self.selected)
        return True

    def remove_corner(self) -> bool:
        """Of a zone with more corners than it needs."""
        shape = self.shape(self.selected)
        if shape is None or shape.kind != "zone" or len(shape.points) <= LEAST_POINTS["zone"]:
            return False
        handle = self.handle
        points = [*shape.points[:handle], *shape.points[handle + 1 :]]
        self.state.move(shape.key, points)
        self.select(shape.key, min(handle, len(points) - 1))
        return True


_DEFAULTS: dict[ShapeKind, tuple[Point, ...]] = {
    "line": ((0.25, 0.5), (0.75, 0.5)),
    "zone": ((0.3, 0.3), (0.7, 0.3), (0.7, 0.7), (0.3, 0.7)),
}


def shifted(points: Sequence[Point], x: float, y: float) -> list[Point]:
    """All moved alike, as far as every one of them stays between 0 and 1."""
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    x = min(max(x, -min(xs)), 1 - max(xs))
    y = min(max(y, -min(ys)), 1 - max(ys))
    return [(px + x, py + y) for px, py in points]
