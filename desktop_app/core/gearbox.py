"""Between a lane and its governor: with which tuning each frame is recognised, and what that says to the user."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass

from desktop_app.core.frame import Frame
from desktop_app.core.governor import Change, Governor, Reason, expected_costs
from desktop_app.core.model import Model, Tuning, Use
from desktop_app.errors import AppError

log = logging.getLogger(__name__)

PATIENCE = 1.5
"""Seconds for which frames go on in the old gear while the next is compiled."""


@dataclass(frozen=True, slots=True)
class Shift:
    """The model runs in gear `gear` of `gears` now, 0 being the fullest.

    `input_size`: the longer side of the input in pixels. `precision`: what really runs.
    """

    gear: int
    gears: int
    input_size: int
    precision: str
    reason: Reason


class Gearbox:
    """Used in the thread of one lane, around one model."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._gears: tuple[Tuning, ...] = (Tuning("live"),)
        self._governor = Governor((1.0,))
        self._request: int | None = None
        self._change: Change | None = None
        self._using = 0
        self._warming_since = 0.0
        self._warming: threading.Thread | None = None

    def tuning(self, request: int, use: Use, target: float) -> Tuning:
        """For a frame of the source `request`. `target`: the rate to hold, 0 for none."""
        if request != self._request:
            self._request = request
            self._begin(target)
        elif target != self._governor.target:
            if target > 0 and self._governor.target <= 0:
                self._begin(target)
            else:
                self._note(self._governor.set_target(target))
                if target <= 0:
                    self._warming, self._using = None, 0
        if use != "live":
            return Tuning(use)
        if not self._is_warming():
            self._using = self._governor.gear
        return self._gears[self._using]

    def _begin(self, target: float) -> None:
        """Looks at the gears anew: the user may have made a faster network meanwhile."""
        self._note(self._governor.restart())
        self._warming, self._using = None, 0
        self._fit(self._find_gears() if target > 0 else (Tuning("live"),), target)

    def _find_gears(self) -> tuple[Tuning, ...]:
        try:
            return self._model.gears()
        except AppError as error:
            log.info("%s has one gear: %s", self._model.info.key, error)
            return (Tuning("live"),)

    def _fit(self, gears: tuple[Tuning, ...], target: float) -> None:
        self._gears = gears
        self._governor = Governor(expected_costs(gears, self._model.info.input_size), target)

    def _note(self, change: Change | None) -> None:
        self._change = change or self._change

    def _is_warming(self) -> bool:
        return self._warming is not None and self._warming.is_alive()

    def done(self, frame: Frame, now: float, idle: float, *, synced: bool) -> None:
        """A live frame was recognised at `now`; see `Governor.add`."""
        if self._is_warming():
            # Frames go on in the old gear meanwhile; what compiles beside them makes them slow.
            self._governor.excuse()
            if now - self._warming_since > PATIENCE and self._warming is not None:
                # Without the frames of the old gear a starved machine is done sooner.
                self._warming.join(10.0)
            return
        self._governor.synced = synced
        change = self._governor.add(now, idle, frame.captured_at, frame.index)
        if change is not None:
            self._note(change)
            warm = self._model.warm(self._gears[change.gear], frame.pixels)
            self._warming = threading.Thread(target=warm, name=f"warm {self._model.info.key}", daemon=True)
            self._warming.start()
            self._warming_since = now

    def failed(self) -> None:
        """A frame failed. A gear that does not work is not tried again with this source, nor is any other."""
        if self._governor.gear > 0:
            log.info("%s fails in gear %d", self._model.info.key, self._governor.gear)
            self._change = Change(0, "fresh")
            self._warming, self._using = None, 0
            self._fit(self._gears[:1], self._governor.target)

    def excuse(self) -> None:
        """The machine is busy with something that passes."""
        self._governor.excuse()

    def shift(self) -> Shift | None:
        """What is to be told, once, when the model was tuned."""
        if self._change is None or self._is_warming():
            return None
        change, self._change = self._change, None
        size = self._gears[change.gear].input_size or self._model.info.input_size
        return Shift(change.gear, len(self._gears), size, self._model.precision, change.reason)
