"""A lane: one thread that loads one model, warms it and runs it on the frames of its inbox."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from desktop_app.core.frame import Frame
from desktop_app.core.inbox import Inbox
from desktop_app.core.meter import RateMeter
from desktop_app.core.model import Model, Outputs, Thresholds, predict
from desktop_app.core.results import Result, Timings
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

    `round` is the round that waits for the answer, `None` where results are shown as they come.
    """

    request: int
    frame: Frame
    round: Round | None = None
    again: bool = False


class LaneOwner(Protocol):
    """What a lane reports to; called in the lane's thread."""

    def lane_ready(self, lane: Lane) -> None: ...

    def lane_failed(self, lane: Lane, error: AppError) -> None: ...

    def lane_done(self, lane: Lane, job: Job, result: Result | None) -> None: ...

    def lane_trouble(self, lane: Lane, error: AppError) -> None: ...

    def crashed(self, error: Exception) -> None: ...


@dataclass(slots=True, eq=False)
class _Seen:
    """The last frame with the raw outputs of the network: thresholds act on it without a second inference."""

    frame: Frame
    outputs: Outputs
    timings: Timings


@dataclass(eq=False)
class Lane:
    """`identity` tells lanes apart: the model's key and where it was asked to run."""

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
        seen: _Seen | None = None
        told: str | None = None
        while (job := self.inbox.get()) is not None:
            try:
                result, seen = self._recognise(model, job, seen)
                told = None
            except AppError as error:
                result = None
                if told != str(error):
                    self.owner.lane_trouble(self, error)
                told = str(error)
            except Exception as error:
                result = None
                if told != str(error):
                    self.owner.crashed(error)
                told = str(error)
            self.owner.lane_done(self, job, result)

    def _recognise(self, model: Model, job: Job, seen: _Seen | None) -> tuple[Result, _Seen]:
        frame = job.frame
        if job.again and seen is not None and seen.frame is frame:
            prediction = model.postprocess(seen.outputs, frame.bgr.shape, self.thresholds)
            outputs, timings = seen.outputs, seen.timings
        else:
            prediction, outputs, timings = predict(model, frame.bgr, self.thresholds)
            self.rate.tick()
        result = Result(
            frame.index,
            frame.captured_at,
            self.key,
            prediction,
            timings,
            model.engine,
            model.device,
            model.precision,
        )
        return result, _Seen(frame, outputs, timings)
