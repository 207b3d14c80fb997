"""What stands above a comparison: how it is shown, how fast it goes, and whether it is of now."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop_app.core.comparing import MOST_SIDES
from desktop_app.gui.texts import follow_language
from desktop_app.gui.widgets import IconButton, Label, button
from desktop_app.i18n import tr


class CompareBar(QWidget):
    """Title, rate, how the models stand, another model, and the way out."""

    def __init__(self) -> None:
        super().__init__()
        self._view, self._count = "beside", 2
        self.title, self.pace = Label("", "section"), Label("", "small", "muted")
        self.beside = IconButton("columns", size=20, colour="text")
        self.split = IconButton("square-half", size=20, colour="text")
        self.only, self.add = button(), button("", "", "plus")
        for each in (self.beside, self.split, self.only):
            each.setCheckable(True)
        for each in (self.only, self.add):
            each.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # by a click it would take Space from the pause
        self.close_ = IconButton("x", colour="text")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.title)
        row.addWidget(self.pace)
        row.addStretch(1)
        for part in (self.only, self.beside, self.split, self.add, self.close_):
            row.addWidget(part)
        follow_language(self, self._retext)

    def _retext(self) -> None:
        self.title.setText(tr("Compare"))
        self.only.setText(tr("Only differences"))
        self.only.setToolTip(tr("Draw only the boxes that the other model does not have"))
        self.beside.set_text(tr("Side by side"))
        self.add.setText(tr("Add a model"))
        self.close_.set_text(tr("Back to the picture"))
        self.show_state(self._view, self._count)

    def show_pace(self, text: str, *, lost: bool) -> None:
        self.pace.setText(text)
        self.pace.set_colour("warning" if lost else "muted")

    def show_state(self, view: str, count: int) -> None:
        """`count`: of models."""
        self._view, self._count = view, count
        two = count == 2
        self.beside.setChecked(view == "beside" or not two)
        self.split.setChecked(view == "split" and two)
        self.split.setEnabled(two)
        self.split.set_text(tr("Split by a line") if two else tr("Split by a line: for two models"))
        self.add.setEnabled(count < MOST_SIDES)
        self.add.setToolTip("" if count < MOST_SIDES else tr("Four models at most"))


class CompareBanner(QWidget):
    """Says that what is seen is not the newest frame."""

    def __init__(self) -> None:
        super().__init__()
        self.text, self.back = Label("", "strong"), button("", "link")
        self.back.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 2, 4, 2)
        row.addWidget(self.text)
        row.addStretch(1)
        row.addWidget(self.back)
        self.setBackgroundRole(QPalette.ColorRole.Highlight)
        self.setAutoFillBackground(True)
        self.hide()
        follow_language(self, lambda: self.back.setText(tr("Back to the newest frame")))

    def show_text(self, text: str) -> None:
        self.text.setText(text)
        self.show()
