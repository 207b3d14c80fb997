"""Honest numbers: rates, latency percentiles."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

import numpy as np


class RateMeter:
    """Events per second over the last `window` seconds: intervals divided by the time they took. For any thread."""

    def __init__(self, window: float = 2.0, clock: Callable[[], float] = time.perf_counter) -> None:
        self._window = window
        self._clock = clock
        self._lock = threading.Lock()
        self._stamps: deque[float] = deque(maxlen=2000)

    def tick(self) -> None:
        with self._lock:
            self._stamps.append(self._clock())

    def rate(self) -> float:
        """0.0 until there were two events, and again when none came for `window` seconds."""
        with self._lock:
            return self._rate_at(self._clock())

    def _rate_at(self, now: float) -> float:
        while self._stamps and now - self._stamps[0] > self._window:
            self._stamps.popleft()
        if len(self._stamps) < 2:
            return 0.0
        # Up to now where the next event is overdue, so that a stall shows at once.
        intervals = len(self._stamps) - 1
        span = self._stamps[-1] - self._stamps[0]
        overdue = now - self._stamps[-1] - span / intervals
        return intervals / (span + max(0.0, overdue)) if span > 0 else 0.0


class Percentiles:
    """The last `size` values of a quantity."""

    def __init__(self, size: int = 300) -> None:
        self._values: deque[float] = deque(maxlen=size)

    def add(self, value: float) -> None:
        self._values.append(value)

    def at(self, percent: float) -> float | None:
        """The percentile, `None` before the first value."""
        return float(np.percentile(self._values, percent)) if self._values else None
