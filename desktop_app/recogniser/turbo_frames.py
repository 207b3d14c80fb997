"""The frames that calibrate an int8 network, spread over what the user named. Nothing of them is kept."""

from __future__ import annotations

import struct
import threading
import time
from collections.abc import Iterator, Sequence
from typing import IO

import numpy as np

from desktop_app.core.frame import Bgr
from desktop_app.core.source import SeekableSource, Source, SourceNotice
from desktop_app.errors import SourceError

EVERY = 0.25
"""Seconds between two frames of a live source: closer ones show the same."""
_STEP_UNKNOWN = 15
"""Frames from one to the next where nobody says how long the video is."""
_FAR = 60
"""From so many frames on, going there is quicker than reading on."""
_HEADER = struct.Struct("<II")
_ADDRESSES = ("camera:", "http://", "https://", "rtsp://", "rtsps://", "demo:")


def _ignore(_: SourceNotice) -> None:
    pass


def frames_of(specs: Sequence[str], count: int, stop: threading.Event) -> Iterator[Bgr]:
    """About `count` frames of cameras, addresses, videos, pictures and folders, in their order.

    What cannot be read among several is left out. Raises `SourceError` where it is the only one.
    """
    parts = [part for spec in specs for part in _parts(spec)]
    parts = [parts[place * len(parts) // count] for place in range(count)] if len(parts) > count else parts
    left = count
    for place, part in enumerate(parts):
        share = max(1, left // (len(parts) - place))
        try:
            for bgr in _spread(part, share, stop):
                left -= 1
                yield bgr
        except SourceError:
            if len(parts) == 1:
                raise


def _parts(spec: str) -> list[str]:
    from desktop_app.sources import expand

    return [spec] if spec.lower().startswith(_ADDRESSES) else expand([spec])


def _spread(spec: str, count: int, stop: threading.Event) -> Iterator[Bgr]:
    """At most `count` frames of one source, in even steps."""
    from desktop_app.sources import open_source

    with open_source((spec,), _ignore, stop) as source:
        info = source.info
        if info.live:
            yield from _now_and_then(source, count)
            return
        step = max(1, info.frame_count // count) if info.frame_count else _STEP_UNKNOWN
        if step >= _FAR and info.seekable and isinstance(source, SeekableSource):
            for place in range(count):
                source.seek(place * step)
                frame = next(iter(source), None)
                if frame is None:
                    return
                yield frame.bgr
            return
        given = 0
        for number, frame in enumerate(source):
            if number % step == 0:
                given += 1
                yield frame.bgr
                if given == count:
                    return


def _now_and_then(source: Source, count: int) -> Iterator[Bgr]:
    due = 0.0
    given = 0
    for frame in source:
        if time.monotonic() >= due:
            due = time.monotonic() + EVERY
            given += 1
            yield frame.bgr
            if given == count:
                return


def write_frame(pipe: IO[bytes], bgr: Bgr) -> None:
    pipe.write(_HEADER.pack(*bgr.shape[:2]))
    pipe.write(np.ascontiguousarray(bgr).data)
    pipe.flush()


def write_end(pipe: IO[bytes]) -> None:
    """No more frames come; the pipe stays open as a sign of life."""
    pipe.write(_HEADER.pack(0, 0))
    pipe.flush()


def read_frame(pipe: IO[bytes]) -> Bgr | None:
    """What `write_frame` wrote, `None` after `write_end`. Raises `EOFError` where the writer is gone."""
    height, width = _HEADER.unpack(_exactly(pipe, _HEADER.size))
    if not height:
        return None
    return np.frombuffer(_exactly(pipe, height * width * 3), np.uint8).reshape(height, width, 3)


def _exactly(pipe: IO[bytes], count: int) -> bytes:
    data = pipe.read(count)
    if len(data) < count:
        raise EOFError
    return data
