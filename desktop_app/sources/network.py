"""Cameras in the network: MJPEG over http(s), and rtsp(s). A picture or video file at such an address works too."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Iterator
from typing import Self

from desktop_app.core.address import safe_title, split_login, with_login
from desktop_app.core.frame import Frame
from desktop_app.core.source import Notify, Source, SourceInfo
from desktop_app.errors import LoginNeeded
from desktop_app.sources import access
from desktop_app.sources.ffmpeg_stream import connect_ffmpeg
from desktop_app.sources.image_file import decode
from desktop_app.sources.knock import Door
from desktop_app.sources.live import Connection, LiveSource
from desktop_app.sources.mjpeg import connect_mjpeg
from desktop_app.sources.probe import Answer, ask, checked
from desktop_app.sources.video_file import VideoFile


class Network:
    """What is behind the address shows when it is opened: an endless stream, a video file, or a single picture."""

    def __init__(self, spec: str, notify: Notify, stop: threading.Event) -> None:
        self._spec, login = split_login(spec)
        if login is not None and login.password:  # a name alone says who asks, and replaces nothing
            access.allow([login])
        self._notify = notify
        self._stop = stop
        self._source: Source | None = None

    @property
    def info(self) -> SourceInfo:
        assert self._source is not None, "info of a source that is not open"
        # A file was opened by an address that holds its login.
        return dataclasses.replace(self._source.info, spec=self._spec)

    def __enter__(self) -> Self:
        rtsp = checked(self._spec).scheme in ("rtsp", "rtsps")
        self._source = self._stream(None) if rtsp else self._make(ask(self._spec, self._stop))
        self._source.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        if self._source is not None:
            self._source.__exit__(*exc)

    def __iter__(self) -> Iterator[Frame]:
        assert self._source is not None, "frames of a source that is not open"
        return iter(self._source)

    def retry_now(self) -> None:
        """Ends the wait before the next attempt. May be called from another thread."""
        if isinstance(self._source, LiveSource):
            self._source.retry_now()

    def reopen(self) -> None:
        """What comes is old: it is opened anew before the next frame. May be called from another thread."""
        if isinstance(self._source, LiveSource):
            self._source.reopen()

    def _make(self, answer: Answer) -> Source:
        title = safe_title(self._spec)
        if answer.still is not None:
            return _Still(self._spec, title, answer.still, self._stop)
        if answer.length is not None:
            address = with_login(answer.address, access.login_for(answer.address))
            return VideoFile(address, title, self._notify, self._stop, remote=True)
        return self._stream(answer)

    def _stream(self, answer: Answer | None) -> LiveSource:
        stream = _Stream(self._spec, answer)
        return LiveSource(stream.connect, self._notify, self._stop, stream.door.is_back)


class _Still:
    """A picture that was downloaded: one frame."""

    def __init__(self, spec: str, title: str, data: bytes, stop: threading.Event) -> None:
        self._bgr = decode(data, title)
        self._stop = stop
        height, width = self._bgr.shape[:2]
        self.info = SourceInfo(spec, "image", title, False, width, height, frame_count=1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        pass

    def __iter__(self) -> Iterator[Frame]:
        if not self._stop.is_set():
            yield Frame(self._bgr, 0, time.perf_counter())


class _Stream:
    """An endless stream that can be opened again and again, each time over one connection."""

    def __init__(self, spec: str, answer: Answer | None) -> None:
        self._spec = spec
        self._answer = answer
        self.door = Door(checked(spec))

    def connect(self, stop: threading.Event) -> Connection:
        """Cameras lock out who tries a wrong password often: that one waits."""
        locked = False
        try:
            return self._connect(stop)
        except LoginNeeded:
            locked = True
            raise
        finally:
            self.door.tried(wait=locked)

    def _connect(self, stop: threading.Event) -> Connection:
        if checked(self._spec).scheme in ("rtsp", "rtsps"):
            return connect_ffmpeg(self._spec, self._spec, stop)
        answer, self._answer = self._answer or ask(self._spec, stop), None
        if answer.body is not None:
            return connect_mjpeg(self._spec, answer.body)
        return connect_ffmpeg(self._spec, answer.address, stop)
