"""Heat maps point at what counts: hiding the hottest fifth of a photograph costs the answer more than hiding any fifth.

For every method that there is, averaged over the photographs at hand: those that ultralytics ships, and scikit-image's
where it is installed.
"""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from desktop_app.core.explain import Heat, HeatMethod
from desktop_app.core.frame import Bgr
from desktop_app.core.model import Thresholds
from desktop_app.core.overlap import overlaps
from desktop_app.core.results import Classification, Detections
from desktop_app.models.catalog import find
from desktop_app.models.explaining.look import Look
from desktop_app.models.explaining.looked import Looked

pytestmark = pytest.mark.package_index
GOES_ON = threading.Event()
GREY = 114
MORE = 1.25
"""So many times as much the answer loses at least without the hottest fifth: 1.4 on two photographs, 1.6 on seven."""
RANDOM = 8
"""Random fifths of each photograph."""


def photographs() -> list[Bgr]:
    paths: list[Path] = []
    for package, folder, names in (
        ("ultralytics", "assets", ("bus.jpg", "zidane.jpg")),
        ("skimage", "data", ("astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg", "motorcycle_left.png")),
    ):
        spec = importlib.util.find_spec(package)
        if spec is not None and spec.submodule_search_locations:
            paths += [Path(spec.submodule_search_locations[0]) / folder / name for name in names]
    found = [np.ascontiguousarray(cv2.imread(str(path)), np.uint8) for path in paths if path.is_file()]
    assert len(found) >= 2
    return found


def fifths(values: NDArray[np.float32], region: Sequence[float], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """The highest fifth of `region` (left, top, right, bottom in pixels of the input) of an input of `shape`."""
    left, top, right, bottom = (round(side) for side in region)
    wide = cv2.resize(values, (right - left, bottom - top), interpolation=cv2.INTER_CUBIC)
    wide = wide[max(0, -top) : shape[0] - top, max(0, -left) : shape[1] - left]
    hot = np.zeros(shape, np.bool_)
    # By rank: of a map that is 0 in many places a quantile would take them all, or none.
    order = np.argsort(-wide, axis=None, kind="stable")[: wide.size // 5]
    part = np.zeros(wide.size, np.bool_)
    part[order] = True
    y, x = max(0, top), max(0, left)
    hot[y : y + wide.shape[0], x : x + wide.shape[1]] = part.reshape(wide.shape)
    return hot


def of_input(looked: Looked, heat: Heat) -> list[float]:
    place = looked.region
    left, top, right, bottom = heat.region
    return [
        (left - place.x0) / place.scale_x,
        (top - place.y0) / place.scale_y,
        (right - place.x0) / place.scale_x,
        (bottom - place.y0) / place.scale_y,
    ]


def answer(look: Look, looked: Looked, heat: Heat, hidden: NDArray[np.bool_]) -> float:
    """How sure the network still is, with the hidden pixels grey: a probability, or the confidence of the box."""
    tensor = looked.tensor.copy()
    tensor[0][hidden] = GREY
    thresholds = Thresholds(confidence=0.01, classes=None if heat.box is None else heat.classes)
    found = look._model.postprocess(look._model.forward(tensor), looked.frame_shape, thresholds)
    if isinstance(found, Classification):
        return float(found.probabilities[list(heat.classes)].sum())
    assert isinstance(found, Detections)
    shared = overlaps(np.array([heat.box], np.float32), found.xyxy)[0] if len(found) else np.zeros(0)
    return float(np.max(found.confidence * (shared >= 0.5), initial=0.0))


def left_of(look: Look, method: HeatMethod, pictures: list[Bgr]) -> tuple[float, float, float]:
    """What is left of the answer, averaged: of the whole pictures, without the hottest fifth, without random fifths."""
    whole, hot, anywhere = [], [], []
    rng = np.random.default_rng(3)
    for bgr in pictures:
        looked = look.at(bgr)
        if isinstance(looked.prediction, Detections) and not len(looked.prediction):
            continue
        *_, heat = look.evidence.heat(looked, method, (), None, GOES_ON)
        assert heat.share == 1.0
        region, shape = of_input(looked, heat), (looked.tensor.shape[1], looked.tensor.shape[2])
        whole.append(answer(look, looked, heat, np.zeros(shape, np.bool_)))
        hot.append(answer(look, looked, heat, fifths(heat.values, region, shape)))
        for _ in range(RANDOM):
            # In patches, as those of a map are: single grey pixels everywhere would be another picture.
            rough = rng.random((7, 7)).astype(np.float32)
            anywhere.append(answer(look, looked, heat, fifths(rough, region, shape)))
    return float(np.mean(whole)), float(np.mean(hot)), float(np.mean(anywhere))


@pytest.mark.parametrize("method", ["influence", "gradcam", "occlusion"])
def test_the_hottest_fifth_counts_most_for_a_class(starter_models: None, method: HeatMethod) -> None:
    whole, hot, anywhere = left_of(Look(find("efficientnet-lite0")), method, photographs())
    print(f"{method}: whole {whole:.3f}, without the hottest fifth {hot:.3f}, without any fifth {anywhere:.3f}")
    assert whole - hot > MORE * (whole - anywhere) > 0


def test_the_hottest_fifth_counts_most_for_a_box(starter_models: None) -> None:
    whole, hot, anywhere = left_of(Look(find("yolov3-tiny")), "occlusion", photographs())
    print(f"box: whole {whole:.3f}, without the hottest fifth {hot:.3f}, without any fifth {anywhere:.3f}")
    assert whole - hot > MORE * (whole - anywhere) > 0


@pytest.mark.torch
def test_the_hottest_fifth_of_torchs_own_gradients(starter_models: None, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("captum")
    look = Look(find("efficientnet-lite0"))
    head = look.evidence.head()
    assert head is not None
    head.affine = False  # so that torch is asked
    assert "gradcam" in look.evidence.methods()
    whole, hot, anywhere = left_of(look, "gradcam", photographs())
    print(f"torch: whole {whole:.3f}, without the hottest fifth {hot:.3f}, without any fifth {anywhere:.3f}")
    assert whole - hot > MORE * (whole - anywhere) > 0


def test_a_map_that_points_anywhere_would_fail(starter_models: None) -> None:
    """The measure tells a heat map from noise."""
    look = Look(find("efficientnet-lite0"))
    rng = np.random.default_rng(9)
    evidence = look.evidence.heat

    def noise(*args: object) -> list[Heat]:
        (heat,) = evidence(*args)  # type: ignore[arg-type]
        return [Heat("influence", heat.classes, rng.random((7, 7), np.float32), heat.region, heat.answer, 0.0)]

    look.evidence.heat = noise  # type: ignore[method-assign, assignment]
    whole, hot, anywhere = left_of(look, "influence", photographs())
    assert whole - hot < MORE * (whole - anywhere)
