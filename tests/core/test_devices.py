"""Sources whose device only one can have, that are turned in their own way, and that come back after they were lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from desktop_app.core.capture import Orientation
from desktop_app.core.pipeline import Pipeline
from desktop_app.core.source import Notify, Source
from desktop_app.errors import CameraUnavailable
from tests.core.fakes import FakeSource, Recorder


@pytest.fixture
def seen() -> Recorder:
    return Recorder()


@pytest.fixture
def pipeline(seen: Recorder) -> Iterator[Pipeline]:
    made = Pipeline(seen)
    yield made
    assert made.stop(3.0)


def camera(pipeline: Pipeline, seen: Recorder, request: int, source: FakeSource) -> FakeSource:
    def opener(notify: Notify, stop: threading.Event) -> Source:
        source.stop = stop
        return source

    pipeline.open(request, opener, device=True)
    source.step.release(1)
    seen.wait_for(lambda: any(entry[:2] == ("newest", request) for entry in seen.log))
    return source


def test_an_opener_lets_go_of_the_running_device_before_it_opens_its_own(pipeline: Pipeline, seen: Recorder) -> None:
    first = camera(pipeline, seen, 1, FakeSource(live=True))
    second = FakeSource(live=True)
    released: list[bool] = []

    def opener(notify: Notify, stop: threading.Event) -> Source:
        assert not first.released
        pipeline.release(2)
        released.append(first.released)
        second.stop = stop
        return second

    pipeline.open(2, opener, device=True)
    second.step.release(1)
    seen.wait_for(lambda: any(entry[:2] == ("newest", 2) for entry in seen.log))
    assert released == [True]


def test_the_device_goes_on_when_the_next_does_not_open(pipeline: Pipeline, seen: Recorder) -> None:
    first = camera(pipeline, seen, 1, FakeSource(live=True))

    def opener(notify: Notify, stop: threading.Event) -> Source:
        raise CameraUnavailable("busy", cause="busy")

    pipeline.open(2, opener, device=True)
    seen.wait_phase("failed")
    first.step.release(1)
    seen.wait("newest", 2)
    assert not first.released


def test_the_next_waits_for_a_device_that_is_being_let_go(pipeline: Pipeline, seen: Recorder) -> None:
    """Chosen twice in a row: the first one has hardly opened."""
    slow = FakeSource(live=True)
    may_open, waited = threading.Event(), threading.Event()

    def first(notify: Notify, stop: threading.Event) -> Source:
        may_open.wait(5)
        slow.stop = stop
        return slow

    def second(notify: Notify, stop: threading.Event) -> Source:
        may_open.set()
        pipeline.wait_for_devices(5.0)
        assert slow.released
        waited.set()
        raise CameraUnavailable("enough")

    pipeline.open(1, first, device=True)
    pipeline.open(2, second, device=True)
    seen.wait_phase("failed")
    assert waited.is_set()


def test_opening_can_be_cancelled_until_it_is_open(pipeline: Pipeline, seen: Recorder) -> None:
    first = camera(pipeline, seen, 1, FakeSource(live=True))
    hangs = threading.Event()

    def opener(notify: Notify, stop: threading.Event) -> Source:
        hangs.set()
        stop.wait(5)
        raise CameraUnavailable("too late")

    pipeline.open(2, opener, device=True)
    assert hangs.wait(5)
    assert not pipeline.cancel(1)
    assert pipeline.cancel(2)
    assert not pipeline.cancel(2)
    first.step.release(1)
    seen.wait("newest", 2)
    assert not [entry for entry in seen.of("phase") if entry[1] == 2 and entry[2] == "failed"]


class Losable(FakeSource):
    retried = 0

    def retry_now(self) -> None:
        self.retried += 1


def test_a_lost_source_is_asked_to_try_again(pipeline: Pipeline, seen: Recorder) -> None:
    assert not pipeline.retry_now()
    camera(pipeline, seen, 1, FakeSource(live=True))
    assert not pipeline.retry_now()
    source = Losable(live=True)
    camera(pipeline, seen, 2, source)
    assert pipeline.retry_now()
    assert source.retried == 1


def test_a_source_may_be_turned_in_its_own_way(pipeline: Pipeline, seen: Recorder) -> None:
    own: list[Orientation | None] = [Orientation(rotation=90)]
    source = FakeSource(live=True)

    def opener(notify: Notify, stop: threading.Event) -> Source:
        source.stop = stop
        return source

    def shape(count: int) -> tuple[int, ...]:
        bgr = seen.wait("newest", count)[count - 1][2].bgr
        assert isinstance(bgr, np.ndarray)
        height, width = bgr.shape[:2]
        return int(height), int(width)

    pipeline.open(1, opener, orient=lambda info: own[0])
    source.step.release(1)
    assert shape(1) == (8, 6)
    own[0] = None
    source.step.release(1)
    assert shape(2) == (6, 8)
    pipeline.pause(True)
    own[0] = Orientation(rotation=270)
    before = len(seen.of("done"))
    pipeline.turn_again()
    seen.wait_for(lambda: len(seen.of("done")) > before or len(seen.of("newest")) > 2)


def test_silence_is_measured_of_live_sources_that_are_not_paused(pipeline: Pipeline, seen: Recorder) -> None:
    camera(pipeline, seen, 1, FakeSource(live=True))
    first = pipeline.stats().silence
    assert first > 0
    assert pipeline.stats().silence > first
    pipeline.pause(True)
    assert pipeline.stats().silence == 0
