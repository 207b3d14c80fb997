"""How far two networks say the same of the same frames: the full one and its int8 copy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.overlap import overlaps
from desktop_app.core.results import Classification, Detections, Prediction
from desktop_app.core.turbo import Agreement

SAME_BOX = 0.5
"""IoU from which two boxes are of the same thing, as in the mAP 50 of COCO."""


def match(full: Detections, quick: Detections) -> list[tuple[int, int, float]]:
    """Rows of the two that are of the same thing, and their IoU: pairs of one class, closest first, each box once."""
    close = overlaps(full.xyxy, quick.xyxy)
    close[full.class_id[:, None] != quick.class_id[None, :]] = 0
    pairs: list[tuple[int, int, float]] = []
    taken: NDArray[np.bool_] = np.zeros(close.shape, np.bool_)
    for flat in np.argsort(-close, axis=None, kind="stable"):
        row, column = divmod(int(flat), close.shape[1])
        if close[row, column] < SAME_BOX:
            break
        if not taken[row, column]:
            pairs.append((row, column, float(close[row, column])))
            taken[row, :] = taken[:, column] = True
    return pairs


def of_detections(pairs: Sequence[tuple[Detections, Detections]]) -> Agreement:
    """`pairs`: what the full network and the other say of each frame."""
    overlap: list[float] = []
    shift: list[float] = []
    boxes = others = 0
    for full, quick in pairs:
        boxes, others = boxes + len(full), others + len(quick)
        for row, column, iou in match(full, quick):
            overlap.append(iou)
            shift.append(abs(float(full.confidence[row]) - float(quick.confidence[column])))
    share = 2 * len(overlap) / (boxes + others) if boxes + others else None
    if not overlap:
        return Agreement(len(pairs), share, None, None, boxes)
    return Agreement(len(pairs), share, float(np.mean(shift)), float(np.mean(overlap)), boxes)


def of_classifications(pairs: Sequence[tuple[Classification, Classification]]) -> Agreement:
    """`pairs`: what the full network and the other say of each frame."""
    if not pairs:
        return Agreement(0, None, None)
    tops = [full.top(1)[0] for full, _ in pairs]
    same = [quick.top(1)[0] == top for (_, quick), top in zip(pairs, tops, strict=True)]
    shift = [
        abs(float(full.probabilities[top]) - float(quick.probabilities[top]))
        for (full, quick), top in zip(pairs, tops, strict=True)
    ]
    return Agreement(len(pairs), float(np.mean(same)), float(np.mean(shift)))


def agreement(pairs: Sequence[tuple[Prediction, Prediction]]) -> Agreement:
    """Of predictions of one kind."""
    found = [(full, quick) for full, quick in pairs if isinstance(full, Detections) and isinstance(quick, Detections)]
    if found:
        return of_detections(found)
    named = [(a, b) for a, b in pairs if isinstance(a, Classification) and isinstance(b, Classification)]
    return of_classifications(named)
