"""Reads pixels of the frame on the screen for the window's inspector: a few round one place, histograms of a region.

The window has whole frames only while they are no larger than they are seen. A thread that lives while the inspector is
open reads the frame itself, beside recognition, and rests three times as long as it counted.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable

import numpy as np

from desktop_app.core.frame import Bgr, Frame
from desktop_app.core.pixels import Area, Counts, clipped, rgb_part
from desktop_app.recogniser import messages as m

COUNT_EVERY = 0.08
"""Seconds between two histograms, at least: more of them cannot be read."""
REST = 3.0
"""So many times as long as it counted it rests."""
_ROWS_AT_ONCE = 8 << 20
# A histogram of OpenCV counts in float32, which is exact up to 16 million.


class PixelReader:
    """`set`, `offer` and `forget` never wait."""

    def __init__(self, send: Callable[[m.Event], None]) -> None:
        self._send = send
        self._changed = threading.Condition()
        self._wish = m.Inspect(0)
        self._frame: Frame | None = None
        self._read: tuple[Frame, Area] | None = None
        self._counted: tuple[Frame, Area] | None = None
        self._count_from = 0.0
        self._stopped = False
        self._thread: threading.Thread | None = None

    def set(self, wish: m.Inspect) -> None:
        with self._changed:
            if wish.number < self._wish.number or self._stopped:
                return
            self._wish = wish
            if wish.on and self._thread is None:
                self._read = self._counted = None
                self._thread = threading.Thread(target=self._run, name="pixel reader", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def offer(self, frame: Frame) -> None:
        """The frame that is on the screen now."""
        if not self._wish.on:
            self._frame = frame
            return
        with self._changed:
            self._frame = frame
            self._changed.notify_all()

    def forget(self) -> None:
        """The source was closed."""
        with self._changed:
            self._frame = None

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(1.0)

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
