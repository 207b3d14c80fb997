"""The pictures of a batch: what the grid and the list show, filtered and sorted, and what is exported."""

from __future__ import annotations

import csv
import io
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from PySide6.QtCore import (
    QAbstractListModel,
    QBuffer,
    QByteArray,
    QIODevice,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QImage

from desktop_app.core.records import CSV_COLUMNS, csv_rows, json_line, record
from desktop_app.core.results import Classification, Result
from desktop_app.i18n import tr, tr_class
from desktop_app.recogniser.messages import BatchItem

Sort = Literal["high", "low", "name", "order"]
TOP = 10
RESORT_MS = 250
Index = QModelIndex | QPersistentModelIndex


@dataclass(slots=True)
class Entry:
    """One picture. `records`: one JSON object a model, as exported. `jpeg`: the small picture, compressed."""

    index: int
    path: str
    size: tuple[int, int]
    records: list[dict[str, Any]]
    rests: list[tuple[int, float]]
    """Per model: how many classes beyond the recorded ones, and what probability they share."""
    jpeg: bytes
    milliseconds: float
    failed: str = ""

    @property
    def name(self) -> str:
        return Path(self.path).name

    @property
    def best(self) -> tuple[str, float]:
        """English label and probability or confidence of the surest answer of the first model; ("", 0.0) for none."""
        if not self.records:
            return "", 0.0
        found = self.records[0].get("classes") or self.records[0].get("detections") or []
        if not found:
            return "", 0.0
        return found[0]["label"], found[0].get("probability", found[0].get("confidence", 0.0))

    def labels(self) -> set[str]:
        """The English labels that stand for this picture: a classifier's first, all of a detector."""
        found: set[str] = set()
        for fields in self.records:
            found.update(c["label"] for c in fields.get("classes", [])[:1])
            found.update(d["label"] for d in fields.get("detections", []))
        return found


def make_entry(item: BatchItem, names: dict[str, tuple[str, ...]]) -> Entry:
    """The logits of 1,000 classes are reduced to what is shown and exported: 10,000 pictures must fit."""
    results = [packed.unpack() for packed in item.results]
    size = (item.width, item.height)
    records = [
        record(item.path, item.index, None, size, result, _all_names(result, names.get(result.model_key, ())), TOP)
        for result in results
    ]
    milliseconds = sum(result.timings.total for result in results)
    jpeg = _compress(item.thumbnail, item.thumbnail_shape)
    rests = [_rest(result) for result in results]
    return Entry(item.index, item.path, (item.width, item.height), records, rests, jpeg, milliseconds)


def _all_names(result: Result, names: tuple[str, ...]) -> tuple[str, ...]:
    """A network may have more outputs than its description has names."""
    prediction = result.prediction
    ids = (
        len(prediction.logits)
        if isinstance(prediction, Classification)
        else int(max(prediction.class_id, default=-1)) + 1
    )
    return names if len(names) >= ids else (*names, *(f"class {i}" for i in range(len(names), ids)))


def _rest(result: Result) -> tuple[int, float]:
    prediction = result.prediction
    if not isinstance(prediction, Classification):
        return 0, 0.0
    top = prediction.top(TOP)
    return len(prediction.logits) - len(top), float(1.0 - prediction.probabilities[top].sum())


def _compress(bgr: bytes, shape: tuple[int, int]) -> bytes:
    height, width = shape
    if height <= 0 or width <= 0 or len(bgr) != height * width * 3:
        return b""
    picture = QImage(bgr, width, height, width * 3, QImage.Format.Format_BGR888)
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "JPEG", 88)  # type: ignore[call-overload]
    return bytes(data.data())


class BatchModel(QAbstractListModel):
    """Rows are the entries that pass the filter, in the chosen order."""

    ENTRY = int(Qt.ItemDataRole.UserRole)
    progressed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.entries: list[Entry] = []
        self._places: dict[int, int] = {}
        self.rows: list[int] = []
        self.total: int | None = None
        self.title = ""
        self.finished = False
        self.failures: dict[str, str] = {}
        self._text, self._least = "", 0.0
        self._sort: Sort = "high"
        self._started = time.perf_counter()
        self._ended = 0.0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(RESORT_MS)
        self._timer.timeout.connect(self.arrange)

    def begin(self, title: str, total: int | None) -> None:
        self.beginResetModel()
        self.entries, self.rows, self.failures, self._places = [], [], {}, {}
        self.title, self.total, self.finished = title, total, False
        self._started, self._ended = time.perf_counter(), 0.0
        self.endResetModel()
        self.progressed.emit()

    def add(self, entry: Entry) -> None:
        """A picture that is there already (the recogniser was started again) takes the place of the older one."""
        place = self._places.setdefault(entry.index, len(self.entries))
        self.entries[place : place + 1] = [entry]
        if not self._timer.isActive():
            self._timer.start()
        self.progressed.emit()

    def fail(self, path: str, message: str) -> None:
        self.failures[path] = message
        self.progressed.emit()

    def end(self) -> None:
        if not self.finished:
            self.finished, self._ended = True, time.perf_counter()
            self.arrange()
            self.progressed.emit()

    def filter(self, text: str, least: float) -> None:
        self._text, self._least = text.strip().casefold(), least
        self.arrange()

    def sort_by(self, sort: Sort) -> None:
        self._sort = sort
        self.arrange()

    def arrange(self) -> None:
        self._timer.stop()
        rows = [row for row, entry in enumerate(self.entries) if self._passes(entry)]
        keys: dict[Sort, Callable[[int], tuple[Any, ...]]] = {
            "high": lambda row: (-self.entries[row].best[1], self.entries[row].index),
            "low": lambda row: (self.entries[row].best[1], self.entries[row].index),
            "name": lambda row: (self.entries[row].name.casefold(), self.entries[row].index),
            "order": lambda row: (self.entries[row].index,),
        }
        rows.sort(key=keys[self._sort])
        if rows == self.rows:
            return
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        entries = [self.rows[index.row()] for index in before]
        self.rows = rows
        places = {row: place for place, row in enumerate(rows)}
        after = [self.index(places[e]) if e in places else QModelIndex() for e in entries]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _passes(self, entry: Entry) -> bool:
        if entry.best[1] < self._least:
            return False
        if not self._text or self._text in entry.name.casefold():
            return True
        return any(self._text in name.casefold() for label in entry.labels() for name in (label, tr_class(label)))

    # --- Qt -----------------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def entry(self, index: Index) -> Entry | None:
        return self.entries[self.rows[index.row()]] if index.isValid() and index.row() < len(self.rows) else None

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        entry = self.entry(index)
        if entry is None:
            return None
        if role == self.ENTRY:
            return entry
        label, value = entry.best
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{entry.name}: {tr_class(label) or tr('nothing found')} {value:.2f}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return entry.path
        return None

    # --- numbers ------------------------------------------------------------------------------------------------

    @property
    def done(self) -> int:
        return len(self.entries) + len(self.failures)

    @property
    def rate(self) -> float:
        """Pictures a second since the start of the batch."""
        seconds = (self._ended or time.perf_counter()) - self._started
        return self.done / seconds if seconds > 0 and self.done else 0.0

    @property
    def seconds_left(self) -> float | None:
        if self.total is None or self.finished or not self.rate:
            return None
        return max(0, self.total - self.done) / self.rate

    def frequent(self, count: int = 5) -> tuple[list[tuple[str, int]], int]:
        """The most frequent first labels with their counts, and how many different ones there are."""
        counts = Counter(label for entry in self.entries if (label := entry.best[0]))
        return counts.most_common(count), len(counts)

    # --- export -------------------------------------------------------------------------------------------------

    def as_json_lines(self) -> str:
        """What the grid shows, in its order: one object a picture and model."""
        return "".join(f"{json_line(fields)}\n" for row in self.rows for fields in self.entries[row].records)

    def as_csv(self) -> str:
        """One line a class of a classifier and a box of a detector."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(CSV_COLUMNS)
        for row in self.rows:
            for fields in self.entries[row].records:
                writer.writerows([_cell(value) for value in line] for line in csv_rows(fields))
        return out.getvalue()


def _cell(value: object) -> object:
    """A spreadsheet takes a text that starts so for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@")) else value


def name_of(names: tuple[str, ...], class_id: int) -> str:
    """As shown: in the language in use; a number where the description has no name."""
    return tr_class(names[class_id]) if 0 <= class_id < len(names) else f"class {class_id}"
