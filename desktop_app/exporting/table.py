"""Results without pictures, as one file: JSON Lines or CSV."""

from __future__ import annotations

import contextlib
import csv
import os
import tempfile
from pathlib import Path
from typing import Any

from desktop_app.core.records import CSV_COLUMNS, csv_rows, json_line
from desktop_app.exporting.files import unwritable
from desktop_app.exporting.item import ExportItem, ExportJob, ExportReport
from desktop_app.exporting.target import scratch_prefix


class Table:
    """`add` items, then `finish`, or `discard`. The file that was there stays until `finish`.

    Whether it may be replaced is asked before: a file dialog does.
    """

    def __init__(self, job: ExportJob) -> None:
        self._job, self._target = job, Path(job.target)
        self.report = ExportReport(job.target)
        try:
            self._target.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(".part", scratch_prefix(self._target, os.getpid()), self._target.parent)
        except OSError as error:
            raise unwritable(self._target, error) from error
        self._scratch = Path(name)
        self._file = os.fdopen(handle, "w", encoding="utf-8", newline="", errors="surrogateescape")
        self._csv = csv.writer(self._file) if job.format == "csv" else None
        if self._csv is not None:
            self._csv.writerow(CSV_COLUMNS)

    def add(self, item: ExportItem) -> bool:
        """All records of the item, whichever the model."""
        rows = [_above(record, self._job.least) for record in item.records]
        labels = sum(len(row.get("detections", row.get("classes", ()))) for row in rows)
        if not labels and not self._job.empty:
            self.report.empty += 1
            return False
        try:
            for row in rows:
                self._write(row)
        except OSError as error:
            raise unwritable(self._target, error) from error
        self.report.pictures += 1
        self.report.all_pictures += 1
        self.report.labels += labels
        return True

    def _write(self, row: dict[str, Any]) -> None:
        if self._csv is None:
            self._file.write(json_line(row) + "\n")
        else:
            self._csv.writerows([_cell(value) for value in line] for line in csv_rows(row))

    def finish(self) -> ExportReport:
        """Raises `AppError` where the disk is full; the file that was there stays then."""
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            umask = os.umask(0)
            os.umask(umask)
            self._scratch.chmod(0o666 & ~umask)  # mkstemp makes it for its owner alone
            self._scratch.replace(self._target)
        except OSError as error:
            self.discard()
            raise unwritable(self._target, error) from error
        return self.report

    def discard(self) -> None:
        with contextlib.suppress(OSError):
            self._file.close()
        self._scratch.unlink(missing_ok=True)


def _above(record: dict[str, Any], least: float) -> dict[str, Any]:
    """Boxes from `least` on. What a classifier says of its classes stays whole: together they make one answer."""
    if "detections" not in record:
        return record
    return {**record, "detections": [each for each in record["detections"] if each["confidence"] >= least]}


def _cell(value: object) -> object:
    """A spreadsheet takes a text that starts so for a formula. Names of files that are not Unicode are escaped."""
    if not isinstance(value, str):
        return value
    value = value.encode("utf-8", "backslashreplace").decode("utf-8")
    return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
