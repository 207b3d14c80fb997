"""A source and a model whose every step the test decides."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.capture import Phase
from desktop_app.core.frame import Frame, Pixels, bgr_of
from desktop_app.core.gearbox import Shift
from desktop_app.core.model import Model, ModelInfo, Outputs, Thresholds, Tuning
from desktop_app.core.results import Classification, Detections, Prediction, Result
from desktop_app.core.source import SourceInfo, SourceNotice
from desktop_app.errors import AppError


class FakeSource:
    """`count` frames whose first pixel is their number; endless and paced by `tick` when `live`."""

    def __init__(self, count: int = 10, *, live: bool = False, stop: threading.Event | None = None) -> None:
        self.count = count
        self.live = live
        self.stop = stop or threading.Event()
        self.position = 0
        self.released = False
        self.opened_in: int | None = None
        self.released_in: int | None = None
        self.step = threading.Semaphore(0)
        self.free_running = not live
        self.info = SourceInfo("fake:", "video", "fake", live, 8, 6, 30.0, None if live else count, seekable=not live)

    def __enter__(self) -> Self:
        self.opened_in = threading.get_ident()
        return self

    def __exit__(self, *exc: object) -> None:
        self.released = True
        self.released_in = threading.get_ident()

    def __iter__(self) -> Iterator[Frame]:
        while not self.stop.is_set() and (self.live or self.position < self.count):
            if not self.free_running and not self.step.acquire(timeout=0.01):
                continue
            bgr = np.full((6, 8, 3), self.position % 256, np.uint8)
            media_time = None if self.live else self.position / 1000
            frame = Frame(bgr, self.position, time.perf_counter(), media_time)
            self.position += 1
            yield frame

    def seek(self, frame_index: int) -> None:
        self.position = frame_index


INFO = ModelInfo("fake", "Fake", "classify", "fake", 8, "", "file", "")


@dataclass(eq=False)
class FakePending:
    """The network runs when it is waited for."""

    model: FakeModel
    number: int

    def wait(self) -> tuple[Outputs, float]:
        return self.model.infer(self.number), 1.0


@dataclass(eq=False)
class FakeModel:
    """Says the number of the frame as a logit; waits for `gate` when given."""

    key: str = "fake"
    gate: threading.Semaphore | None = None
    fail_on: tuple[int, ...] = ()
    names: tuple[str, ...] = ("a", "b")
    engine: str = "fake"
    device: str = "CPU"
    precision: str = "fp32"
    info: ModelInfo = INFO
    forwards: list[int] = field(default_factory=list)
    boxes: bool = False
    depth: int = 1
    under_way: int = 0
    most_under_way: int = 0
    tunings: list[Tuning] = field(default_factory=list)
    ways: tuple[Tuning, ...] = (Tuning("live"),)
    warming: Callable[[], None] = lambda: None

    @property
    def input_shape(self) -> tuple[int, int]:
        return 6, 8

    def tune(self, tuning: Tuning) -> None:
        assert self.under_way == 0, "tuned while frames are under way"
        self.tunings.append(tuning)

    def warm(self, tuning: Tuning, pixels: Pixels) -> Callable[[], None]:
        return self.warming

    def gears(self) -> tuple[Tuning, ...]:
        return self.ways

    def preprocess(self, pixels: Pixels) -> NDArray[np.uint8]:
        return bgr_of(pixels)[None]

    def forward(self, tensor: NDArray[np.uint8]) -> Outputs:
        return self.submit(tensor).wait()[0]

    def submit(self, tensor: NDArray[np.uint8]) -> FakePending:
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        assert self.under_way <= self.depth
        return FakePending(self, int(tensor[0, 0, 0, 0]))

    def infer(self, number: int) -> Outputs:
        self.under_way -= 1
        if self.gate is not None:
            self.gate.acquire(timeout=5)
        self.forwards.append(number)
        if number in self.fail_on:
            raise AppError(f"frame {number} is bad")
        return (np.array([number, 0], np.float32),)

    def postprocess(self, outputs: Outputs, frame_shape: tuple[int, ...], thresholds: Thresholds) -> Prediction:
        number = float(outputs[0][0])
        if self.boxes:
            all_boxes = Detections(
                np.array([[0, 0, 1, 1]] * 2, np.float32), np.array([0.9, 0.4], np.float32), np.array([0, 1], np.int64)
            )
            return all_boxes.pick(all_boxes.confidence >= thresholds.confidence)
        return Classification(np.array([number, 0], np.float32), np.array([0.5, 0.5], np.float32))


class Recorder:
    """Implements `PipelineEvents` and lets a test wait for what it expects."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.log: list[tuple[Any, ...]] = []

    def add(self, *entry: Any) -> None:
        with self.changed:
            self.log.append(entry)
            self.changed.notify_all()

    def of(self, kind: str) -> list[tuple[Any, ...]]:
        with self.changed:
            return [entry for entry in self.log if entry[0] == kind]

    def wait(self, kind: str, count: int = 1, timeout: float = 5.0) -> list[tuple[Any, ...]]:
        with self.changed:
            self.changed.wait_for(lambda: len([e for e in self.log if e[0] == kind]) >= count, timeout)
            found = [entry for entry in self.log if entry[0] == kind]
        assert len(found) >= count, f"waited for {count} × {kind}, got {self.log}"
        return found

    def wait_for(self, condition: Callable[[], bool], timeout: float = 5.0) -> None:
        with self.changed:
            assert self.changed.wait_for(condition, timeout), f"waited in vain, got {self.log}"

    def wait_phase(self, phase: Phase, timeout: float = 5.0) -> None:
        with self.changed:
            there = self.changed.wait_for(lambda: any(e[0] == "phase" and e[2] == phase for e in self.log), timeout)
        assert there, f"waited for phase {phase}, got {self.log}"

    def source_opened(self, request: int, info: SourceInfo) -> None:
        self.add("opened", request, info)

    def source_phase(self, request: int, phase: Phase, error: AppError | None, retry_in: float | None) -> None:
        self.add("phase", request, phase, error)

    def source_notice(self, request: int, notice: SourceNotice) -> None:
        self.add("notice", request, notice)

    def newest(self, request: int, frame: Frame) -> None:
        self.add("newest", request, frame)

    def recognised(self, request: int, result: Result) -> None:
        self.add("recognised", request, result)

    def done(self, request: int, frame: Frame, results: Sequence[Result]) -> None:
        self.add("done", request, frame, results)

    def model_ready(self, key: str, model: Model) -> None:
        self.add("ready", key, model)

    def shifted(self, key: str, shift: Shift) -> None:
        self.add("shifted", key, shift)

    def model_failed(self, key: str, error: AppError) -> None:
        self.add("failed", key, error)

    def trouble(self, error: AppError) -> None:
        self.add("trouble", error)

    def crashed(self, error: Exception) -> None:
        self.add("crashed", error)
