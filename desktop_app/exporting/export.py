"""Writes items in a format, telling how far it is: the one function that the window's process and the command call."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Protocol

from desktop_app.exporting.data_set import DataSet
from desktop_app.exporting.formats import find_format
from desktop_app.exporting.item import ExportItem, ExportJob, ExportReport
from desktop_app.exporting.table import Table


class Export(Protocol):
    """What takes items one after the other, as they come."""

    report: ExportReport

    def add(self, item: ExportItem) -> bool:
        """Whether it was taken. Raises `AppError` where nothing more can be written."""

    def finish(self) -> ExportReport:
        """Makes whole what was added. Raises `AppError`."""

    def discard(self) -> None:
        """Leaves nothing of it behind."""


def open_export(job: ExportJob) -> Export:
    """Raises `AppError` where the target cannot be had, or would overwrite something."""
    return Table(job) if find_format(job.format).layout is None else DataSet(job)


def export(
    job: ExportJob,
    items: Iterable[ExportItem],
    progress: Callable[[int], None] = lambda _done: None,
    stop: threading.Event | None = None,
) -> ExportReport | None:
    """`progress` hears how many items are done. `None` where `stop` was set: a new data set leaves nothing behind, one
    that was added to has what was done by then. Raises `AppError`; then too nothing half-made stays."""
    made = open_export(job)
    try:
        for done, item in enumerate(items, 1):
            if stop is not None and stop.is_set():
                break
            made.add(item)
            progress(done)
    except BaseException:
        _give_up(made, job)
        raise
    if stop is not None and stop.is_set():
        _give_up(made, job)
        return None
    return made.finish()


def _give_up(made: Export, job: ExportJob) -> None:
    """What a data set had before must go on naming all of its pictures."""
    if job.add and made.report.pictures:
        made.finish()
    else:
        made.discard()
