"""What an export finds where it is to be written, in words for the dialog."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from desktop_app.errors import AppError
from desktop_app.exporting.formats import find_format
from desktop_app.exporting.item import ExportJob
from desktop_app.exporting.labelled import distinct_names
from desktop_app.exporting.target import is_free, what_lies_there
from desktop_app.i18n import tr


@dataclass(frozen=True, slots=True)
class Place:
    """`kind`: "new", "add" to a data set, "replace" a file, or "no". `format`: of the data set there."""

    kind: Literal["new", "add", "replace", "no"]
    words: str = ""
    format: str = ""


def look_at(target: Path | None, job: ExportJob | None) -> Place:
    """`job`: what is to be written; `None` only asks what is there."""
    if target is None:
        return Place("no", tr("Say where to write."))
    if not target.is_absolute():
        return Place("no", tr("Give the whole path, from the root or the drive on."))
    if job is not None and find_format(job.format).suffix:
        if target.is_dir():
            return Place("no", tr("This is a folder: give the name of a file."))
        return Place("replace", tr("This file exists.")) if os.path.lexists(target) else Place("new")
    if is_free(target):
        return Place("new", tr("A new folder."))
    if not target.is_dir():
        return Place("no", tr("This is a file: give the name of a folder."))
    held = what_lies_there(target)
    if held is None:
        return Place("no", tr("This folder holds something else: choose another, or a new name."))
    try:
        title = find_format(held["format"]).title()
    except AppError:
        return Place("no", tr("This folder holds something else: choose another, or a new name."))
    if job is not None and held["format"] != job.format:
        return Place("no", tr("This folder is a data set in another format: {format}.", format=title), held["format"])
    if job is not None and not _fits(held.get("classes", ()), job, held.get("task")):
        return Place("no", tr("This data set has other classes."), held["format"])
    return Place("add", tr("Adds to this data set; what is there already is left out."), held["format"])


def _fits(classes: list[str], job: ExportJob, task: object) -> bool:
    wanted = distinct_names(job.names, len(job.names))
    shared = min(len(wanted), len(classes))
    return task == job.task and tuple(classes[:shared]) == wanted[:shared]
