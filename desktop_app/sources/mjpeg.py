"""MJPEG over HTTP: JPEGs one after the other in a response that never ends. Of several that wait, the newest counts."""

from __future__ import annotations

import functools

import numpy as np

from desktop_app.core.address import safe_title
from desktop_app.core.frame import Bgr
from desktop_app.core.source import SourceInfo
from desktop_app.sources.limits import FIRST_FRAME_SECONDS, STREAM_STALL_SECONDS
from desktop_app.sources.live import Connection
from desktop_app.sources.lost import lost
from desktop_app.sources.opencv import import_cv2
from desktop_app.sources.probe import Body, garbage

_PART_BYTES = 64 << 20
_AT_ONCE = 1 << 16
_DRAIN_BYTES = 16 << 20
"""Read at once at most: a server that sends without end must not keep the reader from what it has."""
_SOI, _EOI = b"\xff\xd8\xff", b"\xff\xd9"


class Parts:
    """Cuts bytes into JPEGs: by the length that a part names, else from one boundary to the next."""

    def __init__(self, boundary: str) -> None:
        # Some servers name the boundary with its dashes, some without.
        self._mark = b"--" + boundary.strip().strip('"').removeprefix("--").encode("latin-1", "replace")
        self._bytes = bytearray()

    def feed(self, data: bytes) -> None:
        self._bytes += data

    def newest(self) -> bytes | None:
        """The last whole JPEG of what was fed; it and all before it are forgotten."""
        found = None
        while (jpeg := self._next()) is not None:
            found = jpeg
        return found

    def _next(self) -> bytes | None:
        """Raises `ValueError` where a part is larger than any picture."""
        data = self._bytes
        if len(data) > _PART_BYTES:
            raise ValueError("a part without an end")
        start = data.find(_SOI)
        if start < 0:
            return None
        length = _length(bytes(data[max(0, start - 2000) : start]))
        if length is not None:
            end = start + length
            if len(data) < end:
                return None
        else:
            end = data.find(self._mark, start)
            if end < 0:  # the next part has not begun, but this one may be whole
                if not data[-4:].rstrip(b"\r\n").endswith(_EOI):
                    return None
                end = len(data)
        jpeg = bytes(data[start:end])
        del data[:end]
        return jpeg if length is not None else jpeg.rstrip(b"\r\n")


def _length(head: bytes) -> int | None:
    """The content length that the header before a picture names last."""
    name = b"content-length:"
    at = head.lower().rfind(name)
    digits = head[at + len(name) :].split(b"\r\n", 1)[0].strip() if at >= 0 else b""
    return int(digits) if digits.isdigit() and 0 < int(digits) <= _PART_BYTES else None


class _Reader:
    def __init__(self, body: Body) -> None:
        self._body = body
        self._parts = Parts(body.response.headers.get_param("boundary", "") or "")  # type: ignore[arg-type]
        self._ended = False

    def read(self, seconds: float) -> Bgr | None:
        """The newest frame; `None` where none comes in time, the response has ended, or what comes is no JPEG."""
        self._body.wire.allow(seconds)
        try:
            while not self._ended:
                self._take()
                jpeg = self._parts.newest()
                bgr = None if jpeg is None else _decode(jpeg)
                if bgr is not None:
                    return bgr
        except Exception:  # whatever a server does to the connection or the chunks, there is no frame
            self._ended = True
        return None

    def _take(self) -> None:
        """Waits for bytes, then takes all that have come: what piled up is old."""
        taken = 0
        while not self._ended and taken < _DRAIN_BYTES and (taken == 0 or self._body.wire.ready()):
            data = self._body.response.read1(_AT_ONCE)
            self._ended = not data
            taken += len(data)
            self._parts.feed(data)


def _decode(jpeg: bytes) -> Bgr | None:
    cv2 = import_cv2()
    bgr: Bgr | None = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    return bgr


def connect_mjpeg(spec: str, body: Body) -> Connection:
    """The stream that has begun in `body`, with its first frame. Raises `SourceUnreadable` where none comes."""
    reader = _Reader(body)
    first = reader.read(FIRST_FRAME_SECONDS)
    if first is None:
        body.close()
        raise garbage(spec)
    height, width = first.shape[:2]
    info = SourceInfo(spec, "network", safe_title(spec), True, width, height, detail="MJPEG")
    return Connection(
        info, first, functools.partial(reader.read, STREAM_STALL_SECONDS), body.close, lost(safe_title(spec))
    )
