"""What the network sees: the picture as it gets it, what counts for the answer, and its maps layer by layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLayout,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop_app.gui import texts
from desktop_app.gui.before_network import BeforeNetwork
from desktop_app.gui.heat_controls import HeatControls
from desktop_app.gui.ladder_view import LadderView
from desktop_app.gui.looked_at import LookedAt
from desktop_app.gui.map_card import MapCard
from desktop_app.gui.map_pair import MapPair
from desktop_app.gui.projecting import PROJECTOR_SCALE, scale_texts
from desktop_app.gui.session import Session
from desktop_app.gui.widgets import ElidedLabel, IconButton, Label
from desktop_app.i18n import tr

if TYPE_CHECKING:
    from desktop_app.gui.tensor_view import TensorView

ROOMY = 1000
"""Width in pixels that the page needs at the usual size of text."""
LEFT = 0.3
"""Share of the width that the picture has at first, in a wide window."""

Key = tuple[int, int]
"""Station and channel of a map."""


class ExplainPage(QWidget):
    steps_toggled = Signal()
    """The input step by step, or the layers again."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._controller = session.controller
        self._state = session.controller.explain
        self._chosen: Key | None = None
        self._second: Key | None = None
        self._compares = False
        self._on_picture = False
        self._shows_soon = self._laid_out = self._projected = False
        self.setObjectName("explain")
        self.title, self.input_size = Label("", "section"), Label("", "body", "muted")
        self.model = QComboBox()
        self.looked = LookedAt(session.controller)
        self.heat = HeatControls(session)
        self.card, self.pair = MapCard(session), MapPair()
        self.steps = BeforeNetwork(session)
        self.pages = QStackedWidget()
        self._tensors: TensorView | None = None
        self._scale = 1.0
        self.layers_title, self.order = Label("", "section"), ElidedLabel("", "small", "muted")
        self.rate = Label("", "small", "muted")
        self.freeze, self.save = IconButton("pause-fill", colour="text"), IconButton("export", colour="text")
        self.freeze.setCheckable(True)
        self.ladder = LadderView()
        self._assemble()
        self._connect()
        texts.follow_language(self, self._retext)

    def _assemble(self) -> None:
        column = QVBoxLayout()
        column.setContentsMargins(16, 10, 12, 12)
        column.setSpacing(8)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.input_size)
        column.addLayout(head)
        column.addWidget(self.model)
        column.addWidget(self.looked, 1)
        for part in (self.heat, self.card, self.pair, self.steps):
            column.addWidget(part)
        self.model.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.model.setMinimumContentsLength(8)
        self.side = _scrolling(column)
        self.side.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.side.setMinimumWidth(320)
        bar = QHBoxLayout()
        bar.addWidget(self.layers_title)
        bar.addWidget(self.order, 1)
        for button in (self.rate, self.freeze, self.save):
            bar.addWidget(button)
        rungs = QVBoxLayout()
        rungs.setContentsMargins(0, 0, 0, 0)
        rungs.addWidget(self.ladder)
        layers = QVBoxLayout()
        layers.setContentsMargins(12, 10, 16, 12)
        layers.setSpacing(8)
        layers.addLayout(bar)
        layers.addWidget(_scrolling(rungs), 1)
        right = QWidget()
        right.setLayout(layers)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.addWidget(self.side)
        self.split.addWidget(right)
        self.split.setStretchFactor(1, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        self.pages.addWidget(self.split)
        whole.addWidget(self.pages)

    def toggle_steps(self) -> None:
        """The input step by step instead of the layers, and back."""
        if self._tensors is None:
            from desktop_app.gui.tensor_view import TensorView

            self._tensors = TensorView(self._session)
            self._tensors.back_wanted.connect(self.toggle_steps)
            self.pages.addWidget(self._tensors)
            scale_texts(self._tensors, self._scale)
            self._tensors.set_scale(self._scale)
        self.pages.setCurrentIndex(0 if self.pages.currentIndex() else 1)
        self.freeze.setChecked(self._state.wish.frozen)
        if not self.steps_shown:
            self._refresh_models()
        self.steps_toggled.emit()

    @property
    def steps_shown(self) -> bool:
        return bool(self.pages.currentIndex())

    def _connect(self) -> None:
        state = self._state
        state.looked.connect(self._show_looked)
        state.saved.connect(self._tell_saved)
        state.changed.connect(self._show_ladder)
        self.ladder.chosen.connect(self.choose_map)
        self.ladder.opened.connect(lambda place: state.ask(opened=None if place < 0 else place))
        self.ladder.room_changed.connect(self._ask_for_tiles)
        self.heat.strength_changed.connect(lambda: self.looked.set_strength(self.heat.strength.value()))
        self.model.activated.connect(lambda _: state.ask(model=self.model.currentData()))
        self.freeze.toggled.connect(lambda on: state.ask(frozen=on))
        self.save.clicked.connect(self._save_all)
        self.card.on_picture.connect(self._lay_on_picture)
        self.card.compares.connect(self._compare)
        self.card.pointed.connect(self.looked.point_at)
        self.card.closed.connect(lambda: self.choose_map(-1, -1))
        self.pair.closed.connect(lambda: self._compare(False))
        self.steps.step_by_step.clicked.connect(self.toggle_steps)
        self._controller.models_changed.connect(self._refresh_models)

    def _retext(self) -> None:
        self.title.setText(tr("What the network looks at"))
        self.layers_title.setText(tr("Layer by layer"))
        self.order.set_full_text(tr("Most active maps first"))
        self.freeze.set_text(tr("Hold this frame"))
        self.save.set_text(tr("Save all that was computed of this frame…"))
        self.model.setAccessibleName(tr("Model to look into"))
        self._show_looked()

    def set_scale(self, scale: float) -> None:
        """For the projector: as large as there is room for the columns beside each other."""
        self._projected = scale != 1.0
        self._fit_texts()

    def _fit_texts(self) -> None:
        scale = round(min(PROJECTOR_SCALE, max(1.0, self.width() / ROOMY)), 1) if self._projected else 1.0
        if scale != self._scale:
            self._scale = scale
            scale_texts(self, scale)
            self.side.setMinimumWidth(round(320 * scale))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_texts()

    # --- shown and hidden ---------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._laid_out:
            self._laid_out = True
            left = max(400, round(LEFT * self.width()))
            self.split.setSizes([left, self.width() - left])
        self._refresh_models()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if event.spontaneous():
            return
        self.freeze.setChecked(False)
        self._chosen = self._second = None
        self._compares = self._on_picture = False
        # The heat map may go on over the picture.
        if self._state.wish.heat is not None and self._state.keep_heat:
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
        self._state.ask(model=key, tiles=self.ladder.tiles, input=True, filters=True, heat=heat)

    # --- what came ----------------------------------------------------------------------------------------------

    def _show_looked(self) -> None:
        seen = self._state.last
        self._show_ladder()
        if seen is None or not self.isVisible():
            return
        self.input_size.setText(texts.size(*seen.size))
        self.looked.show_input()
        took = texts.milliseconds(seen.milliseconds)
        moving = self._controller.phase in ("live", "playing")
        self.rate.setText(
            tr("{rate} looks/s · {time}", rate=texts.fps(self._state.rate), time=took) if moving else took
        )
        self.heat.refresh()
        self.steps.refresh()
        self._show_maps()

    def _show_ladder(self) -> None:
        chosen = tuple(key for key in (self._chosen, self._second) if key is not None)
        self.ladder.show_maps(self._state.last if self.isVisible() else None, chosen, self._state.wish.opened)

    def _show_maps(self) -> None:
        """The chosen map, or two, and what a cell sees."""
        seen, found, second = self._state.last, self._state.find(self._chosen), self._state.find(self._second)
        self.card.show_map(seen, found, self._on_picture, self._compares or self._second is not None)
        self.pair.show_maps(seen, found, second)
        self.looked.show_map(found, self._on_picture)
        if self._shows_soon and found is not None and (self._second is None or second is not None):
            self._bring_into_sight()

    # --- what the user chooses ----------------------------------------------------------------------------------

    def choose_map(self, station: int, channel: int, second: bool = False) -> None:
        """A map to be shown large, or to be compared with the one before; (-1, -1) for none."""
        key = None if station < 0 else (station, channel)
        if (second or self._compares) and self._chosen is not None and key is not None:
            self._second = None if key == self._chosen else key
            self._compares = False
        else:
            self._chosen = key
        if self._chosen is None:
            self._on_picture = self._compares = False
            self._second = None
        self.looked.point_at(-1, -1)
        self._ask_for_maps()
        # What was asked for is not to be searched for, where the column is longer than the window is high.
        if key is not None and self._state.find(key) is not None:
            self._bring_into_sight()
        else:
            self._shows_soon = key is not None

    def _bring_into_sight(self) -> None:
        """The card of the map, or the two, once they are laid out."""
        self._shows_soon = False
        wanted = self.pair if self._second is not None else self.card
        QTimer.singleShot(0, wanted, lambda: self.side.ensureWidgetVisible(wanted, 0, 8))

    def _compare(self, on: bool) -> None:
        """The next map that is chosen is compared with this one; or no longer."""
        self._compares = on
        self._second = None
        self._ask_for_maps()

    def _ask_for_tiles(self) -> None:
        """As many as there is room for, while the page is open."""
        if self._state.wish.tiles:
            self._state.ask(tiles=self.ladder.tiles)

    def _ask_for_maps(self) -> None:
        self._state.ask(maps=tuple(key for key in (self._chosen, self._second) if key is not None))
        self._show_ladder()
        self._show_maps()

    def _lay_on_picture(self, on: bool) -> None:
        self._on_picture = on
        self._show_maps()

    def _save_all(self) -> None:
        seen = self._state.last
        if seen is None:
            return
        name = f"{seen.model}-{seen.frame_index}.npz"
        path, _ = QFileDialog.getSaveFileName(self, self.save.toolTip().rstrip("…"), name, "NumPy (*.npz)")
        if path:
            self._state.save(path)

    def _tell_saved(self, path: str, trouble: str) -> None:
        if trouble:
            self._session.notifier.error(tr("{path} could not be written: {reason}.", path=path, reason=trouble))
        else:
            self._session.notifier.tell("success", tr("Saved"), path)


def _scrolling(content: QLayout) -> QScrollArea:
    inside = QWidget()
    inside.setLayout(content)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setWidget(inside)
    return area
