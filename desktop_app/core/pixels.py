"""Pixels as numbers: grey, HSV, histograms and what they come to, and regions as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Counts = NDArray[np.int64]
"""Histograms: int64 (4, 256), how many pixels have each value in red, green, blue and grey."""
Area = tuple[int, int, int, int]
"""Of a frame, in its pixels: left, top, right, bottom, the last two not included."""

CHANNELS = ("R", "G", "B", "grey")


def grey_of(rgb: Bytes) -> Bytes:
    """Luma of BT.601, 0.299 R + 0.587 G + 0.114 B, rounded as OpenCV's `COLOR_BGR2GRAY` does: uint8 (…) of (…, 3)."""
    red, green, blue = (rgb[..., channel].astype(np.int32) for channel in range(3))
    return ((9798 * red + 19235 * green + 3735 * blue + (1 << 14)) >> 15).astype(np.uint8)


def hsv_of(red: int, green: int, blue: int) -> tuple[float, float, float]:
    """Hue in degrees 0…360, saturation and value 0…1 (Smith 1978); the hue of a grey is 0."""
    high, low = max(red, green, blue), min(red, green, blue)
    span = high - low
    if not span:
        return 0.0, 0.0, high / 255
    if high == red:
        sector = (green - blue) / span % 6
    elif high == green:
        sector = (blue - red) / span + 2
    else:
        sector = (red - green) / span + 4
    return 60 * sector, span / high, high / 255


def hex_of(red: int, green: int, blue: int) -> str:
    return f"#{red:02X}{green:02X}{blue:02X}"


def rgb_part(pixels: Bytes, area: Area) -> Bytes:
    """What of `pixels`, uint8 (h, w, 3 or more) beginning blue-green-red, lies in `area`: a copy, red-green-blue."""
    left, top, right, bottom = area
    return np.ascontiguousarray(pixels[top:bottom, left:right, 2::-1])


def clipped(area: Area, width: int, height: int) -> Area | None:
    """`area` without what is outside of a frame of that size; `None` where nothing is left."""
    left, top, right, bottom = area
    left, top, right, bottom = max(left, 0), max(top, 0), min(right, width), min(bottom, height)
    return (left, top, right, bottom) if left < right and top < bottom else None


@dataclass(frozen=True, slots=True)
class Summary:
    """Of one channel of a region."""

    low: int
    mean: float
    high: int
    std: float
    """Of all the pixels, not of a sample: NumPy's `std`."""


def summary_of(counts: Counts, channel: int) -> Summary | None:
    """Exact: a histogram of bytes forgets only where they were. `None` of no pixels at all."""
    line = counts[channel]
    total = int(line.sum())
    if not total:
        return None
    values = np.arange(256, dtype=np.int64)
    there = np.flatnonzero(line)
    first, second = int((line * values).sum()), int((line * values * values).sum())
    mean = first / total
    # In whole numbers up to the last step: differences of large sums would lose the small deviations.
    variance = (total * second - first * first) / (total * total)
    return Summary(int(there[0]), mean, int(there[-1]), max(0.0, variance) ** 0.5)


def as_csv(rgb: Bytes, area: Area, *, grey: bool) -> str:
    """Grey: a matrix, one line a row. Colours: one line a pixel, with its place in the frame."""
    if grey:
        return "".join(",".join(map(str, row)) + "\n" for row in grey_of(rgb).tolist())
    return "".join(_pixel_lines(rgb, area))


def _pixel_lines(rgb: Bytes, area: Area) -> Iterator[str]:
    yield "x,y,R,G,B\n"
    left, top = area[:2]
    for y, row in enumerate(rgb.tolist(), top):
        for x, (red, green, blue) in enumerate(row, left):
            yield f"{x},{y},{red},{green},{blue}\n"


def as_numpy(rgb: Bytes, *, grey: bool) -> str:
    """An expression: `np.array([[…], …], dtype=np.uint8)`, of (h, w) or (h, w, 3) in red-green-blue."""
    values = grey_of(rgb) if grey else rgb
    rows = ",\n          ".join(str(row) for row in values.tolist())
    return f"np.array([{rows}], dtype=np.uint8)\n"
