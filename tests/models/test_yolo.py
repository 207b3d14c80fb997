"""Ultralytics' networks against Ultralytics itself, and their arithmetic against what it is taken from."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from desktop_app.core.model import ModelInfo, Outputs, Pending, Placement, Precision, Thresholds, Tuning, predict
from desktop_app.core.results import Detections
from desktop_app.core.scores import sigmoid
from desktop_app.errors import ModelLoadFailed
from desktop_app.models.boxes import Letterbox, suppress
from desktop_app.models.catalog import find
from desktop_app.models.loading import load_model
from desktop_app.models.yolo import Detector
from desktop_app.paths import models_dir

Boxes = NDArray[np.float32]
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory, bus: Path, zidane: Path) -> Path:
    """Checkpoints, and what Ultralytics says with them; see `reference_yolo`."""
    folder = tmp_path_factory.mktemp("reference")
    quiet = {"YOLO_OFFLINE": "1", "YOLO_AUTOINSTALL": "0", "YOLO_VERBOSE": "0", "YOLO_CONFIG_DIR": str(folder)}
    command = [sys.executable, "-m", "tests.models.reference_yolo", str(folder), str(bus), str(zidane)]
    subprocess.run(command, env={**os.environ, **quiet}, check=True, cwd=ROOT, capture_output=True)
    return folder


def frames(*paths: Path) -> list[NDArray[np.uint8]]:
    return [np.ascontiguousarray(cv2.imread(str(path)), np.uint8) for path in paths]


def assert_same(found: Detections, xyxy: Boxes, confidence: Boxes, class_id: NDArray[np.int64], exact: bool) -> None:
    """Each box has one of its own on the other side; equal confidences may come in another order."""
    assert len(found) == len(xyxy)
    assert (np.diff(found.confidence) <= 0).all()
    free = np.ones(len(xyxy), bool)
    for box, surety, label in zip(found.xyxy, found.confidence, found.class_id, strict=True):
        far = np.abs(xyxy - box).max(axis=1) + 1e6 * ~free + 1e6 * (class_id != label)
        nearest = int(far.argmin())
        assert far[nearest] <= (0.02 if exact else 0.5)
        assert abs(confidence[nearest] - surety) <= (1e-4 if exact else 1e-3)
        free[nearest] = False


@pytest.mark.torch
@pytest.mark.parametrize("engine", ["torch", "openvino"])
@pytest.mark.parametrize("key", ["yolo26n", "yolo11n", "yolov8n"])
def test_the_same_boxes_as_ultralytics(key: str, engine: Any, reference: Path, bus: Path, zidane: Path) -> None:
    (models_dir() / f"{key}.pt").write_bytes((reference / f"{key}.pt").read_bytes())
    told: Mapping[str, Any] = np.load(reference / f"{key}.npz")
    few = tuple(np.unique(told["class0"])[:3].tolist())
    model = load_model(find(key), Placement(engine=engine, device="cpu"))
    assert (model.engine, model.precision) == (engine, "fp32")
    assert model.names[:2] == ("person", "bicycle")
    for index, frame in enumerate(frames(bus, zidane)):
        prediction, outputs, _ = predict(model, frame, Thresholds())
        narrowed = model.postprocess(outputs, frame.shape, Thresholds(classes=few))
        for detections, suffix in ((prediction, ""), (narrowed, "few")):
            assert isinstance(detections, Detections)
            want = [told[f"{name}{index}{suffix}"] for name in ("xyxy", "confidence", "class")]
            assert index or len(want[0]) >= (50 if not suffix else 3)
            assert_same(detections, want[0], want[1], want[2], exact=engine == "torch")


def _boxes(rng: np.random.Generator, count: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """With many that are equally sure, some without area, and half the time classes that are moved apart."""
    corner = rng.uniform(0, 400, (count, 2))
    boxes = np.concatenate([corner, corner + rng.uniform(0, 120, (count, 2))], 1).astype(np.float32)
    boxes[::9, 2:] = boxes[::9, :2]
    boxes[1::9] = boxes[::9][: len(boxes[1::9])]
    boxes += (rng.integers(0, 80, (count, 1)) * 7680).astype(np.float32) * rng.integers(0, 2)
    return boxes, (rng.integers(1, 60, count) / 60).astype(np.float32)


@pytest.mark.torch
@pytest.mark.parametrize("count", [1, 2, 9, 40, 128, 129, 500])
def test_suppression_equals_torchvision(count: int) -> None:
    import torch
    from torchvision.ops import nms

    rng = np.random.default_rng(0)
    for iou in (0.3, 0.45, 0.7):
        for _ in range(20):
            boxes, confidence = _boxes(rng, count)
            told = nms(torch.from_numpy(boxes), torch.from_numpy(confidence), iou).numpy()
            assert suppress(boxes, confidence, iou, 500).tolist() == told.tolist()
            assert suppress(boxes, confidence, iou, 7).tolist() == told[:7].tolist()


def test_few_boxes_are_suppressed_as_many_are(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    for count in (*range(20), 128):
        boxes, confidence = _boxes(rng, count)
        few = suppress(boxes, confidence, 0.5, 300).tolist()
        with monkeypatch.context() as patch:
            patch.setattr("desktop_app.models.boxes._FEW", -1)
            assert suppress(boxes, confidence, 0.5, 300).tolist() == few


def test_suppression_of_nothing_and_of_boxes_without_area() -> None:
    none = np.zeros((0, 4), np.float32)
    assert suppress(none, none[:, 0], 0.7, 300).tolist() == []
    flat = np.zeros((3, 4), np.float32)
    assert suppress(flat, np.array([0.1, 0.3, 0.2], np.float32), 0.7, 300).tolist() == [1, 2, 0]


_LETTERBOX = """
import sys
import numpy as np
from ultralytics.data.augment import LetterBox
from ultralytics.utils.ops import scale_boxes

rng = np.random.default_rng(0)
pictures, boxes = {}, rng.uniform(-20, 660, (50, 4)).astype(np.float32)
for i in range(60):
    h, w = ((1, 300), (300, 1), (640, 640), (720, 1280))[i] if i < 4 else rng.integers(1, 1400, 2)
    frame = rng.integers(0, 256, (h, w, 3), np.uint8)
    for auto in (True, False):
        boxed = LetterBox((640, 640), auto=auto, stride=32)(image=frame)
        pictures[f"{i}-{auto}"] = boxed[::9, ::9]
        pictures[f"{i}-{auto}-shape"] = np.array(boxed.shape)
        pictures[f"{i}-{auto}-boxes"] = scale_boxes(boxed.shape[:2], boxes.copy(), (h, w))
np.savez(sys.argv[1], **pictures)
"""


@pytest.mark.torch
def test_letterbox_equals_that_of_ultralytics(tmp_path: Path) -> None:
    quiet = {"YOLO_OFFLINE": "1", "YOLO_AUTOINSTALL": "0", "YOLO_VERBOSE": "0", "YOLO_CONFIG_DIR": str(tmp_path)}
    command = [sys.executable, "-c", _LETTERBOX, str(tmp_path / "told.npz")]
    subprocess.run(command, env={**os.environ, **quiet}, check=True, capture_output=True)
    told = np.load(tmp_path / "told.npz")
    rng = np.random.default_rng(0)
    boxes = rng.uniform(-20, 660, (50, 4)).astype(np.float32)
    for i in range(60):
        h, w = ((1, 300), (300, 1), (640, 640), (720, 1280))[i] if i < 4 else rng.integers(1, 1400, 2)
        frame = rng.integers(0, 256, (h, w, 3), np.uint8)
        for auto in (True, False):
            box = Letterbox.fit(frame.shape, 640, 640, 32 if auto else None)
            canvas = box.canvas()
            box.fill(canvas, frame)
            mine = canvas[0]
            assert mine.shape == tuple(told[f"{i}-{auto}-shape"]), (h, w)
            assert np.array_equal(mine[::9, ::9, ::-1], told[f"{i}-{auto}"]), (h, w)
            assert np.abs(box.undo(boxes) - told[f"{i}-{auto}-boxes"]).max() <= 1e-3, (h, w)


class _FixedRunner:
    engine, device, precision = "none", "CPU", "fp32"
    facts: Mapping[str, int] = {}
    fixed_shape = input_shape = (320, 640)
    takes_any_size, depth = False, 1

    def tune(self, tuning: Tuning) -> None:
        pass

    def warm(self, tuning: Tuning, shape: tuple[int, int]) -> None:
        pass

    def live_precisions(self) -> tuple[Precision, ...]:
        return ("auto",)

    def submit(self, tensor: NDArray[np.uint8]) -> Pending:
        raise AssertionError


def _fixed() -> Detector:
    info = ModelInfo("mine", "Mine", "detect", "yolo", 640, "", "file", "mine.onnx")
    return Detector(info, ("a", "b"), _FixedRunner())


def test_a_network_of_one_shape_gets_it() -> None:
    assert _fixed().preprocess(np.zeros((480, 640, 3), np.uint8)).shape == (1, 320, 640, 3)


def test_a_network_that_suppresses_itself_is_only_filtered() -> None:
    """(1, n, 6): left, top, right, bottom, confidence, class; two boxes of one class may overlap."""
    rows = np.array(
        [[10, 10, 50, 50, 0.9, 1], [11, 10, 50, 50, 0.8, 1], [0, 0, 700, 400, 0.7, 0], [5, 5, 6, 6, 0.25, 0]],
        np.float32,
    )
    strange = np.array([[1, 1, 9, 9, 0.6, 2]], np.float32)  # of a class without a name
    rows = np.concatenate([rows, strange])
    model = _fixed()
    shape = (160, 320, 3)
    everything = model.postprocess((rows[None],), shape, Thresholds())
    assert everything.xyxy.tolist() == [[5, 5, 25, 25], [5.5, 5, 25, 25], [0, 0, 320, 160]]
    assert everything.class_id.tolist() == [1, 1, 0]
    assert model.postprocess((rows[None],), shape, Thresholds(classes=(0,), confidence=0.1)).confidence.tolist() == [
        np.float32(0.7),
        0.25,
    ]
    assert len(model.postprocess((rows[None],), shape, Thresholds(max_boxes=1))) == 1


def _table(*rows: tuple[float, ...]) -> Outputs:
    return (np.array(rows, np.float32).T[None],)


def test_logits_apart_give_the_boxes_of_the_table() -> None:
    rng = np.random.default_rng(0)
    logits: NDArray[np.float32] = rng.normal(-3, 2, (1, 60, 80)).astype(np.float32)
    boxes = rng.uniform(20, 300, (1, 4, 60)).astype(np.float32)
    sure = sigmoid(logits).transpose(0, 2, 1)
    table = np.concatenate([boxes, sure], 1)
    model, shape = _fixed(), (320, 640, 3)
    assert model.classes_of((boxes, sure.max(1), logits)) == model.classes_of((table,)) == 80
    for thresholds in (Thresholds(), Thresholds(0.01), Thresholds(0.3, 0.2, tuple(range(40))), Thresholds(1.0)):
        told = model.postprocess((table, sure.max(1)), shape, thresholds)
        found = model.postprocess((boxes, sure.max(1), logits), shape, thresholds)
        assert len(told) > 0 or thresholds.confidence == 1
        for name in ("xyxy", "confidence", "class_id"):
            assert np.array_equal(getattr(found, name), getattr(told, name))


def test_thresholds_act_on_outputs_that_are_there() -> None:
    outputs = _table((100, 100, 40, 40, 0.9, 0.1), (104, 100, 40, 40, 0.8, 0.0), (104, 100, 40, 40, 0.3, 0.7))
    model, shape = _fixed(), (320, 640, 3)
    assert model.postprocess(outputs, shape, Thresholds()).class_id.tolist() == [0, 1]
    assert len(model.postprocess(outputs, shape, Thresholds(iou=0.9))) == 3
    for nothing in (Thresholds(confidence=0.95), Thresholds(classes=(7,)), Thresholds(classes=())):
        found = model.postprocess(outputs, shape, nothing)
        assert found.xyxy.shape == (0, 4)
        assert [str(column.dtype) for column in (found.confidence, found.class_id)] == ["float32", "int64"]
    # The class filter comes before suppression, and looks at the best class of a box only.
    assert model.postprocess(outputs, shape, Thresholds(classes=(0,), iou=0.9)).confidence.tolist() == [
        np.float32(0.9),
        np.float32(0.8),
    ]


def test_outputs_that_are_no_boxes_are_refused() -> None:
    with pytest.raises(ModelLoadFailed, match="no list of boxes"):
        _fixed().classes_of((np.zeros((1, 1000), np.float32),))
