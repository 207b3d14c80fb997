"""Servers on loopback that misbehave in the ways of real cameras.

`FaultServer` speaks HTTP; the path says what it does (`/ok`, `/stall`, `/die`, …, see `_PLAN`). `SilentPort`
accepts and says nothing. `RtspStub` answers every request with one status. All end with their `with` block.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
import socket
import socketserver
import ssl
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import TracebackType
from typing import Any, Self

BOUNDARY = "frontier"
SECRET = "s3cret-word"
Stop = threading.Event


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


class _Server(socketserver.ThreadingTCPServer):
    """Its threads are joined when it closes, so that no test leaves one behind."""

    daemon_threads = False
    block_on_close = True
    allow_reuse_address = True


class _Running:
    """A server in a thread, from `with` to its end; `stop` ends what its handlers wait for."""

    def __init__(self, handler: type[socketserver.BaseRequestHandler], port: int = 0) -> None:
        self.stop = Stop()
        self.hits: Counter[str] = Counter()
        self.server = _Server(("127.0.0.1", port), handler)
        self.server.owner = self  # type: ignore[attr-defined]
        self.port: int = self.server.server_address[1]
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stop.set()
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()


class FaultServer(_Running):
    """`jpegs`: the frames that it sends, again from the first after the last; `fps`: how fast."""

    def __init__(
        self,
        jpegs: list[bytes],
        port: int = 0,
        fps: float = 25.0,
        files: dict[str, bytes] | None = None,
        certificate: tuple[Path, Path] | None = None,
    ) -> None:
        """`certificate`: with its key; the server then speaks https."""
        super().__init__(_Http, port)
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.jpegs = jpegs
        self.fps = fps
        self.files = files or {}
        self.sent = 0

    def url(self, path: str, user: str = "") -> str:
        scheme = "https" if isinstance(self.server.socket, ssl.SSLSocket) else "http"
        return f"{scheme}://{user}127.0.0.1:{self.port}/{path}"


class _Http(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        pass

    @property
    def owner(self) -> FaultServer:
        owner: FaultServer = self.server.owner  # type: ignore[attr-defined]
        return owner

    def do_GET(self) -> None:
        self.close_connection = True
        name = self.path.split("?")[0].strip("/")
        self.owner.hits[name] += 1
        try:
            if name in self.owner.files:
                self._file(self.owner.files[name], name)
            else:
                _PLAN.get(name, _Http._missing)(self)
        except OSError:  # the client went away
            pass

    def _head(self, kind: str, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), value)
        self.send_header("Connection", "close")
        self.end_headers()

    def _whole(self, kind: str, body: bytes, status: int = 200, **headers: str) -> None:
        self._head(kind, status, Content_Length=str(len(body)), **headers)
        self.wfile.write(body)

    def _file(self, body: bytes, name: str) -> None:
        kinds = {"jpg": "image/jpeg", "mp4": "video/mp4", "mkv": "video/x-matroska", "avi": "video/x-msvideo"}
        kind = kinds.get(name.rsplit(".", 1)[-1], "application/octet-stream")
        start, _, end = self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")
        first, last = int(start or 0), int(end) if end else len(body) - 1
        if "Range" in self.headers:
            span = f"bytes {first}-{last}/{len(body)}"
            self._whole(kind, body[first : last + 1], 206, Accept_Ranges="bytes", Content_Range=span)
        else:
            self._whole(kind, body, Accept_Ranges="bytes")

    def _stream(self, frames: int | None, then: Callable[[_Http], None] | None = None) -> None:
        self._head(f"multipart/x-mixed-replace; boundary={BOUNDARY}")
        sent = 0
        while not self.owner.stop.wait(1 / self.owner.fps) and (frames is None or sent < frames):
            self._part(self.owner.jpegs[sent % len(self.owner.jpegs)])
            sent += 1
            self.owner.sent = sent
        if then is not None:
            then(self)

    def _paced(self) -> None:
        """At the very rate, whatever the sending takes: frame n is sent n / fps after the first."""
        self._head(f"multipart/x-mixed-replace; boundary={BOUNDARY}")
        start = time.perf_counter()
        for number in itertools.count():
            if self.owner.stop.wait(max(0.0, start + number / self.owner.fps - time.perf_counter())):
                return
            self._part(self.owner.jpegs[number % len(self.owner.jpegs)])

    def _part(self, jpeg: bytes) -> None:
        head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
        self.wfile.write(head.encode() + jpeg + b"\r\n")
        self.wfile.flush()

    def _hang(self) -> None:
        self.owner.stop.wait()

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def _trickle(self) -> None:
        """A byte now and then: never quite silent, never a frame."""
        self._head(f"multipart/x-mixed-replace; boundary={BOUNDARY}")
        while not self.owner.stop.wait(0.2):
            self.wfile.write(b"-")
            self.wfile.flush()

    def _slow_header(self) -> None:
        for letter in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 10_000:
            if self.owner.stop.wait(0.2):
                return
            self.wfile.write(bytes([letter]))
            self.wfile.flush()

    def _garbage(self) -> None:
        self._head("application/octet-stream")
        for _ in range(200):
            self.wfile.write(bytes(range(256)) * 16)
        self._hang()

    def _auth(self) -> None:
        wanted = "Basic " + base64.b64encode(f"anna:{SECRET}".encode()).decode()
        if self.headers.get("Authorization") == wanted:
            self._stream(None)
        else:
            self._whole("text/plain", b"no", 401, WWW_Authenticate='Basic realm="camera"')

    def _private(self) -> None:
        wanted = "Basic " + base64.b64encode(f"anna:{SECRET}".encode()).decode()
        if self.headers.get("Authorization") == wanted:
            self._file(self.owner.files["clip.mp4"], "clip.mp4")
        else:
            self._whole("text/plain", b"no", 401, WWW_Authenticate='Basic realm="camera"')

    def _digest(self) -> None:
        """RFC 7616 with MD5 and "auth", checked as a camera does it."""
        sent = dict(re.findall(r'(\w+)="?([^",]*)', self.headers.get("Authorization", "")))
        first = _md5(f"anna:camera:{SECRET}")
        parts = (first, "n0nce", sent.get("nc", ""), sent.get("cnonce", ""), "auth", _md5(f"GET:{self.path}"))
        if sent.get("response") == _md5(":".join(parts)):
            self._stream(None)
        else:
            challenge = 'Digest realm="camera", nonce="n0nce", qop="auth"'
            self._whole("text/plain", b"no", 401, WWW_Authenticate=challenge)

    def _query(self) -> None:
        if self.path.endswith(f"?usr=anna&pwd={SECRET}"):
            self._stream(None)
        else:
            self._whole("text/plain", b"no", 401)

    def _no_length(self) -> None:
        """Chunked, and no part says how long it is."""
        self._head("multipart/x-mixed-replace;boundary=--" + BOUNDARY, Transfer_Encoding="chunked")
        sent = 0
        while not self.owner.stop.wait(1 / self.owner.fps):
            data = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\n\r\n".encode()
            data += self.owner.jpegs[sent % len(self.owner.jpegs)] + b"\r\n"
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            self.wfile.flush()
            sent += 1

    def _missing(self) -> None:
        self._whole("text/html", b"<h1>no</h1>", 404)


_PLAN: dict[str, Callable[[_Http], None]] = {
    "ok": lambda self: self._stream(None),
    "paced": _Http._paced,
    "stall": lambda self: self._stream(5, _Http._hang),
    "die": lambda self: self._stream(5),
    "reset": lambda self: self._stream(5, _Http._reset),
    # The first visit probes, the second streams a little; later ones stream on.
    "blip": lambda self: self._stream(10 if self.owner.hits["blip"] <= 2 else None),
    "trickle": _Http._trickle,
    "slowheader": _Http._slow_header,
    "noheader": _Http._hang,
    "nobody": lambda self: self._stream(0, _Http._hang),
    "garbage": _Http._garbage,
    "html": lambda self: self._whole("text/html", b"<html>hello</html>"),
    "401": lambda self: self._whole("text/plain", b"no", 401, WWW_Authenticate='Basic realm="camera"'),
    "auth": _Http._auth,
    "private.mp4": _Http._private,
    "digest": _Http._digest,
    "query": _Http._query,
    "nolength": _Http._no_length,
    "404": _Http._missing,
    "500": lambda self: self._whole("text/plain", b"no", 500),
    "loop": lambda self: self._whole("text/plain", b"", 302, Location="/loop"),
    "moved": lambda self: self._whole("text/plain", b"", 302, Location="/ok"),
    "tofile": lambda self: self._whole("text/plain", b"", 302, Location="file:///etc/passwd"),
}


class _Silent(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        self.server.owner.stop.wait()  # type: ignore[attr-defined]


class SilentPort(_Running):
    """Accepts, and never says a word."""

    def __init__(self) -> None:
        super().__init__(_Silent)


class _Rtsp(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        owner: RtspStub = self.server.owner  # type: ignore[attr-defined]
        try:
            while line := self.rfile.readline():
                owner.seen.append(line.decode("latin-1"))
                while self.rfile.readline().strip():
                    pass
                self.wfile.write(f"RTSP/1.0 {owner.status} No\r\nCSeq: 1\r\n{owner.headers}\r\n".encode())
        except OSError:
            pass


class RtspStub(_Running):
    """Answers every request with one status."""

    def __init__(self, status: int, headers: str = "") -> None:
        super().__init__(_Rtsp)
        self.status = status
        self.headers = headers
        self.seen: list[str] = []
