"""One data set on the disk: made in one step, or added to without breaking what is there.

`dataset.regard` says what it is. `results.jsonl` has a record a picture as `regard run --format jsonl` prints it, with
all confidences whatever the format keeps of them, and where the picture lies: it is how a picture that is there
already is known, and how numbering goes on.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from desktop_app import __version__
from desktop_app.core.records import json_line
from desktop_app.errors import AppError
from desktop_app.exporting.files import read_json, unwritable, write_text
from desktop_app.exporting.formats import Layout, find_format
from desktop_app.exporting.item import ExportItem, ExportJob, ExportReport, Split
from desktop_app.exporting.labelled import Box, Labelled, boxes_of, class_of, distinct_names
from desktop_app.exporting.names import Names, safe_folder, safe_stem, stem_of
from desktop_app.exporting.pictures import Pictures
from desktop_app.exporting.split import Splitter
from desktop_app.exporting.target import MANIFEST, RESULTS, is_free, scratch_prefix, what_lies_there
from desktop_app.i18n import tr

_KEPT = ("format", "model", "task", "val_share", "seed")


class DataSet:
    """`add` items, then `finish`, or `discard`. Nothing of a new one is seen under its name before `finish`."""

    def __init__(self, job: ExportJob) -> None:
        """Raises `AppError` where the target holds something else, or cannot be written."""
        self.job = job
        layout = find_format(job.format).layout
        assert layout is not None, "a table is no data set"
        self._layout: Layout = layout
        self._target = Path(job.target)
        self._new: list[Labelled] = []
        self._lines: list[str] = []
        self._known: set[tuple[str, int | None]] = set()
        self._stems = Names()
        self._counts: dict[str, int] = {}
        self._splitters: dict[str, Splitter] = {}
        self._folders: dict[str, str] = {}
        self._pictures = Pictures(job.pictures)
        self.report = ExportReport(job.target)
        self._adds = job.add and not is_free(self._target)
        self._root = self._begin_old() if self._adds else self._begin_new()

    # --- beginning --------------------------------------------------------------------------------------------------

    def _begin_new(self) -> Path:
        if not is_free(self._target):
            raise AppError(
                tr("{folder} holds something already.", folder=self._target), tr("Choose another folder, or a new one.")
            )
        self._names = distinct_names(self.job.names, len(self.job.names))
        try:
            self._target.parent.mkdir(parents=True, exist_ok=True)
            made = tempfile.mkdtemp(".part", scratch_prefix(self._target, os.getpid()), self._target.parent)
        except OSError as error:
            raise unwritable(self._target, error) from error
        return Path(made)

    def _begin_old(self) -> Path:
        held = what_lies_there(self._target)
        if held is None:
            raise AppError(
                tr("{folder} holds no data set of Regard.", folder=self._target),
                tr("Choose another folder, or a new one."),
            )
        if held["format"] != self.job.format:
            raise AppError(
                tr("{folder} is a data set in another format: {format}.", folder=self._target, format=held["format"]),
                tr("Choose another folder, or a new one."),
            )
        self._names = tuple(held.get("classes", ()))
        wanted = distinct_names(self.job.names, len(self.job.names))
        shared = min(len(wanted), len(self._names))
        if wanted[:shared] != self._names[:shared] or held.get("task") != self.job.task:
            raise AppError(
                tr("{folder} has other classes than {model}.", folder=self._target, model=self.job.model),
                tr("Choose another folder, or a new one."),
            )
        self._names = max(wanted, self._names, key=len)
        self.job = replace(self.job, val_share=held.get("val_share", 0.0), seed=held.get("seed", 0))
        self._read_results()
        return self._target

    def _read_results(self) -> None:
        path = self._target / RESULTS
        if not path.exists():
            return
        with path.open(encoding="utf-8") as file:
            for line in file:
                try:
                    row = json.loads(line)
                    stem = stem_of(row["file"])
                except (ValueError, KeyError, TypeError):
                    continue  # cut short by a full disk
                self._stems.taken(stem)
                class_name = row.get("class", "")
                self._counts[class_name] = self._counts.get(class_name, 0) + 1
                self.report.all_pictures += 1
                if "path" in row:
                    self._known.add((row["path"], row.get("of_video")))

    # --- adding -----------------------------------------------------------------------------------------------------

    def add(self, item: ExportItem) -> bool:
        """Whether the picture is in the data set now. A picture that cannot be read is noted in the report.

        Raises `AppError` where the disk is full or the folder is gone.
        """
        record = next((each for each in item.records if each["model"] == self.job.model), None)
        if record is None:
            return False
        key = _key(item)
        if key is not None and key in self._known:
            self.report.known += 1
            return False
        boxes = boxes_of(record, self.job.least)
        class_id, probability = class_of(record, self.job.least)
        if self._leaves_out(record, bool(boxes), class_id):
            self.report.empty += 1
            return False
        highest = max([class_id if class_id is not None else -1, *(box.class_id for box in boxes)])
        if highest >= len(self._names):  # a network with more outputs than its description has names
            self._names = distinct_names(self._names, highest + 1)
        whole = Labelled("", "train", record["width"], record["height"], boxes, class_id, probability)
        cuts: list[Box | None] = [*boxes] if self._layout.cuts and boxes else [None]
        try:
            for cut in cuts:
                self._add_picture(item, record, whole, cut)
        except AppError as error:
            self.report.failed.append((_shown(item), str(error)))
            return False
        except OSError as error:
            raise unwritable(self._target, error) from error
        if key is not None:
            self._known.add(key)
        return True

    def _add_picture(self, item: ExportItem, record: dict[str, Any], whole: Labelled, cut: Box | None) -> None:
        """All of it, or the box `cut`."""
        if cut is not None:
            whole = replace(whole, boxes=(), class_id=cut.class_id, probability=cut.confidence)
        class_name = "" if whole.class_id is None else self._names[whole.class_id]
        picture = replace(whole, split=item.split or self._split(class_name))
        self._note(item, record, self._put(item, picture, class_name, cut), class_name, cut)

    def _leaves_out(self, record: dict[str, Any], found: bool, class_id: int | None) -> bool:
        if record["task"] == "classify":
            return class_id is None
        return not found and (self._layout.cuts or not self.job.empty)

    def _split(self, class_name: str) -> Split:
        """Where pictures have a class each class is shared out by itself, or a rare one might be in one part only."""
        if not self.job.val_share or not self._layout.splits:
            return "train"
        if class_name not in self._splitters:
            begun = self._counts.get(class_name, 0)
            total = 0 if class_name else self.job.total
            self._splitters[class_name] = Splitter(self.job.val_share, self.job.seed, total, begun)
        return self._splitters[class_name].next()

    def _put(self, item: ExportItem, picture: Labelled, class_name: str, cut: Box | None) -> Labelled:
        pattern = self._layout.folder if self.job.val_share else self._layout.whole
        place = self._root / pattern.format(split=picture.split, name=self._class_folder(class_name))
        place.mkdir(parents=True, exist_ok=True)
        stem = safe_stem(stem_of(item.path) + ("" if item.frame is None else f"-{item.frame:06d}"))
        name = self._stems.free(stem)
        while self._adds and any(place.glob(f"{name}.*")):  # of the user, or left by a crash
            name = self._stems.free(stem)
        written = self._pictures.put(item, (picture.width, picture.height), place / name, cut)
        placed = replace(picture, file=written.relative_to(self._root).as_posix())
        if self._layout.label is not None:
            self._layout.label(self._root, placed, self._names)
        return placed

    def _class_folder(self, class_name: str) -> str:
        if class_name not in self._folders:
            # Of all names, so that a class has the same folder whatever comes first.
            taken = Names()
            self._folders = {"": "", **{name: taken.free(safe_folder(name)) for name in self._names}}
        return self._folders[class_name]

    def _note(
        self, item: ExportItem, record: dict[str, Any], picture: Labelled, class_name: str, cut: Box | None
    ) -> None:
        row = {**record, "file": picture.file, "split": picture.split}
        if class_name:
            row["class"] = class_name
        if cut is not None:
            row["cut"] = [round(value, 2) for value in (cut.x1, cut.y1, cut.x2, cut.y2)]
        key = _key(item)
        if key is not None:
            row["path"], row["of_video"] = key
        self._new.append(picture)
        self._lines.append(json_line(row) + "\n")
        self.report.pictures += 1
        self.report.all_pictures += 1
        self.report.labels += len(picture.boxes) or int(picture.class_id is not None)

    # --- ending -----------------------------------------------------------------------------------------------------

    def finish(self) -> ExportReport:
        """Makes it whole. Raises `AppError` where that fails; of a new one nothing stays then."""
        self._pictures.close()
        self.report.copied = self._pictures.copied_instead
        try:
            if self._layout.index is not None:
                self._layout.index(self._root, self._new, self._names)
            self._write_results()
            self._write_manifest()
            if not self._adds:
                self._appear()
        except OSError as error:
            self.discard()
            raise unwritable(self._target, error) from error
        return self.report

    def discard(self) -> None:
        """A new one leaves nothing behind. Of one that was added to nothing is taken away: `finish` it."""
        self._pictures.close()
        if not self._adds:
            shutil.rmtree(self._root, ignore_errors=True)

    def _write_results(self) -> None:
        path = self._root / RESULTS
        torn = path.exists() and path.stat().st_size > 0 and not _ends_a_line(path)
        with path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(("\n" if torn else "") + "".join(self._lines))
            file.flush()
            os.fsync(file.fileno())

    def _write_manifest(self) -> None:
        path = self._root / MANIFEST
        held = read_json(path) if path.exists() else {}
        wanted = {key: getattr(self.job, key) for key in _KEPT}
        data = {**wanted, **held, "classes": list(self._names), "regard": __version__}
        if data != held:
            write_text(path, json.dumps(data, ensure_ascii=False, indent=1) + "\n")

    def _appear(self) -> None:
        if self._target.is_dir():
            self._target.rmdir()  # empty: see `is_free`
        umask = os.umask(0)
        os.umask(umask)
        self._root.chmod(0o777 & ~umask)  # mkdtemp makes it for its owner alone
        self._root.replace(self._target)
        self._root = self._target


def _key(item: ExportItem) -> tuple[str, int | None] | None:
    """By which a picture is known again; pixels of a live source never are."""
    if not item.path or (item.bgr is not None and item.frame is None):
        return None
    path = item.path if "://" in item.path else os.path.abspath(item.path)  # noqa: PTH100 - links stay links
    return path, item.frame


def _shown(item: ExportItem) -> str:
    from desktop_app.sources.sniff import shown_name

    return shown_name(item.path)


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
