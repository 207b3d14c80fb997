"""How steady the answers of a model are: how often a label flips, how far boxes tremble.

Two results that follow each other tell of the same things: a classifier's first class, a track, or, where nothing is
tracked, two boxes that overlap by half. A *flip* is one of these under another label. The *jitter* of a box is how far
its corners lie from where they would be, had the box moved evenly from the frame before to the frame after: 0 for what
stands still and for what moves steadily, whatever its speed.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.overlap import overlaps
from desktop_app.core.results import Classification, Detections, Result

KEPT = 60.0
"""Seconds of which something is known at most."""
GAP = 2.0
"""Results further apart than this do not follow each other: nothing is known of the time between."""
SAME_BOX = 0.5
LEAST = 1.0
"""Seconds of results before anything is said."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What one result added. `watched`: seconds for which each thing was watched, together. `shifts`: jitter of each
    box that was seen three times in a row, in pixels of the frame. `came`: boxes that had none before them, or none
    after. `confidence`: of the first class, or the mean of the boxes; `None` without any."""

    at: float
    seconds: float
    watched: float
    flips: int
    shifts: tuple[float, ...] = ()
    came: int = 0
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Steadiness:
    """Over `seconds` of results. Rates per minute; `flips` per thing and minute. `None` where nothing can be said."""

    seconds: float
    flips: float | None
    jitter: float | None
    came: float | None


@dataclass(slots=True, eq=False)
class StabilityMeter:
    """Of one model. `add` takes its results in their order; times are those of `captured_at`."""

    moments: deque[Moment] = field(default_factory=deque)
    _last: Result | None = None
    _before: tuple[Detections, float, NDArray[np.intp]] | None = None
    """The boxes before the last ones, their time, and for each of the last ones its row among them (−1: none)."""

    def clear(self) -> None:
        self.moments.clear()
        self._last = self._before = None

    def add(self, result: Result) -> None:
        last, self._last = self._last, result
        same_kind = last is not None and type(last.prediction) is type(result.prediction)
        follows = (
            last is not None
            and same_kind
            and last.frame_index < result.frame_index
            and 0 < result.captured_at - last.captured_at <= GAP
        )
        if last is None or not follows:
            self._before = None
            if last is not None and last.captured_at >= result.captured_at:
                return  # the same frame once more, with other thresholds
            self.moments.append(Moment(result.captured_at, 0.0, 0.0, 0, confidence=_confidence(result)))
        else:
            self.moments.append(self._compare(last, result))
        while self.moments[0].at < result.captured_at - KEPT:
            self.moments.popleft()

    def _compare(self, last: Result, result: Result) -> Moment:
        at, seconds = result.captured_at, result.captured_at - last.captured_at
        sure = _confidence(result)
        old, new = last.prediction, result.prediction
        if isinstance(old, Classification) or isinstance(new, Classification):
            assert isinstance(old, Classification)
            assert isinstance(new, Classification)
            return Moment(at, seconds, seconds, int(old.top(1) != new.top(1)), confidence=sure)
        rows = follow(old, new)
        followed = np.flatnonzero(rows >= 0)
        flips = int(np.count_nonzero(old.class_id[rows[followed]] != new.class_id[followed]))
        shifts = self._shifts(old, last.captured_at, new, at, rows)
        self._before = (old, last.captured_at, rows)
        came = len(old) + len(new) - 2 * len(followed)
        return Moment(at, seconds, seconds * len(followed), flips, shifts, came, sure)

    def _shifts(
        self, old: Detections, old_at: float, new: Detections, at: float, rows: NDArray[np.intp]
    ) -> tuple[float, ...]:
        """Of the boxes of `old` that were there in the frame before it too, and are in the one after it."""
        if self._before is None:
            return ()
        oldest, oldest_at, rows_before = self._before
        now = np.flatnonzero(rows >= 0)
        middle = rows[now]
        first = rows_before[middle]
        now, middle, first = now[first >= 0], middle[first >= 0], first[first >= 0]
        share = (old_at - oldest_at) / (at - oldest_at)
        even = oldest.xyxy[first] * (1 - share) + new.xyxy[now] * share
        off = (old.xyxy[middle] - even).reshape(-1, 2, 2)
        return tuple(float(shift) for shift in np.hypot(off[..., 0], off[..., 1]).mean(axis=1))

    def over(self, seconds: float) -> Steadiness:
        """The last `seconds` before the newest result."""
        if not self.moments:
            return Steadiness(0.0, None, None, None)
        since = self.moments[-1].at - seconds
        moments = [moment for moment in self.moments if moment.at > since]
        told = sum(moment.seconds for moment in moments)
        watched = sum(moment.watched for moment in moments)
        shifts = [shift for moment in moments for shift in moment.shifts]
        flips = sum(moment.flips for moment in moments)
        return Steadiness(
            told,
            60 * flips / watched if watched >= LEAST else None,
            float(np.mean(shifts)) if shifts and told >= LEAST else None,
            60 * sum(moment.came for moment in moments) / told if told >= LEAST else None,
        )


def follow(old: Detections, new: Detections) -> NDArray[np.intp]:
    """For each row of `new` the row of `old` that is the same thing, −1 where there is none: by track where there are
    tracks, else pairs that overlap by `SAME_BOX`, closest first, whatever their class."""
    rows = np.full(len(new), -1, np.intp)
    if old.track_id is not None and new.track_id is not None:
        known = {int(track): row for row, track in enumerate(old.track_id) if track >= 0}
        for row, track in enumerate(new.track_id):
            rows[row] = known.get(int(track), -1)
        return rows
    close = overlaps(new.xyxy, old.xyxy)
    while close.size and close.max() >= SAME_BOX:
        row, column = divmod(int(close.argmax()), close.shape[1])
        rows[row] = column
        close[row, :] = close[:, column] = 0
    return rows


def _confidence(result: Result) -> float | None:
    prediction = result.prediction
    if isinstance(prediction, Classification):
        return float(prediction.probabilities.max())
    return float(prediction.confidence.mean()) if len(prediction) else None
