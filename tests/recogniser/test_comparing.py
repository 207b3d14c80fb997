"""What two models say of one frame."""

from __future__ import annotations

import numpy as np
import pytest

from desktop_app.core.results import Classification, Detections, Prediction, Result, Timings
from desktop_app.core.scores import softmax
from desktop_app.paths import resource_path
from desktop_app.recogniser.comparing import judge, said

IMAGENET = tuple(resource_path("class_names", "imagenet.txt").read_text(encoding="utf-8").splitlines())
COCO = tuple(resource_path("class_names", "coco.txt").read_text(encoding="utf-8").splitlines())
PETS = ("dog", "cat")


def result(prediction: Prediction) -> Result:
    return Result(0, 0.0, "model", prediction, Timings(1, 2, 3), "openvino", "CPU")


def found(*rows: tuple[float, float, float, float, int]) -> Result:
    table = np.array(rows, np.float32).reshape(-1, 5)
    confidence = np.full(len(table), 0.9, np.float32)
    return result(Detections(table[:, :4].copy(), confidence, table[:, 4].astype(np.int64)))


def named(names: tuple[str, ...], *order: str) -> Result:
    """The surest first."""
    logits = np.zeros(len(names), np.float32)
    for place, name in enumerate(order):
        logits[names.index(name)] = 20 - place
    return result(Classification(logits, softmax(logits)))


class TestBoxes:
    def test_matched_and_alone(self) -> None:
        a = found((0, 0, 10, 10, 0), (50, 50, 60, 60, 2), (80, 0, 90, 10, 5))
        b = found((100, 100, 110, 110, 2), (0, 0, 10, 8, 0))
        verdict = judge(1, a, COCO, b, COCO)
        assert (verdict.measure, verdict.same, verdict.first, verdict.other) == ("boxes", 1, 3, 2)
        assert verdict.overlap == pytest.approx(0.8)
        assert (verdict.only_first, verdict.only_other) == ((1, 2), (0,))
        assert not verdict.agrees

    def test_another_class_is_another_thing(self) -> None:
        verdict = judge(1, found((0, 0, 10, 10, 0)), COCO, found((0, 0, 10, 10, 1)), COCO)
        assert (verdict.same, verdict.overlap) == (0, None)

    def test_classes_are_the_same_by_name(self) -> None:
        """Of two data sets."""
        dog = COCO.index("dog")
        assert judge(1, found((0, 0, 10, 10, dog)), COCO, found((0, 0, 10, 10, 0)), PETS).agrees
        assert not judge(1, found((0, 0, 10, 10, dog)), COCO, found((0, 0, 10, 10, 1)), PETS).agrees

    def test_none_and_none_agree(self) -> None:
        assert judge(1, found(), COCO, found(), COCO).agrees


class TestClasses:
    def test_the_first_answer_and_the_first_five(self) -> None:
        a = named(IMAGENET, "tabby", "tiger cat", "lynx", "toaster", "sock")
        b = named(IMAGENET, "tiger cat", "tabby", "lynx", "teapot", "vase")
        verdict = judge(2, a, IMAGENET, b, IMAGENET)
        assert (verdict.place, verdict.measure, verdict.same, verdict.overlap) == (2, "classes", 0, 0.6)
        assert judge(1, a, IMAGENET, a, IMAGENET).agrees

    def test_two_classes_of_one_name_are_two(self) -> None:
        """Where both have the same list."""
        names = ("crane", "crane", "tabby")
        results = []
        for class_id in (0, 1):
            logits = np.zeros(3, np.float32)
            logits[class_id] = 9
            results.append(result(Classification(logits, softmax(logits))))
        assert not judge(1, results[0], names, results[1], names).agrees

    def test_of_other_classes_by_name(self) -> None:
        names = ("teapot", "tabby")
        assert judge(1, named(IMAGENET, "tabby"), IMAGENET, named(names, "tabby"), names).same == 1
        assert judge(1, named(IMAGENET, "tabby"), IMAGENET, named(names, "teapot"), names).same == 0


class TestLabels:
    @pytest.mark.parametrize("turned", [False, True])
    def test_a_breed_is_a_dog(self, turned: bool) -> None:
        breed, dog = named(IMAGENET, "Samoyed"), found((0, 0, 9, 9, COCO.index("dog")))
        sides = ((breed, IMAGENET), (dog, COCO))
        (a, a_names), (b, b_names) = sides[::-1] if turned else sides
        verdict = judge(1, a, a_names, b, b_names)
        assert (verdict.measure, verdict.same, verdict.first, verdict.other) == ("labels", 1, 1, 1)

    def test_a_dog_is_no_cat(self) -> None:
        cat = found((0, 0, 9, 9, COCO.index("cat")))
        assert judge(1, named(IMAGENET, "Samoyed"), IMAGENET, cat, COCO).same == 0

    def test_what_the_detector_has_no_word_for_does_not_count(self) -> None:
        verdict = judge(1, named(IMAGENET, "volcano"), IMAGENET, found(), COCO)
        assert (verdict.first, verdict.other, verdict.agrees) == (0, 0, True)


class TestSaid:
    def test_where_all_agree_nothing(self) -> None:
        a = found((0, 0, 9, 9, 0))
        assert said([judge(1, a, COCO, a, COCO)], [a, a]) is None

    def test_the_same_whatever_the_place_of_a_box(self) -> None:
        first, moved, nothing = found((0, 0, 9, 9, 0)), found((30, 30, 39, 39, 0)), found()
        one, two = (said([judge(1, a, COCO, nothing, COCO)], [a, nothing]) for a in (first, moved))
        assert one is not None
        assert one == two
        car = found((0, 0, 9, 9, 2))
        assert said([judge(1, car, COCO, nothing, COCO)], [car, nothing]) != one
        hash(one)
