from __future__ import annotations

import gc

import numpy as np
import pytest
from PySide6.QtGui import QImage

from desktop_app.core.picture import Picture
from desktop_app.render.qimage import from_qimage, image_of_picture, to_qimage


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(width).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("width", [*range(1, 10), 641])
def test_there_and_back_for_every_stride(width: int) -> None:
    bgr = noise(3, width)
    image = to_qimage(bgr)
    assert (image.width(), image.height()) == (width, 3)
    assert image.format() == QImage.Format.Format_RGB32
    np.testing.assert_array_equal(from_qimage(image), bgr)


def test_channels_are_not_swapped() -> None:
    bgr = np.zeros((1, 1, 3), np.uint8)
    bgr[0, 0] = (10, 20, 200)
    pixel = to_qimage(bgr).pixelColor(0, 0)
    assert (pixel.red(), pixel.green(), pixel.blue()) == (200, 20, 10)


def test_the_image_owns_its_pixels() -> None:
    bgr = noise(64, 64)
    expected = bgr.copy()
    image = to_qimage(bgr)
    bgr[:] = 0
    del bgr
    gc.collect()
    np.testing.assert_array_equal(from_qimage(image), expected)


def test_a_read_only_frame_is_fine() -> None:
    bgr = noise(4, 5)
    bgr.flags.writeable = False
    np.testing.assert_array_equal(from_qimage(to_qimage(bgr)), bgr)


def test_alpha_is_dropped_and_the_array_can_be_written() -> None:
    image = QImage(3, 2, QImage.Format.Format_ARGB32)
    image.fill(0xFF102030)
    bgr = from_qimage(image)
    assert bgr.shape == (2, 3, 3)
    assert bgr[0, 0].tolist() == [0x30, 0x20, 0x10]
    assert bgr.flags.c_contiguous
    assert bgr.flags.writeable


@pytest.mark.parametrize(
    "bad",
    [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4, 3), np.float32), noise(4, 8)[:, ::2]],
)
def test_anything_else_is_refused(bad: np.ndarray) -> None:
    with pytest.raises(AssertionError):
        to_qimage(bad)


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (480, 641)])
def test_the_image_of_a_picture_is_its_pixels(size: tuple[int, int]) -> None:
    """Without a copy and without a skew."""
    bgr = np.random.default_rng(2).integers(0, 255, (*size, 3), np.uint8)
    pixels = np.ascontiguousarray(np.dstack([bgr, np.full(size, 255, np.uint8)]))
    image = image_of_picture(Picture(pixels, 4 * size[1], 4 * size[0], 0, 0.0))
    assert (image.width(), image.height()) == (size[1], size[0])
    np.testing.assert_array_equal(from_qimage(image), bgr)
    pixels[0, 0] = (1, 2, 3, 255)
    assert image.pixelColor(0, 0).getRgb()[:3] == (3, 2, 1)  # type: ignore[index]
