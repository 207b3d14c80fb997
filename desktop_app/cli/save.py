"""`--save`: annotated pictures and videos, drawn by the renderer of the screen."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from desktop_app.core.frame import Bgr, Frame
from desktop_app.core.results import Result
from desktop_app.core.source import SourceInfo
from desktop_app.errors import AppError
from desktop_app.i18n import tr
from desktop_app.render.annotate import annotate, ensure_gui
from desktop_app.render.overlay import OverlayOptions

_CLOCK = Fraction(1, 1000)
"""Matroska counts milliseconds."""
_LOSSLESS = (".png", ".webp", ".gif", ".bmp", ".tif", ".tiff")


def _write_error(path: Path, error: Exception) -> AppError:
    reason = getattr(error, "strerror", None) or str(error)
    return AppError(
        tr("{path} could not be written: {reason}.", path=path, reason=reason),
        tr("Free some space, or choose another folder."),
    )


class _Video:
    """Matroska, so that what was written up to an interruption can be played. Each frame has its true time."""

    def __init__(self, path: Path, fps: float | None) -> None:
        import av

        self.path = path
        self._container: Any = av.open(str(path), "w", format="matroska")
        codec = "libx264" if "libx264" in av.codecs_available else "mpeg4"
        # Only a hint for the encoder; the time of each frame is its own.
        rate = Fraction(fps or 30).limit_denominator(1001)
        self._track: Any = self._container.add_stream(codec, rate=rate)
        self._track.pix_fmt = "yuv420p"
        self._track.codec_context.time_base = _CLOCK
        if codec == "mpeg4":
            self._track.codec_context.bit_rate = 8_000_000
        self._start: float | None = None
        self._last = -1

    def write(self, bgr: Bgr, seconds: float) -> None:
        import av
        import numpy as np

        # The encoders want even sides.
        even = np.ascontiguousarray(bgr[: bgr.shape[0] & ~1, : bgr.shape[1] & ~1])
        if self._start is None:
            self._start = seconds
            self._track.width, self._track.height = even.shape[1], even.shape[0]
        picture = av.VideoFrame.from_ndarray(even, format="bgr24")
        self._last = max(self._last + 1, round((seconds - self._start) / float(_CLOCK)))
        picture.pts, picture.time_base = self._last, _CLOCK
        self._container.mux(self._track.encode(picture))

    def close(self) -> None:
        if self._start is not None:
            self._container.mux(self._track.encode())
        self._container.close()


class Saver:
    """One file a still, one file a video. Existing files of the folder are never overwritten by two sources of one
    run: the second `bus.jpg` becomes `bus-2.jpg`."""

    def __init__(self, folder: Path, top: int) -> None:
        self._folder = folder
        self._options = OverlayOptions(top_k=top)
        self._used: set[str] = set()
        self._video: _Video | None = None
        self._spec = ""
        self._info: SourceInfo | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _write_error(folder, error) from error
        ensure_gui()

    def open(self, spec: str, info: SourceInfo) -> None:
        self.close()
        self._spec, self._info = spec, info

    def write(self, frame: Frame, results: Sequence[Result], names: Mapping[str, tuple[str, ...]]) -> None:
        """Raises `AppError` where the folder is full or not writable."""
        assert self._info is not None
        drawn = annotate(frame.bgr, results, names, self._options)
        if self._info.kind in ("image", "images"):
            self._write_still(frame.path or self._spec, drawn)
            return
        path = self._video.path if self._video is not None else self._name(self._spec, ".mkv")
        try:
            if self._video is None:
                self._video = _Video(path, self._info.fps)
            self._video.write(drawn, frame.captured_at if frame.media_time is None else frame.media_time)
        except (OSError, ValueError) as error:
            raise _write_error(path, error) from error

    def close(self) -> None:
        """Finishes the video at hand."""
        video, self._video = self._video, None
        if video is not None:
            try:
                video.close()
            except (OSError, ValueError) as error:
                raise _write_error(video.path, error) from error

    def _write_still(self, source: str, drawn: Bgr) -> None:
        from desktop_app.sources import import_cv2

        extension = ".png" if source.lower().endswith(_LOSSLESS) else ".jpg"
        path = self._name(source, extension)
        ok, data = import_cv2().imencode(extension, drawn)
        scratch = path.with_name(path.name + ".part")
        try:
            if not ok:
                raise ValueError(tr("the picture cannot be encoded"))
            scratch.write_bytes(data.tobytes())
            scratch.replace(path)
        except (OSError, ValueError) as error:
            scratch.unlink(missing_ok=True)
            raise _write_error(path, error) from error

    def _name(self, source: str, extension: str) -> Path:
        stem = os.path.splitext(os.path.basename(source.rstrip("/\\")))[0]  # noqa: PTH119, PTH122 - may be an address
        stem = re.sub(r"[^\w.\- ]+", "_", stem.encode("utf-8", "replace").decode("utf-8")).strip("_ ") or "source"
        name, number = f"{stem}{extension}", 2
        while name in self._used:
            name, number = f"{stem}-{number}{extension}", number + 1
        self._used.add(name)
        return self._folder / name
