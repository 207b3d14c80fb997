"""Boxes that move, hide, flicker and cross, as a detector would find them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from desktop_app.core.frame import Bgr, Frame
from desktop_app.core.results import Detections

SIZE = (640, 480)


def detections(seed: int, things: int, frames: int, noise: float = 2.0, missed: float = 0.1) -> Iterator[Detections]:
    """`things` that walk about and turn at the edges; each is missed or unsure now and then, some are false."""
    rng = np.random.default_rng(seed)
    place = rng.uniform((0, 0), SIZE, (things, 2))
    speed = rng.normal(0, 3, (things, 2))
    size = rng.uniform((20, 40), (60, 120), (things, 2))
    for _ in range(frames):
        place += speed
        speed = np.where((place < 0) | (place > SIZE), -speed, speed)
        seen = rng.random(things) > missed
        centre = place[seen] + rng.normal(0, noise, (seen.sum(), 2))
        sides = size[seen] * rng.normal(1, 0.02, (seen.sum(), 2))
        false = rng.uniform((0, 0, 20, 20), (*SIZE, 60, 90), (rng.poisson(1), 4))
        boxes = np.concatenate([np.concatenate([centre, sides], 1), false])
        sure = rng.beta(4, 2, len(boxes))
        order = np.argsort(-sure)
        boxes, sure = boxes[order], sure[order]
        xyxy = np.concatenate([boxes[:, :2] - boxes[:, 2:] / 2, boxes[:, :2] + boxes[:, 2:] / 2], 1)
        xyxy = np.clip(xyxy, 0, [*SIZE, *SIZE])
        yield Detections(xyxy.astype(np.float32), sure.astype(np.float32), np.zeros(len(sure), np.int64))


def frame(index: int, at: float | None = None, bgr: Bgr | None = None) -> Frame:
    pixels = np.zeros((4, 4, 3), np.uint8) if bgr is None else bgr
    return Frame(pixels, index, index / 30 if at is None else at)
