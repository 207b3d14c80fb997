"""The trackers: equal to those of Ultralytics frame by frame, and right where frames are missing or come again."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from desktop_app.core.frame import Frame
from desktop_app.core.results import Detections
from desktop_app.core.tracking import NO_TRACK, TrackerName
from desktop_app.models.trackers import ByteTrack, tracker_maker
from tests.models.moving import detections, frame


def _boxes(*boxes: tuple[float, float, float, float], confidence: float = 0.9) -> Detections:
    rows = np.array(boxes, np.float32).reshape(-1, 4)
    return Detections(rows, np.full(len(rows), confidence, np.float32), np.zeros(len(rows), np.int64))


def _walker(x: float, confidence: float = 0.9) -> Detections:
    return _boxes((x, 100, x + 40, 200), confidence=confidence)


@pytest.mark.torch
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["bytetrack", "botsort"])
@pytest.mark.parametrize(("seed", "things", "frames"), [(1, 8, 800), (2, 30, 300), (3, 120, 60)])
def test_ids_and_boxes_equal_those_of_ultralytics(
    name: TrackerName, seed: int, things: int, frames: int, tmp_path: Path
) -> None:
    from tests.models.reference_trackers import Reference

    mine, reference = tracker_maker(name)(), Reference(name, str(tmp_path))
    assert isinstance(mine, ByteTrack)
    for index, found in enumerate(detections(seed, things, frames)):
        blank = frame(index, bgr=np.zeros((48, 64, 3), np.uint8))
        expected = reference.update(found, blank.bgr if name == "botsort" else None)
        ids = mine.update(found, blank)
        assert {row: int(ids[row]) for row in np.flatnonzero(ids != NO_TRACK)} == {
            row: number for row, (number, _) in expected.items()
        }, f"frame {index}"
        smoothed = {int(row[4]): row[:4] for row in mine.smoothed()}
        for number, box in expected.values():
            np.testing.assert_allclose(smoothed[number], box, atol=1e-3)


@pytest.mark.torch
@pytest.mark.filterwarnings("ignore")
def test_a_moving_camera_is_followed_as_by_ultralytics(bus: Path, tmp_path: Path) -> None:
    import cv2

    from tests.models.reference_trackers import Reference

    mine, reference = tracker_maker("botsort")(), Reference("botsort", str(tmp_path))
    assert isinstance(mine, ByteTrack)
    photograph = cv2.resize(cv2.imread(str(bus)), (600, 800))
    for index in range(40):
        # The camera runs to the right and turns a little; the persons of the photograph stand still in the world.
        shift = 6.0 * index
        turn = cv2.getRotationMatrix2D((300, 400), 0.3 * np.sin(index / 5), 1.0)
        turn[0, 2] -= shift
        bgr = np.ascontiguousarray(cv2.warpAffine(photograph, turn, (600, 800), borderMode=cv2.BORDER_REFLECT))
        found = _boxes((300 - shift, 300, 380 - shift, 600), (500 - shift, 320, 570 - shift, 580))
        expected = reference.update(found, bgr)
        ids = mine.update(found, frame(index, bgr=bgr))
        assert {row: int(ids[row]) for row in range(2)} == {row: number for row, (number, _) in expected.items()}
        smoothed = {int(row[4]): row[:4] for row in mine.smoothed()}
        for number, box in expected.values():
            np.testing.assert_allclose(smoothed[number], box, atol=0.05)
    assert ids.tolist() == [1, 2]


@pytest.fixture(scope="module")
def demo(starter_folders: dict[str, str]) -> list[tuple[Frame, Detections]]:
    """Photographs under a moving camera, with what the starter model finds in them down to 0.1."""
    from desktop_app.core.model import Placement, Thresholds, predict
    from desktop_app.models.catalog import find
    from desktop_app.models.loading import load_model
    from desktop_app.sources import open_source

    with pytest.MonkeyPatch.context() as patch:
        for name, folder in starter_folders.items():
            patch.setenv(name, folder)
        model = load_model(find("yolov3-tiny"), Placement("openvino", "cpu", "fp32"))
        seen = []
        with open_source(["demo:?frames=90"], lambda _: None, threading.Event()) as source:
            for shown in source:
                found = predict(model, shown.bgr, Thresholds(0.1))[0]
                assert isinstance(found, Detections)
                seen.append((shown, found))
    return seen


@pytest.mark.torch
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["bytetrack", "botsort"])
def test_on_photographs_ids_equal_those_of_ultralytics(
    name: TrackerName, demo: list[tuple[Frame, Detections]], tmp_path: Path
) -> None:
    from tests.models.reference_trackers import Reference

    mine, reference = tracker_maker(name)(), Reference(name, str(tmp_path))
    followed = 0
    for shown, found in demo:
        expected = reference.update(found, shown.bgr if name == "botsort" else None)
        ids = mine.update(found, shown, 0.25, live=False)
        assert {row: int(ids[row]) for row in np.flatnonzero(ids != NO_TRACK)} == {
            row: number for row, (number, _) in expected.items()
        }, f"frame {shown.index}"
        followed += len(expected)
    assert followed > 90


def test_a_thing_gets_its_number_when_it_is_seen_for_the_second_time() -> None:
    tracker = ByteTrack()
    assert tracker.update(_walker(10), frame(0)).tolist() == [1]  # in the first frame there is nothing to wait for
    assert tracker.update(_boxes((12, 100, 52, 200), (300, 100, 340, 200)), frame(1)).tolist() == [1, NO_TRACK]
    assert tracker.update(_boxes((14, 100, 54, 200), (301, 100, 341, 200)), frame(2)).tolist() == [1, 2]


def test_a_weak_box_goes_on_with_a_track_and_begins_none() -> None:
    tracker = ByteTrack()
    for index in range(5):
        tracker.update(_walker(10 + 2 * index), frame(index))
    assert tracker.update(_walker(20, 0.15), frame(5)).tolist() == [1]
    other = ByteTrack()
    for index in range(5):
        assert other.update(_walker(10 + 2 * index, 0.15), frame(index)).tolist() == [NO_TRACK]


def test_an_id_is_found_again_within_a_second_and_not_later() -> None:
    for away, same in ((20, True), (45, False)):
        tracker = ByteTrack()
        for index in range(10):
            tracker.update(_walker(10), frame(index))
        for index in range(10, 10 + away):
            assert tracker.update(_boxes(), frame(index)).tolist() == []
        tracker.update(_walker(10), frame(10 + away))
        assert (tracker.update(_walker(10), frame(11 + away)).tolist() == [1]) is same


def test_frames_that_a_live_source_dropped_count_as_time() -> None:
    """A walker at 4 pixels a thirtieth of a second is recognised ten times a second, then three times."""
    tracker, at, ids = ByteTrack(), 0.0, []
    for index, gap in enumerate([0.1] * 10 + [1 / 3] * 10):
        at += gap
        ids.append(tracker.update(_walker(10 + 120 * at), frame(index, at), live=True).tolist())
    assert ids == [[1]] * 20


def test_after_a_long_break_ids_are_new() -> None:
    tracker = ByteTrack()
    tracker.update(_walker(10), frame(0, 0.0), live=True)
    assert tracker.update(_walker(10), frame(1, 60.0), live=True).tolist() == [2]


def test_the_frame_at_hand_may_come_again_with_other_boxes() -> None:
    tracker = ByteTrack()
    for index in range(3):
        tracker.update(_walker(10), frame(index))
    both = _boxes((10, 100, 50, 200), (300, 100, 340, 200))
    assert tracker.update(both, frame(2)).tolist() == [1, NO_TRACK]
    assert tracker.update(_walker(10), frame(2)).tolist() == [1]
    assert tracker.update(both, frame(3)).tolist() == [1, NO_TRACK]


@pytest.mark.parametrize("name", ["bytetrack", "botsort"])
def test_stepping_back_and_on_gives_the_same_ids(name: TrackerName) -> None:
    found = list(detections(5, 12, 60))
    tracker = tracker_maker(name)()
    grey = np.full((48, 64, 3), 90, np.uint8)
    first = [tracker.update(f, frame(i, bgr=grey), 0.25, live=False).tolist() for i, f in enumerate(found[:50])]
    for index in (48, 47, 30, 31, 32, 33, 49):
        assert tracker.update(found[index], frame(index, bgr=grey), 0.25, live=False).tolist() == first[index]
    straight = tracker_maker(name)()
    expected = [straight.update(f, frame(i, bgr=grey), 0.25, live=False).tolist() for i, f in enumerate(found)]
    for index in range(50, 60):
        assert tracker.update(found[index], frame(index, bgr=grey), 0.25, live=False).tolist() == expected[index]


def test_a_jump_forgets_and_the_start_numbers_anew() -> None:
    tracker = ByteTrack()
    for index in range(300):
        tracker.update(_walker(10), frame(index))
    assert tracker.update(_walker(10), frame(1000)).tolist() == [2]
    assert tracker.update(_walker(10), frame(150)).tolist() == [3]
    assert tracker.update(_walker(10), frame(0)).tolist() == [1]


def test_a_picture_too_small_for_the_motion_of_the_camera_does_no_harm() -> None:
    tracker = tracker_maker("botsort")()
    for index, side in enumerate((1, 2, 3, 3, 8, 8, 8)):
        tiny = np.random.default_rng(side).integers(0, 255, (side, side, 3), np.uint8)
        assert tracker.update(_walker(10), frame(index, bgr=tiny), 0.25, live=False).tolist() == [1]


def test_boxes_without_area_have_no_track() -> None:
    tracker = ByteTrack()
    assert tracker.update(_boxes((10, 10, 10, 50), (10, 100, 50, 200)), frame(0)).tolist() == [NO_TRACK, 1]
    assert tracker.update(_boxes(), frame(1)).tolist() == []
