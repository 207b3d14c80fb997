"""The recorder: takes frames and results from the recogniser, draws, encodes, and tells the window how far it is."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Client, Connection, wait
from pathlib import Path
from typing import Any

from desktop_app import i18n
from desktop_app.core.frame import Bgr
from desktop_app.core.marks import Trails
from desktop_app.core.records import record
from desktop_app.core.results import Result
from desktop_app.core.smoothing import Smoother
from desktop_app.errors import AppError
from desktop_app.i18n import tr_class
from desktop_app.recogniser import recording_wire as wire
from desktop_app.recogniser.frame_slots import FrameSlots
from desktop_app.recording import messages as m
from desktop_app.recording.clocks import FileClock, LiveClock
from desktop_app.recording.space import DiskFull, Watch
from desktop_app.recording.take import Plan, Take
from desktop_app.render.overlay import OverlayOptions

TICK = 0.25
_PROGRESS_EVERY = 0.5
_HOLD_AFTER = 0.8
_HOLD_BACK = 0.3
"""Seconds: where no frame comes the last one is written again, so that the file grows with the time; some way behind
now, for a frame may be on its way."""
_PATIENCE = 1.5
"""For the last frames, once the window has said that it is the end."""


class Recorder:
    """`run` ends when the recording is over, for whatever reason, and its files are whole."""

    def __init__(self, orders: Connection, events: Connection) -> None:
        self._orders, self._events = orders, events
        self._feed: Connection | None = None
        self._slots: FrameSlots | None = None
        self._names: dict[str, tuple[str, ...]] = {}
        self._smoother = Smoother()
        self._smoothed: dict[str, Result] = {}
        self._trails = Trails()
        self._dropped = 0
        self._lost = False
        self._told_at = 0.0
        self._finish_at: float | None = None
        self._patient_until = 0.0
        self._reason = ""

    def run(self) -> None:
        from desktop_app.render.annotate import ensure_gui

        try:
            job = m.to_recorder(self._orders.recv_bytes())
        except (EOFError, OSError):
            return
        assert isinstance(job, m.Job)
        self._job = job
        ensure_gui(job.font)
        self._set_look(job.look)
        message, hint, reason = "", "", ""
        path = Path(job.path)
        self._take: Take | None = None
        try:
            clock = FileClock(job.rate) if job.is_file else LiveClock(job.began_at)
            plan = Plan(path, job.format, job.rate, job.sound, job.sidecar, job.subtitles, job.metadata)
            self._take = Take(plan, clock)
            watch = Watch(path.parent)
            while not self._reason:
                watch.check()
                self._step()
            self._close()
        except DiskFull as error:
            message, hint, reason = error.message, error.hint, "space"
            with suppress(AppError):
                self._close()
        except AppError as error:
            message, hint, reason = error.message, error.hint, "error"
            if self._take is not None:
                self._take.abandon()
        self._tell_end(reason or self._reason, message, hint)
        self._hang_up()

    # --- one step ---------------------------------------------------------------------------------------------------

    def _step(self) -> None:
        open_ends: list[Any] = [self._orders]
        if self._feed is not None:
            open_ends.append(self._feed)
        ready = wait(open_ends, TICK)
        if self._orders in ready:
            self._take_order()
        if self._feed is not None and self._feed in ready:
            self._take_feed(self._feed)
        elif not ready:
            self._hold()
        if self._finish_at is not None and not self._reason and time.monotonic() > self._patient_until:
            self._end(self._finish_at, "stopped")
        self._tell_progress()

    def _take_order(self) -> None:
        try:
            order = m.to_recorder(self._orders.recv_bytes())
        except (EOFError, OSError):
            self._end(time.perf_counter(), "orphaned")
            return
        if isinstance(order, m.Look):
            self._set_look(order)
        elif isinstance(order, m.Call):
            self._call(order)
        elif isinstance(order, m.Finish):
            self._finish_at = order.at
            # Without a recogniser nobody else says that it is the end.
            self._patient_until = time.monotonic() + (_PATIENCE if self._feed is not None else 0.0)

    def _call(self, order: m.Call) -> None:
        with suppress(OSError, EOFError, ValueError):  # gone again: the next one will call
            feed = Client(order.address, authkey=order.key)
            self._leave_feed()
            self._feed = feed

    def _take_feed(self, feed: Connection) -> None:
        try:
            message = wire.receive(feed)
        except (EOFError, OSError):
            # The recogniser died. It is started again, and the same recording goes on.
            self._leave_feed()
            self._signal_lost(time.perf_counter())
            return
        if isinstance(message, wire.FedFrame):
            self._take_frame(message)
        elif isinstance(message, wire.FedResult):
            self._take_result(message)
        elif isinstance(message, wire.FedSlots):
            self._leave_slots()
            self._slots = FrameSlots(message.name, message.slot_bytes)
        elif isinstance(message, wire.FedNames):
            self._names[message.key] = message.names
        elif isinstance(message, wire.FedPhase):
            if message.lost:
                self._signal_lost(message.at)
            self._lost = message.lost
        elif isinstance(message, wire.FedEnd):
            self._end(message.at, message.reason)

    def _leave_feed(self) -> None:
        feed, self._feed = self._feed, None
        if feed is not None:
            feed.close()
        self._leave_slots()

    def _leave_slots(self) -> None:
        slots, self._slots = self._slots, None
        if slots is not None:
            slots.close()

    # --- frames and results -----------------------------------------------------------------------------------------

    def _take_frame(self, message: wire.FedFrame) -> None:
        assert self._slots is not None
        assert self._take is not None
        self._dropped = message.dropped
        self._lost = False
        results = [packed.unpack() for packed in message.results]
        # Drawn where it lies: nobody else needs it.
        bgr = self._slots.pixels(message.slot, message.height, message.width)
        try:
            if self._job.overlay:
                self._draw(bgr, results)
            if self._job.is_file and message.media_time is not None:
                at = self._take.frame_of_file(bgr, message.index, message.media_time)
            else:
                at = self._take.live_frame(bgr, message.captured_at)
        finally:
            del bgr
            self._slots.clear(message.slot)
        if message.own:
            self._take.results([self._row(r, message.media_time, message.width, message.height) for r in results], at)

    def _take_result(self, message: wire.FedResult) -> None:
        assert self._take is not None
        result = message.result.unpack()
        clock = self._take.clock
        if isinstance(clock, LiveClock):
            self._take.results([self._row(result, None, message.width, message.height)], clock.at(result.captured_at))

    def _draw(self, bgr: Bgr, results: list[Result]) -> None:
        from desktop_app.render.annotate import annotated_image
        from desktop_app.render.qimage import image_over

        shown = [self._smooth(result) for result in results]
        annotated_image(image_over(bgr), shown, self._names, self._options(shown), tr_class)

    def _options(self, shown: list[Result]) -> OverlayOptions:
        """The look, with the trails up to this frame."""
        options = self._look.options
        if options.marks is None or not options.marks.follow:
            return options
        for result in shown:
            self._trails.add(result, options.marks.anchor)
        return replace(options, marks=replace(options.marks, trails=self._trails.of(shown)))

    def _smooth(self, result: Result) -> Result:
        """As the screen shows it; the same result again is not counted twice."""
        before = self._smoothed.get(result.model_key)
        if before is None or before.captured_at != result.captured_at:
            before = self._smoothed[result.model_key] = self._smoother.add(result)
        return before

    def _row(self, result: Result, media_time: float | None, width: int, height: int) -> dict[str, Any]:
        names = self._names.get(result.model_key, ())
        size = width, height
        return record(self._job.source, result.frame_index, media_time, size, result, names, self._look.top)

    def _set_look(self, look: m.Look) -> None:
        self._look = look
        self._smoother.seconds = look.smooth_seconds
        i18n.set_language(look.language)

    # --- time goes on -----------------------------------------------------------------------------------------------

    def _hold(self) -> None:
        """Live, and nothing new: what was seen last is still seen."""
        take = self._take
        if take is None or not isinstance(take.clock, LiveClock) or not take.frames:
            return
        now = take.clock.at(time.perf_counter())
        if now - take.last > _HOLD_AFTER * 1000:
            take.hold(now - round(_HOLD_BACK * 1000))

    def _signal_lost(self, at: float) -> None:
        """The last picture turns grey, as on the screen: it never passes for a live one."""
        take = self._take
        if take is not None and isinstance(take.clock, LiveClock) and take.frames and not self._lost:
            take.fade(take.clock.at(at))
            take.nothing_seen(take.clock.at(at))
        self._lost = True

    def _end(self, at: float, reason: str) -> None:
        take = self._take
        if take is not None and isinstance(take.clock, LiveClock):
            take.hold(take.clock.at(self._finish_at or at))
        self._reason = reason

    def _close(self) -> None:
        if self._take is not None:
            self._take.close(whole=self._reason == "ended")

    # --- to the window ----------------------------------------------------------------------------------------------

    def _tell(self, message: m.FromRecorder) -> None:
        with suppress(OSError):
            self._events.send_bytes(m.encode(message))

    def _state(self) -> tuple[str, int, int, int, int]:
        take = self._take
        path = Path(self._job.path) if take is None else take.path
        size = 0
        with suppress(OSError):
            size = path.stat().st_size
        length = 0 if take is None else take.length
        return str(path), length, 0 if take is None else take.frames, self._dropped, size

    def _tell_progress(self) -> None:
        now = time.monotonic()
        if now - self._told_at >= _PROGRESS_EVERY:
            self._told_at = now
            path, length, frames, dropped, size = self._state()
            self._tell(m.Progress(path, length, frames, dropped, size))

    def _tell_end(self, reason: str, message: str, hint: str) -> None:
        path, length, frames, dropped, size = self._state()
        if not frames and self._take is not None:
            self._take.remove()
        self._tell(m.Done(path, reason, length, frames, dropped, size, message, hint))

    def _hang_up(self) -> None:
        self._leave_feed()
        self._events.close()
