"""How pictures are spoiled, as plain data, and where boxes go."""

from __future__ import annotations

import numpy as np
import pytest

from desktop_app.core.records import record
from desktop_app.core.results import Detections, Result, Timings
from desktop_app.core.stress import CORRUPTIONS, NONE, Corruption, Stress, moved
from desktop_app.recogniser import messages as m


@pytest.mark.parametrize("corruption", CORRUPTIONS, ids=lambda corruption: corruption.key)
def test_the_table_fits_together(corruption: Corruption) -> None:
    assert NONE.value(corruption.key) == corruption.neutral
    assert corruption.low <= corruption.neutral <= corruption.high
    assert len(corruption.sweep) >= 10
    for value in corruption.sweep:
        assert corruption.low <= value <= corruption.high
        assert value != corruption.neutral
        assert (value - corruption.low) % corruption.step == 0, "no slider shows it"


@pytest.mark.parametrize("corruption", CORRUPTIONS, ids=lambda corruption: corruption.key)
def test_a_sweep_goes_outwards_on_each_side(corruption: Corruption) -> None:
    order = corruption.outwards()
    assert sorted(order) == sorted(corruption.sweep)
    for sign in (-1, 1):
        side = [abs(v - corruption.neutral) for v in order if (v - corruption.neutral) * sign > 0]
        assert side == sorted(side)


def test_what_is_changed_is_named_and_nothing_else() -> None:
    assert NONE.changes == {}
    assert Stress(blur=3, jpeg=40).changes == {"blur": 3.0, "jpeg": 40.0}
    assert NONE.with_value("hue", 30) == Stress(hue=30.0)


def test_no_rotation_moves_no_box() -> None:
    boxes = np.array([[10, 20, 30, 60]], np.float32)
    assert moved(boxes, Stress(blur=5), 200, 100) is boxes


@pytest.mark.parametrize(
    ("degrees", "expected"), [(90, (60, 10, 90, 30)), (180, (70, 60, 90, 90)), (-90, (10, 70, 40, 90))]
)
def test_boxes_turn_clockwise_with_the_picture(degrees: float, expected: tuple[float, ...]) -> None:
    """In a square of 100, a box of 20 × 30; at 90° its middle (20, 25) goes to (75, 20) and its sides change places."""
    turned = moved(np.array([[10, 10, 30, 40]], np.float32), Stress(rotation=degrees), 100, 100)[0]
    np.testing.assert_allclose(turned, expected, atol=1e-3)


def test_a_circle_stays_as_large_at_any_angle() -> None:
    boxes = np.array([[80, 80, 120, 120]], np.float32)
    for degrees in (15, 45, 77):
        np.testing.assert_allclose(moved(boxes, Stress(rotation=degrees), 200, 200), boxes, atol=1e-3)


def test_what_leaves_the_picture_is_cut() -> None:
    turned = moved(np.array([[0, 40, 20, 60]], np.float32), Stress(rotation=90), 400, 100)[0]
    assert turned[1] == turned[3] == 0


def test_records_name_the_stress_and_only_where_there_is_one() -> None:
    result = Result(0, 0.0, "k", Detections.empty(), Timings(1, 2, 3), "openvino", "CPU")
    assert "stress" not in record("a.jpg", 0, None, (8, 6), result, ())
    spoiled = Result(0, 0.0, "k", Detections.empty(), Timings(1, 2, 3), "openvino", "CPU", stress=Stress(noise=10))
    assert record("a.jpg", 0, None, (8, 6), spoiled, ())["stress"] == {"noise": 10.0}


def test_it_travels_with_the_result() -> None:
    result = Result(0, 0.0, "k", Detections.empty(), Timings(1, 2, 3), "openvino", "CPU", stress=Stress(blur=2))
    event = m.decode_event(m.encode(m.ResultReady(1, m.PackedResult.of(result))))
    assert isinstance(event, m.ResultReady)
    assert event.result.unpack().stress == Stress(blur=2)
