"""A folder to type or to choose."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QToolButton, QWidget

from desktop_app.gui.icons import icon
from desktop_app.gui.texts import follow_language
from desktop_app.i18n import tr


class FolderField(QWidget):
    changed = Signal(str)
    """The folder, empty for the usual one."""

    def __init__(self, value: str, usual: str) -> None:
        super().__init__()
        self._usual = usual
        self.line = QLineEdit(value)
        self.line.setPlaceholderText(usual)
        self.line.editingFinished.connect(lambda: self.changed.emit(self.line.text().strip()))
        self.choose = QToolButton()
        self.choose.setIcon(icon("folder-open", "text", 16))
        self.choose.clicked.connect(self._choose)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.line)
        layout.addWidget(self.choose)
        self.setFocusProxy(self.line)
        follow_language(self, self._retext)

    def setAccessibleName(self, name: str) -> None:
        super().setAccessibleName(name)
        self.line.setAccessibleName(name)

    def _choose(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.accessibleName(), self.line.text() or self._usual)
        if folder:
            self.line.setText(str(Path(folder)))
            self.changed.emit(str(Path(folder)))

    def _retext(self) -> None:
        self.choose.setToolTip(tr("Choose a folder"))
        self.choose.setAccessibleName(tr("Choose a folder"))
