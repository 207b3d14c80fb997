"""A peer: the plain loop of many tutorials. OpenCV reads and letterboxes, torch infers, torchvision suppresses."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from benchmarks.checkpoints import SIDES, checkpoint
from benchmarks.contestants.serving import serve, take_stdout
from benchmarks.statistics import steady_rate

IOU = {"yolov3-tiny": 0.45, "yolo26n": 0.7}


def _network(key: str) -> Any:
    if key == "yolov3-tiny":
        from desktop_app.models.darknet import build_module

        folder: Path = checkpoint(key)
        return build_module(folder / "yolov3-tiny.cfg", folder / "yolov3-tiny.weights")
    import torch

    # Our own file, made by `benchmarks.making`.
    net = torch.load(checkpoint(key), weights_only=False, map_location="cpu")["model"].float().eval()
    return net.fuse(verbose=False)


def main() -> None:
    answers = take_stdout()
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    key = parser.parse_args().model
    import cv2
    import numpy as np
    import torch
    from torchvision.ops import batched_nms

    net = _network(key)
    height, width = SIDES[key]

    def letterbox(bgr: Any) -> Any:
        scale = min(height / bgr.shape[0], width / bgr.shape[1])
        inner = round(bgr.shape[1] * scale), round(bgr.shape[0] * scale)
        canvas = np.full((height, width, 3), 114, np.uint8)
        left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
        canvas[top : top + inner[1], left : left + inner[0]] = cv2.resize(bgr, inner)
        return canvas

    def boxes_of(raw: Any) -> int:
        """`raw`: (1, 4 + classes, n), boxes as centre and size."""
        confidence, classes = raw[0, 4:].max(0)
        keep = confidence > 0.25
        centre, half = raw[0, :2, keep].T, raw[0, 2:4, keep].T / 2
        corners = torch.cat([centre - half, centre + half], 1)
        return len(batched_nms(corners, confidence[keep], classes[keep], IOU[key]))

    @torch.inference_mode()
    def go(source: str, skip: int = 20) -> dict[str, Any]:
        capture = cv2.VideoCapture(source)
        stamps, boxes = [], 0
        while True:
            read, bgr = capture.read()
            if not read:
                break
            rgb = np.ascontiguousarray(letterbox(bgr)[..., ::-1].transpose(2, 0, 1))
            raw = net(torch.from_numpy(rgb)[None].float() / 255)
            boxes += boxes_of(raw[0] if isinstance(raw, tuple) else raw)
            stamps.append(time.perf_counter())
        capture.release()
        return {"rate": steady_rate(stamps, skip), "frames": len(stamps), "boxes": boxes / len(stamps)}

    serve(answers, {}, go)


if __name__ == "__main__":
    main()
