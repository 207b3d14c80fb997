"""Between the window and the recorder. Frozen structs, msgpack on the wire, as to the recogniser."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

import msgspec
from PySide6.QtCore import QLocale

from desktop_app.recogniser.recording_wire import EndReason
from desktop_app.recording.formats import Format
from desktop_app.render.overlay import OverlayOptions


class ToRecorder(msgspec.Struct, frozen=True, tag=True):
    """Window to recorder."""


class Look(ToRecorder, frozen=True):
    """How results are drawn from now on: as on the screen. `top`: how many classes the records name."""

    options: OverlayOptions
    smooth_seconds: float = 0.0
    language: str = "en"
    top: int = 5


class Job(ToRecorder, frozen=True):
    """What to record; the first message. `began_at`: a time of `time.perf_counter()`. `is_file`: with times of its own.
    `source`: as it is named in the records. `sound`: the file whose sound is copied. `font`: family of the window's."""

    path: str
    format: Format
    began_at: float
    is_file: bool
    rate: float | None
    source: str
    sound: str | None
    overlay: bool
    sidecar: bool
    subtitles: bool
    look: Look
    font: str = ""
    metadata: dict[str, str] = {}


class Call(ToRecorder, frozen=True):
    """The recogniser gives frames at this address; a new one where it was started again."""

    address: str
    key: bytes


class Finish(ToRecorder, frozen=True):
    """The recording ends at this time of `time.perf_counter()`, whether the recogniser says so or not."""

    at: float


class FromRecorder(msgspec.Struct, frozen=True, tag=True):
    """Recorder to window."""


class Progress(FromRecorder, frozen=True):
    """Twice a second. `dropped`: frames that found no room."""

    path: str
    milliseconds: int
    frames: int
    dropped: int
    bytes: int


class Done(FromRecorder, frozen=True):
    """The files are whole, as far as `message` does not say otherwise. `reason`: see `EndReason`, or `space`, `error`,
    `orphaned`. Nothing was recorded where `frames` is 0."""

    path: str
    reason: EndReason | str
    milliseconds: int
    frames: int
    dropped: int
    bytes: int
    message: str = ""
    hint: str = ""


def _plain(value: object) -> object:
    if isinstance(value, QLocale):
        return value.name()
    raise TypeError(f"cannot send {type(value).__name__}")


def _back(kind: type, value: Any) -> object:
    if kind is QLocale:
        return QLocale(value)
    raise TypeError(f"cannot receive {kind}")


_encoder = msgspec.msgpack.Encoder(enc_hook=_plain)
_to: msgspec.msgpack.Decoder[ToRecorder] = msgspec.msgpack.Decoder(
    reduce(or_, ToRecorder.__subclasses__()), dec_hook=_back
)
_from: msgspec.msgpack.Decoder[FromRecorder] = msgspec.msgpack.Decoder(reduce(or_, FromRecorder.__subclasses__()))


def encode(message: ToRecorder | FromRecorder) -> bytes:
    return _encoder.encode(message)


def to_recorder(data: bytes) -> ToRecorder:
    return _to.decode(data)


def from_recorder(data: bytes) -> FromRecorder:
    return _from.decode(data)
