"""Models on the same frames, beside recognition."""

from __future__ import annotations

import contextlib
import gc
import itertools
import queue
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
import pytest

from desktop_app.core.comparing import Side
from desktop_app.core.frame import Frame
from desktop_app.core.lane import LoadModel
from desktop_app.core.model import Model, Placement, Thresholds, predict
from desktop_app.core.picture import Picture
from desktop_app.core.results import Classification
from desktop_app.errors import AppError
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.comparer import Comparer
from desktop_app.recogniser.frame_ring import FrameRingReader
from tests.core.fakes import FakeModel

PATIENCE = 30.0
A, B, C = Side("a"), Side("b"), Side("c")
Kind = TypeVar("Kind", bound=m.Event)
_prefixes = itertools.count()


def frame(index: int, shape: tuple[int, int] = (6, 8)) -> Frame:
    """Its number is in its pixels, where `FakeModel` reads it."""
    return Frame(np.full((*shape, 3), index % 256, np.uint8), index, float(index))


class Bench:
    """A comparer with models that the test decides on."""

    def __init__(self) -> None:
        self.events: queue.SimpleQueue[m.Event] = queue.SimpleQueue()
        self.models: dict[str, FakeModel] = {}
        self.failing: dict[str, AppError] = {}
        self.gates: dict[str, threading.Event] = {}
        self.comparer = Comparer(self.events.put, self._loader, lambda: True, f"regard-test-{next(_prefixes)}")
        self._number = 0
        self.reader: FrameRingReader | None = None
        self.picture: Picture | None = None

    def _loader(self, side: Side) -> LoadModel:
        def load(cancel: threading.Event) -> Model:
            gate = self.gates.get(side.key)
            if gate is not None:
                gate.wait(PATIENCE)
            if side.key in self.failing and not side.attempt:
                raise self.failing[side.key]
            return self.models.pop(side.key, None) or FakeModel(side.key)

        return load

    def compare(self, *sides: Side, room: tuple[int, int] = (64, 48)) -> int:
        self._number += 1
        self.comparer.set(m.Compare(self._number, sides, *room))
        return self._number

    def wait(self, kind: type[Kind], wanted: Callable[[Kind], bool] = lambda _: True) -> Kind:
        """The next event of a kind that is wanted; what came before is passed over."""
        while True:
            event = self.events.get(timeout=PATIENCE)
            assert not isinstance(event, m.Failure), event.traceback
            if isinstance(event, m.Compared):
                self.take(event)
            if isinstance(event, kind) and wanted(event):
                return event

    def take(self, event: m.Compared) -> None:
        """As the window does; what is not taken holds the next."""
        if self.reader is None or self.reader.name != event.ring:
            self.close()
            with contextlib.suppress(FileNotFoundError):
                self.reader = FrameRingReader(event.ring)
        self.picture = self.reader.newest() if self.reader is not None else None

    def close(self) -> None:
        if self.reader is not None:
            self.reader.close()
            self.reader = None

    def wait_whole(self, count: int) -> m.Compared:
        """All of `count` sides have answered."""
        return self.wait(m.Compared, lambda e: len(e.sides) == count and None not in e.results)


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.comparer.stop()
    made.close()


def frames_said(event: m.Compared) -> list[int]:
    """Which frame each model really saw."""
    seen = []
    for packed in event.results:
        assert packed is not None
        prediction = packed.unpack().prediction
        assert isinstance(prediction, Classification)
        seen.append(int(prediction.logits[0]))
    return seen


def test_nothing_runs_until_somebody_compares(bench: Bench) -> None:
    before = threading.active_count()
    bench.comparer.offer(1, frame(0), "live")
    bench.compare()
    assert threading.active_count() == before
    assert bench.events.empty()


def test_all_answers_and_the_picture_are_of_one_frame(bench: Bench) -> None:
    """While frames come faster than the models take them."""
    bench.comparer.offer(1, frame(0), "live")
    bench.compare(A, B, C)
    stop = threading.Event()

    def give() -> None:
        for index in itertools.count(1):
            if stop.wait(0.001):
                return
            bench.comparer.offer(1, frame(index), "live")

    giver = threading.Thread(target=give)
    giver.start()
    try:
        seen = set()
        for _ in range(30):
            event = bench.wait_whole(3)
            assert {packed.frame_index for packed in event.results if packed is not None} == {event.frame_index}
            assert set(frames_said(event)) == {event.frame_index % 256}
            picture = bench.picture
            if picture is not None and picture.number == event.picture:
                assert picture.index == event.frame_index
                assert set(np.unique(picture.pixels[:, :, :3])) == {event.frame_index % 256}
                seen.add(event.frame_index)
        assert len(seen) > 5
    finally:
        stop.set()
        giver.join()


def test_a_held_frame_is_compared_once_and_the_next_step_too(bench: Bench) -> None:
    a = bench.models["a"] = FakeModel("a")
    bench.comparer.offer(1, frame(3), "still")
    bench.compare(A, B)
    assert bench.wait_whole(2).frame_index == 3
    bench.comparer.offer(1, frame(4), "still")
    assert bench.wait_whole(2).frame_index == 4
    assert a.forwards == [3, 4]


def test_another_size_of_the_panes_asks_no_model_again(bench: Bench) -> None:
    a = bench.models["a"] = FakeModel("a")
    bench.comparer.offer(1, frame(3, (60, 80)), "still")
    bench.compare(A, B, room=(40, 30))
    first = bench.wait_whole(2)
    bench.compare(A, B, room=(80, 60))
    bench.wait(m.Compared, lambda e: e.picture != first.picture)
    assert bench.picture is not None
    assert bench.picture.pixels.shape[:2] == (60, 80)
    assert a.forwards == [3]


def test_thresholds_act_without_a_second_inference(bench: Bench) -> None:
    model = bench.models["a"] = FakeModel("a", boxes=True)
    bench.comparer.offer(1, frame(3), "still")
    bench.compare(A, B)
    first = bench.wait_whole(2).results[0]
    assert first is not None
    assert first.detections is not None
    assert len(first.detections) == 2
    bench.comparer.set_thresholds(Thresholds(confidence=0.5))
    second = bench.wait_whole(2).results[0]
    assert second is not None
    assert second.detections is not None
    assert len(second.detections) == 1
    assert model.forwards == [3]


def test_a_model_that_cannot_be_loaded_leaves_the_others(bench: Bench) -> None:
    bench.failing["b"] = AppError("It is damaged.", "Fetch it again.")
    bench.comparer.offer(1, frame(3), "still")
    bench.compare(A, B)
    failed = bench.wait(m.SideChanged, lambda e: e.stage == "failed")
    assert (failed.side, failed.message, failed.hint) == (B, "It is damaged.", "Fetch it again.")
    event = bench.wait(m.Compared)
    assert event.results[0] is not None
    assert event.results[1] is None
    again = Side("b", attempt=1)
    bench.compare(A, again)
    assert bench.wait_whole(2).sides == (A, again)


def test_one_that_still_loads_does_not_hold_the_others(bench: Bench) -> None:
    gate = bench.gates["b"] = threading.Event()
    bench.comparer.offer(1, frame(3), "still")
    bench.compare(A, B)
    event = bench.wait(m.Compared)
    assert [packed is not None for packed in event.results] == [True, False]
    gate.set()
    assert frames_said(bench.wait_whole(2)) == [3, 3]


def test_a_frame_that_one_fails_on_is_told(bench: Bench) -> None:
    bench.models["b"] = FakeModel("b", fail_on=(3,))
    bench.comparer.offer(1, frame(3), "still")
    bench.compare(A, B)
    event = bench.wait(m.Compared, lambda e: any(e.troubles))
    assert event.results[0] is not None
    assert event.results[1] is None
    assert "frame 3 is bad" in event.troubles[1]
    bench.comparer.offer(1, frame(4), "still")
    assert bench.wait_whole(2).troubles == ("", "")


def test_who_is_taken_out_stops_and_the_others_go_on(bench: Bench) -> None:
    b = bench.models["b"] = FakeModel("b")
    bench.comparer.offer(1, frame(1), "still")
    bench.compare(A, B, C)
    bench.wait_whole(3)
    bench.compare(A, C)
    bench.comparer.offer(1, frame(2), "still")
    assert bench.wait(m.Compared, lambda e: e.frame_index == 2).sides == (A, C)
    assert b.forwards == [1]


def test_a_disagreement_is_kept_whole(bench: Bench) -> None:
    bench.models["b"] = Other("b")
    pixels = np.random.default_rng(1).integers(0, 256, (60, 80, 3), np.uint8)
    pixels[0, 0] = 3
    bench.comparer.offer(1, Frame(pixels, 5, 5.0, 0.25), "still")
    bench.compare(A, B)
    event = bench.wait(m.Disagreed)
    np.testing.assert_array_equal(cv2.imdecode(np.frombuffer(event.png, np.uint8), cv2.IMREAD_COLOR), pixels)
    assert cv2.imdecode(np.frombuffer(event.jpeg, np.uint8), cv2.IMREAD_COLOR) is not None
    assert (event.frame_index, event.media_time, event.size) == (5, 0.25, (80, 60))
    assert [packed is not None and packed.frame_index == 5 for packed in event.results] == [True, True]
    assert [verdict.agrees for verdict in event.verdicts] == [False]
    assert m.decode_event(m.encode(event)) is not None


class Other(FakeModel):
    """Says the second class."""

    def postprocess(self, outputs: object, frame_shape: object, thresholds: object) -> Classification:
        return Classification(np.array([0, 1], np.float32), np.array([0.5, 0.5], np.float32))


def test_closing_frees_everything(bench: Bench) -> None:
    before = set(threading.enumerate())
    gone = []
    for key in ("a", "b"):
        bench.models[key] = FakeModel(key)
        gone.append(weakref.ref(bench.models[key]))
    bench.comparer.offer(1, frame(1), "live")
    bench.compare(A, B)
    ring = bench.wait_whole(2).ring
    bench.compare()
    for thread in set(threading.enumerate()) - before:
        thread.join(PATIENCE)
    assert set(threading.enumerate()) == before
    gc.collect()
    assert [model() for model in gone] == [None, None]
    with pytest.raises(FileNotFoundError):
        FrameRingReader(ring)


def test_opened_and_closed_two_hundred_times(bench: Bench) -> None:
    before = set(threading.enumerate())
    bench.comparer.offer(1, frame(1), "live")
    for number in range(200):
        bench.compare(A, B)
        if number % 4 == 0:
            bench.wait_whole(2)
        bench.compare()
    for thread in set(threading.enumerate()) - before:
        thread.join(PATIENCE)
    assert set(threading.enumerate()) == before
    assert not bench.comparer._entrants
    assert not bench.comparer._leaving


@pytest.mark.package_index
@pytest.mark.usefixtures("starter_models")
class TestStarters:
    def test_says_what_each_model_says_alone(self, bus: Path) -> None:
        from desktop_app.models import catalog, loading

        bgr = np.asarray(cv2.imread(str(bus)), np.uint8)
        sides = (
            Side("yolov3-tiny", Placement(precision="fp32")),
            Side("efficientnet-lite0", Placement(precision="fp32")),
            Side("yolov3-tiny", Placement(precision="fp32"), attempt=1),
        )

        def loader(side: Side) -> LoadModel:
            return lambda _: loading.load_model(catalog.find(side.key), side.placement)

        events: queue.SimpleQueue[m.Event] = queue.SimpleQueue()
        comparer = Comparer(events.put, loader, lambda: True, "regard-test-starters")
        try:
            comparer.offer(1, Frame(bgr.copy(), 0, 0.0), "still")
            comparer.set(m.Compare(1, sides, 400, 400))
            event: m.Event = events.get(timeout=PATIENCE)
            while not (isinstance(event, m.Compared) and None not in event.results):
                event = events.get(timeout=PATIENCE)
        finally:
            comparer.stop()
        for side, packed in zip(sides, event.results, strict=True):
            assert packed is not None
            alone, _, _ = predict(loading.load_model(catalog.find(side.key), side.placement), bgr, Thresholds())
            said = packed.unpack().prediction
            if isinstance(alone, Classification):
                assert isinstance(said, Classification)
                np.testing.assert_allclose(said.logits, alone.logits, atol=1e-3)
            else:
                assert not isinstance(said, Classification)
                np.testing.assert_allclose(said.xyxy, alone.xyxy, atol=0.1)
        labels, boxes = event.verdicts
        assert (labels.measure, labels.same) == ("labels", 1)  # a minibus is a bus
        assert boxes.agrees
        assert boxes.overlap == pytest.approx(1.0)
