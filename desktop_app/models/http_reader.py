"""Reads from http and https addresses, and can be stopped within a second while a server is silent.

The network is read by a thread of its own; the caller takes what came from a queue. Every failure is a sentence.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import queue
import re
import socket
import ssl
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from desktop_app.errors import WeightsUnavailable
from desktop_app.i18n import tr

READ_TIMEOUT = 30.0
"""Seconds without a byte after which a server counts as silent."""
_CHUNK = 1 << 18


class Cancelled(WeightsUnavailable):
    """The user stopped it; what has come so far is kept for the next time."""


class Broken(Exception):
    """The connection ended before the file did, or went silent."""


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of an answer. `total`: bytes of the whole file, 0 where the server does not say."""

    url: str
    status: int
    start: int
    total: int
    content_type: str
    validator: str


class _StayEncrypted(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if req.type == "https" and not newurl.startswith("https:"):
            raise urllib.error.URLError("redirected from https to an unprotected address")
        redirected = super().redirect_request(req, fp, code, msg, headers, newurl)
        if redirected is not None and redirected.host != req.host:
            redirected.remove_header("Authorization")
        return redirected


def tls_context(cafile: str | None = None) -> ssl.SSLContext:
    """Trusts what the system trusts, Mozilla's list (a Python on macOS may know no other) and `cafile`."""
    context = ssl.create_default_context()
    with contextlib.suppress(ImportError, OSError):
        import certifi

        context.load_verify_locations(certifi.where())
    if cafile:
        with contextlib.suppress(OSError):
            context.load_verify_locations(cafile)
    return context


def _opener(context: ssl.SSLContext | None) -> urllib.request.OpenerDirector:
    """http and https only (the standard opener reads file:, ftp: and data: too), through the system's proxy."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(context=context or tls_context()),
        _StayEncrypted(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


def _request(url: str, headers: dict[str, str]) -> urllib.request.Request:
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise WeightsUnavailable(
            tr("Regard fetches weights from http and https addresses only, not from “{address}”.", address=shown(url)),
            tr("Check the address of the model mirror in the settings."),
        )
    headers = {"User-Agent": "regard", "Accept-Encoding": "identity", **headers}
    if parts.username is not None:
        pair = f"{urllib.parse.unquote(parts.username)}:{urllib.parse.unquote(parts.password or '')}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        parts = parts._replace(netloc=parts.netloc.rpartition("@")[2])
    clean = parts._replace(path=urllib.parse.quote(parts.path, safe="/%:@!$&'()*+,;=~"))
    return urllib.request.Request(clean.geturl(), headers=headers)  # noqa: S310  the scheme is checked above


def shown(url: str) -> str:
    """The address without user name and password, for messages and logs."""
    parts = urllib.parse.urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _head(response: http.client.HTTPResponse) -> Head:
    span = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
    partial = response.status == 206 and span is not None
    length = response.headers.get("Content-Length", "")
    total = int(length) if length.isdigit() else 0
    if partial and span is not None:
        total = int(span[2]) if span[2] != "*" else total + int(span[1])
    return Head(
        url=response.url or "",
        status=response.status,
        start=int(span[1]) if partial and span is not None else 0,
        total=total,
        content_type=response.headers.get_content_type(),
        validator=response.headers.get("ETag") or response.headers.get("Last-Modified") or "",
    )


class _Pump:
    """Reads one answer in a thread: first its `Head`, then chunks, then `None` or the exception that ended it."""

    def __init__(self, request: urllib.request.Request, context: ssl.SSLContext | None) -> None:
        self._inbox: queue.Queue[Head | bytes | Exception | None] = queue.Queue(maxsize=8)
        self._closed = threading.Event()
        self._response: http.client.HTTPResponse | None = None
        self._ended = False
        self._thread = threading.Thread(target=self._run, args=(request, context), name="download", daemon=True)
        self._thread.start()

    def _put(self, item: Head | bytes | Exception | None) -> None:
        while not self._closed.is_set():
            with contextlib.suppress(queue.Full):
                self._inbox.put(item, timeout=0.1)
                return

    def _run(self, request: urllib.request.Request, context: ssl.SSLContext | None) -> None:
        try:
            with _opener(context).open(request, timeout=READ_TIMEOUT) as response:
                self._response = response
                self._put(_head(response))
                while not self._closed.is_set() and (chunk := response.read1(_CHUNK)):
                    self._put(chunk)
            self._put(None)
        except Exception as error:  # the reader of the inbox raises it
            self._put(error)

    def items(self, cancel: threading.Event | None) -> Iterator[Head | bytes]:
        while True:
            if cancel is not None and cancel.is_set():
                raise Cancelled(tr("The download was cancelled."), tr("Choose the model again to go on with it."))
            with contextlib.suppress(queue.Empty):
                item = self._inbox.get(timeout=0.1)
                self._ended = item is None or isinstance(item, Exception)
                if item is None:
                    return
                if isinstance(item, Exception):
                    raise item
                yield item

    def close(self) -> None:
        """Wakes the thread even where it waits for a silent server; one that still connects ends by itself."""
        self._closed.set()
        response = self._response
        if response is not None and not self._ended:
            with contextlib.suppress(OSError, ValueError, AttributeError):  # it may end at this very moment
                wire = socket.socket(fileno=response.fileno())
                try:
                    wire.shutdown(socket.SHUT_RDWR)
                finally:
                    wire.detach()
        if response is not None or self._ended:
            self._thread.join(1.0)


@contextlib.contextmanager
def answer(
    url: str, headers: dict[str, str], cancel: threading.Event | None, context: ssl.SSLContext | None
) -> Iterator[tuple[Head, Iterator[bytes]]]:
    """Head and chunks. Raises `HTTPError`, `WeightsUnavailable` (no connection) or `Broken` (one that ended)."""
    pump = _Pump(_request(url, headers), context)

    def chunks() -> Iterator[bytes]:
        try:
            for item in items:
                assert isinstance(item, bytes)
                yield item
        except (OSError, http.client.HTTPException) as error:
            raise Broken(str(error)) from error

    try:
        items = pump.items(cancel)
        try:
            head = next(items)
        except urllib.error.HTTPError:
            raise
        except (OSError, http.client.HTTPException) as error:
            raise _no_connection(url, error) from error
        assert isinstance(head, Head)
        yield head, chunks()
    finally:
        pump.close()


def _no_connection(url: str, error: Exception) -> WeightsUnavailable:
    reason = getattr(error, "reason", error)
    host = urllib.parse.urlsplit(url).hostname or url
    hint = tr("Check the network connection, or set a model mirror in the settings, then try again.")
    if isinstance(reason, ssl.SSLError):
        return WeightsUnavailable(
            tr("The connection to {host} is not safe: {reason}.", host=host, reason=reason.reason or reason),
            tr("Check the date of this computer; a school or company network may need its own certificate."),
        )
    if isinstance(reason, TimeoutError):
        return WeightsUnavailable(tr("{host} does not answer.", host=host), hint)
    if isinstance(reason, socket.gaierror):
        return WeightsUnavailable(tr("{host} cannot be found: there seems to be no network.", host=host), hint)
    text = getattr(reason, "strerror", None) or reason
    return WeightsUnavailable(tr("{host} cannot be reached: {reason}.", host=host, reason=text), hint)


def refused(url: str, status: int) -> WeightsUnavailable:
    if status in (404, 410):
        return WeightsUnavailable(
            tr("There is no file at {address}.", address=shown(url)),
            tr("Check the address of the model mirror, or choose another model."),
        )
    if status in (401, 403, 407):
        return WeightsUnavailable(
            tr("The server does not let you fetch {address} (status {status}).", address=shown(url), status=status),
            tr("Check the user name and the password in the address of the model mirror or of the proxy."),
        )
    return WeightsUnavailable(
        tr("The server could not send {address} (status {status}).", address=shown(url), status=status),
        tr("Try again later, or set a model mirror in the settings."),
    )


def web_page(url: str) -> WeightsUnavailable:
    return WeightsUnavailable(
        tr("{host} answered with a web page instead of the file.", host=urllib.parse.urlsplit(url).hostname or url),
        tr("Sign in to the network in a web browser, or check the address of the model mirror."),
    )


def read_small(
    url: str,
    cancel: threading.Event | None = None,
    *,
    accept: str = "*/*",
    limit: int = 8 << 20,
    context: ssl.SSLContext | None = None,
) -> tuple[Head, bytes] | None:
    """A short text, whole; `None` where the server has none (404, 410). Raises `WeightsUnavailable`."""
    body = bytearray()
    try:
        with answer(url, {"Accept": accept}, cancel, context) as (head, chunks):
            for chunk in chunks:
                body += chunk
                if len(body) > limit:
                    raise refused(url, head.status)
            if head.total > len(body):
                raise Broken("cut off")
    except urllib.error.HTTPError as error:
        error.close()
        if error.code in (404, 410):
            return None
        raise refused(url, error.code) from error
    except Broken as error:
        raise interrupted(url, len(body), 0) from error
    return head, bytes(body)


def exists(url: str, cancel: threading.Event | None = None) -> bool:
    """A server has this file; only the beginning of its answer is read. False also where it cannot be reached."""
    try:
        with answer(url, {"Range": "bytes=0-0"}, cancel, None) as (head, _):
            return head.content_type != "text/html"
    except urllib.error.HTTPError as error:
        error.close()
    except Cancelled:
        raise
    except (Broken, WeightsUnavailable):
        pass
    return False


def interrupted(url: str, done: int, total: int) -> WeightsUnavailable:
    host = urllib.parse.urlsplit(url).hostname or url
    if total:
        message = tr("The connection to {host} broke after {done} of {total} bytes.", host=host, done=done, total=total)
    else:
        message = tr("The connection to {host} broke after {done} bytes.", host=host, done=done)
    return WeightsUnavailable(message, tr("Try again: it goes on where it stopped."))
