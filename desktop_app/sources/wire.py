"""A connection to a camera that gives up in time, however slowly the bytes trickle."""

from __future__ import annotations

import io
import select
import ssl
import threading
import time
from typing import Any
from urllib.parse import SplitResult

from desktop_app.sources import tls
from desktop_app.sources.limits import ANSWER_SECONDS

_SLICE = 0.1


class Wire(io.RawIOBase):
    """Reads until a point in time and soon after `stop` ends with `TimeoutError`; `allow` sets the point anew."""

    def __init__(self, url: SplitResult, stop: threading.Event) -> None:
        self._stop = stop
        self._socket = tls.connect(url)
        self._socket.settimeout(_SLICE)
        self.allow(ANSWER_SECONDS)

    def allow(self, seconds: float) -> None:
        self._until = time.perf_counter() + seconds

    def ready(self) -> bool:
        """Whether bytes have come that were not read."""
        if isinstance(self._socket, ssl.SSLSocket) and self._socket.pending():
            return True
        return bool(select.select([self._socket], [], [], 0)[0])

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while time.perf_counter() < self._until and not self._stop.is_set():
            try:
                return self._socket.recv_into(buffer)
            except TimeoutError:
                continue
        raise TimeoutError

    def send(self, text: str) -> None:
        self._socket.settimeout(ANSWER_SECONDS)
        self._socket.sendall(text.encode("latin-1", "replace"))
        self._socket.settimeout(_SLICE)

    def makefile(self, mode: str) -> io.BufferedReader:
        """What `HTTPResponse` wants of a socket."""
        return io.BufferedReader(self)

    def close(self) -> None:
        self._socket.close()
        super().close()
