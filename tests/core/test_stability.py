"""The stability meter on sequences whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from desktop_app.core.results import Classification, Detections, Result, Timings
from desktop_app.core.stability import StabilityMeter, follow

FPS = 10


def classes(*ids: int, fps: float = FPS) -> StabilityMeter:
    meter = StabilityMeter()
    for index, first in enumerate(ids):
        logits = np.zeros(5, np.float32)
        logits[first] = 9
        meter.add(result(index, Classification(logits, np.full(5, 0.2, np.float32)), fps=fps))
    return meter


def result(index: int, prediction: Classification | Detections, at: float | None = None, fps: float = FPS) -> Result:
    when = 100 + index / fps if at is None else at
    return Result(index, when, "k", prediction, Timings(1, 2, 3), "openvino", "CPU")


def boxes(rows: list[tuple[float, ...]], ids: list[int] | None = None, tracks: list[int] | None = None) -> Detections:
    xyxy = np.array(rows, np.float32).reshape(-1, 4)
    kinds = np.array(ids if ids is not None else [0] * len(xyxy), np.int64)
    track = None if tracks is None else np.array(tracks, np.int64)
    return Detections(xyxy, np.full(len(xyxy), 0.8, np.float32), kinds, track)


def box_at(x: float, y: float = 50.0, side: float = 100.0) -> tuple[float, ...]:
    return x, y, x + side, y + side


class TestFlips:
    def test_the_same_answer_never_flips(self) -> None:
        assert classes(*[1] * 200).over(30).flips == 0

    def test_each_change_counts_once(self) -> None:
        """In 20 s from class 1 to 2 and back: 2 flips, 6 a minute."""
        found = classes(*[1] * 80, *[2] * 60, *[1] * 61).over(30)
        assert found.seconds == pytest.approx(20)
        assert found.flips == pytest.approx(6)

    def test_only_the_last_seconds_count(self) -> None:
        meter = classes(*[1, 2] * 100, *[1] * 300)
        assert meter.over(29).flips == 0
        # 50 s in all, of which the last 40 hold 10 s of flipping at each frame.
        assert meter.over(40).flips == pytest.approx(60 * 100 / 40, rel=0.02)

    def test_nothing_older_than_a_minute_is_kept(self) -> None:
        meter = classes(*[1] * 2000)
        assert len(meter.moments) <= 60 * FPS + 1
        assert meter.over(60).seconds == pytest.approx(60, abs=0.2)

    def test_the_rate_does_not_hang_on_the_frame_rate(self) -> None:
        slow = classes(*[1] * 20, *[2] * 21, fps=2)
        fast = classes(*[1] * 200, *[2] * 201, fps=20)
        assert slow.over(30).flips == pytest.approx(3)
        assert fast.over(30).flips == pytest.approx(3)

    def test_nothing_is_said_of_less_than_a_second(self) -> None:
        assert classes(1, 2, 1).over(30).flips is None
        assert StabilityMeter().over(30).flips is None


class TestBoxes:
    def run(self, frames: list[Detections], fps: float = FPS) -> StabilityMeter:
        meter = StabilityMeter()
        for index, found in enumerate(frames):
            meter.add(result(index, found, fps=fps))
        return meter

    def test_a_still_scene_has_no_jitter(self) -> None:
        found = self.run([boxes([box_at(10), box_at(300)])] * 100).over(30)
        assert (found.jitter, found.flips, found.came) == (0, 0, 0)

    def test_nor_has_what_moves_or_grows_steadily(self) -> None:
        frames = [boxes([(7 * i, 3 * i, 100 + 9 * i, 100 + 4 * i)]) for i in range(100)]
        found = self.run(frames).over(30)
        assert found.jitter == pytest.approx(0, abs=1e-3)
        assert found.came == 0

    def test_a_box_that_goes_to_and_fro(self) -> None:
        """By 4 px in x between frames: each lies 4 px from the middle of its neighbours."""
        frames = [boxes([box_at(100 + 4 * (i % 2))]) for i in range(60)]
        assert self.run(frames).over(30).jitter == pytest.approx(4)

    def test_noise_on_the_corners(self) -> None:
        """Of sigma s in x and y the distance from the even way has the deviation s · √1.5 in each, so the mean of the
        distance is s · √1.5 · √(π / 2) (Rayleigh)."""
        rng = np.random.default_rng(4)
        frames = [boxes([tuple(np.array(box_at(100)) + rng.normal(0, 2, 4))]) for _ in range(600)]
        expected = 2 * np.sqrt(1.5) * np.sqrt(np.pi / 2)
        assert self.run(frames).over(60).jitter == pytest.approx(expected, rel=0.05)

    def test_dropped_frames_do_not_shake_what_moves_steadily(self) -> None:
        meter = StabilityMeter()
        at = 0.0
        for index in range(80):
            at += 0.05 if index % 3 else 0.2
            meter.add(result(index, boxes([box_at(60 * at)]), at=at))
        assert meter.over(30).jitter == pytest.approx(0, abs=1e-2)

    def test_a_label_that_flips_on_one_of_two_things(self) -> None:
        """One flip in 10 s of two things that are watched: 3 a minute and thing."""
        frames = [boxes([box_at(10), box_at(300)], [0, 1 if i < 50 else 2]) for i in range(101)]
        found = self.run(frames).over(30)
        assert found.flips == pytest.approx(3)
        assert found.came == 0

    def test_a_box_that_blinks(self) -> None:
        """It goes 10 times and comes 10 times in 20 s."""
        frames = [boxes([box_at(10)] if i % 20 < 10 else []) for i in range(201)]
        found = self.run(frames).over(30)
        assert found.came == pytest.approx(60)
        assert found.jitter == 0

    def test_tracks_say_which_is_which(self) -> None:
        """Two that change places within one frame: by overlap a flip each, by track none."""
        old = boxes([box_at(10), box_at(300)], [0, 1], [7, 9])
        new = boxes([box_at(300), box_at(10)], [0, 1], [7, 9])
        assert follow(old, new).tolist() == [0, 1]
        untracked = follow(boxes([box_at(10), box_at(300)], [0, 1]), boxes([box_at(300), box_at(10)], [0, 1]))
        assert untracked.tolist() == [1, 0]

    def test_each_box_is_followed_once_by_the_closest(self) -> None:
        old = boxes([box_at(0), box_at(30)])
        new = boxes([box_at(28), box_at(1), box_at(500)])
        assert follow(old, new).tolist() == [1, 0, -1]
        assert follow(boxes([]), new).tolist() == [-1, -1, -1]
        assert follow(old, boxes([])).tolist() == []


class TestTime:
    def test_the_same_frame_once_more_counts_nothing(self) -> None:
        meter = classes(*[1] * 30)
        count = len(meter.moments)
        logits = np.array([0, 0, 9, 0, 0], np.float32)
        meter.add(result(29, Classification(logits, np.full(5, 0.2, np.float32))))
        assert len(meter.moments) == count
        assert meter.over(30).flips == 0

    def test_nothing_is_known_of_a_gap(self) -> None:
        meter = classes(*[1] * 30)
        logits = np.array([0, 0, 9, 0, 0], np.float32)
        meter.add(result(30, Classification(logits, np.full(5, 0.2, np.float32)), at=500.0))
        assert meter.moments[-1].flips == 0
        assert meter.over(30).flips is None

    def test_a_jump_back_in_a_file_is_no_flip(self) -> None:
        meter = classes(*[1] * 30)
        logits = np.array([0, 0, 9, 0, 0], np.float32)
        meter.add(result(3, Classification(logits, np.full(5, 0.2, np.float32)), at=103.1))
        assert meter.over(30).flips == 0

    def test_another_kind_of_model_begins_anew(self) -> None:
        meter = classes(*[1] * 30)
        meter.add(result(30, boxes([box_at(3)])))
        meter.add(result(31, boxes([box_at(3)])))
        assert meter.over(30).flips == 0
