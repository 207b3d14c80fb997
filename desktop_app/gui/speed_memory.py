"""How long each model took here, kept between runs: a small file beside the converted networks. No Qt."""

from __future__ import annotations

import json
import logging
import math
import os
import platform
import sys
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from desktop_app.core.model import Placement
from desktop_app.core.results import Result
from desktop_app.paths import cache_dir

log = logging.getLogger(__name__)
LAST, FEW = 60, 5
"""A median is of so many recognitions at most and at least."""
MOST = 200
"""Places of models that are remembered for one machine; the oldest go."""


@dataclass(frozen=True, slots=True)
class Place:
    """A model and where it really ran. `device` in lower case: cpu, cuda:0, gpu.0."""

    model: str
    engine: str
    device: str
    precision: str

    def fits(self, placement: Placement) -> bool:
        """Whether a model that is asked to run there may run here."""
        asked = placement.device.lower()
        kind = self.device.split(":")[0].split(".")[0]
        return (
            placement.engine in ("auto", self.engine)
            and asked in ("auto", self.device, kind)
            and placement.precision in ("auto", self.precision)
        )


def cpu_name() -> str:
    """What the processor calls itself, and how many cores it has: a folder may be shared between machines."""
    name = platform.processor()
    if sys.platform.startswith("linux"):
        try:
            lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            lines = []
        name = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), name)
    return f"{name or platform.machine()}, {os.cpu_count() or 1}"


class SpeedMemory:
    """Median milliseconds by place, the one that ran last first."""

    def __init__(self, machine: str | None = None) -> None:
        self._machine = cpu_name() if machine is None else machine
        self._known: dict[Place, float] = _read(self._machine)
        self._changed = False
        self._recent: dict[Place, tuple[int, deque[float]]] = {}
        self._last: Place | None = None

    def of(self, model: str, placement: Placement) -> float | None:
        """Of the place that the model ran in last, among those that `placement` allows."""
        return next((ms for place, ms in self._known.items() if place.model == model and place.fits(placement)), None)

    def add(self, result: Result) -> None:
        """It runs there for the user: the next time it probably runs there again. A smaller input than the largest
        that was seen, taken to hold a rate, does not count."""
        place = Place(result.model_key, result.engine, result.device.lower(), result.precision)
        side = max(result.input_size)
        known = self._recent.get(place)
        if known is None or side > known[0]:
            known = self._recent[place] = side, deque(maxlen=LAST)
        if side == known[0]:
            known[1].append(result.timings.total)
        if place != self._last:
            self._last, self._recent[place] = place, self._recent.pop(place)

    def _take_over(self) -> None:
        """What ran, before what is known from earlier."""
        for place, (_, times) in self._recent.items():
            if len(times) >= FEW:
                self._known = {place: median(times)} | {p: ms for p, ms in self._known.items() if p != place}
                self._changed = True
        self._recent.clear()
        self._last = None

    def measured(self, place: Place, milliseconds: float) -> None:
        """It was only tried there, after those before it."""
        self._known[place] = milliseconds
        self._changed = True

    def save(self) -> None:
        """A folder that cannot be written loses the times, nothing else."""
        self._take_over()
        if not self._changed:
            return
        path = speeds_file()
        every = _machines(path)
        every[self._machine] = [
            [place.model, place.engine, place.device, place.precision, round(ms, 3)]
            for place, ms in list(self._known.items())[:MOST]
        ]
        scratch = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        try:
            scratch.write_text(json.dumps(every, ensure_ascii=False, indent=1), encoding="utf-8")
            scratch.replace(path)
            self._changed = False
        except OSError as error:
            log.info("measured times not kept: %s", error)
            scratch.unlink(missing_ok=True)


def speeds_file() -> Path:
    return cache_dir() / "speeds.json"


def _machines(path: Path) -> dict[str, object]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        log.info("measured times in %s unreadable: %s", path, error)
        return {}
    return found if isinstance(found, dict) else {}


def _read(machine: str) -> dict[Place, float]:
    """What is not a place with a time is left out."""
    rows = _machines(speeds_file()).get(machine)
    known: dict[Place, float] = {}
    for row in rows if isinstance(rows, list) else ():
        match row:
            case [str() as model, str() as engine, str() as device, str() as precision, float() | int() as ms]:
                if math.isfinite(ms) and ms > 0 and not isinstance(ms, bool):
                    known[Place(model, engine, device, precision)] = float(ms)
            case _:
                continue
    return known
