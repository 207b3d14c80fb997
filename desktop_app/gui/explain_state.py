"""What the window knows of the inside of a network: what it asks the recogniser for, and what came last."""

from __future__ import annotations

import time
from collections import deque
from typing import Any

import msgspec
from PySide6.QtCore import QObject, Signal

from desktop_app.core.explain import Heat, HeatMethod, Map, Place
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
    saved = Signal(str, str)
    """Path, and what went wrong if something did."""

    def __init__(self, client: Client, parent: QObject) -> None:
        super().__init__(parent)
        self._client = client
        self.wish = m.Explain(0)
        self.last: m.Explained | None = None
        self.heat: Heat | None = None
        self._seen: dict[tuple[int, int], dict[int, tuple[Place, ...]]] = {}
        """By station and channel: the places of the strongest frame of each second."""
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
        before = self.wish
        other = changes.get("model", before.model) != before.model
        if other:
            before = msgspec.structs.replace(before, maps=(), opened=None, classes=(), box=None, frozen=False)
        wish = msgspec.structs.replace(before, **changes)
        if wish == self.wish:
            return
        if other:
            self.last = None
            self._seen.clear()
            self._times.clear()
        self.wish = msgspec.structs.replace(wish, number=self.wish.number + 1)
        self._client.send(self.wish)
        about_heat = ("model", "heat", "classes", "box")
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
        self._forget_before(int(now - SEEN_FOR))
        again = before is not None and before.captured_at == event.captured_at
        for found in event.maps:
            if not again or (found.station, found.channel) not in self._seen:
                self._keep(found, int(now))
        self.looked.emit()

    def strongest(self, station: int, channel: int) -> list[Place]:
        """The places that a map answered to most in the last minute, the strongest first."""
        seen = self._seen.get((station, channel), {})
        return sorted((place for places in seen.values() for place in places), key=lambda place: -place.value)[
            :STRONGEST
        ]

    def _keep(self, found: Map, second: int) -> None:
        """Of each second the strongest frame: otherwise the strip would show one moment eight times."""
        seconds = self._seen.setdefault((found.station, found.channel), {})
        kept = seconds.get(second)
        if kept is None or found.places[0].value > kept[0].value:
            seconds[second] = found.places

    def _forget_before(self, second: int) -> None:
        for key, seconds in list(self._seen.items()):
            kept = {when: places for when, places in seconds.items() if when > second}
            if kept:
                self._seen[key] = kept
            else:
                del self._seen[key]

    def find(self, key: tuple[int, int] | None) -> Map | None:
        """A whole map of the last frame, by station and channel."""
        if self.last is None or key is None:
            return None
        return next((one for one in self.last.maps if (one.station, one.channel) == key), None)

    def save(self, path: str) -> None:
        """All that was computed of the last frame, into a file."""
        self._client.send(m.SaveInside(path))

    def on_saved(self, event: m.InsideSaved) -> None:
        self.saved.emit(event.path, event.trouble)

    def on_heat(self, event: m.HeatReady) -> None:
        if event.model == self.wish.model and event.number == self.wish.number:
            self._set_heat(event.heat)

    def on_failed(self, event: m.ExplainFailed) -> None:
        if event.number == self.wish.number:
            self.failed.emit(event.message, event.hint)
