"""Writes the kept disagreements into a folder of their own: every picture whole, and what each model said of it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop_app.core.records import json_line, record
from desktop_app.errors import AppError
from desktop_app.exporting.files import unwritable
from desktop_app.exporting.names import Names, safe_stem, stem_of
from desktop_app.gui import texts
from desktop_app.gui.background import in_background
from desktop_app.gui.compare_choices import LETTERS
from desktop_app.gui.compare_state import CompareState, Difference
from desktop_app.gui.saving import folder_of, show_folder
from desktop_app.gui.session import Session
from desktop_app.i18n import tr

PICTURES, RESULTS = "pictures", "disagreements.jsonl"


def write_differences(folder: Path, differences: Sequence[Difference], top: int) -> Path:
    """Makes a new folder in `folder`, which appears when it is whole, and answers with it. Raises `AppError`.

    One line a frame and model, as `regard run --format jsonl` prints it, with more fields: the `picture`, the `side`,
    the `time` of day, and how far it agrees with side A.
    """
    scratch: Path | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(".part", ".disagreements-", folder))
        _write(scratch, differences, top)
        place = _free(folder, differences)
        umask = os.umask(0)
        os.umask(umask)
        scratch.chmod(0o777 & ~umask)  # mkdtemp makes it for its owner alone
        scratch.replace(place)
    except OSError as error:
        if scratch is not None:
            shutil.rmtree(scratch, ignore_errors=True)
        raise unwritable(folder, error) from error
    return place


def _free(folder: Path, differences: Sequence[Difference]) -> Path:
    stem = f"disagreements-{differences[-1].when:%Y%m%d-%H%M%S}"
    names = (f"{stem}{f'-{number}' if number else ''}" for number in range(10_000))
    return next(path for name in names if not (path := folder / name).exists())


def _write(root: Path, differences: Sequence[Difference], top: int) -> None:
    (root / PICTURES).mkdir()
    names = Names()
    with (root / RESULTS).open("w", encoding="utf-8", newline="\n") as file:
        for difference in differences:
            stem = names.free(f"{safe_stem(stem_of(difference.source))}-{difference.frame_index:06d}")
            picture = f"{PICTURES}/{stem}.png"
            (root / picture).write_bytes(difference.png)
            for row in rows_of(difference, picture, top):
                file.write(json_line(row) + "\n")
        file.flush()
        os.fsync(file.fileno())


def rows_of(difference: Difference, picture: str, top: int) -> list[dict[str, Any]]:
    verdicts = {verdict.place: verdict for verdict in difference.verdicts}
    rows = []
    for place, result in enumerate(difference.results):
        if result is None:
            continue
        row = record(
            difference.source,
            difference.frame_index,
            difference.media_time,
            difference.size,
            result,
            difference.names[place],
            top,
        )
        row |= {"picture": picture, "side": LETTERS[place], "time": difference.when.isoformat(timespec="milliseconds")}
        verdict = verdicts.get(place)
        if verdict is not None:
            row["agreement"] = {
                "with": LETTERS[0],
                "measure": verdict.measure,
                "agrees": verdict.agrees,
                "same": verdict.same,
                "of": [verdict.first, verdict.other],
                "overlap": None if verdict.overlap is None else round(verdict.overlap, 6),
            }
        rows.append(row)
    return rows


class DifferenceExporter(QObject):
    """Asks where, writes beside the window, and tells how it went."""

    working = Signal(bool)

    def __init__(self, session: Session, state: CompareState, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._state, self._window = session, state, window

    def export(self) -> None:
        """All that are kept, into a new folder in the one that is chosen."""
        preferences, differences = self._session.preferences, list(self._state.differences)
        start = str(folder_of(preferences.values.compare_folder))
        folder = QFileDialog.getExistingDirectory(self._window, tr("Where to write the disagreements"), start)
        if not folder or not differences:
            return
        preferences.change(compare_folder=folder)
        self.working.emit(True)
        work = partial(_written, Path(folder), differences, preferences.values.top_k)
        in_background(work, partial(self._exported, len(differences)), self)

    def _exported(self, count: int, done: Path | AppError) -> None:
        self.working.emit(False)
        notifier = self._session.notifier
        if isinstance(done, AppError):
            notifier.error(done.message, done.hint, (tr("Retry"), self.export), answer=True)
            return
        detail = tr("{count} pictures and their results", count=texts.number(count))
        open_it = (tr("Open folder"), lambda: show_folder(done))
        notifier.tell("success", tr("Disagreements exported"), detail, open_it, key="disagreements")


def _written(folder: Path, differences: Sequence[Difference], top: int) -> Path | AppError:
    """For a thread: gives the error instead of raising it."""
    try:
        return write_differences(folder, differences, top)
    except AppError as error:
        return error
