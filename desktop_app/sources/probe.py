"""One question to a server: what it has, or which of the many troubles it is in, told apart."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from desktop_app.core.address import PASSWORD, PORTS, USER, place_of, safe_title, with_login
from desktop_app.errors import AppError, LoginNeeded, SourceUnreadable
from desktop_app.i18n import tr
from desktop_app.sources.access import login_for
from desktop_app.sources.login import authorization
from desktop_app.sources.wire import Wire

__all__ = [
    "Answer",
    "Body",
    "ask",
    "checked",
    "garbage",
    "login_needed",
    "missing",
    "safe_title",
    "silent",
    "told_apart",
]

_REDIRECTS = 5
_STILL_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Body:
    """A response whose pictures are still to come, over the connection that asked for it."""

    wire: Wire
    response: HTTPResponse

    def close(self) -> None:
        self.response.close()
        self.wire.close()


@dataclass(frozen=True, slots=True)
class Answer:
    """`still`: the bytes of a picture. `body`: MJPEG that has begun. `length`: bytes of a file that can be downloaded,
    `None` of an endless stream. `address`: where it was found after redirects, without login."""

    address: str
    content_type: str
    length: int | None
    still: bytes | None = None
    body: Body | None = None


def ask(url: str, stop: threading.Event) -> Answer:
    """What the server has to say. Raises `SourceUnreadable` with the reason where it is no video and no picture."""
    return told_apart(url, lambda: _follow(url, stop))


def told_apart(url: str, act: Callable[[], Answer]) -> Answer:
    """Calls `act`; what goes wrong on the way to the server becomes a sentence of its own."""
    title = safe_title(url)
    try:
        return act()
    except AppError:
        raise
    except TimeoutError:
        raise silent(url) from None
    except socket.gaierror:
        raise _unreadable(
            tr("The host of {title} is not known.", title=title), tr("Check the address and the network.")
        ) from None
    except ConnectionRefusedError:
        raise _unreadable(
            tr("{title} refuses the connection.", title=title),
            tr("Check that the camera is on and that the port is right."),
        ) from None
    except ssl.SSLError:
        raise _unreadable(
            tr("{title} does not speak TLS, or an old kind of it.", title=title),
            tr("Try the address with http or rtsp instead of https or rtsps."),
        ) from None
    except (HTTPException, ConnectionError, ValueError):
        raise garbage(url) from None
    except OSError as error:
        raise _unreadable(
            tr("{title} cannot be reached: {reason}.", title=title, reason=error.strerror or error),
            tr("Check the address and the network."),
        ) from None


def _follow(url: str, stop: threading.Event) -> Answer:
    for _ in range(_REDIRECTS + 1):
        parts = checked(url)
        if parts.scheme in ("rtsp", "rtsps"):
            return _ask_rtsp(parts, stop)
        answer = _ask_http(parts, stop)
        if isinstance(answer, Answer):
            return answer
        url = answer
    raise _unreadable(tr("{title} leads round in circles.", title=safe_title(url)), tr("Check the address."))


def checked(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        good = bool(parts.hostname) and parts.scheme in PORTS and (parts.port or 1) > 0
    except ValueError:
        good = False
    if not good or any(c.isspace() or not c.isprintable() for c in url):
        raise _unreadable(
            tr("“{title}” is not a complete address.", title=safe_title(url)),
            tr("Write it like http://192.168.1.20:8080/video."),
        )
    return parts


def _ask_http(parts: SplitResult, stop: threading.Event) -> Answer | str:
    """What is there, or the address that the server points to."""
    url = parts.geturl()
    response, wire = _get(parts, stop)
    keep = False
    try:
        if response.status in (301, 302, 303, 307, 308):
            return _redirected(url, response.headers.get("Location", ""))
        _check_status(response.status, url)
        kind = response.headers.get_content_type()
        if kind == "multipart/x-mixed-replace":
            keep = True
            return Answer(url, kind, None, body=Body(wire, response))
        still = response.read(_STILL_BYTES) if kind.startswith("image/") else None
        if kind.startswith("text/") or kind in ("application/json", "application/xml", "application/xhtml+xml"):
            raise _unreadable(tr("{title} is a web page or text, not a video.", title=safe_title(url)), _address_hint())
        length = response.headers.get("Content-Length", "")
        return Answer(url, kind, int(length) if length.isdecimal() else None, still)
    finally:
        if not keep:
            Body(wire, response).close()


def _get(parts: SplitResult, stop: threading.Event) -> tuple[HTTPResponse, Wire]:
    """The response; where the server asks for a login that is known, the response to a second request with it."""
    url, login = parts.geturl(), login_for(parts.geturl())
    in_query = USER in url or PASSWORD in url
    if in_query and login is None:
        raise login_needed(url)
    target = urlsplit(with_login(url, login)) if in_query else parts
    path = (target.path or "/") + (f"?{target.query}" if target.query else "")
    response, wire = _send_get(parts, path, "", stop)
    if response.status != 401:
        return response, wire
    challenges = response.headers.get_all("WWW-Authenticate", [])
    Body(wire, response).close()
    answer = None if login is None else authorization(challenges, login, "GET", path)
    if answer is None or in_query:
        raise login_needed(url)
    return _send_get(parts, path, f"Authorization: {answer}\r\n", stop)


def _send_get(
    parts: SplitResult, path: str, authorization_line: str, stop: threading.Event
) -> tuple[HTTPResponse, Wire]:
    wire = Wire(parts, stop)
    try:
        wire.send(
            f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nUser-Agent: Regard\r\nAccept: */*\r\n"
            f"Connection: close\r\n{authorization_line}\r\n"
        )
        response = HTTPResponse(wire)  # type: ignore[arg-type]
        response.begin()
    except BaseException:
        wire.close()
        raise
    return response, wire


def _redirected(url: str, location: str) -> str:
    """The new address. The login goes along to the same host and port only: it is looked up by these."""
    target = urlsplit(urljoin(url, location))
    if target.scheme not in ("http", "https"):
        raise garbage(url)
    return target._replace(netloc=target.netloc.rpartition("@")[2]).geturl()


def _ask_rtsp(parts: SplitResult, stop: threading.Event) -> Answer:
    """Whether the server would describe what is there; it is asked only when FFmpeg could not open it."""
    url, login = parts.geturl(), login_for(parts.geturl())
    with Wire(parts, stop) as wire:
        reader = wire.makefile("rb")
        status, headers = _describe(wire, reader, url, 1, "")
        if status == 401 and login is not None:
            answer = authorization(headers, login, "DESCRIBE", url)
            if answer is not None:
                status, _ = _describe(wire, reader, url, 2, f"Authorization: {answer}\r\n")
    if not 300 <= status < 400:  # FFmpeg follows
        _check_status(status, url)
    return Answer(url, "application/sdp", None)


def _describe(wire: Wire, reader: Any, url: str, number: int, authorization_line: str) -> tuple[int, list[str]]:
    """The status, and the values of all `WWW-Authenticate` headers."""
    wire.send(
        f"DESCRIBE {url} RTSP/1.0\r\nCSeq: {number}\r\nUser-Agent: Regard\r\nAccept: application/sdp\r\n"
        f"{authorization_line}\r\n"
    )
    words = reader.readline(1000).split(None, 2)
    if len(words) < 2 or not words[0].startswith(b"RTSP/1.") or not words[1].isdigit():
        raise garbage(url)
    lines = [line.decode("latin-1") for line in iter(lambda: reader.readline(4000).strip(), b"")]
    pairs = [line.partition(":") for line in lines]
    return int(words[1]), [value.strip() for name, _, value in pairs if name.strip().lower() == "www-authenticate"]


def _check_status(status: int, url: str) -> None:
    title = safe_title(url)
    if status in (401, 403, 407):
        raise login_needed(url)
    if status in (404, 410, 454):
        raise missing(url)
    if not 200 <= status < 300:
        raise _unreadable(
            tr("{title} answers with error {status}.", title=title, status=status), tr("Try again later.")
        )


def login_needed(url: str) -> LoginNeeded:
    """Another one than the one that was used, where one was."""
    title, place = safe_title(url), place_of(url)
    if login_for(url) is not None:
        return LoginNeeded(
            tr("{title} does not accept this name and password.", title=title),
            tr("Check the name and the password."),
            place,
            refused=True,
        )
    return LoginNeeded(
        tr("{title} asks for a name and a password.", title=title),
        tr("Regard asks for them in its window and on a terminal."),
        place,
    )


def missing(url: str) -> SourceUnreadable:
    return _unreadable(tr("{title} does not exist on this server.", title=safe_title(url)), _address_hint())


def garbage(url: str) -> SourceUnreadable:
    return _unreadable(
        tr("{title} does not send a video that Regard can read.", title=safe_title(url)), _address_hint()
    )


def silent(url: str) -> SourceUnreadable:
    return _unreadable(
        tr("{title} does not answer.", title=safe_title(url)),
        tr("Check that the camera is on and in the same network."),
    )


def _address_hint() -> str:
    return tr("The manual of the camera names the address of its video.")


def _unreadable(message: str, hint: str) -> SourceUnreadable:
    return SourceUnreadable(message, hint)
