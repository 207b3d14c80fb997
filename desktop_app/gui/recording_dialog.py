"""How recordings are made. Each choice acts on the next one and is kept."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QFormLayout, QWidget

from desktop_app.gui.dialog import button, button_row, make_dialog, sentence
from desktop_app.gui.folder_field import FolderField
from desktop_app.gui.preferences import Preferences
from desktop_app.gui.texts import follow_language
from desktop_app.i18n import tr
from desktop_app.paths import pictures_dir

FORMATS: tuple[tuple[str, Callable[[], str]], ...] = (
    ("mp4", lambda: tr("MP4, plays everywhere")),
    ("mkv", lambda: tr("Matroska, takes the sound of any file")),
)
SWITCHES: tuple[tuple[str, Callable[[], str]], ...] = (
    ("recording_overlay", lambda: tr("Draw what is recognised into the picture")),
    ("recording_sidecar", lambda: tr("All results beside it, as JSON Lines")),
    ("recording_subtitles", lambda: tr("What is seen as subtitles beside it (WebVTT)")),
)


class RecordingDialog(QDialog):
    def __init__(self, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preferences = preferences
        layout = make_dialog(self, "")
        form = QFormLayout()
        form.setVerticalSpacing(10)
        form.setHorizontalSpacing(16)
        layout.addLayout(form)
        self._format = self._format_box()
        self.folder = FolderField(preferences.values.recording_folder, str(pictures_dir()))
        self.folder.changed.connect(lambda folder: preferences.change(recording_folder=folder))
        self._form = form
        for field in (self.folder, self._format):
            form.addRow(" ", field)
        self.switches = {name: self._switch(form, name) for name, _ in SWITCHES}
        self._hint = sentence("", muted=True)
        layout.addWidget(self._hint)
        self._close = button(" ", self.close, primary=True)
        layout.addLayout(button_row(self._close))
        self.setMinimumWidth(480)
        follow_language(self, self._retext)

    def _format_box(self) -> QComboBox:
        box = QComboBox()
        values = [value for value, _ in FORMATS]
        box.addItems(values)
        box.setCurrentIndex(values.index(self._preferences.values.recording_format))
        box.currentIndexChanged.connect(lambda row: self._preferences.change(recording_format=values[row]))
        return box

    def _switch(self, form: QFormLayout, name: str) -> QCheckBox:
        box = QCheckBox()
        box.setChecked(getattr(self._preferences.values, name))
        box.toggled.connect(lambda on: self._preferences.change(**{name: on}))
        form.addRow("", box)
        return box

    def _retext(self) -> None:
        self.setWindowTitle(tr("Recording options"))
        for field, text in ((self.folder, tr("Folder for recordings")), (self._format, tr("Format"))):
            self._form.labelForField(field).setProperty("text", text)
            field.setAccessibleName(text)
        for row, (_, text_of) in enumerate(FORMATS):
            self._format.setItemText(row, text_of())
        for name, text_of in SWITCHES:
            self.switches[name].setText(text_of())
        self._hint.setText(
            tr(
                "A video file keeps its own time and its sound. A camera is recorded in the time of life: "
                "while it is paused or without signal, its last picture stays."
            )
        )
        self._close.setText(tr("Done"))
        self._close.setAccessibleName(tr("Done"))
