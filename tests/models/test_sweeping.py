"""What of a clean picture is found again in a spoiled one."""

from __future__ import annotations

import numpy as np
import pytest

from desktop_app.core.model import Thresholds
from desktop_app.core.results import Classification, Detections
from desktop_app.core.stress import NONE, Stress
from desktop_app.core.sweep import NOTHING
from desktop_app.errors import AppError
from desktop_app.models.sweeping import Clean

SIZE = (400, 200)


def boxes(*rows: tuple[float, ...]) -> Detections:
    """(x1, y1, x2, y2, confidence, class)."""
    table = np.array(rows, np.float32).reshape(-1, 6)
    return Detections(table[:, :4].copy(), table[:, 4].copy(), table[:, 5].astype(np.int64))


def classes(*probabilities: float) -> Classification:
    shares = np.array(probabilities, np.float32)
    return Classification(np.log(shares), shares)


def test_of_a_classifier_the_first_class_is_followed() -> None:
    clean = Clean.of(classes(0.1, 0.7, 0.2), Thresholds(), SIZE)
    assert [(s.class_id, round(s.confidence, 3), s.box) for s in clean.subjects] == [(1, 0.7, None)]
    answer = clean.answer(classes(0.6, 0.3, 0.1), Stress(blur=2), 2)
    assert (round(answer.held[0], 3), answer.now[0], round(answer.sure[0], 3)) == (0.3, 0, 0.6)


CLEAN = boxes((10, 10, 60, 110, 0.9, 0), (200, 20, 300, 120, 0.6, 2), (0, 0, 5, 5, 0.1, 1))


def test_of_a_detector_the_boxes_above_the_threshold() -> None:
    clean = Clean.of(CLEAN, Thresholds(confidence=0.25), SIZE)
    assert [subject.class_id for subject in clean.subjects] == [0, 2]


def test_the_same_boxes_are_the_same_answer() -> None:
    clean = Clean.of(CLEAN, Thresholds(), SIZE)
    answer = clean.answer(CLEAN, NONE, 0)
    assert answer.now == (0, 2)
    assert answer.held == pytest.approx((0.9, 0.6))
    assert answer.f1 == 1


def test_a_box_below_the_threshold_is_lost_but_its_confidence_is_known() -> None:
    clean = Clean.of(CLEAN, Thresholds(), SIZE)
    answer = clean.answer(boxes((12, 8, 60, 112, 0.2, 0), (204, 20, 300, 118, 0.5, 3)), NONE, 0)
    assert answer.held == pytest.approx((0.2, 0.0))
    assert answer.now == (NOTHING, 3)
    assert answer.f1 == 0


def test_a_second_box_at_the_same_place_is_no_other_answer() -> None:
    """A truck that is also seen as a car, more surely: the truck is still there."""
    both = boxes((10, 10, 110, 110, 0.8, 2), (12, 10, 112, 110, 0.5, 7))
    clean = Clean.of(both, Thresholds(), SIZE)
    assert clean.answer(both, NONE, 0).now == (2, 7)
    assert clean.answer(boxes((10, 10, 110, 110, 0.8, 2)), NONE, 0).now == (2, 2)


def test_boxes_are_looked_for_where_the_rotation_took_them() -> None:
    clean = Clean.of(boxes((180, 20, 220, 80, 0.9, 0)), Thresholds(), SIZE)
    # The middle (200, 50) of a frame of 400 × 200 goes to (250, 100), the sides change places.
    assert clean.answer(boxes((220, 80, 280, 120, 0.7, 0)), Stress(rotation=90), 90).held == pytest.approx((0.7,))
    assert clean.answer(boxes((180, 20, 220, 80, 0.7, 0)), Stress(rotation=90), 90).held == (0.0,)


def test_boxes_that_nobody_saw_before_count_in_f1() -> None:
    clean = Clean.of(CLEAN, Thresholds(), SIZE)
    more = boxes(
        *(tuple(row) for row in ((10, 10, 60, 110, 0.9, 0), (330, 20, 390, 120, 0.6, 2), (0, 150, 50, 190, 0.5, 1)))
    )
    assert clean.answer(more, NONE, 0).f1 == pytest.approx(2 * 1 / (2 + 3))
    assert clean.answer(boxes(), NONE, 0).f1 == 0


def test_nothing_found_is_said_with_what_to_do() -> None:
    with pytest.raises(AppError, match="Nothing is found"):
        Clean.of(boxes((0, 0, 9, 9, 0.1, 0)), Thresholds(), SIZE)
