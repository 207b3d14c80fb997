"""How a frame becomes the input of a network: each step with the array that the next one was made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Triple = tuple[float, float, float]
Fit = Literal["cut", "letterbox"]
"""What does not fit the input is cut off, or the frame is made to fit and the rest is grey."""


@dataclass(frozen=True, slots=True, eq=False)
class Scaled:
    """What a model made of a frame. `tensor`: uint8 (1, h, w, 3), as `Model.preprocess` gives it.

    `resized`: the whole frame, scaled, uint8 (h, w, 3) in red-green-blue, of which `tensor` is a part (cut) or which
    is a part of `tensor` (letterbox); `None` where it would be too large and only the part was computed. `size`: its
    width and height. `corner`: column and row in `resized` of the first pixel of `tensor`; negative in a letterbox.
    `side`: to what the shorter side (cut) or the longer side (letterbox) was scaled.
    """

    tensor: Bytes
    resized: Bytes | None
    size: tuple[int, int]
    corner: tuple[int, int]
    fit: Fit
    interpolation: str
    side: int


@dataclass(frozen=True, slots=True)
class Answer:
    """One class, or one box, of an answer. `value`: probability or confidence; `logit` of classifiers only."""

    class_id: int
    value: float
    logit: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class InputSteps:
    """Of one frame. All pixels are uint8 (h, w, 3) in red-green-blue.

    `frame`: the frame itself where `whole` is true, else a smaller copy to be looked at. `under`: of each pixel of the
    input the pixel of the frame under its middle, or its nearest one where the letterbox reaches beyond. `low`, `high`:
    the range of the frame. `resized`, `size`, `corner`, `fit`, `interpolation`, `side`: see `Scaled`. `mean`, `std`: of
    values in 0 … 1, in the order of the network's channels. `answers`: what the network says of the input, the surest
    first; `swapped`: what it says where red and blue change places before normalisation, empty where nobody asked.
    """

    frame: Bytes
    whole: bool
    frame_size: tuple[int, int]
    low: int
    high: int
    under: Bytes
    resized: Bytes | None
    size: tuple[int, int]
    corner: tuple[int, int]
    fit: Fit
    interpolation: str
    side: int
    mean: Triple
    std: Triple
    answers: tuple[Answer, ...] = ()
    swapped: tuple[Answer, ...] = ()
