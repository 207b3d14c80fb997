"""The rows that the grid and the list of a batch show, filtered and sorted, and what is counted and exported."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal

from desktop_app.core.model import Thresholds
from desktop_app.core.records import record
from desktop_app.core.results import Classification, Result
from desktop_app.gui.batch_run import BatchRun
from desktop_app.gui.batch_table import FAILED, WAITING, BatchTable, Rows, Show, Sort
from desktop_app.i18n import tr, tr_class
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.answers import TOP, Answer, result_of

ARRANGE_MS = 300
MOST_ROOTS = 20
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Entry:
    """One picture as it is shown. `index`: its number in the batch. `name`: from the folder that was opened on.

    `best`: English label and number of the surest answer of the first model, ("", 0.0) for none.
    """

    index: int
    path: str
    name: str
    state: int
    best: tuple[str, float]
    answers: tuple[Answer, ...] = ()
    failed: str = ""

    @property
    def size(self) -> tuple[int, int]:
        return self.answers[0].size if self.answers else (0, 0)

    @property
    def animated(self) -> bool:
        return any(answer.animated for answer in self.answers)


class BatchModel(QAbstractListModel):
    """Rows are the pictures that pass the filter, in the chosen order; `rows` holds their numbers in the batch."""

    ENTRY = int(Qt.ItemDataRole.UserRole)
    progressed = Signal()
    arranged = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.table = BatchTable()
        self.rows: Rows = np.zeros(0, np.int64)
        self.run: BatchRun | None = None
        self.known = 0
        """So many were not recognised now, but read from the disk."""
        self._roots: tuple[str, ...] = ()
        self._text, self._least = "", 0.0
        self._show: Show = "all"
        self._sort: Sort = "high"
        self._timer = QTimer(self, singleShot=True, interval=ARRANGE_MS)
        self._timer.timeout.connect(self.arrange)

    def follow(self, run: BatchRun) -> None:
        self.run = run
        run.begun.connect(self._begin)
        run.listed.connect(self.take_list)
        run.recognised.connect(self.take_rows)
        run.changed.connect(self._run_changed)

    # --- what comes -------------------------------------------------------------------------------------------------

    @property
    def title(self) -> str:
        return self.run.title if self.run is not None else ""

    def _begin(self, same: bool) -> None:
        assert self.run is not None
        self.known = 0
        # Of thousands of files none is a folder; asking would take time, and so would comparing with all.
        specs = self.run.specs if len(self.run.specs) <= MOST_ROOTS else ()
        self._roots = tuple(os.path.join(os.path.abspath(spec), "") for spec in specs)  # noqa: PTH100, PTH118
        if same:
            self.table.forget_answers()
        else:
            self.table.clear()
        self.arrange()
        self.progressed.emit()

    def take_list(self, event: m.BatchListed) -> None:
        changed = self.table.take_list(event.first, event.groups, complete=event.complete)
        # What is there first is shown at once.
        if changed and (event.first == 0 or event.complete):
            self.arrange()
        elif changed:
            self._arrange_soon()
        self.progressed.emit()

    def take_rows(self, event: m.BatchRows) -> None:
        done = self.table.done
        answers = self.table.add(event.rows)
        if self.run is not None:
            self.run.ran(answers)
        if event.known:
            self.known += self.table.done - done
        elif self.run is not None:
            self.run.measure(answers)
        self._arrange_soon()
        self.progressed.emit()

    def _run_changed(self) -> None:
        if self.run is not None and not self.run.running:
            self._arrange_soon()
        self.progressed.emit()

    # --- what is shown ----------------------------------------------------------------------------------------------

    def filter(self, text: str, least: float, show: Show = "all") -> None:
        self._text, self._least, self._show = text, least, show
        self.arrange()

    def sort_by(self, sort: Sort) -> None:
        self._sort = sort
        self.arrange()

    def names_changed(self, names: dict[str, tuple[str, ...]]) -> None:
        """Class names by model key, in the order in which the models run."""
        if self.table.class_names != names or list(self.table.class_names) != list(names):
            self.table.class_names = names
            self.table.changed()
            self._arrange_soon()

    def thresholds_changed(self, thresholds: Thresholds) -> None:
        if self.table.thresholds != thresholds:
            self.table.thresholds = thresholds
            self.table.changed()
            self._arrange_soon()

    def _arrange_soon(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def arrange(self) -> None:
        self._timer.stop()
        rows = self.table.arrange(self._text, self._least, self._show, self._sort, tr_class)
        if not np.array_equal(rows, self.rows):
            self.layoutAboutToBeChanged.emit()
            before = self.persistentIndexList()
            held = [int(self.rows[index.row()]) for index in before]
            self.rows = rows
            places = self._places(held)
            self.changePersistentIndexList(before, [self.index(p) if p >= 0 else QModelIndex() for p in places])
            self.layoutChanged.emit()
        self.arranged.emit()

    def _places(self, numbers: list[int]) -> list[int]:
        """Where pictures stand now; -1 for those that are not shown."""
        if not numbers:
            return []
        where = np.full(max(len(self.table), max(numbers) + 1), -1, np.int64)
        where[self.rows] = np.arange(len(self.rows))
        return [int(place) for place in where[numbers]]

    def place(self, number: int) -> QModelIndex:
        """Where the picture of this number stands; not valid where the filter hides it."""
        places = np.flatnonzero(self.rows == number)
        return self.index(int(places[0])) if len(places) else QModelIndex()

    # --- Qt ---------------------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def entry(self, index: Index) -> Entry | None:
        """With all that is known of it."""
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        return self.entry_of(int(self.rows[index.row()]))

    def entry_of(self, number: int) -> Entry:
        table = self.table
        return Entry(
            number,
            table.path(number),
            self.shown_name(number),
            int(table.state[number]),
            table.best(number),
            tuple(table.answers(number)),
            table.failures.get(number, ""),
        )

    def shown_name(self, number: int) -> str:
        """With the subfolder that it lies in."""
        table = self.table
        name = table.names[number]
        if name.startswith("file://"):
            return Path(name).name
        path = table.path(number)
        root = next((root for root in self._roots if path.startswith(root)), "")
        return path[len(root) :] if root else name

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        number = int(self.rows[index.row()])
        if role == self.ENTRY:
            return number
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{self.shown_name(number)}: {self.said(number)}"
        if role == Qt.ItemDataRole.ToolTipRole:
            failed = self.table.failures.get(number)
            return f"{self.table.path(number)}\n{failed}" if failed else self.table.path(number)
        return None

    def said(self, number: int) -> str:
        """In a word: the label and its number, or that there is none."""
        state = self.table.state[number]
        label, value = self.table.best(number)
        if state == WAITING:
            return tr("not recognised yet")
        if state == FAILED:
            return tr("failed")
        return f"{tr_class(label)} {value:.2f}" if label else tr("nothing found")

    # --- numbers ----------------------------------------------------------------------------------------------------

    @property
    def total(self) -> int | None:
        """`None` while files are still looked for."""
        return len(self.table) if self.table.complete else None

    @property
    def found(self) -> int:
        return len(self.table)

    @property
    def done(self) -> int:
        return self.table.done

    @property
    def failures(self) -> dict[int, str]:
        return self.table.failures

    @property
    def finished(self) -> bool:
        """Nothing goes on."""
        return self.run is None or not self.run.running

    @property
    def left(self) -> int:
        return self.found - self.done

    @property
    def rate(self) -> float:
        """Pictures a second."""
        return self.run.rate if self.run is not None else 0.0

    @property
    def seconds_left(self) -> float | None:
        rate = self.rate
        if self.total is None or self.finished or not rate or (self.run is not None and self.run.paused):
            return None
        return self.left / rate

    def frequent(self, count: int = 5) -> tuple[list[tuple[str, int]], int]:
        return self.table.frequent(count)

    # --- export -----------------------------------------------------------------------------------------------------

    def results(self, number: int) -> list[Result]:
        """As if the picture had just been recognised, under the thresholds of now."""
        return [result_of(answer, number, self.table.thresholds) for answer in self.table.answers(number)]

    def records(self, numbers: Iterable[int], thresholds: Thresholds | None = None) -> Iterator[dict[str, Any]]:
        """One object a picture and model, as other programs read them."""
        for number in numbers:
            path, wanted = self.table.path(number), thresholds or self.table.thresholds
            for answer in self.table.answers(number):
                result = result_of(answer, number, wanted)
                names = _all_names(result, tuple(self.table.class_names.get(result.model_key, ())))
                yield record(path, number, None, answer.size, result, names, TOP)


def _all_names(result: Result, names: tuple[str, ...]) -> tuple[str, ...]:
    """A network may have more outputs than its description has names."""
    prediction = result.prediction
    ids = (
        len(prediction.logits)
        if isinstance(prediction, Classification)
        else int(max(prediction.class_id, default=-1)) + 1
    )
    return names if len(names) >= ids else (*names, *(f"class {i}" for i in range(len(names), ids)))


def name_of(names: tuple[str, ...], class_id: int) -> str:
    """As shown: in the language in use; a number where the description has no name."""
    return tr_class(names[class_id]) if 0 <= class_id < len(names) else f"class {class_id}"
