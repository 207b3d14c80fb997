from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace
from typing import ClassVar

import numpy as np
import pytest

from desktop_app.core import gearbox
from desktop_app.core.frame import Frame
from desktop_app.core.gearbox import Gearbox, Shift
from desktop_app.core.governor import Change, Governor
from desktop_app.core.model import Thresholds, Tuning
from desktop_app.core.pipeline import Pipeline
from desktop_app.core.source import Notify, Source
from desktop_app.errors import ModelLoadFailed
from tests.core.fakes import FakeModel, FakeSource, Recorder
from tests.core.test_pipeline import show, use

WAYS = (Tuning("live"), Tuning("live", "auto", 6), Tuning("live", "auto", 4))


class ScriptedGovernor(Governor):
    """Takes the next faster gear after each third result."""

    def __init__(self, costs: Sequence[float], target: float = 0.0) -> None:
        super().__init__(costs, target)
        self.heard: list[tuple[float, int]] = []
        self.excuses = 0
        made.append(self)

    def excuse(self) -> None:
        super().excuse()
        self.excuses = getattr(self, "excuses", 0) + 1

    def add(self, now: float, idle: float, captured_at: float, index: int) -> Change | None:
        self.heard.append((idle, index))
        if self.target <= 0 or len(self.heard) % 3 or self.gear == len(self._costs) - 1:
            return None
        return self._take(self.gear + 1, now, 1.0)


made: list[ScriptedGovernor] = []


class Helper:
    """Stands in for the thread that compiles: done at once, or held as long as the test likes."""

    held = False
    begun: ClassVar[list[str]] = []

    def __init__(self, target: Callable[[], None], name: str, daemon: bool) -> None:
        self._target, self._name = target, name

    def start(self) -> None:
        Helper.begun.append(self._name)
        self._target()

    def join(self, timeout: float) -> None:
        Helper.held = False

    def is_alive(self) -> bool:
        return Helper.held


@pytest.fixture(autouse=True)
def governors(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(gearbox, "Governor", ScriptedGovernor)
    monkeypatch.setattr(gearbox, "threading", SimpleNamespace(Thread=Helper))
    yield
    made.clear()
    Helper.begun.clear()
    Helper.held = False


@pytest.fixture
def seen() -> Recorder:
    return Recorder()


@pytest.fixture
def pipeline(seen: Recorder) -> Iterator[Pipeline]:
    pipeline = Pipeline(seen)
    yield pipeline
    assert pipeline.stop(3.0)
    assert not seen.of("crashed")


def feed(source: FakeSource, seen: Recorder, count: int) -> None:
    """Frames one after the other, each recognised by the model "m"."""

    def recognised() -> int:
        return sum(entry[2].model_key == "m" for entry in seen.log if entry[0] == "recognised")

    for _ in range(count):
        before = recognised()
        source.step.release()
        seen.wait_for(lambda before=before: recognised() > before)  # type: ignore[misc]


def frame(index: int) -> Frame:
    return Frame(np.zeros((2, 2, 3), np.uint8), index, index / 30)


def test_a_live_model_shifts_and_says_so_when_it_is_tuned(pipeline: Pipeline, seen: Recorder) -> None:
    model = FakeModel("m", ways=WAYS)
    pipeline.set_target(30)
    use(pipeline, seen, model)
    source = FakeSource(live=True)
    show(pipeline, source)
    feed(source, seen, 3)
    assert model.tunings == [WAYS[0]]
    assert not seen.of("shifted"), "told when it is so, not before"
    feed(source, seen, 5)
    assert model.tunings == list(WAYS)
    assert [entry[1:] for entry in seen.of("shifted")] == [
        ("m", Shift(1, 3, 6, "fp32", "slow")),
        ("m", Shift(2, 3, 4, "fp32", "slow")),
    ]


def test_frames_go_on_in_the_old_gear_while_the_next_is_compiled(pipeline: Pipeline, seen: Recorder) -> None:
    compiled: list[str] = []
    model = FakeModel("m", ways=WAYS, warming=lambda: compiled.append("here"))
    pipeline.set_target(30)
    use(pipeline, seen, model)
    source = FakeSource(live=True)
    show(pipeline, source)
    Helper.held = True
    feed(source, seen, 9)
    assert compiled == ["here"]
    assert Helper.begun == ["warm fake"]
    assert model.tunings == [WAYS[0]]
    assert not seen.of("shifted")
    assert len(made[-1].heard) == 3, "what is slow meanwhile is excused"
    Helper.held = False
    feed(source, seen, 1)
    assert model.tunings == [WAYS[0], WAYS[1]]
    assert seen.of("shifted")[-1][2].gear == 1


def test_switched_off_waits_for_no_compilation(pipeline: Pipeline, seen: Recorder) -> None:
    model = FakeModel("m", ways=WAYS)
    pipeline.set_target(30)
    use(pipeline, seen, model)
    source = FakeSource(live=True)
    show(pipeline, source, 1)
    feed(source, seen, 4)
    assert model.tunings[-1] == WAYS[1]
    Helper.held = True
    feed(source, seen, 4)
    pipeline.set_target(0)
    feed(source, seen, 1)
    assert model.tunings[-1] == WAYS[0]


def test_without_a_target_there_is_one_gear(pipeline: Pipeline, seen: Recorder) -> None:
    model = FakeModel("m", ways=WAYS)
    use(pipeline, seen, model)
    source = FakeSource(live=True)
    show(pipeline, source)
    feed(source, seen, 12)
    assert model.tunings == [WAYS[0]]


def test_switched_off_the_next_frame_is_full(pipeline: Pipeline, seen: Recorder) -> None:
    model = FakeModel("m", ways=WAYS)
    use(pipeline, seen, model)
    source = FakeSource(live=True)
    show(pipeline, source)
    feed(source, seen, 1)
    pipeline.set_target(30)
    feed(source, seen, 4)
    assert model.tunings[-1] == WAYS[1]
    pipeline.set_target(0)
    feed(source, seen, 1)
    assert model.tunings[-1] == WAYS[0]
    assert seen.of("shifted")[-1][2] == Shift(0, 3, 8, "fp32", "fresh")


def test_files_run_full_and_a_new_source_begins_full(pipeline: Pipeline, seen: Recorder) -> None:
    model = FakeModel("m", ways=WAYS)
    pipeline.set_target(30)
    use(pipeline, seen, model)
    source = FakeSource(live=True)
    show(pipeline, source, 1)
    feed(source, seen, 4)
    assert model.tunings[-1] == WAYS[1]
    show(pipeline, FakeSource(20), 2)
    seen.wait("done", 20)
    assert model.tunings[-1] == Tuning("video")
    assert seen.of("shifted")[-1][2].gear == 0
    again = FakeSource(live=True)
    show(pipeline, again, 3)
    feed(again, seen, 1)
    assert model.tunings[-1] == WAYS[0]
    assert made[-1] is not made[-2]


def test_thresholds_on_a_paused_picture_after_a_shift_look_at_it_anew(pipeline: Pipeline, seen: Recorder) -> None:
    """The outputs at hand belong to an input of another size."""
    model = FakeModel("m", ways=WAYS)
    pipeline.set_target(30)
    use(pipeline, seen, model)
    source = FakeSource(live=True)
    show(pipeline, source)
    feed(source, seen, 3)  # the shift is decided, but no frame came since
    pipeline.pause(True)
    seen.wait_phase("paused")
    forwards = len(model.forwards)
    pipeline.set_thresholds(Thresholds(0.7))
    seen.wait_for(lambda: len(model.forwards) > forwards)
    assert model.tunings[-1] == WAYS[1]


def test_the_wait_for_a_frame_is_no_work(pipeline: Pipeline, seen: Recorder) -> None:
    pipeline.set_target(30)
    use(pipeline, seen, FakeModel("m", ways=WAYS))
    source = FakeSource(live=True)
    show(pipeline, source)
    feed(source, seen, 4)
    heard = made[-1].heard
    assert [index for _, index in heard] == [0, 1, 2, 3][: len(heard)]
    assert all(idle > 0 for idle, _ in heard)


def test_a_model_that_loads_beside_excuses_slowness(pipeline: Pipeline, seen: Recorder) -> None:
    pipeline.set_target(30)
    first = FakeModel("m", ways=WAYS)
    use(pipeline, seen, first)
    source = FakeSource(live=True)
    show(pipeline, source)
    feed(source, seen, 1)
    loaded = threading.Event()

    def load(cancel: threading.Event) -> FakeModel:
        assert loaded.wait(5)
        return FakeModel("other")

    governor = made[-1]
    heard = len(governor.heard)
    pipeline.set_models([((id(first),), "m", lambda cancel: first), (("other",), "other", load)])
    feed(source, seen, 6)
    assert len(governor.heard) <= heard + 1  # the frame before may have been told just now
    assert governor.excuses >= 5
    loaded.set()
    seen.wait("ready", 2)
    feed(source, seen, 3)
    assert len(governor.heard) > heard + 1


def test_synced_frames_are_said_to_be(pipeline: Pipeline, seen: Recorder) -> None:
    pipeline.set_target(30)
    pipeline.set_synced_live(True)
    use(pipeline, seen, FakeModel("m", ways=WAYS))
    source = FakeSource(live=True)

    def opener(notify: Notify, stop: threading.Event) -> Source:
        source.stop = stop
        return source

    pipeline.open(1, opener)
    for count in range(1, 4):
        source.step.release()
        seen.wait("done", count)
    seen.wait_for(lambda: bool(made[-1].heard))
    assert made[-1].synced


def test_a_gear_that_does_not_work_is_left_for_good(pipeline: Pipeline, seen: Recorder) -> None:
    model = FakeModel("m", ways=WAYS, fail_on=(4,))
    pipeline.set_target(30)
    use(pipeline, seen, model)
    source = FakeSource(live=True)
    show(pipeline, source)
    feed(source, seen, 4)
    assert model.tunings[-1] == WAYS[1]
    source.step.release()
    seen.wait("trouble")
    feed(source, seen, 8)
    assert model.tunings[-1] == WAYS[0]
    assert seen.of("shifted")[-1][2].gear == 0


def test_a_model_whose_gears_cannot_be_told_runs_on() -> None:
    class Mute(FakeModel):
        def gears(self) -> tuple[Tuning, ...]:
            raise ModelLoadFailed("unreadable")

    assert Gearbox(Mute()).tuning(1, "live", 30) == Tuning("live")


def test_after_a_while_the_frames_wait_for_the_compilation() -> None:
    box = Gearbox(FakeModel(ways=WAYS))
    box.tuning(1, "live", 30)
    Helper.held = True
    for index, now in enumerate((0.0, 0.1, 0.2, 1.0)):
        box.done(frame(index), now, 0.0, synced=False)
        assert box.tuning(1, "live", 30) == WAYS[0]
    box.done(frame(4), 2.0, 0.0, synced=False)
    assert box.tuning(1, "live", 30) == WAYS[1]


def test_the_gears_are_looked_at_anew_with_each_source() -> None:
    """The user may have made a faster network meanwhile."""
    model = FakeModel(ways=WAYS[:1])
    box = Gearbox(model)
    assert box.tuning(1, "live", 30) == WAYS[0]
    model.ways = WAYS
    for index in range(3):
        box.done(frame(index), index / 30, 0.0, synced=False)
    assert box.tuning(1, "live", 30) == WAYS[0]
    box.tuning(2, "live", 30)
    for index in range(3):
        box.done(frame(index), index / 30, 0.0, synced=False)
    assert box.tuning(2, "live", 30) == WAYS[1]
