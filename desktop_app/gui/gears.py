"""What the models do to hold the rate that the user asked for, and the words for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from desktop_app.gui import texts
from desktop_app.i18n import tr
from desktop_app.recogniser import messages as m

REACHED = 0.9
"""From this share of the wished rate on it counts as held: what is shown is a mean of two seconds."""


class Gears:
    """`target`: recognised frames a second, 0 where no rate is held. Of each model the gear that it runs in."""

    def __init__(self) -> None:
        self.target = 0.0
        self._now: dict[str, m.GearChanged] = {}

    def shift(self, event: m.GearChanged) -> None:
        self._now[event.key] = event

    def forget(self, key: str) -> None:
        """The model was loaded anew: it begins in its fullest gear."""
        self._now.pop(key, None)

    def lower(self, running: Collection[str]) -> list[m.GearChanged]:
        """Of those models the ones that do not run as full as they could."""
        if not self.target:
            return []
        return [now for key in running if (now := self._now.get(key)) is not None and now.gear > 0]

    def words(self, running: Collection[str], captured: float, recognised: Mapping[str, float]) -> tuple[str, bool]:
        """ "416 px · bf16, to hold 30 fps", nothing where all run full; and whether the rate is held.

        `captured`, `recognised`: frames a second, of the source and by model.
        """
        lower = self.lower(running)
        if not lower:
            return "", True
        named = len(running) > 1
        ways = [f"{now.key}{texts.NBSP}{_way(now)}" if named else _way(now) for now in lower]
        wish = min(self.target, captured) if captured else self.target
        short = [now.gear == now.gears - 1 and 0 < recognised.get(now.key, 0.0) < REACHED * wish for now in lower]
        rate = rate_text(self.target)
        way = " + ".join(ways)
        if any(short):
            return tr("{way}, too slow for {rate}", way=way, rate=rate), False
        return tr("{way}, to hold {rate}", way=way, rate=rate), True


def _way(now: m.GearChanged) -> str:
    return f"{now.input_size}{texts.NBSP}px · {now.precision}"


def rate_text(rate: float) -> str:
    return tr("{rate} fps", rate=texts.number(rate, 0 if rate == round(rate) else 1))


def explanation() -> str:
    return tr(
        "Where this computer is too slow for the rate to hold, a model sees live frames smaller or calculates "
        "less exactly. It gets its full input back when there is room. Files and pictures always run full."
    )
