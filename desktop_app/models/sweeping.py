"""What of a clean picture is found again in a spoiled one."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from desktop_app.core.model import Thresholds
from desktop_app.core.overlap import overlaps
from desktop_app.core.results import Classification, Detections, Prediction
from desktop_app.core.stress import Stress, moved
from desktop_app.core.sweep import NOTHING, Answer, Subject
from desktop_app.errors import AppError
from desktop_app.i18n import tr
from desktop_app.models.agreement import SAME_BOX, match

WEAKEST = 0.01
"""Boxes down to this confidence are looked at, so that a curve does not break off at the threshold."""
MOST = 12
"""Boxes that are followed, the surest first."""


@dataclass(frozen=True, slots=True, eq=False)
class Clean:
    """`size`: (width, height) of the frame. `boxes`: those above the threshold; `None` of a classifier."""

    subjects: tuple[Subject, ...]
    thresholds: Thresholds
    size: tuple[int, int]
    boxes: Detections | None = None

    @staticmethod
    def of(prediction: Prediction, thresholds: Thresholds, size: tuple[int, int]) -> Clean:
        """Raises `AppError` where nothing was found."""
        if isinstance(prediction, Classification):
            first = prediction.top(1)[0]
            return Clean((Subject(first, float(prediction.probabilities[first])),), thresholds, size)
        boxes = prediction.pick(prediction.confidence >= thresholds.confidence)
        if not len(boxes):
            raise AppError(
                tr("Nothing is found in this picture."),
                tr("Point the camera at something that is recognised, or lower the confidence."),
            )
        subjects = [
            Subject(int(kind), float(confidence), (float(box[0]), float(box[1]), float(box[2]), float(box[3])))
            for kind, confidence, box in zip(
                boxes.class_id[:MOST], boxes.confidence[:MOST], boxes.xyxy[:MOST], strict=True
            )
        ]
        return Clean(tuple(subjects), thresholds, size, boxes)

    def answer(self, found: Prediction, stress: Stress, strength: float) -> Answer:
        if isinstance(found, Classification):
            now = found.top(1)[0]
            held = float(found.probabilities[self.subjects[0].class_id])
            return Answer(strength, (held,), (now,), (float(found.probabilities[now]),))
        assert self.boxes is not None
        expected = replace(self.boxes, xyxy=moved(self.boxes.xyxy, stress, *self.size))
        there = overlaps(expected.xyxy[: len(self.subjects)], found.xyxy) >= SAME_BOX
        held_all, now_all, sure_all = [], [], []
        for subject, here in zip(self.subjects, there, strict=True):
            same = here & (found.class_id == subject.class_id)
            held_all.append(float(found.confidence[same].max(initial=0.0)))
            visible = found.confidence >= self.thresholds.confidence
            # Another box may stand there too, and did on the clean picture: its own class comes first.
            shown = np.flatnonzero(same & visible)
            if not len(shown):
                shown = np.flatnonzero(here & visible)
            best = int(shown[found.confidence[shown].argmax()]) if len(shown) else None
            now_all.append(NOTHING if best is None else int(found.class_id[best]))
            sure_all.append(0.0 if best is None else float(found.confidence[best]))
        shown_boxes = found.pick(found.confidence >= self.thresholds.confidence)
        pairs = len(match(expected, shown_boxes)) if len(shown_boxes) else 0
        f1 = 2 * pairs / (len(expected) + len(shown_boxes))
        return Answer(strength, tuple(held_all), tuple(now_all), tuple(sure_all), f1)
