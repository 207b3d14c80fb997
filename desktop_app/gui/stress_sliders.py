"""A slider for each way to spoil the picture, in as many columns as there is room for."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from desktop_app.core.stress import CORRUPTIONS, Corruption
from desktop_app.gui import stress_texts, texts
from desktop_app.gui.stress_state import StressState
from desktop_app.gui.widgets import IconButton, LabelledSlider
from desktop_app.i18n import tr

COLUMN = 300
"""Pixels that a slider wants at least, where there are several columns."""


class StressSlider(QWidget):
    """To the right it always gets worse, or goes up."""

    moved = Signal(float)

    def __init__(self, corruption: Corruption) -> None:
        super().__init__()
        self.corruption = corruption
        show = partial(stress_texts.value_text, corruption.key)
        self.value = LabelledSlider("", corruption.low, corruption.high, corruption.step, show, margin=0)
        if corruption.neutral == corruption.high:
            self.value.slider.setInvertedAppearance(True)
            self.value.slider.setInvertedControls(True)
        self.value.set_value(corruption.neutral)
        column = self.value.layout()
        if column is not None:
            column.setContentsMargins(0, 0, 0, 0)  # nine of them, and the window may be low
        self.reset = IconButton("arrow-counter-clockwise")
        self.reset.setEnabled(False)
        self.value.value_changed.connect(self.moved)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.value, 1)
        row.addWidget(self.reset, 0, Qt.AlignmentFlag.AlignBottom)
        texts.follow_language(self, self._retext)

    def _retext(self) -> None:
        name = stress_texts.title(self.corruption.key)
        self.value.set_name(name)
        self.value.setToolTip(stress_texts.explanation(self.corruption.key))
        self.reset.set_text(tr("Reset: {name}", name=name))

    def show_value(self, value: float) -> None:
        self.value.set_value(value)
        self.reset.setEnabled(value != self.corruption.neutral)


class StressSliders(QWidget):
    def __init__(self, state: StressState) -> None:
        super().__init__()
        self._state = state
        self._columns = 0
        self.rows = [StressSlider(corruption) for corruption in CORRUPTIONS]
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(14, 0, 10, 0)
        self._grid.setHorizontalSpacing(20)
        self._grid.setVerticalSpacing(0)
        for row in self.rows:
            key = row.corruption.key
            row.moved.connect(partial(state.set_value, key))
            row.reset.clicked.connect(partial(self._reset, row))
        self._arrange(1)
        state.changed.connect(self.show_values)
        self.show_values()

    def _reset(self, row: StressSlider) -> None:
        had_focus = row.reset.hasFocus()
        self._state.reset(row.corruption.key)
        if had_focus:  # the button is of no more use
            row.value.slider.setFocus(Qt.FocusReason.OtherFocusReason)

    def set_scale(self, scale: float) -> None:
        """Of the text, for the projector."""
        for row in self.rows:
            row.value.set_scale(scale)

    def show_values(self) -> None:
        for row in self.rows:
            row.show_value(self._state.values.value(row.corruption.key))

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        lines = -(-len(self.rows) // columns)
        for place, row in enumerate(self.rows):
            self._grid.addWidget(row, place % lines, place // lines)
        for column in range(3):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(max(1, min(3, self.width() // COLUMN)))
