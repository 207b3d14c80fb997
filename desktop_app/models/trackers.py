"""ByteTrack and BoT-SORT, as Ultralytics runs them, for many boxes at once and for sources that lose frames.

Zhang et al., "ByteTrack: Multi-Object Tracking by Associating Every Detection Box", 2022: sure boxes are matched with
the tracks first, then the weak ones with the tracks that are left; what is not matched for a second goes. Aharon et
al., "BoT-SORT: Robust Associations Multi-Pedestrian Tracking", 2022, adds a filter of widths and the motion of the
camera. Appearance (ReID) is left out, as in the defaults of Ultralytics. The ids equal those of `ultralytics.trackers`,
frame by frame (tested); that package is not used here, because it imports torch: 3 s and 600 MB.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.frame import Frame
from desktop_app.core.results import Detections, Floats, Ints
from desktop_app.core.tracking import BEGINS, NO_TRACK, WEAKEST, TrackerMaker, TrackerName
from desktop_app.models.camera_motion import CameraMotion
from desktop_app.models.kalman import BoxMotion, Doubles, warped

BUFFER = 30
"""Steps that a track may be lost: a second of film."""
MISSES = 5
"""… but at least so many frames, where a slow model sees few of them."""
GAP = 150
"""Steps after which nothing of before can be matched: the tracks are forgotten, their numbers stay used."""
STEP = 1 / 30
"""Seconds of a step of live sources; the filters were tuned on film. In files each frame is a step."""
REMEMBERED = 100
"""Frames of a file that one can step back without other ids."""
_MATCH, _MATCH_WEAK, _MATCH_NEW = 0.8, 0.5, 0.7
"""The most that a match may cost (1 − overlap × confidence): with sure boxes, with weak ones (1 − overlap), of tracks
seen once."""
_SAME = 0.15
"""A tracked and a lost box closer than this (1 − overlap) are one."""

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Tracks:
    """Struct of arrays, a row each. `mean`, `covariance`: see `kalman`. `row`: of the box in the frame of the last
    match. `begun`, `seen`: step of the first and of the last match. `missed`: frames since that. `confirmed`: seen
    twice in a row, or in the very first frame. `stale`: lost for too long once; a second chance is the last."""

    mean: Doubles
    covariance: Doubles
    number: Ints
    confidence: Floats
    row: Ints
    begun: Ints
    seen: Ints
    missed: Ints
    confirmed: NDArray[np.bool_]
    stale: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.number)

    def columns(self) -> tuple[NDArray[np.generic], ...]:
        return tuple(getattr(self, name) for name in _COLUMNS)

    def pick(self, rows: Rows | NDArray[np.bool_]) -> Tracks:
        return Tracks(*(column[rows] for column in self.columns()))  # type: ignore[arg-type]

    @staticmethod
    def joined(*parts: Tracks) -> Tracks:
        """One after the other."""
        full = [part for part in parts if len(part)] or list(parts[:1])
        if len(full) == 1:
            return full[0]
        return Tracks(*(np.concatenate(c) for c in zip(*(p.columns() for p in full), strict=True)))

    @staticmethod
    def none() -> Tracks:
        ints, flags = np.zeros(0, np.int64), np.zeros(0, bool)
        means, matrices, floats = np.zeros((0, 8)), np.zeros((0, 8, 8)), np.zeros(0, np.float32)
        return Tracks(means, matrices, ints, floats, ints, ints, ints, ints, flags, flags)


_COLUMNS = ("mean", "covariance", "number", "confidence", "row", "begun", "seen", "missed", "confirmed", "stale")


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """What is known after a frame; never written into, so that one can go back to it. `step`: the clock."""

    tracked: Tracks
    lost: Tracks
    step: int = 0
    frames: int = 0
    next_number: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Boxes:
    """What was found: rows of the frame, as measured, as boxes, and how sure."""

    row: Ints
    measured: Floats
    xyxy: Floats
    confidence: Floats

    def pick(self, rows: Rows | NDArray[np.bool_]) -> Boxes:
        return Boxes(self.row[rows], self.measured[rows], self.xyxy[rows], self.confidence[rows])


def cost_of(tracks: Doubles, boxes: Floats) -> Floats:
    """1 − overlap (IoU) of each track with each box, float32 (n, m)."""
    a, b = tracks.astype(np.float32), boxes
    width = (np.minimum(a[:, None, 2], b[:, 2]) - np.maximum(a[:, None, 0], b[:, 0])).clip(0)
    height = (np.minimum(a[:, None, 3], b[:, 3]) - np.maximum(a[:, None, 1], b[:, 1])).clip(0)
    common = width * height
    area = (b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1])
    all_of = area + ((a[:, 2] - a[:, 0]) * (a[:, 3] - a[:, 1]))[:, None] - common
    return np.asarray(1 - common / (all_of + np.float32(1e-7)), np.float32)


def matched(cost: Floats, most: float) -> tuple[Rows, Rows, Rows, Rows]:
    """The cheapest pairs of rows and columns, none dearer than `most`: rows, their columns, rows and columns left."""
    if cost.size == 0:
        none = np.zeros(0, np.intp)
        return none, none, np.arange(cost.shape[0]), np.arange(cost.shape[1])
    import lap

    _, of_row, of_column = lap.lapjv(cost, extend_cost=True, cost_limit=most)
    rows = np.flatnonzero(of_row >= 0)
    return rows, of_row[rows].astype(np.intp), np.flatnonzero(of_row < 0), np.flatnonzero(of_column < 0)


class Association:
    """One frame's worth of ByteTrack. `motion` decides on the filter."""

    def __init__(self, motion: BoxMotion) -> None:
        self._motion = motion

    def boxes(self, found: Detections) -> Boxes:
        # In the order in which Ultralytics computes them, for the same last digit.
        corners = found.xyxy
        size = corners[:, 2:] - corners[:, :2]
        tlwh = np.concatenate([(corners[:, :2] + corners[:, 2:]) / 2 - size / 2, size], axis=1)
        real = (size > 0).all(axis=1)
        row = np.flatnonzero(real)
        tlwh = tlwh[real]
        xyxy = np.concatenate([tlwh[:, :2], tlwh[:, 2:] + tlwh[:, :2]], axis=1)
        return Boxes(row, self._motion.measured(tlwh), xyxy, found.confidence[real])

    def next(self, state: State, found: Detections, steps: int, begins: float, warp: Doubles | None) -> State:
        """`steps`: how much time went by. `warp`: how the camera moved, where that is known."""
        clock, frames = state.step + steps, state.frames + 1
        boxes = self.boxes(found)
        sure = boxes.pick(boxes.confidence >= begins)
        weak = boxes.pick((boxes.confidence > WEAKEST) & (boxes.confidence < begins))
        fresh = state.tracked.pick(~state.tracked.confirmed)
        followed = state.tracked.pick(state.tracked.confirmed)
        count = len(followed)
        pool = self._moved(Tracks.joined(followed, state.lost), count, min(steps, BUFFER), warp)
        if warp is not None and len(fresh):
            mean, covariance = warped(fresh.mean, fresh.covariance, warp)
            fresh = replace(fresh, mean=mean, covariance=covariance)

        rows, columns, rest, left = matched(self._cost(pool, sure), _MATCH)
        seen = self._seen(pool, rows, sure, columns, clock)
        sure = sure.pick(left)

        unseen = rest[rest < count]  # lost tracks get no second chance with weak boxes
        candidates = pool.pick(unseen)
        weak_cost = cost_of(self._motion.boxes(candidates.mean), weak.xyxy)
        weak_rows, weak_columns, gone, _ = matched(weak_cost, _MATCH_WEAK)
        seen_weakly = self._seen(candidates, weak_rows, weak, weak_columns, clock)

        new_rows, new_columns, _, left = matched(self._cost(fresh, sure), _MATCH_NEW)
        confirmed = self._seen(fresh, new_rows, sure, new_columns, clock)
        sure = sure.pick(left)
        begun = self._begun(sure.pick(sure.confidence >= begins), clock, state.next_number, frames == 1)

        # The order is that of Ultralytics, on which the pairs of equal cost depend: those that were tracked in their
        # old order, then what has begun, then what was found again.
        kept = self._in_old_order(state.tracked, seen.pick(rows < count), seen_weakly, confirmed)
        tracked = Tracks.joined(kept, begun, seen.pick(rows >= count))

        lost = Tracks.joined(pool.pick(rest[rest >= count]), candidates.pick(gone))
        lost = replace(lost, missed=lost.missed + 1)
        stale = (clock - lost.seen > BUFFER) & (lost.missed > MISSES)
        stale[len(lost) - len(gone) :] = False  # just lost
        last_chance_gone = lost.stale
        lost = replace(lost, stale=lost.stale | stale).pick(~last_chance_gone)
        tracked, lost = self._without_doubles(tracked, lost)
        return State(tracked, lost, clock, frames, state.next_number + len(begun))

    def _moved(self, pool: Tracks, tracked: int, steps: int, warp: Doubles | None) -> Tracks:
        """Where the tracks should be now. The first `tracked` rows were seen in the last frame; of the others it is
        not known how their size goes on."""
        if not len(pool):
            return pool
        mean = pool.mean.copy()
        mean[tracked:, 7] = 0
        if not self._motion.aspect:
            mean[tracked:, 6] = 0
        mean, covariance = self._motion.predicted(mean, pool.covariance, steps)
        if warp is not None:
            mean, covariance = warped(mean, covariance, warp)
        return replace(pool, mean=mean, covariance=covariance)

    def _cost(self, tracks: Tracks, boxes: Boxes) -> Floats:
        """1 − overlap × confidence."""
        cost = cost_of(self._motion.boxes(tracks.mean), boxes.xyxy)
        return np.asarray(1 - (1 - cost) * boxes.confidence, np.float32)

    def _seen(self, tracks: Tracks, rows: Rows, boxes: Boxes, columns: Rows, clock: int) -> Tracks:
        """The tracks of `rows`, matched with the boxes of `columns`."""
        if not len(rows):
            return Tracks.none()
        tracks, boxes = tracks.pick(rows), boxes.pick(columns)
        mean, covariance = self._motion.corrected(tracks.mean, tracks.covariance, boxes.measured)
        return replace(
            tracks,
            mean=mean,
            covariance=covariance,
            confidence=boxes.confidence,
            row=boxes.row,
            seen=np.full(len(rows), clock, np.int64),
            missed=np.zeros(len(rows), np.int64),
            confirmed=np.ones(len(rows), bool),
        )

    def _begun(self, boxes: Boxes, clock: int, number: int, first: bool) -> Tracks:
        count = len(boxes.row)
        if not count:
            return Tracks.none()
        mean, covariance = self._motion.begun(boxes.measured)
        at, none = np.full(count, clock, np.int64), np.zeros(count, np.int64)
        numbers = np.arange(number, number + count)
        flags = np.full(count, first)
        return Tracks(
            mean, covariance, numbers, boxes.confidence, boxes.row, at, at, none, flags, np.zeros(count, bool)
        )

    @staticmethod
    def _in_old_order(before: Tracks, *parts: Tracks) -> Tracks:
        now = Tracks.joined(*parts)
        if not len(now):
            return now
        place = {number: place for place, number in enumerate(before.number.tolist())}
        return now.pick(np.argsort([place[number] for number in now.number.tolist()], kind="stable"))

    def _without_doubles(self, tracked: Tracks, lost: Tracks) -> tuple[Tracks, Tracks]:
        """Of a tracked and a lost box at one place the younger goes."""
        if not len(tracked) or not len(lost):
            return tracked, lost
        cost = cost_of(self._motion.boxes(tracked.mean), self._motion.boxes(lost.mean).astype(np.float32))
        a, b = np.nonzero(cost < _SAME)
        if not len(a):
            return tracked, lost
        older = (tracked.seen - tracked.begun)[a] > (lost.seen - lost.begun)[b]
        keep_tracked, keep_lost = np.ones(len(tracked), bool), np.ones(len(lost), bool)
        keep_lost[b[older]] = False
        keep_tracked[a[~older]] = False
        return tracked.pick(keep_tracked), lost.pick(keep_lost)


class ByteTrack:
    """A `Tracker`. `state` is public for whoever wants the filtered boxes (`smoothed`)."""

    def __init__(self, motion: BoxMotion | None = None, camera: CameraMotion | None = None) -> None:
        self._motion = motion or BoxMotion(aspect=True)
        self._association = Association(self._motion)
        self._camera = camera
        self.state = State(Tracks.none(), Tracks.none())
        self._last: Frame | None = None
        # By frame: the state before it and the motion of the camera up to it.
        self._before: OrderedDict[int, tuple[State, int, Doubles | None]] = OrderedDict()
        self._furthest = -1  # the frame that the camera's motion was last asked of

    def update(self, found: Detections, frame: Frame, begins: float = BEGINS, *, live: bool = False) -> Ints:
        before, steps, warp = self._situation(frame, live)
        self.state = self._association.next(before, found, steps, begins, warp)
        tracked = self.state.tracked
        shown = tracked.confirmed
        ids = np.full(len(found), NO_TRACK, np.int64)
        ids[tracked.row[shown]] = tracked.number[shown]
        return ids

    def smoothed(self) -> Doubles:
        """(left, top, right, bottom) of the tracks of the last frame after the filter, and their numbers: (n, 5)."""
        tracked = self.state.tracked.pick(self.state.tracked.confirmed)
        return np.concatenate([self._motion.boxes(tracked.mean), tracked.number[:, None]], axis=1)

    def _situation(self, frame: Frame, live: bool) -> tuple[State, int, Doubles | None]:
        """From which state on, how many steps later, and how the camera moved meanwhile."""
        known = self._before.get(frame.index)
        if known is not None and (not live or self._is_last(frame)):
            self._last = frame
            return known
        last, self._last = self._last, frame
        state, steps = self.state, 1 if last is None else self._steps(last, frame, live)
        if last is not None and not 0 < steps <= GAP:
            from_start = frame.index == 0 and not live
            state = State(Tracks.none(), Tracks.none(), state.step, 0, 1 if from_start else state.next_number)
            self._before.clear()
            steps = 1
        warp = None if self._camera is None else self._warp(self._camera, last, frame)
        self._before[frame.index] = state, steps, warp
        while len(self._before) > (1 if live else REMEMBERED):
            self._before.popitem(last=False)
        return state, steps, warp

    def _warp(self, camera: CameraMotion, last: Frame | None, frame: Frame) -> Doubles:
        if not self._before or last is None or last.index != self._furthest:
            camera.forget()
        self._furthest = frame.index
        return camera.of(frame.bgr)

    def _is_last(self, frame: Frame) -> bool:
        return self._last is not None and self._last.captured_at == frame.captured_at

    @staticmethod
    def _steps(last: Frame, frame: Frame, live: bool) -> int:
        if not live:
            return frame.index - last.index
        return max(1, round((frame.captured_at - last.captured_at) / STEP))


class BotSort(ByteTrack):
    """A `Tracker` for cameras that move: BoT-SORT with the motion of the camera, without appearance."""

    def __init__(self) -> None:
        super().__init__(BoxMotion(aspect=False), CameraMotion())


TRACKERS: dict[TrackerName, TrackerMaker] = {"bytetrack": ByteTrack, "botsort": BotSort}


def tracker_maker(name: TrackerName) -> TrackerMaker:
    return TRACKERS[name]
