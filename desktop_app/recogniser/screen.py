"""The picture for the window: the newest frame, as large as it is seen, written by a thread of its own.

No frame waits for the window: capture and lanes leave it here and go on, and what comes before the window has taken the
last one is replaced by the newest.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from functools import partial

from desktop_app.core.frame import Frame
from desktop_app.core.picture import fitted
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.frame_ring import FrameRingWriter
from desktop_app.recogniser.scaling import paint_bgrx, scaled_down

# How often to look whether a window that is busy has taken the last picture, and after how long not to mind.
_LOOK_EVERY = 0.004
_TAKEN_WITHIN = 0.5
# Pictures that come quicker than this are made smaller in haste; the last one again with care when none follows.
_MOVING = 0.06
_AT_REST_AFTER = 0.15
# Whole frames of what may be on the screen, for a snapshot.
_KEPT_BYTES = 64 << 20
_KEPT_LEAST, _KEPT_MOST = 3, 6


class Screen:
    """`show` and `set_view` never wait."""

    def __init__(self, send: Callable[[m.Event], None], ring_prefix: str) -> None:
        self._send = send
        self._ring_prefix = ring_prefix
        self._ring: FrameRingWriter | None = None
        self._ring_count = 0
        self._changed = threading.Condition()
        self._room: tuple[int, int] | None = None
        self._next: Frame | None = None
        self._gap = 0.0
        self._written_at = 0.0
        self._last: Frame | None = None
        self._last_size = (0, 0)
        self._hasty = False
        # Unlike those of any other recogniser that the window may have had before.
        self._number = time.monotonic_ns()
        self._kept: deque[tuple[int, Frame]] = deque()
        self._stopped = False
        self._thread: threading.Thread | None = None

    def show(self, frame: Frame, gap: float = 0.0) -> None:
        """The newest frame; one that waits is not shown any more. `gap`: seconds between two pictures, at least."""
        with self._changed:
            if self._stopped:
                return
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="screen", daemon=True)
                self._thread.start()
            # While one waits already the thread knows, and is not to be woken for each that takes its place.
            if self._next is None:
                self._changed.notify()
            self._next, self._gap = frame, gap

    def set_view(self, width: int, height: int) -> None:
        """The room that the picture has on the screen; 0 × 0 while nobody sees it."""
        with self._changed:
            self._room = (width, height)
            if self._next is None:
                self._next = self._last
            self._changed.notify()

    def frame(self, number: int) -> Frame | None:
        """The whole frame of a picture, if it is one of the last."""
        with self._changed:
            return next((frame for kept, frame in self._kept if kept == number), None)

    def forget(self) -> None:
        """The source was closed: its last frame is not shown again."""
        with self._changed:
            self._next = self._last = None
            self._kept.clear()

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(1.0)
        if self._ring is not None and (self._thread is None or not self._thread.is_alive()):
            self._ring.close()
            self._ring = None

    # --- the thread -------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while (chosen := self._wait()) is not None:
            frame, width, height = chosen
            self._write(frame, width, height)

    def _wait(self) -> tuple[Frame, int, int] | None:
        """The newest frame and the size to show it at, once the window has taken the one before; `None` at the end."""
        with self._changed:
            while not self._stopped:
                came = self._changed.wait_for(self._wanted, _AT_REST_AFTER if self._hasty else None)
                at_rest = not came and self._last is not None and self._room != (0, 0)
                if at_rest:
                    self._next = self._last
                elif not came:
                    self._hasty = False
                    continue
                self._changed.wait_for(self._over, max(0.0, self._written_at + self._gap - time.monotonic()))
                patient_until = time.monotonic() + _TAKEN_WITHIN
                while self._busy() and time.monotonic() < patient_until:
                    self._changed.wait(_LOOK_EVERY)
                frame = self._next
                if self._stopped or frame is None or self._room == (0, 0):
                    continue
                self._next = None
                size = (frame.width, frame.height)
                if self._room is not None:
                    size = fitted(*size, self._room)
                if frame is self._last and size == self._last_size and not at_rest:
                    continue  # the window has it: only the results are new
                now = time.monotonic()
                self._hasty = not at_rest and size[0] < frame.width and now - self._written_at < _MOVING
                self._last, self._last_size, self._written_at = frame, size, now
                return frame, *size
        return None

    def _wanted(self) -> bool:
        return self._stopped or (self._next is not None and self._room != (0, 0))

    def _over(self) -> bool:
        return self._stopped

    def _busy(self) -> bool:
        return not self._stopped and self._ring is not None and not self._ring.taken

    def _write(self, frame: Frame, width: int, height: int) -> None:
        bgr = scaled_down(frame.bgr, width, height, hasty=self._hasty)
        if self._ring is None or not self._ring.suits(width, height):
            old, self._ring_count = self._ring, self._ring_count + 1
            self._ring = FrameRingWriter(f"{self._ring_prefix}-{self._ring_count}", width, height)
            self._send(m.RingOpened(self._ring.name))
            if old is not None:
                old.close()
        with self._changed:
            self._number += 1
            self._keep(self._number, frame)
        self._ring.write(self._number, frame, (width, height), partial(paint_bgrx, bgr))
        self._send(m.PictureReady())

    def _keep(self, number: int, frame: Frame) -> None:
        self._kept.append((number, frame))
        most = min(_KEPT_MOST, max(_KEPT_LEAST, _KEPT_BYTES // frame.nbytes))
        while len(self._kept) > most:
            self._kept.popleft()
