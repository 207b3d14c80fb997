"""The planes on which examples are shown: what they say there is what the layer says."""

from __future__ import annotations

import numpy as np
import pytest

from desktop_app.core.example_map import best_pair, plane_of
from desktop_app.core.linear_layer import Layer, Link, Sheet, learn


def lesson(classes: int, features: int = 30, count: int = 4) -> Sheet:
    rng = np.random.default_rng(7)
    middles = rng.normal(size=(classes, features))
    class_of = np.repeat(np.arange(classes), count)
    x = middles[class_of] + 0.5 * rng.normal(size=(classes * count, features))
    return Sheet(x.astype(np.float32), class_of, np.arange(classes * count), classes)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("link", ["softmax", "sigmoid"])
def test_in_the_plane_of_the_decision_the_region_is_the_answer(classes: int, link: Link) -> None:
    """For any picture, however far from the plane."""
    sheet = lesson(classes)
    layer = learn(sheet, link)
    plane = plane_of("decision", sheet.x, sheet, layer, None)
    anything = np.random.default_rng(2).normal(size=(300, 30)).astype(np.float32) * 3
    here = anything @ plane.axes.T @ plane.weights.T + plane.bias
    assert (here.argmax(axis=1) == layer.logits(anything).argmax(axis=1)).all()


@pytest.mark.parametrize("kind", ["decision", "pca"])
def test_the_axes_are_at_right_angles_and_of_length_one(kind: str) -> None:
    for classes in (2, 3, 5):
        sheet = lesson(classes)
        plane = plane_of(kind, sheet.x, sheet, learn(sheet, "softmax"), None)  # type: ignore[arg-type]
        np.testing.assert_allclose(plane.axes @ plane.axes.T, np.eye(2), atol=1e-5)
        np.testing.assert_allclose(plane.points, sheet.x @ plane.axes.T, atol=1e-4)
        np.testing.assert_allclose(plane.place(sheet.x[3]), plane.points[3], atol=1e-4)


def test_the_main_directions_keep_most_of_the_spread() -> None:
    sheet = lesson(4)
    plane = plane_of("pca", sheet.x, sheet, learn(sheet, "softmax"), None)
    centred = sheet.x - sheet.x.mean(axis=0)
    values = np.linalg.svd(centred, compute_uv=False)
    kept = ((plane.points - plane.points.mean(axis=0)) ** 2).sum()
    assert kept == pytest.approx((values[:2] ** 2).sum(), rel=1e-4)


def test_a_point_of_the_plane_stands_for_the_mean_in_all_other_directions() -> None:
    sheet = lesson(3)
    layer = learn(sheet, "softmax")
    plane = plane_of("pca", sheet.x, sheet, layer, None)
    middle = sheet.x.mean(axis=0)
    moved = middle + 0.7 * plane.axes[0] - 0.4 * plane.axes[1]
    np.testing.assert_allclose(plane.weights @ plane.place(moved) + plane.bias, layer.logits(moved), atol=1e-4)


def test_two_features_are_shown_as_they_are_with_a_layer_of_their_own() -> None:
    sheet = lesson(2)
    plane = plane_of("features", sheet.x, sheet, learn(sheet, "softmax"), (4, 11))
    assert plane.features == (4, 11)
    np.testing.assert_array_equal(plane.points, sheet.x[:, [4, 11]])
    said = (plane.points @ plane.weights.T + plane.bias).argmax(axis=1)
    assert plane.right == int((said == sheet.class_of).sum())
    # On the line w1·x1 + w2·x2 + b = 0 both are as likely.
    a, b = plane.weights[0] - plane.weights[1]
    c = plane.bias[0] - plane.bias[1]
    x = 0.3
    point = np.array([x, -(a * x + c) / b], np.float32)
    first, second = plane.weights @ point + plane.bias
    assert first == pytest.approx(second, abs=1e-4)


def test_the_pair_that_tells_the_classes_apart_is_found() -> None:
    rng = np.random.default_rng(5)
    class_of = np.repeat([0, 1, 2], 5)
    x = rng.normal(size=(15, 50)).astype(np.float32)
    x[:, 17] = np.array([0, 0, 9])[class_of] + 0.1 * rng.normal(size=15)
    x[:, 31] = np.array([-6, 6, 0])[class_of] + 0.1 * rng.normal(size=15)
    sheet = Sheet(x, class_of, np.arange(15), 3)
    assert set(best_pair(sheet)) == {17, 31}
    plane = plane_of("features", x, sheet, learn(sheet, "softmax"), None)
    assert plane.right == 15


@pytest.mark.parametrize("kind", ["decision", "pca", "features"])
def test_the_same_picture_twice_has_a_map_too(kind: str) -> None:
    x = np.ones((2, 6), np.float32)
    sheet = Sheet(x, np.array([0, 1]), np.array([0, 1]), 2)
    layer = Layer(np.zeros((2, 6), np.float32), np.zeros(2, np.float32), "softmax")
    plane = plane_of(kind, x, sheet, layer, None)  # type: ignore[arg-type]
    for values in (plane.axes, plane.points, plane.weights, plane.bias):
        assert np.isfinite(values).all()
