"""The window's end of the process that exports."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import queue
import threading
from collections.abc import Sequence
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Protocol

import msgspec

from desktop_app.exporting.item import ExportItem, ExportJob
from desktop_app.exporting.target import sweep
from desktop_app.i18n import language
from desktop_app.recogniser import export_wire as wire

log = logging.getLogger(__name__)
_PATIENCE = 5.0
"""Seconds for which a cancelled process may remove what it wrote."""
_WAITING = 8


class ExportClient(Protocol):
    """What the window needs of it; the tests of the window use a stand-in. No method waits."""

    def start(self, job: ExportJob) -> None: ...

    @property
    def room(self) -> bool:
        """It takes more items now."""

    def send(self, items: Sequence[ExportItem]) -> None: ...

    def finish(self) -> None:
        """No more items will come."""

    def cancel(self) -> None:
        """`Cancelled` comes when what was written is removed."""

    def poll(self) -> list[wire.Event]:
        """The events since the last call; the last one is `Done`, `Cancelled`, `Failed` or `Crashed`."""

    def stop(self) -> None:
        """The window closes."""


class ExportProcess:
    """Implements `ExportClient`; one process an export."""

    def __init__(self) -> None:
        self._process: BaseProcess | None = None
        self._events: Connection | None = None
        self._outgoing: queue.Queue[wire.Command | None] = queue.Queue()
        self._sender: threading.Thread | None = None
        self._target = Path()

    def start(self, job: ExportJob) -> None:
        from desktop_app.recogniser.export_job import main

        self._target = Path(job.target)
        context = multiprocessing.get_context("spawn")
        commands_out, commands = context.Pipe(duplex=False)
        self._events, events_in = context.Pipe(duplex=False)
        self._process = context.Process(
            target=main, args=(commands_out, events_in, language()), name="export", daemon=True
        )
        self._process.start()
        commands_out.close()
        events_in.close()
        self._outgoing = queue.Queue()
        self._sender = threading.Thread(
            target=_send_all, args=(self._outgoing, commands), name="export items", daemon=True
        )
        self._sender.start()
        self._outgoing.put(wire.Begin(job))

    @property
    def room(self) -> bool:
        return self._outgoing.qsize() < _WAITING

    def send(self, items: Sequence[ExportItem]) -> None:
        self._outgoing.put(wire.Items(tuple(items)))

    def finish(self) -> None:
        self._outgoing.put(wire.End())

    def cancel(self) -> None:
        self._forget_items()
        self._outgoing.put(wire.Cancel())

    def _forget_items(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                self._outgoing.get_nowait()

    def poll(self) -> list[wire.Event]:
        found: list[wire.Event] = []
        while self._events is not None:
            try:
                if not self._events.poll():
                    break
                found.append(wire.decode_event(self._events.recv_bytes()))
            except (EOFError, OSError):
                found += self._end()
            except (msgspec.DecodeError, ValueError):
                log.exception("the exporting process sent something that is not an event")
        return found

    def _end(self) -> list[wire.Event]:
        """A native crash says nothing itself: what it leaves is always the end."""
        assert self._process is not None
        self._close_pipes()
        self._process.join(_PATIENCE)
        code, pid = self._process.exitcode, self._process.pid
        if code and pid is not None:
            sweep(self._target, pid)
        self._process.close()
        self._process = None
        return [wire.Crashed(f"the export ended with exit status {code}")] if code else []

    def _close_pipes(self) -> None:
        if self._events is not None:
            self._events.close()
            self._events = None
        self._forget_items()
        self._outgoing.put(None)
        if self._sender is not None:
            self._sender.join(_PATIENCE)
            self._sender = None

    def stop(self) -> None:
        """The process hears its pipe close and removes what it wrote."""
        if self._process is None:
            return
        self._close_pipes()
        self._process.join(_PATIENCE)
        if self._process.is_alive():
            self._process.kill()
            self._process.join(_PATIENCE)
        self._process.close()
        self._process = None


def _send_all(outgoing: queue.Queue[wire.Command | None], commands: Connection) -> None:
    """Encodes and sends; a full pipe waits here and not in the window."""
    with commands:
        while (command := outgoing.get()) is not None:
            try:
                commands.send_bytes(wire.encode(command))
            except OSError:
                return  # it ended, and has said why
