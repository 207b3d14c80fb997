"""What gives frames: a camera, a file, a stream, the demo."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal, Protocol, Self, runtime_checkable

from desktop_app.core.camera import CameraFormat
from desktop_app.core.frame import Frame
from desktop_app.errors import AppError

SourceKind = Literal["camera", "network", "video", "image", "images", "demo", "screen"]


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What was opened, as granted by the device or file, not as asked for.

    `spec` opens it again; `title` names it to the user (no password in it). `live` sources are endless and may lose
    frames; the others are finite and every frame counts. `fps` and `frame_count` are `None` where unknown. `times`:
    seconds of every frame of a video whose rate varies; empty for all others (see `core.media`).
    Of a camera: `device_id` is its stable id, `asked` what it was asked for, `detail` the pixel format that it gives.
    """

    spec: str
    kind: SourceKind
    title: str
    live: bool
    width: int
    height: int
    fps: float | None = None
    frame_count: int | None = None
    duration: float | None = None
    seekable: bool = False
    detail: str = ""
    times: tuple[float, ...] = field(default=(), repr=False)
    device_id: str = ""
    asked: CameraFormat | None = None


@dataclass(frozen=True, slots=True)
class SourceNotice:
    """Something that happened while the source goes on.

    `lost`: no signal, tries again after `retry_in` seconds. `live`: frames come again.
    `skipped`: the file `path` of several could not be read. `damaged`: a video went on after damaged frames,
    or ended early.
    """

    kind: Literal["lost", "live", "skipped", "damaged"]
    error: AppError | None = None
    retry_in: float | None = None
    path: str | None = None


Notify = Callable[[SourceNotice], None]


@runtime_checkable
class Source(Protocol):
    """A context manager that iterates over frames and may block. It owns no thread.

    `with source:` opens (raises `SourceError`) and releases, in one thread. `info` is valid inside the `with`.
    Iteration ends at the end of a finite source, when `stop` (given to `open_source`) is set, or with a `SourceError`.
    """

    @property
    def info(self) -> SourceInfo: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...

    def __iter__(self) -> Iterator[Frame]: ...


@runtime_checkable
class SeekableSource(Source, Protocol):
    """A file in which one can go to a frame."""

    def seek(self, frame_index: int) -> None:
        """The next frame of the iteration is `frame_index`; called by the iterating thread, between two frames."""


@runtime_checkable
class ReopenableSource(Source, Protocol):
    """A live source over a device or stream that can be opened anew."""

    def reopen(self) -> None:
        """What comes is old: open anew before the next frame. May be called from another thread."""


@runtime_checkable
class LosableSource(Source, Protocol):
    """A live source that tries to come back by itself after it was lost."""

    def retry_now(self) -> None:
        """Ends the wait before the next attempt; called by another thread."""


SourceOpener = Callable[[Notify, threading.Event], Source]
"""Makes a source that is not open yet; it reports through the first argument and ends when the second is set."""
