"""Files that carry code. Each leaves a canary file behind if anything of it is ever run."""

from __future__ import annotations

import io
import os
import pickle
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Canary:
    """A folder, made when unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.path),)


class Shell(Canary):
    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch '{self.path}'",)


class Evaluated(Canary):
    def __reduce__(self) -> tuple[Any, ...]:
        return eval, (f"__import__('os').mkdir({str(self.path)!r})",)


class State(dict[str, object]):
    """Looks like a state dict; its items are made by code."""


def _torch(content: object) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        import torch

        torch.save(content, path)

    return write


def _legacy(content: object) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        import torch

        torch.save(content, path, _use_new_zipfile_serialization=False)

    return write


def _plain(content: object, protocol: int) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(pickle.dumps(content, protocol=protocol))

    return write


def torch_zip(path: Path, data: bytes, *, compress: bool = False) -> None:
    """A file laid out as torch.save does it, around a pickle of one's own."""
    kind = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
    with zipfile.ZipFile(path, "w", kind) as archive:
        archive.writestr("archive/data.pkl", data)
        archive.writestr("archive/byteorder", "little")
        archive.writestr("archive/version", "3\n")
        archive.writestr("archive/.data/serialization_id", "1")


def _numpy(canary: Path) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        import numpy as np

        array = np.empty(1, dtype=object)
        array[0] = Canary(canary)
        with path.open("wb") as file:
            np.save(file, array, allow_pickle=True)

    return write


def _npz(canary: Path) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        inner = path.with_suffix(".npy")
        _numpy(canary)(inner)
        with zipfile.ZipFile(path, "w") as archive:
            archive.write(inner, "weights.npy")

    return write


def _legacy_tar(canary: Path) -> Callable[[Path], None]:
    """The layout of torch before 0.1.10: pickles in a tar archive."""

    def write(path: Path) -> None:
        with tarfile.open(path, "w") as archive:
            for name in ("sys_info", "pickle", "storages", "tensors"):
                data = pickle.dumps(Canary(canary), protocol=2)
                entry = tarfile.TarInfo(name)
                entry.size = len(data)
                archive.addfile(entry, io.BytesIO(data))

    return write


def _script(canary: Path) -> Callable[[Path], None]:
    """A TorchScript archive with a pickle that runs code in place of its constants."""

    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr("archive/data.pkl", pickle.dumps(Canary(canary), protocol=2))
            archive.writestr("archive/constants.pkl", pickle.dumps(Canary(canary), protocol=2))
            archive.writestr("archive/code/__torch__.py", "op_version_set = 1")
            archive.writestr("archive/version", "3\n")

    return write


def _instance(canary: Path) -> bytes:
    """Protocol 0, opcode INST: no REDUCE anywhere."""
    return f"(S'{canary}'\nios\nmkdir\n.".encode()


def _by_memo(canary: Path) -> bytes:
    """The function is taken from the memo, and named through STACK_GLOBAL."""
    return b"\x80\x04\x8c\x02os\x8c\x05mkdir\x93\x940h\x00" + _text(str(canary)) + b"\x85R."


def _constructor(canary: Path) -> bytes:
    """An allowed class, called: it would read (and could fetch) a file that the checkpoint names."""
    address = _text(f"http://127.0.0.1:9/{canary.name}.yaml")
    return b"\x80\x02cultralytics.nn.tasks\nDetectionModel\n" + address + b"\x85R."


def _text(text: str) -> bytes:
    return b"X" + struct.pack("<I", len(text.encode())) + text.encode()


def _getattr(canary: Path) -> bytes:
    """What is called is not named but fetched from something that is."""
    return (
        b"\x80\x02c__builtin__\ngetattr\ncos\nmkdir\n" + _text("__call__") + b"\x86R" + _text(str(canary)) + b"\x85R."
    )


def _raw(data: bytes) -> Callable[[Path], None]:
    return lambda path: torch_zip(path, data)


def payloads(canary: Path) -> dict[str, Callable[[Path], None]]:
    """Name → what writes the file."""
    nested = {"model": {"layer": [Canary(canary)]}, "names": {0: "cat"}}
    return {
        "torch-reduce": _torch(Canary(canary)),
        "torch-shell": _torch({"model": Shell(canary), "epoch": 1}),
        "torch-eval": _torch({"state_dict": Evaluated(canary)}),
        "torch-nested": _torch(nested),
        "torch-subclass": _torch(State(weight=Canary(canary))),
        "legacy-reduce": _legacy({"weight": Canary(canary)}),
        "legacy-shell": _legacy(Shell(canary)),
        "pickle-0": _plain(Canary(canary), 0),
        "pickle-2": _plain({"a": Canary(canary)}, 2),
        "pickle-5": _plain([Evaluated(canary)], 5),
        "zip-instance": _raw(_instance(canary)),
        "zip-memo": _raw(_by_memo(canary)),
        "zip-getattr": _raw(_getattr(canary)),
        "zip-constructor": _raw(_constructor(canary)),
        "tar": _legacy_tar(canary),
        "torchscript": _script(canary),
        "numpy-objects": _numpy(canary),
        "npz-objects": _npz(canary),
    }


PAYLOADS = tuple(payloads(Path("canary")))
