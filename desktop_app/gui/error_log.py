"""What went wrong since the start, and the report of a bug: shown in full before anybody sends it."""

from __future__ import annotations

import platform
from collections.abc import Sequence

from PySide6.QtCore import qVersion
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QWidget

from desktop_app import __version__
from desktop_app.gui.dialog import button, button_row, make_dialog, sentence
from desktop_app.gui.notifications import Trouble
from desktop_app.i18n import tr
from desktop_app.logs import log_file, scrub


def report(troubles: Sequence[Trouble]) -> str:
    """Program, system and what happened; without the home folder's name and passwords. For a tracker."""
    head = f"Regard {__version__} · Python {platform.python_version()} · Qt {qVersion()} · {platform.platform()}"
    parts = [head]
    for trouble in troubles:
        parts.append("\n".join(part for part in (trouble.message, trouble.hint, trouble.details) if part))
    return scrub("\n\n".join(parts))


class ErrorLogDialog(QDialog):
    def __init__(self, troubles: Sequence[Trouble], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = make_dialog(self, tr("Error log"))
        text = report(troubles) if troubles else tr("Nothing went wrong since the start.")
        layout.addWidget(sentence(tr("The whole log is in {file}.", file=log_file()), muted=True))
        field = QPlainTextEdit(text)
        field.setReadOnly(True)
        field.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        field.setAccessibleName(tr("Error log"))
        layout.addWidget(field)
        copy = button(tr("Copy report"), lambda: QGuiApplication.clipboard().setText(text), primary=True)
        layout.addLayout(button_row(button(tr("Close"), self.close), copy))
        self.resize(720, 440)
