"""Offers the PyTorch pack: for what, how large, in which build; and removes it."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QDialog, QRadioButton, QVBoxLayout, QWidget

from desktop_app.gui.dialog import button, button_row, make_dialog, sentence
from desktop_app.gui.pack_state import PackState
from desktop_app.gui.texts import file_size
from desktop_app.i18n import tr


def build_name(kind: str) -> str:
    names = {
        "cpu": tr("for every processor"),
        "cuda": tr("for NVIDIA cards (CUDA) and for processors"),
        "mps": tr("for Apple’s GPU (MPS)"),
    }
    return names.get(kind, kind)


class PackDialog(QDialog):
    """`key`: the model that was picked, "" where the pack itself was asked for."""

    def __init__(self, pack: PackState, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pack, self.key = pack, key
        layout = make_dialog(self, tr("PyTorch pack"))
        why = tr("{model} needs PyTorch, which does not come with this small Regard.", model=key) if key else ""
        all_of_them = tr("With PyTorch, Regard runs every model of its list and your own .pt files.")
        layout.addWidget(sentence(why or all_of_them))
        layout.addWidget(
            sentence(
                tr("It is fetched once from the package index and kept in your own folder; it can be removed again."),
                muted=True,
            )
        )
        self._found = QWidget()
        self._found_layout = QVBoxLayout(self._found)
        self._found_layout.setContentsMargins(0, 0, 0, 0)
        self._waiting = sentence(tr("Looking what fits this computer…"), muted=True)
        self._found_layout.addWidget(self._waiting)
        layout.addWidget(self._found)
        self.install_button = button(tr("Install"), self._install, primary=True)
        self.remove_button = button(tr("Remove…"), self._remove)
        self._close_button = button(tr("Not now") if key else tr("Close"), self.reject)
        self.install_button.setEnabled(False)
        self.remove_button.hide()
        layout.addLayout(button_row(self.remove_button, self._close_button, self.install_button))
        self.setMinimumWidth(460)
        self.choices: list[tuple[QRadioButton, str]] = []
        pack.told.connect(self._show)
        pack.failed.connect(self._failed)
        pack.start("status")

    def _show(self, state: dict[str, Any]) -> None:
        self._clear()
        pack = state.get("installed")
        if pack is not None:
            text = tr(
                "PyTorch {version} is installed, {build}: {size}.",
                version=pack["torch"],
                build=build_name(pack["build"]),
                size=file_size(int(pack["bytes"])),
            )
            self._found_layout.addWidget(sentence(text))
        elif state.get("there"):
            self._found_layout.addWidget(sentence(tr("PyTorch belongs to this installation.")))
        for offer in state.get("offers", ()) if state.get("bundle") else ():
            self._add_choice(offer)
        if "message" in state:
            self._failed(state["message"], state["hint"], False)
        self.remove_button.setVisible(pack is not None)
        self.install_button.setEnabled(bool(self.choices))
        self.install_button.setText(tr("Install again") if pack is not None else tr("Install"))
        self.adjustSize()

    def _add_choice(self, offer: dict[str, Any]) -> None:
        text = f"PyTorch {offer['torch']}, {build_name(offer['build'])}"
        sizes = tr(
            "{fetch} to fetch, {disk} on the disk",
            fetch=file_size(offer["fetch_bytes"]),
            disk=file_size(offer["disk_bytes"]),
        )
        choice = QRadioButton(text)
        choice.setAccessibleName(f"{text}: {sizes}")
        choice.setChecked(not self.choices)
        self._found_layout.addWidget(choice)
        caption = sentence(sizes, muted=True)
        caption.setContentsMargins(30, 0, 0, 6)
        self._found_layout.addWidget(caption)
        self.choices.append((choice, offer["build"]))

    def _failed(self, message: str, hint: str, cancelled: bool) -> None:
        if not self.choices:
            self._clear()
        self._found_layout.addWidget(sentence(f"{message} {hint}".strip()))

    def _clear(self) -> None:
        self.choices.clear()
        while (item := self._found_layout.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def _install(self) -> None:
        build = next((kind for choice, kind in self.choices if choice.isChecked()), "auto")
        self.accept()
        self._pack.start("install", build)

    def _remove(self) -> None:
        self.accept()
        self._pack.start("remove")


__all__ = ["PackDialog", "build_name"]
