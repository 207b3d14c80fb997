from __future__ import annotations

import dataclasses
import hashlib
import io
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from desktop_app.core.model import ModelInfo
from desktop_app.core.progress import Progress
from desktop_app.errors import WeightsDamaged, WeightsUnavailable
from desktop_app.models import http_reader, store
from desktop_app.paths import models_dir
from tests.models.mirror import Mirror

NAME = "resnet50-11ad3fa6.pth"


def silent(progress: Progress) -> None:
    pass


@pytest.fixture(scope="module")
def weights() -> bytes:
    """A checkpoint in torch's own format, with random weights."""
    import torch

    buffer = io.BytesIO()
    torch.save({"fc.weight": torch.rand(100, 100)}, buffer)
    return buffer.getvalue()


@pytest.fixture
def resnet(mirror: Mirror) -> ModelInfo:
    """As in the catalogue, its address on loopback."""
    return ModelInfo(
        key="resnet50",
        title="ResNet-50",
        task="classify",
        family="torchvision",
        input_size=224,
        labels="imagenet",
        origin="torchvision",
        file_name=NAME,
        source_url=f"{mirror.url}/makers/{NAME}",
        sha256="11ad3fa6",
    )


def by_hash(info: ModelInfo, weights: bytes) -> ModelInfo:
    return dataclasses.replace(info, sha256=hashlib.sha256(weights).hexdigest()[:8])


def ultralytics(info: ModelInfo, mirror: Mirror) -> ModelInfo:
    url = f"{mirror.url}/makers/yolo26n.pt"
    return dataclasses.replace(
        info, key="yolo26n", origin="ultralytics", file_name="yolo26n.pt", source_url=url, sha256=""
    )


def test_from_the_makers_address_by_the_hash_in_the_name(mirror: Mirror, resnet: ModelInfo, weights: bytes) -> None:
    mirror.files[NAME] = weights
    info = by_hash(resnet, weights)
    assert not store.is_ready(info)
    path = store.ensure(info, silent)
    assert path == models_dir() / NAME
    assert path.read_bytes() == weights
    assert store.is_ready(info)
    assert store.disk_bytes(info) == len(weights)
    store.ensure(info, silent)
    assert len(mirror.asked(NAME)) == 1


def test_other_weights_than_the_makers_are_refused(mirror: Mirror, resnet: ModelInfo, weights: bytes) -> None:
    mirror.files[NAME] = weights
    with pytest.raises(WeightsDamaged):
        store.ensure(resnet, silent)
    assert not store.is_ready(resnet)
    assert store.disk_bytes(resnet) == 0


@pytest.mark.parametrize("binary", [False, True])
def test_the_list_of_a_mirror_counts_before_the_makers_hash(
    mirror: Mirror, resnet: ModelInfo, weights: bytes, monkeypatch: pytest.MonkeyPatch, binary: bool
) -> None:
    mirror.files[NAME] = weights
    monkeypatch.setenv("REGARD_MODEL_MIRROR", f"{mirror.url}/school/")
    with pytest.raises(WeightsDamaged):
        store.ensure(resnet, silent)
    mirror.sums(binary=binary)
    assert store.ensure(resnet, silent).read_bytes() == weights
    assert ("/school/" + NAME, None) in mirror.requests
    monkeypatch.delenv("REGARD_MODEL_MIRROR")
    assert store.ensure(resnet, silent).read_bytes() == weights  # accepted once, it stays accepted


def test_a_file_that_is_not_what_the_mirror_lists_is_refused(
    mirror: Mirror, resnet: ModelInfo, weights: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it is just what the maker published."""
    mirror.files[NAME] = b"something else"
    mirror.sums()
    mirror.files[NAME] = weights
    monkeypatch.setenv("REGARD_MODEL_MIRROR", mirror.url)
    with pytest.raises(WeightsDamaged):
        store.ensure(by_hash(resnet, weights), silent)


def test_mirror_of_the_settings(mirror: Mirror, resnet: ModelInfo, weights: bytes) -> None:
    mirror.files[NAME] = weights
    mirror.sums()
    store.set_mirror(mirror.url + "/set")
    try:
        store.ensure(resnet, silent)
    finally:
        store.set_mirror("")
    assert ("/set/" + NAME, None) in mirror.requests


def test_the_mirror_takes_the_place_of_the_makers(
    mirror: Mirror, resnet: ModelInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGARD_MODEL_MIRROR", mirror.url + "/school")
    with pytest.raises(WeightsUnavailable, match="There is no file") as caught:
        store.ensure(resnet, silent)
    assert "mirror" in caught.value.hint
    assert not [path for path, _ in mirror.requests if path.startswith("/makers")]


def test_a_mirror_that_is_no_address(resnet: ModelInfo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGARD_MODEL_MIRROR", "/srv/models")
    with pytest.raises(WeightsUnavailable, match="http and https"):
        store.ensure(resnet, silent)


def test_tampered_file_is_found_before_it_is_loaded_and_fetched_again(
    mirror: Mirror, resnet: ModelInfo, weights: bytes
) -> None:
    mirror.files[NAME] = weights
    info = by_hash(resnet, weights)
    path = store.ensure(info, silent)
    path.write_bytes(weights[:-1] + b"!")
    assert store.ensure(info, silent).read_bytes() == weights
    assert len(mirror.asked(NAME)) == 2
    assert path.with_name(NAME + ".damaged").exists()


def test_tampered_file_without_network(mirror: Mirror, resnet: ModelInfo, weights: bytes) -> None:
    mirror.files[NAME] = weights
    info = by_hash(resnet, weights)
    path = store.ensure(info, silent)
    path.write_bytes(b"evil")
    mirror.modes[NAME] = "404"
    with pytest.raises(WeightsDamaged, match="on this machine are damaged"):
        store.ensure(info, silent)
    assert not path.exists()


def test_without_a_published_hash_the_first_one_is_kept(mirror: Mirror, resnet: ModelInfo, weights: bytes) -> None:
    info = ultralytics(resnet, mirror)
    mirror.files["yolo26n.pt"] = weights
    path = store.ensure(info, silent)
    assert (models_dir() / "yolo26n.pt.sha256").read_text() == f"{store.sha256_of(path)}  yolo26n.pt\n"
    path.write_bytes(weights + b"\0")
    assert store.ensure(info, silent).read_bytes() == weights


@pytest.mark.parametrize("content", [b"<p>sorry</p>", b"", bytes(1000), b"PK\x03\x04 cut off"])
def test_without_a_published_hash_it_must_be_a_checkpoint(mirror: Mirror, resnet: ModelInfo, content: bytes) -> None:
    info = ultralytics(resnet, mirror)
    mirror.files["yolo26n.pt"] = content
    with pytest.raises(WeightsDamaged):
        store.ensure(info, silent)
    assert not store.is_ready(info)


def test_a_file_put_there_by_hand(resnet: ModelInfo, weights: bytes) -> None:
    """It needs the maker's hash; then it is noted and used like a fetched one."""
    path = models_dir() / NAME
    path.write_bytes(weights)
    info = by_hash(resnet, weights)
    assert store.ensure(info, silent) == path
    assert (models_dir() / f"{NAME}.sha256").exists()


def test_two_at_once_fetch_once(mirror: Mirror, resnet: ModelInfo, weights: bytes) -> None:
    mirror.files[NAME] = weights
    info = by_hash(resnet, weights)
    with ThreadPoolExecutor(6) as pool:
        paths = list(pool.map(lambda _: store.ensure(info, silent), range(6)))
    assert {path.read_bytes() for path in paths} == {weights}
    assert len(mirror.asked(NAME)) == 1


def test_waiting_for_another_fetch_can_be_cancelled(mirror: Mirror, resnet: ModelInfo, weights: bytes) -> None:
    cancel = threading.Event()
    cancel.set()
    with store.locked(NAME, None), pytest.raises(http_reader.Cancelled):
        store.ensure(by_hash(resnet, weights), silent, cancel)


def test_remove(mirror: Mirror, resnet: ModelInfo, weights: bytes) -> None:
    mirror.files[NAME] = weights
    info = by_hash(resnet, weights)
    store.ensure(info, silent)
    (models_dir() / f"{NAME}.part").write_bytes(b"half")
    store.remove(info)
    assert not list(models_dir().glob("resnet*"))
    assert not store.is_ready(info)
    store.remove(info)


def test_a_users_own_file_must_stay_as_it_was_and_is_never_deleted(resnet: ModelInfo, tmp_path: Path) -> None:
    path = tmp_path / "mine.onnx"
    path.write_bytes(b"mine")
    info = dataclasses.replace(resnet, origin="file", file_name=str(path), sha256=store.sha256_of(path))
    assert store.ensure(info, silent) == path
    store.remove(info)
    path.write_bytes(b"mine!")
    with pytest.raises(WeightsDamaged, match="has changed"):
        store.ensure(info, silent)
    assert path.read_bytes() == b"mine!"
    path.unlink()
    with pytest.raises(WeightsUnavailable, match="no longer there"):
        store.ensure(info, silent)


def test_weights_in_a_folder_that_cannot_be_written(
    mirror: Mirror, resnet: ModelInfo, weights: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is there can be used; what is missing is told in a sentence."""
    (models_dir() / NAME).write_bytes(weights)
    (models_dir() / ".locks").write_text("in the way")

    def refuse(*args: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    assert store.ensure(by_hash(resnet, weights), silent).name == NAME
    with pytest.raises(WeightsUnavailable, match="cannot be written: Permission denied"):
        store.ensure(resnet, silent)


def test_lists_as_sha256sum_writes_them() -> None:
    a, b, c, d = ("0" * 64, "1" * 64, "A" * 64, "2" * 64)
    text = f"\ufeff{a}  one.pt\r\n{b} *two.pt\n# note\n\\{c}  ./sub/three.pt\nSHA256 (four.pt) = {d}\nnonsense\n12  x\n"
    assert store.parse_sums(text) == {"one.pt": a, "two.pt": b, "sub/three.pt": c.lower(), "four.pt": d}
