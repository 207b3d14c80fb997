"""The lesson, and what is known after it."""

from __future__ import annotations

import numpy as np
import pytest

from desktop_app.core.linear_layer import USUAL_PENALTY, finished
from desktop_app.core.teaching import (
    NONE,
    USUAL_FAR,
    Example,
    Lesson,
    answer,
    examining,
    far_from,
    none_logit,
    prepared,
    probabilities_of,
    shares_of,
    sheet_of,
    study,
)

RNG = np.random.default_rng(11)
MIDDLES = RNG.random((4, 64)).astype(np.float32)


def example(number: int, slot: int, kind: int | None = None, views: int = 2) -> Example:
    place = MIDDLES[slot if kind is None else kind]
    features = (place + 0.1 * RNG.random((views, 64))).astype(np.float32) * np.float32(1 + number)
    return Example(number, slot, features, b"")


def lesson(*slots: int) -> Lesson:
    found = Lesson()
    for number, slot in enumerate(slots):
        found = found.with_class(slot, f"thing {slot}").with_example(example(number, slot))
    return found


def test_classes_keep_the_order_of_their_keys() -> None:
    found = Lesson().with_class(3, "c").with_class(1, "a").with_class(2, "b").with_class(1, "again")
    assert [(known.slot, known.name) for known in found.classes] == [(1, "again"), (2, "b"), (3, "c")]
    assert found.free_slot == 4
    assert found.taught == ()


def test_a_change_leaves_the_lesson_before_as_it_was() -> None:
    before = lesson(1, 2, 2)
    after = before.without_example(1).moved(2, 1).without_class(2)
    assert (before.count(1), before.count(2)) == (1, 2)
    assert (after.count(1), after.count(2), after.name_of(2)) == (2, 0, "")


def test_the_length_of_the_features_says_nothing() -> None:
    x = RNG.random((3, 8)).astype(np.float32)
    np.testing.assert_allclose(prepared(x), prepared(5 * x), atol=1e-6)
    np.testing.assert_allclose((prepared(x) ** 2).sum(axis=1), 1, atol=1e-6)
    assert np.isfinite(prepared(np.zeros((1, 8), np.float32))).all()


def test_the_rows_of_a_sheet_are_views_of_examples() -> None:
    sheet = sheet_of(lesson(2, 1, 2))
    assert sheet.class_of.tolist() == [1, 1, 0, 0, 1, 1]
    assert sheet.example_of.tolist() == [0, 0, 1, 1, 2, 2]
    shares = sheet.shares()
    assert shares.sum() == pytest.approx(1)
    assert shares[2] == pytest.approx(1 / 4)
    assert shares[0] == pytest.approx(1 / 8)
    assert sheet.shares(0)[0] == 0
    assert sheet.shares(0)[4] == pytest.approx(1 / 4)


def test_many_examples_are_learnt_from_in_fewer_views() -> None:
    many = lesson(*[1 + number % 3 for number in range(200)])
    sheet = sheet_of(many)
    assert len(sheet.x) == 200
    found = finished(examining(many, "softmax"))
    assert found is not None
    assert (len(found.examples), found.penalty, found.right) == (200, USUAL_PENALTY, 200)


def test_two_things_are_needed() -> None:
    assert study(Lesson(), "softmax", True) is None
    assert study(lesson(1, 1), "softmax", True) is None
    known = study(lesson(1, 3), "softmax", False)
    assert known is not None
    assert known.labels == ("thing 1", "thing 3")


def test_the_nearest_example_and_its_distance() -> None:
    taught = lesson(1, 2, 1, 2)
    known = study(taught, "softmax", True)
    assert known is not None
    x = prepared(taught.examples[2].features[1])
    said = answer(known, taught, x)
    assert said.nearest == 2
    assert said.distance == pytest.approx(0, abs=1e-5)
    assert known.labels[int(said.logits.argmax())] == "thing 1"


@pytest.mark.parametrize("link", ["softmax", "sigmoid"])
def test_what_is_like_no_example_is_none_of_these(link: str) -> None:
    taught = lesson(1, 2, 1, 2, 1, 2)
    known = study(taught, link, True)  # type: ignore[arg-type]
    assert known is not None
    stranger = prepared(np.eye(64, dtype=np.float32)[5])
    said = answer(known, taught, stranger)
    assert known.labels[int(said.logits.argmax())] == NONE
    assert said.probabilities[-1] > 0.9
    near = answer(known, taught, prepared(example(9, 1).features[0]))
    assert near.probabilities[0] > 0.5 > near.probabilities[-1]


def test_none_takes_its_share_and_leaves_the_others_as_they_were() -> None:
    logits = np.array([2.0, -1.0, 0.5], np.float32)
    before = probabilities_of(logits, "softmax")
    half = probabilities_of(np.append(logits, np.float32(none_logit(logits, 0.4, 0.4, "softmax"))), "softmax")
    assert half[-1] == pytest.approx(0.5, abs=1e-6)
    np.testing.assert_allclose(half[:3], before / 2, atol=1e-6)


def test_how_far_is_far_is_measured_on_the_examples() -> None:
    assert far_from(sheet_of(lesson(1, 2))) == USUAL_FAR
    tight = far_from(sheet_of(lesson(1, 1, 1, 1, 1, 2, 2, 2, 2, 2)))
    assert tight < USUAL_FAR


def test_the_shares_add_up_to_the_logit() -> None:
    taught = lesson(1, 2, 3, 1)
    known = study(taught, "softmax", False)
    assert known is not None
    x = prepared(taught.examples[0].features[0])
    for place in range(3):
        total = shares_of(known.layer, x, place).sum() + known.layer.bias[place]
        assert total == pytest.approx(known.logits(x)[place], abs=1e-4)
