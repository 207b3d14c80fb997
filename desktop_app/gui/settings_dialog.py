"""The settings that are no part of the window itself. Each acts at once and is kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QToolButton,
    QWidget,
)

from desktop_app.gui.dialog import button, button_row, make_dialog, sentence
from desktop_app.gui.icons import icon
from desktop_app.gui.preferences import Preferences
from desktop_app.gui.texts import follow_language
from desktop_app.i18n import tr
from desktop_app.paths import pictures_dir
from desktop_app.settings import RANGES

# Setting, caption, and its values with their captions.
CHOICES: tuple[tuple[str, Callable[[], str], tuple[tuple[str, Callable[[], str]], ...]], ...] = (
    (
        "language",
        lambda: tr("Language"),
        (("system", lambda: tr("As the system")), ("en", lambda: "English"), ("fr", lambda: "Français")),
    ),
    (
        "theme",
        lambda: tr("Theme"),
        (("system", lambda: tr("As the system")), ("dark", lambda: tr("Dark")), ("light", lambda: tr("Light"))),
    ),
    (
        "palette",
        lambda: tr("Colours of classes"),
        (("default", lambda: tr("Most different")), ("safe", lambda: tr("Safe for colour-blind eyes"))),
    ),
    (
        "snapshot_format",
        lambda: tr("Format of snapshots"),
        (
            ("png", lambda: tr("PNG, exact")),
            ("jpeg", lambda: tr("JPEG, small")),
            ("webp", lambda: tr("WebP, smaller")),
        ),
    ),
)
CHOICES += (
    (
        "update_check",
        lambda: tr("Look for a new version"),
        (("asked", lambda: tr("Only when I ask")), ("weekly", lambda: tr("Once a week"))),
    ),
)
SWITCHES: tuple[tuple[str, Callable[[], str]], ...] = (
    ("snapshot_overlay", lambda: tr("Snapshots show the overlay")),
    ("announce_results", lambda: tr("Tell results to the screen reader")),
)


class SettingsDialog(QDialog):
    """Follows the language while it is open: it is where the language is changed."""

    def __init__(self, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self._layout = make_dialog(self, "")
        self._form = QFormLayout()
        self._form.setVerticalSpacing(10)
        self._form.setHorizontalSpacing(16)
        self._layout.addLayout(self._form)
        self._combos = {name: self._combo(name, [value for value, _ in values]) for name, _, values in CHOICES}
        self._scale = self._text_size()
        self._folder, folder_row = self._snapshot_folder()
        self._mirror = self._line("model_mirror")
        for combo in self._combos.values():
            self._form.addRow(" ", combo)
        self._form.addRow(" ", self._scale)
        self._form.addRow(" ", folder_row)
        self._form.addRow(" ", self._mirror)
        self._releases = self._line("update_address")
        self._mirror_hint = sentence("", muted=True)
        self._form.addRow("", self._mirror_hint)
        self._form.addRow(" ", self._releases)
        self._switches = {name: self._switch(name) for name, _ in SWITCHES}
        self._close = button(" ", self.close, primary=True)
        self._layout.addLayout(button_row(self._close))
        self.setMinimumWidth(480)
        follow_language(self, self._retext)

    def _combo(self, name: str, values: list[str]) -> QComboBox:
        combo = QComboBox()
        combo.addItems(values)
        combo.setCurrentIndex(values.index(getattr(self._preferences.values, name)))
        combo.currentIndexChanged.connect(lambda row: self._preferences.change(**{name: values[row]}))
        return combo

    def _text_size(self) -> QDoubleSpinBox:
        box = QDoubleSpinBox()
        low, high = RANGES["ui_scale"]
        box.setRange(low * 100, high * 100)
        box.setDecimals(0)
        box.setSingleStep(10)
        box.setSuffix("\u00a0%")
        box.setValue(self._preferences.values.ui_scale * 100)
        box.setKeyboardTracking(False)
        box.valueChanged.connect(lambda value: self._preferences.change(ui_scale=round(value) / 100))
        return box

    def _line(self, name: str) -> QLineEdit:
        line = QLineEdit(getattr(self._preferences.values, name))
        line.editingFinished.connect(lambda: self._preferences.change(**{name: line.text().strip()}))
        return line

    def _snapshot_folder(self) -> tuple[QLineEdit, QWidget]:
        line = self._line("snapshot_folder")
        self._choose = QToolButton()
        self._choose.setIcon(icon("folder-open", "text", 16))
        self._choose.clicked.connect(self._choose_folder)
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(line)
        layout.addWidget(self._choose)
        return line, row

    def _choose_folder(self) -> None:
        start = self._folder.text() or str(pictures_dir())
        folder = QFileDialog.getExistingDirectory(self, tr("Folder for snapshots"), start)
        if folder:
            self._folder.setText(str(Path(folder)))
            self._preferences.change(snapshot_folder=str(Path(folder)))

    def _switch(self, name: str) -> QCheckBox:
        box = QCheckBox()
        box.setChecked(getattr(self._preferences.values, name))
        box.toggled.connect(lambda on: self._preferences.change(**{name: on}))
        self._form.addRow("", box)
        return box

    def _retext(self) -> None:
        self.setWindowTitle(tr("Settings"))
        for name, caption, values in CHOICES:
            combo = self._combos[name]
            with QSignalBlocker(combo):
                for row, (_, text) in enumerate(values):
                    combo.setItemText(row, text())
            self._caption(combo, caption())
        self._caption(self._scale, tr("Text size"))
        self._caption(self._folder, tr("Folder for snapshots"), self._folder.parentWidget())
        self._folder.setPlaceholderText(str(pictures_dir()))
        self._choose.setToolTip(tr("Choose a folder"))
        self._choose.setAccessibleName(tr("Choose a folder"))
        self._caption(self._mirror, tr("Address of models"))
        self._mirror.setPlaceholderText("https://…")
        self._caption(self._releases, tr("Address of versions"))
        self._releases.setPlaceholderText("https://…")
        self._mirror_hint.setText(
            tr("Where weights are fetched from instead of their makers’ addresses. Empty: from the makers.")
        )
        for name, text in SWITCHES:
            self._switches[name].setText(text())
        self._close.setText(tr("Done"))
        self._close.setAccessibleName(tr("Done"))

    def _caption(self, field: QWidget, text: str, row: QWidget | None = None) -> None:
        field.setAccessibleName(text)
        label = self._form.labelForField(row or field)
        if label is not None:
            label.setProperty("text", text)
