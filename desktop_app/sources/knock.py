"""Whether a lost camera answers again: asked once a second, so that it is opened soon after it is back."""

from __future__ import annotations

import socket
import time
from urllib.parse import SplitResult

from desktop_app.core.address import PORTS
from desktop_app.sources.limits import KNOCK_SECONDS, PATIENCE_SECONDS
from desktop_app.sources.tls import ENCRYPTED

_WAIT = 0.5


class Door:
    """Of one camera. Only the thread that reads the camera uses it."""

    def __init__(self, parts: SplitResult) -> None:
        self._parts = parts
        self._knocked_at = 0.0
        self._tried_at = 0.0
        self._away = False
        self._wait = False

    def tried(self, *, wait: bool) -> None:
        """An attempt to open it has just ended. `wait`: the next one must not come early though it answers."""
        self._tried_at, self._wait = time.perf_counter(), wait

    def is_back(self) -> bool:
        """Whether it is time to open it: it answers after it did not, or it has answered all the while."""
        now = time.perf_counter()
        if now - self._knocked_at < KNOCK_SECONDS:
            return False
        there = self._knock()
        self._knocked_at = time.perf_counter()
        patient = not self._wait and now - self._tried_at > PATIENCE_SECONDS
        back, self._away = there and (self._away or patient), not there
        return back

    def _knock(self) -> bool:
        parts = self._parts
        place = (parts.hostname or "", parts.port or PORTS[parts.scheme])
        try:
            with socket.create_connection(place, timeout=_WAIT) as connection:
                if parts.scheme in ENCRYPTED:
                    return True
                # A server that hangs still takes connections: its system does that.
                kind = "RTSP" if parts.scheme == "rtsp" else "HTTP"
                connection.sendall(f"OPTIONS * {kind}/1.0\r\nCSeq: 1\r\nHost: {parts.netloc}\r\n\r\n".encode())
                return bool(connection.recv(1))
        except (OSError, UnicodeError):
            return False
