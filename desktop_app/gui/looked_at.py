"""The picture as the network gets it, with what lies over it: the heat map or a map, and a frame round what counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QImage, QMouseEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.core.explain import Map
from desktop_app.core.results import Detections
from desktop_app.gui import texts
from desktop_app.gui.box_picking import ask_for_box, box_under
from desktop_app.gui.input_view import InputView, smooth_cells
from desktop_app.gui.widgets import ElidedLabel
from desktop_app.i18n import tr
from desktop_app.render.heat import faded, heat_image, map_image

if TYPE_CHECKING:
    from desktop_app.gui.pipeline_controller import PipelineController

Rectangle = tuple[float, float, float, float]
NOWHERE = (-1, -1)


class LookedAt(QWidget):
    """The pointer reads values; a click on a box asks for the evidence for it."""

    def __init__(self, controller: PipelineController) -> None:
        super().__init__()
        self._controller, self._state = controller, controller.explain
        self._found: Map | None = None
        self._over = False
        self._strength = 0.6
        self._cell = self._under = NOWHERE
        self.picture, self.values = InputView(), ElidedLabel("", "small", "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.picture, 1)
        column.addWidget(self.values)
        self.picture.pointed.connect(self.show_values)
        self.picture.installEventFilter(self)
        self._state.heated.connect(self._refresh)
        texts.follow_language(self, self._retext)

    def _retext(self) -> None:
        self.picture.setAccessibleName(tr("The network’s input"))

    # --- what is shown ------------------------------------------------------------------------------------------

    def show_input(self) -> None:
        """Of the last frame."""
        seen = self._state.last
        if seen is not None and seen.input is not None:
            self.picture.show_input(seen.input.pixels)

    def show_map(self, found: Map | None, over: bool) -> None:
        """A frame round what its highest cell sees; `over`: it lies over the picture instead of the heat map."""
        self._found, self._over = found, over
        self._refresh()

    def point_at(self, row: int, column: int) -> None:
        """A cell of the map, whose part of the picture is framed; (-1, -1) for the highest."""
        self._cell = (row, column)
        self._show_field()

    def set_strength(self, strength: float) -> None:
        """How opaque that which lies over the picture is, 0 to 1."""
        self._strength = strength
        self._refresh()

    def _refresh(self) -> None:
        seen, heat, found = self._state.last, self._state.heat, self._found
        if seen is None or not self.isVisible():
            return
        whole = QRectF(0, 0, *seen.size)
        if self._over and found is not None:
            self.picture.lay_over(faded(map_image(found.values), self._strength), whole, smooth_cells(found.values))
        elif heat is None:
            self.picture.lay_over(QImage(), whole)
        else:
            self.picture.lay_over(heat_image(heat.values, self._strength), self._on_input(heat.region))
        self._show_field()

    def _show_field(self) -> None:
        """Round what the cell under the pointer sees, or that with the highest value; or round the box."""
        seen, heat, found = self._state.last, self._state.heat, self._found
        field: Rectangle | None = None
        if seen is not None and found is not None:
            cell = self._cell if self._cell != NOWHERE else (found.places[0].row, found.places[0].column)
            field = seen.stations[found.station].stands_for(*cell)
        elif seen is not None and heat is not None and heat.box is not None:
            box = self._on_input(heat.box)
            field = (box.left(), box.top(), box.right(), box.bottom())
        if seen is not None and field is not None:
            wide, high = seen.size
            field = (max(0, field[0]), max(0, field[1]), min(wide, field[2]), min(high, field[3]))
        self.picture.mark(field)

    def _on_input(self, place: Rectangle) -> QRectF:
        """A rectangle of the frame (left, top, right, bottom) in pixels of the input."""
        seen = self._state.last
        assert seen is not None
        left, top, right, bottom = seen.region
        scale_x, scale_y = seen.size[0] / (right - left), seen.size[1] / (bottom - top)
        x0, y0, x1, y1 = place
        return QRectF((x0 - left) * scale_x, (y0 - top) * scale_y, (x1 - x0) * scale_x, (y1 - y0) * scale_y)

    # --- the pointer --------------------------------------------------------------------------------------------

    def show_values(self, column: int, row: int) -> None:
        """Of a pixel of the input, before and after normalisation."""
        seen, self._under = self._state.last, (column, row)
        if column < 0 or seen is None or seen.input is None:
            self.values.set_full_text("")
            return
        pixel = seen.input.pixels[row, column]
        after = seen.input.values[:, row, column]
        self.values.set_full_text(
            tr(
                "x {x}, y {y} · R G B {before} → {after}",
                x=column,
                y=row,
                before=" ".join(str(int(value)) for value in pixel),
                after=" ".join(texts.number(float(value), 3) for value in after),
            )
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.picture and isinstance(event, QMouseEvent) and self._under != NOWHERE:
            pressed = event.type() == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton
            if pressed:
                self._pick_box(*self._under)
        return super().eventFilter(watched, event)

    def _pick_box(self, column: int, line: int) -> None:
        """At a pixel of the input; beside all boxes the surest again."""
        seen, model = self._state.last, self._state.wish.model
        result = self._controller.results.get(model)
        if seen is None or result is None or not isinstance(result.prediction, Detections):
            return
        left, top, right, bottom = seen.region
        x = left + (column + 0.5) * (right - left) / seen.size[0]
        y = top + (line + 0.5) * (bottom - top) / seen.size[1]
        row = box_under(result.prediction, x, y)
        if row is None:
            self._state.ask(classes=(), box=None)
        else:
            ask_for_box(self._controller, model, row)
