"""Looks into a network beside recognition: a thread with a network of its own, which takes at most a quarter of the
time while frames move, and nothing while nobody looks."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.explain import Heat, Tiles
from desktop_app.core.frame import Frame
from desktop_app.errors import AppError
from desktop_app.i18n import tr
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.looker import Looker

if TYPE_CHECKING:
    from desktop_app.models.explaining.look import Look
    from desktop_app.models.explaining.looked import Looked

REST = 3.0
"""So many times as long as it worked it rests, so that recognition loses a quarter at most."""
ORDER_KEPT = 3.0
"""Seconds for which the order of the maps stays: tiles that change places cannot be watched."""
ALL_MAPS = 4096


class Explainer(Looker):
    """`set`, `save`, `offer` and `forget` never wait."""

    name = "explainer"

    def __init__(self, send: Callable[[m.Event], None]) -> None:
        super().__init__()
        self._send = send
        self._wish = m.Explain(0)
        self._done: tuple[m.Explain, Frame] | None = None
        self._rest_until = 0.0
        self._look: tuple[str, Look] | None = None
        self._looked: tuple[Frame, Looked] | None = None
        self._heat: Heat | None = None
        self._saves: list[m.SaveInside] = []
        self._filters_told = 0
        self._orders: dict[int, tuple[float, NDArray[np.int64]]] = {}

    def set(self, wish: m.Explain) -> None:
        with self._changed:
            if wish.number < self._wish.number or self._stopped:
                return
            self._wish = wish
            self._cancel.set()
            self._wake(begin=self._looks)

    def save(self, wanted: m.SaveInside) -> None:
        with self._changed:
            if self._thread is None or not self._wish.model:
                self._send(m.InsideSaved(wanted.path, tr("Nothing was looked at yet.")))
                return
            self._saves.append(wanted)
            self._changed.notify_all()

    @property
    def _looks(self) -> bool:
        return bool(self._wish.model)

    # --- the thread -------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while (work := self._next()) is not None:
            begun = time.perf_counter()
            try:
                work()
            except AppError as error:
                number = self._done[0].number if self._done is not None else 0
                self._send(m.ExplainFailed(number, error.message, error.hint))
            except Exception as error:
                self._send(m.Failure(f"{type(error).__name__}: {error}", traceback.format_exc()))
            self._rest_until = time.perf_counter() + REST * (time.perf_counter() - begun)

    def _next(self) -> Callable[[], None] | None:
        """What to do, as soon as there is something new and the rest is over, for which a new wish does not wait;
        `None` at the end."""
        with self._changed:
            while not self._stopped:
                if self._saves:
                    return partial(self._write, self._saves.pop(0))
                if not self._wish.model and self._look is not None:
                    return self._let_go
                if not self._new():
                    self._changed.wait()
                    continue
                wish = self._wish
                again = self._done is not None and self._done[0] is wish
                rest = self._rest_until - time.perf_counter()
                if again and rest > 0:
                    self._changed.wait(rest)
                    continue
                frame = self._frame
                assert frame is not None
                if wish.frozen and self._looked is not None:
                    frame = self._looked[0]
                self._done = (wish, frame)
                self._cancel.clear()
                return partial(self._explain, wish, frame)
        return None

    def _let_go(self) -> None:
        """Nobody looks: the network goes."""
        with self._changed:
            self._look = self._looked = self._heat = None
            self._changed.notify_all()

    def _write(self, wanted: m.SaveInside) -> None:
        if self._look is None or self._looked is None:
            self._send(m.InsideSaved(wanted.path, tr("Nothing was looked at yet.")))
            return
        try:
            self._look[1].save(self._looked[1], Path(wanted.path), self._heat)
        except OSError as error:
            self._send(m.InsideSaved(wanted.path, error.strerror or str(error)))
            return
        self._send(m.InsideSaved(wanted.path))

    def _new(self) -> bool:
        if not self._wish.model or self._frame is None:
            return False
        if self._done is None or self._done[0] is not self._wish:
            return True
        return not self._wish.frozen and self._done[1] is not self._frame

    def _explain(self, wish: m.Explain, frame: Frame) -> None:
        look = self._load(wish.model)
        steps = wish.steps is not None
        if self._looked is None or self._looked[0] is not frame or (steps and self._looked[1].scaled is None):
            self._looked = (frame, look.at(frame.pixels, steps=steps))
            self._heat = None
        looked = self._looked[1]
        height, width = looked.tensor.shape[1:3]
        maps = (look.map_of(looked, frame.bgr, *wanted) for wanted in wish.maps)
        self._send(
            m.Explained(
                wish.number,
                wish.model,
                frame.index,
                frame.captured_at,
                look.stations,
                looked.region.of_frame(width, height),
                (width, height),
                looked.milliseconds,
                self._tiles(wish, looked),
                tuple(found for found in maps if found is not None),
                look.input_of(looked) if wish.input else None,
                look.evidence.methods(),
                look.evidence.missing(),
                filters=self._filters(wish, look),
                steps=look.steps_of(looked, frame.bgr, whole=wish.steps == "whole", swap=wish.swap) if steps else None,
            )
        )
        if wish.heat is not None:
            begun = time.perf_counter()
            for heat in look.evidence.heat(looked, wish.heat, wish.classes, wish.box, self._cancel):
                self._heat = heat
                self._send(m.HeatReady(wish.number, wish.model, frame.index, heat))
                self._breathe(frame, time.perf_counter() - begun)
                begun = time.perf_counter()

    def _breathe(self, frame: Frame, worked: float) -> None:
        """Between the steps of long work: rests, where frames move and nothing else is wanted."""
        with self._changed:
            if self._frame is not frame:
                self._changed.wait_for(lambda: self._stopped or self._cancel.is_set(), REST * worked)

    def _load(self, key: str) -> Look:
        if self._look is None or self._look[0] != key:
            from desktop_app.models import catalog
            from desktop_app.models.explaining.look import Look

            self._look = self._looked = None
            self._look = (key, Look(catalog.find(key)))
            self._orders.clear()
        return self._look[1]

    def _filters(self, wish: m.Explain, look: Look) -> NDArray[np.float32] | None:
        """Once for each wish: they stay the same."""
        if not wish.filters or self._filters_told == wish.number:
            return None
        self._filters_told = wish.number
        return look.filters

    def _tiles(self, wish: m.Explain, looked: Looked) -> tuple[Tiles, ...]:
        from desktop_app.models.explaining.tiles import activity_order, tiles_of

        found = []
        now = time.monotonic()
        for station, maps in enumerate(looked.seen.maps):
            count = ALL_MAPS if station == wish.opened else wish.tiles
            if not count:
                continue
            made, order = self._orders.get(station, (0.0, None))
            if order is None or now - made > ORDER_KEPT:
                order = activity_order(maps)
                self._orders[station] = (now, order)
            chosen = [channel for place, channel in wish.maps if place == station and channel < len(maps)]
            found.append(tiles_of(maps, station, count, _with(order, chosen, count)))
        return tuple(found)


def _with(order: NDArray[np.int64], chosen: list[int], count: int) -> NDArray[np.int64]:
    """The first `count` of the order, with the chosen ones among them: at the end where they would not be."""
    shown = order[:count]
    missing = [channel for channel in chosen if channel not in shown]
    return np.concatenate([shown[: max(0, count - len(missing))], np.array(missing, np.int64)])
