"""Paints a 720p frame with many boxes in the widget that shows the picture, and nothing else."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from PySide6.QtWidgets import QApplication

from benchmarks.contestants.serving import serve, take_stdout
from benchmarks.statistics import median, percentile
from desktop_app.core.picture import Picture
from desktop_app.core.results import Detections, Result, Timings
from desktop_app.gui.theme import theme
from desktop_app.gui.video_view import VideoView
from desktop_app.models.catalog import class_names, find

SIZE = (1440, 810)


def detections(count: int, generator: np.random.Generator) -> Detections:
    """Boxes of all sizes all over a 720p frame, of all classes."""
    centre = generator.uniform((0, 0), (1280, 720), (count, 2))
    half = generator.uniform(10, 120, (count, 2))
    xyxy = np.concatenate([centre - half, centre + half], 1).astype(np.float32)
    confidence = np.sort(generator.uniform(0.25, 1, count).astype(np.float32))[::-1].copy()
    return Detections(xyxy, confidence, generator.integers(0, 80, count))


def main() -> None:
    answers = take_stdout()
    app = QApplication([])
    theme().apply(app, "dark", 1.0)
    view = VideoView()
    view.resize(*SIZE)
    view.show()
    app.processEvents()
    generator = np.random.default_rng(0)
    names = {"yolov3-tiny": class_names(find("yolov3-tiny"))}
    pixels = [generator.integers(0, 255, (720, 1280, 4), np.uint8) for _ in range(4)]
    for one in pixels:
        one[..., 3] = 255

    def go(count: int, times: int) -> dict[str, Any]:
        """Milliseconds from a new frame with new results until both are painted."""
        took = []
        for number in range(times):
            frame = Picture(pixels[number % len(pixels)], 1280, 720, number, 0.0)
            result = Result(number, 0.0, "yolov3-tiny", detections(count, generator), Timings(0, 0, 0), "", "")
            begun = time.perf_counter()
            view.set_frame(frame)
            view.set_results([result], names)
            view.repaint()
            took.append((time.perf_counter() - begun) * 1e3)
            app.processEvents()
        return {"ms": median(took), "p95": percentile(took, 95)}

    serve(answers, {}, go)


if __name__ == "__main__":
    main()
