"""The pack: fetched from an index, put together by uv, tried, activated, removed. With a torch of three lines."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import threading
import zipfile
from pathlib import Path
from typing import Any

import pytest

from desktop_app.core.progress import Progress
from desktop_app.errors import ModelError, WeightsDamaged, WeightsUnavailable
from desktop_app.models import http_reader, pytorch, pytorch_pack
from desktop_app.paths import packs_dir

TORCH = """
class _Square:
    def __matmul__(self, other): return self
def ones(*shape): return _Square()
"""


def _wheel(folder: Path, project: str, code: str) -> Path:
    path = folder / f"{project}-2.0-py3-none-any.whl"
    info = f"{project}-2.0.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{project}/__init__.py", code)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {project}\nVersion: 2.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(
            f"{info}/RECORD", f"{project}/__init__.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n"
        )
    return path


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package index in a folder, and a lock that names its two wheels, for a Regard that is a bundle."""
    root = tmp_path / "simple"
    files: dict[str, dict[str, Any]] = {}
    for project, code in (("torch", TORCH), ("torchvision", "")):
        folder = root / project
        folder.mkdir(parents=True)
        wheel = _wheel(folder, project, code)
        (folder / "index.html").write_text(f'<a href="{wheel.name}">{wheel.name}</a>')
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        files[wheel.name] = {"project": project, "file": wheel.name, "bytes": wheel.stat().st_size, "sha256": digest}
        files[wheel.name]["unpacked"] = 1000
    build = {"system": pytorch_pack._system(), "python": pytorch.python_tag(), "build": "cpu", "torch": "2.0"}
    lock = tmp_path / "resources" / "pack" / "pytorch.json"
    lock.parent.mkdir(parents=True)
    lock.write_text(json.dumps({"builds": [{**build, "files": list(files)}], "files": files}))
    monkeypatch.setattr(pytorch_pack, "resource_path", (tmp_path / "resources").joinpath)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    # A Python that has no torch of its own, as a bundle; uv is found beside the one that runs the tests.
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(sys, "executable", getattr(sys, "_base_executable", sys.executable))
    monkeypatch.setenv("PIP_INDEX_URL", root.as_uri())
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return root


def _silent(_: Progress) -> None:
    pass


def test_it_is_fetched_installed_and_found(index: Path) -> None:
    told: list[Progress] = []
    (build,) = pytorch_pack.reachable()
    assert (build.kind, build.torch) == ("cpu", "2.0")
    whole = build.to_fetch
    folder = pytorch_pack.install(build, told.append)
    assert (folder / pytorch.SITE / "torch" / "__init__.py").is_file()
    assert pytorch.active_pack() == (folder, pytorch.card_of(folder))
    assert (told[-1].stage, told[0].total) == ("convert", whole) or told[-1].done == whole
    left = sorted(path.name for path in packs_dir().iterdir())
    assert left == [folder.name], "nothing but the pack stays"


def test_a_newer_pack_takes_the_place_of_the_older_one(index: Path) -> None:
    old = packs_dir() / "pytorch-1.0-cpu-x"
    (old / pytorch.SITE).mkdir(parents=True)
    (old / pytorch.CARD).write_text('{"python": "cp27"}')
    pytorch_pack.install(pytorch_pack.builds()[0], _silent)
    assert not old.exists()


def test_a_wrong_file_is_refused_and_nothing_is_installed(index: Path) -> None:
    wheel = next((index / "torch").glob("*.whl"))
    wheel.write_bytes(wheel.read_bytes() + b"x")
    with pytest.raises(WeightsDamaged):
        pytorch_pack.install(pytorch_pack.builds()[0], _silent)
    assert pytorch.packs() == []


def test_a_torch_that_cannot_be_imported_is_not_installed(index: Path, tmp_path: Path) -> None:
    wheel = _wheel(index / "torch", "torch", "raise ImportError('c10.dll')")
    lock = tmp_path / "resources" / "pack" / "pytorch.json"
    rows = json.loads(lock.read_text())
    rows["files"][wheel.name] |= {
        "bytes": wheel.stat().st_size,
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
    }
    lock.write_text(json.dumps(rows))
    with pytest.raises(ModelError, match=r"c10\.dll"):
        pytorch_pack.install(pytorch_pack.builds()[0], _silent)
    assert pytorch.packs() == []


def test_cancelling_keeps_what_was_fetched(index: Path) -> None:
    cancel = threading.Event()
    build = pytorch_pack.builds()[0]

    def stop_when_fetched(progress: Progress) -> None:
        if progress.stage == "fetch" and progress.done == progress.total:
            cancel.set()

    with pytest.raises(http_reader.Cancelled):
        pytorch_pack.install(build, stop_when_fetched, cancel)
    assert pytorch.packs() == []
    assert build.to_fetch == 0
    assert pytorch_pack.install(build, _silent).is_dir()


def test_removing_leaves_nothing(index: Path) -> None:
    pytorch_pack.install(pytorch_pack.builds()[0], _silent)
    assert pytorch_pack.remove()
    assert list(packs_dir().iterdir()) == []
    assert not pytorch_pack.remove()


def test_no_index_offers_it(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(WeightsUnavailable, match="PyTorch"):
        pytorch_pack.reachable()


def test_no_room(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")._replace(free=100)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(ModelError, match="GB are free"):
        pytorch_pack.install(pytorch_pack.builds()[0], _silent)


def test_another_system_is_told_so(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pytorch_pack, "_system", lambda: "plan9-mips")
    with pytest.raises(ModelError, match="plan9-mips"):
        pytorch_pack.reachable()


def test_the_lock_of_the_program_is_whole() -> None:
    lock = json.loads((Path(__file__).parents[2] / "resources" / "pack" / "pytorch.json").read_text())
    assert {row["system"] for row in lock["builds"]} == {"linux-x86_64", "windows-amd64", "macos-arm64"}
    for row in lock["builds"]:
        projects = {lock["files"][name]["project"] for name in row["files"]}
        assert {"torch", "torchvision", "timm", "ultralytics"} <= projects
        assert "numpy" not in projects, "a bundle's own libraries are not in a pack"
    assert all(len(file["sha256"]) == 64 and file["bytes"] > 0 for file in lock["files"].values())
