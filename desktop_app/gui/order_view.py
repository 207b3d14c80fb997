"""The order of the colours: which channel the network gets first, and what it would answer if it were the other one.

A model that learnt from blue-green-red pictures and gets red-green-blue ones still answers, only worse; from its
answers alone nobody sees why. So it is asked both ways about the very same input.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from desktop_app.core.input_steps import Answer
from desktop_app.gui import texts
from desktop_app.gui.batch_model import name_of
from desktop_app.gui.session import Session
from desktop_app.gui.step_texts import order_verdict
from desktop_app.gui.widgets import ElidedLabel, Label, button
from desktop_app.i18n import tr, tr_class
from desktop_app.recogniser import messages as m

SHOWN = 3


class OrderView(QWidget):
    answered = Signal()
    """The first answers since the question are there."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._state = session.controller.explain
        self._looks = self._red = 0
        self._last: tuple[str, float] = ("", 0.0)
        self._seen: m.Explained | None = None
        self.title, self.words = Label("", "strong"), Label("", "small", "muted", wrap=True)
        self.ask = button("", icon_name="arrows-left-right")
        self.ask.setCheckable(True)
        self.ask.toggled.connect(self._toggle)
        self.heads = ElidedLabel("", "caption", "muted"), ElidedLabel("", "caption", "muted")
        self.rows = [[(ElidedLabel("", "small"), Label("", "small")) for _ in range(SHOWN)] for _ in range(2)]
        self.verdict = Label("", "small", wrap=True)
        self.table = QWidget()
        grid = QGridLayout(self.table)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(2)
        for column, (head, rows) in zip((0, 3), zip(self.heads, self.rows, strict=True), strict=True):
            grid.addWidget(head, 0, column, 1, 2)
            grid.setColumnStretch(column, 1)
            for line, (name, value) in enumerate(rows, 1):
                value.setAlignment(Qt.AlignmentFlag.AlignRight)
                grid.addWidget(name, line, column)
                grid.addWidget(value, line, column + 1)
        grid.setColumnMinimumWidth(2, 10)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        for part in (self.title, self.words, self.ask, self.table, self.verdict):
            whole.addWidget(part)
        self.table.hide()
        self.verdict.hide()
        texts.follow_language(self, self._retext)

    def _retext(self) -> None:
        self.title.setText(tr("Order of the colours"))
        self.words.setText(tr("This network gets red, green, blue: channel 0 is red."))
        self.ask.setText(tr("What if blue came first?"))
        for head, text in zip(self.heads, (tr("Red first, as now"), tr("Blue first")), strict=True):
            head.set_full_text(text)
        if self._seen is not None:
            self._show(self._seen)

    def _toggle(self, on: bool) -> None:
        self._looks = self._red = 0
        self._state.ask(swap=on)
        if not on:
            self.table.hide()
            self.verdict.hide()

    def show_answers(self, seen: m.Explained) -> None:
        steps = seen.steps
        if steps is None or not self.ask.isChecked() or not (steps.swapped or steps.answers):
            return
        if seen.number < self._state.wish.number:
            return  # of before the question
        if (seen.model, seen.captured_at) != self._last or not self._looks:
            if seen.model != self._last[0]:
                self._looks = self._red = 0
            self._last = (seen.model, seen.captured_at)
            self._looks += 1
            self._red += _best(steps.answers) >= _best(steps.swapped)
        self._seen = seen
        self._show(seen)

    def _show(self, seen: m.Explained) -> None:
        steps = seen.steps
        assert steps is not None
        names = self._session.controller.names.get(seen.model, ())
        for rows, answers in zip(self.rows, (steps.answers, steps.swapped), strict=True):
            for place, (name, value) in enumerate(rows):
                known = place < len(answers)
                name.set_full_text(tr_class(name_of(names, answers[place].class_id)) if known else "")
                value.setText(texts.number(answers[place].value, 2) if known else "")
            if not answers:
                rows[0][0].set_full_text(tr("nothing"))
        self.verdict.setText(order_verdict(steps.answers, steps.swapped, self._red, self._looks))
        first = self.table.isHidden()
        self.table.show()
        self.verdict.show()
        if first:
            self.answered.emit()


def _best(answers: tuple[Answer, ...]) -> float:
    return answers[0].value if answers else 0.0
