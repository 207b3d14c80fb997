"""What Regard is, and what a model is."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QFormLayout, QLabel, QWidget

from desktop_app import __version__
from desktop_app.core.model import ModelInfo
from desktop_app.gui.dialog import button, button_row, make_dialog, sentence
from desktop_app.gui.texts import file_size, milliseconds, number, size
from desktop_app.gui.theme import theme
from desktop_app.i18n import tr


class AboutDialog(QDialog):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = make_dialog(self, tr("About Regard"))
        title = QLabel(f"Regard {__version__}")
        title.setFont(theme().font("display"))
        layout.addWidget(title)
        layout.addWidget(sentence(tr("Recognises what a camera or a file shows, and shows what the network sees.")))
        layout.addWidget(
            sentence(tr("Pictures stay on this computer. Only models that you pick are fetched."), muted=True)
        )
        layout.addWidget(
            sentence(tr("Free software under the AGPL, version 3 or later. Icons: Phosphor, MIT licence."), muted=True)
        )
        licences = button(tr("Licences…"), self._show_licences)
        layout.addLayout(button_row(licences, button(tr("Close"), self.close, primary=True)))
        self.setMinimumWidth(420)

    def _show_licences(self) -> None:
        from desktop_app.gui.licences_dialog import LicencesDialog

        LicencesDialog(self).open()


def accuracy_text(info: ModelInfo) -> str:
    """ "80.9 % top-1" or "39.5 mAP"; empty where the maker published none."""
    if info.accuracy is None:
        return ""
    if info.task == "classify":
        return tr("{percent} % top-1 (ImageNet)", percent=number(info.accuracy, 1))
    return tr("{value} mAP 50–95 (COCO)", value=number(info.accuracy, 1))


def model_rows(info: ModelInfo, measured_ms: float | None) -> list[tuple[str, str]]:
    """What is known of a model, as caption and value; what is not known is left out."""
    rows = [
        (tr("Key"), info.key),
        (tr("Task"), task_name(info.task)),
        (tr("Accuracy"), accuracy_text(info)),
        (tr("Input"), size(info.input_size, info.input_size)),
        (tr("Weights"), file_size(info.bytes) if info.bytes else ""),
        (tr("Measured here"), milliseconds(measured_ms) if measured_ms is not None else ""),
        (tr("Licence"), info.licence),
        (tr("Origin"), info.source_url),
    ]
    return [(caption, value) for caption, value in rows if value]


def task_name(task: str) -> str:
    names = {
        "classify": tr("Classify"),
        "detect": tr("Detect"),
        "segment": tr("Segment"),
        "pose": tr("Pose"),
        "obb": tr("Oriented boxes"),
    }
    return names.get(task, task)


class ModelDialog(QDialog):
    def __init__(self, info: ModelInfo, measured_ms: float | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = make_dialog(self, tr("About this model"))
        title = QLabel(info.title)
        title.setFont(theme().font("section"))
        layout.addWidget(title)
        form = QFormLayout()
        form.setVerticalSpacing(8)
        for caption, value in model_rows(info, measured_ms):
            form.addRow(sentence(caption, muted=True), sentence(value))
        layout.addLayout(form)
        layout.addLayout(button_row(button(tr("Close"), self.close, primary=True)))
        self.setMinimumWidth(440)
