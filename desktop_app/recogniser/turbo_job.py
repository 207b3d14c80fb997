"""The recogniser's side of Turbo: one job at a time, in a process of its own, and the frames that it is given."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

import desktop_app
from desktop_app.core.frame import Bgr, Frame
from desktop_app.core.turbo import TurboReport, frames_needed
from desktop_app.i18n import language, tr
from desktop_app.paths import log_dir
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.turbo_frames import EVERY, write_end, write_frame

PATIENCE = 20.0
"""Seconds without a frame after which what came has to do."""
_COMMAND = ("models", "turbo")
# Windows has no `nice`; nor shall a console flash up there.
_FLAGS = getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0) | getattr(subprocess, "CREATE_NO_WINDOW", 0)


def _command(command: m.MakeTurbo) -> list[str]:
    start = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "desktop_app"]
    frames = ["--frames", *command.specs] if command.specs else []
    options = ["--job", "--count", str(command.count), "--conf", str(command.confidence)]
    return [*start, *_COMMAND, command.key, *options, *frames]


def _environment() -> dict[str, str]:
    """Speaks the window's language, and finds this very program."""
    package = str(Path(desktop_app.__file__).parent.parent)
    path = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
    return {**os.environ, "LC_ALL": language(), "PYTHONUTF8": "1", "PYTHONPATH": path}


class _Job:
    """One process with the threads that feed it and listen to it."""

    def __init__(self, command: m.MakeTurbo, send: Callable[[m.Event], None], done: Callable[[str], None]) -> None:
        self.key = command.key
        self._send, self._done = send, done
        self._cancelled = False
        self._wanted = 0 if command.specs else frames_needed(command.count)
        self._due = 0.0
        self._frames: queue.Queue[Bgr] = queue.Queue(2)
        with open(log_dir() / "turbo.txt", "wb") as trouble:
            self._process = subprocess.Popen(
                _command(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=trouble,
                env=_environment(),
                creationflags=_FLAGS,
            )
        self.thread = threading.Thread(target=self._listen, name="turbo", daemon=True)
        self.thread.start()
        self._feeder = threading.Thread(target=self._feed, name="turbo frames", daemon=True)
        if self._wanted:
            self._feeder.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def offer(self, frame: Frame) -> None:
        """Takes a copy now and then; never waits."""
        now = time.monotonic()
        if not self._wanted or now < self._due or self._frames.full():
            return
        self._due = now + EVERY
        self._wanted -= 1
        self._frames.put_nowait(frame.bgr.copy())

    def cancel(self) -> None:
        self._cancelled = True
        self._process.kill()

    def _feed(self) -> None:
        pipe = self._process.stdin
        assert pipe is not None
        with contextlib.suppress(OSError, ValueError):  # it ended
            while (bgr := self._next_frame()) is not None:
                write_frame(pipe, bgr)
            self._wanted = 0
            write_end(pipe)

    def _next_frame(self) -> Bgr | None:
        """`None` when no more are wanted, or none came for long."""
        until = time.monotonic() + PATIENCE
        while self._wanted or not self._frames.empty():
            try:
                return self._frames.get(timeout=0.2)
            except queue.Empty:
                if time.monotonic() > until or self._process.poll() is not None:
                    return None
        return None

    def _listen(self) -> None:
        assert self._process.stdout is not None
        said: m.Event | None = None
        for line in self._process.stdout:
            event = _event(self.key, line)
            if isinstance(event, m.TurboProgress):
                self._send(event)
            elif event is not None:
                said = event
        status = self._process.wait()
        self._wanted = 0
        self._tidy()
        if isinstance(said, m.TurboDone):
            self._done(self.key)
        self._send(said if isinstance(said, m.TurboDone) else self._last_word(said, status))

    def _last_word(self, said: m.Event | None, status: int) -> m.Event:
        if self._cancelled:
            return m.TurboFailed(self.key)
        return said or m.TurboFailed(
            self.key,
            tr("Turbo ended without an answer (exit status {status}).", status=status),
            tr("Details are in {path}.", path=log_dir() / "turbo.txt"),
        )

    def _tidy(self) -> None:
        from desktop_app.models import turbo

        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):  # what was not written yet has no reader
                assert pipe is not None
                pipe.close()
        turbo.sweep(self._process.pid)


def _event(key: str, line: bytes) -> m.Event | None:
    """What a line of the process says; `None` for anything else."""
    try:
        row: dict[str, Any] = json.loads(line)
        if "stage" in row:
            return m.TurboProgress(key, row["stage"], row["done"], row["total"])
        if "report" in row:
            return m.TurboDone(key, msgspec.convert(row["report"], TurboReport))
        return m.TurboFailed(key, row["message"], row["hint"])
    except (ValueError, TypeError, KeyError):
        return None


class TurboJobs:
    """Answers the commands. `changed`: called with the key when an int8 network came or went."""

    def __init__(self, send: Callable[[m.Event], None], changed: Callable[[str], None]) -> None:
        self._send, self._changed = send, changed
        self._job: _Job | None = None

    def make(self, command: m.MakeTurbo) -> None:
        job = self._job
        if job is not None and job.thread.is_alive():
            message = tr("Turbo is still at work on {model}.", model=job.key)
            self._send(m.TurboFailed(command.key, message, tr("Wait for it, or cancel it.")))
            return
        self._job = _Job(command, self._send, self._changed)

    def cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def remove(self, command: m.RemoveTurbo) -> None:
        from desktop_app.models import turbo

        turbo.remove(command.key)
        self._changed(command.key)

    def offer(self, frame: Frame) -> None:
        """Every frame of the running source comes here, from the threads of the pipeline."""
        if self._job is not None:
            self._job.offer(frame)

    def stop(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job.thread.join(1.0)

    @property
    def pid(self) -> int | None:
        """Of the process at work."""
        return self._job.pid if self._job is not None and self._job.thread.is_alive() else None
