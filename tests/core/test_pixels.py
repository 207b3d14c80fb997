"""Pixels as numbers, against OpenCV, Pillow, the standard library and NumPy."""

from __future__ import annotations

import colorsys
import csv
import io

import cv2
import numpy as np
import pytest
from PIL import Image

from desktop_app.core.pixels import (
    as_csv,
    as_numpy,
    clipped,
    grey_of,
    hex_of,
    hsv_of,
    rgb_part,
    summary_of,
)

RNG = np.random.default_rng(5)
RGB = RNG.integers(0, 256, (40, 50, 3), np.uint8)


def test_grey_is_that_of_opencv_and_of_pillow() -> None:
    many = RNG.integers(0, 256, (700, 700, 3), np.uint8)
    np.testing.assert_array_equal(grey_of(many), cv2.cvtColor(many, cv2.COLOR_RGB2GRAY))
    pillow = np.asarray(Image.fromarray(many).convert("L")).astype(int)
    assert np.abs(pillow - grey_of(many)).max() <= 1


def test_a_grey_pixel_keeps_its_value() -> None:
    values = np.arange(256, dtype=np.uint8)
    np.testing.assert_array_equal(grey_of(np.stack([values] * 3, axis=1)), values)


@pytest.mark.parametrize("pixel", [(255, 0, 0), (0, 255, 0), (0, 0, 255), (12, 200, 90), (7, 7, 7), (0, 0, 0)])
def test_hsv(pixel: tuple[int, int, int]) -> None:
    hue, saturation, value = colorsys.rgb_to_hsv(*(part / 255 for part in pixel))
    assert hsv_of(*pixel) == pytest.approx((360 * hue, saturation, value))


def test_hsv_of_all_sorts() -> None:
    for pixel in RNG.integers(0, 256, (300, 3)).tolist():
        hue, saturation, value = colorsys.rgb_to_hsv(*(part / 255 for part in pixel))
        assert hsv_of(*pixel) == pytest.approx((360 * hue, saturation, value))


def test_hex() -> None:
    assert hex_of(255, 0, 10) == "#FF000A"


def test_a_part_is_red_green_blue() -> None:
    bgrx = RNG.integers(0, 256, (9, 12, 4), np.uint8)
    part = rgb_part(bgrx, (2, 3, 7, 8))
    np.testing.assert_array_equal(part, bgrx[3:8, 2:7, [2, 1, 0]])
    assert part.flags.c_contiguous


def test_clipped() -> None:
    assert clipped((-5, 2, 8, 99), 6, 50) == (0, 2, 6, 50)
    assert clipped((6, 0, 8, 5), 6, 50) is None


def test_a_summary_is_exact() -> None:
    for low, high in ((0, 256), (100, 103), (9, 10)):
        values = RNG.integers(low, high, 5000)
        counts = np.zeros((4, 256), np.int64)
        counts[1] = np.bincount(values, minlength=256)
        found = summary_of(counts, 1)
        assert found is not None
        assert (found.low, found.high) == (values.min(), values.max())
        assert found.mean == pytest.approx(values.mean())
        assert found.std == pytest.approx(values.std())
    assert summary_of(counts, 0) is None


def test_a_summary_of_a_hundred_million_pixels() -> None:
    counts = np.zeros((4, 256), np.int64)
    counts[0, 200], counts[0, 201] = 50_000_000, 50_000_000
    found = summary_of(counts, 0)
    assert found is not None
    assert (found.mean, found.std) == (200.5, 0.5)


def test_csv_of_colours_is_one_line_a_pixel() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(RGB[:3, :4], (10, 20, 14, 23), grey=False))))
    assert len(rows) == 12
    for row in rows:
        pixel = RGB[int(row["y"]) - 20, int(row["x"]) - 10]
        assert [int(row[name]) for name in "RGB"] == pixel.tolist()


def test_csv_of_grey_is_a_matrix() -> None:
    text = as_csv(RGB[:5, :7], (0, 0, 7, 5), grey=True)
    np.testing.assert_array_equal(np.loadtxt(io.StringIO(text), delimiter=",", dtype=np.uint8), grey_of(RGB[:5, :7]))


@pytest.mark.parametrize("grey", [False, True])
def test_numpy_reads_the_text(grey: bool) -> None:
    part = RGB[:6, :9]
    read = eval(as_numpy(part, grey=grey), {"np": np})
    assert read.dtype == np.uint8
    np.testing.assert_array_equal(read, grey_of(part) if grey else part)
