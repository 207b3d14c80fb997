"""The window's end of the process that makes small pictures of a video."""

from __future__ import annotations

import contextlib
import multiprocessing
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Protocol

import msgspec

from desktop_app.recogniser.thumbnail_wire import Begin, Thumbnail


class ThumbnailClient(Protocol):
    """What the window needs of it; the tests of the window use a stand-in. No method waits."""

    def start(self, spec: str, count: int) -> None:
        """Of this video, instead of any before."""

    def want(self, number: int) -> None: ...

    def rest(self, resting: bool) -> None:
        """While it rests only what is wanted is made."""

    def poll(self) -> list[Thumbnail]: ...

    def stop(self) -> None: ...


class ThumbnailProcess:
    """Implements `ThumbnailClient`; one process a video."""

    def __init__(self) -> None:
        self._process: BaseProcess | None = None
        self._commands: Connection | None = None
        self._events: Connection | None = None
        self._generation = 0

    def start(self, spec: str, count: int) -> None:
        from desktop_app.recogniser.thumbnail_job import main

        self.stop()
        self._generation += 1
        context = multiprocessing.get_context("spawn")
        commands_out, self._commands = context.Pipe(duplex=False)
        self._events, events_in = context.Pipe(duplex=False)
        self._process = context.Process(target=main, args=(commands_out, events_in), name="thumbnails", daemon=True)
        self._process.start()
        commands_out.close()
        events_in.close()
        self._send(msgspec.msgpack.encode(Begin(self._generation, spec, count)))

    def want(self, number: int) -> None:
        self._send(msgspec.msgpack.encode(number))

    def rest(self, resting: bool) -> None:
        self._send(msgspec.msgpack.encode(resting))

    def _send(self, data: bytes) -> None:
        if self._commands is not None:
            with contextlib.suppress(OSError):  # it ended: there are no small pictures then
                self._commands.send_bytes(data)

    def poll(self) -> list[Thumbnail]:
        found: list[Thumbnail] = []
        while self._events is not None and len(found) < 8:
            try:
                if not self._events.poll():
                    break
                found.append(msgspec.msgpack.decode(self._events.recv_bytes(), type=Thumbnail))
            except (EOFError, OSError, msgspec.DecodeError):
                self.stop()
        return found

    def stop(self) -> None:
        for pipe in (self._commands, self._events):
            if pipe is not None:
                pipe.close()
        self._commands = self._events = None
        if self._process is not None:
            self._process.kill()
            self._process.join(1.0)
            self._process.close()
            self._process = None
