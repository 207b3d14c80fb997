"""What is known of a camera of this machine: its formats, its controls, and by what it is known again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

ControlKind = Literal["range", "switch", "menu"]


@dataclass(frozen=True, slots=True)
class CameraFormat:
    """`fps`: the highest rate of this size, 0.0 where the camera does not say. `rates`: all, the highest first."""

    width: int
    height: int
    fps: float
    pixel_format: str
    rates: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class CameraControl:
    """One thing that the driver lets be set. `title` is the driver's own word, for keys that nobody knows.

    `active`: false while an automatic rules it. `choices`: values and names of a menu.
    `default`: the camera's own value; where the driver does not tell, the one that was found when it was opened.
    """

    key: str
    title: str
    kind: ControlKind
    low: int
    high: int
    step: int
    default: int
    value: int
    active: bool = True
    choices: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """`stable_id` names the device across restarts and numbers, `index` does not. `api`: OpenCV's name of the interface
    through which `index` counts, as in `CAP_V4L2`; empty: the one of this system."""

    index: int
    stable_id: str
    name: str
    formats: tuple[CameraFormat, ...] = ()
    controls: tuple[CameraControl, ...] = ()
    api: str = ""


@dataclass(frozen=True, slots=True)
class CameraReport:
    """What an open camera says after it was asked for something. `refused`: keys that it did not take."""

    stable_id: str
    controls: tuple[CameraControl, ...]
    refused: tuple[str, ...] = ()


def model_of(stable_id: str) -> str:
    """The part of an id that names make, model and serial number, without where it is plugged in."""
    return stable_id.split("@", 1)[0]


class Acquaintances:
    """Ids that were there at the same time: different cameras, though they may be of one model."""

    def __init__(self) -> None:
        self._others: dict[str, set[str]] = {}

    def meet(self, ids: Iterable[str]) -> None:
        there = set(ids)
        for each in there:
            self._others.setdefault(each, set()).update(there - {each})

    def others(self, stable_id: str) -> frozenset[str]:
        return frozenset(self._others.get(stable_id, ()))


def known_as(stable_id: str, ids: Iterable[str], strangers: Iterable[str] = ()) -> str | None:
    """The one of `ids` that is the camera `stable_id`: itself, else the first of its model, which was plugged in
    elsewhere. `strangers`: ids of other cameras, though they may be of its model."""
    there = list(ids)
    if stable_id in there:
        return stable_id
    others = set(strangers)
    return next((each for each in there if model_of(each) == model_of(stable_id) and each not in others), None)
