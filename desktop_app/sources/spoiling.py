"""Pictures that are spoiled on purpose, with OpenCV. The same picture, stress and seed give the same pixels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.frame import Bgr, Frame
from desktop_app.core.stress import Stress
from desktop_app.sources.opencv import import_cv2

GREY = 114
"""What hides the picture, as the letterbox of detectors does."""
TILES = 16
"""Columns of tiles that can hide a picture."""
_FINE_BLUR = 4.0
"""Up to this sigma the Gaussian is computed on the picture as it is; beyond on a smaller one."""
_POOL = 1 << 23
"""Random numbers that are kept: drawing new ones takes ten times as long as adding them to a frame."""
_SCALE = 4096
_SEED = 20_12


@dataclass(frozen=True, slots=True)
class Spoiler:
    """Called by the capture thread with each frame. The number of a frame is the seed of its noise, so that a still
    comes out the same each time."""

    stress: Stress

    def __call__(self, frame: Frame) -> Frame:
        return replace(frame, pixels=spoil(frame.bgr, self.stress, frame.index), stress=self.stress)


def spoil(bgr: Bgr, stress: Stress, seed: int) -> Bgr:
    """A new picture of the same size. In the order in which the world, a lens, a sensor and a file spoil it."""
    if stress.rotation % 360:
        bgr = rotated(bgr, stress.rotation)
    if stress.occlusion > 0:
        bgr = occluded(bgr, stress.occlusion)
    if stress.blur > 0:
        bgr = blurred(bgr, stress.blur)
    if stress.resolution > 1:
        bgr = coarse(bgr, stress.resolution)
    if stress.hue % 360:
        bgr = recoloured(bgr, stress.hue)
    if stress.brightness or stress.contrast != 100:
        bgr = lit(bgr, stress.brightness, stress.contrast)
    if stress.noise > 0:
        bgr = noisy(bgr, stress.noise, seed)
    if stress.jpeg < 100:
        bgr = compressed(bgr, stress.jpeg)
    return bgr


def rotated(bgr: Bgr, degrees: float) -> Bgr:
    cv2 = import_cv2()
    height, width = bgr.shape[:2]
    # OpenCV turns the other way, and counts from the middles of pixels.
    turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -degrees, 1.0)
    turned: Bgr = cv2.warpAffine(bgr, turn, (width, height), flags=cv2.INTER_LINEAR, borderValue=(GREY, GREY, GREY))
    return turned


def occluded(bgr: Bgr, percent: float) -> Bgr:
    """The tiles are the same in every frame, and with more of them those of before stay: only the strength changes."""
    height, width = bgr.shape[:2]
    columns = min(TILES, width)
    rows = max(1, min(height, round(columns * height / width)))
    out = bgr.copy()
    x, y = (np.linspace(0, side, count + 1).round().astype(int) for side, count in ((width, columns), (height, rows)))
    order = np.random.default_rng(_SEED).permutation(rows * columns)
    for tile in order[: round(len(order) * min(percent, 100.0) / 100)]:
        row, column = divmod(int(tile), columns)
        out[y[row] : y[row + 1], x[column] : x[column + 1]] = GREY
    return out


def blurred(bgr: Bgr, sigma: float) -> Bgr:
    """A wide Gaussian is the rest of one on a smaller picture, where making it smaller and larger again blurs too: the
    mean of f pixels by (f² − 1) / 12 pixels², linear interpolation by f² / 6."""
    cv2 = import_cv2()
    height, width = bgr.shape[:2]
    factor = 1 if sigma <= _FINE_BLUR else 2 if sigma <= 2 * _FINE_BLUR else 4
    if factor == 1 or min(height, width) < 8 * factor:
        fine: Bgr = cv2.GaussianBlur(bgr, (0, 0), sigma)
        return fine
    small = cv2.resize(bgr, (-(-width // factor), -(-height // factor)), interpolation=cv2.INTER_AREA)
    rest = np.sqrt(sigma**2 - (factor**2 - 1) / 12 - factor**2 / 6) / factor
    wide: Bgr = cv2.resize(cv2.GaussianBlur(small, (0, 0), rest), (width, height), interpolation=cv2.INTER_LINEAR)
    return wide


def coarse(bgr: Bgr, n: float) -> Bgr:
    """1/n of the width and height by means, and back in hard pixels ("pixelate" of Hendrycks and Dietterich, 2019)."""
    cv2 = import_cv2()
    height, width = bgr.shape[:2]
    small = cv2.resize(bgr, (max(1, round(width / n)), max(1, round(height / n))), interpolation=cv2.INTER_AREA)
    large: Bgr = cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST)
    return large


def recoloured(bgr: Bgr, degrees: float) -> Bgr:
    """Hue of HSV; lightness and saturation stay."""
    cv2 = import_cv2()
    hsv = cv2.cvtColor(bgr, cv2.COLOR_BGR2HSV_FULL)
    # A circle has 256 steps here, and the bytes wrap round by themselves.
    hsv[:, :, 0] += np.uint8(round(degrees / 360 * 256) % 256)
    turned: Bgr = cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR_FULL)
    return turned


def lit(bgr: Bgr, brightness: float, contrast: float) -> Bgr:
    cv2 = import_cv2()
    values = (np.arange(256) - 128.0) * contrast / 100 + 128 + 2.55 * brightness
    changed: Bgr = cv2.LUT(bgr, np.rint(np.clip(values, 0, 255)).astype(np.uint8))
    return changed


def noisy(bgr: Bgr, sigma: float, seed: int) -> Bgr:
    """Another stretch of the same random numbers for each seed."""
    cv2 = import_cv2()
    numbers = _noise(float(sigma))
    if bgr.size > 0.9 * _POOL:
        numbers = np.resize(numbers, bgr.size + _POOL // 2)
    begin = int(np.random.default_rng(abs(seed)).integers(0, len(numbers) - bgr.size + 1))
    noise = numbers[begin : begin + bgr.size].reshape(bgr.shape)
    sum_: Bgr = cv2.add(bgr, noise, dtype=cv2.CV_8U)
    return sum_


def compressed(bgr: Bgr, quality: float) -> Bgr:
    cv2 = import_cv2()
    _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, max(1, round(quality))])
    decoded: Bgr = cv2.imdecode(data, cv2.IMREAD_COLOR)
    return decoded


@lru_cache(maxsize=1)
def _normal() -> NDArray[np.int16]:
    """Of mean 0 and deviation `_SCALE`."""
    drawn = np.random.default_rng(_SEED).standard_normal(_POOL, np.float32)
    return np.rint(np.clip(drawn, -7, 7) * _SCALE).astype(np.int16)


@lru_cache(maxsize=1)
def _noise(sigma: float) -> NDArray[np.int16]:
    scaled: NDArray[np.int16] = np.rint(_normal() * np.float32(sigma / _SCALE)).astype(np.int16)
    return scaled


def forget() -> None:
    """Nothing is spoiled any more: the random numbers go."""
    _normal.cache_clear()
    _noise.cache_clear()
