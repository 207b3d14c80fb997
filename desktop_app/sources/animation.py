"""Animated GIF, WebP, PNG and AVIF as a short video, which OpenCV and FFmpeg read in part or not at all."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Self

from desktop_app.core.frame import Bgr, Frame
from desktop_app.core.media import portable
from desktop_app.core.source import Notify, SourceInfo, SourceNotice
from desktop_app.errors import SourceUnreadable
from desktop_app.i18n import tr
from desktop_app.sources.image_file import damaged, open_header, read_bytes, to_bgr
from desktop_app.sources.sniff import HEADER_BYTES, image_format, open_regular

if TYPE_CHECKING:
    from PIL.Image import Image

SHORTEST, USUAL = 0.010, 0.1
"""Seconds: a frame that is to stay no longer than the first is shown for the second, as browsers do."""
_KEPT_BYTES = 128 << 20
"""Decoded frames that are kept, so that a loop or a step back does not decode all the others again."""


def is_animation(data: bytes) -> bool:
    """Whether a picture has several frames; `data`: the file, or of anything but a GIF the first `HEADER_BYTES`."""
    kind = image_format(data[:HEADER_BYTES])
    if kind == "PNG":
        return b"acTL" in data[: max(HEADER_BYTES, data.find(b"IDAT"))]
    if kind == "WEBP":  # flag "animation" of the extended header
        return data[12:16] == b"VP8X" and bool(data[20] & 2)
    if kind == "AVIF":
        return data[8:12] == b"avis"
    if kind != "GIF":
        return False
    try:
        return bool(getattr(open_header(data, ""), "is_animated", False))
    except Exception:  # opening it says why
        return False


def is_animation_file(path: str) -> bool:
    try:
        descriptor = open_regular(path)
    except SourceUnreadable:
        return False
    with os.fdopen(descriptor, "rb") as file:
        head = file.read(HEADER_BYTES)
        return is_animation(head + file.read() if image_format(head) in ("GIF", "PNG") else head)


class Animation:
    """Each frame composed as it is to be seen, at its own time. Implements `SeekableSource`.

    An animation that is cut short is played as far as it goes, which is told. Frames are decoded one after the other.
    """

    def __init__(self, path: str, title: str, notify: Notify, stop: threading.Event) -> None:
        self._path, self._title, self._notify, self._stop = path, title, notify, stop
        self._data = b""
        self._picture: Image | None = None
        self._times: list[float] = []
        self._duration = 0.0
        self._kept: dict[int, Bgr] = {}
        self._kept_bytes = 0
        self._next = 0

    @property
    def info(self) -> SourceInfo:
        assert self._picture is not None, "info of a source that is not open"
        count = len(self._times)
        return SourceInfo(
            portable(self._path),
            "video",
            self._title,
            False,
            self._width,
            self._height,
            fps=count / self._duration,
            frame_count=count,
            duration=self._duration,
            seekable=True,
        )

    def __enter__(self) -> Self:
        self._data = read_bytes(self._path)
        self._begin()
        first = self._decode(0)
        self._height, self._width = first.shape[:2]
        self._measure()
        return self

    def __exit__(self, *exc: object) -> None:
        self._picture, self._data = None, b""
        self._kept.clear()

    def seek(self, frame_index: int) -> None:
        self._next = frame_index

    def __iter__(self) -> Iterator[Frame]:
        first, self._next = self._next, 0
        for index in range(first, len(self._times)):
            if self._stop.is_set():
                return
            bgr = self._decode(index)
            yield Frame(bgr, index, time.perf_counter(), media_time=self._times[index])

    def _begin(self) -> None:
        self._picture = open_header(self._data, self._title)
        self._at = 0

    def _measure(self) -> None:
        """When each frame is due. The file has to be gone through once: only its frames say how long they stay."""
        count = int(getattr(self._picture, "n_frames", 1))
        self._times = []
        for index in range(count):
            if self._stop.is_set():
                break
            try:
                self._go_to(index)
            except Exception as error:
                self._notify(SourceNotice("damaged", self._cut(index, count, error)))
                break
            self._times.append(self._duration)
            assert self._picture is not None
            stays = float(self._picture.info.get("duration") or 0) / 1000
            self._duration += stays if stays > SHORTEST else USUAL

    def _cut(self, index: int, count: int, error: Exception) -> SourceUnreadable:
        message = tr(
            "{name} is damaged: it ended early, at frame {n} of {total}.", name=self._title, n=index, total=count
        )
        return SourceUnreadable(message, tr("Copy or download the file again."))

    def _go_to(self, index: int) -> None:
        """Pillow goes back by starting over, and not every format says how long a frame stays before it is loaded."""
        if self._picture is None or index < self._at:
            self._begin()
        assert self._picture is not None
        for at in range(self._at, index + 1):
            self._picture.seek(at)
            self._picture.load()
            self._at = at

    def _decode(self, index: int) -> Bgr:
        kept = self._kept.get(index)
        if kept is not None:
            return kept
        try:
            self._go_to(index)
        except Exception as error:
            raise damaged(self._title) from error
        assert self._picture is not None
        bgr = to_bgr(self._picture.copy(), self._data, self._title)
        if self._kept_bytes + bgr.nbytes <= _KEPT_BYTES:
            self._kept[index] = bgr
            self._kept_bytes += bgr.nbytes
        return bgr
