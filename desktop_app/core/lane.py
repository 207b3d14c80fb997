"""A lane: one thread that loads one model, warms it and runs it on the frames of its inbox."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from desktop_app.core.frame import Frame
from desktop_app.core.gearbox import Gearbox, Shift
from desktop_app.core.inbox import Inbox
from desktop_app.core.meter import RateMeter
from desktop_app.core.model import Model, Outputs, Pending, Thresholds, Tuning, Use
from desktop_app.core.results import Prediction, Result, Timings
from desktop_app.core.tracking import Following
from desktop_app.errors import AppError

LoadModel = Callable[[threading.Event], Model]
"""Loads a model in the calling thread; ends early with any error when the event is set."""


@dataclass(slots=True, eq=False)
class Round:
    """A frame that is shown with the results of all models. `waiting`: the lanes that have not answered yet."""

    request: int
    frame: Frame
    waiting: set[int]
    results: dict[str, Result] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """A frame of the source `request`; `again`: the last one once more, with the thresholds of now.

    `round` is the round that waits for the answer, `None` where results are shown as they come. `use`: what kind of
    source it is from, which decides how the model runs.
    """

    request: int
    frame: Frame
    round: Round | None = None
    again: bool = False
    use: Use = "still"


class LaneOwner(Protocol):
    """What a lane reports to; called in the lane's thread."""

    def lane_ready(self, lane: Lane) -> None: ...

    def lane_failed(self, lane: Lane, error: AppError) -> None: ...

    def lane_done(self, lane: Lane, job: Job, result: Result | None) -> None: ...

    def lane_shifted(self, lane: Lane, shift: Shift) -> None: ...

    def lane_trouble(self, lane: Lane, error: AppError) -> None: ...

    def crashed(self, error: Exception) -> None: ...


@dataclass(slots=True, eq=False)
class _Begun:
    """A frame that the network works on. `preprocess` in milliseconds; `answer`: see `Pending.wait`, none where it
    failed."""

    job: Job
    pending: Pending
    preprocess: float
    input_size: tuple[int, int]
    waited: bool = False
    answer: tuple[Outputs, float] | None = None


@dataclass(slots=True, eq=False)
class _Seen:
    """The last frame with the raw outputs of the network: thresholds act on it without a second inference."""

    frame: Frame
    outputs: Outputs
    timings: Timings
    input_size: tuple[int, int]


@dataclass(eq=False)
class Lane:
    """`identity` tells lanes apart: the model's key and where it was asked to run. `target`: the rate to hold, in live
    frames a second, 0 for none. `disturbed_until`: time of `time.perf_counter()` up to which slowness is excused."""

    identity: tuple[object, ...]
    key: str
    load: LoadModel
    owner: LaneOwner
    thresholds: Thresholds
    inbox: Inbox[Job] = field(default_factory=Inbox)
    cancel: threading.Event = field(default_factory=threading.Event)
    rate: RateMeter = field(default_factory=RateMeter)
    model: Model | None = None
    dropped_before: int = 0
    offered: Frame | None = None
    target: float = 0.0
    disturbed_until: float = 0.0
    following: Following = field(default_factory=Following)
    _idle: float = 0.0
    _tuning: Tuning | None = None
    _seen: _Seen | None = None
    _told: str | None = None

    def start(self) -> None:
        self.thread = threading.Thread(target=self._run, name=f"lane {self.key}", daemon=True)
        self.thread.start()

    def close(self) -> None:
        """Ends the thread after the frame at hand; does not wait."""
        self.cancel.set()
        self.inbox.close()

    def _run(self) -> None:
        try:
            self.model = self.load(self.cancel)
            self._gearbox = Gearbox(self.model)
        except AppError as error:
            self.owner.lane_failed(self, error)
            return
        except Exception as error:
            self.owner.crashed(error)
            self.owner.lane_failed(self, AppError(f"{self.key}: {error}"))
            return
        try:
            self.owner.lane_ready(self)
            self._work(self.model)
        except Exception as error:
            self.owner.crashed(error)

    def _work(self, model: Model) -> None:
        """Keeps as many frames under way as the model works on at once, and reports them in their order."""
        under_way: deque[_Begun] = deque()
        while True:
            oldest = None
            if under_way and (len(under_way) >= model.depth or not self.inbox):
                oldest = under_way.popleft()
                self._wait(oldest)
            # Taken only now: while the network was at work a newer frame may have come.
            job = self.inbox.poll() if under_way or oldest else self._next()
            if job is not None and self._needs_rest(job):
                for begun in (oldest, *under_way):
                    self._report(model, begun)
                oldest = None
                under_way.clear()
                self._tune(model, job)
                if self._repeat(model, job):
                    continue
            if job is not None:
                # The next begins before the last is postprocessed, so that the engine never waits.
                self._begin(model, job, under_way)
            self._report(model, oldest)
            if job is None and oldest is None and not under_way:
                return

    def _needs_rest(self, job: Job) -> bool:
        """Whether nothing may be under way when this job is done."""
        return job.again or self._wanted(job) != self._tuning

    def _wanted(self, job: Job) -> Tuning:
        return self._gearbox.tuning(job.request, job.use, self.target)

    def _tune(self, model: Model, job: Job) -> None:
        wanted = self._wanted(job)
        if wanted != self._tuning:
            self._tuning = wanted
            model.tune(wanted)
            # Its outputs belong to the tuning before.
            self._seen = None
        shift = self._gearbox.shift()
        if shift is not None:
            self.owner.lane_shifted(self, shift)

    def _next(self) -> Job | None:
        begun = time.perf_counter()
        job = self.inbox.get()
        self._idle += time.perf_counter() - begun
        return job

    def _account(self, job: Job) -> None:
        """Tells the governor how long a live frame took."""
        now = time.perf_counter()
        idle, self._idle = self._idle, 0.0
        if job.use != "live" or job.again:
            return
        if now < self.disturbed_until:
            self._gearbox.excuse()
        else:
            self._gearbox.done(job.frame, now, idle, synced=job.round is not None)

    def _begin(self, model: Model, job: Job, under_way: deque[_Begun]) -> None:
        with self._trouble_told(job):
            t0 = time.perf_counter()
            tensor = model.preprocess(job.frame.pixels)
            preprocess = (time.perf_counter() - t0) * 1e3
            pending = model.submit(tensor)
            height, width = model.input_shape
            under_way.append(_Begun(job, pending, preprocess, (width, height)))

    def _wait(self, begun: _Begun) -> None:
        begun.waited = True
        with self._trouble_told(begun.job):
            begun.answer = begun.pending.wait()

    def _report(self, model: Model, begun: _Begun | None) -> None:
        if begun is None:
            return
        if not begun.waited:
            self._wait(begun)
        if begun.answer is None:
            return
        outputs, forward = begun.answer
        frame = begun.job.frame
        with self._trouble_told(begun.job):
            t0 = time.perf_counter()
            prediction = self._predict(model, outputs, begun.job)
            timings = Timings(begun.preprocess, forward, (time.perf_counter() - t0) * 1e3)
            self._seen = _Seen(frame, outputs, timings, begun.input_size)
            self.rate.tick()
            self._tell(model, begun.job, prediction, self._seen)
            self._account(begun.job)

    def _repeat(self, model: Model, job: Job) -> bool:
        """Answers from the outputs of the last frame; False where the job is about another."""
        seen = self._seen
        if not job.again or seen is None or seen.frame is not job.frame:
            return False
        with self._trouble_told(job):
            prediction = self._predict(model, seen.outputs, job)
            self._tell(model, job, prediction, seen)
        return True

    def _predict(self, model: Model, outputs: Outputs, job: Job) -> Prediction:
        shape = job.frame.shape
        return self.following.predict(
            lambda thresholds: model.postprocess(outputs, shape, thresholds),
            self.thresholds,
            job.frame,
            job.request,
            job.use,
        )

    def _tell(self, model: Model, job: Job, prediction: Prediction, seen: _Seen) -> None:
        frame = job.frame
        result = Result(
            frame.index,
            frame.captured_at,
            self.key,
            prediction,
            seen.timings,
            model.engine,
            model.device,
            model.precision,
            seen.input_size,
            frame.media_time,
            (frame.width, frame.height),
            frame.stress,
        )
        self._told = None
        self.owner.lane_done(self, job, result)

    @contextmanager
    def _trouble_told(self, job: Job) -> Iterator[None]:
        """A frame that fails is done without a result; the same trouble is told once until something succeeds."""
        try:
            yield
            return
        except AppError as error:
            if self._told != str(error):
                self._told = str(error)
                self.owner.lane_trouble(self, error)
        except Exception as error:
            if self._told != str(error):
                self._told = str(error)
                self.owner.crashed(error)
        self._gearbox.failed()
        self.owner.lane_done(self, job, None)
