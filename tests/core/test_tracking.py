"""What a lane does with a tracker: weak boxes reach it, and only what is shown comes out."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from desktop_app.core.frame import Frame
from desktop_app.core.model import Thresholds, Use
from desktop_app.core.pipeline import Pipeline
from desktop_app.core.results import Classification, Detections, Ints, Prediction
from desktop_app.core.source import Notify, Source
from desktop_app.core.tracking import NO_TRACK, Following
from tests.core.fakes import FakeModel, FakeSource, Recorder


class FakeTracker:
    """Numbers the rows of each frame from 1."""

    def __init__(self) -> None:
        self.frames: list[int] = []
        self.given: list[int] = []
        self.begins: list[float] = []

    def update(self, found: Detections, frame: Frame, begins: float, *, live: bool) -> Ints:
        self.frames.append(frame.index)
        self.given.append(len(found))
        self.begins.append(begins)
        return np.arange(1, len(found) + 1)


def _found(thresholds: Thresholds) -> Prediction:
    sure = np.array([0.9, 0.4, 0.12], np.float32)
    everything = Detections(np.ones((3, 4), np.float32), sure, np.array([0, 1, 2]))
    return everything.pick(sure > thresholds.confidence)


def _frame(index: int) -> Frame:
    return Frame(np.zeros((4, 4, 3), np.uint8), index, float(index))


def test_weak_boxes_reach_the_tracker_and_are_not_shown() -> None:
    made: list[FakeTracker] = []

    def make() -> FakeTracker:
        made.append(FakeTracker())
        return made[-1]

    following = Following(make)
    shown = following.predict(_found, Thresholds(0.5), _frame(0), 1, "live")
    assert isinstance(shown, Detections)
    assert shown.track_id is not None
    assert shown.track_id.tolist() == [1]
    shown = following.predict(_found, Thresholds(0.15), _frame(1), 1, "live")
    assert isinstance(shown, Detections)
    assert shown.track_id is not None
    assert shown.track_id.tolist() == [1, 2]
    assert made[0].given == [3, 3]
    assert made[0].begins == [0.25, 0.15]


def test_each_source_has_a_tracker_of_its_own_and_pictures_none() -> None:
    made: list[FakeTracker] = []

    def make() -> FakeTracker:
        made.append(FakeTracker())
        return made[-1]

    following = Following(make)
    for request in (1, 1, 2):
        following.predict(_found, Thresholds(), _frame(0), request, "video")
    assert [tracker.frames for tracker in made] == [[0, 0], [0]]
    uses: tuple[Use, ...] = ("still", "batch")
    for use in uses:
        prediction = following.predict(_found, Thresholds(), _frame(0), 2, use)
        assert isinstance(prediction, Detections)
        assert prediction.track_id is None


def test_a_classifier_has_nothing_to_follow() -> None:
    said = Classification(np.zeros(2, np.float32), np.full(2, 0.5, np.float32))
    assert Following(FakeTracker).predict(lambda _: said, Thresholds(), _frame(0), 1, "live") is said


def test_a_row_without_a_track_has_the_colour_of_its_class() -> None:
    found = Detections(np.ones((2, 4), np.float32), np.ones(2, np.float32), np.array([5, 5]), np.array([NO_TRACK, 7]))
    assert [found.track_of(row) for row in (0, 1)] == [None, 7]
    assert [found.colour_id(row) for row in (0, 1)] == [5, 7]


@pytest.fixture
def seen() -> Recorder:
    return Recorder()


@pytest.fixture
def pipeline(seen: Recorder) -> Iterator[Pipeline]:
    made = Pipeline(seen, paced=False)
    yield made
    assert made.stop(3.0)


def _show(pipeline: Pipeline, source: FakeSource, *, paused: bool = False) -> None:
    def opener(notify: Notify, stop: threading.Event) -> Source:
        source.stop = stop
        return source

    pipeline.open(1, opener, paused=paused)


def test_a_file_is_followed_frame_by_frame_though_several_are_under_way(pipeline: Pipeline, seen: Recorder) -> None:
    tracker = FakeTracker()
    pipeline.set_tracker(lambda: tracker)
    model = FakeModel(boxes=True, depth=3)
    pipeline.set_models([(("m",), "m", lambda cancel: model)])
    seen.wait("ready")
    _show(pipeline, FakeSource(30))
    done = seen.wait("done", 30)
    assert tracker.frames == list(range(30))
    result = done[7][3][0]
    assert result.prediction.track_id.tolist() == [1, 2]
    assert (result.media_time, result.frame_size) == (0.007, (8, 6))


def test_switching_on_and_off_acts_on_a_paused_picture_without_a_second_inference(seen: Recorder) -> None:
    pipeline = Pipeline(seen)
    model = FakeModel(boxes=True)
    pipeline.set_models([(("m",), "m", lambda cancel: model)])
    seen.wait("ready")
    _show(pipeline, FakeSource(30), paused=True)
    assert seen.wait("done")[0][3][0].prediction.track_id is None
    pipeline.set_tracker(FakeTracker)
    assert seen.wait("done", 2)[1][3][0].prediction.track_id.tolist() == [1, 2]
    pipeline.set_thresholds(Thresholds(0.5))
    assert seen.wait("done", 3)[2][3][0].prediction.track_id.tolist() == [1]
    pipeline.set_tracker(None)
    assert seen.wait("done", 4)[3][3][0].prediction.track_id is None
    assert model.forwards == [0]
    assert pipeline.stop(3.0)
