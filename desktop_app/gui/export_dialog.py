"""What is exported, in which format, where to. Accepted: `job` and `items` are what to do."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QRadioButton,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop_app.exporting.formats import FORMATS, Format, find_format
from desktop_app.exporting.item import PICTURE_MODES, ExportItem, ExportJob, PictureMode
from desktop_app.exporting.target import free_target
from desktop_app.gui import texts
from desktop_app.gui.dialog import button, button_row, make_dialog
from desktop_app.gui.export_offer import Choice, ModelResults, Offer, pictures
from desktop_app.gui.export_place import Place, look_at
from desktop_app.gui.icons import icon
from desktop_app.gui.preferences import Preferences
from desktop_app.gui.widgets import Label
from desktop_app.i18n import tr
from desktop_app.paths import pictures_dir

ROW = 32
"""Height of a field: captions stand in its middle."""
MODES: dict[PictureMode, Callable[[], str]] = {
    "copy": lambda: tr("Copied"),
    "hardlink": lambda: tr("Hard links: no space, same drive"),
    "symlink": lambda: tr("Symbolic links: no space, originals must stay"),
}


class ExportDialog(QDialog):
    """`least`: the confidence from which boxes are shown now. `target`: a data set to add to, first offered."""

    def __init__(
        self, offer: Offer, preferences: Preferences, least: float, parent: QWidget | None = None, target: str = ""
    ) -> None:
        super().__init__(parent)
        self._offer, self._preferences = offer, preferences
        self._first_target, self._typed = target, bool(target)
        self._place = Place("new")
        self._layout = make_dialog(self, "")
        self._form = QFormLayout()
        self._form.setVerticalSpacing(8)
        self._form.setHorizontalSpacing(16)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._layout.addLayout(self._form)
        self._what = self._choices()
        self._only = Label()
        self.model = QComboBox()
        self.format = QComboBox()
        self._opens = Label("", "small", "muted", wrap=True)
        self.every, self._every_row, self._every_unit = self._spin(1, 10_000, preferences.values.export_every)
        self.least, self._least_row, _ = self._spin(0, 99, round(100 * least), "%")
        self.empty = QCheckBox()
        self.pictures = QComboBox()
        self.val, self._val_row, self._seed_caption = self._spin(0, 90, preferences.values.export_val_percent, "%")
        self.seed = QSpinBox()
        self.folder = QLineEdit()
        self._browse = QToolButton()
        self._hint = Label("", "small", "muted", wrap=True)
        self._cancel = button(" ", self.reject)
        self._export = button(" ", self.accept, primary=True)
        self._arrange()
        self._fill(target)
        self._connect()
        self.setMinimumWidth(560)
        texts.follow_language(self, self._retext)
        self._export.setFocus()

    # --- what it is made of -----------------------------------------------------------------------------------------

    def _choices(self) -> list[QRadioButton]:
        group = QButtonGroup(self)
        made = []
        for choice in self._offer.choices:
            radio = QRadioButton()
            radio.setObjectName(choice.key)
            group.addButton(radio)
            made.append(radio)
        made[0].setChecked(True)
        return made

    def _spin(self, low: int, high: int, value: int, unit: str = "") -> tuple[QSpinBox, QWidget, Label]:
        """The number in a row with a caption behind it."""
        spin, caption, row = QSpinBox(), Label("", "body", "muted"), QWidget()
        spin.setRange(low, high)
        spin.setValue(min(max(value, low), high))
        if unit:
            spin.setSuffix(f"{texts.NBSP}{unit}")
        spin.setFixedWidth(96)
        spin.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(spin)
        layout.addWidget(caption)
        layout.addStretch()
        return spin, row, caption

    def _arrange(self) -> None:
        what, column = QWidget(), QVBoxLayout()
        what.setLayout(column)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for radio in self._what:
            column.addWidget(radio)
        column.addWidget(self._only)
        self._what_row = what
        self.seed.setRange(0, 9999)
        self.seed.setValue(self._preferences.values.export_seed)
        self.seed.setFixedWidth(96)
        self.seed.setAlignment(self.val.alignment())
        row = self._val_row.layout()
        assert isinstance(row, QHBoxLayout)
        row.insertWidget(2, self.seed)
        self._folder_row = QWidget()
        line = QHBoxLayout(self._folder_row)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.folder)
        line.addWidget(self._browse)
        self._browse.setIcon(icon("folder-open", "text", 16))
        for field in (what, self.model, self.format):
            self._form.addRow(" ", field)
        self._form.addRow("", self._opens)
        for field in (self._every_row, self._least_row):
            self._form.addRow(" ", field)
        self._form.addRow("", self.empty)
        for field in (self.pictures, self._val_row, self._folder_row):
            self._form.addRow(" ", field)
        self._form.addRow("", self._hint)
        self._layout.addLayout(button_row(self._cancel, self._export))

    def _fill(self, target: str) -> None:
        values = self._preferences.values
        for each in self._offer.models:
            self.model.addItem(each.key)
        for _ in PICTURE_MODES:
            self.pictures.addItem("")
        self.pictures.setCurrentIndex(PICTURE_MODES.index(values.export_pictures))
        self.empty.setChecked(values.export_empty)
        self._fill_formats(values.export_format)
        if target:
            held = look_at(Path(target), None)
            self._choose_format(held.format)
            self.folder.setText(target)

    def _fill_formats(self, wanted: str) -> None:
        """Those that can hold what the model says."""
        task = self._model().task
        with QSignalBlocker(self.format):
            self.format.clear()
            for each in FORMATS:
                if task in each.tasks:
                    self.format.addItem(each.title(), each.key)
        self._choose_format(wanted)

    def _choose_format(self, key: str) -> None:
        self.format.setCurrentIndex(max(0, self.format.findData(key)))

    def _connect(self) -> None:
        for radio in self._what:
            radio.toggled.connect(lambda on: self._changed() if on else None)
        self.model.currentIndexChanged.connect(lambda _: self._model_changed())
        self.format.currentIndexChanged.connect(lambda _: self._changed())
        for spin in (self.every, self.val):
            spin.valueChanged.connect(lambda _: self._changed())
        self.folder.textEdited.connect(self._folder_typed)
        self._browse.clicked.connect(self._choose_folder)

    # --- what is chosen ---------------------------------------------------------------------------------------------

    def _choice(self) -> Choice:
        return next(c for c, radio in zip(self._offer.choices, self._what, strict=True) if radio.isChecked())

    def _model(self) -> ModelResults:
        return self._offer.models[max(0, self.model.currentIndex())]

    def _format(self) -> Format:
        return find_format(self.format.currentData())

    @property
    def _alone(self) -> bool:
        """A single picture, which is wanted whatever was found in it, and makes no two parts."""
        return self._choice().key == "frame"

    def _count(self) -> int:
        choice = self._choice()
        return -(-choice.count // self.every.value()) if choice.frames else choice.count

    def target(self) -> Path:
        return Path(self.folder.text().strip()).expanduser()

    @property
    def job(self) -> ExportJob:
        model, form = self._model(), self._format()
        splits = form.layout is not None and form.layout.splits
        return ExportJob(
            str(self.target()),
            form.key,
            model.key,
            model.task,
            model.names,
            least=self.least.value() / 100,
            empty=self._alone or self.empty.isChecked(),
            pictures=PICTURE_MODES[self.pictures.currentIndex()],
            val_share=self.val.value() / 100 if splits and not self._alone else 0.0,
            seed=self.seed.value(),
            total=self._count(),
            add=self._place.kind == "add",
        )

    def items(self) -> Iterable[ExportItem]:
        choice = self._choice()
        return itertools.islice(choice.items(), 0, None, self.every.value() if choice.frames else 1)

    def accept(self) -> None:
        if not self._export.isEnabled():
            return
        job = self.job
        keep = {
            "export_format": job.format,
            "export_folder": str(self.target().parent),
            "export_pictures": job.pictures,
            "export_seed": job.seed,
        }
        if self._choice().frames:
            keep["export_every"] = self.every.value()
        if not self._alone:
            keep |= {"export_empty": job.empty, "export_val_percent": self.val.value()}
        self._preferences.change(**keep)
        super().accept()

    # --- what follows from it ---------------------------------------------------------------------------------------

    def _model_changed(self) -> None:
        self._fill_formats(self.format.currentData())
        self._changed()

    def _folder_typed(self) -> None:
        self._typed = True
        self._look()

    def _choose_folder(self) -> None:
        start = str(self.target())
        if self._format().suffix:
            path, _ = QFileDialog.getSaveFileName(self, tr("Export to a file"), start, f"*{self._format().suffix}")
        else:
            path = QFileDialog.getExistingDirectory(self, tr("Folder of the data set"), str(self.target().parent))
        if path:
            self.folder.setText(str(Path(path)))
            self._folder_typed()

    def _suggest(self) -> None:
        """A new name for each format, unless the user said where."""
        if self._typed:
            return
        values, form = self._preferences.values, self._format()
        folder = Path(values.export_folder) if values.export_folder else pictures_dir()
        name = self._offer.name if form.suffix else f"{self._offer.name}-{form.key}"
        self.folder.setText(str(free_target(folder, name, form.suffix)))

    def _changed(self) -> None:
        """Shows and hides what the format and the choice ask for."""
        form, detects, choice = self._format(), self._model().task == "detect", self._choice()
        layout = form.layout
        cuts = layout is not None and layout.cuts and detects
        opens = [form.opens(), tr("Each box is cut out and becomes a picture.")] if cuts else [form.opens()]
        self._opens.setText("\n".join(opens))
        for row, shown in (
            (self.model, len(self._offer.models) > 1),
            (self._every_row, choice.frames),
            (self.empty, detects and not self._alone and not cuts),
            (self.pictures, layout is not None and choice.files and not cuts),
            (self._val_row, layout is not None and layout.splits and not self._alone),
        ):
            self._form.setRowVisible(row, shown)
        for part in (self._seed_caption, self.seed):
            part.setVisible(self.val.value() > 0)
        self._suggest()
        self._look()
        self.adjustSize()

    def _look(self) -> None:
        """What lies where it is to be written, and so what the button does."""
        self._place = look_at(self.target() if self.folder.text().strip() else None, replace(self.job, add=False))
        self._hint.setText(self._place.words)
        self._hint.set_colour("warning" if self._place.kind == "no" else "muted")
        captions = {
            "add": tr("Add {pictures}", pictures=pictures(self._count())),
            "replace": tr("Replace the file"),
        }
        text = captions.get(self._place.kind, tr("Export {pictures}", pictures=pictures(self._count())))
        self._export.setText(text)
        self._export.setAccessibleName(text)
        self._export.setEnabled(self._place.kind != "no")
        for field in (self.val, self.seed):  # of a data set that is there its own hold
            field.setEnabled(self._place.kind != "add")

    def _retext(self) -> None:
        self.setWindowTitle(tr("Export results"))
        for choice, radio in zip(self._offer.choices, self._what, strict=True):
            radio.setText(choice.title())
            radio.setVisible(len(self._what) > 1)
        self._only.setText(self._offer.choices[0].title())
        self._only.setVisible(len(self._what) == 1)
        self._only.setMinimumHeight(ROW)
        for place, mode in enumerate(PICTURE_MODES):
            self.pictures.setItemText(place, MODES[mode]())
        for place in range(self.format.count()):
            self.format.setItemText(place, find_format(self.format.itemData(place)).title())
        self.empty.setText(tr("Pictures without boxes too"))
        self.val.setSpecialValueText(tr("none"))
        self._every_unit.setText(tr("frames"))
        self._seed_caption.setText(tr("drawn with seed"))
        self.seed.setAccessibleName(tr("Seed that draws the validation part"))
        self._browse.setToolTip(tr("Choose a folder"))
        self._browse.setAccessibleName(tr("Choose a folder"))
        self._cancel.setText(tr("Cancel"))
        self._cancel.setAccessibleName(tr("Cancel"))
        for field, text, row in (
            (self._what_row, tr("What"), None),
            (self.model, tr("Results of"), None),
            (self.format, tr("Format"), None),
            (self.every, tr("Every"), self._every_row),
            (self.least, tr("At least"), self._least_row),
            (self.pictures, tr("Pictures"), None),
            (self.val, tr("For validation"), self._val_row),
            (self.folder, tr("To"), self._folder_row),
        ):
            field.setAccessibleName(text)
            label = self._form.labelForField(row or field)
            if label is not None:
                label.setProperty("text", text)
                label.setMinimumHeight(ROW)
        self._changed()
