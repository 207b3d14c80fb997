"""What the window counts: the lines and zones of the source at hand, and what the results of its detector come to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop_app.core.counting import Anchor, Counting, ShapeCounter
from desktop_app.core.marks import Marks, ShapeMark, Trails
from desktop_app.core.results import Result
from desktop_app.core.shapes import Point, Shape, ShapeKind, turned, unturned
from desktop_app.errors import SettingsError
from desktop_app.gui import texts
from desktop_app.gui.counting_store import CountingStore, source_key
from desktop_app.gui.shape_editor import ShapeEditor
from desktop_app.i18n import tr

if TYPE_CHECKING:
    from desktop_app.gui.pipeline_controller import PipelineController

UNDO = 100


class CountingState(QObject):
    """Counts are of the first detector that runs. Results come in the order of their frames, each of them."""

    shapes_changed = Signal()
    counts_reset = Signal()
    failed = Signal(object)
    """The `SettingsError` of a write that did not succeed."""

    def __init__(self, controller: PipelineController) -> None:
        super().__init__(controller)
        self._controller = controller
        self.counting = Counting()
        self.trails = Trails()
        self.preview: Shape | None = None
        """A shape while it is being moved: drawn, not counted."""
        self._store: CountingStore | None = None
        self._key = ""
        self._orientation = (False, 0)
        self._model: object = None
        self._undo: list[tuple[Shape, ...]] = []
        self._redo: list[tuple[Shape, ...]] = []
        self.editor = ShapeEditor(self)
        controller.source_opened.connect(self._opened)
        controller.models_changed.connect(self._models_changed)
        self._restarted = False
        controller.restarting.connect(self._restarting)

    # --- what there is ----------------------------------------------------------------------------------------------

    @property
    def shapes(self) -> tuple[Shape, ...]:
        return tuple(counter.shape for counter in self.counting.counters.values())

    def counter(self, key: int) -> ShapeCounter | None:
        return self.counting.counters.get(key)

    @property
    def possible(self) -> bool:
        """There is a moving picture on which something can be counted."""
        info = self._controller.info
        return info is not None and info.kind not in ("image", "images")

    @property
    def source(self) -> str:
        """What the tables of counts call the source."""
        return self._key

    def model_key(self) -> str | None:
        running = self._controller.running.values()
        return next((model.key for model in running if model.task != "classify"), None)

    def names(self) -> tuple[str, ...]:
        key = self.model_key()
        return self._controller.names.get(key, ()) if key is not None else ()

    # --- results ----------------------------------------------------------------------------------------------------

    def add(self, result: Result) -> None:
        if result.model_key == self.model_key():
            self.counting.update(result)
        self.trails.add(result, self.counting.anchor)

    def forget_tracks(self) -> None:
        """The recogniser numbers tracks anew."""
        self.counting.forget()
        self.trails.clear()

    def _restarting(self, _: object) -> None:
        self._restarted = True
        self.forget_tracks()

    def _opened(self) -> None:
        info = self._controller.info
        if info is None:
            return
        key, again = source_key(info, self._controller.cameras), self._restarted
        self._restarted = False
        if key == self._key and (info.live or again):
            self.forget_tracks()  # it was lost for a moment, or the recogniser was; the counts go on
            return
        self._key = key
        if self._store is None:
            self._store = CountingStore()
        self._undo.clear()
        self._redo.clear()
        self.trails.clear()
        kept = self._store.of(key) if self.possible else ()
        self.counting = Counting([turned(s, *self._orientation) for s in kept], self.counting.anchor)
        self.shapes_changed.emit()

    def set_orientation(self, mirror: bool, rotation: int) -> None:
        """Shapes turn with the picture; kept they are as the source gives it."""
        before, self._orientation = self._orientation, (mirror, rotation)
        self._undo.clear()
        self._redo.clear()
        self.trails.clear()
        self.counting.set_shapes([turned(unturned(s, *before), mirror, rotation) for s in self.shapes])
        self.shapes_changed.emit()

    def _models_changed(self) -> None:
        key = self.model_key()
        model = self._controller.running.get(key) if key is not None else None
        before, self._model = self._model, model
        if before is model or before is None or model is None:
            return
        info = self._controller.info
        if info is not None and not info.live and getattr(before, "key", None) != key:
            self.reset()  # the frames that were seen count anew, by another model
        self.forget_tracks()

    def reset(self) -> None:
        """All counts to zero; the shapes stay."""
        self.counting.reset()
        self.counts_reset.emit()

    def set_anchor(self, anchor: Anchor) -> None:
        """The counts begin anew: they were of other points."""
        if anchor != self.counting.anchor:
            self.counting.anchor = anchor
            self.trails.clear()
            self.reset()

    # --- shapes -----------------------------------------------------------------------------------------------------

    def add_shape(self, kind: ShapeKind, points: Sequence[Point]) -> Shape:
        shape = Shape(max((s.key for s in self.shapes), default=0) + 1, kind, self._new_name(kind), tuple(points))
        self._change((*self.shapes, shape))
        return shape

    def _new_name(self, kind: ShapeKind) -> str:
        taken = {shape.name for shape in self.shapes}
        make: Callable[[int], str] = (
            (lambda n: tr("Line {n}", n=n)) if kind == "line" else (lambda n: tr("Zone {n}", n=n))
        )
        return next(name for n in range(1, len(taken) + 2) if (name := make(n)) not in taken)

    def move(self, key: int, points: Sequence[Point]) -> None:
        self._change(tuple(replace(s, points=tuple(points)) if s.key == key else s for s in self.shapes))

    def rename(self, key: int, name: str) -> None:
        name = name.strip()[:64]
        if name:
            self._change(tuple(replace(s, name=name) if s.key == key else s for s in self.shapes))

    def turn_round(self, key: int) -> None:
        """What was in is out: the line goes the other way."""
        self._change(tuple(replace(s, points=s.points[::-1]) if s.key == key else s for s in self.shapes))

    def remove(self, key: int) -> None:
        self._change(tuple(shape for shape in self.shapes if shape.key != key))

    @property
    def can_undo(self) -> bool:
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        return bool(self._redo)

    def undo(self) -> None:
        if self._undo:
            self._redo.append(self.shapes)
            self._set(self._undo.pop())

    def redo(self) -> None:
        if self._redo:
            self._undo.append(self.shapes)
            self._set(self._redo.pop())

    def _change(self, shapes: tuple[Shape, ...]) -> None:
        if shapes != self.shapes:
            self._undo = [*self._undo, self.shapes][-UNDO:]
            self._redo.clear()
            self._set(shapes)

    def _set(self, shapes: tuple[Shape, ...]) -> None:
        self.preview = None
        self.counting.set_shapes(shapes)
        self.shapes_changed.emit()
        if self._store is not None and self._key:
            try:
                self._store.keep(self._key, [unturned(s, *self._orientation) for s in shapes])
            except SettingsError as error:
                self.failed.emit(error)

    # --- what is drawn ----------------------------------------------------------------------------------------------

    def marks(self, results: Sequence[Result], trails: bool) -> Marks | None:
        """Over a picture with these results; `None` where there is nothing to draw."""
        if not self.possible:
            return None
        shapes = tuple(self._mark(counter) for counter in self.counting.counters.values())
        made = self.trails.of(results) if trails else ()
        return Marks(shapes, made, trails, self.counting.anchor) if shapes or trails else None

    def _mark(self, counter: ShapeCounter) -> ShapeMark:
        shape = counter.shape
        points = self.preview.points if self.preview is not None and self.preview.key == shape.key else shape.points
        return ShapeMark(shape.kind, points, (shape.name, count_text(counter)))


def count_text(counter: ShapeCounter, class_id: int | None = None) -> str:
    """In one line, in the language of the window."""
    arrived, departed = texts.number(counter.arrived(class_id)), texts.number(counter.departed(class_id))
    if counter.shape.kind == "line":
        return tr("in {n} · out {m}", n=arrived, m=departed)
    inside = texts.number(counter.inside(class_id))
    return tr("inside {k} · entered {n} · exited {m}", k=inside, n=arrived, m=departed)
