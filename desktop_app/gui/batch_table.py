"""The pictures of a batch as columns: 100,000 rows are filtered and sorted within the blink of an eye. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.model import Thresholds
from desktop_app.core.natural_order import natural_key
from desktop_app.recogniser.answers import Answer, Row, decode_answer

Sort = Literal["high", "low", "label", "name", "order"]
Show = Literal["all", "found", "nothing", "waiting", "failed"]
WAITING, DONE, FAILED = 0, 1, 2
_ROOM = 1024
_SEEN = np.dtype([("row", "<i4"), ("class_id", "<i4"), ("value", "<f4"), ("model", "<i4")])
"""What stands for a picture: the first class of a classifier, each box of a detector, by falling confidence."""

Rows = NDArray[np.int64]


class _Growing:
    """An array that can be appended to."""

    def __init__(self, dtype: np.dtype[np.void]) -> None:
        self._all = np.empty(_ROOM, dtype)
        self._count = 0

    @property
    def values(self) -> NDArray[np.void]:
        return self._all[: self._count]

    def append(self, more: NDArray[np.void]) -> None:
        needed = self._count + len(more)
        if needed > len(self._all):
            larger = np.empty(max(needed, 2 * len(self._all)), self._all.dtype)
            larger[: self._count] = self.values
            self._all = larger
        self._all[self._count : needed] = more
        self._count = needed

    def replace(self, values: NDArray[np.void]) -> None:
        self._all, self._count = np.array(values), len(values)


class BatchTable:
    """`names`: as files are called, `file://…` where that is no text. `state`: one of WAITING, DONE, FAILED a row."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.folders: list[str] = []
        self.folder_of: list[int] = []
        self.failures: dict[int, str] = {}
        self.class_names: Mapping[str, Sequence[str]] = {}
        self.thresholds = Thresholds()
        self.complete = False
        self._models: list[str] = []
        self._detects: list[bool] = []
        self._answers: list[dict[int, bytes] | None] = []
        self._state = np.zeros(_ROOM, np.int8)
        self._seen = _Growing(_SEEN)
        self._searched: list[str] = []
        self._rank: Rows | None = None
        self._best: tuple[NDArray[np.int32], NDArray[np.float32]] | None = None
        self._passed: NDArray[np.void] | None = None

    def __len__(self) -> int:
        return len(self.names)

    @property
    def state(self) -> NDArray[np.int8]:
        return self._state[: len(self)]

    @property
    def done(self) -> int:
        """Recognised or failed."""
        return int(np.count_nonzero(self.state))

    # --- what comes -------------------------------------------------------------------------------------------------

    def clear(self) -> None:
        fresh = BatchTable()
        fresh.class_names, fresh.thresholds = self.class_names, self.thresholds
        self.__dict__.update(fresh.__dict__)

    def forget_answers(self) -> None:
        """The files stay."""
        self._state[:] = WAITING
        self._answers = [None] * len(self)
        self.failures.clear()
        self._models, self._detects = [], []
        self._seen = _Growing(_SEEN)
        self._best = None

    def take_list(self, first: int, groups: Iterable[tuple[str, Sequence[str]]], *, complete: bool) -> bool:
        """The files from number `first` on. Those that are there already stay as they are; returns whether others
        came or went."""
        at, changed = first, False
        for folder, names in groups:
            for name in names:
                if at >= len(self) or self.names[at] != name or self.folders[self.folder_of[at]] != folder:
                    if at < len(self):
                        self._cut(at)
                    self._append(folder, name)
                    changed = True
                at += 1
        self.complete = complete
        if complete and at < len(self):
            self._cut(at)
            changed = True
        if changed:
            self._rank = None
            self._best = None
        return changed

    def _append(self, folder: str, name: str) -> None:
        if not self.folders or self.folders[-1] != folder:
            self.folders.append(folder)
        self.names.append(name)
        self.folder_of.append(len(self.folders) - 1)
        self._searched.append(name.casefold())
        self._answers.append(None)
        if len(self) > len(self._state):
            self._state = np.concatenate([self._state, np.zeros(len(self._state), np.int8)])

    def _cut(self, at: int) -> None:
        """Only the first `at` stay."""
        for column in (self.names, self.folder_of, self._searched, self._answers):
            del column[at:]
        self._state[at:] = WAITING
        self.failures = {row: why for row, why in self.failures.items() if row < at}
        self._seen.replace(self._seen.values[self._seen.values["row"] < at])

    def add(self, rows: Iterable[Row]) -> list[Answer]:
        """What was recognised; a picture that is there already takes the place of the older one."""
        found: list[Answer] = []
        again: list[int] = []
        tables: list[NDArray[np.void]] = []
        for row in rows:
            if row.index >= len(self):
                continue
            if self._state[row.index] != WAITING:
                again.append(row.index)
                self.failures.pop(row.index, None)
            kept = self._answers[row.index] or {}
            for data in row.answers:
                answer = decode_answer(data)
                if answer is not None:
                    kept[self._model(answer)] = data
                    found.append(answer)
                    if self._state[row.index] == WAITING:
                        tables.append(self._columns(row.index, answer))
            self._answers[row.index] = kept
            if row.index in again:
                tables += [self._columns(row.index, answer) for answer in self.answers(row.index)]
            if row.failed:
                self.failures[row.index] = row.failed
            self._state[row.index] = FAILED if row.failed else DONE
        if again:
            values = self._seen.values
            self._seen.replace(values[~np.isin(values["row"], again)])
        if tables:
            self._seen.append(np.concatenate(tables))
        self._best = None
        return found

    def _model(self, answer: Answer) -> int:
        if answer.model not in self._models:
            self._models.append(answer.model)
            self._detects.append(answer.detects)
        return self._models.index(answer.model)

    def _columns(self, row: int, answer: Answer) -> NDArray[np.void]:
        table = answer.boxes if answer.detects else answer.boxes[:1]
        columns = np.empty(len(table), _SEEN)
        columns["row"], columns["model"], columns["class_id"] = row, self._model(answer), table["class_id"]
        columns["value"] = table["confidence" if answer.detects else "probability"]
        return columns

    # --- one picture ------------------------------------------------------------------------------------------------

    def path(self, row: int) -> str:
        """The spec that opens it."""
        name = self.names[row]
        return name if name.startswith("file://") else str(PurePath(self.folders[self.folder_of[row]]) / name)

    def answers(self, row: int) -> list[Answer]:
        """One a model, in the order in which the models run."""
        kept = self._answers[row] or {}
        order = sorted(kept, key=lambda model: self._rank_of(self._models[model]))
        return [answer for model in order if (answer := decode_answer(kept[model])) is not None]

    def _rank_of(self, model: str) -> int:
        running = list(self.class_names)
        return running.index(model) if model in running else len(running)

    def models(self) -> list[tuple[str, bool]]:
        """Those that answered, in the order in which they run, and whether each detects."""
        found = zip(self._models, self._detects, strict=True)
        return sorted(found, key=lambda model: self._rank_of(model[0]))

    def label(self, model: str, class_id: int) -> str:
        """In English; a number where the description has no name."""
        names = self.class_names.get(model, ())
        return names[class_id] if 0 <= class_id < len(names) else f"class {class_id}"

    def best(self, row: int) -> tuple[str, float]:
        """English label and probability or confidence of the surest answer of the first model; ("", 0.0) for none."""
        classes, values = self._bests()
        first = self._first()
        if first is None or classes[row] < 0:
            return "", 0.0
        return self.label(self._models[first], int(classes[row])), float(values[row])

    # --- all of them ------------------------------------------------------------------------------------------------

    def changed(self) -> None:
        """The thresholds are others."""
        self._best = None

    def _first(self) -> int | None:
        """The model that stands for a picture."""
        return min(range(len(self._models)), key=lambda m: self._rank_of(self._models[m]), default=None)

    def _passing(self) -> NDArray[np.void]:
        """What the user's thresholds let through."""
        self._bests()
        assert self._passed is not None
        return self._passed

    def _let_through(self) -> NDArray[np.void]:
        seen = self._seen.values
        passes = seen["value"] >= np.float32(self.thresholds.confidence)
        if self.thresholds.classes is not None:
            passes &= np.isin(seen["class_id"], self.thresholds.classes)
        if not all(self._detects):
            passes |= ~np.array(self._detects)[seen["model"]]
        found: NDArray[np.void] = seen if passes.all() else seen[passes]
        return found

    def _bests(self) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Class id of the first model's surest answer a row (-1: none), and its probability or confidence."""
        if self._best is None:
            classes, values = np.full(len(self), -1, np.int32), np.zeros(len(self), np.float32)
            first = self._first()
            passing = self._passed = self._let_through()
            if first is not None:
                own = passing if len(self._models) == 1 else passing[passing["model"] == first]
                # The surest of a row comes first, and the boxes of a row lie together.
                starts = np.flatnonzero(np.diff(own["row"], prepend=-1))
                rows = own["row"][starts]
                classes[rows], values[rows] = own["class_id"][starts], own["value"][starts]
            self._best = classes, values
        return self._best

    def arrange(self, text: str, least: float, show: Show, sort: Sort, translate: Callable[[str], str] = str) -> Rows:
        """The rows that pass, in the order wished for. `text` is looked for in names of files and in labels, the
        translated ones too; what is not recognised yet comes last."""
        classes, values = self._bests()
        state = self.state
        mask = np.ones(len(self), np.bool_)
        if least > 0:
            mask &= values >= np.float32(least)
        if show == "failed":
            mask &= state == FAILED
        elif show == "waiting":
            mask &= state == WAITING
        elif show != "all":
            mask &= (state == DONE) & ((classes >= 0) == (show == "found"))
        text = text.strip().casefold()
        if text:
            named = np.fromiter((text in name for name in self._searched), np.bool_, len(self))
            mask &= named | self._with_label(text, translate)
        rows = np.flatnonzero(mask)
        order = self._keys(sort, translate)
        return rows if order is None else rows[np.argsort(order[rows], kind="stable")]

    def _with_label(self, text: str, translate: Callable[[str], str]) -> NDArray[np.bool_]:
        passing = self._passing()
        rows = np.zeros(len(self), np.bool_)
        for number, model in enumerate(self._models):
            names = self.class_names.get(model, ())
            ids = [i for i, name in enumerate(names) if text in name.casefold() or text in translate(name).casefold()]
            if ids:
                wanted = np.zeros(max(len(names), int(passing["class_id"].max(initial=0)) + 1), np.bool_)
                wanted[ids] = True
                hits = wanted[passing["class_id"]]
                if len(self._models) > 1:
                    hits &= passing["model"] == number
                rows[passing["row"][hits]] = True
        return rows

    def _keys(self, sort: Sort, translate: Callable[[str], str]) -> NDArray[np.float64] | Rows | None:
        """By what rows are sorted; `None`: as they were found."""
        classes, values = self._bests()
        if sort == "name":
            return self._names_rank()
        if sort == "order":
            return None
        waits: NDArray[np.float64] = np.where(self.state == DONE, 0.0, np.where(self.state == FAILED, 10.0, 20.0))
        if sort == "label":
            waits = waits + np.where(classes < 0, 5.0, 0.0)
            return waits * 1e6 + self._labels_rank(classes, translate) + (1.0 - values) / 2
        return waits + (-values if sort == "high" else values)

    def _labels_rank(self, classes: NDArray[np.int32], translate: Callable[[str], str]) -> NDArray[np.float64]:
        first = self._first()
        ids = np.unique(classes)
        if first is None:
            return np.zeros(len(self))
        words = {int(i): translate(self.label(self._models[first], int(i))).casefold() for i in ids}
        order = {i: place for place, i in enumerate(sorted(words, key=lambda i: words[i]))}
        ranks = np.array([order[int(i)] for i in ids], np.float64)
        return ranks[np.searchsorted(ids, classes)]

    def _names_rank(self) -> Rows | None:
        """Within one folder the files were found in this order already."""
        if len(self.folders) < 2:
            return None
        if self._rank is None:
            keys = [natural_key(name) for name in self.names]
            order = sorted(range(len(self)), key=lambda row: keys[row])
            self._rank = np.empty(len(self), np.int64)
            self._rank[order] = np.arange(len(self))
        return self._rank

    def frequent(self, count: int = 5) -> tuple[list[tuple[str, int]], int]:
        """The most frequent first labels with their counts, and how many different ones there are."""
        classes, _ = self._bests()
        first = self._first()
        ids, counts = np.unique(classes[classes >= 0], return_counts=True)
        if first is None:
            return [], 0
        top = np.argsort(-counts, kind="stable")[:count]
        model = self._models[first]
        return [(self.label(model, int(ids[i])), int(counts[i])) for i in top], len(ids)
