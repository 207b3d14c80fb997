"""Makes the ONNX files that peers take. Run by `benchmarks.checkpoints` in a process of its own."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.checkpoints import SIDES, checkpoint


def export_onnx(key: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        made = _export_darknet(Path(folder)) if key == "yolov3-tiny" else _export_ultralytics(key, Path(folder))
        shutil.move(made, target)


def _export_ultralytics(key: str, folder: Path) -> Path:
    from ultralytics import YOLO

    copy = folder / f"{key}.pt"
    shutil.copyfile(checkpoint(key), copy)
    return Path(YOLO(copy).export(format="onnx", imgsz=SIDES[key], simplify=False))


def _export_darknet(folder: Path) -> Path:
    """The starter model with what ultralytics wants to know of a network."""
    import onnx
    import torch

    from desktop_app.models.catalog import class_names, find
    from desktop_app.models.darknet import build_module

    weights = checkpoint("yolov3-tiny")
    net = build_module(weights / "yolov3-tiny.cfg", weights / "yolov3-tiny.weights")
    path = folder / "yolov3-tiny.onnx"
    blank = torch.zeros(1, 3, 416, 416)
    torch.onnx.export(
        net, (blank,), str(path), input_names=["images"], output_names=["output0"], dynamo=False, opset_version=17
    )
    model = onnx.load(str(path))
    labels = dict(enumerate(class_names(find("yolov3-tiny"))))
    facts = {"task": "detect", "stride": "32", "imgsz": "[416, 416]", "batch": "1", "names": str(labels)}
    onnx.helper.set_model_props(model, facts)
    onnx.save(model, str(path))
    return path


if __name__ == "__main__":
    export_onnx(sys.argv[1], Path(sys.argv[2]))
