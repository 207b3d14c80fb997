"""What the analysis of a video found, frame by frame: read, searched and written.

for frame_index, seconds, results in Analysis(analysis_path(video, way)).frames(): ...
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.analysis_file import (
    Columns,
    Head,
    Way,
    analysis_path,
    joined_columns,
    owners_of,
    pack,
    row_width,
    starts_of,
    unpack,
)
from desktop_app.core.results import Classification, Detections, Prediction, Result, Task, Timings

__all__ = [
    "CLASSES_KEPT",
    "LEAST_CONFIDENCE",
    "Analysis",
    "AnalysisTask",
    "AnalysisWriter",
    "Head",
    "Interval",
    "Way",
    "analysis_path",
]

LEAST_CONFIDENCE = 0.05
"""Boxes below are not kept; a stronger box never depends on a weaker one, so any higher threshold can be used later."""
CLASSES_KEPT = 20
"""Of a classifier the surest classes of each frame."""

_UNREAD = (math.nan, math.nan, math.nan)
"""Instead of the times of a frame that could not be read."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a class was seen without a longer break: first and last frame with their seconds, and the surest frame."""

    first: int
    last: int
    start: float
    end: float
    best: int
    confidence: float


@dataclass(frozen=True, slots=True)
class AnalysisTask:
    """`first` and `last`: the range of frames, `None` for the ends of the video. `rotation`, `mirror`: as in `Way`."""

    spec: str
    first: int | None = None
    last: int | None = None
    iou: float | None = None
    rotation: int = 0
    mirror: bool = False


class Analysis:
    """Reads; `refresh` takes in what another process has written since."""

    def __init__(self, path: Path) -> None:
        """Raises `OSError` where there is no such file, `ValueError` where it is none of ours."""
        self.path = path
        self._chunks: list[Columns] = []
        self._all: Columns | None = None
        self._read_to = 0
        with path.open("rb") as file:
            line = file.readline(1 << 20)
        self.head = Head.parse(line)
        self._read_to = len(line)
        self.refresh()

    def refresh(self) -> bool:
        """Whether there was something new. A file that was removed or replaced stays as it was read."""
        try:
            with self.path.open("rb") as file:
                file.seek(self._read_to)
                data = file.read()
        except OSError:
            return False
        chunks, size = unpack(data, self.head.task)
        self._chunks += chunks
        self._read_to += size
        if chunks:
            self._all = None
        return bool(chunks)

    @property
    def end(self) -> int:
        """Bytes of the file that are whole."""
        return self._read_to

    def _columns(self) -> Columns:
        """All chunks as one, ordered by frame, each frame once."""
        if self._all is None:
            self._all = joined_columns(self._chunks, row_width(self.head.task))
            self._chunks = [self._all]
        return self._all

    # --- what is there --------------------------------------------------------------------------------------------

    @property
    def done(self) -> NDArray[np.int32]:
        """The frames that were analysed, ascending."""
        return self._columns().frame

    def missing(self, first: int, last: int) -> list[tuple[int, int]]:
        """The stretches between two frames (both included) that were not analysed yet."""
        done = self.done
        inside = done[(done >= first) & (done <= last)]
        edges = np.concatenate([[first - 1], inside, [last + 1]])
        gaps = np.flatnonzero(np.diff(edges) > 1)
        return [(int(edges[at]) + 1, int(edges[at + 1]) - 1) for at in gaps]

    def frames(self, first: int = 0, last: int | None = None) -> Iterator[tuple[int, float, tuple[Result, ...]]]:
        """Number, seconds and results of each analysed frame, in order.

        Of a detector all boxes from `LEAST_CONFIDENCE` on. Of a classifier the `CLASSES_KEPT` surest classes; all
        others have probability 0 and a logit of minus infinity.
        """
        columns, head = self._columns(), self.head
        starts = starts_of(columns.count)
        for place, number in enumerate(columns.frame.tolist()):
            if number < first or (last is not None and number > last) or math.isnan(columns.ms[place][0]):
                continue
            rows = slice(int(starts[place]), int(starts[place]) + int(columns.count[place]))
            result = Result(
                number,
                0.0,
                head.model,
                self._prediction(columns, rows),
                Timings(*(float(ms) for ms in columns.ms[place])),
                head.engine,
                head.device,
                head.precision,
                head.input_size,
            )
            yield number, float(columns.seconds[place]), (result,)

    def _prediction(self, columns: Columns, rows: slice) -> Prediction:
        ids = columns.class_id[rows].astype(np.int64)
        if self.head.task != "classify":
            return Detections(columns.rest[rows], columns.value[rows], ids)
        logits = np.full(len(self.head.names), -np.inf, np.float32)
        probabilities = np.zeros(len(self.head.names), np.float32)
        logits[ids], probabilities[ids] = columns.rest[rows], columns.value[rows]
        return Classification(logits, probabilities)

    # --- searching ------------------------------------------------------------------------------------------------

    def classes(self, confidence: float, top: int = 5) -> list[tuple[int, int]]:
        """The classes that were seen, each with the number of its frames, most frequent first."""
        columns = self._columns()
        rows = self._rows(columns, confidence, top)
        pairs = np.unique(np.stack([owners_of(columns.count)[rows], columns.class_id[rows].astype(np.int64)]), axis=1)
        ids, counts = np.unique(pairs[1], return_counts=True)
        order = np.lexsort((ids, -counts))
        return [(int(ids[at]), int(counts[at])) for at in order]

    def find(self, class_ids: Sequence[int], confidence: float, top: int = 5, gap: float = 0.5) -> list[Interval]:
        """Where one of these classes was seen: by a detector from `confidence` on, by a classifier among its `top`
        surest with that probability. Breaks of up to `gap` seconds are passed over: boxes flicker."""
        columns = self._columns()
        rows = self._rows(columns, confidence, top) & np.isin(columns.class_id, np.asarray(class_ids, np.uint16))
        if not rows.any():
            return []
        owners, values = owners_of(columns.count)[rows], columns.value[rows]
        places, firsts = np.unique(owners, return_index=True)
        best = np.maximum.reduceat(values, firsts)
        seconds, numbers = columns.seconds[places], columns.frame[places]
        spacing = 1 / (self.head.fps or 25.0)
        apart = (np.diff(seconds) > gap + spacing) & (np.diff(numbers) > 1)
        begins = np.concatenate([[0], np.flatnonzero(apart) + 1])
        ends = np.concatenate([begins[1:], [len(places)]]) - 1
        found = []
        for a, b in zip(begins.tolist(), ends.tolist(), strict=True):
            surest = a + int(best[a : b + 1].argmax())
            found.append(
                Interval(
                    int(numbers[a]),
                    int(numbers[b]),
                    float(seconds[a]),
                    float(seconds[b]),
                    int(numbers[surest]),
                    float(best[surest]),
                )
            )
        return found

    def _rows(self, columns: Columns, confidence: float, top: int) -> NDArray[np.bool_]:
        # A threshold of 0.25 is not above a confidence of 0.25 that float32 has rounded down.
        rows = columns.value >= np.float32(confidence)
        if self.head.task == "classify":
            rank = np.arange(len(columns.value)) - np.repeat(starts_of(columns.count), columns.count)
            rows &= rank < top
        return rows


class AnalysisWriter:
    """Appends; what was there before stays. `flush` and `close` raise `OSError` where the disk is full."""

    AT_ONCE = 64

    def __init__(self, path: Path, head: Head) -> None:
        self.path = path
        self._task: Task = head.task
        self._waiting: list[tuple[int, float, Result | None]] = []
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            end = Analysis(path).end
        except (OSError, ValueError):
            end = 0
        self._file = path.open("r+b" if end else "wb")
        if end:
            self._file.truncate(end)  # what a crash left half written
            self._file.seek(end)
        else:
            self._file.write(head.line())
            self._file.flush()

    def add(self, frame_index: int, seconds: float, result: Result | None) -> None:
        """`None`: the frame cannot be decoded or recognised, and need not be tried again."""
        self._waiting.append((frame_index, seconds, result))
        if len(self._waiting) >= self.AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """What was added can be read from now on, and survives the end of this process."""
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        rows = [_rows_of(result.prediction if result is not None else Detections.empty()) for _, _, result in waiting]
        width = row_width(self._task)
        columns = Columns(
            np.array([number for number, _, _ in waiting], np.int32),
            np.array([seconds for _, seconds, _ in waiting], np.float64),
            np.array([len(ids) for ids, _, _ in rows], np.uint16),
            np.array([_ms_of(result) for _, _, result in waiting], np.float32),
            np.concatenate([ids for ids, _, _ in rows]).astype(np.uint16),
            np.concatenate([values for _, values, _ in rows]).astype(np.float32),
            np.concatenate([rest.reshape(-1, width) for _, _, rest in rows]).astype(np.float32),
        )
        self._file.write(pack(columns))
        self._file.flush()

    def close(self) -> None:
        try:
            self.flush()
            os.fsync(self._file.fileno())
        finally:
            self._file.close()


def _ms_of(result: Result | None) -> tuple[float, float, float]:
    if result is None:
        return _UNREAD
    return result.timings.preprocess, result.timings.forward, result.timings.postprocess


def _rows_of(prediction: Prediction) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Class ids, values and the rest, the surest first."""
    if isinstance(prediction, Classification):
        ids = np.array(prediction.top(CLASSES_KEPT), np.int64)
        return ids, prediction.probabilities[ids], prediction.logits[ids]
    kept = prediction.pick(prediction.confidence >= LEAST_CONFIDENCE)
    return kept.class_id, kept.confidence, kept.xyxy
