"""A peer: `predict(stream=True)` of Ultralytics, as its documentation shows it, with a checkpoint or an ONNX file."""

from __future__ import annotations

import argparse
import time
from typing import Any

from benchmarks.contestants.serving import serve, take_stdout
from benchmarks.statistics import steady_rate


def main() -> None:
    answers = take_stdout()
    parser = argparse.ArgumentParser()
    parser.add_argument("--weights", required=True)
    parser.add_argument("--side", type=int, required=True)
    options = parser.parse_args()
    from ultralytics import YOLO

    model = YOLO(options.weights, task="detect")

    def go(source: str, skip: int = 20) -> dict[str, Any]:
        stamps, boxes = [], 0
        for result in model.predict(source, stream=True, imgsz=options.side, conf=0.25, device="cpu", verbose=False):
            boxes += len(result.boxes)
            stamps.append(time.perf_counter())
        return {"rate": steady_rate(stamps, skip), "frames": len(stamps), "boxes": boxes / len(stamps)}

    serve(answers, {}, go)


if __name__ == "__main__":
    main()
