"""The capture thread: opens a source, reads it, releases it, and is the only thread that touches the device."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, Protocol

import numpy as np

from desktop_app.core.frame import Bgr, Frame
from desktop_app.core.media import frame_at
from desktop_app.core.meter import RateMeter
from desktop_app.core.source import (
    LosableSource,
    ReopenableSource,
    SeekableSource,
    Source,
    SourceInfo,
    SourceNotice,
    SourceOpener,
)
from desktop_app.errors import AppError, SourceLost
from desktop_app.i18n import tr

Phase = Literal["opening", "live", "playing", "paused", "lost", "ended", "failed", "closed"]

_BEHIND = 0.04
"""Seconds that a file played faster than itself may be behind before it leaves out frames."""
_FAR_BEHIND = 3.0
"""Where frames are left out: so many seconds are not made up for."""
_LATE = 0.25
"""A file that is later than this many seconds does not hurry to catch up: every frame is shown, only slower."""


@dataclass(frozen=True, slots=True)
class Orientation:
    """Clockwise `rotation` in degrees (0, 90, 180, 270), then left and right exchanged."""

    mirror: bool = False
    rotation: int = 0

    def apply(self, frame: Frame) -> Frame:
        if not self.mirror and self.rotation % 360 == 0:
            return frame
        return replace(frame, pixels=self.turn(frame.bgr))

    def turn(self, bgr: Bgr) -> Bgr:
        """A new array, C-contiguous."""
        turned = np.rot90(bgr, k=-(self.rotation // 90))
        return np.ascontiguousarray(turned[:, ::-1] if self.mirror else turned)


@dataclass(frozen=True, slots=True)
class Playback:
    """Of a file. Up to speed 1 every frame is shown and recognised, slower where the machine is; beyond, frames are
    left out so that the speed is held, and counted; with `every` none is. `first` and `last`: the range that is played,
    `None` for all."""

    speed: float = 1.0
    loop: bool = False
    first: int | None = None
    last: int | None = None
    every: bool = False


def asleep() -> SourceLost:
    return SourceLost(tr("The computer was asleep."), tr("The input is opened again."))


class CaptureOwner(Protocol):
    """What a capture reports to; called in the capture thread."""

    @property
    def orientation(self) -> Orientation: ...

    @property
    def spoil(self) -> Callable[[Frame], Frame] | None: ...

    def capture_opened(self, capture: Capture, info: SourceInfo) -> None: ...

    def capture_phase(
        self, capture: Capture, phase: Phase, error: AppError | None = None, retry_in: float | None = None
    ) -> None: ...

    def capture_notice(self, capture: Capture, notice: SourceNotice) -> None: ...

    def capture_frame(self, capture: Capture, frame: Frame) -> None: ...

    def capture_holds(self, capture: Capture) -> None:
        """The current frame stays from now on: every model must see it."""

    def wait_for_rounds(self, capture: Capture) -> None: ...

    def crashed(self, error: Exception) -> None: ...


class Capture:
    """One source from its opening to its release. `holding`: the current frame stays (paused, a still, the end)."""

    def __init__(
        self,
        request: int,
        opener: SourceOpener,
        owner: CaptureOwner,
        *,
        paced: bool,
        paused: bool = False,
        seek_to: int = 0,
        orient: Callable[[SourceInfo], Orientation | None] = lambda _: None,
    ) -> None:
        """`orient`: how this source is turned, where it is not turned as all others are."""
        self.request = request
        self.info: SourceInfo | None = None
        self.current: Frame | None = None
        self.unspoiled: Frame | None = None
        self.playback = Playback()
        self.stop = threading.Event()
        self.rate = RateMeter()
        self.skipped = 0
        self.device = False
        self.thread = threading.Thread(target=self._run, name="capture", daemon=True)
        self._opener = opener
        self._owner = owner
        self._paced = paced
        self._orient = orient
        self._source: Source | None = None
        self._raw: Frame | None = None
        self._control = threading.Condition()
        self._paused = paused
        self._permits = 1 if paused else 0
        self._seek_to: int | None = seek_to or None
        self._at_end = False
        self._due: tuple[float, float] | None = None
        self._heard_at = 0.0
        self._ahead: int | None = None
        self._within = True

    def start(self) -> None:
        self.thread.start()

    def join(self, timeout: float) -> None:
        if self.thread.is_alive():
            self.thread.join(timeout)

    # --- told by other threads ------------------------------------------------------------------------------------

    @property
    def closed(self) -> bool:
        return self.stop.is_set()

    @property
    def holding(self) -> bool:
        return self._paused or self._at_end

    def set_playback(self, playback: Playback) -> None:
        with self._control:
            if (playback.first, playback.last) != (self.playback.first, self.playback.last):
                self._within = True
            self.playback = playback

    def close(self) -> None:
        with self._control:
            self.stop.set()
            self._control.notify_all()

    def pause(self, paused: bool) -> None:
        with self._control:
            again = not paused and self._at_end and self.info is not None and self.info.seekable
            if paused == self._paused and not again:
                return
            self._paused = paused
            self._permits = 0
            if again:
                self._seek_to = self.playback.first or 0
            self._control.notify_all()
        self._tell_phase()
        if paused:
            self._owner.capture_holds(self)

    def step(self, frames: int) -> None:
        """One frame on (1) or, in a file, back (-1); pauses. Steps that come while one is under way add up."""
        with self._control:
            was_paused, self._paused = self._paused, True
            if self.info is not None and self.info.seekable and self.current is not None:
                begin = self.current.index if self._seek_to is None else self._seek_to
                last = (self.info.frame_count or begin + 2) - 1
                self._seek_to = max(0, min(begin + frames, last))
            elif frames < 0:
                return
            self._permits = 1
            self._control.notify_all()
        if not was_paused:
            self._tell_phase()

    def seek(self, frame_index: int) -> None:
        with self._control:
            if self.info is None or not self.info.seekable:
                return
            last = (self.info.frame_count or frame_index + 1) - 1
            self._seek_to = max(0, min(frame_index, last))
            self._permits = 1 if self._paused else 0
            self._control.notify_all()

    def wake(self) -> None:
        """The computer slept: nothing that the source has may pass for live, it is opened anew."""
        source = self._source
        if self.info is not None and self.info.live and not self.closed and isinstance(source, ReopenableSource):
            # First the word, then the deed: the source says when it is live again.
            self._owner.capture_phase(self, "lost", asleep(), 0.0)
            source.reopen()

    def retry_now(self) -> bool:
        """Ends the wait of a lost source before its next attempt; False where there is nothing to wait for."""
        source = self._source
        if not isinstance(source, LosableSource):
            return False
        source.retry_now()
        return True

    @property
    def silence(self) -> float:
        """Seconds since the last frame of a live source that is to give some; 0.0 else."""
        live = self.info is not None and self.info.live and not self._paused and not self.closed
        return time.perf_counter() - self._heard_at if live and self._heard_at else 0.0

    def show_again(self) -> None:
        """The frame that is held goes through once more (it was turned, say)."""
        with self._control:
            raw = self._raw
        if raw is not None:
            self._deliver(raw)

    # --- the thread -------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self._owner.capture_phase(self, "opening")
            with self._opener(self._notice, self.stop) as source:
                self.info = source.info
                self._source = source
                self._owner.capture_opened(self, source.info)
                self._read(source)
            if not self.closed:
                self._owner.capture_phase(self, "ended")
        except AppError as error:
            if not self.closed:
                self._at_end = True
                self._owner.capture_phase(self, "failed", error)
        except Exception as error:
            self._owner.crashed(error)
            self._owner.capture_phase(self, "failed", SourceLost(str(error)))

    def _read(self, source: Source) -> None:
        """Until the end of a finite source that nobody wants to see again."""
        while not self.stop.is_set():
            first = self._jump(source)
            self._at_end = False
            for frame in source:
                self.rate.tick()
                self._heard_at = time.perf_counter()
                go_on = self._gate()
                if self.closed:
                    return
                if self._seek_to is not None:
                    break
                if go_on:
                    self._pace(frame)
                    self._deliver(frame)
                    if first:
                        self._tell_phase()
                    first = False
                    if self._at_out_point(frame):
                        if not self._wait_at_end():
                            return
                        break
                    if self._leave_out(frame):
                        break
            else:
                if not self._wait_at_end():
                    return

    def _jump(self, source: Source) -> bool:
        """Goes where the next frame is wanted; False where that only leaves out frames."""
        with self._control:
            target, self._seek_to = self._seek_to, None
        ahead, self._ahead = self._ahead, None
        if target is not None and isinstance(source, SeekableSource):
            source.seek(target)
            self._due = None
            self._within = self.playback.last is None or target <= self.playback.last
        elif ahead is not None and isinstance(source, SeekableSource):
            source.seek(ahead)
            return False
        return True

    def _gate(self) -> bool:
        """Whether the frame at hand may pass. A paused file waits here; a paused camera is read on and thrown away."""
        live = self.info is not None and self.info.live
        with self._control:
            while self._paused and self._permits == 0 and self._seek_to is None and not self.closed:
                if live:
                    return False
                self._due = None
                self._control.wait()
            if self._seek_to is None:
                self._permits = 0
            return True

    def _pace(self, frame: Frame) -> None:
        """Waits until a frame of a file is due, at the speed of the playback."""
        if not self._paced or frame.media_time is None or self._paused:
            return
        now = time.perf_counter()
        speed = self.playback.speed
        if self._due is None or self._due[1] != speed:
            self._due = (now - frame.media_time / speed, speed)
            return
        wait = self._due[0] + frame.media_time / speed - now
        late = _LATE if speed <= 1.0 or self.playback.every else _FAR_BEHIND
        if wait < -late or wait > 10.0:
            self._due = (now - frame.media_time / speed, speed)
        elif wait > 0:
            with self._control:
                self._control.wait_for(lambda: self.closed or self._seek_to is not None, wait)

    def _at_out_point(self, frame: Frame) -> bool:
        """Whether the range ends here. Who went beyond it himself is left alone."""
        last = self.playback.last
        return last is not None and not self._paused and self._within and frame.index >= last

    def _leave_out(self, frame: Frame) -> bool:
        """Whether frames are left out after this one, so that a speed above 1 is what it says."""
        info, playback = self.info, self.playback
        if self._due is None or self._paused or playback.speed <= 1.0 or playback.every:
            return False
        if info is None or not info.seekable:
            return False
        moment = (time.perf_counter() - _BEHIND - self._due[0]) * playback.speed
        last = (info.frame_count or frame.index + 1) - 1
        if playback.last is not None and playback.last > frame.index:
            last = playback.last
        due = min(frame_at(info, moment), last)
        if self._due[1] != playback.speed or due <= frame.index + 1:
            return False
        self.skipped += due - frame.index - 1
        self._ahead = due
        return True

    def _deliver(self, raw: Frame) -> None:
        self._raw = raw
        # The time that counts for the age of a result on the screen is when the frame was let through, not when a
        # paced file was decoded ahead of its time.
        if self.info is not None and not self.info.live:
            raw = replace(raw, captured_at=time.perf_counter())
        own = self._orient(self.info) if self.info is not None else None
        frame = self.unspoiled = (own or self._owner.orientation).apply(raw)
        spoil = self._owner.spoil
        if spoil is not None and self.info is not None and self.info.kind != "images":  # answers of a batch are kept
            frame = spoil(frame)
        self.current = frame
        self._owner.capture_frame(self, frame)

    def _wait_at_end(self) -> bool:
        """At the end of a file: begin again, or stay until somebody seeks. False ends the capture."""
        self._owner.wait_for_rounds(self)
        with self._control:
            seekable = self.info is not None and self.info.seekable
            if self.playback.loop and seekable and self._paced and not self.closed:
                self._seek_to = self.playback.first or 0
                return True
            self._at_end = True
        if self.closed or not self._paced:
            return False
        self._owner.capture_phase(self, "ended")
        self._owner.capture_holds(self)
        with self._control:
            self._control.wait_for(lambda: self.closed or (seekable and self._seek_to is not None))
        return not self.closed

    def _notice(self, notice: SourceNotice) -> None:
        if self.closed:
            return
        if notice.kind == "lost":
            self._owner.capture_phase(self, "lost", notice.error, notice.retry_in)
        elif notice.kind == "live":
            self._tell_phase()
        else:
            self._owner.capture_notice(self, notice)

    def _tell_phase(self) -> None:
        live = self.info is not None and self.info.live
        self._owner.capture_phase(self, "paused" if self._paused else "live" if live else "playing")
