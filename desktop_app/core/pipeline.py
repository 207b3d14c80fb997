"""The straight path of a frame: one capture thread, one lane per model, results in order.

`Pipeline` is told what to do from one thread and reports through `PipelineEvents` from its own threads.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from desktop_app.core.capture import Capture, Orientation, Phase, Playback
from desktop_app.core.frame import Frame
from desktop_app.core.gearbox import Shift
from desktop_app.core.lane import Job, Lane, LoadModel, Round
from desktop_app.core.model import Model, Thresholds, Use
from desktop_app.core.results import Result
from desktop_app.core.source import SourceInfo, SourceNotice, SourceOpener
from desktop_app.core.tracking import Following, TrackerMaker
from desktop_app.errors import AppError

_MOST_WAITING, _WAITING_SECONDS, _WAITING_BYTES = 6, 0.06, 24 << 20
"""Limits of what waits for a lane: frames, what it does in so many seconds, bytes."""
_LOADING = 15.0
"""Seconds for which the loading of a model excuses that the others are slow; a fetch takes longer, and hardly harms."""


class PipelineEvents(Protocol):
    """What happens, told from the pipeline's threads: be quick, or (for files) hold the pipeline back on purpose."""

    def source_opened(self, request: int, info: SourceInfo) -> None: ...

    def source_phase(self, request: int, phase: Phase, error: AppError | None, retry_in: float | None) -> None: ...

    def source_notice(self, request: int, notice: SourceNotice) -> None: ...

    def newest(self, request: int, frame: Frame) -> None:
        """Preview: the newest frame, at the speed of the source."""

    def recognised(self, request: int, result: Result) -> None:
        """Preview: the newest result of one model, at the speed of the model."""

    def done(self, request: int, frame: Frame, results: Sequence[Result]) -> None:
        """Synced: a frame together with the results of all models, in the order of the frames."""

    def model_ready(self, key: str, model: Model) -> None: ...

    def model_failed(self, key: str, error: AppError) -> None: ...

    def shifted(self, key: str, shift: Shift) -> None:
        """To hold a rate the model runs in another gear from now on."""

    def trouble(self, error: AppError) -> None: ...

    def crashed(self, error: Exception) -> None: ...


@dataclass(frozen=True, slots=True)
class PipelineStats:
    captured_fps: float
    recognised_fps: dict[str, float]
    dropped: int
    position: int | None
    silence: float = 0.0


class Pipeline:
    """Owns the capture threads and the lanes. Latest request wins, and the last good state stays."""

    def __init__(self, events: PipelineEvents, *, paced: bool = True) -> None:
        self._events = events
        self._paced = paced
        self._lock = threading.RLock()
        self._capture: Capture | None = None
        self._opening: Capture | None = None
        self._lanes: list[Lane] = []
        self._loading: list[Lane] = []
        self._wanted: tuple[tuple[object, ...], ...] = ()
        self._rounds: list[Round] = []
        self._round_changed = threading.Condition(self._lock)
        self._thresholds = Thresholds()
        self._target = 0.0
        self._tracker: TrackerMaker | None = None
        self._orientation = Orientation()
        self._spoil: Callable[[Frame], Frame] | None = None
        self._playback = Playback()
        self._synced_live = False
        self._stopped = False
        self._leaving: list[tuple[Capture, float]] = []
        self.before_every: Callable[[threading.Event], None] = lambda _: None
        """Called in the capture thread before each frame of which none is lost: may wait, until the event is set."""

    # --- the source ---------------------------------------------------------------------------------------------

    def open(
        self,
        request: int,
        opener: SourceOpener,
        *,
        paused: bool = False,
        seek_to: int = 0,
        device: bool = False,
        orient: Callable[[SourceInfo], Orientation | None] = lambda _: None,
    ) -> None:
        """Opens in a thread of its own; the running source goes on until the new one gives its first frame, unless the
        opener lets go of it (`release`). `device`: something that only one can have at a time. `orient`: how this
        source is turned where it differs from all others."""
        with self._lock:
            if self._opening is not None:
                self._dismiss(self._opening)
            capture = Capture(request, opener, self, paced=self._paced, paused=paused, seek_to=seek_to, orient=orient)
            capture.playback = self._playback
            capture.device = device
            self._opening = capture
        capture.start()

    def wait_for_devices(self, seconds: float) -> None:
        """For an opener: until sources that were told to end have let go of their devices, at most so long."""
        until = time.monotonic() + seconds
        with self._lock:
            leaving = [capture for capture, _ in self._leaving if capture.device]
        for capture in leaving:
            capture.join(max(0.0, until - time.monotonic()))

    def release(self, request: int) -> None:
        """For the opener of `request`, whose source needs the device of the running one: waits until that is free."""
        with self._lock:
            before = self._capture if self._opening is not None and self._opening.request == request else None
            if before is not None:
                self._dismiss(before)
        if before is not None:
            before.join(2.0)

    def cancel(self, request: int) -> bool:
        """Gives up opening; False where it is open already, or another was asked for since."""
        with self._lock:
            capture = self._opening
            if capture is None or capture.request != request:
                return False
            self._dismiss(capture)
            self._opening = None
            return True

    def retry_now(self) -> bool:
        """Lets a lost source try again at once; False where none is waiting to be tried."""
        with self._lock:
            return self._capture is not None and not self._capture.closed and self._capture.retry_now()

    def turn_again(self) -> None:
        """How a source of its own orientation is turned has changed: a frame that is held is shown anew."""
        with self._lock:
            capture = self._capture
        if capture is not None and capture.holding:
            capture.show_again()

    def close(self) -> None:
        with self._lock:
            for capture in (self._opening, self._capture):
                if capture is not None:
                    self._dismiss(capture)
            self._opening = self._capture = None
            self._forget_rounds()

    def _dismiss(self, capture: Capture) -> None:
        capture.close()
        self._leaving.append((capture, time.monotonic()))

    def stuck(self, seconds: float) -> bool:
        """Whether a capture thread that was told to end is still in a driver or decoder after so many seconds."""
        now = time.monotonic()
        with self._lock:
            self._leaving = [(c, since) for c, since in self._leaving if c.thread.is_alive()]
            return any(now - since > seconds for _, since in self._leaving)

    def pause(self, paused: bool) -> None:
        with self._lock:
            if self._capture is not None:
                self._capture.pause(paused)

    def step(self, frames: int) -> None:
        with self._lock:
            if self._capture is not None:
                self._capture.step(frames)

    def seek(self, frame_index: int) -> None:
        with self._lock:
            if self._capture is not None:
                self._capture.seek(frame_index)

    def wake(self) -> None:
        """The computer slept."""
        with self._lock:
            capture = self._capture
        if capture is not None:
            capture.wake()

    @property
    def playback(self) -> Playback:
        return self._playback

    def set_playback(self, playback: Playback) -> None:
        with self._lock:
            self._playback = playback
            for capture in (self._capture, self._opening):
                if capture is not None:
                    capture.set_playback(playback)

    # --- the models ---------------------------------------------------------------------------------------------

    def set_models(self, models: Sequence[tuple[tuple[object, ...], str, LoadModel]]) -> None:
        """The models to run, as (identity, key, load). Lanes of the same identity go on; the others end when every
        new one has loaded, so that something always runs."""
        with self._lock:
            self._wanted = tuple(identity for identity, _, _ in models)
            for lane in self._loading:
                if lane.identity not in self._wanted:
                    lane.close()
            self._loading = [lane for lane in self._loading if lane.identity in self._wanted]
            known = {lane.identity for lane in (*self._lanes, *self._loading)}
            fresh = [
                Lane(identity, key, load, self, self._thresholds, following=Following(self._tracker))
                for identity, key, load in models
                if identity not in known
            ]
            self._loading += fresh
            if fresh:
                self._disturb(_LOADING)
            if not self._loading:
                self._retire()
        for lane in fresh:
            lane.start()

    def set_thresholds(self, thresholds: Thresholds) -> None:
        with self._lock:
            self._thresholds = thresholds
            for lane in (*self._lanes, *self._loading):
                lane.thresholds = thresholds
            capture = self._capture
            if capture is None or not capture.holding:
                return
            self._offer(capture, self._lanes, again=True)

    def set_tracker(self, make: TrackerMaker | None) -> None:
        """What follows the boxes of moving pictures from frame to frame; `None`: nothing does."""
        with self._lock:
            self._tracker = make
            for lane in (*self._lanes, *self._loading):
                lane.following.make = make
            if self._capture is not None and self._capture.holding:
                self._offer(self._capture, self._lanes, again=True)

    def set_target(self, fps: float) -> None:
        """The rate of recognised frames to hold on live sources; 0: none."""
        with self._lock:
            self._target = fps
            for lane in (*self._lanes, *self._loading):
                lane.target = fps

    def set_orientation(self, orientation: Orientation) -> None:
        with self._lock:
            self._orientation = orientation
        self.turn_again()

    def set_spoil(self, spoil: Callable[[Frame], Frame] | None) -> None:
        """What is done to each frame, after it was turned, before anybody sees it; not to those of a batch. Called in
        the capture thread. A frame that is held goes through it at once, which may wait for the models."""
        with self._lock:
            self._spoil = spoil
        self.turn_again()

    @property
    def unspoiled(self) -> Frame | None:
        """The newest frame, turned, but as the source gave it."""
        with self._lock:
            return None if self._capture is None else self._capture.unspoiled

    def set_synced_live(self, synced: bool) -> None:
        with self._lock:
            self._synced_live = synced
            self._forget_rounds()

    def models(self) -> list[tuple[str, Model]]:
        with self._lock:
            return [(lane.key, lane.model) for lane in self._lanes if lane.model is not None]

    def loading(self) -> list[str]:
        with self._lock:
            return [lane.key for lane in self._loading]

    # --- called by the capture thread ----------------------------------------------------------------------------

    @property
    def orientation(self) -> Orientation:
        return self._orientation

    @property
    def spoil(self) -> Callable[[Frame], Frame] | None:
        return self._spoil

    def capture_opened(self, capture: Capture, info: SourceInfo) -> None:
        if info.kind == "images":  # of which every picture may be known: then no frame comes
            self._promote(capture)
        if not capture.closed:
            self._events.source_opened(capture.request, info)

    def capture_phase(
        self, capture: Capture, phase: Phase, error: AppError | None = None, retry_in: float | None = None
    ) -> None:
        with self._lock:
            if capture not in (self._capture, self._opening):
                return
            if phase == "failed" and capture is self._opening:
                self._opening = None
        self._events.source_phase(capture.request, phase, error, retry_in)

    def capture_notice(self, capture: Capture, notice: SourceNotice) -> None:
        if not capture.closed:
            self._events.source_notice(capture.request, notice)

    def capture_frame(self, capture: Capture, frame: Frame) -> None:
        """Live: shown at once and offered to the lanes. Files: handed to the lanes, shown with the results."""
        if not self._promote(capture):
            return
        live = capture.info is not None and capture.info.live
        if live and not self._synced_live:
            self._events.newest(capture.request, frame)
            with self._lock:
                for lane in self._lanes:
                    lane.offered = frame
                    lane.inbox.put_newest(Job(capture.request, frame, use="live"))
        elif live and self._rounds:
            capture.skipped += 1
        else:
            self._hand_out_every(capture, frame)

    def crashed(self, error: Exception) -> None:
        self._events.crashed(error)

    def _promote(self, capture: Capture) -> bool:
        """The first frame of a source that was opening makes it the current one. False for one that is replaced."""
        with self._lock:
            if self._opening is capture:
                if self._capture is not None:
                    self._dismiss(self._capture)
                self._forget_rounds()
                for lane in self._lanes:
                    lane.inbox.clear()
                    lane.dropped_before = lane.inbox.dropped
                self._capture, self._opening = capture, None
            return self._capture is capture

    def _hand_out_every(self, capture: Capture, frame: Frame) -> None:
        """Begins the round of a frame and waits for room in the inboxes."""
        self.before_every(capture.stop)
        with self._lock:
            lanes = [lane for lane in self._lanes if frame.models is None or lane.key in frame.models]
            begun = self._begin_round(capture.request, frame, lanes)
        for lane in lanes:
            lane.inbox.put_every(
                Job(capture.request, frame, begun, use=_use_of(capture)), capture.stop, _room(lane, frame)
            )

    def _begin_round(self, request: int, frame: Frame, lanes: Sequence[Lane]) -> Round:
        """With the lock held. Without lanes the round is done at once."""
        begun = Round(request, frame, {id(lane) for lane in lanes})
        for lane in lanes:
            lane.offered = frame
        self._rounds.append(begun)
        self._finish_rounds()
        return begun

    def _offer(self, capture: Capture, lanes: Sequence[Lane], *, again: bool = False) -> None:
        """With the lock held: the frame that is held goes to these lanes, but not behind one that waits already."""
        frame = capture.current
        free = [lane for lane in lanes if not lane.inbox]
        if frame is None or not free:
            return
        begun = self._begin_round(capture.request, frame, free)
        for lane in free:
            if not lane.inbox.put_if_empty(Job(capture.request, frame, begun, again, _use_of(capture))):
                begun.waiting.discard(id(lane))

    def capture_holds(self, capture: Capture) -> None:
        """Models that became ready between the last frame and the halt see the frame now."""
        with self._lock:
            if capture is self._capture:
                self._offer(capture, [lane for lane in self._lanes if lane.offered is not capture.current])

    def wait_for_rounds(self, capture: Capture) -> None:
        """Returns when the results of every frame handed out were reported, or the capture was closed."""
        with self._round_changed:
            while self._rounds and not capture.stop.is_set():
                self._round_changed.wait(0.1)

    # --- called by the lanes --------------------------------------------------------------------------------------

    def lane_ready(self, lane: Lane) -> None:
        with self._lock:
            if lane not in self._loading or self._stopped:
                lane.close()
                return
            self._loading.remove(lane)
            self._lanes.append(lane)
            self._lanes.sort(key=self._rank)
            lane.thresholds = self._thresholds
            lane.target = self._target
            lane.dropped_before = lane.inbox.dropped
            if not self._loading:
                self._disturb(0.0)
                self._retire()
            capture = self._capture
        assert lane.model is not None
        self._events.model_ready(lane.key, lane.model)
        if capture is not None and capture.holding:
            self.capture_holds(capture)

    def lane_failed(self, lane: Lane, error: AppError) -> None:
        with self._lock:
            if lane not in self._loading:
                return
            self._loading.remove(lane)
            if not self._loading:
                self._disturb(0.0)
            self._wanted = tuple(identity for identity in self._wanted if identity != lane.identity)
            # What ran before goes on when nothing of the new wish could be had.
            if not self._loading and any(kept.identity in self._wanted for kept in self._lanes):
                self._retire()
            if not self._wanted:
                self._wanted = tuple(kept.identity for kept in self._lanes)
        self._events.model_failed(lane.key, error)

    def lane_done(self, lane: Lane, job: Job, result: Result | None) -> None:
        with self._lock:
            capture = self._capture
            if capture is None or capture.request != job.request or lane not in self._lanes:
                return
            if job.round is not None and job.round in self._rounds:
                job.round.waiting.discard(id(lane))
                if result is not None:
                    job.round.results[lane.key] = result
                self._finish_rounds()
                return
        if result is not None:
            self._events.recognised(job.request, result)

    def lane_shifted(self, lane: Lane, shift: Shift) -> None:
        self._events.shifted(lane.key, shift)

    def _disturb(self, seconds: float) -> None:
        """With the lock held: while a model loads, those that run are slower, and not for their size."""
        for lane in self._lanes:
            lane.disturbed_until = time.perf_counter() + seconds

    def lane_trouble(self, lane: Lane, error: AppError) -> None:
        self._events.trouble(error)

    def _finish_rounds(self) -> None:
        """With the lock held: reports the rounds that are complete, in the order of their frames."""
        while self._rounds and not self._rounds[0].waiting:
            done = self._rounds.pop(0)
            results = [done.results[lane.key] for lane in self._lanes if lane.key in done.results]
            self._events.done(done.request, done.frame, results)
        self._round_changed.notify_all()

    def _forget_rounds(self) -> None:
        self._rounds.clear()
        self._round_changed.notify_all()

    def _retire(self) -> None:
        """With the lock held: ends the lanes that nobody wants any more; their open rounds go on without them."""
        for lane in [lane for lane in self._lanes if lane.identity not in self._wanted]:
            lane.close()
            self._lanes.remove(lane)
            for waiting in self._rounds:
                waiting.waiting.discard(id(lane))
        self._lanes.sort(key=self._rank)
        self._finish_rounds()

    def _rank(self, lane: Lane) -> int:
        """Results come in the order in which the models were asked for."""
        return self._wanted.index(lane.identity) if lane.identity in self._wanted else len(self._wanted)

    # --- as a whole -----------------------------------------------------------------------------------------------

    def stats(self) -> PipelineStats:
        with self._lock:
            capture = self._capture
            drops = [lane.inbox.dropped - lane.dropped_before for lane in self._lanes]
            return PipelineStats(
                captured_fps=capture.rate.rate() if capture is not None else 0.0,
                recognised_fps={lane.key: lane.rate.rate() for lane in self._lanes},
                dropped=(min(drops) if drops else 0) + (capture.skipped if capture is not None else 0),
                position=capture.current.index if capture is not None and capture.current is not None else None,
                silence=capture.silence if capture is not None else 0.0,
            )

    def stop(self, timeout: float = 1.0) -> bool:
        """Ends all threads; False where one did not end within `timeout` seconds (a driver that hangs)."""
        deadline = time.monotonic() + timeout
        with self._lock:
            self._stopped = True
            lanes = [*self._lanes, *self._loading]
        self.close()
        for lane in lanes:
            lane.close()
        ended = True
        for thread in [*(capture.thread for capture, _ in self._leaving), *(lane.thread for lane in lanes)]:
            thread.join(max(0.0, deadline - time.monotonic()))
            ended = ended and not thread.is_alive()
        with self._lock:
            self._lanes.clear()
            self._loading.clear()
        return ended


def _room(lane: Lane, frame: Frame) -> int:
    """How many frames may wait for a lane. Of a slow one few: what waits is still shown after a pause."""
    in_time = int(lane.rate.rate() * _WAITING_SECONDS)
    return max(2, min(_MOST_WAITING, in_time, _WAITING_BYTES // frame.nbytes))


def _use_of(capture: Capture) -> Use:
    """How models run on the frames of this source."""
    info = capture.info
    if info is None or info.live:
        return "live"
    uses: dict[str, Use] = {"image": "still", "images": "batch"}
    return uses.get(info.kind, "video")
