"""One short question to a server before FFmpeg is let at it, which says only "not opened" whatever is wrong."""

from __future__ import annotations

import base64
import io
import re
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from desktop_app.errors import SourceUnreadable
from desktop_app.i18n import tr
from desktop_app.sources.limits import ANSWER_SECONDS

_PORTS = {"http": 80, "https": 443, "rtsp": 554, "rtsps": 322}
_REDIRECTS = 5
_HOST = re.compile(r"(\[[0-9A-Fa-f:.%]+\]|[^:@\[\]]*)(:\d*)?")
_STILL_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    """`still`: the bytes of a picture. `length`: bytes of a file that can be downloaded, `None` of an endless stream.

    `address`: where it was found after redirects. `login`: FFmpeg has still to log in (Digest).
    """

    address: str
    content_type: str
    length: int | None
    still: bytes | None = None
    login: bool = False


def safe_title(url: str) -> str:
    """The address without name, password and query, which often holds a password too."""
    scheme, _, rest = url.partition("://")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    path = rest[len(authority) :] if "@" in authority or _HOST.fullmatch(authority) else ""
    host = authority.rpartition("@")[2]
    if not _HOST.fullmatch(host):  # a password that is not escaped, perhaps: show too little rather than too much
        host, path = rest.rpartition("@")[2].partition(":")[0], ""
    shown = f"{scheme}://{host}{re.split(r'[?#]', path, maxsplit=1)[0]}"
    return "".join(c for c in shown if c.isprintable())


class _Wire(io.RawIOBase):
    """A socket that gives up at a point in time, however slowly the bytes trickle, and soon after `stop`."""

    def __init__(self, url: SplitResult, stop: threading.Event) -> None:
        self._until = time.perf_counter() + ANSWER_SECONDS
        self._stop = stop
        address = (url.hostname or "", url.port or _PORTS[url.scheme])
        self._socket = socket.create_connection(address, timeout=ANSWER_SECONDS)
        if url.scheme in ("https", "rtsps"):
            # Cameras sign their own certificates, and FFmpeg does not check them either.
            context = ssl._create_unverified_context()  # noqa: S323
            self._socket = context.wrap_socket(self._socket, server_hostname=url.hostname)
        self._socket.settimeout(0.1)

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
        self._socket.sendall(text.encode("latin-1", "replace"))

    def makefile(self, mode: str) -> io.BufferedReader:
        """What `HTTPResponse` wants of a socket."""
        return io.BufferedReader(self)

    def close(self) -> None:
        self._socket.close()
        super().close()


def probe(url: str, stop: threading.Event) -> Answer:
    """What the server has to say. Raises `SourceUnreadable` with the reason where it is no video and no picture."""
    try:
        for _ in range(_REDIRECTS + 1):
            parts = _checked(url)
            url = parts.geturl()
            with _Wire(parts, stop) as wire:
                if parts.scheme in ("rtsp", "rtsps"):
                    return _ask_rtsp(wire, parts, url)
                answer = _ask_http(wire, parts, url)
            if isinstance(answer, Answer):
                return answer
            url = answer
    except TimeoutError:
        raise _silent(url) from None
    except socket.gaierror:
        raise _unreadable(
            tr("The host of {title} is not known.", title=safe_title(url)), tr("Check the address and the network.")
        ) from None
    except ConnectionRefusedError:
        raise _unreadable(
            tr("{title} refuses the connection.", title=safe_title(url)),
            tr("Check that the camera is on and that the port is right."),
        ) from None
    except (HTTPException, ssl.SSLError, ConnectionError, ValueError):
        raise garbage(url) from None
    except OSError as error:
        raise _unreadable(
            tr("{title} cannot be reached: {reason}.", title=safe_title(url), reason=error.strerror or error),
            tr("Check the address and the network."),
        ) from None
    raise _unreadable(tr("{title} leads round in circles.", title=safe_title(url)), tr("Check the address."))


def _checked(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        good = bool(parts.hostname) and parts.scheme in _PORTS and (parts.port or 1) > 0
    except ValueError:
        good = False
    if not good or any(c.isspace() or not c.isprintable() for c in url):
        raise _unreadable(
            tr("“{title}” is not a complete address.", title=safe_title(url)),
            tr("Write it like http://192.168.1.20:8080/video."),
        )
    return parts


def _ask_http(wire: _Wire, parts: SplitResult, url: str) -> Answer | str:
    """What is there, or the address that the server points to."""
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = parts.netloc.rpartition("@")[2]
    wire.send(
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Regard\r\nAccept: */*\r\nConnection: close\r\n"
        f"{_authorization(parts)}\r\n"
    )
    response = HTTPResponse(wire)  # type: ignore[arg-type]
    response.begin()
    if response.status in (301, 302, 303, 307, 308):
        return _redirected(url, parts, response.headers.get("Location", ""))
    challenge = response.headers.get("WWW-Authenticate", "")
    _check_status(response.status, challenge, parts, url)
    if response.status == 401:
        return Answer(url, "", None, login=True)
    kind = response.headers.get_content_type()
    still = None
    if kind.startswith("image/"):
        still = response.read(_STILL_BYTES)
    elif kind.startswith("text/") or kind in ("application/json", "application/xml", "application/xhtml+xml"):
        raise _unreadable(tr("{title} is a web page or text, not a video.", title=safe_title(url)), _address_hint())
    length = response.headers.get("Content-Length", "")
    finite = length.isdecimal() and not kind.startswith("multipart/")
    return Answer(url, kind, int(length) if finite else None, still)


def _redirected(url: str, parts: SplitResult, location: str) -> str:
    """The new address. Name and password go along to the same host only."""
    target = urlsplit(urljoin(url, location))
    if target.scheme not in ("http", "https"):
        raise garbage(url)
    if target.username is None and (target.hostname, target.port) == (parts.hostname, parts.port):
        target = target._replace(netloc=parts.netloc)
    return target.geturl()


def _ask_rtsp(wire: _Wire, parts: SplitResult, url: str) -> Answer:
    host = parts.netloc.rpartition("@")[2]
    target = parts._replace(netloc=host).geturl()
    wire.send(
        f"DESCRIBE {target} RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: Regard\r\nAccept: application/sdp\r\n"
        f"{_authorization(parts)}\r\n"
    )
    reader = wire.makefile("rb")
    words = reader.readline(1000).split(None, 2)
    if len(words) < 2 or not words[0].startswith(b"RTSP/1.") or not words[1].isdigit():
        raise garbage(url)
    headers = [line.decode("latin-1") for line in iter(lambda: reader.readline(4000).strip(), b"")]
    challenge = " ".join(line for line in headers if line.lower().startswith("www-authenticate"))
    status = int(words[1])
    if not 300 <= status < 400:  # FFmpeg follows
        _check_status(status, challenge.partition(":")[2], parts, url)
    return Answer(url, "application/sdp", None, login=status == 401)


def _authorization(parts: SplitResult) -> str:
    if parts.username is None:
        return ""
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return f"Authorization: Basic {base64.b64encode(pair.encode()).decode()}\r\n"


def _check_status(status: int, challenge: str, parts: SplitResult, url: str) -> None:
    title = safe_title(url)
    if status == 401 and parts.username is not None and "digest" in challenge.lower():
        return  # FFmpeg knows how to answer
    if status in (401, 403, 407):
        if parts.username is not None:
            raise refused_login(url)
        raise _unreadable(
            tr("{title} asks for a name and a password.", title=title),
            tr("Put them into the address: {scheme}://name:password@…", scheme=parts.scheme),
        )
    if status in (404, 410, 454):
        raise _unreadable(tr("{title} does not exist on this server.", title=title), _address_hint())
    if not 200 <= status < 300:
        raise _unreadable(
            tr("{title} answers with error {status}.", title=title, status=status), tr("Try again later.")
        )


def refused_login(url: str) -> SourceUnreadable:
    return _unreadable(
        tr("{title} does not accept this name and password.", title=safe_title(url)),
        tr("Check the name and the password in the address."),
    )


def garbage(url: str) -> SourceUnreadable:
    return _unreadable(
        tr("{title} does not send a video that Regard can read.", title=safe_title(url)), _address_hint()
    )


def _address_hint() -> str:
    return tr("The manual of the camera names the address of its video.")


def _unreadable(message: str, hint: str) -> SourceUnreadable:
    return SourceUnreadable(message, hint)


def _silent(url: str) -> SourceUnreadable:
    return _unreadable(
        tr("{title} does not answer.", title=safe_title(url)),
        tr("Check that the camera is on and in the same network."),
    )
