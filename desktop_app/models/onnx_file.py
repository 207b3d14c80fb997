"""Reads of an ONNX file what must be known before a parser may see it: its description, and external data.

A small walker over the protocol-buffer encoding (https://protobuf.dev/programming-guides/encoding/) with the field
numbers of onnx.proto. It copies no tensor and follows no reference.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_DEEPEST = 100  # the limit of Google's own parser
_LONGEST_TEXT = 1 << 20

# Message → {field number: message inside it}, as far as tensors and descriptions may hide there.
_MESSAGES: dict[str, dict[int, str]] = {
    "Model": {7: "Graph", 14: "Entry", 20: "Training", 25: "Function"},
    "Graph": {1: "Node", 5: "Tensor", 15: "Sparse"},
    "Node": {5: "Attribute"},
    "Attribute": {5: "Tensor", 6: "Graph", 10: "Tensor", 11: "Graph", 22: "Sparse", 23: "Sparse"},
    "Sparse": {1: "Tensor", 2: "Tensor"},
    "Training": {1: "Graph", 2: "Graph"},
    "Function": {7: "Node", 11: "Attribute"},
    "Tensor": {},
    "Entry": {},
}
_TENSOR_EXTERNAL_DATA, _TENSOR_DATA_LOCATION = 13, 14


class NotOnnx(ValueError):
    """The bytes are no ONNX model, or a damaged one."""


@dataclass(slots=True)
class OnnxSummary:
    """`metadata`: the description that the exporter wrote. `external_data`: a tensor lies in another file."""

    metadata: dict[str, str] = field(default_factory=dict)
    external_data: bool = False


def _varint(data: mmap.mmap, at: int, end: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= end or shift > 63:
            raise NotOnnx("a number is cut off")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _fields(data: mmap.mmap, at: int, end: int) -> Iterator[tuple[int, int | range]]:
    """(field number, value) of the message at `at`…`end`: a number, or the place of text or of a message inside."""
    while at < end:
        tag, at = _varint(data, at, end)
        number, wire = tag >> 3, tag & 7
        if number == 0:
            raise NotOnnx("field number 0")
        if wire == _VARINT:
            value, at = _varint(data, at, end)
            yield number, value
            continue
        if wire == _BYTES:
            length, at = _varint(data, at, end)
        elif wire in (_FIXED64, _FIXED32):
            length = 8 if wire == _FIXED64 else 4
        else:
            raise NotOnnx(f"wire type {wire}")
        if at + length > end:
            raise NotOnnx("a field is longer than the file")
        yield number, range(at, at + length)
        at += length


def _entry(data: mmap.mmap, place: range) -> tuple[str, str]:
    parts = {1: "", 2: ""}
    for number, value in _fields(data, place.start, place.stop):
        if number in parts and isinstance(value, range):
            if len(value) > _LONGEST_TEXT:
                raise NotOnnx("the description is longer than 1 MiB")
            parts[number] = data[value.start : value.stop].decode("utf-8", errors="replace")
    return parts[1], parts[2]


def _walk(kind: str, data: mmap.mmap, place: range, summary: OnnxSummary, depth: int) -> None:
    if depth > _DEEPEST:
        raise NotOnnx("messages are nested too deep")
    inside = _MESSAGES[kind]
    for number, value in _fields(data, place.start, place.stop):
        if kind == "Tensor" and (number == _TENSOR_EXTERNAL_DATA or (number == _TENSOR_DATA_LOCATION and value == 1)):
            summary.external_data = True
        message = inside.get(number)
        if message is None or not isinstance(value, range):
            continue
        if message == "Entry":
            key, text = _entry(data, value)
            summary.metadata[key] = text
        else:
            _walk(message, data, value, summary, depth + 1)


@contextmanager
def _mapped(path: Path) -> Iterator[mmap.mmap]:
    with path.open("rb") as file:
        if not path.stat().st_size:  # nothing to map
            raise NotOnnx("empty")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield data


def _top_level(data: mmap.mmap) -> None:
    if not {1, 7, 8} <= {number for number, _ in _fields(data, 0, len(data))}:  # ir_version, graph, opset_import
        raise NotOnnx("no graph")


def summarise(path: Path) -> OnnxSummary:
    """Raises `NotOnnx` for anything that is not a whole ONNX model, `OSError` where it cannot be read."""
    summary = OnnxSummary()
    with _mapped(path) as data:
        _top_level(data)
        _walk("Model", data, range(len(data)), summary, 0)
    return summary


def looks_like_onnx(path: Path) -> bool:
    """The outermost message has the fields that each ONNX model has."""
    try:
        with _mapped(path) as data:
            _top_level(data)
    except (NotOnnx, OSError):
        return False
    return True
