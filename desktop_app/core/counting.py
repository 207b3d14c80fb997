"""Who crosses a line, who is in a zone and for how long.

Counts are of the frames that were analysed, each once: a file that is seen again, stepped back or looped counts nothing
twice, and a stretch that was skipped counts when it is seen. Time is the time of the file, or that of the camera.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from desktop_app.core.results import Detections, Result
from desktop_app.core.shapes import Point, Shape, beside, holds, meets, to_border

Anchor = Literal["bottom", "centre", "top"]
"""The point of a box that counts: where a thing stands, its middle, or the middle of its upper edge."""
Direction = Literal["in", "out", "entered", "left", "appeared", "lost"]
"""Of a line: in, out. Of a zone: over its border (entered, left), or seen in it for the first or last time."""

ARRIVING: tuple[Direction, ...] = ("in", "entered", "appeared")
LEAVING: tuple[Direction, ...] = ("out", "left", "lost")

FORGET = 2.0
"""Seconds without being seen after which a track is gone; longer than a tracker remembers one."""
SETTLE = 0.5
"""Seconds for which what is first seen in a zone must stay there to count: where people hide each other, boxes come and
go that are nobody."""
DAMAGED = 4
"""Frames that may be missing in a file before what follows counts as a jump."""
_TREMBLE = 0.04
_LEAST_TREMBLE = 1.5
"""How far the anchor must get from a line to be on a side of it, as a share of the side of the box and in pixels: boxes
of things that stand still tremble."""


@dataclass(frozen=True, slots=True)
class CountEvent:
    """`at`: seconds in the file, or of `time.perf_counter()` where the source is live."""

    at: float
    frame: int
    shape: int
    direction: Direction
    class_id: int
    track: int
    media_time: float | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing in one frame. `point`: its anchor in pixels; `tremble`: how far that may be off."""

    track: int
    class_id: int
    point: Point
    tremble: float


@dataclass(frozen=True, slots=True)
class Moment:
    frame: int
    at: float
    media_time: float | None
    size: tuple[int, int]

    @property
    def finite(self) -> bool:
        return self.media_time is not None


@dataclass(slots=True)
class Visit:
    """One stay of a thing in a zone, up to `until`."""

    since: float
    until: float
    class_id: int

    @property
    def dwell(self) -> float:
        return self.until - self.since


@dataclass(slots=True)
class _Track:
    point: Point
    seen_at: float
    frame: int
    classes: Counter[int] = field(default_factory=Counter)
    side: int = 0
    """Of a line: 1 right, −1 left, 0 not known yet. Of a zone: 1 in it."""
    through: bool = False
    """Whether the line was last crossed between its ends."""
    appeared: Moment | None = None
    """When it was first seen in a zone, as long as that does not count yet."""

    @property
    def class_id(self) -> int:
        """What it was taken for most often."""
        return self.classes.most_common(1)[0][0]


class ShapeCounter:
    """What one shape counts. `events` in the order in which they were found."""

    def __init__(self, shape: Shape, stride: int = 1) -> None:
        self.shape, self._stride = shape, stride
        self.events: list[CountEvent] = []
        self.visits: list[Visit] = []
        """Those that ended."""
        self.present: dict[int, Visit] = {}
        """Who is in the zone now, by track."""
        self._tally: Counter[tuple[Direction, int]] = Counter()
        self._tracks: dict[int, _Track] = {}
        self._analysed: list[list[int]] = []
        self._last: Moment | None = None
        self.span: tuple[float, float] | None = None
        """The times of the first and of the last frame that was counted."""

    # --- what was counted -------------------------------------------------------------------------------------------

    def count(self, directions: Iterable[Direction], class_id: int | None = None) -> int:
        wanted = set(directions)
        return sum(
            n for (direction, found), n in self._tally.items() if direction in wanted and class_id in (None, found)
        )

    def arrived(self, class_id: int | None = None) -> int:
        """In over the line, or into the zone."""
        return self.count(ARRIVING, class_id)

    def departed(self, class_id: int | None = None) -> int:
        return self.count(LEAVING, class_id)

    def inside(self, class_id: int | None = None) -> int:
        return sum(1 for visit in self.present.values() if class_id in (None, visit.class_id))

    def classes(self) -> list[int]:
        return sorted({class_id for _, class_id in self._tally})

    def dwells(self, class_id: int | None = None) -> list[float]:
        """Seconds of every stay, those that go on up to now."""
        stays = [*self.visits, *self.present.values()]
        return [visit.dwell for visit in stays if class_id in (None, visit.class_id)]

    # --- frames -----------------------------------------------------------------------------------------------------

    def update(self, moment: Moment, things: Sequence[Seen]) -> None:
        if moment.finite and self._was_analysed(moment.frame):
            return
        last = self._last
        if last is not None and not moment.finite and moment.frame == last.frame:
            return  # a paused picture that comes again
        if last is not None and self._is_jump(last, moment):
            self.forget()
        self._last = moment
        span = self.span or (moment.at, moment.at)
        self.span = min(span[0], moment.at), max(span[1], moment.at)
        if moment.finite:
            self._note(moment.frame)
        corners = self.shape.in_pixels(moment.size)
        for thing in things:
            track = self._tracks.get(thing.track)
            if track is None:
                track = self._tracks[thing.track] = _Track(thing.point, moment.at, moment.frame)
                track.classes[thing.class_id] += 1
                self._meet(track, thing, corners, moment)
            else:
                track.classes[thing.class_id] += 1
                self._follow(track, thing, corners, moment)
            track.point, track.seen_at, track.frame = thing.point, moment.at, moment.frame
            if thing.track in self.present:
                visit = self.present[thing.track]
                visit.until, visit.class_id = moment.at, track.class_id
        self._forget([key for key, track in self._tracks.items() if moment.at - track.seen_at > FORGET])

    def forget(self) -> None:
        """Who was seen so far is gone."""
        self._forget(list(self._tracks))

    def _was_analysed(self, frame: int) -> bool:
        return any(first <= frame <= last for first, last in self._analysed)

    def _note(self, frame: int) -> None:
        current = self._analysed[-1] if self._analysed else None
        if current is not None and current[1] < frame <= current[1] + self._stride + DAMAGED:
            current[1] = frame
        else:
            self._analysed.append([frame, frame])

    def _is_jump(self, last: Moment, moment: Moment) -> bool:
        if moment.finite != last.finite or moment.frame < last.frame:
            return True
        if moment.finite:
            return moment.frame - last.frame > self._stride + DAMAGED
        return moment.at - last.at > FORGET

    def _forget(self, tracks: Sequence[int]) -> None:
        for key in tracks:
            track = self._tracks.pop(key)
            self._lose(key, track)

    def _tell(self, direction: Direction, key: int, track: _Track, moment: Moment) -> None:
        class_id, at = track.class_id, moment.at
        event = CountEvent(at, moment.frame, self.shape.key, direction, class_id, key, moment.media_time)
        self.events.append(event)
        self._tally[direction, class_id] += 1

    def _meet(self, track: _Track, thing: Seen, corners: Sequence[Point], moment: Moment) -> None:
        """A thing that is seen for the first time."""
        raise NotImplementedError

    def _follow(self, track: _Track, thing: Seen, corners: Sequence[Point], moment: Moment) -> None:
        raise NotImplementedError

    def _lose(self, key: int, track: _Track) -> None:
        """It was not seen any more."""


class LineCounter(ShapeCounter):
    """A crossing counts when the anchor is clear of the line on the other side, and went through between its ends."""

    def _meet(self, track: _Track, thing: Seen, corners: Sequence[Point], moment: Moment) -> None:
        off = beside(corners[0], corners[1], thing.point)
        if abs(off) > thing.tremble:
            track.side = _side(off)

    def _follow(self, track: _Track, thing: Seen, corners: Sequence[Point], moment: Moment) -> None:
        a, b = corners
        before, off = beside(a, b, track.point), beside(a, b, thing.point)
        if _side(before) != _side(off):
            track.through = meets(a, b, track.point, thing.point)
        if abs(off) <= thing.tremble:
            return
        side = _side(off)
        if track.side and side != track.side and track.through:
            self._tell("in" if side > 0 else "out", thing.track, track, moment)
        track.side = side


class ZoneCounter(ShapeCounter):
    """A stay begins and ends when the anchor is clear of the border; what is first seen inside is inside, once it has
    been there for a while."""

    def _meet(self, track: _Track, thing: Seen, corners: Sequence[Point], moment: Moment) -> None:
        if holds(corners, thing.point):
            track.appeared = moment

    def _follow(self, track: _Track, thing: Seen, corners: Sequence[Point], moment: Moment) -> None:
        inside = holds(corners, thing.point)
        if track.appeared is not None:
            if not inside and to_border(corners, thing.point) > thing.tremble:
                track.appeared = None  # gone before it counted
            elif moment.at - track.appeared.at >= SETTLE:
                self._begin("appeared", track, thing, track.appeared)
                track.appeared = None
            return
        if inside == bool(track.side) or to_border(corners, thing.point) <= thing.tremble:
            return
        if inside:
            self._begin("entered", track, thing, moment)
        else:
            self._end("left", thing.track, track, moment)

    def _begin(self, direction: Direction, track: _Track, thing: Seen, moment: Moment) -> None:
        track.side = 1
        self.present[thing.track] = Visit(moment.at, moment.at, thing.class_id)
        self._tell(direction, thing.track, track, moment)

    def _end(self, direction: Direction, key: int, track: _Track, moment: Moment) -> None:
        track.side = 0
        visit = self.present.pop(key)
        visit.until = moment.at
        self.visits.append(visit)
        self._tell(direction, key, track, moment)

    def _lose(self, key: int, track: _Track) -> None:
        if track.side and self._last is not None:
            media_time = track.seen_at if self._last.finite else None
            self._end("lost", key, track, Moment(track.frame, track.seen_at, media_time, self._last.size))


def _side(off: float) -> int:
    """A point on the line itself is on its right."""
    return 1 if off >= 0 else -1


def counter_of(shape: Shape, stride: int = 1) -> ShapeCounter:
    return LineCounter(shape, stride) if shape.kind == "line" else ZoneCounter(shape, stride)


def anchor_of(xyxy: Sequence[float], anchor: Anchor) -> Point:
    x0, y0, x1, y1 = xyxy
    return (x0 + x1) / 2, {"bottom": y1, "centre": (y0 + y1) / 2, "top": y0}[anchor]


def things_of(detections: Detections, anchor: Anchor) -> list[Seen]:
    """What has a track."""
    if detections.track_id is None:
        return []
    things = []
    rows = zip(detections.track_id.tolist(), detections.class_id.tolist(), detections.xyxy.tolist(), strict=True)
    for track, class_id, xyxy in rows:
        if track >= 0:
            side = max(0.0, (xyxy[2] - xyxy[0]) * (xyxy[3] - xyxy[1])) ** 0.5
            tremble = max(_LEAST_TREMBLE, _TREMBLE * side)
            things.append(Seen(track, class_id, anchor_of(xyxy, anchor), tremble))
    return things


class Counting:
    """Shapes and what they counted of the results of one model of one source. `stride`: every how many frames of a
    file there is a result."""

    def __init__(self, shapes: Iterable[Shape] = (), anchor: Anchor = "bottom", stride: int = 1) -> None:
        self.anchor: Anchor = anchor
        self._stride = stride
        self.counters: dict[int, ShapeCounter] = {}
        self.set_shapes(shapes)

    def set_shapes(self, shapes: Iterable[Shape]) -> None:
        """A shape that was moved begins anew; one that was only renamed goes on."""
        before, self.counters = self.counters, {}
        for shape in shapes:
            known = before.get(shape.key)
            if known is not None and (known.shape.kind, known.shape.points) == (shape.kind, shape.points):
                known.shape = shape
                self.counters[shape.key] = known
            else:
                self.counters[shape.key] = counter_of(shape, self._stride)

    def forget(self) -> None:
        """Numbers of tracks mean others from now on; the counts stay."""
        for counter in self.counters.values():
            counter.forget()

    def reset(self) -> None:
        self.counters = {key: counter_of(counter.shape, self._stride) for key, counter in self.counters.items()}

    def update(self, result: Result) -> None:
        """The results of a model in the order of their frames, as a lane tells them."""
        if not self.counters or not isinstance(result.prediction, Detections) or not all(result.frame_size):
            return
        if result.prediction.track_id is None:
            return
        at = result.captured_at if result.media_time is None else result.media_time
        moment = Moment(result.frame_index, at, result.media_time, result.frame_size)
        things = things_of(result.prediction, self.anchor)
        for counter in self.counters.values():
            counter.update(moment, things)

    def events(self) -> list[CountEvent]:
        """Of all shapes, in the order of time."""
        return sorted((e for counter in self.counters.values() for e in counter.events), key=lambda e: e.at)
