"""The pictures of a data set: as they are where every tool shows the pixels that were recognised, else written anew."""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from desktop_app.core.frame import Bgr, Frame
from desktop_app.errors import AppError, SourceUnreadable
from desktop_app.exporting.item import ExportItem, PictureMode
from desktop_app.exporting.labelled import Box
from desktop_app.i18n import tr

_ORIENTATION = 0x0112
_QUALITY = 95
_NEAR = 48
"""Frames of a video that are rather read and thrown away than jumped over: a jump decodes from the key frame on."""
_LOSSLESS = frozenset(["PNG", "GIF", "BMP", "TIFF", "QOI", "PPM", "ICO"])


def suffix_as_is(data: bytes, size: tuple[int, int], linked: bool = False) -> str | None:
    """The extension of a picture file that can be taken byte by byte; `None` where it must be written anew.

    Anew: what is turned by EXIF (torchvision shows it lying, and labels are for the upright picture), every format but
    JPEG and PNG (some tools do not list it), and of what is `linked` a JPEG with something behind its end: Ultralytics
    would write over it, and so over the user's own.
    `size`: (width, height) that was recognised. Raises `AppError` where the picture has another one now.
    """
    from io import BytesIO

    from PIL import Image

    from desktop_app.sources.sniff import HEADER_BYTES, image_format

    kind = image_format(data[:HEADER_BYTES])
    if kind == "PNG":
        if b"eXIf" in data or b"Raw profile type" in data or b"IEND" not in data[-64:]:
            return None
        found = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    elif kind == "JPEG" and (data.endswith(b"\xff\xd9") or not linked):
        try:
            with Image.open(BytesIO(data), formats=["JPEG"]) as picture:
                if picture.getexif().get(_ORIENTATION, 1) != 1:
                    return None
                found = picture.size
        except (OSError, ValueError, SyntaxError):
            return None
    else:
        return None
    _check_size(found, size)
    return ".jpg" if kind == "JPEG" else ".png"


def _check_size(found: tuple[int, int], size: tuple[int, int]) -> None:
    if found != size:
        raise AppError(
            tr("The picture has {now}, and had {then} when it was recognised.", now=_size(found), then=_size(size)),
            tr("Recognise it again."),
        )


def _size(size: tuple[int, int]) -> str:
    return f"{size[0]}×{size[1]}"


class Pictures:
    """Puts the picture of an item into a data set. Keeps a video open from frame to frame."""

    def __init__(self, mode: PictureMode) -> None:
        self._mode = mode
        self._video: _Video | None = None
        self._cut_of: ExportItem | None = None
        self._decoded: tuple[Bgr, str] = np.zeros((0, 0, 3), np.uint8), ""
        self.copied_instead = 0

    def put(self, item: ExportItem, size: tuple[int, int], stem: Path, cut: Box | None = None) -> Path:
        """Writes `stem` with the right extension and returns it. `size`: (width, height) of the record. `cut`: only
        this box of it.

        Raises `AppError` where the picture cannot be read any more, `OSError` where it cannot be written.
        """
        if cut is not None:
            if self._cut_of is not item:  # the boxes of one picture come one after the other
                self._cut_of, self._decoded = item, self._decode(item, size)
            bgr, suffix = self._decoded
            rows, columns = slice(int(cut.y1), math.ceil(cut.y2)), slice(int(cut.x1), math.ceil(cut.x2))
            return _encode(np.ascontiguousarray(bgr[rows, columns]), suffix, stem)
        if item.bgr is not None or item.frame is not None or item.rotation or item.mirror:
            return _encode(*self._decode(item, size), stem)
        from desktop_app.sources.local import local_path

        path = local_path(item.path)
        data = _read(path)
        as_is = suffix_as_is(data, size, self._mode != "copy")
        if as_is is None:
            return _encode(*self._decode(item, size), stem)
        target = stem.with_name(stem.name + as_is)
        self._place(path, data, target)
        return target

    def close(self) -> None:
        if self._video is not None:
            self._video.close()
            self._video = None

    def _decode(self, item: ExportItem, size: tuple[int, int]) -> tuple[Bgr, str]:
        """The pixels that were recognised, and the extension of a file that keeps them as well as they are."""
        if item.bgr is not None:
            return item.bgr, ".jpg"
        from desktop_app.sources.image_file import decode
        from desktop_app.sources.local import local_path
        from desktop_app.sources.orientation import OpenCvOrientation
        from desktop_app.sources.sniff import HEADER_BYTES, image_format, shown_name

        path, suffix = local_path(item.path), ".jpg"
        if item.frame is not None:
            bgr = self._frame(path, item.frame)
        else:
            data = _read(path)
            bgr = decode(data, shown_name(path))
            suffix = ".png" if image_format(data[:HEADER_BYTES]) in _LOSSLESS else ".jpg"
        if item.rotation or item.mirror:
            bgr = OpenCvOrientation(item.mirror, item.rotation).turn(bgr)
        _check_size((bgr.shape[1], bgr.shape[0]), size)
        return bgr, suffix

    def _frame(self, path: str, index: int) -> Bgr:
        if self._video is None or self._video.path != path:
            self.close()
            self._video = _Video(path)
        return self._video.frame(index)

    def _place(self, path: str, data: bytes, target: Path) -> None:
        source = os.path.realpath(path)
        try:
            if self._mode == "hardlink":
                os.link(source, target)
                return
            if self._mode == "symlink":
                target.symlink_to(source)
                return
        except OSError:  # another drive, a file system without links, Windows without the right to make them
            self.copied_instead += 1
        target.write_bytes(data)


def _read(path: str) -> bytes:
    from desktop_app.sources.sniff import open_regular, shown_name

    with os.fdopen(open_regular(path), "rb") as file:
        try:
            return file.read()
        except OSError as error:
            reason = error.strerror or error
            raise SourceUnreadable(
                tr("{name} cannot be opened: {reason}.", name=shown_name(path), reason=reason), tr("Check the path.")
            ) from error


def _encode(bgr: Bgr, suffix: str, stem: Path) -> Path:
    from desktop_app.sources import import_cv2

    cv2 = import_cv2()
    options = [cv2.IMWRITE_JPEG_QUALITY, _QUALITY] if suffix == ".jpg" else []
    good, data = cv2.imencode(suffix, bgr, options)
    if not good:
        raise AppError(tr("The picture cannot be encoded."))
    target = stem.with_name(stem.name + suffix)
    target.write_bytes(data.tobytes())
    return target


class _Video:
    """Frames of one file by their number, best in rising order."""

    def __init__(self, path: str) -> None:
        from desktop_app.sources import open_source

        self.path = path
        self._source: Any = open_source([path], lambda _notice: None, threading.Event())
        self._source.__enter__()
        self._frames: Iterator[Frame] = iter(self._source)
        self._next = 0

    def frame(self, index: int) -> Bgr:
        if not self._next <= index <= self._next + _NEAR:
            self._source.seek(index)
            self._frames = iter(self._source)
        for found in self._frames:
            self._next = found.index + 1
            if found.index == index:
                return found.bgr
            if found.index > index:
                break
        raise SourceUnreadable(tr("Frame {number} of the video cannot be read.", number=index), tr("Leave it out."))

    def close(self) -> None:
        self._source.__exit__(None, None, None)
