"""What all dialogs share: the buttons right, the primary one last, verbs instead of OK."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop_app.gui.theme import theme
from desktop_app.i18n import tr


def make_dialog(dialog: QDialog, title: str) -> QVBoxLayout:
    """The layout for its content; the dialog is gone once it is closed."""
    dialog.setWindowTitle(title)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(16, 16, 16, 16)
    layout.setSpacing(12)
    return layout


def button(text: str, act: Callable[[], object], *, primary: bool = False) -> QPushButton:
    made = QPushButton(text)
    made.setAccessibleName(text)
    made.setAutoDefault(primary)
    made.setDefault(primary)
    if primary:
        made.setProperty("kind", "primary")
    made.clicked.connect(lambda: act())  # noqa: PLW0108  (without the signal's argument)
    return made


def button_row(*buttons: QPushButton) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addStretch()
    for each in buttons:
        row.addWidget(each)
    return row


def sentence(text: str, *, muted: bool = False, parent: QWidget | None = None) -> QLabel:
    """Wrapped plain text that a screen reader and the clipboard can take."""
    label = QLabel(text, parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if muted:
        colours = label.palette()
        colours.setColor(label.foregroundRole(), theme().colour("muted"))
        label.setPalette(colours)
    return label


def ask(parent: QWidget, title: str, text: str, verb: str, act: Callable[[], object]) -> QDialog:
    """Runs `act` when the user chooses `verb`; for what destroys something."""
    dialog = QDialog(parent)
    layout = make_dialog(dialog, title)
    label = sentence(text)
    label.setMinimumWidth(360)
    layout.addWidget(label)
    layout.addLayout(button_row(button(tr("Cancel"), dialog.reject), button(verb, dialog.accept, primary=True)))
    dialog.accepted.connect(act)
    dialog.open()
    return dialog
