"""The offer of PyTorch: which builds, how large, installed, removed, failed; and the check for a newer version."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop_app.core.progress import Progress
from desktop_app.gui import pack_state, updates
from desktop_app.gui.pack_dialog import PackDialog
from desktop_app.gui.pack_state import PackState
from desktop_app.recogniser import messages as m
from tests.gui.conftest import Program

OFFERS = [
    {"build": "cpu", "torch": "2.14.1", "fetch_bytes": 214_000_000, "disk_bytes": 900_000_000},
    {"build": "cuda", "torch": "2.14.1", "fetch_bytes": 2_784_000_000, "disk_bytes": 4_600_000_000},
]
STATE: dict[str, Any] = {"installed": None, "there": False, "bundle": True, "offers": OFFERS}


class StillPack(PackState):
    """Notes what it is asked for, and starts no process."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, str]] = []

    def start(self, action: str, build: str = "auto") -> None:
        self.action = action
        self.asked.append((action, build))


@pytest.fixture
def pack() -> StillPack:
    return StillPack()


def texts(dialog: PackDialog) -> str:
    return "\n".join(label.text() for label in dialog.findChildren(QLabel) if not label.isHidden())


def test_the_size_is_told_before_anything_is_fetched(pack: StillPack, qtbot: QtBot) -> None:
    dialog = PackDialog(pack, "resnet50")
    qtbot.addWidget(dialog)
    assert pack.asked == [("status", "auto")]
    assert not dialog.install_button.isEnabled()
    pack.told.emit(STATE)
    assert "resnet50" in texts(dialog)
    assert [kind for _, kind in dialog.choices] == ["cpu", "cuda"]
    assert "214 MB to fetch" in texts(dialog).replace("\u00a0", " ")
    dialog.choices[1][0].setChecked(True)
    dialog.install_button.click()
    assert pack.asked[-1] == ("install", "cuda")


def test_what_is_installed_can_be_removed(pack: StillPack, qtbot: QtBot) -> None:
    dialog = PackDialog(pack, "")
    qtbot.addWidget(dialog)
    pack.told.emit({**STATE, "installed": {"torch": "2.14.1", "build": "cpu", "bytes": 9e8}})
    assert not dialog.remove_button.isHidden()
    dialog.remove_button.click()
    assert pack.asked[-1] == ("remove", "auto")


def test_without_network_the_dialog_says_so(pack: StillPack, qtbot: QtBot) -> None:
    dialog = PackDialog(pack, "resnet50")
    qtbot.addWidget(dialog)
    pack.failed.emit("index.invalid cannot be found.", "Check the network.", False)
    assert "index.invalid cannot be found. Check the network." in texts(dialog)
    assert not dialog.install_button.isEnabled()


def test_a_job_is_read_line_by_line(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script = tmp_path / "job.py"
    script.write_text(
        'print(\'{"progress": {"key": "pytorch", "stage": "fetch", "done": 1, "total": 2, "rate": 0.0}}\')\n'
        "print('a library says hello')\n"
        'print(\'{"state": {"offers": []}}\')\n'
    )
    monkeypatch.setattr(pack_state, "job_command", lambda action, build: [sys.executable, str(script)])
    state = PackState()
    seen: list[Progress] = []
    state.progressed.connect(seen.append)
    with qtbot.waitSignals([state.told, state.installed], timeout=20_000):
        state.start("install")
    assert (seen[0].done, seen[0].total) == (1, 2)
    assert not state.busy


def test_a_job_that_dies_is_told(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pack_state, "job_command", lambda *_: [sys.executable, "-c", "raise SystemExit(3)"])
    state = PackState()
    with qtbot.waitSignal(state.failed, timeout=20_000) as heard:
        state.start("install")
    assert "interrupted" in heard.args[0]


def test_cancelling_closes_the_jobs_input(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    code = 'import sys; sys.stdin.read(); print(\'{"message": "cancelled", "cancelled": true}\')'
    monkeypatch.setattr(pack_state, "job_command", lambda *_: [sys.executable, "-c", code])
    state = PackState()
    state.start("install")
    with qtbot.waitSignal(state.failed, timeout=20_000) as heard:
        state.cancel()
    assert heard.args == ["cancelled", "", True]


def test_a_model_that_needs_pytorch_offers_it_and_runs_afterwards(program: Program, pack: StillPack) -> None:
    window = program.window
    flow = window.pack_flow
    flow._pack = pack
    pack.installed.connect(flow._installed)
    event = m.ModelFailed("resnet50", "resnet50 needs PyTorch.", "", needs_pytorch=True)
    window.controller.model_failed.emit(event)
    (dialog,) = window.findChildren(PackDialog)
    assert dialog.key == "resnet50"
    pack.installed.emit()
    assert window.controller.asked == ("resnet50",)
    dialog.close()


def test_nothing_is_asked_about_versions_unless_the_user_says_so(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = program.window
    started: list[bool] = []
    monkeypatch.setattr(updates.UpdateCheck, "_start", lambda self, asked: started.append(asked))
    window.updates.weekly()
    assert started == []
    window.preferences.change(update_check="weekly")
    window.updates.weekly()
    assert started == [False]
    updates._note_now()
    window.updates.weekly()
    assert started == [False], "once a week"
    window.commands.check_update()
    assert started == [False, True]


def test_what_is_new_is_shown_and_nothing_is_installed(program: Program) -> None:
    window = program.window
    window.updates._asked = True
    window.updates._show({"newer": [{"version": "9.0.0", "notes": "Better.", "page": "https://regard.example/9"}]})
    from desktop_app.gui.update_dialog import UpdateDialog

    (dialog,) = window.findChildren(UpdateDialog)
    assert "9.0.0" in "\n".join(label.text() for label in dialog.findChildren(QLabel))
    dialog.close()
