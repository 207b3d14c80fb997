from __future__ import annotations

import dataclasses
import json
import threading
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from desktop_app.core.model import Model, ModelInfo, Outputs, Placement, Thresholds, predict
from desktop_app.core.progress import Progress
from desktop_app.core.results import Classification, Detections
from desktop_app.errors import ModelError, ModelLoadFailed, UntrustedWeights, WeightsDamaged, WeightsUnavailable
from desktop_app.models import store
from desktop_app.models.catalog import STARTERS, all_models, find
from desktop_app.models.loading import FAMILIES, load_model, prepare
from desktop_app.paths import cache_dir, models_dir

CPU = Placement(device="cpu")


def test_every_model_has_a_family() -> None:
    assert {info.family for info in all_models()} <= FAMILIES.keys()


def save_yolo(key: str, classes: int, names: dict[int, str]) -> ModelInfo:
    """A random network of Ultralytics in the model folder, as a file of the user."""
    import torch

    from desktop_app.models.checkpoints import _ultralytics_tasks

    tasks = _ultralytics_tasks()
    model = tasks.DetectionModel("yolov8n.yaml", nc=classes, verbose=False)
    model.names = names
    path = models_dir() / f"{key}.pt"
    torch.save({"model": model.half(), "train_args": {"task": "detect", "imgsz": 96}}, path)
    return ModelInfo(key, key, "detect", "yolo", 96, "", "file", path.name, sha256=store.sha256_of(path))


def remember(info: ModelInfo, names: list[str]) -> None:
    (models_dir() / "imported.json").write_text(json.dumps([dataclasses.asdict(info) | {"names": names}]))


@pytest.mark.torch
def test_a_detector_of_the_user(bus: Path) -> None:
    info = save_yolo("mine", 3, {0: "cat", 1: "dog", 2: "cow"})
    remember(info, ["cat", "\u202edog"])
    stages: list[Progress] = []
    model = load_model(find("mine"), CPU, stages.append)
    assert model.names == ("cat", "dog", "class 2")
    assert [p.stage for p in stages] == ["load", *["convert"] * 4, "ready"]
    assert {p.key for p in stages} == {"mine"}
    frame = np.ascontiguousarray(cv2.imread(str(bus)), np.uint8)
    found, _, _ = predict(model, frame, Thresholds(confidence=0.01))
    assert isinstance(found, Detections)
    assert found.xyxy.min(initial=0) >= 0
    stages.clear()
    load_model(find("mine"), CPU, stages.append)
    assert [p.stage for p in stages] == ["load", "ready"]


@pytest.mark.torch
def test_another_number_of_classes_than_the_data_set_has() -> None:
    own = save_yolo("yolov8n", 3, {0: "a", 1: "b", 2: "c"})
    info = dataclasses.replace(find("yolov8n"), sha256=own.sha256, origin="file")
    with pytest.raises(ModelLoadFailed, match="tell 3 classes apart, not the 80") as raised:
        load_model(info, CPU)
    assert "Import" in raised.value.hint


@pytest.mark.torch
def test_a_classifier_is_no_detector(made: Path) -> None:
    (models_dir() / "yolo11n.pt").write_bytes((made / "yolo11n-cls.pt").read_bytes())
    with pytest.raises(ModelLoadFailed, match="“classify”"):
        load_model(find("yolo11n"), CPU)


def onnx_file(path: Path, sides: tuple[Any, Any], outputs: list[int | str], channels: int = 3) -> str:
    """Averages the picture and repeats that: a network of the given shapes. Returns the hash."""
    import onnx
    from onnx import TensorProto, helper

    shape = helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, channels, *sides])
    result = helper.make_tensor_value_info("output0", TensorProto.FLOAT, outputs)
    target = helper.make_tensor("target", TensorProto.INT64, [len(outputs)], outputs)
    axes = helper.make_tensor("axes", TensorProto.INT64, [3], [1, 2, 3])
    nodes = [
        helper.make_node("ReduceMean", ["images", "axes"], ["mean"], keepdims=0),
        helper.make_node("Expand", ["mean", "target"], ["output0"]),
    ]
    graph = helper.make_graph(nodes, "made", [shape], [result], [target, axes])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10), str(path))
    return store.sha256_of(path)


def onnx_info(sides: tuple[Any, Any], outputs: list[int | str], task: Any = "detect", channels: int = 3) -> ModelInfo:
    sha256 = onnx_file(models_dir() / "mine.onnx", sides, outputs, channels)
    family = "yolo" if task == "detect" else "yolo-cls"
    return ModelInfo("mine", "Mine", task, family, 64, "", "file", "mine.onnx", sha256=sha256)


def test_onnx_of_one_shape() -> None:
    model = load_model(onnx_info((64, 96), [1, 6, 10]), CPU)
    assert model.names == ("class 0", "class 1")
    assert model.preprocess(np.zeros((50, 50, 3), np.uint8)).shape == (1, 64, 96, 3)
    found, outputs, _ = predict(model, np.full((64, 96, 3), 51, np.uint8), Thresholds(confidence=0.1))
    assert outputs[0] == pytest.approx(0.2, abs=1e-5)
    assert isinstance(found, Detections)
    assert set(found.class_id.tolist()) == {0}
    assert found.confidence == pytest.approx(0.2, abs=1e-5)


def test_onnx_of_any_shape_gets_the_least_grey() -> None:
    model = load_model(onnx_info(("h", "w"), [1, 6, 10]), CPU)
    assert model.preprocess(np.zeros((20, 64, 3), np.uint8)).shape == (1, 32, 64, 3)
    predict(model, np.zeros((20, 64, 3), np.uint8), Thresholds())


def test_onnx_classifier_gives_probabilities() -> None:
    model = load_model(onnx_info((64, 64), [1, 5], "classify"), CPU)
    found, _, _ = predict(model, np.full((70, 80, 3), 51, np.uint8), Thresholds())
    assert isinstance(found, Classification)
    assert found.probabilities == pytest.approx(0.2, abs=1e-5)
    assert found.logits == pytest.approx(np.log(0.2), abs=1e-4)


def test_a_file_is_what_it_holds_whatever_its_name(tmp_path: Path) -> None:
    sha256 = onnx_file(tmp_path / "made.onnx", (64, 64), [1, 6, 10])
    path = (tmp_path / "made.onnx").rename(tmp_path / "yolov5n.pt")
    info = ModelInfo("mine", "Mine", "detect", "yolo", 64, "", "file", str(path), sha256=sha256)
    assert load_model(info, CPU, names=("cat",)).names == ("cat", "class 1")


def test_onnx_that_suppresses_itself_names_only_what_it_can() -> None:
    """Ten rows of 0.2: boxes of class 0."""
    model = load_model(onnx_info((64, 64), [1, 10, 6]), CPU)
    assert model.names[:2] == ("class 0", "class 1")
    found, _, _ = predict(model, np.full((64, 64, 3), 51, np.uint8), Thresholds(confidence=0.1))
    assert isinstance(found, Detections)
    assert found.class_id.tolist() == [0] * 10


def test_onnx_on_torch() -> None:
    with pytest.raises(ModelLoadFailed, match="does not run on torch"):
        load_model(onnx_info((64, 64), [1, 6, 10]), Placement(engine="torch"))


@pytest.mark.parametrize(
    ("sides", "outputs", "channels", "said"),
    [
        ((64, 64), [1, 1000], 3, "no list of boxes"),
        ((64, 64), [1, 6, 10], 1, "not one colour picture"),
    ],
)
def test_onnx_that_is_something_else(sides: Any, outputs: Any, channels: int, said: str) -> None:
    with pytest.raises(ModelLoadFailed, match=said):
        load_model(onnx_info(sides, outputs, channels=channels), CPU)


def test_onnx_that_openvino_cannot_read() -> None:
    info = onnx_info((64, 64), [1, 6, 10])
    path = models_dir() / "mine.onnx"
    path.write_bytes(path.read_bytes().replace(b"ReduceMean", b"Frobnicate"))
    info = dataclasses.replace(info, sha256=store.sha256_of(path))
    with pytest.raises(ModelLoadFailed, match="could not be read"):
        load_model(info, CPU)


def test_the_file_is_hashed_before_each_load() -> None:
    info = onnx_info((64, 64), [1, 6, 10])
    load_model(info, CPU)
    onnx_file(models_dir() / "mine.onnx", (64, 64), [1, 7, 10])
    with pytest.raises(WeightsDamaged):
        load_model(info, CPU)
    (models_dir() / "mine.onnx").unlink()
    with pytest.raises(WeightsUnavailable):
        load_model(info, CPU)


def test_an_unknown_family_is_said() -> None:
    info = dataclasses.replace(find("resnet50"), family="transformer")
    with pytest.raises(ModelLoadFailed, match="transformer"):
        load_model(info, CPU)


@pytest.mark.torch
def test_code_in_weights_is_blocked(tmp_path: Path) -> None:
    import pickle

    canary = tmp_path / "canary"

    class Evil:
        def __reduce__(self) -> Any:
            return Path.touch, (canary,)

    path = models_dir() / "mine.pt"
    path.write_bytes(pickle.dumps({"model": Evil()}))
    info = ModelInfo("mine", "Mine", "detect", "yolo", 64, "", "file", "mine.pt", sha256=store.sha256_of(path))
    with pytest.raises(UntrustedWeights):
        load_model(info, CPU)
    assert not canary.exists()


def test_a_cancelled_fetch(monkeypatch: pytest.MonkeyPatch) -> None:
    """The event reaches the store, which ends the fetch before it begins."""
    cancel = threading.Event()
    cancel.set()
    monkeypatch.setenv("REGARD_MODEL_MIRROR", "http://127.0.0.1:9")
    with pytest.raises(ModelError):
        prepare(find("yolo26n"), cancel=cancel)
    assert not (cache_dir() / "ir").exists()


@pytest.mark.torch
def test_prepare_fetches_and_converts_and_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    info = save_yolo("mine", 2, {0: "a", 1: "b"})
    stages: list[str] = []
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    prepare(info, lambda p: stages.append(p.stage))
    assert stages == [*["convert"] * 4, "ready"]
    assert list((cache_dir() / "ir").iterdir())
    stages.clear()
    prepare(info, lambda p: stages.append(p.stage))
    assert stages == ["ready"]


@pytest.mark.torch
@pytest.mark.package_index
def test_starters_on_torch_and_openvino_agree(starter_models: None, bus: Path) -> None:
    frame = np.ascontiguousarray(cv2.imread(str(bus)), np.uint8)
    for key in STARTERS:
        one = load_model(find(key), Placement("torch", "cpu"))
        two = load_model(find(key), Placement("openvino", "cpu"))
        tensor = one.preprocess(frame)
        assert np.array_equal(tensor, two.preprocess(frame))
        said, told = (values_of(each, frame.shape, each.forward(tensor)) for each in (one, two))
        for a, b in zip(said, told, strict=True):
            assert a.shape == b.shape
            assert len(a)
            assert np.abs(a - b).max() <= 1e-4 * np.abs(a).max()


def values_of(model: Model, shape: tuple[int, ...], outputs: Outputs) -> tuple[NDArray[Any], ...]:
    """Of a detector its boxes, for engines give the same in different forms."""
    found = model.postprocess(outputs, shape, Thresholds(0.01))
    if isinstance(found, Detections):
        return found.xyxy, found.confidence, found.class_id
    return outputs
