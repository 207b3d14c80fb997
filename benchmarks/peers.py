"""4. Peers on the same weights and the same file; classifiers are compared in `folder`."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from benchmarks import checkpoints, media
from benchmarks.contest import Contestant, Turn, alternate, enter_all, raw
from benchmarks.options import Options
from benchmarks.report import Row
from benchmarks.statistics import median, ratio

ONNX, TORCH, LOOP = "ultralytics with ONNX", "ultralytics with torch", "OpenCV + torch loop"
SAME = "Regard in fp32"
"""Regard takes bf16 where the processor has it, the peers do not: this tells what comes from that."""
LIMITS: dict[tuple[str, str], tuple[float, float]] = {
    ("yolov3-tiny", ONNX): (1.8, 2.0),
    ("yolo26n", ONNX): (1.8, 2.0),
    ("yolo26n", TORCH): (1.3, 2.0),
}


def contestants(key: str) -> list[tuple[str, Contestant]]:
    side = str(max(checkpoints.SIDES[key]))
    found = [
        ("regard", Contestant("regard_pipeline", "--models", key)),
        (SAME, Contestant("regard_pipeline", "--models", key, "--precision", "fp32")),
        (ONNX, Contestant("ultralytics_predict", "--weights", str(checkpoints.onnx_file(key)), "--side", side)),
        (LOOP, Contestant("opencv_torch", "--model", key)),
    ]
    if key == "yolo26n":  # the other one is no checkpoint of Ultralytics
        weights = str(checkpoints.checkpoint(key))
        found.insert(3, (TORCH, Contestant("ultralytics_predict", "--weights", weights, "--side", side)))
    return found


def measure(options: Options) -> tuple[list[Row], dict[str, Any]]:
    checkpoints.ensure("yolov3-tiny", "yolo26n")
    video = str(media.video("720p", options.frames // 2))
    rows: list[Row] = []
    figures = {}
    for key in ("yolov3-tiny", "yolo26n"):
        with ExitStack() as stack:
            running, failed = enter_all(stack, contestants(key))
            for contestant in running.values():  # everybody is warm before the first round
                contestant.go(source=str(media.video("720p", 30)), skip=0)
            turns = [Turn(name, contestant, {"source": video}) for name, contestant in running.items()]
            alternate(turns, options.rounds)
        ours = turns[0]
        for turn in turns[1:]:
            must, aim = LIMITS.get((key, turn.name), (None, None))
            value = ratio(ours.values(), turn.values())
            note = f"{median(turn.values()):.1f} frames/s, {median(turn.values('boxes')):.1f} boxes a frame"
            rows.append(Row(f"{key}, file ÷ {turn.name}", value, must=must, aim=aim, note=note))
        for name, reason in failed.items():
            must, aim = LIMITS.get((key, name), (None, None))
            rows.append(Row(f"{key}, file ÷ {name}", None, must=must, aim=aim, note=reason))
        note = f"{median(ours.values('boxes')):.1f} boxes a frame, {ours.answers[-1]['precision']}"
        rows.append(Row(f"{key}, file", median(ours.values()), "frames/s", note=note))
        figures[key] = raw(turns)
    return rows, figures
