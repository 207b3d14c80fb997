"""What the window knows of spoiled pictures: how, how steady the answers are, and what a sweep found."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from PySide6.QtCore import QObject, Signal

from desktop_app.core.model import Placement, Thresholds
from desktop_app.core.results import Result
from desktop_app.core.stability import StabilityMeter
from desktop_app.core.stress import BY_KEY, NONE, CorruptionName, Stress
from desktop_app.core.sweep import ALL, Curves, Subject
from desktop_app.i18n import tr
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.client import Client

CLEAN: tuple[CorruptionName, float] = ("blur", BY_KEY["blur"].neutral)
"""The point of the clean picture that a sweep begins with."""
Phase = Literal["running", "done", "cancelled", "failed"]


@dataclass(slots=True, eq=False)
class Sweep:
    """One sweep as the window sees it. `names`: the class names of its model. `subject`: whose curves are shown, `ALL`
    for all boxes together. `chosen`: the point whose picture is wanted, `picture` once it is there."""

    number: int
    model: str
    names: tuple[str, ...]
    source: str
    curves: Curves = field(default_factory=Curves)
    phase: Phase = "running"
    total: int = 0
    frame_index: int = 0
    size: tuple[int, int] = (0, 0)
    subject: int = 0
    chosen: tuple[CorruptionName, float] | None = None
    picture: m.SpoiledPicture | None = None
    message: str = ""
    _times: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=40))

    @property
    def share(self) -> float | None:
        return self.curves.count / self.total if self.total else None

    def tick(self) -> None:
        self._times.append((time.monotonic(), self.curves.count))

    @property
    def seconds_left(self) -> float | None:
        if len(self._times) < 4:
            return None
        (first, before), (last, now) = self._times[0], self._times[-1]
        return (self.total - now) * (last - first) / max(1, now - before)

    @property
    def detects(self) -> bool:
        return bool(self.curves.subjects) and self.curves.subjects[0].box is not None

    @property
    def subject_shown(self) -> Subject | None:
        """`None` for all boxes together."""
        return None if self.subject == ALL or not self.curves.subjects else self.curves.subjects[self.subject]


class StressState(QObject):
    """Spoils only while it is `open`: the panel opens and closes it."""

    changed = Signal()
    """Other values, or open, or closed."""
    swept = Signal()
    """The sweep went on, another subject or another point was chosen, or its picture came."""

    def __init__(self, client: Client, send_soon: Callable[[m.Command], None], parent: QObject) -> None:
        super().__init__(parent)
        self._client, self._send_soon = client, send_soon
        self.open = False
        self.values = NONE
        self.meters: dict[str, StabilityMeter] = {}
        self.sweep: Sweep | None = None
        self._number = 0
        self._room = (640, 640)
        self._sent = NONE

    # --- how pictures are spoiled -------------------------------------------------------------------------------

    @property
    def acting(self) -> Stress:
        return self.values if self.open else NONE

    @property
    def active(self) -> bool:
        """Whether anything is changed now."""
        return self.acting != NONE

    def set_open(self, is_open: bool) -> None:
        """Closed, nothing is spoiled, measured or kept."""
        if is_open == self.open:
            return
        self.open = is_open
        if not is_open:
            self.values = NONE
            self.meters.clear()
            self._forget_sweep()
        self._tell()

    def set_value(self, key: CorruptionName, value: float) -> None:
        self.set_values(self.values.with_value(key, value))

    def reset(self, key: CorruptionName) -> None:
        self.set_value(key, BY_KEY[key].neutral)

    def set_values(self, values: Stress) -> None:
        if values != self.values:
            self.values = values
            self._tell()

    def _tell(self) -> None:
        if self.acting != self._sent:
            self._sent = self.acting
            self._send_soon(m.SetStress(self.acting))
        self.changed.emit()

    # --- how steady the answers are -----------------------------------------------------------------------------

    def add(self, result: Result, moving: bool) -> None:
        """`moving`: time goes on; what is looked at again in a still says nothing of it."""
        if self.open and moving:
            self.meters.setdefault(result.model_key, StabilityMeter()).add(result)

    def measure_anew(self) -> None:
        self.meters.clear()
        self.changed.emit()

    # --- the sweep ----------------------------------------------------------------------------------------------

    def begin_sweep(
        self, model: str, names: tuple[str, ...], source: str, placement: Placement, thresholds: Thresholds
    ) -> None:
        self._number += 1
        self.sweep = Sweep(self._number, model, names, source)
        self._client.send(m.Sweep(self._number, model, placement, thresholds))
        self.swept.emit()

    def cancel_sweep(self) -> None:
        """What came until then stays."""
        sweep = self.sweep
        if sweep is not None and sweep.phase == "running":
            self._number += 1
            self._client.send(m.Sweep(self._number, sweep.model, stop=True))
            sweep.phase = "cancelled"
            self.swept.emit()

    def _forget_sweep(self) -> None:
        if self.sweep is not None:
            self.sweep = None
            self._number += 1
            self._client.send(m.Sweep(self._number))
            self.swept.emit()

    def lost(self) -> None:
        """The recogniser died, and its sweep and picture with it."""
        sweep = self.sweep
        if sweep is not None and sweep.phase == "running":
            sweep.phase, sweep.message = "failed", tr("The sweep was interrupted. Start it again.")
            self.swept.emit()

    def choose_subject(self, subject: int) -> None:
        if self.sweep is not None:
            self.sweep.subject = subject
            self.swept.emit()

    def choose_point(self, key: CorruptionName, strength: float) -> None:
        """Its picture is asked for, and shown as soon as it comes."""
        sweep = self.sweep
        if sweep is None or sweep.chosen == (key, strength):
            return
        sweep.chosen = (key, strength)
        self._ask_picture(sweep)
        self.swept.emit()

    def want_room(self, width: int, height: int) -> None:
        """Pixels of the screen that a picture of a point has: it comes no larger."""
        if width > self._room[0] or height > self._room[1]:
            self._room = max(width, self._room[0]), max(height, self._room[1])
            if self.sweep is not None and self.sweep.picture is not None:
                self._ask_picture(self.sweep)

    def _ask_picture(self, sweep: Sweep) -> None:
        assert sweep.chosen is not None
        stress = NONE.with_value(*sweep.chosen)
        self._client.send(m.GetSpoiled(sweep.number, stress, *self._room))

    # --- what the recogniser says -------------------------------------------------------------------------------

    def _of(self, number: int) -> Sweep | None:
        return self.sweep if self.sweep is not None and self.sweep.number == number else None

    def on_begun(self, event: m.SweepBegun) -> None:
        sweep = self._of(event.number)
        if sweep is not None:
            sweep.curves.subjects, sweep.total = event.subjects, event.total
            sweep.frame_index, sweep.size = event.frame_index, event.size
            self.choose_point(*CLEAN)

    def on_answered(self, event: m.SweepAnswered) -> None:
        sweep = self._of(event.number)
        if sweep is not None and sweep.phase == "running":
            sweep.curves.add(event.corruption, event.answer)
            sweep.tick()
            self.swept.emit()

    def on_ended(self, event: m.SweepEnded) -> None:
        sweep = self._of(event.number)
        if sweep is not None and sweep.phase == "running":
            sweep.phase = "failed" if event.message else "done"
            sweep.message = f"{event.message} {event.hint}".strip()
            self.swept.emit()

    def on_picture(self, event: m.SpoiledPicture) -> None:
        sweep = self._of(event.number)
        if sweep is None or sweep.chosen is None or event.stress != NONE.with_value(*sweep.chosen):
            return
        sweep.picture = event
        self.swept.emit()
