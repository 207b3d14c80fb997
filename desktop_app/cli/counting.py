"""`regard run --count-line … --zone …`: counts beside the results."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from desktop_app.core.count_tables import EVENT_COLUMNS, SUMMARY_COLUMNS, Rows, as_csv, event_rows, summary_rows
from desktop_app.core.counting import Counting
from desktop_app.core.marks import Marks, ShapeMark, Trails, plain_caption
from desktop_app.core.results import Result
from desktop_app.core.shapes import LEAST_POINTS, Point, Shape, ShapeKind
from desktop_app.core.tracking import TrackerName
from desktop_app.errors import AppError
from desktop_app.i18n import tr


@dataclass(frozen=True, slots=True)
class WantedShape:
    """As typed: `numbers` are pixels of the frame, or shares of it where none is above 1."""

    kind: ShapeKind
    name: str
    numbers: tuple[float, ...]

    def shape(self, key: int, size: tuple[int, int]) -> Shape:
        shares = all(number <= 1 for number in self.numbers)
        scale = (1, 1) if shares else size
        pairs = zip(self.numbers[::2], self.numbers[1::2], strict=True)
        points: tuple[Point, ...] = tuple((x / scale[0], y / scale[1]) for x, y in pairs)
        return Shape(key, self.kind, self.name or f"{self.kind} {key}", points)


def _wanted(kind: ShapeKind, text: str) -> WantedShape:
    name, _, numbers = text.rpartition("=")
    found = tuple(float(number) for number in numbers.split(","))
    least = 2 * LEAST_POINTS[kind]
    if any(number < 0 for number in found) or len(found) % 2 or len(found) < least:
        raise ValueError
    if kind == "line" and (len(found) > least or found[:2] == found[2:]):
        raise ValueError
    return WantedShape(kind, name, found)


def _line(text: str) -> WantedShape:
    return _wanted("line", text)


def _zone(text: str) -> WantedShape:
    return _wanted("zone", text)


# argparse names the converter in its message: "invalid line as x1,y1,x2,y2 value: '7'".
_line.__name__ = "line as x1,y1,x2,y2"
_zone.__name__ = "zone as x1,y1,x2,y2,x3,y3,…"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--track", choices=("bytetrack", "botsort"), help=tr("follow boxes from frame to frame and number them")
    )
    shares = tr("in pixels, or as shares of the picture (0 to 1)")
    parser.add_argument(
        "--count-line",
        type=_line,
        action="append",
        dest="shapes",
        metavar="[NAME=]X1,Y1,X2,Y2",
        help=tr("count who crosses this line, {shares}; in is from its left to its right", shares=shares),
    )
    parser.add_argument(
        "--zone",
        type=_zone,
        action="append",
        dest="shapes",
        metavar="[NAME=]X1,Y1,X2,Y2,X3,Y3,…",
        help=tr("count who is in this zone and how long, {shares}", shares=shares),
    )
    parser.add_argument(
        "--count-anchor",
        choices=("bottom", "centre", "top"),
        default="bottom",
        help=tr("the point of a box that counts (bottom)"),
    )
    parser.add_argument("--count-csv", type=Path, metavar="FILE", help=tr("write each crossing there, as CSV"))
    parser.add_argument("--count-summary", type=Path, metavar="FILE", help=tr("write the counts there, as CSV"))


class Counts:
    """Counts the results of the first detector, source by source. Where nothing is asked for it does nothing."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._wanted: Sequence[WantedShape] = options.shapes or ()
        self._options = options
        self._counting: Counting | None = None
        self._trails = Trails()
        self._source = ""
        self._model: str | None = None
        self._names: tuple[str, ...] = ()
        self._events: Rows = []
        self._summary: Rows = []

    @property
    def tracker(self) -> TrackerName | None:
        """Nothing can be counted without numbers."""
        asked: TrackerName | None = self._options.track
        return asked or ("bytetrack" if self._wanted else None)

    def begin(self, source: str) -> None:
        self._source, self._counting, self._model = source, None, None
        self._trails.clear()

    def add(self, result: Result, names: tuple[str, ...]) -> None:
        self._trails.add(result, self._options.count_anchor)
        if not self._wanted or self._model not in (None, result.model_key):
            return
        if self._counting is None:
            shapes = [wanted.shape(key, result.frame_size) for key, wanted in enumerate(self._wanted, 1)]
            self._counting = Counting(shapes, self._options.count_anchor, self._options.every)
        if getattr(result.prediction, "track_id", None) is not None:
            self._model, self._names = result.model_key, names
        self._counting.update(result)

    def marks(self, results: Sequence[Result]) -> Marks:
        counters = self._counting.counters.values() if self._counting is not None else ()
        shapes = tuple(ShapeMark(c.shape.kind, c.shape.points, plain_caption(c)) for c in counters)
        return Marks(shapes, self._trails.of(results))

    def end(self) -> None:
        """Prints what the source came to: to standard output among results that people read, otherwise beside them."""
        if self._counting is None:
            return
        out = sys.stdout if self._options.format == "text" else sys.stderr
        for counter in self._counting.counters.values():
            print(f"{self._source}: {': '.join(plain_caption(counter))}{_stay(counter.dwells())}", file=out, flush=True)
        clock = time.time() - time.perf_counter()
        self._events += event_rows(self._source, self._counting, self._names, clock)
        self._summary += summary_rows(self._source, self._counting, self._names)
        self._counting = None
        self._write(self._options.count_csv, as_csv(EVENT_COLUMNS, self._events))
        self._write(self._options.count_summary, as_csv(SUMMARY_COLUMNS, self._summary))

    def _write(self, path: Path | None, text: str) -> None:
        """After each source, so that an interrupted run leaves what was counted."""
        if path is None:
            return
        scratch = path.with_name(path.name + ".part")
        try:
            scratch.write_text(text, encoding="utf-8", errors="backslashreplace")
            scratch.replace(path)
        except OSError as error:
            scratch.unlink(missing_ok=True)
            raise AppError(
                tr("{path} could not be written: {reason}.", path=path, reason=error.strerror or error),
                tr("Free some space, or choose another folder."),
            ) from error


def _stay(dwells: Sequence[float]) -> str:
    if not dwells:
        return ""
    return f" · dwell mean {sum(dwells) / len(dwells):.1f} s, longest {max(dwells):.1f} s"
