"""Agreement of two networks against cases whose answer is known by hand."""

from __future__ import annotations

import numpy as np
import pytest

from desktop_app.core.overlap import overlaps
from desktop_app.core.results import Classification, Detections
from desktop_app.core.turbo import Agreement, TurboReport
from desktop_app.models.agreement import agreement, match


def boxes(*rows: tuple[float, float, float, float, float, int]) -> Detections:
    """Rows of (left, top, right, bottom, confidence, class)."""
    table = np.array(rows, np.float32).reshape(-1, 6)
    return Detections(table[:, :4].copy(), table[:, 4].copy(), table[:, 5].astype(np.int64))


def named(*probabilities: float) -> Classification:
    values = np.array(probabilities, np.float32)
    return Classification(np.log(values), values)


def test_overlap_of_a_shifted_box_is_what_geometry_says() -> None:
    table = overlaps(np.array([[0, 0, 10, 10]], np.float32), np.array([[5, 0, 15, 10], [20, 20, 30, 30]], np.float32))
    assert table.shape == (1, 2)
    assert table[0].tolist() == pytest.approx([50 / 150, 0])


def test_boxes_without_area_overlap_nothing() -> None:
    point = np.array([[3, 3, 3, 3]], np.float32)
    assert overlaps(point, point).tolist() == [[0]]


def test_equal_networks_agree_wholly() -> None:
    same = boxes((0, 0, 10, 10, 0.9, 1), (20, 0, 40, 30, 0.6, 2))
    said = agreement([(same, same)])
    assert said == Agreement(frames=1, share=1.0, shift=0.0, overlap=1.0, boxes=2)


def test_f1_counts_what_is_missing_and_what_is_too_much() -> None:
    full = boxes((0, 0, 10, 10, 0.9, 1), (20, 0, 40, 30, 0.6, 2))
    # The first box again, a little off; the second is missing; a third is invented.
    quick = boxes((0, 0, 10, 8, 0.8, 1), (80, 80, 90, 90, 0.5, 2))
    said = agreement([(full, quick)])
    assert said.share == pytest.approx(2 * 1 / (2 + 2))
    assert said.overlap == pytest.approx(0.8)
    assert said.shift == pytest.approx(0.1, abs=1e-6)
    assert (said.boxes, said.frames) == (2, 1)


def test_another_class_is_another_thing() -> None:
    said = agreement([(boxes((0, 0, 10, 10, 0.9, 1)), boxes((0, 0, 10, 10, 0.9, 2)))])
    assert said.share == 0.0
    assert said.overlap is None


def test_a_box_is_matched_once_and_with_the_closest() -> None:
    full = boxes((0, 0, 10, 10, 0.9, 1))
    quick = boxes((0, 0, 10, 7, 0.9, 1), (0, 0, 10, 9, 0.4, 1))
    assert [(row, column) for row, column, _ in match(full, quick)] == [(0, 1)]
    assert agreement([(full, quick)]).share == pytest.approx(2 / 3)


def test_half_overlap_is_the_same_box_and_less_is_not() -> None:
    full = boxes((0, 0, 10, 10, 0.9, 1))
    assert agreement([(full, boxes((0, 0, 10, 5, 0.9, 1)))]).share == 1.0
    assert agreement([(full, boxes((0, 0, 10, 4.9, 0.9, 1)))]).share == 0.0


def test_frames_without_anything_say_nothing() -> None:
    said = agreement([(Detections.empty(), Detections.empty())] * 3)
    assert said == Agreement(frames=3, share=None, shift=None)
    assert TurboReport("m", "detect", "", 16, said).close is None


def test_boxes_that_only_one_finds_are_disagreement() -> None:
    assert agreement([(Detections.empty(), boxes((0, 0, 1, 1, 0.9, 0)))]).share == 0.0


def test_classifiers_agree_on_the_first_class() -> None:
    said = agreement([(named(0.7, 0.3), named(0.6, 0.4)), (named(0.8, 0.2), named(0.4, 0.6))])
    assert said.share == 0.5
    assert said.shift == pytest.approx((0.1 + 0.4) / 2)
    assert said.overlap is None
    assert said.frames == 2


def test_speed_is_counted_against_what_runs_otherwise() -> None:
    said = Agreement(8, 0.95, 0.01)
    assert TurboReport("m", "detect", "", 16, said, {"fp32": 30.0, "bf16": 20.0, "int8": 10.0}).speed_up == 2.0
    assert TurboReport("m", "detect", "", 16, said, {"fp32": 30.0, "int8": 10.0}).speed_up == 3.0
    assert TurboReport("m", "detect", "", 16, said).speed_up is None
    assert TurboReport("m", "detect", "", 16, said).close
    assert TurboReport("m", "detect", "", 16, Agreement(8, 0.89, 0.01)).close is False
