"""OpenCV turns as NumPy does."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from desktop_app.core.capture import Orientation
from desktop_app.core.frame import Frame
from desktop_app.sources.orientation import OpenCvOrientation


@pytest.mark.parametrize(("mirror", "rotation"), [*itertools.product((False, True), (0, 90, 180, 270))])
def test_same_pixels(mirror: bool, rotation: int) -> None:
    bgr = np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8)
    frame = Frame(bgr, 3, 1.0)
    turned = OpenCvOrientation(mirror, rotation).apply(frame)
    assert np.array_equal(turned.bgr, Orientation(mirror, rotation).apply(frame).bgr)
    assert turned.bgr.flags.c_contiguous
    assert (turned.index, turned.captured_at) == (3, 1.0)
