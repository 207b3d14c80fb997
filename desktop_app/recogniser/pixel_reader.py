"""Reads pixels of the frame on the screen for the window's inspector: a few round one place, histograms of a region.

The window has whole frames only while they are no larger than they are seen. A thread that lives while the inspector is
open reads the frame itself, beside recognition, and rests three times as long as it counted.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable

import numpy as np

from desktop_app.core.frame import Bgr, Frame
from desktop_app.core.pixels import Area, Counts, clipped, rgb_part
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.looker import Looker

COUNT_EVERY = 0.08
"""Seconds between two histograms, at least: more of them cannot be read."""
REST = 3.0
"""So many times as long as it counted it rests."""
_ROWS_AT_ONCE = 8 << 20
# A histogram of OpenCV counts in float32, which is exact up to 16 million.


class PixelReader(Looker):
    """`set`, `offer` and `forget` never wait."""

    name = "pixel reader"

    def __init__(self, send: Callable[[m.Event], None]) -> None:
        super().__init__()
        self._send = send
        self._wish = m.Inspect(0)
        self._read: tuple[Frame, Area] | None = None
        self._counted: tuple[Frame, Area] | None = None
        self._count_from = 0.0

    def set(self, wish: m.Inspect) -> None:
        with self._changed:
            if wish.number < self._wish.number or self._stopped:
                return
            self._wish = wish
            self._wake(begin=wish.on)

    @property
    def _looks(self) -> bool:
        return self._wish.on

    # --- the thread -------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while (chosen := self._next()) is not None:
            wish, frame, around, region = chosen
            begun = time.perf_counter()
            try:
                pixels = None if around is None else rgb_part(frame.bgr, around)
                counts = None if region is None else histograms(frame.bgr, region)
            except Exception as error:
                self._send(m.Failure(f"{type(error).__name__}: {error}", traceback.format_exc()))
                continue
            self._send(m.Inspected(wish.number, frame.captured_at, around, pixels, region, counts))
            if region is not None:
                took = time.perf_counter() - begun
                self._count_from = begun + max(COUNT_EVERY, (1 + REST) * took)

    def _next(self) -> tuple[m.Inspect, Frame, Area | None, Area | None] | None:
        """The wish, the frame, and what of it is to be read and counted; `None` when nobody looks any more."""
        with self._changed:
            while not self._stopped and self._wish.on:
                wish, frame = self._wish, self._frame
                if frame is None:
                    self._changed.wait()
                    continue
                around = _inside(wish.around, frame)
                region = _inside(wish.region, frame)
                if around is not None and self._read == (frame, around):
                    around = None
                if region is not None and self._counted == (frame, region):
                    region = None
                wait = self._count_from - time.perf_counter()
                if region is not None and wait > 0:
                    region = None
                    if around is None:
                        self._changed.wait(wait)
                        continue
                if around is None and region is None:
                    self._changed.wait()
                    continue
                self._read = self._read if around is None else (frame, around)
                self._counted = self._counted if region is None else (frame, region)
                return wish, frame, around, region
            self._thread = None
            self._read = self._counted = None
            return None


def _inside(area: Area | None, frame: Frame) -> Area | None:
    return None if area is None else clipped(area, frame.width, frame.height)


def histograms(bgr: Bgr, region: Area) -> Counts:
    """See `Counts`; `region` lies within the frame."""
    import cv2

    left, top, right, bottom = region
    counts = np.zeros((4, 256), np.int64)
    step = max(1, _ROWS_AT_ONCE // (right - left))
    for row in range(top, bottom, step):
        part = bgr[row : min(row + step, bottom), left:right]
        grey = cv2.cvtColor(part, cv2.COLOR_BGR2GRAY)
        for place, (source, channel) in enumerate(((part, 2), (part, 1), (part, 0), (grey, 0))):
            found = cv2.calcHist([source], [channel], None, [256], [0, 256])
            counts[place] += np.rint(np.asarray(found).reshape(256)).astype(np.int64)
    return counts
