"""Pictures of files beside the pipeline: the small ones of a batch as they come into sight, and the one that is opened.

A file that is shown need not be the one that is recognised; so this decodes in a thread of its own.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import numpy as np

from desktop_app.core.capture import Orientation
from desktop_app.core.frame import Bgr
from desktop_app.core.picture import fitted
from desktop_app.errors import SourceUnreadable
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.beside import Beside

THUMBNAIL = (384, 288)
"""Largest width and height of a small picture: a cell of the batch on a screen of two pixels a point."""
_QUALITY = 88
_AT_ONCE = 4


class PictureDesk(Beside):
    """The newest wish counts: who scrolls to the end at once does not wait for what he scrolled past."""

    name = "pictures"

    def __init__(self, send: Callable[[m.Event], None]) -> None:
        super().__init__()
        self._send = send
        self.orientation = Orientation()
        self._thumbnails: tuple[str, ...] = ()
        self._picture: m.GetPicture | None = None

    def get_thumbnails(self, command: m.GetThumbnails) -> None:
        with self._changed:
            self._thumbnails = command.paths
            self._wake(begin=True)

    def get_picture(self, command: m.GetPicture) -> None:
        with self._changed:
            self._picture = command
            self._wake(begin=True)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._stopped or self._picture is not None or bool(self._thumbnails))
                if self._stopped:
                    return
                picture, self._picture = self._picture, None
                paths: tuple[str, ...] = ()
                if picture is None:
                    paths, self._thumbnails = self._thumbnails[:_AT_ONCE], self._thumbnails[_AT_ONCE:]
            if picture is not None:
                self._send(self._large(picture))
            else:
                self._send(m.Thumbnails(tuple(m.Thumbnail(path, self._small(path)) for path in paths)))

    def _small(self, spec: str) -> bytes:
        import cv2

        try:
            bgr = self._read(spec, max(THUMBNAIL))
        except SourceUnreadable:
            return b""
        encoded, jpeg = cv2.imencode(".jpg", _fit(bgr, THUMBNAIL), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
        return jpeg.tobytes() if encoded else b""

    def _large(self, command: m.GetPicture) -> m.PictureOfFile:
        from desktop_app.recogniser.scaling import paint_bgrx

        try:
            bgr = self._read(command.path)
        except SourceUnreadable as error:
            return m.PictureOfFile(command.path, message=f"{error.message} {error.hint}".strip())
        height, width = bgr.shape[:2]
        small = _fit(bgr, (max(1, command.width), max(1, command.height)))
        pixels = np.empty((*small.shape[:2], 4), np.uint8)
        paint_bgrx(small, pixels)
        return m.PictureOfFile(command.path, pixels.tobytes(), small.shape[:2], (width, height))

    def _read(self, spec: str, at_least: int | None = None) -> Bgr:
        """Upright, and turned as the user wants all pictures to be."""
        from desktop_app.sources.image_file import read_picture
        from desktop_app.sources.local import local_path

        bgr = read_picture(os.path.abspath(local_path(spec)), at_least)  # noqa: PTH100
        turned = self.orientation
        return bgr if not turned.mirror and turned.rotation % 360 == 0 else np.ascontiguousarray(turned.turn(bgr))


def _fit(bgr: Bgr, room: tuple[int, int]) -> Bgr:
    from desktop_app.recogniser.scaling import scaled_down

    width, height = fitted(bgr.shape[1], bgr.shape[0], room)
    return scaled_down(bgr, width, height)
