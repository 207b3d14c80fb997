"""Steps, ranges and speeds of a file."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from desktop_app.core.capture import Playback
from desktop_app.core.frame import Frame
from desktop_app.core.pipeline import Pipeline
from tests.core.fakes import FakeModel, FakeSource, Recorder
from tests.core.test_pipeline import show, use


@pytest.fixture
def seen() -> Recorder:
    return Recorder()


@pytest.fixture
def pipeline(seen: Recorder) -> Iterator[Pipeline]:
    made = Pipeline(seen)
    yield made
    assert made.stop(3.0)


def _indices(seen: Recorder) -> list[int]:
    return [entry[2].index for entry in seen.of("done")]


def test_steps_that_come_quickly_add_up(pipeline: Pipeline, seen: Recorder) -> None:
    show(pipeline, FakeSource(20), paused=True)
    seen.wait_for(lambda: _indices(seen) == [0])
    for _ in range(5):
        pipeline.step(1)
    seen.wait_for(lambda: _indices(seen)[-1] == 5)
    for _ in range(3):
        pipeline.step(-1)
    seen.wait_for(lambda: _indices(seen)[-1] == 2)
    pipeline.step(-9)
    seen.wait_for(lambda: _indices(seen)[-1] == 0)
    pipeline.step(1)
    seen.wait_for(lambda: _indices(seen)[-1] == 1)


def test_a_range_is_played_held_and_looped(pipeline: Pipeline, seen: Recorder) -> None:
    pipeline.set_playback(Playback(first=3, last=6))
    show(pipeline, FakeSource(20), paused=True)
    seen.wait_for(lambda: _indices(seen) == [0])
    pipeline.seek(3)
    pipeline.pause(False)
    seen.wait_phase("ended")
    assert _indices(seen)[-4:] == [3, 4, 5, 6]
    pipeline.pause(False)
    seen.wait_for(lambda: _indices(seen)[-8:] == [3, 4, 5, 6] * 2)
    seen.wait_for(lambda: len([e for e in seen.of("phase") if e[2] == "ended"]) == 2)
    pipeline.set_playback(Playback(loop=True, first=3, last=6))
    pipeline.pause(False)
    before = len(_indices(seen))
    seen.wait("done", before + 20)
    pipeline.step(1)
    assert set(_indices(seen)[before:]) <= {3, 4, 5, 6, 7}
    pipeline.seek(18)
    seen.wait_for(lambda: _indices(seen)[-1] == 18)


def test_a_range_that_ends_behind_the_place_is_gone_back_to(pipeline: Pipeline, seen: Recorder) -> None:
    source = FakeSource(1000)
    source.free_running = False
    show(pipeline, source)
    source.step.release(30)
    seen.wait("done", 30)
    pipeline.set_playback(Playback(loop=True, first=5, last=20))
    source.step.release(3)
    seen.wait_for(lambda: _indices(seen)[-1] in (5, 6))
    pipeline.seek(500)  # beyond it: there it plays on
    source.step.release(4)
    seen.wait_for(lambda: _indices(seen)[-1] in (502, 503))


class _Timed(FakeSource):
    """Frames whose times are those of its rate."""

    def __iter__(self) -> Iterator[Frame]:
        return (replace(frame, media_time=frame.index / 30) for frame in super().__iter__())


def test_beyond_speed_1_frames_are_left_out_and_counted(pipeline: Pipeline, seen: Recorder) -> None:
    gate = threading.Semaphore(0)
    use(pipeline, seen, FakeModel("slow", gate))
    pipeline.set_playback(Playback(speed=8.0))
    show(pipeline, _Timed(100_000))
    for count in range(1, 16):
        gate.release()
        seen.wait("done", count)
        threading.Event().wait(0.02)  # a model that takes its time: five frames are due meanwhile
    indices = _indices(seen)
    assert indices == sorted(set(indices))
    left_out = indices[-1] + 1 - len(indices)
    assert left_out > 10
    assert pipeline.stats().dropped >= left_out
    gate.release(10_000)


def test_up_to_speed_1_every_frame_is_recognised(pipeline: Pipeline, seen: Recorder) -> None:
    gate = threading.Semaphore(0)
    use(pipeline, seen, FakeModel("slow", gate))
    show(pipeline, _Timed(12))
    for count in range(1, 13):
        gate.release()
        seen.wait("done", count)
        threading.Event().wait(0.05)
    assert _indices(seen) == list(range(12))
    assert pipeline.stats().dropped == 0
