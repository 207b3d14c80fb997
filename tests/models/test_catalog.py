from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from desktop_app.core.model import ModelInfo
from desktop_app.errors import UnknownModel
from desktop_app.models import catalog
from desktop_app.models.labels import clean_label, fit_names
from desktop_app.paths import models_dir


def test_keys_are_unique_and_every_model_can_be_fetched() -> None:
    keys = [info.key for info in catalog.CATALOG]
    assert len(set(keys)) == len(keys)
    for info in catalog.CATALOG:
        assert info.source_url.startswith("https://"), info.key
        assert info.file_name, info.key
        assert info.bytes > 1_000_000, info.key
        assert info.licence, info.key
        assert len(catalog.class_names(info)) == {"imagenet": 1000, "coco": 80}[info.labels]


def test_starters_come_first() -> None:
    assert catalog.STARTERS == ("efficientnet-lite0", "yolov3-tiny")
    assert all(catalog.find(key).starter for key in catalog.STARTERS)


@pytest.mark.parametrize(
    "keys",
    [
        ("yolov3u", "yolov3-tinyu", "yolov3-sppu"),
        *(tuple(f"yolov5{size}{suffix}u" for size in "nsmlx") for suffix in ("", "6")),
        *(tuple(f"{name}{size}" for size in "nsmlx") for name in ("yolov8", "yolo11", "yolo12", "yolo26")),
    ],
)
def test_ultralytics_generations_have_all_sizes(keys: tuple[str, ...]) -> None:
    infos = [catalog.find(key) for key in keys]
    assert [info.source_url.rpartition("/")[2] for info in infos] == [f"{key}.pt" for key in keys]
    assert {info.input_size for info in infos} == {1280 if keys[0] == "yolov5n6u" else 640}


@pytest.mark.torch
def test_torchvision_is_complete_and_as_it_says_itself() -> None:
    from torchvision import models

    builders = models.list_models(module=models)
    assert len(builders) >= 80
    for builder in builders:
        for weights in models.get_model_weights(builder):
            if weights.meta["categories"] is None:
                continue
            key = builder if weights == type(weights).DEFAULT else f"{builder}@{weights.name}"
            info, card, preset = catalog.find(key), catalog.torchvision_cards()[key], weights.transforms()
            assert info.source_url == weights.url
            assert weights.url.endswith(f"-{info.sha256}.pth")
            assert info.accuracy == weights.meta["_metrics"]["ImageNet-1K"]["acc@1"]
            assert [card["resize"]] == preset.resize_size
            assert [card["crop"]] == preset.crop_size
            assert (card["mean"], card["std"]) == (preset.mean, preset.std)
            assert card["interpolation"] == preset.interpolation.value
            assert list(catalog.class_names(info)) == weights.meta["categories"]


def test_default_weights_have_the_plain_key() -> None:
    assert catalog.find("resnet50").file_name == "resnet50-11ad3fa6.pth"
    assert catalog.find("resnet50@IMAGENET1K_V1").file_name == "resnet50-0676ba61.pth"


def test_coco_is_spelled_as_ultralytics_does() -> None:
    names = catalog.class_names(catalog.find("yolov3-tiny"))
    assert (names[0], names[4], names[5]) == ("person", "airplane", "bus")


@pytest.mark.parametrize(
    ("typo", "meant"), [("resnet5O", "resnet50"), ("yolo-26n", "yolo26n"), ("YOLOv8N", "yolov8n"), ("vgg-19", "vgg19")]
)
def test_unknown_key_says_what_may_be_meant(typo: str, meant: str) -> None:
    with pytest.raises(UnknownModel) as raised:
        catalog.find(typo)
    assert typo in raised.value.message
    assert meant in raised.value.hint


def test_unknown_key_like_nothing_at_all() -> None:
    with pytest.raises(UnknownModel, match="regard models"):
        catalog.find("\u202exyzzyplugh\n")


def _row(**changes: object) -> dict[str, object]:
    row: dict[str, object] = {
        "key": "mine", "title": "Mine", "task": "detect", "family": "yolo", "input_size": 320, "labels": "",
        "origin": "file", "file_name": "mine.onnx", "sha256": "0" * 64, "names": ["cat", "dog"],
    }  # fmt: skip
    return row | changes


def _write(rows: object) -> None:
    (models_dir() / "imported.json").write_text(json.dumps(rows), encoding="utf-8")


def test_imported_models_are_found_beside_the_catalogue() -> None:
    _write([_row()])
    info = catalog.find("mine")
    assert isinstance(info, ModelInfo)
    assert (info.input_size, info.origin) == (320, "file")
    assert catalog.class_names(info) == ("cat", "dog")
    assert catalog.all_models() == (*catalog.CATALOG, info)


@pytest.mark.parametrize(
    "rows",
    [
        {},
        None,
        [1, "two", None],
        [{"key": "half"}],
        [_row(input_size="big")],
        [_row(task="dance")],
        [_row(key="resnet50")],
    ],
)
def test_a_damaged_list_of_imports_hides_nothing_else(rows: object) -> None:
    _write(rows)
    assert catalog.all_models() == catalog.CATALOG
    assert catalog.find("resnet50").origin == "torchvision"


def test_unreadable_list_of_imports() -> None:
    (models_dir() / "imported.json").write_bytes(b"\xff\xfe{")
    assert catalog.imported_models() == ()


def test_imported_names_are_plain_and_short() -> None:
    _write([_row(names=["\u202eevil", "<b>x</b>\n", "y" * 500, "\u200b\u0007", 7], labels="../../passwd")])
    info = catalog.find("mine")
    assert catalog.class_names(info) == ("evil", "<b>x</b>", "y" * 64, "class 3", "7")


def test_labels() -> None:
    assert clean_label("a\tb \x1b[31m c") == "a b [31m c"
    assert fit_names(("one",), 3) == ("one", "class 1", "class 2")
    assert fit_names(("one", "two"), 1) == ("one",)


def test_the_catalogue_imports_nothing_heavy() -> None:
    code = "import sys, desktop_app.models.catalog; print(*sys.modules)"
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    loaded = set(done.stdout.split())
    assert not loaded & {"torch", "torchvision", "timm", "ultralytics", "openvino", "cv2", "av", "PySide6"}
