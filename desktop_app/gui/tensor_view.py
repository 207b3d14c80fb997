"""The input of the network step by step: the very arrays that were inferred, as pictures and as numbers."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop_app.core.explain import HeatMethod
from desktop_app.gui import texts
from desktop_app.gui.explain_parts import save_array
from desktop_app.gui.order_view import OrderView
from desktop_app.gui.session import Session
from desktop_app.gui.step_card import StepCard
from desktop_app.gui.step_picture import StepPicture
from desktop_app.gui.step_texts import formula, other_networks, why_this_size
from desktop_app.gui.steps import (
    FRAME,
    TENSOR,
    Pixel,
    Step,
    lines,
    of_input,
    pixel_rows,
    share,
    steps_of,
    thumbnail,
    to_input,
)
from desktop_app.gui.widgets import IconButton, Label, button
from desktop_app.i18n import tr

_SIDE = 300


class TensorView(QWidget):
    back_wanted = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._controller = session.controller
        self._state = session.controller.explain
        self._steps: list[Step] = []
        self._chosen = TENSOR
        self._at: Pixel | None = None
        self._exact: Pixel | None = None
        self._heat: HeatMethod | None = None
        """What the page of layers goes on with."""
        self.title, self.rate = Label("", "section"), Label("", "small", "muted")
        self.model = QComboBox()
        self.freeze = IconButton("pause-fill", colour="text")
        self.freeze.setCheckable(True)
        self.back = button("", icon_name="tree-structure")
        self.cards = [StepCard() for _ in range(4)]
        self.cards[-1].set_last()
        self.picture = StepPicture()
        self.together, self.apart = QPushButton(), QPushButton()
        self.save = IconButton("floppy-disk", size=20, colour="text")
        self.why, self.formula = Label("", wrap=True), Label("", "small", "muted", wrap=True)
        self.others = Label("", "small", "muted", wrap=True)
        self.values_title, self.place = Label("", "strong"), Label("", "small", "muted", wrap=True)
        self.grid = [[Label("", "small") for _ in range(4)] for _ in range(5)]
        self.order = OrderView(session)
        self._assemble()
        self._connect()
        texts.follow_language(self, self._retext)

    def _assemble(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        for part in (self.model, self.rate, self.freeze, self.back):
            head.addWidget(part)
        cards = QHBoxLayout()
        cards.setSpacing(2)
        for card in self.cards:
            cards.addWidget(card, 1)
        modes = QHBoxLayout()
        modes.setSpacing(8)
        group = QButtonGroup(self)
        for made in (self.together, self.apart):
            made.setCheckable(True)
            group.addButton(made)
            modes.addWidget(made)
        self.together.setChecked(True)
        modes.addStretch(1)
        modes.addWidget(self.save)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addLayout(modes)
        left.addWidget(self.picture, 1)
        body = QHBoxLayout()
        body.setSpacing(14)
        body.addLayout(left, 1)
        body.addWidget(self._side())
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 10, 8, 12)
        whole.setSpacing(10)
        whole.addLayout(head)
        whole.addLayout(cards)
        whole.addLayout(body, 1)

    def _side(self) -> QWidget:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(8)
        numbers = QGridLayout()
        numbers.setHorizontalSpacing(10)
        numbers.setVerticalSpacing(3)
        numbers.setColumnStretch(0, 1)
        for place_ in range(1, 4):
            numbers.setColumnMinimumWidth(place_, 48)
        for row, cells in enumerate(self.grid):
            for place, cell in enumerate(cells):
                if place:
                    cell.setAlignment(Qt.AlignmentFlag.AlignRight)
                if not row or not place:
                    cell.set_colour("muted")
                numbers.addWidget(cell, row, place)
        column.addWidget(self.why)
        column.addWidget(self.formula)
        column.addWidget(self.others)
        column.addSpacing(6)
        column.addWidget(self.values_title)
        column.addWidget(self.place)
        column.addLayout(numbers)
        column.addSpacing(6)
        column.addWidget(self.order)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(content)
        scroll.setFixedWidth(_SIDE)
        self._scroll = scroll
        return scroll

    def set_scale(self, scale: float) -> None:
        """For the projector; all texts are scaled by who asks for it."""
        self._scroll.setFixedWidth(round(_SIDE * min(scale, 1.4)))

    def _connect(self) -> None:
        for place, card in enumerate(self.cards):
            card.chosen.connect(lambda place=place: self.choose(place))
            card.moved.connect(lambda by, place=place: self._move(place + by))
        self.apart.toggled.connect(self.picture.set_apart)
        self.picture.pointed.connect(self._pointed)
        self.freeze.toggled.connect(self._hold)
        in_sight = self._scroll.ensureWidgetVisible
        self.order.answered.connect(lambda: QTimer.singleShot(0, self, lambda: in_sight(self.order.verdict, 0, 12)))
        self.back.clicked.connect(self.back_wanted)
        self.save.clicked.connect(self._save)
        self._state.looked.connect(self._show)
        self._state.changed.connect(self._follow_wish)
        self._controller.source_changed.connect(self._ask)
        self._controller.models_changed.connect(self._list_models)
        self.model.activated.connect(lambda _: self._state.ask(model=self.model.currentData()))

    def _retext(self) -> None:
        self.title.setText(tr("The network’s input, step by step"))
        self.model.setAccessibleName(tr("Model to look into"))
        self.freeze.set_text(tr("Hold this frame"))
        self.back.setText(tr("Layers"))
        self.together.setText(tr("In colour"))
        self.apart.setText(tr("Channels apart"))
        self.values_title.setText(tr("One pixel on its way"))
        self.picture.setAccessibleName(tr("The chosen step"))
        self.picture.setAccessibleDescription(
            tr("Plus and minus zoom, 0 fits, Enter shows numbers, the arrow keys go from pixel to pixel.")
        )
        for cell, text in zip(self.grid[0][1:], ("R", "G", "B"), strict=True):
            cell.setText(text)
        self._show()

    # --- shown and hidden -------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._list_models()
        self.why.setText(tr("The network is being loaded to be looked into…"))
        QTimer.singleShot(0, self, self._ask)  # after the page has said what it wants
        self._show()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():
            self.order.ask.setChecked(False)
            self._state.ask(steps=None, swap=False, heat=self._heat or self._state.wish.heat)
            self._heat = None
            if self._state.last is not None:  # a whole frame is large
                self._state.last = msgspec.structs.replace(self._state.last, steps=None)
            self._steps = []
            self.picture.show_values(None, 0, 1, None)

    def _ask(self) -> None:
        """Of what moves only a small copy of the frame comes, for it would have to come again and again. What nobody
        sees meanwhile is left out, so that there are more looks a second."""
        if not self.isVisible():
            return
        wish = self._state.wish
        if wish.heat is not None and not self._state.keep_heat:
            self._heat = wish.heat
            self._state.ask(heat=None)
        moves = self._controller.phase in ("live", "playing") and not self._state.wish.frozen
        info = self._controller.info
        still = info is not None and info.kind == "image"
        self._state.ask(steps="small" if moves and not still else "whole", tiles=1, filters=False)

    def _list_models(self) -> None:
        """Where several run: whose input it is."""
        keys = list(self._controller.running)
        if [self.model.itemData(place) for place in range(self.model.count())] != keys:
            self.model.clear()
            for key in keys:
                self.model.addItem(key, key)
        if self._state.wish.model in keys:
            self.model.setCurrentIndex(keys.index(self._state.wish.model))
        self.model.setVisible(len(keys) > 1)

    def _hold(self, on: bool) -> None:
        self._state.ask(frozen=on)
        self._ask()

    def _follow_wish(self) -> None:
        self._list_models()
        blocked = self.freeze.blockSignals(True)
        self.freeze.setChecked(self._state.wish.frozen)
        self.freeze.blockSignals(blocked)

    # --- what came --------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        seen = self._state.last
        if not self.isVisible() or seen is None or seen.steps is None or seen.input is None:
            return
        rate = texts.fps(self._state.rate)
        moving = self._controller.phase in ("live", "playing") and not self._state.wish.frozen
        took = texts.milliseconds(seen.milliseconds)
        self.rate.setText(tr("{rate} looks/s · {time}", rate=rate, time=took) if moving else took)
        self._steps = steps_of(seen, seen.steps, seen.input)
        for place, (card, step) in enumerate(zip(self.cards, self._steps, strict=True)):
            card.set_on(place == self._chosen)
            card.show_step(thumbnail(step), share(step), lines(step))
        self.why.setText(why_this_size(seen, seen.steps))
        self.formula.setText(formula(seen.steps))
        self.others.setText(other_networks(seen.model))
        self.order.show_answers(seen)
        self._show_chosen()

    def choose(self, place: int) -> None:
        self._chosen = place
        for index, card in enumerate(self.cards):
            card.set_on(index == place)
        self._show_chosen()

    def _move(self, place: int) -> None:
        if 0 <= place < len(self.cards):
            self.cards[place].setFocus()
            self.choose(place)

    def _show_chosen(self) -> None:
        if not self._steps:
            return
        step = self._steps[self._chosen]
        self.save.setEnabled(step.values is not None and (self._chosen != FRAME or self._frame_whole))
        why_not = tr("The frame itself is here while the picture rests.")
        self.save.set_text(tr("Save as .npy…") if self.save.isEnabled() else why_not)
        self.picture.show_values(step.values, step.low, step.high, step.frame)
        self._show_values()

    @property
    def _frame_whole(self) -> bool:
        seen = self._state.last
        return seen is not None and seen.steps is not None and seen.steps.whole

    # --- one pixel --------------------------------------------------------------------------------------------------

    def _pointed(self, column: int, row: int) -> None:
        """Kept as a pixel of the input, whichever step it is of."""
        seen = self._state.last
        if not self._steps or seen is None or seen.steps is None:
            return
        self._at = to_input(self._chosen, (column, row), seen, seen.steps)
        self._exact = (column, row) if self._chosen == FRAME and seen.steps.whole else None
        self._show_values()

    def _show_values(self) -> None:
        seen = self._state.last
        rows: list[tuple[str, list[str]]] = [("", [])] * 4
        if self._at is None or seen is None or seen.steps is None or seen.input is None:
            self.place.setText(tr("Point at a pixel."))
        else:
            x, y = self._at
            rows = pixel_rows(self._at, seen, seen.steps, self._exact)
            inside = 0 <= x < seen.size[0] and 0 <= y < seen.size[1]
            cut_off = tr("Cut off: the network does not see this pixel.")
            self.place.setText(tr("x {x}, y {y} of the input", x=x, y=y) if inside else cut_off)
            exact = self._exact if self._chosen == FRAME else None
            self.picture.mark(exact or of_input(self._chosen, self._at, seen, seen.steps))
        for cells, (caption, numbers) in zip(self.grid[1:], rows, strict=True):
            cells[0].setText(caption)
            for place, cell in enumerate(cells[1:]):
                cell.setText(numbers[place] if numbers else "")

    def _save(self) -> None:
        step, seen = self._steps[self._chosen], self._state.last
        if step.values is None or seen is None or seen.input is None:
            return
        # The tensor as the network takes it: channels first.
        values = seen.input.values if self._chosen == TENSOR else step.values
        name = f"{seen.model}-{step.name}.npy"
        path, _ = QFileDialog.getSaveFileName(self, tr("Save the tensor"), name, "NumPy (*.npy)")
        if path:
            save_array(self._session, path if path.endswith(".npy") else f"{path}.npy", values)
