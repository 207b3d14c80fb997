"""A download server on loopback that behaves as servers do: well, and in all the other ways."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from unittest import mock

Mode = Literal[
    "ok",
    "truncated",  # announces all, sends half, each time; no ranges
    "truncated-then-resumable",  # sends half, then the rest when asked for it
    "changes",  # sends half, then the rest of another file under another ETag
    "stall",  # sends half, then nothing, also when asked for the rest
    "silent",  # takes the request and says nothing
    "html",  # a page with status 200
    "wrong-bytes",
    "416",  # refuses every range, and says how long the file is
    "416-mute",  # refuses every range without saying anything
    "no-range",  # sends the whole file, whatever is asked
    "404",
    "403",
    "500",
    "no-length",
    "redirect",
    "slow",  # a few bytes at a time, without end
]


@dataclass
class Mirror:
    """`files`: by name. `requests`: (path, Range header) as they came. `modes`: by name, "ok" where absent.
    `types`: Content-Type by name."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    modes: dict[str, Mode] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    requests: list[tuple[str, str | None]] = field(default_factory=list)
    authorization: list[str | None] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    """Set it to let stalled answers end."""

    def sums(self, *, binary: bool = False) -> None:
        """Puts a SHA256SUMS of the files there now."""
        mark = "*" if binary else " "
        lines = [f"{hashlib.sha256(body).hexdigest()} {mark}{name}\n" for name, body in self.files.items()]
        self.files["SHA256SUMS"] = "".join(lines).encode()

    def asked(self, name: str) -> list[str | None]:
        """The Range headers of the requests for a file."""
        return [span for path, span in self.requests if path.endswith("/" + name)]


def _handler(mirror: Mirror) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

        def _head(self, status: int, length: int | None = None, **headers: str) -> None:
            self.send_response(status)
            if length is not None:
                self.send_header("Content-Length", str(length))
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()

        def _error(self, status: int, **headers: str) -> None:
            self._head(status, 0, **headers)

        def _whole(self, body: bytes, **headers: str) -> None:
            self._head(200, len(body), ETag=f'"{hashlib.md5(body).hexdigest()}"', Accept_Ranges="bytes", **headers)
            self.wfile.write(body)

        def _part(self, body: bytes, start: int) -> None:
            span = f"bytes {start}-{len(body) - 1}/{len(body)}"
            tag = f'"{hashlib.md5(body).hexdigest()}"'
            self._head(206, len(body) - start, Content_Range=span, ETag=tag)
            if mirror.modes.get(self.path.rpartition("/")[2]) != "stall":
                self.wfile.write(body[start:])

        def _half(self, body: bytes) -> None:
            self._head(200, len(body), ETag=f'"{hashlib.md5(body).hexdigest()}"')
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()

        def do_GET(self) -> None:
            name = self.path.rpartition("/")[2]
            span = self.headers.get("Range")
            mirror.requests.append((self.path, span))
            mirror.authorization.append(self.headers.get("Authorization"))
            mode, body = mirror.modes.get(name, "ok"), mirror.files.get(name)
            if mode.isdigit() and mode != "416":
                return self._error(int(mode))
            if body is None:
                return self._error(404)
            start = int(re.findall(r"\d+", span)[0]) if span else 0
            return self._send(mode, name, body, start)

        def _send(self, mode: Mode, name: str, body: bytes, start: int) -> None:
            if mode == "html":
                self._whole(b"<!DOCTYPE html><title>Sign in</title>", Content_Type="text/html")
            elif mode == "wrong-bytes":
                self._whole(bytes(len(body)))
            elif mode == "redirect":
                self._error(302, Location=f"{mirror.url}/elsewhere/{name}")
                mirror.modes[name] = "ok"
            elif mode == "no-length":
                self._head(200)
                self.wfile.write(body)
            elif mode == "silent":
                mirror.released.wait(20)
            elif mode == "slow":
                self._head(200, len(body))
                for at in range(0, len(body), 16):
                    self.wfile.write(body[at : at + 16])
                    if mirror.released.wait(0.02):
                        break
            elif mode == "stall":
                self._part(body, start) if start else self._half(body)
                self.wfile.flush()
                mirror.released.wait(20)
            elif mode == "truncated" or (mode in ("truncated-then-resumable", "changes") and not start):
                self._half(body)
            elif mode == "changes":
                mirror.files[name] = body = bytes(255 - byte for byte in body)
                mirror.modes[name] = "ok"
                self._part(body, start)
            elif mode == "416" and start:
                self._error(416, Content_Range=f"bytes */{len(body)}")
            elif mode == "416-mute" and start:
                self._error(416)
            elif start and mode not in ("no-range",):
                self._part(body, start)
            else:
                kind = {"Content_Type": mirror.types[name]} if name in mirror.types else {}
                self._whole(body, **kind)

        def handle(self) -> None:
            with contextlib.suppress(OSError):  # the client may go
                super().handle()

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True


@contextmanager
def serve() -> Iterator[Mirror]:
    """Reached without the proxy that the machine may be set up for."""
    mirror = Mirror()
    direct = mock.patch.dict(os.environ, no_proxy="*")
    with direct, _Server(("127.0.0.1", 0), _handler(mirror)) as server:
        mirror.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, name="mirror")
        thread.start()
        try:
            yield mirror
        finally:
            mirror.released.set()
            server.shutdown()
            thread.join()
