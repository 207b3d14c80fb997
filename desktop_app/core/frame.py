"""One picture on its way from a source to the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.stress import Stress

Bgr = NDArray[np.uint8]
"""A picture: uint8, (height, width, 3), blue-green-red, C-contiguous."""


class Planes(Protocol):
    """A picture as video keeps it: brightness, and colour at half the size in two planes of their own. Any thread may
    use it, and nobody writes to it."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """That of `bgr`."""

    @property
    def bgr(self) -> Bgr:
        """The picture with its colours mixed, which is done when it is first asked for."""

    def scale_into(self, rgb: NDArray[np.uint8]) -> None:
        """Fills `rgb`, (h, w, 3), red-green-blue, with the picture scaled to that size, as OpenCV scales `bgr` by
        bilinear interpolation: the very values, and at half the size the same but for the rounding."""


Pixels = Bgr | Planes


def bgr_of(pixels: Pixels) -> Bgr:
    return pixels if isinstance(pixels, np.ndarray) else pixels.bgr


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A picture with its place in time.

    `pixels`: uint8 (h, w, 3), blue-green-red, C-contiguous, read-only from here on; or planes of which that is made.
    `index`: counts from 0 within the source; for a video file the number of the frame in the file.
    `captured_at`: seconds of `time.perf_counter()` when the grab returned (the same clock in both processes).
    `media_time`: seconds in the file, `None` for stills and live sources.
    `path`: the file, where the source is made of several files.
    `models`: keys of the models that are to see it, `None` for all.
    `stress`: how it was spoiled on purpose, `None` where it is as the source gave it.
    """

    pixels: Pixels
    index: int
    captured_at: float
    media_time: float | None = None
    path: str | None = None
    models: frozenset[str] | None = None
    stress: Stress | None = None

    def __post_init__(self) -> None:
        bgr = self.pixels
        if not isinstance(bgr, np.ndarray):
            return
        if bgr.dtype != np.uint8 or bgr.ndim != 3 or bgr.shape[2] != 3 or not bgr.flags.c_contiguous:
            raise ValueError(f"a frame is uint8 (h, w, 3), C-contiguous; got {bgr.dtype} {bgr.shape}")
        bgr.flags.writeable = False

    @property
    def bgr(self) -> Bgr:
        return bgr_of(self.pixels)

    @property
    def shape(self) -> tuple[int, ...]:
        """(h, w, 3)"""
        return self.pixels.shape

    @property
    def nbytes(self) -> int:
        """Of `bgr`, whether it has been made or not."""
        return self.height * self.width * 3

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])
