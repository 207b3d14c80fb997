"""The window's end of the recogniser: starts, watches, kills and restarts the child process. No Qt."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import queue
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from typing import Protocol

import msgspec

from desktop_app.core.picture import Picture
from desktop_app.core.sleep import SleepWatch
from desktop_app.paths import log_dir
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.frame_ring import FrameRingReader
from desktop_app.recogniser.messages import Command, Event

log = logging.getLogger(__name__)

PING = 0.5
HUNG = 20.0
"""Seconds without a heartbeat after which the child is killed. Converting a large network holds the interpreter for
several seconds, so less would kill the innocent; a driver that hangs is noticed by the child itself much earlier."""
MAX_RESTARTS = 5
PER_SECONDS = 60.0


class Restarting(Event, frozen=True):
    """The child died or hung; it is started again with the last good state. Made by the client, never sent."""

    reason: str


class GaveUp(Event, frozen=True):
    """The child died more than five times within a minute. Made by the client, never sent."""

    reason: str


class Client(Protocol):
    """What the window needs of the recogniser; the tests of the window use a stand-in."""

    def start(self) -> None: ...

    def send(self, command: Command) -> None:
        """Never blocks. Kept, so that a restarted child gets the last good state again."""

    def poll(self) -> list[Event]:
        """The events since the last call; watches the heartbeat too, so it is called now and then in any case."""

    def newest_frame(self) -> Picture | None:
        """The newest frame, once; `None` where nothing new came since the last call."""

    def listen(self, arrived: Callable[[], None]) -> None:
        """`arrived` is called when there is something to poll, from another thread, once until the next `poll`."""

    def stop(self, timeout: float = 1.5) -> None:
        """Ends the child, by force after `timeout` seconds."""

    @property
    def pid(self) -> int | None: ...


class _Memory:
    """The last command of each kind that makes up the state: a new child is brought to where the old one was."""

    ORDER: tuple[type[Command], ...] = (
        m.SetLanguage,
        m.SetMirror,
        m.SetView,
        m.SetThresholds,
        m.SetOrientation,
        m.SetSynced,
        m.SetPlayback,
        m.SetTarget,
        m.SetTracking,
        m.SetStress,
        m.TellFormats,
        m.SetCameras,
        m.SetModels,
        m.SetAccess,
        m.OpenSource,
        m.StartRecording,
        m.Prepare,
        m.ListCameras,
    )

    def __init__(self) -> None:
        self._last: dict[type[Command], Command] = {}
        self._opened: m.OpenSource | None = None
        self._paused = False
        self._position = 0
        self._finite = False

    def keep(self, command: Command) -> None:
        if isinstance(command, m.OpenSource):
            self._paused, self._position, self._finite = command.paused, command.seek_to, False
        elif isinstance(command, m.CloseSource):
            self._opened = None
            self._last.pop(m.OpenSource, None)
        elif isinstance(command, m.StopRecording):
            self._last.pop(m.StartRecording, None)
        elif isinstance(command, m.CancelOpen):
            self._forget(command.request)
        elif isinstance(command, m.Pause):
            self._paused = command.paused
        elif isinstance(command, m.Step):
            self._paused = True
        if type(command) in self.ORDER:
            self._last[type(command)] = command

    def note(self, event: Event) -> None:
        if isinstance(event, m.SourceOpened):
            self._finite = not event.info.live
            last = self._last.get(m.OpenSource)
            if isinstance(last, m.OpenSource) and last.request == event.request:
                self._opened = last
        elif isinstance(event, m.SourceState) and event.phase == "failed":
            self._forget(event.request)
        elif isinstance(event, m.Stats) and self._finite and event.position is not None:
            self._position = event.position

    def _forget(self, request: int) -> None:
        """This source is not to be opened again, for a driver may hang in it: what was there before is."""
        last = self._last.get(m.OpenSource)
        if not isinstance(last, m.OpenSource) or last.request != request:
            return
        if self._opened is not None and self._opened.request != request:
            self._last[m.OpenSource] = self._opened
        else:
            self._opened = None
            self._last.pop(m.OpenSource)

    def replay(self) -> list[Command]:
        commands = [self._last[kind] for kind in self.ORDER if kind in self._last]
        return [
            msgspec.structs.replace(c, paused=self._paused, seek_to=self._position)
            if isinstance(c, m.OpenSource)
            else c
            for c in commands
        ]


class _Link:
    """One child with its pipes and threads."""

    def __init__(self, ring_prefix: str, arrived: Callable[[], None]) -> None:
        self._arrived = arrived
        context = multiprocessing.get_context("spawn")
        commands_out, self._commands = context.Pipe(duplex=False)
        self._events, events_in = context.Pipe(duplex=False)
        self.ring_prefix = ring_prefix
        self.events: deque[Event] = deque()
        self.heard_at = time.monotonic()
        self.ring: FrameRingReader | None = None
        self.ring_error: str | None = None
        self._outgoing: queue.SimpleQueue[Command | None] = queue.SimpleQueue()
        from desktop_app.recogniser.start import main

        self.process: BaseProcess = context.Process(
            target=main,
            args=(commands_out, events_in, ring_prefix, str(log_dir() / "recogniser-crash.txt")),
            name="recogniser",
            daemon=True,
        )
        self.process.start()
        commands_out.close()
        events_in.close()
        self._threads = [
            threading.Thread(target=self._read, name="recogniser events", daemon=True),
            threading.Thread(target=self._write, name="recogniser commands", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def send(self, command: Command) -> None:
        self._outgoing.put(command)

    def end(self, timeout: float) -> None:
        """Asks, waits, kills; leaves no thread, process, pipe or shared memory."""
        if timeout > 0:
            self.send(m.Shutdown())
            self.process.join(timeout)
        if self.process.is_alive():
            self.process.kill()
            self.process.join(2.0)
        self._outgoing.put(None)
        for thread in self._threads:
            thread.join(1.0)
        for pipe in (self._commands, self._events):
            pipe.close()
        if self.ring is not None:
            self.ring.close()
            self.ring = None
        _sweep(self.ring_prefix)
        _sweep(f"{self.ring_prefix}-compare")
        if not self.process.is_alive():
            self.process.close()

    def _read(self) -> None:
        while True:
            try:
                events = m.decode_events(self._events.recv_bytes())
            except (EOFError, OSError):
                self._arrived()  # it died: the sooner this is noticed the better
                return
            except (msgspec.DecodeError, ValueError):
                log.exception("the recogniser sent something that is not an event")
                continue
            self.heard_at = time.monotonic()
            self.events.extend(events)
            self._arrived()

    def _write(self) -> None:
        while (command := self._outgoing.get()) is not None:
            try:
                self._commands.send_bytes(m.encode(command))
            except OSError:
                return


def _sweep(ring_prefix: str) -> None:
    """Removes rings that a killed child made and this process never attached to."""
    number = 1
    misses = 0
    while misses < 3:
        try:
            FrameRingReader(f"{ring_prefix}-{number}").close()
        except (FileNotFoundError, ValueError):
            misses += 1
        number += 1


class RecogniserClient:
    """Implements `Client`. All methods are called from one thread, the window's."""

    def __init__(self) -> None:
        self._link: _Link | None = None
        self._memory = _Memory()
        self._local: list[Event] = []
        self._deaths: deque[float] = deque(maxlen=MAX_RESTARTS + 1)
        self._pinged_at = 0.0
        self._sleep = SleepWatch()
        self._stopped = True
        self._listener: Callable[[], None] | None = None
        self._told = False

    @property
    def pid(self) -> int | None:
        return self._link.process.pid if self._link is not None else None

    def start(self) -> None:
        self._stopped = False
        self._link = _Link(f"regard-{os.getpid()}-{secrets.token_hex(3)}", self._arrived)
        for command in self._memory.replay():
            self._link.send(command)

    def send(self, command: Command) -> None:
        self._memory.keep(command)
        if isinstance(command, m.OpenSource) and self._link is None and not self._stopped:
            # The user tries something else after the client gave up.
            self._deaths.clear()
            self.start()
            return
        if self._link is not None:
            self._link.send(command)

    def listen(self, arrived: Callable[[], None]) -> None:
        self._listener = arrived

    def _arrived(self) -> None:
        """In a reading thread. What comes until the window has polled is polled with it."""
        listener = self._listener
        if listener is not None and not self._told:
            self._told = True
            listener()

    def poll(self) -> list[Event]:
        self._told = False
        events, self._local = self._local, []
        link = self._link
        if link is None:
            return events
        quiet = not link.events
        while link.events:
            event = link.events.popleft()
            self._memory.note(event)
            if isinstance(event, m.RingOpened):
                self._attach(link, event.name)
            elif not isinstance(event, m.PictureReady):
                events.append(event)
        self._watch(link, quiet)
        return events

    def newest_frame(self) -> Picture | None:
        # While a new source opens, frames of the old one go on: the picture never freezes.
        return None if self._link is None or self._link.ring is None else self._link.ring.newest()

    def stop(self, timeout: float = 1.5) -> None:
        self._stopped = True
        self._listener = None
        if self._link is not None:
            self._link.end(timeout)
            self._link = None

    def _attach(self, link: _Link, name: str) -> None:
        if link.ring is not None:
            link.ring.close()
            link.ring = None
        # A ring may have been replaced already by a larger one, whose event follows.
        with contextlib.suppress(FileNotFoundError):
            link.ring = FrameRingReader(name)

    def _watch(self, link: _Link, quiet: bool) -> None:
        """`quiet`: it has said nothing since it was looked at last; who speaks lives."""
        now = time.monotonic()
        if self._sleep.slept():
            link.heard_at = now  # the child slept too
        if now - self._pinged_at > PING:
            self._pinged_at = now
            link.send(m.Ping())
        if quiet and not link.process.is_alive():
            self._restart(f"exit status {link.process.exitcode}")
        elif now - link.heard_at > HUNG:
            self._restart(f"no sign of life for {HUNG:.0f} s")

    def _restart(self, reason: str) -> None:
        log.error("the recogniser ended: %s", reason)
        assert self._link is not None
        # What it said before it died still counts (a model that failed, say).
        self._local.extend(e for e in self._link.events if not isinstance(e, m.RingOpened | m.PictureReady))
        self._link.end(0)
        self._link = None
        now = time.monotonic()
        self._deaths.append(now)
        if len(self._deaths) > MAX_RESTARTS and now - self._deaths[0] < PER_SECONDS:
            self._local.append(GaveUp(reason))
            return
        self._local.append(Restarting(reason))
        self.start()
