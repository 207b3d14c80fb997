"""A frame as the screen needs it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Bgrx = NDArray[np.uint8]
"""Pixels as they are painted: uint8, (height, width, 4), blue-green-red and 255, C-contiguous."""


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Picture:
    """`width` and `height` are those of the frame, in whose pixels boxes are told; `pixels` may be smaller.

    `pixels` lie in a buffer that is used again when the picture is gone: keep the picture, not its pixels.
    `number` names it to the recogniser. `index`, `captured_at`, `media_time`: see `Frame`.
    """

    pixels: Bgrx
    width: int
    height: int
    index: int
    captured_at: float
    media_time: float | None = None
    number: int = 0

    @property
    def whole(self) -> bool:
        """Every pixel of the frame is there."""
        return self.pixels.shape[:2] == (self.height, self.width)


def fitted(width: int, height: int, room: tuple[int, int]) -> tuple[int, int]:
    """Width and height of a frame that is made smaller to fit into `room`; a smaller one stays as it is."""
    scale = min(1.0, room[0] / width, room[1] / height)
    return max(1, round(width * scale)), max(1, round(height * scale))
