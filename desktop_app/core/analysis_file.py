"""The file of an analysis: what a model found in each frame of a video, kept and found again by the video's content.

One file a video, model and way of running it: a line of JSON (`Head`), then chunks that are only ever appended. A chunk
has a length and a checksum, so that a file cut short by a crash keeps all that came before.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.media import file_identity
from desktop_app.core.model import ModelInfo
from desktop_app.core.results import Task
from desktop_app.paths import cache_dir

_MAGIC = b"RGC1"
_CHUNK = struct.Struct("<4sIII I")  # magic, frames, rows, bytes, checksum


@dataclass(frozen=True, slots=True)
class Way:
    """How a video is analysed: results of another way are kept apart. `precision`: as asked for; `iou`: the overlap
    limit of boxes, `None` for the maker's own; `rotation` and `mirror` as the picture is turned before."""

    model: str
    weights: str = ""
    precision: str = "auto"
    iou: float | None = None
    rotation: int = 0
    mirror: bool = False

    @staticmethod
    def of(
        info: ModelInfo, precision: str = "auto", iou: float | None = None, rotation: int = 0, mirror: bool = False
    ) -> Way:
        return Way(info.key, info.sha256[:16], precision, iou, rotation % 360, mirror)


def analysis_path(video: str, way: Way) -> Path:
    """Where the results of this way lie, whether there are any or not. Raises `OSError` for a video that is gone."""
    digest = hashlib.sha256(json.dumps(dataclasses.astuple(way)).encode()).hexdigest()[:12]
    name = re.sub(r"[^\w.-]", "_", way.model)[:60]
    return cache_dir() / "analyses" / file_identity(video) / f"{name}-{digest}.regard"


@dataclass(frozen=True, slots=True)
class Head:
    """The first line of the file. `engine`, `device`, `precision`, `input_size`: what ran when it began."""

    title: str
    model: str
    task: Task
    names: tuple[str, ...]
    width: int
    height: int
    fps: float | None
    frame_count: int | None
    engine: str
    device: str
    precision: str
    input_size: tuple[int, int]

    def line(self) -> bytes:
        return json.dumps({"regard": 1, **dataclasses.asdict(self)}).encode() + b"\n"

    @staticmethod
    def parse(line: bytes) -> Head:
        """Raises `ValueError` for anything else."""
        stored: Any = json.loads(line)
        if not isinstance(stored, dict) or stored.pop("regard", None) != 1:
            raise ValueError("not an analysis")
        try:
            head = Head(**stored)
        except TypeError as error:
            raise ValueError(str(error)) from None
        width, height = head.input_size
        return dataclasses.replace(head, names=tuple(head.names), input_size=(width, height))


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """`frame`, `seconds`, `count` (rows) and `ms` (three) of each frame; `class_id`, `value` (confidence or
    probability) and `rest` (a box or a logit) of each row, those of a frame together, the surest first."""

    frame: NDArray[np.int32]
    seconds: NDArray[np.float64]
    count: NDArray[np.uint16]
    ms: NDArray[np.float32]
    class_id: NDArray[np.uint16]
    value: NDArray[np.float32]
    rest: NDArray[np.float32]


_KINDS: tuple[tuple[str, str, int, bool], ...] = (
    ("frame", "<i4", 1, False),
    ("seconds", "<f8", 1, False),
    ("count", "<u2", 1, False),
    ("ms", "<f4", 3, False),
    ("class_id", "<u2", 1, True),
    ("value", "<f4", 1, True),
    ("rest", "<f4", 0, True),  # 4 numbers of a box, or one logit
)


def row_width(task: Task) -> int:
    return 1 if task == "classify" else 4


def pack(columns: Columns) -> bytes:
    body = b"".join(np.ascontiguousarray(getattr(columns, name), kind).tobytes() for name, kind, _, _ in _KINDS)
    return _CHUNK.pack(_MAGIC, len(columns.frame), len(columns.value), len(body), zlib.crc32(body)) + body


def unpack(data: bytes, task: Task) -> tuple[list[Columns], int]:
    """The whole chunks at the beginning of `data`, and how many bytes they take."""
    found: list[Columns] = []
    at = 0
    while at + _CHUNK.size <= len(data):
        magic, frames, rows, size, checksum = _CHUNK.unpack_from(data, at)
        body = data[at + _CHUNK.size : at + _CHUNK.size + size]
        if magic != _MAGIC or len(body) < size or zlib.crc32(body) != checksum:
            break
        arrays: dict[str, Any] = {}
        place = 0
        for name, kind, width, by_row in _KINDS:
            each = width or row_width(task)
            count = (rows if by_row else frames) * each
            array = np.frombuffer(body, kind, count, place)
            place += array.nbytes
            arrays[name] = array.reshape(-1, each) if each > 1 else array
        found.append(Columns(**arrays))
        at += _CHUNK.size + size
    return found, at


def starts_of(count: NDArray[np.uint16]) -> NDArray[np.int64]:
    """The first row of each frame."""
    return np.concatenate([[0], np.cumsum(count, dtype=np.int64)[:-1]]) if len(count) else np.zeros(0, np.int64)


def owners_of(count: NDArray[np.uint16]) -> NDArray[np.int64]:
    """The place of the frame of each row."""
    return np.repeat(np.arange(len(count)), count)


def joined_columns(chunks: Sequence[Columns], width: int) -> Columns:
    empty: dict[str, Any] = {
        name: np.zeros((0, each) if (each := w or width) > 1 else 0, kind) for name, kind, w, _ in _KINDS
    }
    parts = [Columns(**empty), *chunks]
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name, *_ in _KINDS}
    frame = joined["frame"]
    if len(frame) < 2 or (np.diff(frame) > 0).all():
        return Columns(**joined)
    _, places = np.unique(frame, return_index=True)
    starts, count = starts_of(joined["count"]), joined["count"]
    rows = (
        np.concatenate([np.arange(starts[at], starts[at] + count[at]) for at in places])
        if len(places)
        else np.zeros(0, np.int64)
    ).astype(np.int64)
    return Columns(**{name: joined[name][rows if by_row else places] for name, _, _, by_row in _KINDS})
