"""Each corruption does what it says, by numbers, and does it again."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pytest

from desktop_app.core.frame import Bgr, Frame
from desktop_app.core.stress import CORRUPTIONS, NONE, Corruption, Stress, moved
from desktop_app.sources import spoiling
from desktop_app.sources.spoiling import Spoiler, spoil


@pytest.fixture(scope="module", autouse=True)
def random_numbers_go() -> Iterator[None]:
    yield
    spoiling.forget()


@pytest.fixture
def picture() -> Bgr:
    """Smooth, with all colours: 160 × 120."""
    y, x = np.mgrid[0:120, 0:160]
    return np.stack([x * 255 // 159, y * 255 // 119, 255 - x * 255 // 159], axis=2).astype(np.uint8)


@pytest.mark.parametrize("corruption", CORRUPTIONS, ids=lambda corruption: corruption.key)
class TestEach:
    def test_gives_a_new_picture_of_the_same_size_and_leaves_the_old_one(
        self, corruption: Corruption, picture: Bgr
    ) -> None:
        before = picture.copy()
        picture.flags.writeable = False
        for value in (corruption.low, corruption.sweep[0], corruption.sweep[-1], corruption.high):
            spoiled = spoil(picture, NONE.with_value(corruption.key, value), 3)
            assert Frame(spoiled.copy(), 0, 0.0).bgr.shape == picture.shape
            assert spoiled.dtype == np.uint8
            assert spoiled.flags.c_contiguous
        np.testing.assert_array_equal(picture, before)

    def test_gives_the_same_again(self, corruption: Corruption, picture: Bgr) -> None:
        stress = NONE.with_value(corruption.key, corruption.sweep[-1])
        np.testing.assert_array_equal(spoil(picture, stress, 7), spoil(picture.copy(), stress, 7))

    def test_the_stronger_the_further_away(self, corruption: Corruption, picture: Bgr) -> None:
        texture = np.random.default_rng(1).integers(0, 120, picture.shape)
        rough = (picture // 2 + texture).astype(np.uint8)
        for side in (-1, 1):
            values = [v for v in corruption.outwards() if (v - corruption.neutral) * side > 0]
            values = [v for v in values if abs(v) <= 90 or corruption.key not in ("rotation", "hue")]
            spoiled = [spoil(rough, NONE.with_value(corruption.key, v), 1).astype(int) for v in values]
            away = [float(np.abs(one - rough).mean()) for one in spoiled]
            assert all(later > 0.9 * earlier for earlier, later in itertools.pairwise(away)), away

    @pytest.mark.parametrize("shape", [(1, 1, 3), (1, 9, 3), (7, 3, 3)])
    def test_takes_the_smallest_pictures(self, corruption: Corruption, shape: tuple[int, ...]) -> None:
        tiny = np.full(shape, 90, np.uint8)
        for value in (corruption.low, corruption.high):
            assert spoil(tiny, NONE.with_value(corruption.key, value), 0).shape == shape


def test_blur_has_the_sigma_that_it_says() -> None:
    """The variance of what becomes of a line is sigma²: also where a smaller picture is blurred."""
    line = np.zeros((64, 401, 3), np.uint8)
    line[:, 200] = 255
    for sigma in (1.0, 3.0, 4.0):
        assert spread(spoil(line, Stress(blur=sigma), 0)[32, :, 0]) == pytest.approx(sigma, rel=0.05)
    wide = np.zeros((400, 801, 3), np.uint8)
    wide[:, 340:460] = 255
    for sigma in (6.0, 8.0, 12.0, 20.0):
        profile = spoil(wide, Stress(blur=sigma), 0)[200, :, 0].astype(float)
        assert spread(np.diff(profile[:400])) == pytest.approx(sigma, rel=0.06)


def spread(values: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> float:
    weights = np.clip(values.astype(float), 0, None)
    place = np.arange(len(weights))
    mean = (weights * place).sum() / weights.sum()
    return float(np.sqrt((weights * (place - mean) ** 2).sum() / weights.sum()))


def test_noise_has_the_sigma_that_it_says_and_another_face_in_each_frame() -> None:
    grey = np.full((200, 300, 3), 128, np.uint8)
    first, second = (spoil(grey, Stress(noise=20), seed).astype(float) - 128 for seed in (1, 2))
    for found in (first, second):
        assert found.std() == pytest.approx(20, rel=0.02)
        assert abs(found.mean()) < 0.3
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 0.02
    # Neighbours and colours know nothing of each other.
    assert abs(np.corrcoef(first[:, :-1].ravel(), first[:, 1:].ravel())[0, 1]) < 0.02
    assert abs(np.corrcoef(first[..., 0].ravel(), first[..., 1].ravel())[0, 1]) < 0.02


def test_noise_is_there_for_pictures_larger_than_what_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    spoiling.forget()
    monkeypatch.setattr(spoiling, "_POOL", 5000)
    grey = np.full((60, 70, 3), 128, np.uint8)
    first, second = (spoil(grey, Stress(noise=20), seed) for seed in (1, 2))
    assert (first != second).any()
    assert (first.astype(float) - 128).std() == pytest.approx(20, rel=0.05)
    spoiling.forget()


def test_brightness_and_contrast_by_hand() -> None:
    values = np.array([[[0, 100, 255]]], np.uint8)
    np.testing.assert_array_equal(spoil(values, Stress(brightness=20), 0), [[[51, 151, 255]]])
    np.testing.assert_array_equal(spoil(values, Stress(contrast=50), 0), [[[64, 114, 192]]])
    np.testing.assert_array_equal(spoil(values, Stress(contrast=0), 0), [[[128, 128, 128]]])
    np.testing.assert_array_equal(spoil(values, Stress(contrast=200, brightness=-10), 0), [[[0, 46, 255]]])


def test_hue_turns_red_to_green_to_blue() -> None:
    red = np.full((4, 4, 3), (0, 0, 255), np.uint8)
    for degrees, channel in ((120, 1), (240, 0), (-120, 0)):
        turned = spoil(red, Stress(hue=degrees), 0)[0, 0].astype(int)
        assert turned[channel] == 255
        assert np.delete(turned, channel).max() <= 6  # a circle of 256 steps


def test_rotation_turns_clockwise_and_boxes_go_along() -> None:
    bgr = np.zeros((200, 300, 3), np.uint8)
    bgr[20:60, 100:160] = 255
    box = np.array([[100, 20, 160, 60]], np.float32)
    for degrees in (90, 180, -90):
        stress = Stress(rotation=degrees)
        white = np.argwhere(spoil(bgr, stress, 0)[:, :, 0] > 200)
        (top, left), (bottom, right) = white.min(axis=0), white.max(axis=0) + 1
        np.testing.assert_allclose(moved(box, stress, 300, 200)[0], (left, top, right, bottom), atol=1)
    assert (spoil(bgr, Stress(rotation=45), 0)[0, 0] == spoiling.GREY).all()


def test_occlusion_hides_the_share_that_it_says_and_the_same_places_in_each_frame() -> None:
    white = np.full((480, 640, 3), 255, np.uint8)
    before = np.zeros((480, 640), bool)
    for percent in (10, 25, 50, 90):
        hidden = spoil(white, Stress(occlusion=percent), percent)[:, :, 0] == spoiling.GREY
        assert 100 * hidden.mean() == pytest.approx(percent, abs=0.5)
        assert not (before & ~hidden).any(), "what was hidden stays hidden"
        before = hidden
    np.testing.assert_array_equal(spoil(white, Stress(occlusion=30), 1), spoil(white, Stress(occlusion=30), 2))


def test_resolution_makes_hard_pixels(picture: Bgr) -> None:
    spoiled = spoil(picture, Stress(resolution=4), 0)
    blocks = spoiled.reshape(30, 4, 40, 4, 3)
    np.testing.assert_array_equal(blocks, np.broadcast_to(blocks[:, :1, :, :1], blocks.shape))
    means = picture.reshape(30, 4, 40, 4, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(spoiled[::4, ::4], means, atol=1)


def test_jpeg_is_what_a_jpeg_of_that_quality_is(picture: Bgr) -> None:
    import cv2

    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 10])
    np.testing.assert_array_equal(spoil(picture, Stress(jpeg=10), 0), cv2.imdecode(data, cv2.IMREAD_COLOR))


def test_several_come_in_the_order_of_the_world(picture: Bgr) -> None:
    both = spoil(picture, Stress(blur=2, noise=30, jpeg=50), 5)
    one_by_one = spoil(spoil(spoil(picture, Stress(blur=2), 5), Stress(noise=30), 5), Stress(jpeg=50), 5)
    np.testing.assert_array_equal(both, one_by_one)


def test_the_number_of_a_frame_is_the_seed_of_its_noise(picture: Bgr) -> None:
    stress = Stress(noise=25)
    spoiled = Spoiler(stress)(Frame(picture, 12, 3.5, path="a.jpg"))
    np.testing.assert_array_equal(spoiled.bgr, spoil(picture, stress, 12))
    assert (spoiled.index, spoiled.captured_at, spoiled.path, spoiled.stress) == (12, 3.5, "a.jpg", stress)
