"""Fetches one file: resumed, checked, and under its final name only when it is whole and right."""

from __future__ import annotations

import errno
import hashlib
import json
import re
import ssl
import threading
import time
import urllib.error
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from desktop_app.core.progress import Progress, ReportProgress
from desktop_app.errors import WeightsDamaged, WeightsUnavailable
from desktop_app.i18n import tr
from desktop_app.models.http_reader import Broken, Head, answer, interrupted, refused, shown, web_page

TRIES = 4
"""How often a connection that breaks is taken up again, as long as each brings something."""
LARGEST = 4 << 30
_REPORT_EVERY = 0.1
_DISK_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
_HTML = (b"<!doctype html", b"<html")


@dataclass(frozen=True, slots=True)
class Job:
    """For whom a file is fetched: the model's key and title, who hears of the progress, what ends it."""

    key: str
    title: str
    report: ReportProgress
    cancel: threading.Event | None = None


@dataclass(frozen=True, slots=True)
class Remote:
    """A file on a server. `size` in bytes, for the progress where the server does not say; `exact_size`: it must be so.

    `sha256`: the hash, or its beginning, or "" where none is known.
    """

    url: str
    size: int = 0
    exact_size: bool = False
    sha256: str = ""
    context: ssl.SSLContext | None = None


class _Part:
    """The unfinished file beside its target, with a note of where it comes from."""

    def __init__(self, target: Path, url: str) -> None:
        self.path = target.with_name(target.name + ".part")
        self._note = target.with_name(target.name + ".part.json")
        self._url = shown(url)

    def resumable(self) -> tuple[int, str]:
        """Bytes that are there, and the validator (ETag) they belong to; (0, "") where they belong to another file."""
        try:
            note = json.loads(self._note.read_text(encoding="utf-8"))
            if note["url"] == self._url and isinstance(note["validator"], str):
                return self.path.stat().st_size, note["validator"]
        except (OSError, ValueError, KeyError, TypeError):
            pass
        return 0, ""

    def begin(self, validator: str) -> None:
        self._note.write_text(json.dumps({"url": self._url, "validator": validator}), encoding="utf-8")

    def drop(self) -> None:
        self.path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    def finish(self, target: Path) -> None:
        self.path.replace(target)
        self._note.unlink(missing_ok=True)


class _Meter:
    """Reports at most ten times a second; the rate is that of this connection."""

    def __init__(self, job: Job, done: int, total: int) -> None:
        self._job, self._first, self._total = job, done, total
        self._began = time.monotonic()
        self._next = 0.0

    def at(self, done: int, *, last: bool = False) -> None:
        now = time.monotonic()
        if now < self._next and not last:
            return
        self._next = now + _REPORT_EVERY
        elapsed = now - self._began
        rate = (done - self._first) / elapsed if elapsed > 0 else 0.0
        total = max(self._total, done) if self._total else 0
        self._job.report(Progress(self._job.key, "fetch", done, total, rate))


def _too_large(url: str) -> WeightsDamaged:
    return WeightsDamaged(
        tr("The file at {address} is too large to be a model.", address=shown(url)),
        tr("Check the address of the model mirror, or choose another model."),
    )


def _begin(remote: Remote, part: _Part, head: Head, have: int, validator: str) -> int:
    """Where in the part file the answer goes on; 0 where it starts anew."""
    if head.content_type in ("text/html", "application/xhtml+xml"):
        raise web_page(head.url or remote.url)
    if max(head.total, remote.size) > LARGEST:
        raise _too_large(remote.url)
    other_file = have and head.start and validator and head.validator not in ("", validator)
    if head.start not in (0, have) or other_file:
        part.drop()
        raise Broken("the server sent another part of the file, or of another file")
    if not head.start:
        part.begin(head.validator)
    return head.start


def _transfer(remote: Remote, part: _Part, job: Job) -> bool:
    """What one connection brings, into `part`. Returns whether it went on from an earlier one."""
    have, validator = part.resumable()
    strong = bool(validator) and not validator.startswith("W/")
    if not (strong or remote.sha256):  # nothing would tell whether the pieces belong together
        have = 0
    headers = {"Range": f"bytes={have}-"} if have else {}
    if have and strong:
        headers["If-Range"] = validator
    with answer(remote.url, headers, job.cancel, remote.context) as (head, chunks):
        start = done = _begin(remote, part, head, have, validator)
        meter = _Meter(job, done, head.total or remote.size)
        with part.path.open("ab" if start else "wb") as file:
            for chunk in chunks:
                if not done and chunk.lstrip()[:14].lower().startswith(_HTML):
                    raise web_page(head.url or remote.url)
                file.write(chunk)
                done += len(chunk)
                if done > LARGEST:
                    raise _too_large(remote.url)
                meter.at(done)
        if head.total and done < head.total:
            raise Broken(f"{done} of {head.total}")
        meter.at(done, last=True)
    return start > 0


def _is_whole(part: _Part, error: urllib.error.HTTPError) -> bool:
    """Status 416 says how long the file is: exactly as long as what is here, or else what is here is wrong."""
    span = re.fullmatch(r"bytes \*/(\d+)", error.headers.get("Content-Range", ""))
    return span is not None and int(span[1]) == part.resumable()[0] > 0


def _until_whole(remote: Remote, part: _Part, job: Job) -> bool:
    """Connections until the file is whole. Returns whether pieces of several were joined."""
    for _ in range(TRIES):
        before = part.resumable()[0]
        try:
            return _transfer(remote, part, job)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code != 416 or not before:
                raise refused(remote.url, error.code) from error
            if _is_whole(part, error):
                return True
            part.drop()
        except Broken as error:
            have = part.resumable()[0]
            dropped = before and not have  # it did not fit; from the beginning now
            if have <= before and not dropped:
                raise interrupted(remote.url, have, remote.size) from error
    raise interrupted(remote.url, part.resumable()[0], remote.size)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def unwritable(error: OSError, target: Path, title: str) -> WeightsUnavailable:
    if error.errno in _DISK_FULL:
        return WeightsUnavailable(
            tr("There is not enough space for {title} in {folder}.", title=title, folder=target.parent),
            tr("Free some space, then try again."),
        )
    return WeightsUnavailable(
        tr("{path} cannot be written: {reason}.", path=target, reason=error.strerror or error),
        tr("Make the model folder writable."),
    )


def damaged(title: str) -> WeightsDamaged:
    return WeightsDamaged(
        tr("The file fetched for {title} is not the one that its maker published, and was thrown away.", title=title),
        tr("Try again; if it stays so, the server or the model mirror holds a wrong file."),
    )


def fetch(remote: Remote, target: Path, job: Job, accept: Callable[[Path, str], None] | None = None) -> None:
    """Puts the file under `target`. What has come is kept in `<target>.part` for the next time, unless it is wrong.

    `accept` sees the whole file and its SHA-256 before it gets its name, and raises `WeightsDamaged` to refuse it.
    Raises `http_reader.Cancelled`, `WeightsUnavailable`, `WeightsDamaged`. Only one thread may fetch a target.
    """
    part = _Part(target, remote.url)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        while True:
            joined = _until_whole(remote, part, job)
            actual = sha256_of(part.path)
            if actual.startswith(remote.sha256.lower()):
                break
            part.drop()
            if not joined:  # otherwise the pieces may be of two versions of the file: once more, from the beginning
                raise damaged(job.title)
        if remote.exact_size and part.path.stat().st_size != remote.size:
            part.drop()
            raise damaged(job.title)
        try:
            if accept is not None:
                accept(part.path, actual)
        except WeightsDamaged:
            part.drop()
            raise
        part.finish(target)
    except OSError as error:
        if error.errno in _DISK_FULL:
            part.drop()
        raise unwritable(error, target, job.title) from error
