"""Medians, percentiles and ratios of what was measured."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def median(values: Sequence[float]) -> float:
    return float(np.median(values))


def percentile(values: Sequence[float], percent: float) -> float:
    return float(np.percentile(values, percent))


def ratio(above: Sequence[float], below: Sequence[float]) -> float:
    """The median of the ratios round by round: what the machine does during one round touches both alike."""
    if len(above) != len(below) or not above:
        raise ValueError(f"{len(above)} and {len(below)} rounds cannot be compared")
    return median([a / b for a, b in zip(above, below, strict=True)])


def steady_rate(stamps: Sequence[float], skip: int) -> float:
    """Events a second after the first `skip`, from the times (s) at which they happened.

    Intervals are counted, not events: n events have n − 1 intervals.
    """
    kept = stamps[min(skip, max(0, len(stamps) - 2)) :]
    if len(kept) < 2 or kept[-1] <= kept[0]:
        raise ValueError(f"{len(stamps)} events are too few for a rate")
    return (len(kept) - 1) / (kept[-1] - kept[0])


def growth(values: Sequence[float]) -> float:
    """How much larger the median of the last tenth is than that of the first."""
    tenth = max(1, len(values) // 10)
    return median(values[-tenth:]) - median(values[:tenth])


def beyond_share(alone: float, beside: float, models: int) -> float:
    """By which part the rate of one of `models` fell below its share of the cores; 0 where it did not."""
    return max(0.0, 1.0 - beside * models / alone)
