"""The check for a newer version, as the window does it: a process of its own, asked for or once a week."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QProcess, QTimer

from desktop_app import __version__
from desktop_app.gui.pack_state import job_environment, own_command
from desktop_app.gui.session import Session
from desktop_app.i18n import tr
from desktop_app.paths import config_dir

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

WEEK = 7 * 24 * 3600.0
_SETTLED_MS = 30_000
"""So long after the start, which has better things to do."""


class UpdateCheck(QObject):
    """`weekly` asks by itself only where the setting says so, and says something only where there is something."""

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._window = session, window
        self._process: QProcess | None = None
        self._asked = False
        QTimer.singleShot(_SETTLED_MS, self, self.weekly)

    def ask(self) -> None:
        """The user wants to know."""
        self._start(asked=True)

    def weekly(self) -> None:
        if self._session.preferences.values.update_check == "weekly" and time.time() - _last() >= WEEK:
            self._start(asked=False)

    def _start(self, *, asked: bool) -> None:
        self._asked = asked
        if self._process is not None:
            return
        process = self._process = QProcess(self)
        process.setProcessEnvironment(job_environment())
        process.finished.connect(self._finished)
        command = own_command("doctor", "--check-update", "--format", "jsonl")
        process.start(command[0], command[1:])

    def _finished(self, status: int) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        out, err = (bytes(read().data()).decode("utf-8", "replace") for read in (
            process.readAllStandardOutput, process.readAllStandardError,
        ))  # fmt: skip
        process.deleteLater()
        if status:
            if self._asked:
                self._session.notifier.error(err.strip().removeprefix("regard: "), answer=True)
            return
        _note_now()
        self._show(json.loads(out))

    def _show(self, answer: dict[str, Any]) -> None:
        newer = answer["newer"]
        if newer and self._asked:
            self._open(newer)
        elif newer:
            show = (tr("What is new"), lambda: self._open(newer))
            text = tr("Regard {new} is there; this is {own}.", new=newer[0]["version"], own=__version__)
            self._session.notifier.tell("info", text, action=show, key="update")
        elif self._asked:
            text = tr("Regard {version} is the newest.", version=__version__)
            self._session.notifier.tell("success", text, key="update")

    def _open(self, newer: list[dict[str, str]]) -> None:
        from desktop_app.gui.update_dialog import UpdateDialog

        UpdateDialog(newer, self._window).open()


def _last() -> float:
    try:
        return (config_dir() / "update-checked").stat().st_mtime
    except OSError:
        return 0.0


def _note_now() -> None:
    try:
        (config_dir() / "update-checked").touch()
    except OSError:
        return  # it asks again the next time
