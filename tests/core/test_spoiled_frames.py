"""Where in the path of a frame it is spoiled: before anybody sees it, and nobody sees it otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from desktop_app.core.capture import Orientation
from desktop_app.core.frame import Frame
from desktop_app.core.pipeline import Pipeline
from desktop_app.core.stress import Stress
from tests.core.fakes import FakeModel, FakeSource, Recorder
from tests.core.test_pipeline import logit, show, use

STRESS = Stress(blur=1)


@pytest.fixture
def seen() -> Recorder:
    return Recorder()


@pytest.fixture
def pipeline(seen: Recorder) -> Iterator[Pipeline]:
    made = Pipeline(seen)
    yield made
    assert made.stop(3.0)


def brighter(frame: Frame) -> Frame:
    return replace(frame, pixels=frame.bgr + np.uint8(100), stress=STRESS)


def test_what_is_shown_is_what_is_recognised(pipeline: Pipeline, seen: Recorder) -> None:
    use(pipeline, seen, FakeModel())
    pipeline.set_spoil(brighter)
    show(pipeline, FakeSource(5))
    for _, _, frame, results in seen.wait("done", 5):
        assert frame.bgr[0, 0, 0] == frame.index + 100
        assert logit(results[0]) == frame.index + 100
        assert frame.stress == results[0].stress == STRESS


def test_live_frames_are_spoiled_too(pipeline: Pipeline, seen: Recorder) -> None:
    use(pipeline, seen, FakeModel())
    pipeline.set_spoil(brighter)
    source = FakeSource(live=True)
    show(pipeline, source)
    source.step.release(1)
    assert seen.wait("newest", 1)[-1][2].stress == STRESS
    assert logit(seen.wait("recognised", 1)[-1][2]) == 100
    clean = pipeline.unspoiled
    assert clean is not None
    assert (clean.bgr[0, 0, 0], clean.stress) == (0, None)
    pipeline.set_spoil(None)
    source.step.release(1)
    last = seen.wait("newest", 2)[-1][2]
    assert (last.bgr[0, 0, 0], last.stress) == (1, None)


def test_a_still_is_spoiled_at_once_and_comes_back_as_it_was(pipeline: Pipeline, seen: Recorder) -> None:
    use(pipeline, seen, FakeModel())
    show(pipeline, FakeSource(1))
    seen.wait_phase("ended")
    seen.wait("done", 1)
    pipeline.set_spoil(brighter)
    assert logit(seen.wait("done", 2)[-1][3][0]) == 100
    pipeline.set_spoil(lambda frame: brighter(brighter(frame)))
    assert logit(seen.wait("done", 3)[-1][3][0]) == 200  # from the clean one, not on top
    pipeline.set_spoil(None)
    _, _, frame, results = seen.wait("done", 4)[-1]
    assert (logit(results[0]), frame.stress) == (0, None)


def test_a_frame_is_turned_before_it_is_spoiled(pipeline: Pipeline, seen: Recorder) -> None:
    shapes: list[tuple[int, ...]] = []

    def look(frame: Frame) -> Frame:
        shapes.append(frame.bgr.shape)
        return frame

    pipeline.set_orientation(Orientation(rotation=90))
    pipeline.set_spoil(look)
    show(pipeline, FakeSource(1))
    seen.wait("done", 1)
    assert shapes == [(8, 6, 3)]


def test_pictures_of_a_batch_are_left_alone(pipeline: Pipeline, seen: Recorder) -> None:
    use(pipeline, seen, FakeModel())
    pipeline.set_spoil(brighter)
    source = FakeSource(3)
    source.info = replace(source.info, kind="images")
    show(pipeline, source)
    assert [logit(entry[3][0]) for entry in seen.wait("done", 3)] == [0, 1, 2]


def test_nobody_is_asked_where_nothing_is_spoiled(pipeline: Pipeline, seen: Recorder) -> None:
    """The very array of the source arrives: nothing was copied."""
    arrays: list[object] = []

    class Telling(FakeSource):
        def __iter__(self) -> Iterator[Frame]:
            for frame in super().__iter__():
                arrays.append(frame.bgr)
                yield frame

    show(pipeline, Telling(2))
    done = seen.wait("done", 2)
    assert all(entry[2].bgr is array for entry, array in zip(done, arrays, strict=True))


def test_nothing_is_there_before_a_source_is(pipeline: Pipeline) -> None:
    assert pipeline.unspoiled is None
