"""What the process that analyses a video is asked for and says: see `messages` for the rules."""

from __future__ import annotations

import msgspec

from desktop_app.core.analysis import AnalysisTask
from desktop_app.core.model import Placement
from desktop_app.core.progress import Progress


class Job(msgspec.Struct, frozen=True):
    """`models`: keys of the catalogue."""

    task: AnalysisTask
    models: tuple[str, ...]
    placement: Placement


class Event(msgspec.Struct, frozen=True, tag=True):
    pass


class Working(Event, frozen=True):
    """`progress.stage`: "ready" while frames are analysed, else what the model `progress.key` is at."""

    progress: Progress


class Done(Event, frozen=True):
    """`cancelled`: it was asked to end; what was done is kept."""

    frames: int
    cancelled: bool


class Failed(Event, frozen=True):
    """`traceback`: of a bug."""

    message: str
    hint: str = ""
    traceback: str = ""


_encoder = msgspec.msgpack.Encoder()
_jobs = msgspec.msgpack.Decoder(Job)
_events: msgspec.msgpack.Decoder[Working | Done | Failed] = msgspec.msgpack.Decoder(Working | Done | Failed)


def encode(message: Job | Event) -> bytes:
    return _encoder.encode(message)


def decode_job(data: bytes) -> Job:
    """Raises `msgspec.DecodeError`."""
    return _jobs.decode(data)


def decode_event(data: bytes) -> Working | Done | Failed:
    """Raises `msgspec.DecodeError`."""
    return _events.decode(data)
