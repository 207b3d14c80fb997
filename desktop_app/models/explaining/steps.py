"""The input of a network step by step, from the arrays that were inferred."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.explain import Region
from desktop_app.core.frame import Bgr
from desktop_app.core.input_steps import Answer, InputSteps, Scaled, Triple
from desktop_app.core.results import Classification, Prediction

SHOWN = 640
"""Longest side of the copy of a frame that is only looked at."""
SMALL = 1280 * 720
"""Frames of so many pixels travel whole in any case."""
LARGE = 24_000_000
"""Frames of more never do: it would be a hundred megabytes for each look."""
ANSWERS = 5


def answers_of(prediction: Prediction) -> tuple[Answer, ...]:
    if isinstance(prediction, Classification):
        return tuple(
            Answer(class_id, float(prediction.probabilities[class_id]), float(prediction.logits[class_id]))
            for class_id in prediction.top(ANSWERS)
        )
    surest = np.argsort(-prediction.confidence, kind="stable")[:ANSWERS]
    return tuple(Answer(int(prediction.class_id[row]), float(prediction.confidence[row])) for row in surest)


def pixels_under(bgr: Bgr, region: Region, width: int, height: int) -> NDArray[np.uint8]:
    """See `InputSteps.under`; `width`, `height`: of the input."""
    columns = np.floor(region.x0 + (np.arange(width) + 0.5) * region.scale_x).astype(np.int64)
    rows = np.floor(region.y0 + (np.arange(height) + 0.5) * region.scale_y).astype(np.int64)
    columns, rows = columns.clip(0, bgr.shape[1] - 1), rows.clip(0, bgr.shape[0] - 1)
    return np.ascontiguousarray(bgr[rows[:, None], columns[None, :], ::-1])


def steps_of(
    bgr: Bgr,
    scaled: Scaled,
    region: Region,
    normalisation: tuple[Triple, Triple],
    prediction: Prediction,
    *,
    whole: bool,
    swap: Callable[[], Prediction] | None,
) -> InputSteps:
    """`bgr`: the frame that was looked at. `normalisation`: mean and std. `swap`: asks the network about the same input
    with red and blue exchanged, where that is wanted."""
    height, width = scaled.tensor.shape[1:3]
    pixels = bgr.shape[0] * bgr.shape[1]
    whole = pixels <= (LARGE if whole else SMALL)
    return InputSteps(
        np.ascontiguousarray((bgr if whole else _small(bgr))[:, :, ::-1]),
        whole,
        (bgr.shape[1], bgr.shape[0]),
        int(bgr.min()),
        int(bgr.max()),
        pixels_under(bgr, region, width, height),
        scaled.resized,
        scaled.size,
        scaled.corner,
        scaled.fit,
        scaled.interpolation,
        scaled.side,
        *normalisation,
        answers_of(prediction),
        answers_of(swap()) if swap is not None else (),
    )


def _small(bgr: Bgr) -> NDArray[np.uint8]:
    import cv2

    scale = SHOWN / max(bgr.shape[:2])
    size = (max(1, round(bgr.shape[1] * scale)), max(1, round(bgr.shape[0] * scale)))
    return np.asarray(cv2.resize(bgr, size, interpolation=cv2.INTER_AREA), np.uint8)
