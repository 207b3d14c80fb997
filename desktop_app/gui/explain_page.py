"""What the network sees: the picture as it gets it, what counts for the answer, and its maps layer by layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QImage, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop_app.core.explain import Heat, HeatMethod
from desktop_app.core.results import Classification, Detections
from desktop_app.gui import texts
from desktop_app.gui.batch_model import name_of
from desktop_app.gui.explain_parts import ColourScale, method_title, save_array
from desktop_app.gui.input_view import InputView, smooth_cells
from desktop_app.gui.ladder_view import TILES, LadderView, station_title
from desktop_app.gui.map_card import MapCard
from desktop_app.gui.session import Session
from desktop_app.gui.widgets import ElidedLabel, IconButton, Label, LabelledSlider, button
from desktop_app.i18n import tr, tr_class
from desktop_app.render.heat import faded, heat_image, map_image

if TYPE_CHECKING:
    from desktop_app.gui.tensor_view import TensorView

LISTED = 20
"""Classes that the picker of the heat map offers, the surest first; all others by typing."""


class ExplainPage(QWidget):
    left_wanted = Signal()
    """Back to the picture."""
    steps_toggled = Signal()
    """The input step by step, or the layers again."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._controller = session.controller
        self._state = session.controller.explain
        self._chosen: tuple[int, int] | None = None
        self._on_picture = False
        self._classes: list[int] = []
        self.setObjectName("explain")
        self.title = Label("", "section")
        self.input_size = Label("", "body", "muted")
        self.model = QComboBox()
        self.picture = InputView()
        self.scale = ColourScale()
        self.class_picker, self.method = QComboBox(), QComboBox()
        self.strength = LabelledSlider("", 0.0, 1.0, 0.05, lambda value: texts.percent(value, 0), margin=0)
        self.strength.set_value(0.6)
        self.values = ElidedLabel("", "small", "muted")
        self.trouble = Label("", "small", "danger", wrap=True)
        self.trouble.hide()
        self.card = MapCard(self._state)
        self.steps = QGridLayout()
        self.steps_title = Label("", "strong")
        self.save_input = button("", "", "export")
        self.step_by_step = button("", "", "eyedropper")
        self.pages = QStackedWidget()
        self._tensors: TensorView | None = None
        self.layers_title, self.order = Label("", "section"), Label("", "small", "muted")
        self.freeze = IconButton("pause-fill", colour="text")
        self.freeze.setCheckable(True)
        self.rate = Label("", "small", "muted")
        self.ladder = LadderView()
        self._assemble()
        self._connect()
        # Twice a second is enough for what is read.
        self._clock = QTimer(self, interval=500)
        self._clock.timeout.connect(self._refresh_choices)
        texts.follow_language(self, self._retext)

    def _assemble(self) -> None:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(16, 10, 12, 12)
        column.setSpacing(8)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.input_size)
        column.addLayout(head)
        column.addWidget(self.model)
        column.addWidget(self.picture, 1)
        column.addWidget(self.values)
        column.addWidget(self.scale)
        column.addWidget(self.class_picker)
        column.addWidget(self.method)
        column.addWidget(self.strength)
        column.addWidget(self.trouble)
        column.addWidget(self.card)
        column.addWidget(self.steps_title)
        self.steps.setColumnStretch(1, 1)
        self.steps.setVerticalSpacing(2)
        column.addLayout(self.steps)
        for pressed in (self.step_by_step, self.save_input):
            column.addWidget(pressed, 0, Qt.AlignmentFlag.AlignLeft)
        for picker in (self.class_picker, self.method, self.model):
            picker.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            picker.setMinimumContentsLength(8)
        side = QScrollArea()
        side.setWidgetResizable(True)
        side.setFrameShape(QScrollArea.Shape.NoFrame)
        side.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        side.setWidget(left)
        side.setMinimumWidth(320)

        right = QWidget()
        layers = QVBoxLayout(right)
        layers.setContentsMargins(12, 10, 16, 12)
        layers.setSpacing(8)
        bar = QHBoxLayout()
        bar.addWidget(self.layers_title, 1)
        for part in (self.rate, self.order, self.freeze):
            bar.addWidget(part)
        layers.addLayout(bar)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setWidget(self.ladder)
        layers.addWidget(scroll, 1)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(side)
        split.addWidget(right)
        split.setStretchFactor(1, 1)
        split.setSizes([400, 700])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        self.pages.addWidget(split)
        whole.addWidget(self.pages)

    def toggle_steps(self) -> None:
        """The input step by step instead of the layers, and back."""
        if self._tensors is None:
            from desktop_app.gui.tensor_view import TensorView

            self._tensors = TensorView(self._session)
            self._tensors.back_wanted.connect(self.toggle_steps)
            self.pages.addWidget(self._tensors)
        self.pages.setCurrentIndex(0 if self.pages.currentIndex() else 1)
        self.freeze.setChecked(self._state.wish.frozen)
        self.steps_toggled.emit()

    @property
    def steps_shown(self) -> bool:
        return bool(self.pages.currentIndex())

    def _connect(self) -> None:
        state = self._state
        state.looked.connect(self._show_looked)
        state.heated.connect(self._show_over)
        state.failed.connect(self._show_trouble)
        state.changed.connect(lambda: self.ladder.show_maps(state.last, self._chosen, state.wish.opened))
        self.ladder.chosen.connect(self.choose_map)
        self.ladder.opened.connect(lambda place: state.ask(opened=None if place < 0 else place))
        self.strength.value_changed.connect(lambda _: self._show_over())
        self.method.activated.connect(self._method_chosen)
        self.class_picker.activated.connect(self._class_chosen)
        self.model.activated.connect(lambda _: state.ask(model=self.model.currentData()))
        self.freeze.toggled.connect(lambda on: state.ask(frozen=on))
        self.picture.pointed.connect(self._show_values)
        self.card.on_picture.connect(self._toggle_on_picture)
        self.card.closed.connect(lambda: self.choose_map(-1, -1))
        self.save_input.clicked.connect(self._save_input)
        self.step_by_step.clicked.connect(self.toggle_steps)
        self._controller.models_changed.connect(self._refresh_models)

    def _retext(self) -> None:
        self.title.setText(tr("What the network looks at"))
        self.layers_title.setText(tr("Layer by layer"))
        self.order.setText(tr("Most active maps first"))
        self.freeze.set_text(tr("Hold this frame"))
        self.strength.set_name(tr("Strength"))
        self.model.setAccessibleName(tr("Model to look into"))
        self.class_picker.setAccessibleName(tr("Class whose evidence is shown"))
        self.method.setAccessibleName(tr("Method of the heat map"))
        self.picture.setAccessibleName(tr("The network’s input"))
        self.steps_title.setText(tr("Before the network"))
        self.save_input.setText(tr("Save the tensor…"))
        self.step_by_step.setText(tr("Step by step"))
        self._refresh_methods()
        self._show_looked()

    # --- shown and hidden ---------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh_models()
        self._clock.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._clock.stop()
        if not event.spontaneous():
            self.freeze.setChecked(False)
            self._chosen, self._on_picture = None, False
            # The heat map may go on over the picture.
            keep = self._state.wish.heat is not None and self._state.keep_heat
            if keep:
                self._state.ask(tiles=0, input=False, filters=False, maps=(), opened=None, frozen=False)
            else:
                self._state.close()

    def _refresh_models(self) -> None:
        running = list(self._controller.running.values())
        keys = [model.key for model in running]
        if [self.model.itemData(place) for place in range(self.model.count())] != keys:
            self.model.clear()
            for key in keys:
                self.model.addItem(key, key)
        self.model.setVisible(len(keys) > 1)
        if not self.isVisible() or not keys:
            return
        wish = self._state.wish
        key = wish.model
        if key not in keys:
            key = next((model.key for model in running if model.task == "classify"), keys[0])
        self.model.setCurrentIndex(keys.index(key))
        heat = wish.heat
        if key != wish.model or not wish.tiles:  # opened, or another model: what is quick is there at once
            heat = heat or ("influence" if self._controller.running[key].task == "classify" else None)
        self._state.ask(model=key, tiles=TILES, input=True, filters=True, heat=heat)

    # --- what came ----------------------------------------------------------------------------------------------

    def _show_looked(self) -> None:
        seen = self._state.last
        if seen is None or not self.isVisible():
            self.ladder.show_maps(None, None, None)
            return
        self.trouble.hide()
        self.input_size.setText(texts.size(*seen.size))
        if seen.input is not None:
            self.picture.show_input(seen.input.pixels)
        self.ladder.show_maps(seen, self._chosen, self._state.wish.opened)
        rate = self._state.rate
        took = texts.milliseconds(seen.milliseconds)
        moving = self._controller.phase in ("live", "playing")
        self.rate.setText(tr("{rate} looks/s · {time}", rate=texts.fps(rate), time=took) if moving else took)
        self._refresh_methods()
        self._show_steps()
        self._show_card()
        self._show_over()

    def _show_card(self) -> None:
        seen = self._state.last
        found = None
        if seen is not None and self._chosen is not None:
            found = next((one for one in seen.maps if (one.station, one.channel) == self._chosen), None)
        self.card.show_map(seen, found, self._on_picture)
        if seen is None or found is None:
            self.picture.mark(None)
        else:
            self.picture.mark(seen.stations[found.station].seen_by(*found.peak))

    def _show_over(self) -> None:
        """The heat map, or the chosen map, over the input."""
        seen = self._state.last
        if seen is None:
            return
        whole = QRectF(0, 0, *seen.size)
        if self._on_picture and self._chosen is not None:
            found = next((one for one in seen.maps if (one.station, one.channel) == self._chosen), None)
            if found is not None:
                image = faded(map_image(found.values), self.strength.value())
                self.picture.lay_over(image, whole, smooth_cells(found.values))
            return
        heat = self._state.heat
        if heat is None:
            self.picture.lay_over(QImage(), whole)
            return
        image = heat_image(heat.values, self.strength.value())
        self.picture.lay_over(image, self._place_of(heat))

    def _place_of(self, heat: Heat) -> QRectF:
        """From pixels of the frame to pixels of the input."""
        seen = self._state.last
        assert seen is not None
        left, top, right, bottom = seen.region
        scale_x, scale_y = seen.size[0] / (right - left), seen.size[1] / (bottom - top)
        x0, y0, x1, y1 = heat.region
        return QRectF((x0 - left) * scale_x, (y0 - top) * scale_y, (x1 - x0) * scale_x, (y1 - y0) * scale_y)

    def _show_trouble(self, message: str, hint: str) -> None:
        self.trouble.setText(f"{message} {hint}".strip())
        self.trouble.show()

    def _show_values(self, column: int, row: int) -> None:
        seen = self._state.last
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

    def _show_steps(self) -> None:
        seen, info = self._state.last, self._controller.info
        if seen is None or seen.input is None:
            return
        left, top, right, bottom = seen.region
        values = seen.input.values
        cut = tr(
            "{width}×{height} at {x}, {y}",
            width=round(right - left),
            height=round(bottom - top),
            x=texts.number(left),
            y=texts.number(top),
        )
        rows = [
            (tr("Picture"), texts.size(info.width, info.height) if info is not None and info.width else "–"),
            (tr("Letterbox") if left < 0 or top < 0 else tr("Cut"), cut),
            (tr("Scaled"), texts.size(*seen.size)),
            (
                tr("Values"),
                f"{texts.number(float(values.min()), 2)} … {texts.number(float(values.max()), 2)}",
            ),
        ]
        for place, (name, value) in enumerate(rows):
            for column, text in enumerate((name, value)):
                item = self.steps.itemAtPosition(place, column)
                label = item.widget() if item is not None else None
                if not isinstance(label, Label):
                    label = Label("", "small", "text" if column else "muted")
                    if column:
                        label.setAlignment(Qt.AlignmentFlag.AlignRight)
                    self.steps.addWidget(label, place, column)
                label.setText(text)

    # --- what the user chooses ----------------------------------------------------------------------------------

    def choose_map(self, station: int, channel: int) -> None:
        """A map to be shown large; (-1, -1) for none."""
        self._chosen = None if station < 0 else (station, channel)
        if self._chosen is None:
            self._on_picture = False
        self._state.ask(maps=() if self._chosen is None else (self._chosen,))
        self.ladder.show_maps(self._state.last, self._chosen, self._state.wish.opened)
        self._show_card()
        self._show_over()

    def _toggle_on_picture(self, on: bool) -> None:
        self._on_picture = on
        self._show_over()

    def _refresh_methods(self) -> None:
        seen = self._state.last
        methods: list[HeatMethod | None] = [*(seen.methods if seen is not None else ()), None]
        shown = [self.method.itemData(place) for place in range(self.method.count())]
        titles = [method_title(method) for method in methods]
        if shown == methods and [self.method.itemText(i) for i in range(self.method.count())] == titles:
            return
        self.method.clear()
        for method, title in zip(methods, titles, strict=True):
            self.method.addItem(title, method)
        if self._state.wish.heat in methods:
            self.method.setCurrentIndex(methods.index(self._state.wish.heat))

    def _method_chosen(self, place: int) -> None:
        self._state.ask(heat=self.method.itemData(place))

    def _refresh_choices(self) -> None:
        """The classes that the model is surest of now, in the picker of the heat map."""
        if self.class_picker.view().isVisible():
            return  # somebody reads it
        wish = self._state.wish
        result = self._controller.results.get(wish.model)
        names = self._controller.names.get(wish.model, ())
        if result is None:
            return
        if isinstance(result.prediction, Classification):
            ids = result.prediction.top(LISTED)
        else:
            ids = _surest_classes(result.prediction)
        if wish.class_id is not None and wish.class_id not in ids:
            ids.append(wish.class_id)
        surest = tr("The surest")
        if ids == self._classes and self.class_picker.itemText(0) == surest:
            return
        self._classes = ids
        self.class_picker.clear()
        self.class_picker.addItem(surest, None)
        for class_id in ids:
            self.class_picker.addItem(tr_class(name_of(names, class_id)), class_id)
        if wish.class_id is not None:
            self.class_picker.setCurrentIndex(1 + ids.index(wish.class_id))

    def _class_chosen(self, place: int) -> None:
        self._state.ask(class_id=self.class_picker.itemData(place))

    def _save_input(self) -> None:
        seen = self._state.last
        if seen is None or seen.input is None:
            return
        values = seen.input.values
        path, _ = QFileDialog.getSaveFileName(self, tr("Save the tensor"), f"{seen.model}-input.npy", "NumPy (*.npy)")
        if path:
            save_array(self._session, path, values)

    def station_title(self, place: int) -> str:
        seen = self._state.last
        return station_title(seen.stations, place) if seen is not None else ""


def _surest_classes(found: Detections) -> list[int]:
    return [int(class_id) for class_id in dict.fromkeys(found.class_id.tolist())]
