"""How long the models take here, stage by stage."""

from __future__ import annotations

from desktop_app.core.meter import Percentiles
from desktop_app.core.results import Result, Timings

STAGES = ("preprocess", "forward", "postprocess", "total")
_LAST = 60


class Measured:
    """Milliseconds of the last recognitions of each model."""

    def __init__(self) -> None:
        self._times: dict[str, dict[str, Percentiles]] = {}

    def add(self, result: Result) -> None:
        self.add_times(result.model_key, result.timings)

    def add_times(self, key: str, timings: Timings) -> None:
        times = self._times.setdefault(key, {stage: Percentiles(_LAST) for stage in STAGES})
        for stage in STAGES:
            times[stage].add(getattr(timings, stage))

    def median(self, key: str, stage: str) -> float | None:
        """`None` before the first recognition."""
        times = self._times.get(key)
        return times[stage].at(50) if times else None

    def forget(self, key: str) -> None:
        """The model runs in another place now."""
        self._times.pop(key, None)
