"""One frame that was looked at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.explain import Region
from desktop_app.core.input_steps import Scaled
from desktop_app.core.results import Prediction
from desktop_app.models.explaining.inside import Seen

Box = tuple[float, float, float, float]


@dataclass(slots=True, eq=False)
class Looked:
    """`tensor`: uint8 (1, h, w, 3), red-green-blue; `frame_shape`: (h, w, 3)."""

    seen: Seen
    tensor: NDArray[np.uint8]
    prediction: Prediction
    region: Region
    frame_shape: tuple[int, ...]
    milliseconds: float
    scaled: Scaled | None = None
    """Where `Look.at` was asked for the steps."""
