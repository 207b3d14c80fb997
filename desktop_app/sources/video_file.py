"""Videos in files: every frame, in order, with its time."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from desktop_app.core.frame import Frame
from desktop_app.core.media import portable
from desktop_app.core.source import Notify, SourceInfo, SourceNotice
from desktop_app.errors import SourceUnreadable
from desktop_app.i18n import tr
from desktop_app.sources.limits import SYSTEM
from desktop_app.sources.sniff import HEADER_BYTES, is_video, not_media, open_regular, shown_name
from desktop_app.sources.video_reader import Decoded, Unreadable, VideoReader

_INDEX_SECONDS = 0.5
"""So long may it take to find out which frames there are; of a larger file they are counted by its rate."""


class VideoFile:
    """A finite video. Not paced: `media_time` says when a frame is due, in seconds from the first one."""

    def __init__(
        self,
        spec: str,
        title: str,
        notify: Notify,
        stop: threading.Event,
        *,
        remote: bool = False,
        index_seconds: float | None = _INDEX_SECONDS,
    ) -> None:
        """`spec`: the path of the file, or with `remote` the address that FFmpeg fetches. `index_seconds`: how long it
        may take to find out which frames there are, `None` for as long as it takes."""
        self._spec = spec
        self._title = title
        self._notify = notify
        self._stop = stop
        self._remote = remote
        self._index_seconds = index_seconds
        self._descriptor: int | None = None
        self._reader: VideoReader | None = None
        self._info: SourceInfo | None = None
        self._first: Decoded | None = None
        self._given = 0

    @property
    def info(self) -> SourceInfo:
        assert self._info is not None, "info of a source that is not open"
        return self._info

    def __enter__(self) -> Self:
        try:
            address = self._spec
            if not self._remote:
                self._descriptor, address = _address(self._spec)
            self._reader = VideoReader(address, remote=self._remote, cancelled=self._stop.is_set)
            self._reader.read_index(self._index_seconds)
            self._first = self._reader.next()
            if self._first is None:
                raise Unreadable
            self._describe(self._reader, self._first)
        except Unreadable:
            self.__exit__()
            raise self._unreadable() from None
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc: object) -> None:
        self._first = None
        if self._reader is not None:
            self._reader.close()
            self._reader = None
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __iter__(self) -> Iterator[Frame]:
        reader = self._reader
        assert reader is not None
        told, last = False, 0.0
        while not self._stop.is_set():
            decoded, self._first = self._first or reader.next(), None
            if reader.bad and not told:
                told = True
                self._tell(tr("{name} is damaged: frames that cannot be read are left out.", name=self._title))
            if decoded is None:
                break
            last = decoded.seconds
            self._given = max(self._given, decoded.number + 1)
            yield Frame(reader.pixels(decoded), decoded.number, time.perf_counter(), last)
            reader.bad = 0
        if not self._stop.is_set():
            self._check_end(reader, last)

    def seek(self, frame_index: int) -> None:
        """The next frame is `frame_index`, to the frame: see `VideoReader`."""
        assert self._reader is not None
        last = (self.info.frame_count or frame_index + 1) - 1
        self._first = None
        self._reader.seek(max(0, min(frame_index, last)))

    def _describe(self, reader: VideoReader, first: Decoded) -> None:
        index = reader.index
        frames = (index.count if index is not None else None) or reader.declared or None
        fps = reader.fps
        duration = frames / fps if frames and fps else reader.declared_seconds or None
        times: tuple[float, ...] = ()
        if index is not None and index.complete and index.ordered:
            last = reader.seconds_of(len(index.times) - 1)
            if not index.even:
                times = tuple(reader.seconds_of(number) for number in range(len(index.times)))
            duration = last + 1 / (fps or 25.0)
        height, width = reader.pixels(first).shape[:2]
        spec = self._spec if self._remote else portable(self._spec)
        seekable = bool(frames) and not self._remote
        self._info = SourceInfo(
            spec, "video", self._title, False, width, height, fps, frames, duration, seekable, times=times
        )

    def _check_end(self, reader: VideoReader, last: float) -> None:
        """Tells of an end well before the one that the header declares, in frames and in time."""
        counted, fps = reader.declared, reader.fps
        if not counted or not fps or self._given >= 0.98 * counted:
            return
        if last + 2 / fps < 0.98 * counted / fps:
            self._tell(
                tr(
                    "{name} is damaged: it ended early, at frame {n} of {total}.",
                    name=self._title,
                    n=self._given,
                    total=counted,
                )
            )

    def _tell(self, message: str) -> None:
        error = SourceUnreadable(message, tr("Copy or download the file again."))
        self._notify(SourceNotice("damaged", error, path=None if self._remote else portable(self._spec)))

    def _unreadable(self) -> SourceUnreadable:
        return SourceUnreadable(
            tr("{name} holds no video that Regard can read.", name=self._title),
            tr("It is damaged, or in an unknown format: copy it again, or convert it to MP4."),
        )


def _address(path: str) -> tuple[int, str]:
    """A descriptor of the file and the name by which FFmpeg opens it, checked to be a video by its content.

    On Linux that name is the descriptor itself: undecodable names work, and the file checked is the file opened.
    """
    descriptor = open_regular(path)
    try:
        with os.fdopen(os.dup(descriptor), "rb") as file:
            if not is_video(file.read(HEADER_BYTES)):
                raise not_media(path)
        if SYSTEM == "linux":
            return descriptor, f"/proc/self/fd/{descriptor}"
        if portable(path) != path:
            raise SourceUnreadable(
                tr("The name of {name} is not Unicode.", name=shown_name(path)), tr("Rename the file.")
            )
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor, str(Path(path).absolute())
