"""A picture of a data set with its labels, ready to be written down in any format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from desktop_app.exporting.item import Split

_THINNEST = 0.5
"""Pixels. A box that is thinner once it is cut at the edges of the picture lies outside of it."""


@dataclass(frozen=True, slots=True)
class Box:
    """`x1 y1 x2 y2`: pixels of the upright picture, cut at its edges; the far edges are not part of the box."""

    class_id: int
    confidence: float
    x1: float
    y1: float
    x2: float
    y2: float
    track_id: int | None = None

    @property
    def width(self) -> float:
        return self.x2 - self.x1

    @property
    def height(self) -> float:
        return self.y2 - self.y1


@dataclass(frozen=True, slots=True)
class Labelled:
    """`file`: where the picture lies in the data set, with `/`. `class_id`: of a classifier's first answer.

    Boxes come by falling confidence. `class_id` is `None` where there is no answer above the threshold.
    """

    file: str
    split: Split
    width: int
    height: int
    boxes: tuple[Box, ...] = ()
    class_id: int | None = None
    probability: float = 0.0

    @property
    def name(self) -> str:
        return PurePosixPath(self.file).name

    @property
    def stem(self) -> str:
        return PurePosixPath(self.file).stem


def boxes_of(record: dict[str, Any], least: float) -> tuple[Box, ...]:
    """The boxes of a detector's record from `least` confidence on, cut at the edges of the picture."""
    width, height = record["width"], record["height"]
    found = []
    for each in record.get("detections", ()):
        x1, y1, x2, y2 = each["xyxy"]
        x1, x2 = sorted((min(max(x1, 0.0), width), min(max(x2, 0.0), width)))
        y1, y2 = sorted((min(max(y1, 0.0), height), min(max(y2, 0.0), height)))
        if each["confidence"] >= least and x2 - x1 >= _THINNEST and y2 - y1 >= _THINNEST:
            found.append(Box(each["class_id"], each["confidence"], x1, y1, x2, y2, each.get("track_id")))
    return tuple(found)


def class_of(record: dict[str, Any], least: float) -> tuple[int | None, float]:
    """The first class of a classifier's record and its probability; `None` below `least`."""
    first = next(iter(record.get("classes", ())), None)
    if first is None or first["probability"] < least:
        return None, 0.0
    return first["class_id"], first["probability"]


def distinct_names(names: Sequence[str], count: int) -> tuple[str, ...]:
    """At least `count` names, each once: formats without ids could not tell two classes of one name apart."""
    listed = [*names, *(f"class {i}" for i in range(len(names), count))]
    seen: dict[str, int] = {}
    for name in listed:
        seen[name] = seen.get(name, 0) + 1
    return tuple(name if seen[name] == 1 else f"{name} {class_id}" for class_id, name in enumerate(listed))
