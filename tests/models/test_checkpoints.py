from __future__ import annotations

import os
import pickle
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desktop_app.errors import ModelError, ModelLoadFailed, UntrustedWeights, WeightsDamaged, WeightsUnavailable
from desktop_app.models import checkpoints
from tests.models import evil

pytestmark = pytest.mark.torch

LOADERS: dict[str, Callable[[Path], Any]] = {
    "state_dict": checkpoints.load_state_dict,
    "ultralytics": checkpoints.load_ultralytics,
}


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize("payload", evil.PAYLOADS)
def test_code_in_a_file_never_runs(payload: str, loader: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the user's environment asks torch to run it."""
    monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")
    canary, path = tmp_path / "canary", tmp_path / "model.pt"
    evil.payloads(canary)[payload](path)
    with pytest.raises(UntrustedWeights, match="blocked because it carries code") as caught:
        LOADERS[loader](path)
    assert not canary.exists()
    assert "model.pt" in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("payload", [name for name in evil.PAYLOADS if name.startswith(("torch-", "legacy", "pickle"))])
def test_the_payloads_are_real(payload: str, tmp_path: Path) -> None:
    """A reader that trusts the file does run them."""
    import torch

    canary, path = tmp_path / "canary", tmp_path / "model.pt"
    evil.payloads(canary)[payload](path)
    if payload.startswith("pickle"):
        pickle.loads(path.read_bytes())
    else:
        torch.load(path, weights_only=False)
    assert canary.exists()


@pytest.mark.parametrize("payload", ["zip-instance", "zip-memo", "zip-getattr"])
def test_the_hand_made_payloads_are_real(payload: str, tmp_path: Path) -> None:
    canary, path = tmp_path / "canary", tmp_path / "model.pt"
    evil.payloads(canary)[payload](path)
    with zipfile.ZipFile(path) as archive:
        pickle.loads(archive.read("archive/data.pkl"))
    assert canary.exists()


def test_code_hidden_behind_an_honest_load(made: Path, tmp_path: Path) -> None:
    """The names that an Ultralytics checkpoint may use are not allowed to the next file."""
    checkpoints.load_ultralytics(made / "yolov8n.pt")
    path = tmp_path / "model.pth"
    evil.payloads(tmp_path / "canary")["zip-constructor"](path)
    with pytest.raises(UntrustedWeights):
        checkpoints.load_state_dict(path)
    with pytest.raises(UntrustedWeights):
        checkpoints.load_state_dict(made / "yolov8n.pt")


@pytest.mark.parametrize("loader", LOADERS)
def test_bombs_are_refused_unread(loader: str, tmp_path: Path) -> None:
    compressed = tmp_path / "compressed.pt"
    with zipfile.ZipFile(compressed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02}.")
        archive.writestr("archive/data/0", bytes(10 << 20))
    with pytest.raises(UntrustedWeights, match="fill the memory"):
        LOADERS[loader](compressed)
    huge = tmp_path / "huge.pt"
    evil.torch_zip(huge, b"\x80\x02}.")
    raw = bytearray(huge.read_bytes())
    for mark, offset in ((b"PK\x01\x02", 20), (b"PK\x03\x04", 18)):  # the sizes that it claims
        at = raw.index(mark) + offset
        raw[at : at + 8] = struct.pack("<II", 0xFFFFFFF0, 0xFFFFFFF0)
    second = raw.index(b"PK\x01\x02", raw.index(b"PK\x01\x02") + 4) + 20
    raw[second : second + 8] = struct.pack("<II", 0xFFFFFFF0, 0xFFFFFFF0)
    huge.write_bytes(raw)
    with pytest.raises(UntrustedWeights, match="fill the memory"):
        LOADERS[loader](huge)


@pytest.mark.parametrize("memo", [b"\x80\x02r\xff\xff\xff\x7f}.", b"\x80\x04\x8e" + struct.pack("<Q", 1 << 60) + b"."])
def test_a_pickle_that_claims_gigabytes(memo: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    evil.torch_zip(path, memo)
    with pytest.raises(ModelError):
        checkpoints.load_ultralytics(path)


def test_two_pickles_for_two_readers(tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    evil.torch_zip(path, b"\x80\x02}.")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("other/data.pkl", b"\x80\x02}.")
    with pytest.raises(UntrustedWeights):
        checkpoints.load_state_dict(path)


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize("content", [b"", b"hello", bytes(5000), b"PK\x03\x04" + bytes(100), b"\xff\xd8\xff\xe0"])
def test_no_checkpoint_at_all(loader: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    path.write_bytes(content)
    with pytest.raises(WeightsDamaged, match="damaged or not whole"):
        LOADERS[loader](path)


@pytest.mark.parametrize("keep", [0.2, 0.9, 0.999])
def test_cut_off(made: Path, tmp_path: Path, keep: float) -> None:
    whole = (made / "yolov8n.pt").read_bytes()
    path = tmp_path / "yolov8n.pt"
    path.write_bytes(whole[: int(len(whole) * keep)])
    with pytest.raises(WeightsDamaged):
        checkpoints.load_ultralytics(path)


@pytest.mark.parametrize("loader", LOADERS)
def test_missing(loader: str, tmp_path: Path) -> None:
    with pytest.raises(WeightsUnavailable, match="cannot be read"):
        LOADERS[loader](tmp_path / "typo.pt")


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("nested", [False, True])
def test_state_dict(tmp_path: Path, legacy: bool, nested: bool) -> None:
    import torch

    state = torch.nn.Linear(3, 2).state_dict()
    path = tmp_path / "weights.anything"
    content = {"state_dict": state} if nested else state
    torch.save(content, path, _use_new_zipfile_serialization=not legacy)
    loaded = checkpoints.load_state_dict(path)
    assert list(loaded) == ["weight", "bias"]
    assert all(torch.equal(loaded[name], state[name]) for name in state)


@pytest.mark.parametrize(
    ("name", "task", "classes", "size"),
    [("yolo26n", "detect", 80, 640), ("yolov8n", "detect", 80, 640), ("yolo11n-cls", "classify", 1000, 224)],
)
def test_honest_checkpoints_load(made: Path, tmp_path: Path, name: str, task: str, classes: int, size: int) -> None:
    """The path holds what Ultralytics' own loader would trip over: apostrophe, no .pt, a name of its downloads."""
    import torch

    folder = tmp_path / "l'été"
    folder.mkdir()
    path = folder / "yolov5n"
    path.write_bytes((made / f"{name}.pt").read_bytes())
    model: Any = checkpoints.load_ultralytics(path)
    assert model.task == task
    assert len(model.names) == classes
    assert model.args["imgsz"] == size
    assert not model.training
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    assert float(max(model.stride)) == (32 if task == "detect" else 1)
    assert not any(isinstance(layer, torch.nn.BatchNorm2d) for layer in model.model[0].modules())
    with torch.inference_mode():
        model(torch.zeros(1, 3, 64, 64))


def test_weights_alone_are_no_network(tmp_path: Path) -> None:
    import torch

    path = tmp_path / "weights.pt"
    for content in ({"fc.weight": torch.zeros(2)}, [torch.zeros(2)], torch.zeros(2)):
        torch.save(content, path)
        with pytest.raises(ModelLoadFailed, match="without an Ultralytics network"):
            checkpoints.load_ultralytics(path)


_IN_A_FRESH_PROCESS = """
import os, socket, subprocess, sys, warnings
def guard(event, args):
    network = event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname")
    if network or (event in ("subprocess.Popen", "os.system") and {"pip", "uv"} & set(str(args).split("'"))):
        print(event, args, flush=True)
        os._exit(3)
sys.addaudithook(guard)
import PIL.Image, cv2
opens, threads = PIL.Image.open, cv2.getNumThreads()
from pathlib import Path
from desktop_app.models import checkpoints
checkpoints.load_ultralytics(Path(sys.argv[1]))
assert PIL.Image.open is opens
assert cv2.getNumThreads() == threads
assert "OMP_NUM_THREADS" not in os.environ
import torch
assert torch.get_num_threads() == int(sys.argv[2]), torch.get_num_threads()
print("quiet")
"""


def test_ultralytics_is_imported_without_network_and_patches(made: Path, tmp_path: Path) -> None:
    """Even where nobody secured the environment before."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("YOLO", "ULTRA", "OMP"))}
    threads = subprocess.run(
        [sys.executable, "-c", "import torch; print(torch.get_num_threads())"],
        env=clean, capture_output=True, text=True, check=True,
    )  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", _IN_A_FRESH_PROCESS, str(made / "yolo26n.pt"), threads.stdout.strip()],
        env={**clean, "REGARD_CACHE_DIR": str(tmp_path / "cache")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout == "quiet\n"
