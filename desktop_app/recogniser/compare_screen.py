"""Frames of a comparison on their way to the window, and those that are kept because of what is said of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial

from desktop_app.core.frame import Bgr, Frame
from desktop_app.core.picture import fitted
from desktop_app.recogniser.frame_ring import FrameRingWriter
from desktop_app.recogniser.scaling import paint_bgrx, scaled_down

_TAKEN_WITHIN = 0.5
_LOOK_EVERY = 0.004
_SMALL = (240, 135)


class CompareScreen:
    """A ring of its own: its pictures have other sizes than those of the stage, and come when all answers are there.
    Made and used in one thread. `name`: gives each ring its name."""

    def __init__(self, name: Callable[[], str]) -> None:
        self._name = name
        self._ring: FrameRingWriter | None = None
        # Unlike those of a comparison before.
        self._number = time.monotonic_ns()

    def write(self, frame: Frame, room: tuple[int, int], stop: threading.Event) -> tuple[str, int]:
        """Puts the frame where the window finds it, no larger than `room`, once it has taken the one before. Answers
        with the ring's name and the picture's number."""
        width, height = fitted(frame.width, frame.height, room) if min(room) > 0 else (frame.width, frame.height)
        until = time.monotonic() + _TAKEN_WITHIN
        while self._ring is not None and not self._ring.taken and time.monotonic() < until:
            if stop.wait(_LOOK_EVERY):
                break
        if self._ring is None or not self._ring.suits(width, height):
            self.close()
            self._ring = FrameRingWriter(self._name(), width, height)
        self._number += 1
        paint = partial(paint_bgrx, scaled_down(frame.bgr, width, height))
        self._ring.write(self._number, frame, (width, height), paint)
        return self._ring.name, self._number

    def close(self) -> None:
        if self._ring is not None:
            self._ring.close()
            self._ring = None


def kept(bgr: Bgr) -> tuple[bytes, bytes]:
    """All pixels as a PNG, that what is recognised in them again is the same; and a small JPEG."""
    import cv2

    height, width = bgr.shape[:2]
    small = scaled_down(bgr, *fitted(width, height, _SMALL))
    # The least effort: four times as fast as the usual one, and a tenth larger.
    png = cv2.imencode(".png", bgr, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1]
    return png.tobytes(), cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes()
