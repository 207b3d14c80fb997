"""The window's end of the recorder."""

from __future__ import annotations

import logging
import multiprocessing
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Protocol

import msgspec

from desktop_app.paths import log_dir
from desktop_app.recording import messages as m

log = logging.getLogger(__name__)


class RecorderClient(Protocol):
    """What the window needs of a recorder, which makes one recording; the tests of the window use a stand-in."""

    def start(self, job: m.Job) -> None: ...

    def send(self, order: m.ToRecorder) -> None:
        """Never blocks: orders are small and few."""

    def poll(self) -> list[m.FromRecorder]:
        """What it said since the last call; never blocks. The last is a `Done`, also where the process died."""

    def stop(self, timeout: float) -> None:
        """Waits for it to finish its files, and ends it after `timeout` seconds; they can be played all the same."""


class RecorderProcess:
    """Implements `RecorderClient`. A process of its own: encoders and what they parse cannot harm the window, and what
    was recorded outlives a recogniser that dies."""

    def __init__(self) -> None:
        self._process: BaseProcess | None = None
        self._orders: Connection | None = None
        self._events: Connection | None = None
        self._last = m.Progress("", 0, 0, 0, 0)
        self._done = False

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    def start(self, job: m.Job) -> None:
        from desktop_app.recording.start import main

        context = multiprocessing.get_context("spawn")
        orders_out, self._orders = context.Pipe(duplex=False)
        self._events, events_in = context.Pipe(duplex=False)
        self._last = m.Progress(job.path, 0, 0, 0, 0)
        self._process = context.Process(
            target=main,
            args=(orders_out, events_in, str(log_dir() / "recorder-crash.txt")),
            name="recorder",
            daemon=True,
        )
        self._process.start()
        orders_out.close()
        events_in.close()
        self.send(job)

    def send(self, order: m.ToRecorder) -> None:
        if self._orders is None:
            return
        try:
            self._orders.send_bytes(m.encode(order))
        except OSError:
            log.info("the recorder is gone")  # `poll` tells it

    def poll(self) -> list[m.FromRecorder]:
        found: list[m.FromRecorder] = []
        while self._events is not None and not self._done:
            try:
                if not self._events.poll():
                    break
                found.append(m.from_recorder(self._events.recv_bytes()))
            except (EOFError, OSError):
                found.append(self._last_words())
            except (msgspec.DecodeError, ValueError):
                log.exception("the recorder sent something that is no message")
            if found and isinstance(found[-1], m.Progress):
                self._last = found[-1]
            self._done = bool(found) and isinstance(found[-1], m.Done)
        return found

    def _last_words(self) -> m.Done:
        """A native crash says nothing itself, nor does a process that was killed."""
        assert self._process is not None
        self._process.join(2.0)
        last = self._last
        log.error("the recorder ended with exit status %s", self._process.exitcode)
        return m.Done(last.path, "died", last.milliseconds, last.frames, last.dropped, last.bytes)

    def stop(self, timeout: float) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.join(timeout)
        if process.is_alive():
            process.kill()
            process.join(2.0)
        for pipe in (self._orders, self._events):
            if pipe is not None:
                pipe.close()
        self._orders = self._events = None
        if not process.is_alive():
            process.close()
