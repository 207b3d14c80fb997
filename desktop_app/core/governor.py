"""Holds a rate of recognised frames by choosing among the gears of a model: their order is from the fullest to the
fastest. It has no clock and no thread; whoever owns it tells it of each result and does what it says."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from desktop_app.core.model import Precision, Tuning

Reason = Literal["slow", "room", "fresh"]
"""Why a gear is taken: the rate was not reached; there is room for a fuller one; or a new beginning."""

WINDOW = 1.5
RESULTS = 8
"""A decision rests on so many seconds and results …"""
LONG_WINDOW = 3.0
FEW_RESULTS = 4
"""… or on so many, where the network is slow."""
SHORT = 0.95
"""A rate below this share of the demand, twice in a row, asks for a faster gear."""
FAR_SHORT = 0.8
"""… and below this one at once."""
ROOM = 1.15
"""A fuller gear must be expected to be faster than needed by this factor, twice in a row."""
STILL = 1.0
"""Seconds without a frame after which the window begins again: the source stood still, or was paused."""
WARM_UP = 2
"""Results after a new beginning that do not count: the first of a gear wait for its compilation."""
FIRST_WAIT, LONGEST_WAIT = 3.0, 120.0
"""Seconds after a change before a fuller gear is tried; doubled by each try that fails."""
SETTLED = 30.0
"""A fuller gear that holds so many seconds was no failed try."""
BELIEVED = 120.0
"""Seconds for which the measured ratio of two gears counts; afterwards their expected costs do."""

COSTS: dict[Precision, float] = {"auto": 1.0, "fp32": 1.0, "fp16": 0.5, "bf16": 0.5, "int8": 0.4}


def expected_costs(gears: Sequence[Tuning], own_size: int) -> tuple[float, ...]:
    """What each gear is expected to cost, relative to each other: by the pixels of its input and by its precision.

    `own_size`: the side of the input, in pixels, where a gear names none.
    """
    return tuple(((gear.input_size or own_size) / own_size) ** 2 * COSTS[gear.precision] for gear in gears)


@dataclass(frozen=True, slots=True)
class Change:
    gear: int
    reason: Reason


@dataclass(slots=True)
class _Window:
    """`costs`: seconds of each result, without the wait for its frame."""

    began: float
    first: tuple[float, int]
    costs: list[float] = field(default_factory=list)


class Governor:
    """`costs`: relative cost of each gear. `target`: recognised frames a second, 0 for no limit: always the fullest.

    `synced`: a frame that comes while another is recognised is lost, so a result takes whole intervals of the source.
    """

    def __init__(self, costs: Sequence[float], target: float = 0.0) -> None:
        self._costs = tuple(costs)
        self._target = target
        self._gear = 0
        self.synced = False
        self._forget()

    @property
    def gear(self) -> int:
        return self._gear

    @property
    def target(self) -> float:
        return self._target

    def _forget(self) -> None:
        self._ratios: dict[tuple[int, int], tuple[float, float]] = {}
        self._before: tuple[int, float] | None = None
        self._wait = FIRST_WAIT
        self._changed_at = -math.inf
        self._went_up = False
        self.excuse()

    def excuse(self) -> None:
        """What was measured since the last decision does not count: something passing was in the way."""
        self._window: _Window | None = None
        self._last: float | None = None
        self._warm_up = WARM_UP
        self._short = self._roomy = 0

    # --- told by the owner ------------------------------------------------------------------------------------------

    def set_target(self, target: float) -> Change | None:
        """Another rate begins in the gear at hand, none at all is the fullest gear at once."""
        if target == self._target:
            return None
        self._target = target
        if target <= 0:
            return self.restart()
        self._forget()
        return None

    def restart(self) -> Change | None:
        """A new source: nothing of what was measured counts any more."""
        changed, self._gear = self._gear != 0, 0
        self._forget()
        return Change(0, "fresh") if changed else None

    def add(self, now: float, idle: float, captured_at: float, index: int) -> Change | None:
        """A result was finished at `now`. `idle`: seconds that were spent waiting for a frame since the last one.

        `captured_at` and `index`: of its frame; two frames tell the rate of the source, whatever was skipped between.
        Returns the gear to take from the next frame on, `None` to go on.
        """
        if self._target <= 0 or len(self._costs) < 2:
            return None
        last, self._last = self._last, now
        if idle > STILL:
            self._window = None
            self._short = self._roomy = 0
            return None
        if last is None or self._warm_up > 0:
            self._warm_up -= 1
            return None
        if self._window is None:
            self._window = _Window(now, (captured_at, index))
            return None
        window = self._window
        window.costs.append(max(1e-6, now - last - idle))
        count, seconds = len(window.costs), now - window.began
        enough = (count >= RESULTS and seconds >= WINDOW) or (count >= FEW_RESULTS and seconds >= LONG_WINDOW)
        frames = index - window.first[1]
        if not enough or frames <= 0:
            return None
        self._window = _Window(now, (captured_at, index))
        interval = max(1e-6, (captured_at - window.first[0]) / frames)
        return self._decide(now, _mean_but_one(window.costs), _middle(window.costs), interval)

    # --- the decision -----------------------------------------------------------------------------------------------

    def _decide(self, now: float, cost: float, typical: float, interval: float) -> Change | None:
        """`cost` of a result, also of a `typical` one, and `interval` of the source's frames, in seconds."""
        self._learn(now, cost)
        # More than the source gives cannot be recognised.
        needed = max(1 / self._target, interval)
        period = self._period(cost, interval)
        if period * SHORT > needed:
            self._short, self._roomy = self._short + 1, 0
            # At once only where most results are too slow, not a few very slow ones.
            far = self._period(typical, interval) * FAR_SHORT > needed
            if self._gear < len(self._costs) - 1 and (self._short > 1 or far):
                return self._take(self._faster(now, cost, interval, needed), now, cost)
            return None
        self._short = 0
        fuller = self._fuller(now, cost, interval, needed)
        self._roomy = 0 if fuller is None else self._roomy + 1
        if fuller is not None and self._roomy > 1 and now - self._changed_at >= self._wait:
            return self._take(fuller, now, cost)
        return None

    def _period(self, cost: float, interval: float) -> float:
        """Seconds from result to result where the source gives a frame every `interval`."""
        # A little less than a whole number is one: clocks of cameras are not exact.
        return math.ceil(cost / interval - 0.02) * interval if self.synced else cost

    def _faster(self, now: float, cost: float, interval: float, needed: float) -> int:
        """The fullest of the faster gears that should do, or the fastest of all."""
        last = len(self._costs) - 1
        for gear in range(self._gear + 1, last):
            if self._period(cost * self._ratio(gear, now), interval) <= needed:
                return gear
        return last

    def _fuller(self, now: float, cost: float, interval: float, needed: float) -> int | None:
        for gear in range(self._gear):
            if self._period(cost * self._ratio(gear, now) * ROOM, interval) <= needed:
                return gear
        return None

    def _ratio(self, gear: int, now: float) -> float:
        """Cost of `gear` in units of the one at hand: as measured, else as expected."""
        known = self._ratios.get((self._gear, gear))
        if known is not None and now - known[1] < BELIEVED:
            return known[0]
        return self._costs[gear] / self._costs[self._gear]

    def _learn(self, now: float, cost: float) -> None:
        """The first measure after a change against the last before it: under the same load, or nearly so."""
        if self._before is None:
            return
        (gear, before), self._before = self._before, None
        expected = self._costs[self._gear] / self._costs[gear]
        # Load that came or went in just this moment would spoil the ratio beyond what a network can do.
        ratio = min(max(cost / before, min(1.0, expected) / 1.2), max(1.0, expected) * 1.2)
        self._ratios[gear, self._gear] = ratio, now
        self._ratios[self._gear, gear] = 1 / ratio, now

    def _take(self, gear: int, now: float, cost: float) -> Change:
        up = gear < self._gear
        if not up and self._went_up:
            failed = now - self._changed_at < SETTLED
            self._wait = min(2 * self._wait, LONGEST_WAIT) if failed else max(self._wait / 2, FIRST_WAIT)
        self._before = self._gear, cost
        self._gear, self._changed_at, self._went_up = gear, now, up
        self.excuse()
        return Change(gear, "room" if up else "slow")


def _mean_but_one(values: Sequence[float]) -> float:
    """What the rate comes from, without the longest, which may be a single stall."""
    return (sum(values) - max(values)) / (len(values) - 1)


def _middle(values: Sequence[float]) -> float:
    """Mean of the middle half: a few very slow results do not move it."""
    ordered = sorted(values)
    quarter = len(ordered) // 4
    half = ordered[quarter : len(ordered) - quarter]
    return sum(half) / len(half)
