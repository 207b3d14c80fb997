"""Times one loaded model, in rounds: the same frames for every model, a little of each in turn."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from desktop_app.core.bench import MODEL_STAGES, Measured, Setup
from desktop_app.core.frame import Bgr
from desktop_app.core.model import Model, Outputs, Pending, Thresholds, Tuning, predict
from desktop_app.core.results import Result

LEAST = 3
"""Frames in a round, however slow the model."""
Draw = Callable[[Bgr, Result, tuple[str, ...]], float]
"""Draws a result over its frame, with these class names; how many milliseconds it took."""
_THRESHOLDS = Thresholds()


def median_and_spread(values: Sequence[float]) -> tuple[float, float]:
    """The median, and half the distance between the quartiles: one hiccup of the machine moves neither."""
    low, middle, high = np.percentile(values, (25, 50, 75))
    return float(middle), float(high - low) / 2


@dataclass(eq=False)
class Trial:
    """`draw`: `None` where this process cannot draw."""

    setup: Setup
    model: Model
    draw: Draw | None = None
    sample: tuple[Bgr, Result] | None = None
    """The last frame with its result."""
    in_flight: int = 1
    samples: dict[str, list[float]] = field(default_factory=dict)
    file_periods: list[float] = field(default_factory=list)
    """Seconds a frame."""

    def begin_live(self, frames: Sequence[Bgr]) -> None:
        """Compiles, warms up; says what really runs only afterwards."""
        self.model.tune(Tuning("live"))
        for bgr in frames[:2]:
            self._one(bgr, {})

    def live_round(self, frames: Sequence[Bgr], seconds: float) -> None:
        """One frame at a time, as soon as possible."""
        until = time.perf_counter() + seconds
        done = 0
        while done < LEAST or time.perf_counter() < until:
            self._one(frames[done % len(frames)], self.samples)
            done += 1

    def _one(self, bgr: Bgr, samples: dict[str, list[float]]) -> None:
        prediction, _, timings = predict(self.model, bgr, _THRESHOLDS)
        height, width = self.model.input_shape
        result = Result(
            0,
            time.perf_counter(),
            self.setup.model,
            prediction,
            timings,
            self.model.engine,
            self.model.device,
            self.model.precision,
            (width, height),
        )
        self.sample = bgr, result
        for stage in MODEL_STAGES:
            samples.setdefault(stage, []).append(getattr(timings, stage))
        if self.draw is not None:
            samples.setdefault("draw", []).append(self.draw(bgr, result, self.model.names))

    def begin_file(self, frames: Iterator[Bgr]) -> None:
        self.model.tune(Tuning("video"))
        # The size of the frames decides what is compiled, and only then how many are under way at once.
        self._finish(*self._submit(next(frames)))
        self.in_flight = self.model.depth

    def file_round(self, frames: Iterator[Bgr], seconds: float) -> None:
        """As many a second as possible, in order, `in_flight` at once; the next is prepared while they run."""
        under_way: deque[tuple[Pending, Bgr]] = deque()
        while len(under_way) < self.in_flight:
            under_way.append(self._submit(next(frames)))
        stamps = [time.perf_counter()]
        while len(stamps) < LEAST + self.in_flight or stamps[-1] - stamps[0] < seconds:
            bgr = next(frames)
            tensor = self.model.preprocess(bgr)
            pending, shown = under_way.popleft()
            outputs, _ = pending.wait()
            under_way.append((self.model.submit(tensor), bgr))
            self._read(outputs, shown)
            stamps.append(time.perf_counter())
        # Those that run at once end at once: a period is that of all of them.
        ends = zip(stamps, stamps[self.in_flight :], strict=False)
        self.file_periods += [(last - first) / self.in_flight for first, last in ends]
        for pending, bgr in under_way:
            self._finish(pending, bgr)

    def _submit(self, bgr: Bgr) -> tuple[Pending, Bgr]:
        return self.model.submit(self.model.preprocess(bgr)), bgr

    def _finish(self, pending: Pending, bgr: Bgr) -> None:
        self._read(pending.wait()[0], bgr)

    def _read(self, outputs: Outputs, bgr: Bgr) -> None:
        self.model.postprocess(outputs, bgr.shape, _THRESHOLDS)

    def measured(self, source: Mapping[str, Sequence[float]]) -> Measured:
        """What is known so far. `source`: milliseconds of its own stages, grab and decode."""
        found = {
            stage: median_and_spread(values) for stage, values in (*source.items(), *self.samples.items()) if values
        }
        _, result = self.sample or (None, None)
        return Measured(
            self.setup,
            self.model.info.task,
            self.model.info.accuracy,
            (0, 0) if result is None else result.input_size,
            len(self.samples.get("forward", ())),
            {stage: middle for stage, (middle, _) in found.items()},
            {stage: spread for stage, (_, spread) in found.items()},
            1 / float(np.median(self.file_periods)) if self.file_periods else None,
            self.in_flight,
        )
