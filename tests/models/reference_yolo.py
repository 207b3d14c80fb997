"""Run in a process of its own: networks of Ultralytics with random weights, and what `predict` says of pictures.

    python -m tests.models.reference_yolo FOLDER PICTURE…

Writes `<key>.pt` and `<key>.npz` (xyxy0, confidence0, class0 of the first picture, and so on; with the suffix "few"
for the first three classes of the first picture only) into the folder.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

KEYS = ("yolo26n", "yolo11n", "yolov8n")
BOXES = 80


def spread(model: Any, tensor: Any) -> None:
    """Random weights whose answer depends on the picture: each layer is normalised by what the picture makes of it."""
    layers = [layer for layer in model.modules() if isinstance(layer, torch.nn.BatchNorm2d)]
    for layer in layers:
        layer.momentum = 1.0
        layer.bias.data.normal_(0, 0.3)
    with torch.no_grad():
        model.train()(tensor)
    for layer in layers:
        layer.momentum = 0.03
    for boxes in model.eval().model[-1].cv2:
        boxes[-1].bias.data.uniform_(1, 3)


def normalise(model: Any, tensor: Any) -> None:
    """Logits that vary over the picture alike for each class, and about `BOXES` cells above a confidence of 0.25."""
    lasts = [classes[-1] for classes in model.model[-1].cv3]
    with torch.no_grad():
        starts = np.cumsum([0, 80 * 60, 40 * 30, 20 * 15])
        logits = model(tensor)[0][0, 4:].double().clamp(1e-12, 1 - 1e-12).logit()
        for last, start, stop in zip(lasts, starts, starts[1:], strict=False):
            mean, std = logits[:, start:stop].mean(1).float(), logits[:, start:stop].std(1).float()
            last.weight.data /= std[:, None, None, None]
            last.bias.data = (last.bias.data - mean) / std
        best = model(tensor)[0][0, 4:].amax(0).logit().sort(descending=True).values
        for last in lasts:
            last.bias.data += torch.logit(torch.tensor(0.25)) - best[BOXES]


def main(folder: Path, pictures: list[Path]) -> None:
    from ultralytics import YOLO
    from ultralytics.nn.tasks import DetectionModel

    frames = [cv2.imread(str(path)) for path in pictures]
    small = cv2.resize(frames[0], (480, 640))[:, :, ::-1].copy()
    tensor = torch.from_numpy(small).permute(2, 0, 1)[None] / 255
    for key in KEYS:
        torch.manual_seed(3)
        model = DetectionModel(f"{key}.yaml", verbose=False).eval()
        spread(model, tensor)
        normalise(model, tensor)
        model.names = {i: f"thing {i}" for i in range(80)}
        path = folder / f"{key}.pt"
        torch.save({"model": model.half(), "train_args": {"task": "detect", "imgsz": 640}}, path)
        found: dict[str, Any] = {}
        for index, frame in enumerate(frames):
            for suffix in ("", "few"):
                classes = np.unique(found["class0"])[:3].tolist() if suffix else None
                boxes = YOLO(path).predict(frame, verbose=False, device="cpu", classes=classes)[0].boxes
                found[f"xyxy{index}{suffix}"] = boxes.xyxy.numpy()
                found[f"confidence{index}{suffix}"] = boxes.conf.numpy()
                found[f"class{index}{suffix}"] = boxes.cls.numpy().astype(np.int64)
        np.savez(folder / f"{key}.npz", **found)


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(argument) for argument in sys.argv[2:]])
