"""Things with numbers that walk through a film, as the recogniser would tell it."""

from __future__ import annotations

import numpy as np

from desktop_app.core.results import Detections, Result, Timings
from tests.gui.conftest import Program
from tests.gui.fake_client import frame

FPS = 10


def walk(program: Program, index: int, *things: tuple[int, float, float], class_id: int = 0) -> None:
    """Frame `index` of 640×480 comes with its result: boxes of 20×40 that stand on (track, x, y)."""
    boxes = np.array([(x - 10, y - 40, x + 10, y) for _, x, y in things], np.float32).reshape(-1, 4)
    found = Detections(
        boxes,
        np.full(len(things), 0.9, np.float32),
        np.full(len(things), class_id, np.int64),
        np.array([track for track, _, _ in things], np.int64),
    )
    at, size = index / FPS, (640, 480)
    timings = Timings(1, 1, 1)
    program.client.push_result(
        Result(index, at, "yolov3-tiny", found, timings, "openvino", "CPU", "fp32", (416, 416), at, size)
    )
    program.client.frame = frame(index)
    program.tick()
