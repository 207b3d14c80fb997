"""What becomes of the picture before the network gets it, and the tensor for NumPy."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QGridLayout, QVBoxLayout, QWidget

from desktop_app.gui import texts
from desktop_app.gui.explain_parts import save_array
from desktop_app.gui.session import Session
from desktop_app.gui.widgets import Label, button
from desktop_app.i18n import tr


class BeforeNetwork(QWidget):
    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._controller, self._state = session.controller, session.controller.explain
        self.title = Label("", "strong")
        self.step_by_step, self.save = button("", "", "eyedropper"), button("", "", "export")
        self._scale = 1.0
        self._grid = QGridLayout()
        self._grid.setColumnStretch(1, 1)
        self._grid.setVerticalSpacing(2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.title)
        column.addLayout(self._grid)
        for pressed in (self.step_by_step, self.save):
            column.addWidget(pressed, 0, Qt.AlignmentFlag.AlignLeft)
        self.save.clicked.connect(self._save)
        texts.follow_language(self, self._retext)

    def _retext(self) -> None:
        self.title.setText(tr("Before the network"))
        self.step_by_step.setText(tr("Step by step"))
        self.save.setText(tr("Save the tensor…"))
        self.refresh()

    def set_scale(self, scale: float) -> None:
        """For the projector: of rows that are yet to come; those that are there scale themselves."""
        self._scale = scale

    def refresh(self) -> None:
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
                item = self._grid.itemAtPosition(place, column)
                label = item.widget() if item is not None else None
                if not isinstance(label, Label):
                    label = Label("", "small", "text" if column else "muted", scale=self._scale)
                    if column:
                        label.setAlignment(Qt.AlignmentFlag.AlignRight)
                    self._grid.addWidget(label, place, column)
                label.setText(text)

    def _save(self) -> None:
        seen = self._state.last
        if seen is None or seen.input is None:
            return
        values = seen.input.values
        path, _ = QFileDialog.getSaveFileName(self, tr("Save the tensor"), f"{seen.model}-input.npy", "NumPy (*.npy)")
        if path:
            save_array(self._session, path, values)
