"""All keys, made from the table of actions."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QWidget

from desktop_app.gui.actions import ACTIONS
from desktop_app.gui.dialog import button, button_row, make_dialog
from desktop_app.gui.theme import theme
from desktop_app.i18n import tr

COLUMNS = 3


def key_rows() -> list[tuple[str, str]]:
    """(keys, what they do), in the order of the table; the nine recent models are one row."""
    rows = []
    for action in ACTIONS:
        if action.key.startswith("recent"):
            if action.key == "recent1":
                rows.append(("1 … 9", tr("The first to ninth recent model")))
        elif action.keys:
            native = QKeySequence.SequenceFormat.NativeText
            rows.append((", ".join(key.toString(native) for key in action.sequences()[:2]), action.text().rstrip("…")))
    rows.append((tr("Ctrl+click"), tr("Run a model beside the others")))
    rows.append(("Esc", tr("Leave full screen and projector")))
    return rows


class KeysDialog(QDialog):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = make_dialog(self, tr("All keys"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        rows = key_rows()
        height = -(-len(rows) // COLUMNS)
        for i, (keys, text) in enumerate(rows):
            column = 2 * (i // height)
            key = QLabel(keys)
            key.setFont(theme().font("strong"))
            key.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            does = QLabel(text)
            does.setContentsMargins(0, 0, 20, 0)
            grid.addWidget(key, i % height, column)
            grid.addWidget(does, i % height, column + 1)
        layout.addLayout(grid)
        layout.addLayout(button_row(button(tr("Close"), self.close, primary=True)))
