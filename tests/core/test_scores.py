from __future__ import annotations

import itertools

import numpy as np
import pytest

from desktop_app.core.scores import entropy, group_logit, sigmoid, softmax
from desktop_app.core.taxonomy import imagenet, taxonomy_of

LOGITS = np.array([16.0, 5.7, -300.0, 2.0], np.float32)


class TestSoftmax:
    def test_of_the_lecture(self) -> None:
        shares = softmax(LOGITS)
        assert shares.sum() == pytest.approx(1, abs=1e-6)
        assert shares[0] / shares[1] == pytest.approx(np.exp(10.3), rel=1e-3)

    def test_a_high_temperature_flattens_and_a_low_one_sharpens(self) -> None:
        assert softmax(LOGITS, 5)[0] < softmax(LOGITS)[0] < softmax(LOGITS, 0.2)[0] <= 1

    def test_the_order_stays(self) -> None:
        assert softmax(LOGITS, 3).argsort().tolist() == LOGITS.argsort().tolist()

    @pytest.mark.parametrize("temperature", [0, -1])
    def test_temperature_is_above_zero(self, temperature: float) -> None:
        with pytest.raises(ValueError, match="above 0"):
            softmax(LOGITS, temperature)


def test_sigmoid_of_anything() -> None:
    found = sigmoid(np.array([0, 2, -2, 1000, -1000], np.float32))
    assert found.tolist() == pytest.approx([0.5, 0.880797, 0.119203, 1, 0], abs=1e-6)


def test_a_group_is_as_probable_as_its_classes_together() -> None:
    logits = np.random.default_rng(5).normal(0, 4, (3, 10)).astype(np.float32)
    shares = np.stack([softmax(row) for row in logits])
    of_group, of_others = group_logit(logits, (1, 4, 7)), group_logit(logits, (0, 2, 3, 5, 6, 8, 9))
    np.testing.assert_allclose(sigmoid(of_group - of_others), shares[:, [1, 4, 7]].sum(axis=1), atol=1e-5)
    np.testing.assert_array_equal(group_logit(logits, (4,)), logits[:, 4])


def test_entropy_in_bits() -> None:
    assert entropy(np.full(8, 1 / 8, np.float32)) == pytest.approx(3)
    assert entropy(np.array([1, 0, 0], np.float32)) == 0


class TestTaxonomy:
    def test_every_class_hangs_on_the_root(self) -> None:
        tree = imagenet()
        assert len(tree.chains) == 1000
        assert {tree.words[chain[0]] for chain in tree.chains} == {"entity"}

    def test_shares_add_up(self) -> None:
        tree = imagenet()
        probabilities = softmax(np.random.default_rng(0).normal(0, 3, 1000).astype(np.float32))
        shares = tree.roll_up(probabilities)
        assert shares[tree.chains[0][0]] == pytest.approx(1, abs=1e-5)
        for class_id in (0, 258, 654):
            along = [shares[node] for node in tree.chains[class_id]]
            assert all(wide >= narrow - 1e-9 for wide, narrow in itertools.pairwise(along))
            assert along[-1] == pytest.approx(probabilities[class_id], abs=1e-7)

    def test_the_way_to_a_samoyed(self) -> None:
        path = imagenet().path(np.full(1000, 1e-3, np.float32), 258)
        words = [node.word for node in path]
        assert words[-1] == "Samoyed"
        assert words[0] == "entity"
        assert "physical entity" not in words
        assert [word for word in ("living thing", "dog", "spitz") if word in words] == ["living thing", "dog", "spitz"]
        counts = [node.classes for node in path]
        assert counts == sorted(counts, reverse=True)
        assert counts[0] == 1000
        assert counts[-1] == 1
        assert len(set(counts)) == len(counts)

    def test_a_wrong_breed_is_less_wrong_than_a_toaster(self) -> None:
        tree = imagenet()
        assert tree.common(258, 259) == "spitz"
        assert tree.common(258, 859) in ("whole", "object")

    def test_only_of_the_classes_of_imagenet(self) -> None:
        assert taxonomy_of(("cat", "dog")) is None

    def test_one_probability_a_class(self) -> None:
        with pytest.raises(ValueError, match="1000"):
            imagenet().roll_up(np.ones(80, np.float32))

    def test_groups_are_those_between_the_root_and_the_classes(self) -> None:
        groups = {(group.word, len(group.classes)): group for group in imagenet().groups}
        assert set(range(151, 269)) == set(groups["dog", 118].classes)
        assert 281 in groups["cat", 7].classes
        assert len({group.classes for group in groups.values()}) == len(groups), "each set of classes once"
        assert all(1 < count < 1000 for _, count in groups)
