"""A batch as a source: finds the pictures, tells which are known already, and gives only the others as frames."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from desktop_app.core.frame import Frame
from desktop_app.core.results import Result
from desktop_app.core.source import Notify, SourceInfo, SourceNotice
from desktop_app.errors import AppError, SourceUnreadable
from desktop_app.i18n import tr
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.answers import Row, answer_of, decode_answer, encode_answer
from desktop_app.recogniser.batch_store import BatchStore, Kept, Stamp

if TYPE_CHECKING:
    from desktop_app.sources.walk import Group

LISTED_AT_ONCE = 2000
ROWS_AT_ONCE = 400
FLUSH = 0.1
"""Seconds between two messages with what was recognised."""
_PATIENCE = 0.1


@dataclass(frozen=True, slots=True)
class _Done:
    """A picture that the models have answered, on its way to the disk and the window."""

    index: int
    size: tuple[int, int]
    animated: bool
    results: tuple[Result, ...]
    stamp: Stamp | None
    failed: str = ""


@dataclass(frozen=True, slots=True)
class Setups:
    """`by_model`: what decides the answer of each model that runs, by its key and in their order."""

    by_model: Mapping[str, str]


class BatchJob:
    """Implements `Source`; `info.frame_count` is unknown, for the folders are read while it goes on.

    A thread of its own finds the files, another writes down and tells what was recognised, so that neither a slow
    folder nor a slow disk holds up the capture. `setups` says which models run, `None` while one loads.
    """

    def __init__(
        self,
        request: int,
        specs: Sequence[str],
        title: str,
        notify: Notify,
        stop: threading.Event,
        setups: Callable[[], Setups | None],
        store: BatchStore,
        send: Callable[[m.Event], None],
    ) -> None:
        self.request = request
        self._specs, self._title, self._notify, self._stop = specs, title, notify, stop
        self._setups, self._store, self._send = setups, store, send
        self._files: list[tuple[str, str]] = []
        self._complete = False
        self._found = threading.Condition()
        self._known: dict[tuple[str, str], dict[bytes, tuple[Stamp, bytes]]] = {}
        self._stamps: dict[int, Stamp | None] = {}
        self._animated: set[int] = set()
        self._running = Setups({})
        self._keeps = True
        self._done: queue.SimpleQueue[_Done | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []

    @property
    def info(self) -> SourceInfo:
        from desktop_app.core.media import portable

        return SourceInfo(portable(self._specs[0]), "images", self._title, False, 0, 0)

    @property
    def folders(self) -> set[bytes]:
        with self._found:
            return {os.fsencode(folder) for folder, _ in self._files}

    def forget(self) -> None:
        """Forgets what was known of these pictures, and keeps nothing more: they are about to be recognised anew."""
        self._keeps = False
        self._store.forget(self.folders, self._running.by_model.values())

    def __enter__(self) -> Self:
        """Returns when the first picture was found."""
        self._threads = [
            threading.Thread(target=self._find, name="batch files", daemon=True),
            threading.Thread(target=self._write, name="batch answers", daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        with self._found:
            self._found.wait_for(lambda: self._files or self._complete or self._stop.is_set())
            empty = self._complete and not self._files
        if empty:
            self.__exit__()
            raise SourceUnreadable(
                tr("{name} holds no pictures.", name=self._title), tr("Choose another folder, or pictures.")
            )
        return self

    def __exit__(self, *exc: object) -> None:
        """What was recognised is on the disk afterwards."""
        self._stop.set()
        self._done.put(None)
        for thread in self._threads:
            thread.join(5.0)

    def __iter__(self) -> Iterator[Frame]:
        setups = self._wait_for_models()
        if setups is None:
            return
        self._running = setups
        looked = 0
        missing: deque[tuple[int, frozenset[str]]] = deque()
        while not self._stop.is_set():
            looked = self._look_up(looked, missing)
            if not missing:
                with self._found:
                    if looked == len(self._files):
                        if self._complete:
                            return
                        self._found.wait(_PATIENCE)
                continue
            frame = self._read(*missing.popleft())
            if frame is not None:
                yield frame

    def _wait_for_models(self) -> Setups | None:
        """Without a model the pictures would run through unseen."""
        while not self._stop.is_set():
            setups = self._setups()
            if setups is not None:
                return setups
            self._stop.wait(_PATIENCE)
        return None

    # --- finding the files ------------------------------------------------------------------------------------------

    def _find(self) -> None:
        from desktop_app.sources.walk import walk

        groups: list[Group] = []
        count, told_at = 0, time.monotonic()
        for folder, names in walk(self._specs, self._stop, self._unreadable):
            for first in range(0, len(names), LISTED_AT_ONCE):
                part = names[first : first + LISTED_AT_ONCE]
                groups.append((folder, part))
                count += len(part)
                if count >= LISTED_AT_ONCE or time.monotonic() - told_at > FLUSH:
                    self._list(groups, complete=False)
                    groups, count, told_at = [], 0, time.monotonic()
        self._list(groups, complete=not self._stop.is_set())

    def _unreadable(self, error: AppError, spec: str) -> None:
        self._notify(SourceNotice("damaged", error))

    def _list(self, groups: list[Group], *, complete: bool) -> None:
        with self._found:
            first = len(self._files)
            self._files += [(folder, name) for folder, names in groups for name in names]
            self._complete = complete or self._stop.is_set()
            told = tuple(_portable(folder, names) for folder, names in groups)
            # With the lock held: nothing may be told of a picture before it is listed.
            self._send(m.BatchListed(self.request, first, told, complete))
            self._found.notify_all()

    # --- what is known and what is not ------------------------------------------------------------------------------

    def _look_up(self, first: int, missing: deque[tuple[int, frozenset[str]]]) -> int:
        """Tells what is known of the pictures found since, puts the others into `missing`."""
        with self._found:
            files = self._files[first:]
        for start in range(0, len(files), ROWS_AT_ONCE):
            rows = []
            for index, (folder, name) in enumerate(files[start : start + ROWS_AT_ONCE], first + start):
                answers = self._answers(folder, name)
                lacking = frozenset(key for key, answer in answers.items() if answer is None)
                if lacking:
                    missing.append((index, lacking))
                found = tuple(answer for answer in answers.values() if answer is not None)
                if found:
                    rows.append(Row(index, found))
            if rows:
                self._send(m.BatchRows(self.request, tuple(rows), known=True))
            if self._stop.is_set():
                break
        return first + len(files)

    def _answers(self, folder: str, name: str) -> dict[str, bytes | None]:
        """By model; `None` where it has not seen the file as it is now."""
        stamp: Stamp | None = None
        answers: dict[str, bytes | None] = {}
        for model, setup in self._running.by_model.items():
            answers[model] = None
            kept = self._of_folder(folder, setup).get(os.fsencode(name))
            if kept is None:
                continue
            stamp = stamp or Stamp.of(os.path.join(folder, name))  # noqa: PTH118
            if stamp is not None and stamp.same(kept[0]) and decode_answer(kept[1]) is not None:
                answers[model] = kept[1]
        return answers

    def _of_folder(self, folder: str, setup: str) -> dict[bytes, tuple[Stamp, bytes]]:
        key = folder, setup
        if key not in self._known:
            # One folder at a time: those of a whole disk would not fit.
            self._known = {k: v for k, v in self._known.items() if k[0] == folder}
            self._known[key] = self._store.known(os.fsencode(folder), setup)
        return self._known[key]

    def _read(self, index: int, models: frozenset[str]) -> Frame | None:
        from desktop_app.sources.animation import is_animation
        from desktop_app.sources.image_file import decode, read_bytes
        from desktop_app.sources.sniff import shown_name

        folder, name = self._files[index]
        path = os.path.join(folder, name)  # noqa: PTH118
        # Before it is read: a file that changes meanwhile is recognised again the next time.
        stamp = Stamp.of(path)
        try:
            data = read_bytes(path)
            bgr = decode(data, shown_name(path))
        except SourceUnreadable as error:
            self._done.put(_Done(index, (0, 0), False, (), None, str(error.message)))
            return None
        self._stamps[index] = stamp
        if is_animation(data):
            self._animated.add(index)
        return Frame(bgr, index, time.perf_counter(), models=models)

    # --- what was recognised ----------------------------------------------------------------------------------------

    def done(self, frame: Frame, results: Sequence[Result]) -> None:
        """Of a frame that this job gave; does not wait for the disk."""
        failed = "" if results else tr("The model could not recognise this picture.")
        size = (frame.width, frame.height)
        animated = frame.index in self._animated
        self._done.put(_Done(frame.index, size, animated, tuple(results), self._stamps.pop(frame.index, None), failed))

    def _write(self) -> None:
        """Each commit takes as much as has come during the one before."""
        rows: list[Row] = []
        told_at = 0.0
        while True:
            try:
                item = self._done.get(timeout=FLUSH if rows else None)
            except queue.Empty:
                self._tell(rows)
                rows, told_at = [], time.monotonic()
                continue
            batch: list[_Done] = []
            while item is not None:
                batch.append(item)
                if self._done.empty() or len(batch) >= ROWS_AT_ONCE:
                    break
                item = self._done.get()
            rows += self._keep(batch)
            if item is None or len(rows) >= ROWS_AT_ONCE or time.monotonic() - told_at > FLUSH:
                self._tell(rows)
                rows, told_at = [], time.monotonic()
            if item is None:
                return

    def _keep(self, batch: list[_Done]) -> list[Row]:
        rows: list[Row] = []
        kept: list[Kept] = []
        for done in batch:
            folder, name = self._files[done.index]
            answers = {
                result.model_key: encode_answer(answer_of(result, done.size, animated=done.animated))
                for result in done.results
            }
            rows.append(Row(done.index, tuple(answers.values()), done.failed))
            for model, answer in answers.items():
                setup = self._running.by_model.get(model)
                if self._keeps and setup is not None and done.stamp is not None:
                    kept.append(Kept(os.fsencode(folder), setup, os.fsencode(name), done.stamp, answer))
        if kept:
            self._store.keep(kept)
        return rows

    def _tell(self, rows: list[Row]) -> None:
        if rows:
            self._send(m.BatchRows(self.request, tuple(rows)))


def _portable(folder: str, names: list[str]) -> tuple[str, tuple[str, ...]]:
    """As text that can travel: a name that is no Unicode becomes the address of the file."""
    from desktop_app.core.media import portable

    shown = portable(folder)
    if shown != folder:
        return "", tuple(portable(os.path.join(folder, name)) for name in names)  # noqa: PTH118
    return folder, tuple(name if _is_text(name) else portable(os.path.join(folder, name)) for name in names)  # noqa: PTH118


def _is_text(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
