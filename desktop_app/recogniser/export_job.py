"""The process that exports: decodes and writes pictures beside the window and the recogniser, at low priority.

It ends when the window closes the pipe, and leaves nothing half-made behind.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import threading
import time
import traceback
from collections.abc import Iterator
from multiprocessing.connection import Connection

from desktop_app.errors import AppError
from desktop_app.exporting.item import ExportItem
from desktop_app.i18n import set_language
from desktop_app.recogniser import export_wire as wire
from desktop_app.recogniser.environment import secure_environment

NICENESS = 10
TELL_EVERY = 0.1
"""Seconds between two `Progress`."""


class _Inlet:
    """Reads commands in a thread, so that a cancel is heard in the middle of the items."""

    def __init__(self, commands: Connection) -> None:
        self._commands = commands
        self._items: queue.Queue[tuple[ExportItem, ...] | None] = queue.Queue(8)
        self.stop = threading.Event()
        threading.Thread(target=self._run, name="inlet", daemon=True).start()

    def __iter__(self) -> Iterator[ExportItem]:
        while not self.stop.is_set():
            try:
                items = self._items.get(timeout=0.1)
            except queue.Empty:
                continue
            if items is None:
                return
            yield from items

    def _run(self) -> None:
        while True:
            try:
                command = wire.decode_command(self._commands.recv_bytes())
            except (EOFError, OSError):  # the window is gone
                command = wire.Cancel()
            if isinstance(command, wire.Cancel):
                self.stop.set()
                return
            self._put(command.items if isinstance(command, wire.Items) else None)

    def _put(self, items: tuple[ExportItem, ...] | None) -> None:
        while not self.stop.is_set():
            try:
                self._items.put(items, timeout=0.1)
                return
            except queue.Full:
                continue


class _Outlet:
    def __init__(self, events: Connection) -> None:
        self._events = events
        self._told_at = 0.0

    def send(self, event: wire.Event) -> None:
        with contextlib.suppress(OSError):  # the window is gone; the inlet hears it too
            self._events.send_bytes(wire.encode(event))

    def progress(self, done: int) -> None:
        now = time.monotonic()
        if now - self._told_at >= TELL_EVERY:
            self._told_at = now
            self.send(wire.Progress(done))


def main(commands: Connection, events: Connection, language: str) -> None:
    """Entry of the spawned process."""
    secure_environment()
    set_language(language)
    for name in ("SIGINT", "SIGTERM"):
        # Both reach this process when the window ends; the closed pipe then says so, and what was begun is removed.
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    outlet = _Outlet(events)
    try:
        outlet.send(_export(commands, outlet))
    except AppError as error:
        outlet.send(wire.Failed(error.message, error.hint))
    except Exception as error:
        outlet.send(wire.Crashed(f"{type(error).__name__}: {error}", traceback.format_exc()))
    events.close()


def _export(commands: Connection, outlet: _Outlet) -> wire.Event:
    from desktop_app.exporting.export import export

    try:
        begin = wire.decode_command(commands.recv_bytes())
    except (EOFError, OSError):
        return wire.Cancelled()
    if not isinstance(begin, wire.Begin):
        return wire.Cancelled()
    inlet = _Inlet(commands)
    report = export(begin.job, inlet, outlet.progress, inlet.stop)
    return wire.Cancelled() if report is None else wire.Done(report)
