"""What is drawn over a picture beside the results: lines and zones with their counts, and the trails of tracks."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from desktop_app.core.counting import FORGET, Anchor, ShapeCounter, anchor_of
from desktop_app.core.results import Detections, Result
from desktop_app.core.shapes import Point, ShapeKind

TRAIL = 60
"""Frames of a trail: two seconds of film."""
EVERY = 2
"""It goes through the positions in every second of them: strokes cost by their corners, and it trembles less."""


@dataclass(frozen=True, slots=True)
class ShapeMark:
    """Points in shares of the picture. `caption`: lines of text."""

    kind: ShapeKind
    points: tuple[Point, ...]
    caption: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trail:
    """`points` in shares of the picture, the oldest first. `colour_id`: the track."""

    colour_id: int
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Marks:
    """`follow`: trails are wanted; who draws frames of his own (a recording) makes them, of these points of boxes."""

    shapes: tuple[ShapeMark, ...] = ()
    trails: tuple[Trail, ...] = ()
    follow: bool = False
    anchor: Anchor = "bottom"

    def __bool__(self) -> bool:
        return bool(self.shapes or self.trails)


def plain_caption(counter: ShapeCounter) -> tuple[str, ...]:
    """For files, in English as the class names there."""
    if counter.shape.kind == "line":
        return counter.shape.name, f"in {counter.arrived()} · out {counter.departed()}"
    return counter.shape.name, f"inside {counter.inside()} · entered {counter.arrived()} · left {counter.departed()}"


@dataclass(slots=True)
class _Path:
    last: float
    places: deque[tuple[int, Point]] = field(default_factory=lambda: deque(maxlen=TRAIL))
    """By frame, the oldest first."""


class Trails:
    """Where the tracks of each model were last. Results come in the order of their frames; a frame that comes again
    replaces what was known of it and of later ones."""

    def __init__(self) -> None:
        self._paths: dict[tuple[str, int], _Path] = {}

    def clear(self) -> None:
        self._paths.clear()

    def add(self, result: Result, anchor: Anchor = "bottom") -> None:
        found = result.prediction
        if not isinstance(found, Detections) or found.track_id is None or not all(result.frame_size):
            return
        at = result.captured_at if result.media_time is None else result.media_time
        width, height = result.frame_size
        for track, xyxy in zip(found.track_id.tolist(), found.xyxy.tolist(), strict=True):
            if track < 0:
                continue
            path = self._paths.setdefault((result.model_key, track), _Path(at))
            if abs(at - path.last) > FORGET:
                path.places.clear()
            while path.places and path.places[-1][0] >= result.frame_index:
                path.places.pop()
            x, y = anchor_of(xyxy, anchor)
            path.places.append((result.frame_index, (x / width, y / height)))
            path.last = at
        self._paths = {k: p for k, p in self._paths.items() if k[0] != result.model_key or abs(at - p.last) <= FORGET}

    def of(self, results: Sequence[Result]) -> tuple[Trail, ...]:
        """The trails of the tracks in `results`, up to the frames that these are of."""
        trails = []
        for result in results:
            found = result.prediction
            if not isinstance(found, Detections) or found.track_id is None:
                continue
            for track in found.track_id.tolist():
                path = self._paths.get((result.model_key, track))
                places = path.places if path else ()
                shown = result.frame_index
                points = tuple(p for at, p in places if at == shown or (at < shown and at % EVERY == 0))
                if len(points) > 1:
                    trails.append(Trail(track, points))
        return tuple(trails)
