"""Cameras in the network: MJPEG over http(s), and rtsp(s). A picture or video file at such an address works too."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Iterator
from typing import Any, Self

from desktop_app.core.frame import Bgr, Frame
from desktop_app.core.source import Notify, Source, SourceInfo
from desktop_app.errors import SourceLost
from desktop_app.i18n import tr
from desktop_app.sources.image_file import decode
from desktop_app.sources.limits import FIRST_FRAME_SECONDS, OPEN_TIMEOUT_MS, READ_TIMEOUT_MS
from desktop_app.sources.live import Connection, LiveSource
from desktop_app.sources.opencv import import_cv2
from desktop_app.sources.probe import Answer, garbage, probe, refused_login, safe_title
from desktop_app.sources.video_file import VideoFile


class Network:
    """What is behind the address shows when it is opened: an endless stream, a video file, or a single picture."""

    def __init__(self, spec: str, notify: Notify, stop: threading.Event) -> None:
        self._spec = spec
        self._notify = notify
        self._stop = stop
        self._source: Source | None = None

    @property
    def info(self) -> SourceInfo:
        assert self._source is not None, "info of a source that is not open"
        return self._source.info

    def __enter__(self) -> Self:
        self._source = self._make(probe(self._spec, self._stop))
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

    def _make(self, answer: Answer) -> Source:
        title = safe_title(self._spec)
        if answer.still is not None:
            return _Still(self._spec, title, answer.still, self._stop)
        if answer.length is not None:
            return VideoFile(answer.address, title, self._notify, self._stop, remote=True)
        return LiveSource(_Stream(self._spec, answer).connect, self._notify, self._stop)


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
    """An endless stream that can be opened again and again."""

    def __init__(self, spec: str, answer: Answer) -> None:
        self._spec = spec
        self._answer: Answer | None = answer

    def connect(self, stop: threading.Event) -> Connection:
        answer, self._answer = self._answer or probe(self._spec, stop), None
        cv2 = import_cv2()
        # Timeouts act as open parameters only; set afterwards they do nothing.
        limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, OPEN_TIMEOUT_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, READ_TIMEOUT_MS]
        capture = cv2.VideoCapture(answer.address, cv2.CAP_FFMPEG, limits)
        title = safe_title(self._spec)
        try:
            first = _first(capture, stop) if capture.isOpened() else None
            if first is None:
                raise refused_login(self._spec) if answer.login else garbage(self._spec)
        except BaseException:
            capture.release()
            raise
        fps = float(capture.get(cv2.CAP_PROP_FPS))
        height, width = first.shape[:2]
        return Connection(
            SourceInfo(self._spec, "network", title, True, width, height, fps if 0 < fps <= 240 else None),
            first,
            functools.partial(_read, capture),
            capture.release,
            SourceLost(
                tr("{title} sends no more pictures.", title=title),
                tr("Check the camera and the network."),
            ),
        )


def _first(capture: Any, stop: threading.Event) -> Bgr | None:
    """The first bytes of a stream are often undecodable: it was joined in the middle."""
    until = time.perf_counter() + FIRST_FRAME_SECONDS
    while not stop.is_set() and time.perf_counter() < until:
        bgr = _read(capture)
        if bgr is not None:
            return bgr
        stop.wait(0.05)
    return None


def _read(capture: Any) -> Bgr | None:
    try:
        good, bgr = capture.read()
    except import_cv2().error:  # a picture that cannot be converted
        return None
    return bgr if good else None
