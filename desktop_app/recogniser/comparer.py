"""Compares models on the same frames, beside recognition: a lane for each, as in the pipeline, and one thread that
gives each frame to all of them in turn and tells their answers together.

In turn, because two networks at once take the cores from each other and neither's time would be its own.
"""

from __future__ import annotations

import itertools
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from desktop_app.core.comparing import MOST_REST, News, Side, next_rest
from desktop_app.core.frame import Frame
from desktop_app.core.gearbox import Shift
from desktop_app.core.lane import Job, Lane, LoadModel
from desktop_app.core.model import Model, Thresholds, Use
from desktop_app.core.results import Result
from desktop_app.errors import AppError, ModelError
from desktop_app.i18n import tr
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.compare_screen import CompareScreen, kept
from desktop_app.recogniser.comparing import judge, said
from desktop_app.recogniser.memory import give_back

_JOINED_WITHIN = 2.0
_TURN_WITHIN = 10.0
"""Seconds: one that is fetched takes longer, and does not hold the others."""
_LOADED_WITHIN = 60.0
"""Seconds: a network that is being compiled cannot be cancelled."""
_LOOK_EVERY = 0.5
"""Seconds after which to look whether the thread of a lane is still there."""


@dataclass(eq=False)
class _Entrant:
    """A side at work. `seen`: the frame that `result` is of, and the thresholds that it was made with."""

    side: Side
    lane: Lane
    loaded: bool = False
    failed: bool = False
    seen: Frame | None = None
    result: Result | None = None
    thresholds: Thresholds | None = None
    trouble: str = ""
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Offer:
    """The newest frame: of which source, and how models are to run on it."""

    request: int
    frame: Frame
    use: Use


@dataclass(frozen=True, slots=True, eq=False)
class _Round:
    """One frame that all that have loaded are asked about. `whole`: none is still loading. `change`: see `Comparer`."""

    offer: _Offer
    entrants: tuple[_Entrant, ...]
    wish: m.Compare
    whole: bool
    change: int


@dataclass(eq=False)
class _Waiting:
    job: Job | None = None
    answered: bool = False
    result: Result | None = None


class Comparer:
    """`set`, `offer`, `forget` and `set_thresholds` never wait. Implements `LaneOwner`.

    `keeps_up`: whether recognition beside it keeps up with the source.
    """

    def __init__(
        self,
        send: Callable[[m.Event], None],
        loader: Callable[[Side], LoadModel],
        keeps_up: Callable[[], bool],
        ring_prefix: str,
    ) -> None:
        self._send, self._loader, self._keeps_up = send, loader, keeps_up
        self._rings = itertools.count(1)
        self._ring_prefix = ring_prefix
        self._changed = threading.Condition()
        self._wish = m.Compare(0)
        self._entrants: list[_Entrant] = []
        self._leaving: list[Lane] = []
        self._offer: _Offer | None = None
        self._thresholds = Thresholds()
        self._change = 0  # counts what asks for the same frame again
        self._told: tuple[_Offer, int] | None = None
        self._waiting = _Waiting()
        self._stop = threading.Event()
        self._turn = threading.Lock()
        self._thread: threading.Thread | None = None

    # --- commands ---------------------------------------------------------------------------------------------------

    def set(self, wish: m.Compare) -> None:
        fresh: list[_Entrant] = []
        with self._changed:
            if wish.number < self._wish.number or self._stop.is_set():
                return
            self._wish = wish
            known = {entrant.side: entrant for entrant in self._entrants}
            for side, entrant in known.items():
                if side not in wish.sides:
                    self._dismiss(entrant)
            self._entrants = [known.get(side) or self._enter(side, fresh) for side in wish.sides]
            self._note()
            if self._thread is None and wish.sides:
                self._thread = threading.Thread(target=self._run, name="comparer", daemon=True)
                self._thread.start()
        for entrant in fresh:
            entrant.lane.start()

    def _enter(self, side: Side, fresh: list[_Entrant]) -> _Entrant:
        load = partial(self._load_in_turn, side)
        entrant = _Entrant(side, Lane((side,), side.key, load, self, self._thresholds))
        fresh.append(entrant)
        return entrant

    def _load_in_turn(self, side: Side, cancel: threading.Event) -> Model:
        """One after the other, as far as that is soon: several that are compiled at once take several times the memory,
        and the program keeps it. One that was dismissed meanwhile does not begin."""
        mine = self._turn.acquire(timeout=_TURN_WITHIN)
        try:
            if cancel.is_set():
                raise ModelError(tr("Loading {key} was cancelled.", key=side.key))
            return self._loader(side)(cancel)
        finally:
            if mine:
                self._turn.release()

    def _dismiss(self, entrant: _Entrant) -> None:
        entrant.lane.close()
        self._leaving.append(entrant.lane)

    def offer(self, request: int, frame: Frame, use: Use) -> None:
        """The newest frame of the source."""
        if not self._wish.sides:
            self._offer = _Offer(request, frame, use)
            return
        with self._changed:
            self._offer = _Offer(request, frame, use)
            self._changed.notify_all()

    def forget(self) -> None:
        """The source was closed."""
        with self._changed:
            self._offer = self._told = None

    def set_thresholds(self, thresholds: Thresholds) -> None:
        with self._changed:
            self._thresholds = thresholds
            for entrant in self._entrants:
                entrant.lane.thresholds = thresholds
            self._note()

    def stop(self) -> None:
        with self._changed:
            self._stop.set()
            for entrant in self._entrants:
                self._dismiss(entrant)
            self._entrants = []
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(_JOINED_WITHIN)

    def _note(self) -> None:
        """With the lock held: what was told of the frame at hand is to be told anew."""
        self._change += 1
        self._changed.notify_all()

    # --- called by the lanes ----------------------------------------------------------------------------------------

    def lane_ready(self, lane: Lane) -> None:
        with self._changed:
            entrant = self._entrant(lane)
            if entrant is None or lane.model is None:
                return
            entrant.loaded, entrant.names = True, tuple(lane.model.names)
            self._send(m.SideChanged(entrant.side, "ready", entrant.names))
            self._note()

    def lane_failed(self, lane: Lane, error: AppError) -> None:
        with self._changed:
            entrant = self._entrant(lane)
            if entrant is not None:
                entrant.failed = True
                self._send(m.SideChanged(entrant.side, "failed", (), error.message, error.hint))
                self._note()

    def lane_done(self, lane: Lane, job: Job, result: Result | None) -> None:
        with self._changed:
            if self._waiting.job is job:
                self._waiting.answered, self._waiting.result = True, result
                self._changed.notify_all()

    def lane_trouble(self, lane: Lane, error: AppError) -> None:
        with self._changed:
            entrant = self._entrant(lane)
            if entrant is not None:
                entrant.trouble = str(error)

    def lane_shifted(self, lane: Lane, shift: Shift) -> None:
        """Nobody holds a rate here."""

    def crashed(self, error: Exception) -> None:
        text = "".join(traceback.format_exception(error))
        self._send(m.Failure(f"{type(error).__name__}: {error}", text))

    def _entrant(self, lane: Lane) -> _Entrant | None:
        return next((entrant for entrant in self._entrants if entrant.lane is lane), None)

    # --- the thread -------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        work = _Work(self._send, CompareScreen(lambda: f"{self._ring_prefix}-{next(self._rings)}"))
        try:
            while (found := self._next(work)) is not None:
                begun = time.perf_counter()
                answered = all(self._ask(entrant, found.offer) for entrant in found.entrants)
                worked = time.perf_counter() - begun
                if answered:
                    work.tell(found, self._stop)  # may wait for the window, which takes nothing from recognition
                work.rest(worked, self._keeps_up())
        except Exception as error:
            self.crashed(error)
            with self._changed:
                self._thread = None
        finally:
            work.screen.close()
        self._join_lanes()

    def _next(self, work: _Work) -> _Round | None:
        """What to compare, as soon as there is something new. A new frame waits until the rest is over; a new wish does
        not. `None` when nobody looks any more."""
        with self._changed:
            while self._entrants:
                loaded = tuple(entrant for entrant in self._entrants if entrant.loaded)
                offer = self._offer
                if not loaded or offer is None or self._told == (offer, self._change):
                    self._changed.wait()
                    continue
                same = self._told is not None and self._told[1] == self._change
                rest = work.rest_until - time.perf_counter()
                if same and rest > 0:
                    self._changed.wait(rest)
                    continue
                self._told = (offer, self._change)
                whole = all(entrant.loaded or entrant.failed for entrant in self._entrants)
                return _Round(offer, loaded, self._wish, whole, self._change)
            self._thread = None
            return None

    def _ask(self, entrant: _Entrant, offer: _Offer) -> bool:
        """Gives the frame to one model and waits for its answer, which is kept while frame and thresholds stay. False
        where it is not wanted any more."""
        thresholds = entrant.lane.thresholds
        if entrant.seen is offer.frame and entrant.thresholds == thresholds:
            return True
        again = entrant.seen is offer.frame and entrant.result is not None
        job = Job(offer.request, offer.frame, again=again, use=offer.use)
        with self._changed:
            if entrant not in self._entrants:
                return False
            entrant.trouble = ""
            self._waiting = waiting = _Waiting(job)
        entrant.lane.inbox.put_newest(job)
        with self._changed:
            while not waiting.answered and entrant in self._entrants and entrant.lane.thread.is_alive():
                self._changed.wait(_LOOK_EVERY)
            entrant.seen, entrant.thresholds, entrant.result = offer.frame, thresholds, waiting.result
            if entrant.result is None and not entrant.trouble:
                entrant.trouble = tr("{model} failed on this frame.", model=entrant.side.key)
            return entrant in self._entrants

    def _join_lanes(self) -> None:
        """Their models go with them: at once, not when Python next looks for what nobody refers to."""
        with self._changed:
            leaving, self._leaving = self._leaving, []
        while leaving:
            leaving.pop().thread.join(_LOADED_WITHIN)
        give_back()


@dataclass(eq=False)
class _Work:
    """What the thread keeps from one frame to the next."""

    send: Callable[[m.Event], None]
    screen: CompareScreen
    news: News = field(default_factory=News)
    rest_until: float = 0.0
    _rest: float = MOST_REST
    _request: int | None = None

    def rest(self, worked: float, keeps_up: bool) -> None:
        self._rest = next_rest(self._rest, keeps_up)
        self.rest_until = time.perf_counter() + self._rest * worked

    def tell(self, found: _Round, stop: threading.Event) -> None:
        frame, sides = found.offer.frame, found.wish.sides
        by_side = {entrant.side: entrant for entrant in found.entrants}
        entrants = [by_side.get(side) for side in sides]
        results = [entrant.result if entrant is not None else None for entrant in entrants]
        names = [entrant.names if entrant is not None else () for entrant in entrants]
        first = results[0] if results else None
        verdicts = tuple(
            judge(place, first, names[0], other, names[place])
            for place, other in enumerate(results)
            if place and first is not None and other is not None
        )
        packed = tuple(m.PackedResult.of(result) if result is not None else None for result in results)
        ring, picture = self.screen.write(frame, (found.wish.width, found.wish.height), stop)
        troubles = tuple(entrant.trouble if entrant is not None else "" for entrant in entrants)
        self.send(
            m.Compared(
                found.wish.number,
                ring,
                picture,
                frame.index,
                frame.captured_at,
                sides,
                packed,
                troubles,
                verdicts,
                frame.media_time,
            )
        )
        if found.whole and self._is_news(found, said(verdicts, results), sides):
            png, jpeg = kept(frame.bgr)
            size = (frame.width, frame.height)
            self.send(
                m.Disagreed(png, jpeg, size, frame.index, frame.captured_at, sides, packed, verdicts, frame.media_time)
            )

    def _is_news(self, found: _Round, what: object, sides: tuple[Side, ...]) -> bool:
        if found.offer.request != self._request:
            self._request, self.news = found.offer.request, News()
        if what is None:
            return False
        frame = found.offer.frame
        position = frame.captured_at if frame.media_time is None else frame.media_time
        return self.news.is_new((sides, what), position, time.monotonic(), moving=found.offer.use != "still")
