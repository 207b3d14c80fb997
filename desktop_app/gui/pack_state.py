"""The PyTorch pack as the window sees it: `regard models pack --job`, a process of its own, looks and installs."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Signal

import desktop_app
from desktop_app.core.progress import Progress
from desktop_app.i18n import language, tr


def own_command(*arguments: str) -> list[str]:
    """This very program with other arguments."""
    start = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "desktop_app"]
    return [*start, *arguments]


def job_command(action: str, build: str = "auto") -> list[str]:
    return own_command("models", "pack", action, "--build", build, "--job")


def job_environment() -> QProcessEnvironment:
    """Speaks the window's language, and finds this very program."""
    environment = QProcessEnvironment.systemEnvironment()
    environment.insert("LC_ALL", language())
    environment.insert("PYTHONUTF8", "1")
    package = str(Path(desktop_app.__file__).parent.parent)
    environment.insert("PYTHONPATH", os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH")))))
    return environment


class PackState(QObject):
    """One job at a time. Closing the job's standard input ends it; what was fetched is kept."""

    told = Signal(object)
    """The state after a job (see `cli.pack.state`)."""
    progressed = Signal(object)
    installed = Signal()
    removed = Signal()
    failed = Signal(str, str, bool)
    """Message, hint, and whether the user cancelled it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self.action = ""
        self._ended = False

    @property
    def busy(self) -> bool:
        return self._process is not None

    @property
    def installing(self) -> bool:
        return self.busy and self.action == "install"

    def start(self, action: str, build: str = "auto") -> None:
        """`action`: "status", "install" or "remove"."""
        if self.busy:
            return
        self.action, self._ended = action, False
        process = self._process = QProcess(self)
        process.setProcessEnvironment(job_environment())
        process.readyReadStandardOutput.connect(self._read)
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._broken)
        command = job_command(action, build)
        process.start(command[0], command[1:])

    def cancel(self) -> None:
        if self._process is not None:
            self._process.closeWriteChannel()

    def stop(self) -> None:
        """At the end of the program: waits a moment, then ends it by force."""
        process, self._process = self._process, None
        if process is not None:
            process.disconnect(self)
            process.closeWriteChannel()
            if not process.waitForFinished(1500):
                process.kill()
                process.waitForFinished(1000)

    def _read(self) -> None:
        process = self._process
        while process is not None and process.canReadLine():
            line = bytes(process.readLine().data())
            try:
                self._take(json.loads(line))
            except (ValueError, KeyError, TypeError):
                continue  # a library said something

    def _take(self, line: dict[str, Any]) -> None:
        if "progress" in line:
            self.progressed.emit(Progress(**line["progress"]))
        elif "state" in line:
            self._ended = True
            self.told.emit(line["state"])
        elif "message" in line:
            self._ended = True
            self.failed.emit(line["message"], line.get("hint", ""), bool(line.get("cancelled")))

    def _broken(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._finished(1)

    def _finished(self, status: int, _: object = None) -> None:
        self._read()
        process, self._process = self._process, None
        if process is not None:
            process.deleteLater()
        if not self._ended:
            self.failed.emit(tr("The installation of PyTorch was interrupted."), tr("What was fetched is kept."), False)
        elif status == 0 and self.action == "install":
            self.installed.emit()
        elif status == 0 and self.action == "remove":
            self.removed.emit()
