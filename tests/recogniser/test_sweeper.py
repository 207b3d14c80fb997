"""The sweep beside recognition, and the desk that takes the sliders' wishes."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest

from desktop_app.core.frame import Frame
from desktop_app.core.model import Model, Placement, Thresholds
from desktop_app.core.pipeline import Pipeline
from desktop_app.core.results import Classification, Detections
from desktop_app.core.stress import CORRUPTIONS, NONE, Stress
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.stress_desk import StressDesk
from desktop_app.recogniser.sweeper import Sweeper
from tests.core.fakes import FakeModel, FakeSource, Recorder
from tests.core.test_pipeline import logit, show, use

PATIENCE = 60.0
TOTAL = sum(len(corruption.sweep) for corruption in CORRUPTIONS)
Kind = TypeVar("Kind", bound=m.Event)


class Heard:
    """Events as they come, each through the wire and back."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[m.Event] = queue.SimpleQueue()

    def put(self, event: m.Event) -> None:
        self._queue.put(m.decode_event(m.encode(event)))

    def next(self, kind: type[Kind]) -> Kind:
        event = self._queue.get(timeout=PATIENCE)
        assert isinstance(event, kind), event
        return event

    def until(self, kind: type[Kind]) -> tuple[Kind, list[m.Event]]:
        before: list[m.Event] = []
        while not isinstance(event := self._queue.get(timeout=PATIENCE), kind):
            before.append(event)
        return event, before

    @property
    def empty(self) -> bool:
        return self._queue.empty()


class Brightness(FakeModel):
    """Two classes: how bright the picture is, and how dark. `gate` holds each answer."""

    def preprocess(self, bgr: Any) -> Any:
        return np.full((1, 1, 1, 3), round(float(bgr.mean())), np.uint8)

    def postprocess(self, outputs: Any, frame_shape: tuple[int, ...], thresholds: Thresholds) -> Classification:
        bright = float(outputs[0][0]) / 255
        shares = np.array([bright, 1 - bright], np.float32)
        return Classification(shares, shares)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def loaded() -> list[str]:
    return []


@pytest.fixture
def make(heard: Heard, loaded: list[str]) -> Iterator[Callable[..., Sweeper]]:
    made: list[Sweeper] = []

    def build(clean: Callable[[], Frame | None], model: Model | None = None) -> Sweeper:
        def load(key: str, placement: Placement, cancel: threading.Event) -> Model:
            loaded.append(key)
            return model or Brightness()

        made.append(Sweeper(heard.put, clean, load))
        return made[-1]

    yield build
    for sweeper in made:
        sweeper.stop()


STILL = Frame(np.full((40, 60, 3), 180, np.uint8), 5, 1.0)


def test_nothing_runs_until_a_sweep_is_wanted(make: Callable[..., Sweeper], loaded: list[str]) -> None:
    sweeper = make(lambda: STILL)
    sweeper.set(m.Sweep(1))
    sweeper.get_picture(m.GetSpoiled(1, NONE, 100, 100))
    assert sweeper._thread is None
    assert not loaded


def test_every_strength_is_answered_from_none_to_strong(make: Callable[..., Sweeper], heard: Heard) -> None:
    sweeper = make(lambda: STILL)
    sweeper.set(m.Sweep(1, "fake"))
    begun = heard.next(m.SweepBegun)
    assert (begun.total, begun.frame_index, begun.size) == (TOTAL, 5, (60, 40))
    assert [subject.class_id for subject in begun.subjects] == [0]
    ended, answers = heard.until(m.SweepEnded)
    assert ended == m.SweepEnded(1)
    found = [(a.corruption, a.answer.strength) for a in answers if isinstance(a, m.SweepAnswered)]
    assert found == [(corruption.key, value) for corruption in CORRUPTIONS for value in corruption.outwards()]
    darker = {
        a.answer.strength: a.answer for a in answers if isinstance(a, m.SweepAnswered) and a.corruption == "brightness"
    }
    assert darker[-15].held[0] == pytest.approx((180 - 38) / 255, abs=0.01)
    assert (darker[-15].now, darker[-30].now) == ((0,), (1,))  # 180 − 76 is darker than the middle


def test_a_picture_of_a_point_comes_as_large_as_it_is_wanted(make: Callable[..., Sweeper], heard: Heard) -> None:
    sweeper = make(lambda: STILL)
    sweeper.set(m.Sweep(1, "fake"))
    heard.until(m.SweepEnded)
    stress = Stress(brightness=-30)
    sweeper.get_picture(m.GetSpoiled(1, stress, 30, 90))
    picture = heard.next(m.SpoiledPicture)
    assert (picture.bgr.shape, picture.stress) == ((20, 30, 3), stress)
    assert abs(int(picture.bgr[0, 0, 0]) - 104) <= 1
    result = picture.result.unpack()
    assert (result.frame_size, result.stress) == ((60, 40), stress)
    assert isinstance(result.prediction, Classification)
    assert result.prediction.top(1) == [1]


def test_a_picture_does_not_wait_for_the_end_of_the_sweep(make: Callable[..., Sweeper], heard: Heard) -> None:
    gate = threading.Semaphore(3)
    sweeper = make(lambda: STILL, Brightness(gate=gate))
    sweeper.set(m.Sweep(1, "fake"))
    heard.next(m.SweepBegun)
    sweeper.get_picture(m.GetSpoiled(1, Stress(blur=3), 60, 40))
    gate.release(6)
    picture, _ = heard.until(m.SpoiledPicture)
    assert picture.stress == Stress(blur=3)
    sweeper.set(m.Sweep(2))
    gate.release(2 * TOTAL)


def test_a_sweep_can_be_stopped_and_its_picture_stays(make: Callable[..., Sweeper], heard: Heard) -> None:
    gate = threading.Semaphore(4)
    sweeper = make(lambda: STILL, Brightness(gate=gate))
    sweeper.set(m.Sweep(1, "fake"))
    heard.next(m.SweepBegun)
    heard.next(m.SweepAnswered)
    sweeper.set(m.Sweep(2, "fake", stop=True))
    gate.release(20)
    sweeper.get_picture(m.GetSpoiled(1, Stress(noise=20), 60, 40))
    picture, before = heard.until(m.SpoiledPicture)
    assert picture.number == 1
    assert not [event for event in before if isinstance(event, m.SweepEnded)]


def test_while_frames_move_recognition_comes_first(
    make: Callable[..., Sweeper], heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rests are asked for, three times as long as the work, only where the frame is another one by now."""
    for moving in (False, True):
        rests: list[float] = []
        count = iter(range(10_000))

        def clean(moving: bool = moving, count: Iterator[int] = count) -> Frame:
            return Frame(STILL.bgr, next(count), 1.0) if moving else STILL

        sweeper = make(clean)
        wait_for = sweeper._changed.wait_for

        def waited(
            condition: Callable[[], bool],
            timeout: float | None = None,
            rests: list[float] = rests,
            wait_for: Callable[..., bool] = wait_for,
        ) -> bool:
            rests.append(timeout or 0.0)
            return wait_for(condition, 0)

        monkeypatch.setattr(sweeper._changed, "wait_for", waited)
        sweeper.set(m.Sweep(1, "fake"))
        heard.until(m.SweepEnded)
        assert len(rests) >= TOTAL
        assert any(rest > 0 for rest in rests) == moving


def test_who_closes_the_panel_frees_model_and_picture_and_ends_the_thread(
    make: Callable[..., Sweeper], heard: Heard, loaded: list[str]
) -> None:
    sweeper = make(lambda: STILL)
    for round_ in range(3):
        sweeper.set(m.Sweep(2 * round_ + 1, "fake"))
        heard.until(m.SweepEnded)
        thread = sweeper._thread
        assert thread is not None
        sweeper.set(m.Sweep(2 * round_ + 2))
        thread.join(PATIENCE)
        assert not thread.is_alive()
        assert sweeper._model is None
        assert sweeper._subject is None
        assert sweeper._thread is None
    assert loaded == ["fake"] * 3


def test_a_second_sweep_of_the_same_model_loads_nothing(
    make: Callable[..., Sweeper], heard: Heard, loaded: list[str]
) -> None:
    sweeper = make(lambda: STILL)
    for number in (1, 2):
        sweeper.set(m.Sweep(number, "fake"))
        heard.until(m.SweepEnded)
    sweeper.set(m.Sweep(3, "other"))
    heard.until(m.SweepEnded)
    assert loaded == ["fake", "other"]


def test_without_a_picture_it_says_so(make: Callable[..., Sweeper], heard: Heard) -> None:
    make(lambda: None).set(m.Sweep(1, "fake"))
    ended = heard.next(m.SweepEnded)
    assert "no picture" in ended.message
    assert ended.hint


def test_a_model_that_fails_ends_the_sweep_in_words(make: Callable[..., Sweeper], heard: Heard) -> None:
    make(lambda: STILL, FakeModel(fail_on=(180,))).set(m.Sweep(1, "fake"))
    assert heard.next(m.SweepEnded).message == "frame 180 is bad"


class TestDesk:
    @pytest.fixture
    def seen(self) -> Recorder:
        return Recorder()

    @pytest.fixture
    def pipeline(self, seen: Recorder) -> Iterator[Pipeline]:
        made = Pipeline(seen)
        yield made
        assert made.stop(3.0)

    @pytest.fixture
    def desk(self, pipeline: Pipeline, seen: Recorder) -> Iterator[StressDesk]:
        made = StressDesk(pipeline, seen.crashed)
        yield made
        made.stop()

    def test_a_still_follows_the_sliders_and_ends_where_they_end(
        self, pipeline: Pipeline, seen: Recorder, desk: StressDesk
    ) -> None:
        use(pipeline, seen, FakeModel())
        show(pipeline, FakeSource(1))
        seen.wait_phase("ended")
        for brightness in range(1, 40):
            desk.set(m.SetStress(Stress(brightness=brightness)))
        last = Stress(brightness=40)
        desk.set(m.SetStress(last))
        seen.wait_for(lambda: any(e[0] == "done" and e[2].stress == last for e in seen.log))
        frame, results = seen.of("done")[-1][2:]
        assert frame.stress == last
        assert logit(results[0]) == 102

    def test_it_waits_in_no_thread_of_its_own_while_nothing_is_spoiled(
        self, pipeline: Pipeline, seen: Recorder, desk: StressDesk
    ) -> None:
        desk.set(m.SetStress(NONE))
        assert desk._thread is None
        for _ in range(20):
            desk.set(m.SetStress(Stress(blur=2)))
            (thread,) = (thread for thread in threading.enumerate() if thread.name == "stress")
            desk.set(m.SetStress(NONE))
            thread.join(PATIENCE)
            assert not thread.is_alive()
        assert pipeline.spoil is None
        assert not seen.of("crashed")


@pytest.mark.package_index
@pytest.mark.usefixtures("starter_models")
class TestStarters:
    """The real models on real photographs."""

    def sweep(self, heard: Heard, path: Path, key: str) -> tuple[m.SweepBegun, list[m.SweepAnswered], Sweeper]:
        from desktop_app.sources.image_file import read_picture

        frame = Frame(read_picture(str(path)), 0, 0.0)
        sweeper = Sweeper(heard.put, lambda: frame)
        sweeper.set(m.Sweep(1, key))
        begun = heard.next(m.SweepBegun)
        ended, answers = heard.until(m.SweepEnded)
        assert ended.message == ""
        return begun, [answer for answer in answers if isinstance(answer, m.SweepAnswered)], sweeper

    def test_persons_and_a_bus(self, heard: Heard, bus: Path) -> None:
        begun, answers, sweeper = self.sweep(heard, bus, "yolov3-tiny")
        assert {subject.class_id for subject in begun.subjects} >= {0, 5}
        blur = [a.answer for a in answers if a.corruption == "blur"]
        assert blur[0].f1 > 0.5
        assert blur[-1].f1 < blur[0].f1
        assert blur[-1].held[0] < begun.subjects[0].confidence
        sweeper.get_picture(m.GetSpoiled(1, Stress(blur=1), 400, 400))
        result = heard.next(m.SpoiledPicture).result.unpack()
        assert isinstance(result.prediction, Detections)
        best = blur[0].held[0]
        assert best == pytest.approx(float(result.prediction.confidence[0]), abs=1e-4)
        sweeper.stop()
