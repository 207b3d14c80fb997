"""What is new in a newer version, and where it is."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QWidget

from desktop_app import __version__
from desktop_app.gui.dialog import button, button_row, make_dialog, sentence
from desktop_app.i18n import tr


class UpdateDialog(QDialog):
    """What is new; nothing is installed."""

    def __init__(self, newer: list[dict[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = make_dialog(self, tr("New version"))
        first = newer[0]
        layout.addWidget(sentence(tr("Regard {new} is there; this is {own}.", new=first["version"], own=__version__)))
        notes = QPlainTextEdit("\n\n".join(f"{each['version']}\n{each['notes']}".strip() for each in newer))
        notes.setReadOnly(True)
        notes.setAccessibleName(tr("What is new"))
        notes.setMinimumSize(520, 260)
        layout.addWidget(notes)
        close = button(tr("Close"), self.close, primary=not first["page"])
        page = button(tr("Open its page"), lambda: QDesktopServices.openUrl(QUrl(first["page"])), primary=True)
        layout.addLayout(button_row(close, page) if first["page"] else button_row(close))
