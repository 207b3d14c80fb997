"""The input step by step: what recognition gets, recomputed from each step with Pillow, NumPy and torchvision."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from desktop_app.core.explain import Region
from desktop_app.core.input_steps import Scaled
from desktop_app.core.results import Classification, Detections
from desktop_app.models.catalog import CATALOG, find
from desktop_app.models.classifier import preparation_of, resize_and_crop, resized_and_cropped
from desktop_app.models.explaining.look import Look
from desktop_app.models.explaining.steps import answers_of, pixels_under, steps_of

RNG = np.random.default_rng(8)
KEYS = ("inception_v3", "vgg19", "resnet50", "efficientnet-lite0", "vit_b_16")
SIZES = ((480, 640), (720, 1280), (1080, 810), (300, 300), (150, 1100), (1000, 120), (231, 400))


def photograph(height: int, width: int) -> np.ndarray:
    coarse = RNG.integers(0, 256, (9, 9, 3), np.uint8)
    return np.ascontiguousarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("size", SIZES)
def test_the_cut_is_the_very_input_of_recognition(key: str, size: tuple[int, int]) -> None:
    bgr, prepared = photograph(*size), preparation_of(find(key))
    scaled = resized_and_cropped(bgr, prepared)
    np.testing.assert_array_equal(scaled.tensor, resize_and_crop(bgr, prepared))
    assert scaled.resized is not None
    assert scaled.resized.shape == (scaled.size[1], scaled.size[0], 3)
    left, top = scaled.corner
    part = scaled.resized[top : top + prepared.crop, left : left + prepared.crop]
    np.testing.assert_array_equal(part, scaled.tensor[0])


def test_the_scaled_picture_is_pillows() -> None:
    bgr = photograph(480, 640)
    scaled = resized_and_cropped(bgr, preparation_of(find("vgg19")))
    method = Image.Resampling.BILINEAR
    wanted = np.asarray(Image.fromarray(np.ascontiguousarray(bgr[:, :, ::-1])).resize((341, 256), method))
    assert scaled.resized is not None
    np.testing.assert_array_equal(scaled.resized, wanted)


def test_inception_takes_299_and_vgg_224() -> None:
    for key, side, scaled_to in (("inception_v3", 299, 342), ("vgg19", 224, 256)):
        scaled = resized_and_cropped(photograph(480, 640), preparation_of(find(key)))
        assert scaled.tensor.shape == (1, side, side, 3)
        assert (scaled.side, min(scaled.size), scaled.fit) == (scaled_to, scaled_to, "cut")


def test_a_panorama_is_not_kept_whole() -> None:
    bgr, prepared = np.zeros((40, 4000, 3), np.uint8), preparation_of(find("vgg19"))
    scaled = resized_and_cropped(bgr, prepared)
    assert scaled.resized is None
    np.testing.assert_array_equal(scaled.tensor, resize_and_crop(bgr, prepared))


def test_pixels_under_those_of_the_input() -> None:
    bgr = RNG.integers(0, 256, (60, 80, 3), np.uint8)
    under = pixels_under(bgr, Region(10, 5, 2, 2), 30, 20)
    assert under.shape == (20, 30, 3)
    assert under[0, 0].tolist() == bgr[6, 11, ::-1].tolist()
    assert under[19, 29].tolist() == bgr[5 + 39, 10 + 59, ::-1].tolist()
    letterboxed = pixels_under(bgr, Region(-20, -10, 1, 1), 120, 80)
    assert letterboxed[0, 0].tolist() == bgr[0, 0, ::-1].tolist()


def test_the_surest_answers() -> None:
    logits = np.array([1, 5, 3], np.float32)
    found = answers_of(Classification(logits, np.array([0.1, 0.7, 0.2], np.float32)))
    assert [(answer.class_id, answer.logit) for answer in found] == [(1, 5.0), (2, 3.0), (0, 1.0)]
    boxes = Detections(np.zeros((2, 4), np.float32), np.array([0.4, 0.9], np.float32), np.array([7, 8]))
    assert [(answer.class_id, answer.logit) for answer in answers_of(boxes)] == [(8, None), (7, None)]
    assert answers_of(boxes)[0].value == pytest.approx(0.9)


def test_large_frames_travel_small_until_they_are_wanted() -> None:
    bgr = photograph(1080, 1920)
    scaled = Scaled(np.zeros((1, 8, 8, 3), np.uint8), None, (8, 8), (0, 0), "cut", "bilinear", 8)
    answer = Classification(np.zeros(3, np.float32), np.full(3, 1 / 3, np.float32))

    def of(whole: bool):  # type: ignore[no-untyped-def]
        region = Region(0, 0, 240, 135)
        return steps_of(bgr, scaled, region, ((0, 0, 0), (1, 1, 1)), answer, whole=whole, swap=None)

    small, whole = of(False), of(True)
    assert (small.whole, small.frame.shape, small.frame_size) == (False, (360, 640, 3), (1920, 1080))
    np.testing.assert_array_equal(whole.frame, bgr[:, :, ::-1])
    assert (small.low, small.high) == (bgr.min(), bgr.max())
    assert small.swapped == ()


def test_a_huge_frame_stays_where_it_is() -> None:
    scaled = Scaled(np.zeros((1, 8, 8, 3), np.uint8), None, (8, 8), (0, 0), "cut", "bilinear", 8)
    answer = Classification(np.zeros(3, np.float32), np.full(3, 1 / 3, np.float32))
    huge = np.zeros((5000, 5000, 3), np.uint8)
    found = steps_of(huge, scaled, Region(0, 0, 9, 9), ((0, 0, 0), (1, 1, 1)), answer, whole=True, swap=None)
    assert (found.whole, found.frame.shape) == (False, (640, 640, 3))


@pytest.mark.package_index
@pytest.mark.usefixtures("starter_models")
class TestStarters:
    def test_from_frame_to_tensor_recomputed(self, bus: Path) -> None:
        """The road of the issue: scale, cut, normalise, each from the array before, by Pillow and NumPy."""
        look = Look(find("efficientnet-lite0"))
        bgr = np.ascontiguousarray(cv2.imread(str(bus)), np.uint8)
        looked = look.at(bgr, steps=True)
        steps = look.steps_of(looked, bgr, whole=True, swap=False)
        assert steps is not None
        np.testing.assert_array_equal(steps.frame, bgr[:, :, ::-1])
        wanted = np.asarray(Image.fromarray(steps.frame).resize(steps.size, Image.Resampling.BICUBIC))
        assert steps.resized is not None
        np.testing.assert_array_equal(steps.resized, wanted)
        given = look.input_of(looked)
        left, top = steps.corner
        np.testing.assert_array_equal(given.pixels, steps.resized[top : top + 224, left : left + 224])
        mean, std = (np.array(values, np.float32)[:, None, None] for values in (steps.mean, steps.std))
        tensor = (given.pixels.transpose(2, 0, 1).astype(np.float32) / 255 - mean) / std
        np.testing.assert_allclose(given.values, tensor, atol=1e-5)
        assert [answer.class_id for answer in steps.answers[:1]] == looked.prediction.top(1)  # type: ignore[union-attr]

    def test_steps_change_no_answer(self, bus: Path) -> None:
        look = Look(find("efficientnet-lite0"))
        bgr = np.ascontiguousarray(cv2.imread(str(bus)), np.uint8)
        plain, stepwise = look.at(bgr), look.at(bgr, steps=True)
        np.testing.assert_array_equal(plain.tensor, stepwise.tensor)
        np.testing.assert_array_equal(plain.seen.tensor, stepwise.seen.tensor)
        assert look.steps_of(plain, bgr, whole=False, swap=False) is None

    def test_a_letterbox(self, zidane: Path) -> None:
        look = Look(find("yolov3-tiny"))
        bgr = np.ascontiguousarray(cv2.imread(str(zidane)), np.uint8)
        looked = look.at(bgr, steps=True)
        steps = look.steps_of(looked, bgr, whole=True, swap=False)
        assert steps is not None
        assert (steps.fit, steps.size, steps.corner) == ("letterbox", (416, 234), (0, -91))
        given = look.input_of(looked)
        assert steps.resized is not None
        np.testing.assert_array_equal(given.pixels[91 : 91 + 234], steps.resized)
        assert (given.pixels[:91] == 114).all()
        resized = cv2.resize(bgr, (416, 234), interpolation=cv2.INTER_LINEAR)[:, :, ::-1]
        np.testing.assert_array_equal(steps.resized, resized)
        np.testing.assert_allclose(given.values, given.pixels.transpose(2, 0, 1) / np.float32(255), atol=1e-6)

    def test_the_other_order_is_asked_for_the_same_input(self, zidane: Path) -> None:
        """What the network says of a frame whose colours were exchanged beforehand."""
        look = Look(find("efficientnet-lite0"))
        bgr = np.ascontiguousarray(cv2.imread(str(zidane)), np.uint8)
        looked = look.at(bgr, steps=True)
        steps = look.steps_of(looked, bgr, whole=False, swap=True)
        assert steps is not None
        exchanged = look.at(np.ascontiguousarray(bgr[:, :, ::-1]))
        assert [a.class_id for a in steps.swapped] == [a.class_id for a in answers_of(exchanged.prediction)]
        np.testing.assert_allclose(
            [a.value for a in steps.swapped], [a.value for a in answers_of(exchanged.prediction)], atol=1e-6
        )
        # And the answer that was given before stays as it was.
        assert steps.answers == answers_of(looked.prediction)


def test_there_are_models_to_test() -> None:
    assert {info.key for info in CATALOG} >= set(KEYS)
