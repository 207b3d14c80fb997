"""How long the models take here, stage by stage."""

from __future__ import annotations

from collections import deque

import numpy as np

from desktop_app.core.results import Result, Timings

STAGES = ("preprocess", "forward", "postprocess", "total")
_LAST = 60


class Measured:
    """Milliseconds of the last recognitions of each model."""

    def __init__(self) -> None:
        self._times: dict[str, deque[Timings]] = {}

    def add(self, result: Result) -> None:
        self.add_times(result.model_key, result.timings)

    def add_times(self, key: str, timings: Timings) -> None:
        times = self._times.get(key)
        if times is None:
            times = self._times[key] = deque(maxlen=_LAST)
        times.append(timings)

    def median(self, key: str, stage: str) -> float | None:
        """`None` before the first recognition."""
        times = self._times.get(key)
        return float(np.median([getattr(timings, stage) for timings in times])) if times else None

    def forget(self, key: str) -> None:
        """The model runs in another place now."""
        self._times.pop(key, None)
