from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from desktop_app.errors import ModelError, ModelLoadFailed, UntrustedWeights, WeightsDamaged, WeightsUnavailable
from desktop_app.models import catalog, descriptions, formats, importing, store
from desktop_app.paths import models_dir
from tests.models import evil

pytestmark = pytest.mark.torch

NAMES = {0: "cat", 1: "dog", 2: "bird"}


_EXPORT = """
import sys
from pathlib import Path
from desktop_app.recogniser.environment import secure_environment
secure_environment()
from ultralytics import YOLO

folder = Path(sys.argv[1])
for name in ("yolov8n", "yolo11n-cls", "yolo11n-seg"):
    YOLO(f"{name}.yaml").save(folder / f"{name}.pt")
    YOLO(folder / f"{name}.pt").export(format="onnx", imgsz=64, simplify=False)
"""


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with yolov8n, yolo11n-cls and yolo11n-seg, as .pt and as .onnx of 64 pixels, made by Ultralytics."""
    folder = tmp_path_factory.mktemp("exported")
    done = subprocess.run(
        [sys.executable, "-c", _EXPORT, str(folder)],
        env={**os.environ, "REGARD_CACHE_DIR": str(folder / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


def onnx_model(
    path: Path, shape: tuple[int | str, ...], metadata: dict[str, str], side: int | str = 32, **extra: Any
) -> Path:
    """A network that puts out zeros of `shape` for a picture of `side`, with a description."""
    import onnx
    from onnx import TensorProto, helper

    sizes = helper.make_tensor(
        "sizes", TensorProto.INT64, [len(shape)], [s if isinstance(s, int) else 7 for s in shape]
    )
    weight = helper.make_tensor("weight", TensorProto.FLOAT, [1], [1.0])
    graph = helper.make_graph(
        [
            helper.make_node("ReduceMean", ["images"], ["mean"], keepdims=0),
            helper.make_node("Mul", ["mean", "weight"], ["scaled"]),
            helper.make_node("Expand", ["scaled", "sizes"], ["output"]),
        ],
        "tiny",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, extra.get("input", [1, 3, side, side]))],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, list(shape))],
        [sizes, weight],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, metadata)
    onnx.save(model, path)
    return path


def described(task: str = "detect", names: object = NAMES, imgsz: object = 32, **more: str) -> dict[str, str]:
    return {"task": task, "names": str(names), "imgsz": str(imgsz), "stride": "32", **more}


@pytest.mark.parametrize(
    ("name", "task", "family", "classes", "size"),
    [
        ("yolov8n.onnx", "detect", "yolo", 80, 64),
        ("yolo11n-cls.onnx", "classify", "yolo-cls", 1000, 64),
        ("yolov8n.pt", "detect", "yolo", 80, 640),
        ("yolo11n-cls.pt", "classify", "yolo-cls", 1000, 224),
    ],
)
def test_told_from_the_content(
    exported: Path, tmp_path: Path, name: str, task: str, family: str, classes: int, size: int
) -> None:
    """Under a name that says something else."""
    path = tmp_path / "Mon été.jpg"
    path.write_bytes((exported / name).read_bytes())
    found = importing.inspect(path)
    assert (found.info.task, found.info.family, found.info.input_size) == (task, family, size)
    assert len(found.names) == classes
    assert found.info.title == "Mon été"
    assert found.info.key == "mon-ete"
    assert found.info.origin == "file"
    assert found.info.sha256 == store.sha256_of(path)
    assert store.ensure(found.info, lambda progress: None) == path
    assert not (models_dir() / "imported.json").exists()


def test_importing_copies_and_lists(exported: Path, tmp_path: Path) -> None:
    path = tmp_path / "birds.bin"
    path.write_bytes((exported / "yolov8n.onnx").read_bytes())
    info = importing.import_file(path)
    assert info.key == "birds"
    assert info.file_name == f"imported/{store.sha256_of(path)[:12]}-birds.onnx"
    path.unlink()
    assert catalog.find("birds") == info
    assert [model.info for model in importing.imported()] == [info]
    assert importing.imported()[0].names[:2] == ("0", "1")
    assert store.is_ready(info)
    assert store.ensure(info, lambda progress: None).suffix == ".onnx"
    importing.remove_imported("birds")
    assert importing.imported() == ()
    assert not list((models_dir() / "imported").iterdir())
    importing.remove_imported("birds")


def test_the_same_content_is_the_same_model(exported: Path, tmp_path: Path) -> None:
    first = importing.import_file(exported / "yolov8n.onnx")
    again = tmp_path / "again.onnx"
    again.write_bytes((exported / "yolov8n.onnx").read_bytes())
    assert importing.import_file(again) == first
    assert len(importing.imported()) == 1
    (models_dir() / first.file_name).unlink()
    assert store.is_ready(importing.import_file(again))


def test_keys_are_nobody_elses(exported: Path, tmp_path: Path) -> None:
    info = importing.import_file(exported / "yolov8n.onnx")
    assert info.key == "yolov8n-2"
    assert catalog.find("yolov8n").origin == "ultralytics"


def test_a_name_that_says_nothing_gives_way_to_the_content(exported: Path, tmp_path: Path) -> None:
    for name, wanted in (("yolov8n.onnx", "YOLOv8n"), ("yolo11n-cls.pt", "yolo11n-cls")):
        path = tmp_path / "best.pt"
        path.write_bytes((exported / name).read_bytes())
        assert importing.inspect(path).info.title == wanted


def test_several_imports_at_once_are_all_listed(tmp_path: Path) -> None:
    paths = [onnx_model(tmp_path / f"{n}.onnx", (1, 7, 9), described(date=str(n))) for n in range(6)]
    with ThreadPoolExecutor(6) as pool:
        keys = {info.key for info in pool.map(importing.import_file, paths)}
    assert keys == {model.info.key for model in importing.imported()}
    assert len(keys) == 6


@pytest.mark.parametrize(
    ("shape", "task"),
    [((1, 7, 9), "detect"), ((1, 300, 6), "detect"), ((1, 3), "classify"), ((1, 7, "boxes"), "detect")],
)
def test_layouts(tmp_path: Path, shape: tuple[int | str, ...], task: str) -> None:
    found = importing.inspect(onnx_model(tmp_path / "m.onnx", shape, described(task)))
    assert found.names == ("cat", "dog", "bird")
    assert found.info.input_size == 32


@pytest.mark.parametrize(
    "names", ['["cat", "dog", "bird"]', '{"0": "cat", "1": "dog", "2": "bird"}', "('cat','dog','bird')"]
)
def test_names_as_others_write_them(tmp_path: Path, names: str) -> None:
    found = importing.inspect(onnx_model(tmp_path / "m.onnx", (1, 7, 9), described(names=names)))
    assert found.names == ("cat", "dog", "bird")


def test_input_size_of_the_description_where_the_network_takes_any(tmp_path: Path) -> None:
    path = onnx_model(tmp_path / "m.onnx", (1, 7, 9), described(imgsz=[96, 96]), side="side")
    assert importing.inspect(path).info.input_size == 96
    path = onnx_model(tmp_path / "m.onnx", (1, 7, 9), {"task": "detect", "names": str(NAMES)}, side="side")
    with pytest.raises(ModelLoadFailed, match="which input size"):
        importing.inspect(path)


def test_hostile_names(tmp_path: Path) -> None:
    hostile = ["<b>\u202ecat\u0000\x1b[31m\n dog", "\u200b\u202e", "x" * 500]
    found = importing.inspect(onnx_model(tmp_path / "m.onnx", (1, 7, 9), described(names=hostile)))
    assert found.names == ("<b>cat[31m dog", "class 1", "x" * 64)


@pytest.mark.parametrize(
    ("metadata", "shape", "sentence"),
    [
        ({}, (1, 7, 9), "without a description"),
        ({"task": "detect"}, (1, 7, 9), "without a description"),
        (described(names={0: "cat"}), (1, 7, 9), "names 1 classes but tells 3 apart"),
        (described("classify"), (1, 4), "names 3 classes but tells 4 apart"),
        (described(names={0: "a", 2: "b", 3: "c"}), (1, 7, 9), "class names"),
        (described(names={0: ["a"], 1: "b", 2: "c"}), (1, 7, 9), "class names"),
        (described(names="__import__('os').system('true')"), (1, 7, 9), "cannot be read"),
        (described(names="(" * 5000), (1, 7, 9), "cannot be read"),
        (described(names="[" + "'a'," * 300_000 + "]"), (1, 7, 9), "cannot be read|damaged"),
        (described("segment"), (1, 39, 9), "segmentation, which Regard does not yet show"),
        (described("pose"), (1, 56, 9), "poses"),
        (described("obb"), (1, 8, 9), "oriented boxes"),
        (described("\u202etelepathy"), (1, 8, 9), "for telepathy"),
        (described("detect"), (1, 7), "shape"),
        (described("classify"), (1, 3, 2), "shape"),
    ],
)
def test_descriptions_that_do_not_fit(
    tmp_path: Path, metadata: dict[str, str], shape: tuple[int, ...], sentence: str
) -> None:
    path = onnx_model(tmp_path / "my model.onnx", shape, metadata)
    with pytest.raises(ModelError, match=sentence) as caught:
        importing.import_file(path)
    assert "my model.onnx" in caught.value.message
    assert caught.value.hint
    assert not (models_dir() / "imported.json").exists()


@pytest.mark.parametrize("shape", [[1, 3, 32, 64], [1, 1, 32, 32], [8, 3, 32, 32], [1, 3, 32]])
def test_inputs_that_do_not_fit(tmp_path: Path, shape: list[int]) -> None:
    path = onnx_model(tmp_path / "m.onnx", (1, 7, 9), described(), input=shape)
    with pytest.raises(ModelLoadFailed, match=r"squares only|one colour picture"):
        importing.inspect(path)


@pytest.mark.parametrize("place", ["initializer", "attribute", "subgraph"])
@pytest.mark.parametrize("location", ["../secret.bin", "weights.bin"])
def test_external_data_is_refused_before_anything_follows_it(
    tmp_path: Path, place: str, location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import onnx
    from onnx import TensorProto, helper

    folder = tmp_path / "models"
    folder.mkdir()
    (folder / location).write_bytes(struct.pack("<f", 1.0))
    path = onnx_model(folder / "m.onnx", (1, 7, 9), described())
    model = onnx.load(path)
    tensor = TensorProto(name="far", data_type=TensorProto.FLOAT, dims=[1], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value=location)
    node = helper.make_node("Constant", [], ["far"], value=tensor)
    if place == "initializer":
        model.graph.initializer.append(tensor)
    elif place == "attribute":
        model.graph.node.insert(0, node)
    else:
        branch = helper.make_graph([node], "branch", [], [helper.make_tensor_value_info("far", TensorProto.FLOAT, [1])])
        inner = helper.make_node("If", ["yes"], ["far"], then_branch=branch, else_branch=branch)
        model.graph.node.insert(0, inner)
    path.write_bytes(model.SerializeToString())
    monkeypatch.setattr(descriptions, "_shapes", lambda path: pytest.fail("OpenVINO was asked"))
    with pytest.raises(UntrustedWeights, match="lie in other files"):
        importing.inspect(path)


@pytest.mark.parametrize("keep", [0.3, 0.9, 0.999])
def test_cut_off_onnx(exported: Path, tmp_path: Path, keep: float) -> None:
    whole = (exported / "yolov8n.onnx").read_bytes()
    path = tmp_path / "m.onnx"
    path.write_bytes(whole[: int(len(whole) * keep)])
    with pytest.raises(ModelError) as caught:
        importing.inspect(path)
    assert caught.value.hint


@pytest.mark.parametrize("keep", [0.1, 0.9, 0.999])
def test_cut_off_checkpoint(exported: Path, tmp_path: Path, keep: float) -> None:
    whole = (exported / "yolov8n.pt").read_bytes()
    path = tmp_path / "m.pt"
    path.write_bytes(whole[: int(len(whole) * keep)])
    with pytest.raises(WeightsDamaged, match="damaged or not whole"):
        importing.inspect(path)


def test_network_that_openvino_cannot_read(tmp_path: Path) -> None:
    import onnx

    path = onnx_model(tmp_path / "m.onnx", (1, 7, 9), described())
    model = onnx.load(path)
    model.graph.node[0].op_type = "Telepathy"
    path.write_bytes(model.SerializeToString())
    with pytest.raises(WeightsDamaged, match="cannot be read"):
        importing.inspect(path)


def test_deeply_nested_onnx(tmp_path: Path) -> None:
    """Attribute (5) in node (1) in graph (6) …: each layer is a message inside the last."""

    def wrap(field: int, body: bytes) -> bytes:
        length = len(body)
        digits = b""
        while length > 0x7F:
            digits += bytes([length & 0x7F | 0x80])
            length >>= 7
        return bytes([field << 3 | 2]) + digits + bytes([length]) + body

    body = b""
    for _ in range(400):
        body = wrap(1, wrap(5, wrap(6, body)))
    path = tmp_path / "m.onnx"
    path.write_bytes(b"\x08\x08" + wrap(7, body) + wrap(8, b""))
    with pytest.raises(WeightsDamaged):
        importing.inspect(path)


def _npy(path: Path) -> None:
    import numpy as np

    with path.open("wb") as file:
        np.save(file, np.zeros(3))


def _tar(path: Path) -> None:
    with tarfile.open(path, "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("model.onnx"))


def _zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model.py", "print('hello')")


def _safetensors(path: Path) -> None:
    header = b'{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
    path.write_bytes(struct.pack("<Q", len(header)) + header + bytes(4))


def _bytes(data: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(data)

    return write


OTHER_FILES: dict[str, tuple[Callable[[Path], None], str]] = {
    "safetensors": (_safetensors, "safetensors"),
    "tflite": (_bytes(b"\x20\0\0\0TFL3" + bytes(100)), "TensorFlow Lite"),
    "keras": (_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100)), "HDF5"),
    "gguf": (_bytes(b"GGUF\x03\0\0\0" + bytes(100)), "language model"),
    "engine": (_bytes(b"ftrt" + bytes(100)), "TensorRT"),
    "openvino": (_bytes(b'<?xml version="1.0"?>\n<net name="m" version="11"></net>'), "OpenVINO"),
    "numpy": (_npy, "NumPy"),
    "tar": (_tar, "tar archive"),
    "zip": (_zip, "zip archive"),
    "jpeg": (_bytes(b"\xff\xd8\xff\xe0" + bytes(100)), "picture"),
    "webp": (_bytes(b"RIFF\x10\0\0\0WEBPVP8 "), "picture"),
    "mp4": (_bytes(b"\0\0\0\x18ftypisom" + bytes(100)), "video"),
    "html": (_bytes(b"<!DOCTYPE html><title>404</title>"), "web page"),
    "pdf": (_bytes(b"%PDF-1.7\n"), "PDF"),
    "yaml": (_bytes("nc: 80  # été\nbackbone: []\n".encode()), "a text"),
    "empty": (_bytes(b""), "empty"),
    "noise": (_bytes(bytes(range(255, -1, -1)) * 20), "no known kind"),
}


@pytest.mark.parametrize("kind", OTHER_FILES)
def test_says_what_else_it_is(kind: str, tmp_path: Path) -> None:
    write, sentence = OTHER_FILES[kind]
    path = tmp_path / "model.pt"
    write(path)
    with pytest.raises(ModelLoadFailed, match=f"“model.pt” is .*{sentence}.*, not a model") as caught:
        importing.import_file(path)
    assert caught.value.hint


@pytest.mark.parametrize("payload", evil.PAYLOADS)
def test_code_never_runs(payload: str, tmp_path: Path) -> None:
    canary, path = tmp_path / "canary", tmp_path / "model.onnx"
    evil.payloads(canary)[payload](path)
    with pytest.raises(ModelError) as caught:
        importing.import_file(path)
    assert not canary.exists()
    assert caught.value.hint
    assert not list(models_dir().glob("imported*"))


def test_weights_without_network(tmp_path: Path) -> None:
    import torch

    path = tmp_path / "resnet50-11ad3fa6.pth"
    torch.save(torch.nn.Linear(2, 2).state_dict(), path)
    with pytest.raises(ModelLoadFailed, match="weights without an Ultralytics network"):
        importing.inspect(path)


def test_other_tasks_of_ultralytics(exported: Path) -> None:
    for name in ("yolo11n-seg.pt", "yolo11n-seg.onnx"):
        with pytest.raises(ModelLoadFailed, match="segmentation"):
            importing.inspect(exported / name)


def test_checkpoint_whose_names_do_not_fit(exported: Path, tmp_path: Path) -> None:
    """Ultralytics loads it without a word."""
    import torch
    from ultralytics.nn.tasks import torch_safe_load

    checkpoint, _ = torch_safe_load(exported / "yolov8n.pt", safe_only=True)
    checkpoint["model"].names = NAMES
    path = tmp_path / "m.pt"
    torch.save(checkpoint, path)
    with pytest.raises(ModelLoadFailed, match="names 3 classes but tells 80 apart"):
        importing.inspect(path)
    checkpoint["model"].names = 7
    torch.save(checkpoint, path)
    with pytest.raises(ModelError):
        importing.inspect(path)


def test_places_that_are_no_files(tmp_path: Path) -> None:
    with pytest.raises(WeightsUnavailable, match="There is no file"):
        importing.inspect(tmp_path / "typo.pt")
    with pytest.raises(ModelLoadFailed, match="is a folder"):
        importing.inspect(tmp_path)
    with pytest.raises(WeightsUnavailable):
        importing.inspect(Path("a\0b"))
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(ModelLoadFailed, match="not a regular file"):
            importing.inspect(tmp_path / "pipe")


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(b"x")

    def refuse(*args: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(formats, "sniff", refuse)
    with pytest.raises(WeightsUnavailable, match="may not read") as caught:
        importing.inspect(path)
    assert "permissions" in caught.value.hint


def test_a_damaged_list_is_started_anew(tmp_path: Path) -> None:
    (models_dir() / "imported.json").write_text("[{]")
    info = importing.import_file(onnx_model(tmp_path / "m.onnx", (1, 7, 9), described()))
    rows = json.loads((models_dir() / "imported.json").read_text())
    assert [row["key"] for row in rows] == [info.key]
    assert rows[0]["names"] == ["cat", "dog", "bird"]


def test_a_file_that_changes_while_it_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = onnx_model(tmp_path / "m.onnx", (1, 7, 9), described())
    inspect = importing.inspect

    def swap(path: Path) -> importing.ImportedModel:
        found = inspect(path)
        onnx_model(path, (1, 3, 9), {})
        return found

    monkeypatch.setattr(importing, "inspect", swap)
    with pytest.raises(WeightsDamaged, match="changed while"):
        importing.import_file(path)
    assert not list((models_dir() / "imported").iterdir())
