"""A bundle: the starter models run from networks that came along, and what needs torch says so in words."""

from __future__ import annotations

import builtins
import importlib.util
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop_app.core.model import Placement, Thresholds
from desktop_app.core.results import Classification
from desktop_app.errors import PyTorchMissing
from desktop_app.models import catalog, loading, pytorch, shipped, store
from desktop_app.paths import cache_dir, models_dir, packs_dir
from desktop_app.sources.image_file import read_picture


@pytest.fixture
def without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a standard bundle: torch cannot be found, and importing it fails."""
    find, bring = importlib.util.find_spec, builtins.__import__

    def import_but_torch(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.split(".", maxsplit=1)[0] in ("torch", "torchvision", "timm", "ultralytics"):
            raise ModuleNotFoundError(name)
        return bring(name, *args, **kwargs)

    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *a: None if name == "torch" else find(name, *a))
    monkeypatch.setattr(builtins, "__import__", import_but_torch)
    for name in [name for name in sys.modules if name.split(".")[0] == "torch"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "frozen", True, raising=False)


@pytest.fixture
def networks(tmp_path: Path, starter_folders: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of resources of a bundle, with the starters' networks; nothing lies in the cache or among models."""
    resources = tmp_path / "resources"
    with monkeypatch.context() as folders:
        for name, folder in starter_folders.items():
            folders.setenv(name, folder)
        loading.prepare(catalog.find("efficientnet-lite0"))
        shutil.copytree(cache_dir() / "ir", resources / "ir")
    monkeypatch.setattr(shipped, "resource_path", resources.joinpath)
    shipped._folders.cache_clear()
    yield resources / "ir"
    shipped._folders.cache_clear()


@pytest.mark.torch
@pytest.mark.package_index
def test_a_starter_runs_without_its_weights_and_without_torch(networks: Path, without_torch: None, bus: Path) -> None:
    info = catalog.find("efficientnet-lite0")
    assert store.is_ready(info)
    model = loading.load_model(info, Placement(device="cpu"))
    bgr = read_picture(str(bus))
    prediction = model.postprocess(model.forward(model.preprocess(bgr)), bgr.shape, Thresholds())
    assert isinstance(prediction, Classification)
    assert model.names[prediction.top(1)[0]] == "minibus"
    assert not (cache_dir() / "ir").exists()
    assert not list(models_dir().glob("*.pth"))


@pytest.mark.torch
@pytest.mark.package_index
def test_a_damaged_network_is_not_used(networks: Path, without_torch: None) -> None:
    for file in networks.glob("*/network.bin"):
        file.write_bytes(file.read_bytes()[:-1] + b"\x00\x01")
    with pytest.raises(PyTorchMissing, match="efficientnet-lite0"):
        loading.load_model(catalog.find("efficientnet-lite0"), Placement(device="cpu"))


@pytest.mark.usefixtures("without_torch")
def test_what_needs_torch_says_so_before_anything_is_fetched() -> None:
    with pytest.raises(PyTorchMissing, match=r"resnet50 needs PyTorch.*models pack install"):
        loading.load_model(catalog.find("resnet50"), Placement())


def _pack(name: str, python: str, at: float, *, whole: bool = True) -> Path:
    folder = packs_dir() / name
    (folder / pytorch.SITE).mkdir(parents=True)
    if whole:
        (folder / pytorch.CARD).write_text(json.dumps({"python": python, "installed_at": at}))
    return folder


@pytest.mark.usefixtures("without_torch")
def test_the_newest_whole_pack_of_this_python_is_made_importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    assert not pytorch.activate()
    _pack("pytorch-1-cpu", pytorch.python_tag(), 1.0)
    newest = _pack("pytorch-2-cpu", pytorch.python_tag(), 2.0)
    _pack("pytorch-3-cpu", "cp27", 3.0)
    _pack("pytorch-4-cpu", pytorch.python_tag(), 4.0, whole=False)
    assert pytorch.activate()
    assert sys.path[-1] == str(newest / pytorch.SITE)
    newer = _pack("pytorch-5-cpu", pytorch.python_tag(), 5.0)
    assert pytorch.activate()
    assert [path for path in sys.path if "pytorch-" in path] == [str(newer / pytorch.SITE)]


@pytest.mark.usefixtures("without_torch")
def test_a_pack_for_another_python_is_named() -> None:
    _pack("pytorch-1-cpu", "cp27", 1.0)
    with pytest.raises(PyTorchMissing, match="older Regard"):
        pytorch.require("resnet50")
