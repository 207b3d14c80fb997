"""A simulated machine for the governor: a live source, a model with gears, load that comes and goes, noise."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from desktop_app.core.governor import Governor

Load = Callable[[float], float]
"""Factor on all times at a time."""


def idle_machine(at: float) -> float:
    return 1.0


def load_between(begin: float, end: float, factor: float) -> Load:
    return lambda at: factor if begin <= at < end else 1.0


@dataclass
class Lane:
    """One model on its way through simulated time.

    `seconds`: of one recognition, by gear, on the idle machine. `compile`: seconds that a change of gear costs.
    `shifts`: (time, gear) of each change. `results`: times. `idles`: seconds waited before each.
    """

    governor: Governor
    seconds: Sequence[float]
    fps: float = 30.0
    synced: bool = False
    load: Load = idle_machine
    noise: float = 0.0
    compile: float = 0.3
    rng: random.Random = field(default_factory=lambda: random.Random(1))
    at: float = 0.0
    taken: int = -1
    asked_at: float = 0.0
    shifts: list[tuple[float, int]] = field(default_factory=list)
    results: list[float] = field(default_factory=list)

    def _next_frame(self) -> int:
        """Newest wins; synced, a frame that came while another was recognised is lost."""
        here = self.at * self.fps
        newest = math.ceil(here) if self.synced else math.floor(here)
        return max(newest, self.taken + 1)

    def step(self) -> None:
        index = self._next_frame()
        begun = max(self.at, index / self.fps)
        idle = begun - self.at
        cost = self.seconds[self.governor.gear] * self.load(begun) * self.rng.lognormvariate(0, self.noise)
        self.at, self.taken = begun + cost, index
        self.results.append(self.at)
        change = self.governor.add(self.at, idle, index / self.fps, index)
        if change is not None:
            self.shifts.append((self.at, change.gear))
            self.at += self.compile

    def run(self, until: float) -> None:
        while self.at < until:
            self.step()

    def rate(self, begin: float, end: float) -> float:
        return sum(begin <= at < end for at in self.results) / (end - begin)


def run_together(lanes: Sequence[Lane], until: float) -> None:
    """In the order of time, so that `load` of one may look at the others."""
    while (lane := min(lanes, key=lambda lane: lane.at)).at < until:
        lane.step()
