"""The window's end of the process that analyses a video."""

from __future__ import annotations

import logging
import multiprocessing
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Protocol

import msgspec

from desktop_app.i18n import language
from desktop_app.recogniser import analysis_wire as wire

log = logging.getLogger(__name__)
_PATIENCE = 0.3
"""Seconds for which a process that was told to end may write the last of what it has found."""


class AnalysisClient(Protocol):
    """What the window needs of it; the tests of the window use a stand-in. No method waits."""

    def start(self, job: wire.Job) -> None: ...

    def poll(self) -> list[wire.Event]:
        """The events since the last call; the last one is `Done` or `Failed`."""

    def cancel(self) -> None:
        """`Done` comes when what was found is on the disk."""

    def stop(self) -> None:
        """The window closes, or another analysis begins."""


class AnalysisProcess:
    """Implements `AnalysisClient`; one process an analysis."""

    def __init__(self) -> None:
        self._process: BaseProcess | None = None
        self._commands: Connection | None = None
        self._events: Connection | None = None

    def start(self, job: wire.Job) -> None:
        from desktop_app.recogniser.analysis_job import main

        self.stop()
        context = multiprocessing.get_context("spawn")
        commands_out, self._commands = context.Pipe(duplex=False)
        self._events, events_in = context.Pipe(duplex=False)
        self._process = context.Process(
            target=main, args=(commands_out, events_in, language()), name="analysis", daemon=True
        )
        self._process.start()
        commands_out.close()
        events_in.close()
        self._commands.send_bytes(wire.encode(job))

    def poll(self) -> list[wire.Event]:
        found: list[wire.Event] = []
        while self._events is not None and not self._events.closed:
            try:
                if not self._events.poll():
                    break
                found.append(wire.decode_event(self._events.recv_bytes()))
            except (EOFError, OSError):
                self._events.close()
                found += self._last_words(found)
            except msgspec.DecodeError:
                log.exception("the analysis sent something that is not an event")
        return found

    def _last_words(self, found: list[wire.Event]) -> list[wire.Event]:
        """A native crash says nothing itself."""
        assert self._process is not None
        self._process.join(1.0)
        code = self._process.exitcode
        self._commands = None
        return [wire.Failed(f"the analysis ended with exit status {code}", "", " ")] if code else []

    def cancel(self) -> None:
        if self._commands is not None:
            self._commands.close()
            self._commands = None

    def stop(self) -> None:
        self.cancel()
        if self._process is not None:
            self._process.join(_PATIENCE)
            if self._process.is_alive():
                self._process.kill()
                self._process.join(1.0)
            self._process.close()
            self._process = None
        if self._events is not None:
            self._events.close()
            self._events = None
