"""Whether the computer slept, or this process was held: what sources give is then old, however new it looks."""

from __future__ import annotations

import time
from collections.abc import Callable

JUMP = 2.0
"""Seconds by which a clock that goes on while the computer sleeps may run ahead of one that stands still."""
HELD = 10.0
"""Seconds between two looks (made every half second) after which this process was held. Where both clocks go on
during sleep, on Windows, this is how it shows; a large network holds the interpreter for a few seconds only."""


def always_on() -> float:
    """Seconds of a clock that goes on while the computer sleeps. On Linux one that nobody sets; elsewhere the time of
    day, whose corrections are mistaken for sleep: then a camera is opened once more than needed."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.clock_gettime(boot) if boot is not None else time.time()


class SleepWatch:
    def __init__(
        self, monotonic: Callable[[], float] = time.monotonic, going_on: Callable[[], float] = always_on
    ) -> None:
        self._clocks = monotonic, going_on
        self._last = monotonic(), going_on()

    def slept(self) -> bool:
        """Since the last call."""
        now = self._clocks[0](), self._clocks[1]()
        awake, passed = now[0] - self._last[0], now[1] - self._last[1]
        self._last = now
        return passed - awake > JUMP or awake > HELD
