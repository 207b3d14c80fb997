"""The recogniser's side of a recording: every frame with what is drawn over it, and every result, to the recorder.

The threads of the pipeline leave frames here and go on; a thread of this object copies them into shared memory. A live
source never waits: what finds no room is dropped and counted. A file waits in its capture thread, so nothing is lost.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Client, Connection, Listener
from typing import Any

from desktop_app.core.capture import Phase
from desktop_app.core.frame import Frame
from desktop_app.core.pipeline import Pipeline
from desktop_app.core.results import Result
from desktop_app.core.source import SourceInfo
from desktop_app.recogniser import messages as m
from desktop_app.recogniser import recording_wire as wire
from desktop_app.recogniser.frame_slots import FrameSlots

_SETTLED = 0.1
"""Seconds after which a live frame that no other one follows is given with the results that are there by then."""
_LOOK_EVERY = 0.004
_PATIENCE = 10.0
"""Seconds for a recorder that starts, or that finishes its file."""
_WAITING_MOST = 4
"""Frames of a file that wait for the recorder before the next one is decoded; those under way come on top."""
_BACKLOG_BYTES = 96 << 20


@dataclass(slots=True)
class _Held:
    """The newest frame of a live source. It is given when the next one comes, as it was last seen on the screen.

    `drawn`: the results it was given with already.
    """

    frame: Frame
    since: float
    drawn: dict[str, Result] | None = None


@dataclass(frozen=True, slots=True)
class _Given:
    frame: Frame
    results: tuple[Result, ...]
    own: bool


class RecordingFeed:
    """One recording at a time. `start` and `stop` are commands; all else is told by the threads of the pipeline."""

    def __init__(self, send: Callable[[m.Event], None], pipeline: Pipeline) -> None:
        self._send_event, self._pipeline = send, pipeline
        self._changed = threading.Condition()
        self._active = False
        self._request: int | None = None
        self._held: _Held | None = None
        self._last: tuple[int, Frame] | None = None
        self._results: dict[str, Result] = {}
        self._waiting: deque[_Given | wire.Fed] = deque()
        self._bytes = self._dropped = 0
        self._lost = False
        self._connection: Connection | None = None
        self._slots: FrameSlots | None = None
        self._address: list[Any] = []
        self._threads: list[threading.Thread] = []
        self._quit = threading.Event()

    # --- commands ---------------------------------------------------------------------------------------------------

    def start(self, command: m.StartRecording) -> None:
        self.shut_down(0.5)
        models = self._pipeline.models()
        with self._changed:
            self._waiting.clear()
            self._bytes = self._dropped = 0
            self._waiting.extend(wire.FedNames(key, tuple(model.names)) for key, model in models)
            self._request = None
            if self._last is not None:
                # What is on the screen now is the first frame.
                self._request, frame = self._last
                seen = self._seen([key for key, _ in models])
                self._give(replace(frame, captured_at=command.at), seen, own=True, live=True)
                if self._held is not None:
                    self._held.drawn = {result.model_key: result for result in seen}
            if self._lost:
                self._waiting.append(wire.FedPhase(True, command.at))
            self._active = True
        self._quit.clear()
        listener, *self._address = wire.listen()
        self._threads = [
            threading.Thread(target=self._accept, args=(listener,), name="recorder calls", daemon=True),
            threading.Thread(target=self._run, name="recording feed", daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        self._send_event(m.FeedReady(*self._address))

    def stop(self, command: m.StopRecording) -> None:
        self._end(command.at, "stopped")

    def shut_down(self, patience: float) -> None:
        """Ends the threads of a recording that is over; what the recorder has not taken within `patience` is lost."""
        self._end(time.perf_counter(), "stopped")
        for thread in self._threads:
            thread.join(patience)
        if any(thread.is_alive() for thread in self._threads):
            self._quit.set()
            self._call_off()
            for thread in self._threads:
                thread.join(1.0)
        self._threads = []

    def source_gone(self) -> None:
        """The source was closed."""
        self._end(time.perf_counter(), "source")
        with self._changed:
            self._forget_source()

    # --- told by the pipeline ---------------------------------------------------------------------------------------

    def newest(self, request: int, frame: Frame) -> None:
        """Of a live source; called in its capture thread, never waits."""
        self._same_source(request)
        keys = self._keys()
        with self._changed:
            if self._active:
                self._give_held(keys)
                if self._lost:
                    self._waiting.append(wire.FedPhase(False, frame.captured_at))
            self._lost = False
            self._held = _Held(frame, time.monotonic())
            self._last = request, frame
            self._changed.notify()

    def recognised(self, request: int, result: Result) -> None:
        with self._changed:
            self._results[result.model_key] = result
            if self._active and self._last is not None:
                frame = self._last[1]
                self._waiting.append(wire.FedResult(m.PackedResult.of(result), frame.width, frame.height))
                self._changed.notify()

    def done(self, request: int, frame: Frame, results: Sequence[Result], info: SourceInfo | None) -> None:
        """A frame with its own results, of a file or of a live source; a still may come again with other thresholds."""
        self._same_source(request)
        live = info is None or info.live
        with self._changed:
            before = self._last[1] if self._last is not None else None
            self._last = request, frame
            self._results = {result.model_key: result for result in results}
            if not self._active:
                return
            if before is not None and before.index == frame.index and not live:
                return
            if not live and before is not None and _at_end(before, info) and frame.index < before.index:
                # A film that begins again is over.
                self._finish(time.perf_counter(), "ended")
                return
            if live and before is frame:
                frame = replace(frame, captured_at=time.perf_counter())
            self._held = None
            self._give(frame, tuple(results), own=True, live=live)

    def phase(self, request: int, phase: Phase) -> None:
        now = time.perf_counter()
        if self._active and request != self._request:
            return
        if phase in ("ended", "failed", "closed"):
            self._end(now, "ended" if phase == "ended" else "source")
        keys = self._keys()
        with self._changed:
            if phase != "lost" or self._lost:
                return
            self._lost = True
            if self._active:
                self._give_held(keys)
                self._held = None
                self._waiting.append(wire.FedPhase(True, now))
                self._changed.notify()

    def model_ready(self, key: str, names: tuple[str, ...]) -> None:
        with self._changed:
            if self._active:
                self._waiting.append(wire.FedNames(key, names))
                self._changed.notify()

    def wait_for_room(self, stop: threading.Event) -> None:
        """In the capture thread of a file: until the recorder keeps up."""
        with self._changed:
            while self._active and not stop.is_set() and self._crowded():
                self._changed.wait(_LOOK_EVERY)

    def _keys(self) -> list[str]:
        """Of the models that run, in their order. Not with the lock held: the pipeline has one of its own."""
        return [key for key, _ in self._pipeline.models()] if self._active else []

    # --- with the lock held -----------------------------------------------------------------------------------------

    def _crowded(self) -> bool:
        if self._connection is None:  # it is only starting: the film need not stop for it
            return self._bytes > _BACKLOG_BYTES // 2
        frames = sum(isinstance(item, _Given) for item in self._waiting)
        return frames + (self._slots.waiting if self._slots is not None else 0) >= _WAITING_MOST

    def _forget_source(self) -> None:
        self._last, self._held, self._lost = None, None, False
        self._results.clear()

    def _seen(self, keys: Sequence[str]) -> tuple[Result, ...]:
        """The newest results of the models that run, in their order."""
        return tuple(self._results[key] for key in keys if key in self._results)

    def _give_held(self, keys: Sequence[str]) -> None:
        """The frame that was on the screen until now, as it was seen last."""
        held = self._held
        if held is not None and held.drawn is None:
            self._give(held.frame, self._seen(keys), own=False, live=True)

    def _give(self, frame: Frame, results: tuple[Result, ...], *, own: bool, live: bool) -> None:
        if live and self._bytes + frame.nbytes > _BACKLOG_BYTES:
            self._thin_out()
        self._bytes += frame.nbytes
        self._waiting.append(_Given(frame, results, own))
        self._changed.notify()

    def _thin_out(self) -> None:
        """Drops every second frame of those that wait: a gap in each place is seen less than a long one."""
        kept: deque[_Given | wire.Fed] = deque()
        odd = True
        for item in self._waiting:
            if isinstance(item, _Given):
                odd = not odd
                if odd:
                    self._dropped += 1
                    self._bytes -= item.frame.nbytes
                    continue
            kept.append(item)
        self._waiting = kept

    def _finish(self, at: float, reason: wire.EndReason) -> None:
        if self._active:
            self._waiting.append(wire.FedEnd(at, reason))
            self._active = False
            self._changed.notify_all()

    # --- the end ----------------------------------------------------------------------------------------------------

    def _same_source(self, request: int) -> None:
        """Another source ends the recording: it has another size, another name and other results."""
        if self._last is not None and self._last[0] != request:
            self._end(time.perf_counter(), "source")
            with self._changed:
                self._forget_source()
        with self._changed:
            if self._request is None:
                self._request = request

    def _end(self, at: float, reason: wire.EndReason) -> None:
        keys = self._keys()
        with self._changed:
            if self._active:
                self._give_held(keys)
                self._held = None
                self._finish(at, reason)

    def _call_off(self) -> None:
        """Nobody called: who waits for a call gets one."""
        with suppress(Exception):
            Client(self._address[0], authkey=self._address[1]).close()

    # --- the threads ------------------------------------------------------------------------------------------------

    def _accept(self, listener: Listener) -> None:
        connection = None
        while connection is None and not self._quit.is_set():
            with suppress(Exception):  # whoever called had not the key, or is gone already
                connection = listener.accept()
        listener.close()
        with self._changed:
            self._connection = connection
            self._changed.notify_all()

    def _run(self) -> None:
        try:
            connection = self._called()
            while connection is not None and (item := self._next()) is not None:
                if isinstance(item, _Given):
                    self._copy(connection, item)
                else:
                    wire.send(connection, item)
                    if isinstance(item, wire.FedEnd):
                        self._wait_for_the_end(connection)
                        break
        except (OSError, EOFError):
            pass  # the recorder is gone: the window knows
        finally:
            self._clear_up()

    def _called(self) -> Connection | None:
        """Of the recorder, once it has called; it is given up some time after the end of the recording."""
        patient_until: float | None = None
        with self._changed:
            while self._connection is None and not self._quit.is_set():
                self._changed.wait(_SETTLED)
                if not self._active:
                    patient_until = patient_until or time.monotonic() + _PATIENCE
                    if time.monotonic() > patient_until:
                        break
            return self._connection

    def _wait_for_the_end(self, connection: Connection) -> None:
        """The memory stays until the recorder has taken all that lies in it, and hangs up."""
        patient_until = time.monotonic() + _PATIENCE
        while time.monotonic() < patient_until and not self._quit.is_set():
            self._look(connection)

    def _next(self) -> _Given | wire.Fed | None:
        """What is to be told next. A live frame that stays is told when it has settled, and again when its results
        change."""
        while not self._quit.is_set():
            keys = self._keys()
            with self._changed:
                if not self._waiting:
                    self._changed.wait(_SETTLED)
                if self._waiting:
                    item = self._waiting.popleft()
                    if isinstance(item, _Given):
                        self._bytes -= item.frame.nbytes
                    return item
                if not self._active:
                    return None
                self._settle(keys)
        return None

    def _settle(self, keys: Sequence[str]) -> None:
        held = self._held
        if held is None or time.monotonic() - held.since < _SETTLED:
            return
        seen = {result.model_key: result for result in self._seen(keys)}
        if held.drawn is None:
            self._give(held.frame, tuple(seen.values()), own=False, live=True)
        elif seen != held.drawn:
            self._give(replace(held.frame, captured_at=time.perf_counter()), tuple(seen.values()), own=False, live=True)
        held.drawn = seen

    def _copy(self, connection: Connection, given: _Given) -> None:
        """Waits for a slot: the recorder clears them one by one."""
        frame = given.frame
        slots = self._slots
        if slots is None or slots.slot_bytes < frame.nbytes:
            while slots is not None and slots.waiting and not self._quit.is_set():
                self._look(connection)
            if slots is not None:
                slots.close()
            slots = FrameSlots(f"regard-rec-{secrets.token_hex(6)}", frame.nbytes, create=True)
            self._slots = slots
            wire.send(connection, wire.FedSlots(slots.name, slots.slot_bytes))
        while (slot := slots.free()) is None:
            self._look(connection)
            if self._quit.is_set():
                return
        slots.put(slot, frame.bgr)
        packed = tuple(m.PackedResult.of(result) for result in given.results)
        message = wire.FedFrame(
            slot,
            frame.width,
            frame.height,
            frame.index,
            frame.captured_at,
            frame.media_time,
            packed,
            given.own,
            self._dropped,
        )
        wire.send(connection, message)

    def _look(self, connection: Connection) -> None:
        """A moment later; raises `EOFError` where the recorder is gone, which says nothing else."""
        if connection.poll(_LOOK_EVERY):
            connection.recv_bytes()

    def _clear_up(self) -> None:
        with self._changed:
            connection, self._connection = self._connection, None
            slots, self._slots = self._slots, None
            self._active = False
            self._waiting.clear()
            self._bytes = 0
            self._changed.notify_all()
        if connection is not None:
            connection.close()
        else:
            self._quit.set()
            self._call_off()
        if slots is not None:
            slots.close()


def _at_end(frame: Frame, info: SourceInfo | None) -> bool:
    """The last frame of a file, or the one before it: damaged files end early."""
    return info is not None and info.frame_count is not None and frame.index >= info.frame_count - 2
