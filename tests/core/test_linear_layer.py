"""The layer that is learnt from a few examples: the lowest point of what it minimises, and leaving one out exactly."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from desktop_app.core.linear_layer import (
    PENALTIES,
    Layer,
    Link,
    Sheet,
    choosing,
    finished,
    learn,
    leaving_out,
)

LINKS: tuple[Link, ...] = get_args(Link)


def sheet(counts: tuple[int, ...] = (5, 4, 6), features: int = 40, views: int = 1, spread: float = 0.7) -> Sheet:
    """Clouds about random middles; the views of an example lie close together."""
    rng = np.random.default_rng(3)
    middles = rng.normal(size=(len(counts), features))
    x: list[np.ndarray] = []
    class_of: list[int] = []
    example_of: list[int] = []
    for class_id in np.repeat(np.arange(len(counts)), counts):
        place = middles[class_id] + spread * rng.normal(size=features)
        example = example_of[-1] + 1 if example_of else 0
        for _ in range(views):
            x.append(place + 0.05 * rng.normal(size=features))
            class_of.append(int(class_id))
            example_of.append(example)
    return Sheet(np.array(x, np.float32), np.array(class_of), np.array(example_of), len(counts))


def objective(found: Sheet, link: Link, penalty: float, weights: np.ndarray, bias: np.ndarray) -> float:
    """As the docstring of the module says it, without any of its shortcuts."""
    x = found.x.astype(np.float64)
    logits = x @ weights.T + bias
    truth = np.eye(found.classes)[found.class_of]
    if link == "softmax":
        shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        surprise = -np.log((shares * truth).sum(axis=1))
    else:
        shares = 1 / (1 + np.exp(-logits))
        surprise = -(truth * np.log(shares) + (1 - truth) * np.log(1 - shares)).sum(axis=1)
    views = np.bincount(found.example_of)[found.example_of]
    members = np.bincount(found.class_of[np.unique(found.example_of, return_index=True)[1]])[found.class_of]
    counted = 1 / (views * members * found.classes)
    scale = ((x - x.mean(axis=0)) ** 2).sum(axis=1).mean()
    return float((counted * surprise).sum() + 0.5 * penalty * scale * (weights**2).sum())


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("views", [1, 3])
def test_it_is_the_lowest_point(link: Link, views: int) -> None:
    """The slope of the objective, by differences, is flat there in every direction that is tried."""
    found = sheet(views=views)
    layer = learn(found, link, 1e-2)
    weights, bias = layer.weights.astype(np.float64), layer.bias.astype(np.float64)
    rng = np.random.default_rng(1)
    for _ in range(12):
        dw, db = rng.normal(size=weights.shape), rng.normal(size=bias.shape)
        ends = [objective(found, link, 1e-2, weights + s * 1e-6 * dw, bias + s * 1e-6 * db) for s in (-1, 1)]
        assert (ends[1] - ends[0]) / 2e-6 == pytest.approx(0, abs=2e-5)
        far = objective(found, link, 1e-2, weights + 0.1 * dw, bias + 0.1 * db)
        assert far > objective(found, link, 1e-2, weights, bias)


@pytest.mark.parametrize("link", LINKS)
def test_every_class_counts_the_same_however_many_examples_it_has(link: Link) -> None:
    """An example that is there five times over teaches no more than once."""
    one = sheet((3, 3))
    again = np.concatenate([np.arange(6), np.repeat([0, 1, 2], 4)])
    many = Sheet(one.x[again], one.class_of[again], np.arange(len(again)), 2)
    # The scale of the penalty is that of all rows; here it is given by hand.
    scales = [float(((s.x - s.x.mean(axis=0)) ** 2).sum(axis=1).mean()) for s in (one, many)]
    first, second = learn(one, link, 0.01), learn(many, link, 0.01 * scales[0] / scales[1])
    np.testing.assert_allclose(first.weights, second.weights, atol=2e-4)
    np.testing.assert_allclose(first.bias, second.bias, atol=2e-4)


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("views", [1, 2])
def test_leaving_out_is_learning_without(link: Link, views: int) -> None:
    whole = sheet((3, 4, 3), views=views, spread=2.5)
    found = finished(leaving_out(whole, link, 0.01))
    assert found is not None
    assert found.examples.tolist() == list(range(10))
    scale = float(((whole.x - whole.x.mean(axis=0)) ** 2).sum(axis=1).mean())
    surprise = []
    for example, said, truth in zip(found.examples, found.said, found.truth, strict=True):
        kept = whole.example_of != example
        names = np.unique(whole.example_of[kept], return_inverse=True)[1]
        rest = Sheet(whole.x[kept], whole.class_of[kept], names, 3)
        rest_scale = float(((rest.x - rest.x.mean(axis=0)) ** 2).sum(axis=1).mean())
        layer = learn(rest, link, 0.01 * scale / rest_scale)
        first = int(np.flatnonzero(whole.example_of == example)[0])
        logits = layer.logits(whole.x[first]).astype(np.float64)
        assert int(logits.argmax()) == said
        if link == "softmax":
            surprise.append(np.log(np.exp(logits).sum()) - logits[truth])
        else:
            is_it = np.arange(3) == truth
            surprise.append((np.log1p(np.exp(logits)) - is_it * logits).sum())
    assert found.surprise == pytest.approx(np.mean(surprise), rel=1e-3)
    assert found.right < 10 or views == 2, "a test of clouds that never overlap would show nothing"


def test_confusion_counts_each_example_once() -> None:
    found = finished(leaving_out(sheet((4, 4, 4), spread=4.0), "softmax", 0.01))
    assert found is not None
    table = found.confusion(3)
    assert table.sum() == 12
    assert np.trace(table) == found.right
    assert table.sum(axis=1).tolist() == [4, 4, 4]


def test_the_penalty_of_least_surprise_is_chosen() -> None:
    data = sheet((5, 5), spread=3.0)
    each = {penalty: finished(leaving_out(data, "softmax", penalty)) for penalty in PENALTIES}
    best = finished(choosing(data, "softmax"))
    assert best is not None
    least = min(found.surprise for found in each.values() if found is not None)
    assert best.surprise == pytest.approx(least)


def test_classes_with_one_example_are_not_asked_about() -> None:
    assert finished(leaving_out(sheet((1, 1, 1)), "softmax", 0.01)) is None
    found = finished(leaving_out(sheet((1, 3)), "softmax", 0.01))
    assert found is not None
    assert found.examples.tolist() == [1, 2, 3]


@pytest.mark.parametrize("link", LINKS)
def test_one_example_a_class_is_enough(link: Link) -> None:
    data = sheet((1, 1, 1), features=1280)
    layer = learn(data, link)
    assert layer.logits(data.x).argmax(axis=1).tolist() == [0, 1, 2]


def test_the_same_picture_in_two_classes_is_undecided() -> None:
    x = np.ones((2, 8), np.float32)
    layer = learn(Sheet(x, np.array([0, 1]), np.array([0, 1]), 2), "softmax")
    first, second = layer.logits(x[0])
    assert first == pytest.approx(second, abs=1e-5)
    assert np.isfinite(layer.weights).all()


def test_huge_and_tiny_features_do_not_overflow() -> None:
    for scale in (1e-6, 1e6):
        data = sheet((3, 3))
        layer = learn(Sheet(data.x * np.float32(scale), data.class_of, data.example_of, 2), "softmax")
        assert layer.logits(data.x * np.float32(scale)).argmax(axis=1).tolist() == [0, 0, 0, 1, 1, 1]


def test_logits_are_wx_plus_b() -> None:
    layer = Layer(np.array([[1, 2], [3, 4]], np.float32), np.array([5, 6], np.float32), "softmax")
    assert layer.logits(np.array([10, 20], np.float32)).tolist() == [55, 116]
