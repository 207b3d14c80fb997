"""One picture on its way from a source to the screen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.stress import Stress

Bgr = NDArray[np.uint8]
"""A picture: uint8, (height, width, 3), blue-green-red, C-contiguous."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A picture with its place in time.

    `bgr`: uint8 (h, w, 3), blue-green-red, C-contiguous, read-only from here on.
    `index`: counts from 0 within the source; for a video file the number of the frame in the file.
    `captured_at`: seconds of `time.perf_counter()` when the grab returned (the same clock in both processes).
    `media_time`: seconds in the file, `None` for stills and live sources.
    `path`: the file, where the source is made of several files.
    `models`: keys of the models that are to see it, `None` for all.
    `stress`: how it was spoiled on purpose, `None` where it is as the source gave it.
    """

    bgr: Bgr
    index: int
    captured_at: float
    media_time: float | None = None
    path: str | None = None
    models: frozenset[str] | None = None
    stress: Stress | None = None

    def __post_init__(self) -> None:
        bgr = self.bgr
        if bgr.dtype != np.uint8 or bgr.ndim != 3 or bgr.shape[2] != 3 or not bgr.flags.c_contiguous:
            raise ValueError(f"a frame is uint8 (h, w, 3), C-contiguous; got {bgr.dtype} {bgr.shape}")
        bgr.flags.writeable = False

    @property
    def height(self) -> int:
        return int(self.bgr.shape[0])

    @property
    def width(self) -> int:
        return int(self.bgr.shape[1])
