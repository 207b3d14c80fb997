"""The ways in which a live model can run faster, on the starter models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from desktop_app.core.model import Model, Placement, Precision, Thresholds, Tuning, predict
from desktop_app.core.results import Classification, Detections
from desktop_app.models.catalog import find
from desktop_app.models.loading import load_model
from desktop_app.sources.image_file import read_picture

EXACT = Placement(device="cpu", precision="fp32")
UP = Thresholds(confidence=0.25)


def overlap(one: Any, other: Any) -> float:
    """Intersection over union of two boxes."""
    left, top = np.maximum(one[:2], other[:2])
    right, bottom = np.minimum(one[2:], other[2:])
    common = max(0.0, right - left) * max(0.0, bottom - top)
    areas = sum(float((box[2] - box[0]) * (box[3] - box[1])) for box in (one, other))
    return float(common / (areas - common))


def bus_box(model: Model, picture: Any) -> Any:
    """The surest bus."""
    found = predict(model, picture, UP)[0]
    assert isinstance(found, Detections)
    return found.xyxy[found.class_id == model.names.index("bus")][0]


@pytest.mark.torch
@pytest.mark.package_index
def test_smaller_inputs_of_a_detector_keep_the_coordinates_of_the_frame(starter_models: None, bus: Path) -> None:
    model = load_model(find("yolov3-tiny"), EXACT, use="live")
    picture = read_picture(str(bus))
    full, smaller, *_ = model.gears()
    assert [gear.input_size for gear in model.gears()] == [None, 320, 256, 192]
    before = bus_box(model, picture)
    model.tune(smaller)
    assert overlap(bus_box(model, picture), before) > 0.8
    assert model.input_shape == (320, 320)
    model.tune(full)
    assert np.array_equal(bus_box(model, picture), before)
    assert model.input_shape == (416, 416)


@pytest.mark.torch
@pytest.mark.package_index
def test_a_classifier_made_for_one_size_runs_at_smaller_ones(starter_models: None, bus: Path) -> None:
    model = load_model(find("efficientnet-lite0"), EXACT, use="live")
    picture = read_picture(str(bus))
    for gear in model.gears():
        model.tune(gear)
        found = predict(model, picture, UP)[0]
        assert isinstance(found, Classification)
        assert model.names[found.top(1)[0]] == "minibus"
        assert model.input_shape == (gear.input_size or 224,) * 2


@pytest.mark.torch
@pytest.mark.package_index
@pytest.mark.parametrize("precision", ["auto", "fp32"])
def test_moving_pictures_are_recognised_as_stills_are(precision: Precision, starter_models: None, bus: Path) -> None:
    """Within what bfloat16 moves, where the processor has it; to the last bit where fp32 was asked for."""
    model = load_model(find("yolov3-tiny"), Placement(device="cpu", precision=precision))
    picture = read_picture(str(bus))
    still = predict(model, picture, UP)[0]
    assert model.precision == "fp32"
    assert isinstance(still, Detections)
    for use in ("live", "video", "batch"):
        model.tune(Tuning(use))
        found = predict(model, picture, UP)[0]
        assert isinstance(found, Detections)
        exact = precision == "fp32" or use == "batch"
        assert found.class_id.tolist() == still.class_id.tolist()
        assert found.confidence == pytest.approx(still.confidence, abs=1e-5 if exact else 0.02)
        assert all(overlap(a, b) > (0.9999 if exact else 0.98) for a, b in zip(found.xyxy, still.xyxy, strict=True))
