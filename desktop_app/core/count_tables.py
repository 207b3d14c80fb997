"""Counts as tables for other programs: the events, and what they come to. Never translated."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime

from desktop_app.core.counting import Counting, ShapeCounter

EVENT_COLUMNS = (
    "source",
    "time",
    "media_time_s",
    "frame",
    "shape",
    "kind",
    "direction",
    "class_id",
    "label",
    "track_id",
)
"""`time`: when it happened, of live sources; `media_time_s`: seconds in the file, of files."""
SUMMARY_COLUMNS = (
    "source",
    "shape",
    "kind",
    "class_id",
    "label",
    "in",
    "out",
    "entered",
    "left",
    "inside",
    "mean_dwell_s",
    "longest_dwell_s",
)
"""A row a class and one for all (without a class). Entered holds who was first seen inside, left who was lost there."""

Rows = list[list[object]]


def _label(names: Sequence[str], class_id: int) -> str:
    return names[class_id] if 0 <= class_id < len(names) else f"class {class_id}"


def event_rows(source: str, counting: Counting, names: Sequence[str], clock: float) -> Rows:
    """`clock`: time of day in seconds minus `time.perf_counter()`."""
    shapes = {key: counter.shape for key, counter in counting.counters.items()}
    rows: Rows = []
    for event in counting.events():
        shape = shapes[event.shape]
        live = event.media_time is None
        when = datetime.fromtimestamp(event.at + clock).astimezone().isoformat("T", "milliseconds") if live else None
        media_time = None if event.media_time is None else round(event.media_time, 3)
        what = [shape.name, shape.kind, event.direction, event.class_id, _label(names, event.class_id), event.track]
        rows.append([source, when, media_time, event.frame, *what])
    return rows


def summary_rows(source: str, counting: Counting, names: Sequence[str]) -> Rows:
    rows: Rows = []
    for counter in counting.counters.values():
        rows.append([source, counter.shape.name, counter.shape.kind, None, None, *_numbers(counter, None)])
        for class_id in counter.classes():
            label = _label(names, class_id)
            rows.append([source, counter.shape.name, counter.shape.kind, class_id, label, *_numbers(counter, class_id)])
    return rows


def _numbers(counter: ShapeCounter, class_id: int | None) -> list[object]:
    arrived, departed = counter.arrived(class_id), counter.departed(class_id)
    if counter.shape.kind == "line":
        return [arrived, departed, None, None, None, None, None]
    dwells = counter.dwells(class_id)
    mean = round(sum(dwells) / len(dwells), 3) if dwells else None
    longest = round(max(dwells), 3) if dwells else None
    return [None, None, arrived, departed, counter.inside(class_id), mean, longest]


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()
