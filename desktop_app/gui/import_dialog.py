"""Two answers are needed before something enters the program: which model file, which address."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QDialog, QLineEdit, QWidget

from desktop_app.gui.dialog import button, button_row, make_dialog, sentence
from desktop_app.gui.drop import offer_of_text
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


class AddressDialog(QDialog):
    """Accepted: `specs` is what to open."""

    def __init__(self, parent: QWidget | None = None, text: str = "") -> None:
        super().__init__(parent)
        self.specs: tuple[str, ...] = ()
        layout = make_dialog(self, tr("Open an address"))
        layout.addWidget(sentence(tr("A network camera or stream, or a file on this computer.")))
        self.line = QLineEdit(text)
        self.line.setPlaceholderText("rtsp://…   http://…   https://…")
        self.line.setAccessibleName(tr("Address"))
        self.line.setMinimumWidth(420)
        layout.addWidget(self.line)
        self._complaint = sentence("", muted=True)
        layout.addWidget(self._complaint)
        layout.addLayout(button_row(button(tr("Cancel"), self.reject), button(tr("Open"), self._open, primary=True)))

    def _open(self) -> None:
        offer = offer_of_text(self.line.text())
        if not offer.specs:
            self._complaint.setText(tr("This is no http, https, rtsp or rtsps address and no file that exists."))
            self.line.selectAll()
            return
        self.specs = offer.specs
        self.accept()
