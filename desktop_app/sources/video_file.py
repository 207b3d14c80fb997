"""Videos in files: every frame, in order, with its time."""

from __future__ import annotations

import itertools
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from desktop_app.core.frame import Bgr, Frame
from desktop_app.core.source import Notify, SourceInfo, SourceNotice
from desktop_app.errors import SourceUnreadable
from desktop_app.i18n import tr
from desktop_app.sources.limits import BAD_READS, MAX_PIXELS, SYSTEM
from desktop_app.sources.local import portable
from desktop_app.sources.opencv import import_cv2
from desktop_app.sources.sniff import HEADER_BYTES, is_video, not_media, open_regular, shown_name

_TIMEOUT_MS = 10_000  # for a share that has gone away
_INDEX_SECONDS = 0.5
_LARGE_PICTURE = 1920 * 1088
_STEPS_BACK = (0, 32, 128, 512)


class VideoFile:
    """A finite video. Not paced: `media_time` says when a frame is due."""

    def __init__(self, spec: str, title: str, notify: Notify, stop: threading.Event, *, remote: bool = False) -> None:
        """`spec`: the path of the file, or with `remote` the address that FFmpeg fetches."""
        self._spec = spec
        self._title = title
        self._notify = notify
        self._stop = stop
        self._remote = remote
        self._address = spec
        self._descriptor: int | None = None
        self._capture: Any = None
        self._info: SourceInfo | None = None
        self._index = 0
        self._held: tuple[Bgr, float] | None = None
        self._times: list[float] = []
        self._counted = 0

    @property
    def info(self) -> SourceInfo:
        assert self._info is not None, "info of a source that is not open"
        return self._info

    def __enter__(self) -> Self:
        try:
            if not self._remote:
                self._descriptor, self._address = _address(self._spec)
            self._rewind()
            tries = (self._next() for _ in range(BAD_READS) if not self._stop.is_set())
            self._held = next((item for item in tries if item is not None), None)
            if self._held is None:
                raise self._unreadable()
            self._describe(*self._held)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc: object) -> None:
        if self._capture is not None:
            self._capture.release()
            self._capture = None
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __iter__(self) -> Iterator[Frame]:
        told, bad, last = False, 0, 0.0
        while not self._stop.is_set() and bad < BAD_READS:
            item, self._held = self._held or self._next(), None
            if item is None:
                bad += 1
                continue
            if bad and not told:
                told = True
                self._tell(tr("{name} is damaged: frames that cannot be read are left out.", name=self._title))
            bad = 0
            bgr, last = item
            index, self._index = self._index, self._index + 1
            if index == len(self._times):
                self._times.append(last)
            yield Frame(bgr, index, time.perf_counter(), last)
        if not self._stop.is_set():
            self._check_end(last)

    def seek(self, frame_index: int) -> None:
        """The next frame is `frame_index`. Its time is checked, for OpenCV's own seeking is often some frames off;
        where no earlier position gives it, the file is read again from the beginning."""
        cv2 = import_cv2()
        target = max(0, min(frame_index, (self.info.frame_count or sys.maxsize) - 1))
        due, tolerance = self._due(target)
        for back in _STEPS_BACK:
            if target <= back:
                break
            self._capture.set(cv2.CAP_PROP_POS_FRAMES, target - back)
            self._index = target - back
            item = self._next()
            while item is not None and item[1] < due - tolerance and not self._stop.is_set():
                item = self._next()
            if item is not None and abs(item[1] - due) <= tolerance:
                self._index, self._held = target, item
                return
        self._rewind()
        while self._index < target and not self._stop.is_set() and self._capture.grab():
            self._index += 1
        self._held = None

    def _due(self, index: int) -> tuple[float, float]:
        """The time of a frame, and half the distance to its neighbours."""
        spacing = 1 / (self.info.fps or 25.0)
        if index >= len(self._times):
            return (self._times[0] if self._times else 0.0) + index * spacing, spacing / 2
        around = self._times[max(0, index - 1) : index + 2]
        gaps = [b - a for a, b in itertools.pairwise(around) if b > a]
        return self._times[index], min([*gaps, spacing]) / 2

    def _next(self) -> tuple[Bgr, float] | None:
        """The next picture and its time in seconds; `None` where it cannot be read, and at the end."""
        cv2 = import_cv2()
        try:
            if not self._capture.grab():
                return None
            good, bgr = self._capture.retrieve()
        except cv2.error:  # a picture that cannot be converted
            return None
        if not good:
            return None
        seconds = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        # Bare streams carry no times.
        return bgr, seconds if seconds > 0 else self._index / (self._fps() or 25.0)

    def _fps(self) -> float | None:
        fps = float(self._capture.get(import_cv2().CAP_PROP_FPS))
        return fps if 0 < fps <= 1000 else None

    def _rewind(self) -> None:
        cv2 = import_cv2()
        if self._capture is not None:
            self._capture.release()
        limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, _TIMEOUT_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, _TIMEOUT_MS]
        # FFmpeg's threads cost a third more time of the cores, which the network needs; a large picture needs them.
        threads = [cv2.CAP_PROP_N_THREADS, 1]
        self._capture = cv2.VideoCapture(self._address, cv2.CAP_FFMPEG, [*limits, *threads])
        self._index, self._held = 0, None
        pixels = self._capture.get(cv2.CAP_PROP_FRAME_WIDTH) * self._capture.get(cv2.CAP_PROP_FRAME_HEIGHT)
        if _LARGE_PICTURE < pixels <= MAX_PIXELS:
            self._capture.release()
            self._capture = cv2.VideoCapture(self._address, cv2.CAP_FFMPEG, limits)
        if not self._capture.isOpened() or pixels > MAX_PIXELS:
            raise self._unreadable()

    def _describe(self, first: Bgr, start: float) -> None:
        cv2 = import_cv2()
        fps = self._fps()
        counted = self._capture.get(cv2.CAP_PROP_FRAME_COUNT)
        # Matroska and WebM state no number; OpenCV guesses it from the duration, wrongly at a variable rate.
        self._counted = int(counted) if 0 < counted < 1e9 else 0
        timed = self._capture.get(cv2.CAP_PROP_POS_MSEC) > 0 or self._counted > 0
        self._times = _packet_times(self._address, start) if timed and not self._remote else []
        frames = len(self._times) or self._counted or None
        duration = self._counted / fps if self._counted and fps else None
        if self._times and fps:
            duration = self._times[-1] - self._times[0] + 1 / fps
        height, width = first.shape[:2]
        spec = self._spec if self._remote else portable(self._spec)
        seekable = frames is not None and not self._remote
        self._info = SourceInfo(spec, "video", self._title, False, width, height, fps, frames, duration, seekable)

    def _check_end(self, last: float) -> None:
        """Tells of an end well before the one that the header declares, in frames and in time."""
        fps = self.info.fps
        if not self._counted or not fps or self._index >= 0.98 * self._counted:
            return
        if last + 2 / fps < 0.98 * self._counted / fps:
            self._tell(
                tr(
                    "{name} is damaged: it ended early, at frame {n} of {total}.",
                    name=self._title,
                    n=self._index,
                    total=self._counted,
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


def _packet_times(address: str, start: float) -> list[float]:
    """The times of all frames in seconds, in order, `start` being the first; empty where finding out takes long."""
    import av

    until = time.perf_counter() + _INDEX_SECONDS
    times: list[float] = []
    try:
        with av.open(address) as container:
            for packet in container.demux(video=0):
                if time.perf_counter() > until:
                    return []
                if packet.pts is not None and not packet.is_discard:
                    times.append(float(packet.pts * packet.time_base))
    except Exception:  # damaged: OpenCV has the word
        return []
    times.sort()
    return [moment - times[0] + start for moment in times]
