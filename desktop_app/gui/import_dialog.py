"""A question before a model file enters the program."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QDialog, QWidget

from desktop_app.gui.dialog import button, button_row, make_dialog, sentence
from desktop_app.gui.texts import file_size
from desktop_app.gui.theme import theme
from desktop_app.i18n import tr


class ImportDialog(QDialog):
    """Accepted: import the file. It is read by the recogniser only."""

    def __init__(self, path: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = make_dialog(self, tr("Import a model"))
        file = Path(path)
        title = sentence(file.name)
        title.setFont(theme().font("section"))
        layout.addWidget(title)
        size = f" · {file_size(file.stat().st_size)}" if file.is_file() else ""
        layout.addWidget(sentence(f"{file.parent}{size}", muted=True))
        layout.addWidget(
            sentence(
                tr(
                    "Regard reads task, class names and input size from the file itself. "
                    "Code inside a model file is never run."
                )
            )
        )
        import_it = button(tr("Import model"), self.accept, primary=True)
        layout.addLayout(button_row(button(tr("Cancel"), self.reject), import_it))
        import_it.setFocus()
        self.setMinimumWidth(440)
