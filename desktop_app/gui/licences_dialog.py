"""The licences of everything that Regard is made of, and where its source is."""

from __future__ import annotations

import importlib.metadata
import json
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QListWidget, QPlainTextEdit, QSplitter, QWidget

from desktop_app.gui.dialog import button, button_row, make_dialog, sentence
from desktop_app.i18n import tr
from desktop_app.paths import resource_path

_ASKED_FOR = ("regard", "PySide6", "numpy", "opencv-python", "openvino", "av", "pillow", "torch", "torchvision", "timm")


def licences() -> list[dict[str, Any]]:
    """Of a bundle what was collected when it was built; else what the installed packages say of themselves."""
    collected = resource_path("licences.json")
    if collected.is_file():
        rows: list[dict[str, Any]] = json.loads(collected.read_text(encoding="utf-8"))
        return rows
    rows = []
    for name in (*_ASKED_FOR, "ultralytics", "msgspec", "platformdirs", "rich", "lap", "mss", "keyring", "pillow-heif"):
        try:
            about: Any = importlib.metadata.metadata(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        licence = about.get("License-Expression") or str(about.get("License") or "").split("\n")[0]
        rows.append(
            {"name": name, "version": about["Version"], "licence": licence, "address": "", "texts": _texts(name)}
        )
    icons = resource_path("icons", "LICENSE.txt").read_text(encoding="utf-8")
    return [*rows, {"name": "Phosphor Icons", "version": "1.3", "licence": "MIT", "address": "", "texts": [icons]}]


def _texts(name: str) -> list[str]:
    files = [f for f in importlib.metadata.files(name) or () if "licen" in f.name.lower() and "dist-info" in str(f)]
    paths = [Path(str(file.locate())) for file in files]
    return [path.read_text(encoding="utf-8", errors="replace") for path in paths if path.is_file()]


def source_archive() -> Path | None:
    """A bundle carries its own source code."""
    return next(iter(sorted(resource_path("source").glob("regard-*.tar.xz"))), None)


class LicencesDialog(QDialog):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = make_dialog(self, tr("Licences"))
        source = source_archive()
        offer = tr(
            "Regard is free software under the GNU Affero General Public License, version 3 or later: you may use, "
            "study, change and pass it on, and whoever passes it on must offer its source code."
        )
        layout.addWidget(sentence(offer))
        if source is not None:
            layout.addWidget(
                sentence(tr("The source code of this very version lies in {path}.", path=source), muted=True)
            )
        else:
            text = tr("The source code is where you got Regard from; ask whoever gave it to you.")
        layout.addWidget(sentence(text, muted=True))
        self._rows = licences()
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Parts of Regard"))
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName(tr("Text of the licence"))
        for row in self._rows:
            self.list.addItem(" ".join(filter(None, (row["name"], row["version"]))))
        self.list.currentRowChanged.connect(self._show)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self.list)
        split.addWidget(self.text)
        split.setSizes([220, 500])
        layout.addWidget(split, 1)
        close = button(tr("Close"), self.close, primary=True)
        if source is not None:
            folder = QUrl.fromLocalFile(str(source.parent))
            opener = button(tr("Open the folder of the source"), lambda: QDesktopServices.openUrl(folder))
            layout.addLayout(button_row(opener, close))
        else:
            layout.addLayout(button_row(close))
        self.resize(760, 560)
        self.list.setCurrentRow(0)

    def _show(self, place: int) -> None:
        row = self._rows[place]
        head = "\n".join(filter(None, (f"{row['name']} {row['version']}".strip(), row["licence"], row["address"])))
        self.text.setPlainText("\n\n".join((head, *row["texts"])))
