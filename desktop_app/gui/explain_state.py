"""What the window knows of the inside of a network: what it asks the recogniser for, and what came last."""

from __future__ import annotations

import time
from collections import deque
from typing import Any

import msgspec
from PySide6.QtCore import QObject, Signal

from desktop_app.core.explain import Heat, HeatMethod
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.client import Client

SEEN_FOR = 60.0
"""Seconds for which the strongest places of a map are kept."""
STRONGEST = 8


class ExplainState(QObject):
    """One wish for the whole window: the page of layers and the heat map on the picture share it."""

    looked = Signal()
    """`last` is new."""
    heated = Signal()
    """`heat` is new, or gone."""
    failed = Signal(str, str)
    changed = Signal()
    """Another wish."""

    def __init__(self, client: Client, parent: QObject) -> None:
        super().__init__(parent)
        self._client = client
        self.wish = m.Explain(0)
        self.last: m.Explained | None = None
        self.heat: Heat | None = None
        self.strongest: dict[tuple[int, int], list[tuple[float, float, Any]]] = {}
        """By station and channel: (when, value, patch), the strongest first."""
        self.keep_heat = False
        """The heat map is shown over the picture too, and goes on when the page of layers is left."""
        self._times: deque[float] = deque(maxlen=10)

    @property
    def active(self) -> bool:
        return bool(self.wish.model)

    @property
    def rate(self) -> float:
        """Looks a second."""
        if len(self._times) < 2:
            return 0.0
        return (len(self._times) - 1) / max(1e-3, self._times[-1] - self._times[0])

    def ask(self, **changes: Any) -> None:
        """Changes the wish; another model forgets what was shown of the one before."""
        wish = msgspec.structs.replace(self.wish, **changes)
        if wish == self.wish:
            return
        other = wish.model != self.wish.model
        if other:
            wish = msgspec.structs.replace(wish, maps=(), opened=None, class_id=None, box=None, frozen=False)
            self.last = None
            self.strongest.clear()
            self._times.clear()
        self.wish = msgspec.structs.replace(wish, number=self.wish.number + 1)
        self._client.send(self.wish)
        about_heat = ("model", "heat", "class_id", "box")
        if other or any(name in about_heat for name in changes):
            self._set_heat(None)
        self.changed.emit()

    def again(self) -> None:
        """A new recogniser knows nothing of the wish."""
        if self.active:
            self._client.send(self.wish)

    def toggle_heat(self, model: str, method: HeatMethod) -> None:
        """The heat map over the picture, on and off."""
        self.keep_heat = not self.keep_heat
        if self.keep_heat:
            self.ask(model=self.wish.model or model, heat=self.wish.heat or method)
        elif not self.wish.tiles:  # the page of layers wants it on its own
            self.close()
        self.heated.emit()

    def close(self) -> None:
        self.ask(model="", tiles=0, heat=None, input=False, filters=False)

    def _set_heat(self, heat: Heat | None) -> None:
        self.heat = heat
        self.heated.emit()

    # --- what the recogniser says -------------------------------------------------------------------------------

    def on_explained(self, event: m.Explained) -> None:
        if event.model != self.wish.model:
            return
        before = self.last
        if event.filters is None and before is not None:
            event = msgspec.structs.replace(event, filters=before.filters)
        self.last = event
        now = time.monotonic()
        self._times.append(now)
        for found in event.maps:
            row, column = found.peak
            seen = self.strongest.setdefault((found.station, found.channel), [])
            if seen and before is not None and before.captured_at == event.captured_at:
                continue  # the same frame again
            seen.append((now, float(found.values[row, column]), found.patch))
            fresh = sorted((one for one in seen if now - one[0] < SEEN_FOR), key=lambda one: -one[1])
            self.strongest[found.station, found.channel] = fresh[:STRONGEST]
        self.looked.emit()

    def on_heat(self, event: m.HeatReady) -> None:
        if event.model == self.wish.model and event.number == self.wish.number:
            self._set_heat(event.heat)

    def on_failed(self, event: m.ExplainFailed) -> None:
        if event.number == self.wish.number:
            self.failed.emit(event.message, event.hint)
