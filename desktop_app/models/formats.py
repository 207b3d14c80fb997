"""What a file is, told from its content; the name and the extension say nothing."""

from __future__ import annotations

import pickletools
import re
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from desktop_app.models import onnx_file

Format = Literal[
    "torch",  # zip written by torch.save
    "torch-legacy",  # a row of pickles written by torch.save before 1.6
    "torch-tar",
    "torchscript",
    "onnx",
    "safetensors",
    "taught",  # safetensors that Regard wrote
    "tflite",
    "gguf",
    "hdf5",
    "tensorrt",
    "openvino",
    "numpy",
    "pickle",
    "tar",
    "zip",
    "cut zip",  # as a download leaves it that did not end
    "picture",
    "video",
    "web page",
    "pdf",
    "text",
    "empty",
    "unknown",
]

_TORCH_MAGIC = struct.pack("<10s", bytes.fromhex("6cfc9c46f9206aa85019"))  # 0x1950a86a20f9469cfc6c, little-endian

_PREFIXES: tuple[tuple[int, bytes, Format], ...] = (
    (4, b"TFL3", "tflite"),
    (0, b"GGUF", "gguf"),
    (0, b"\x89HDF\r\n\x1a\n", "hdf5"),
    (0, b"ftrt", "tensorrt"),
    (0, b"\x93NUMPY", "numpy"),
    (0, b"\xff\xd8\xff", "picture"),
    (0, b"\x89PNG\r\n\x1a\n", "picture"),
    (0, b"GIF8", "picture"),
    (0, b"BM", "picture"),
    (0, b"II*\0", "picture"),
    (0, b"MM\0*", "picture"),
    (8, b"WEBP", "picture"),
    (4, b"ftypavif", "picture"),
    (4, b"ftyphei", "picture"),
    (4, b"ftyp", "video"),
    (8, b"AVI ", "video"),
    (0, b"\x1aE\xdf\xa3", "video"),
    (0, b"%PDF", "pdf"),
)


def _zip_format(path: Path) -> Format:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return "cut zip"
    leaves = {name.partition("/")[2] for name in names}
    if "constants.pkl" in leaves or any(leaf.startswith("code/") for leaf in leaves):
        return "torchscript"
    if "data.pkl" in leaves:
        return "torch"
    return "numpy" if names and all(name.endswith(".npy") for name in names) else "zip"


def _is_pickle(head: bytes) -> bool:
    """A pickle of any protocol: its first opcodes read as such. A text that happens to begin so has no STOP."""
    if head[:1] == b"\x80" and head[1:2] and head[1] <= 5:
        return True
    try:
        operations = [operation.name for operation, _, _ in pickletools.genops(head)]
    except Exception:  # genops raises whatever its argument readers do
        return False
    return operations[-1:] == ["STOP"] and len(operations) > 1


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:  # more than a character cut at the end
            return False
        text = head[: error.start].decode("utf-8")
    return all(character.isprintable() or character in "\t\r\n\f" for character in text)


def _is_safetensors(head: bytes, size: int) -> bool:
    return len(head) > 9 and head[8:9] == b"{" and 2 <= struct.unpack("<Q", head[:8])[0] <= size - 8


def _is_taught(head: bytes, size: int) -> bool:
    """By its mark in the metadata, which come first."""
    return _is_safetensors(head, size) and re.match(rb'\{"__metadata__":\{"regard":', head[8:]) is not None


def _is_tar(path: Path, head: bytes) -> bool:
    try:
        return any(head) and tarfile.is_tarfile(path)  # tarfile takes zeros for an empty archive
    except (OSError, EOFError, ValueError):
        return False


def sniff(path: Path) -> Format:
    """Raises `OSError` where the file cannot be read. Reads the head, and of archives the table of contents."""
    with path.open("rb") as file:
        head = file.read(4096)
    size = path.stat().st_size
    if not head:
        return "empty"
    if head[:2] == b"PK":
        return _zip_format(path)
    if _TORCH_MAGIC in head[:32] and head[:1] == b"\x80":
        return "torch-legacy"
    for offset, prefix, name in _PREFIXES:
        if head[offset : offset + len(prefix)] == prefix:
            return name
    beginning = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if beginning.startswith((b"<!doctype html", b"<html")):
        return "web page"
    if beginning.startswith((b"<?xml", b"<net")) and b"<net " in head:
        return "openvino"
    checks: tuple[tuple[Format, Callable[[], bool]], ...] = (
        ("taught", lambda: _is_taught(head, size)),
        ("safetensors", lambda: _is_safetensors(head, size)),
        ("pickle", lambda: _is_pickle(head)),
        ("tar", lambda: _is_tar(path, head)),
        ("onnx", lambda: onnx_file.looks_like_onnx(path)),
        ("text", lambda: _is_text(head)),
    )
    return next((name for name, check in checks if check()), "unknown")
