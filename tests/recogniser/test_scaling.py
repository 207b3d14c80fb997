from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from desktop_app.core.frame import Bgr
from desktop_app.core.picture import fitted
from desktop_app.recogniser.scaling import scaled_down


def zone_plate(width: int = 640, height: int = 480) -> Bgr:
    """Rings that get finer outwards, up to the finest that there can be: what aliases shows as other rings."""
    y, x = np.mgrid[:height, :width]
    rings = 127 + 127 * np.cos(np.pi * ((x - width / 2) ** 2 + (y - height / 2) ** 2) / width)
    return np.ascontiguousarray(np.repeat(rings.astype(np.uint8)[:, :, None], 3, axis=2))


@pytest.mark.parametrize("share", [0.12, 0.2, 0.3, 0.4, 0.49, 0.5, 0.505, 0.6, 0.69, 0.8, 0.95])
def test_it_is_as_clean_as_a_mean_over_areas(share: float) -> None:
    import cv2

    whole = zone_plate()
    width, height = round(640 * share), round(480 * share)
    best = np.asarray(Image.fromarray(whole).resize((width, height), Image.Resampling.LANCZOS), np.float32)
    areas = np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), np.float32)
    error = np.sqrt(np.mean((scaled_down(whole, width, height) - best) ** 2))
    assert error < 1.3 * np.sqrt(np.mean((areas - best) ** 2)) + 1


@pytest.mark.parametrize("size", [(1, 1), (1, 37), (53, 1), (53, 37), (13, 36), (52, 5)])
def test_odd_sizes(size: tuple[int, int]) -> None:
    grey = np.full((37, 53, 3), 77, np.uint8)
    scaled = scaled_down(grey, *size)
    assert scaled.shape == (size[1], size[0], 3)
    assert scaled.flags.c_contiguous
    assert (scaled == 77).all()


@pytest.mark.parametrize("share", [0.11, 0.26, 0.4, 0.5, 0.66, 0.75, 0.9])
def test_nothing_moves(share: float) -> None:
    """The middle of a bright square stays where it was."""
    whole = np.zeros((480, 640, 3), np.uint8)
    whole[100:200, 400:520] = 255
    width, height = round(640 * share), round(480 * share)
    scaled = scaled_down(whole, width, height)[:, :, 0].astype(float)
    y, x = np.mgrid[:height, :width]
    middle = ((x + 0.5) * scaled).sum() / scaled.sum() / width, ((y + 0.5) * scaled).sum() / scaled.sum() / height
    assert middle == pytest.approx((460 / 640, 150 / 480), abs=0.002)


def test_the_size_it_has_costs_nothing() -> None:
    whole = zone_plate(64, 48)
    assert scaled_down(whole, 64, 48) is whole


@pytest.mark.parametrize(
    ("frame", "room", "size"),
    [
        ((1280, 720), (640, 640), (640, 360)),
        ((1280, 720), (2000, 2000), (1280, 720)),
        ((4000, 2), (100, 100), (100, 1)),
        ((1, 1), (100, 100), (1, 1)),
    ],
)
def test_a_frame_is_made_smaller_to_fit_never_larger(
    frame: tuple[int, int], room: tuple[int, int], size: tuple[int, int]
) -> None:
    assert fitted(*frame, room) == size
