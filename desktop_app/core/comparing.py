"""Models that are compared on the same frames: how far they agree, and which disagreements are news."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from desktop_app.core.model import Placement

MOST_SIDES = 4
SECONDS = 30.0
"""For which agreement is told as one number, and drawn."""
SMOOTHED = 2.0
"""Seconds that one point of the curve is of: one frame alone says yes or no."""
AGAIN = 2.0
"""Seconds within which the same disagreement is still the one before."""
LEAST_GAP = 0.3
"""Seconds between two that are kept while frames move: what flickers would fill the strip."""

Measure = Literal["boxes", "classes", "labels"]
Stage = Literal["loading", "ready", "failed"]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the models that are compared, and where it was asked to run: a model may stand beside itself in another
    precision. `attempt` counts up where one that failed is to be tried again."""

    key: str
    placement: Placement = field(default_factory=Placement)
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """How far the side number `place` says the same of a frame as the first side.

    `measure`: "boxes" counts boxes, `same` of them matched (one class, IoU of 0.5 at least); "classes" the first class
    of two classifiers; "labels" whether the first class of a classifier, or a group that it belongs to, is among the
    labels of a detector's boxes. `first`, `other`: how many each side has that could match; nothing where nothing can
    be said. `overlap`: of matched boxes the mean IoU, of classifiers the share of their first five that both name.
    `only_first`, `only_other`: rows of boxes without a match.
    """

    place: int
    measure: Measure
    same: int
    first: int
    other: int
    overlap: float | None = None
    only_first: tuple[int, ...] = ()
    only_other: tuple[int, ...] = ()

    @property
    def agrees(self) -> bool:
        return 2 * self.same == self.first + self.other


class Agreements:
    """The verdicts of the last half minute. Each frame counts once, with what was said of it last."""

    def __init__(self) -> None:
        self._frames: deque[tuple[float, Hashable, tuple[Verdict, ...]]] = deque()

    def add(self, now: float, frame: Hashable, verdicts: Sequence[Verdict]) -> None:
        """`now`: seconds of any clock that only grows. `frame`: what tells it from the others."""
        if self._frames and self._frames[-1][1] == frame:
            now = self._frames.pop()[0]
        self._frames.append((now, frame, tuple(verdicts)))
        while self._frames[0][0] < now - SECONDS:
            self._frames.popleft()

    def clear(self) -> None:
        self._frames.clear()

    def share(self, place: int, seconds: float = SECONDS) -> float | None:
        """F1 of all boxes of these seconds, or the share of frames with the same answer; `None` where nothing could be
        compared."""
        found = self._of(place, seconds)
        whole = sum(verdict.first + verdict.other for verdict in found)
        return 2 * sum(verdict.same for verdict in found) / whole if whole else None

    def overlap(self, place: int, seconds: float = SECONDS) -> float | None:
        """The mean of the frames that have one."""
        shares = [verdict.overlap for verdict in self._of(place, seconds) if verdict.overlap is not None]
        return sum(shares) / len(shares) if shares else None

    def frames(self, place: int, seconds: float = SECONDS) -> int:
        return len(self._of(place, seconds))

    def _of(self, place: int, seconds: float) -> list[Verdict]:
        if not self._frames:
            return []
        since = self._frames[-1][0] - seconds
        return [v for at, _, verdicts in self._frames if at >= since for v in verdicts if v.place == place]


class News:
    """Tells the beginning of a disagreement from its going on."""

    def __init__(self) -> None:
        self._seen: dict[Hashable, set[int]] = {}
        self._kept_at = float("-inf")

    def is_new(self, said: Hashable, position: float, now: float, *, moving: bool = True) -> bool:
        """`said`: who says what. `position`: seconds in the file, of a clock where there is none: what a file that
        plays again says again is no news. `now`: seconds of a clock."""
        span = int(position // AGAIN)
        spans = self._seen.setdefault(said, set())
        known = span in spans or span - 1 in spans
        if not known and moving and now - self._kept_at < LEAST_GAP:
            return False  # where it goes on, its next frame is the one that is kept
        spans.add(span)
        if not known:
            self._kept_at = now
        return not known


def next_rest(rest: float, keeps_up: bool) -> float:
    """How many times as long as it worked a comparison rests before the next frame: the less recognition suffers beside
    it the less, and three times where that cannot keep up, so that it loses a quarter at most."""
    return max(LEAST_REST, 0.85 * rest) if keeps_up else min(MOST_REST, 1.3 * rest)


LEAST_REST, MOST_REST = 0.1, 3.0
