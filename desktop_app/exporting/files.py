"""Writing files so that a reader finds the old or the new one, never half of it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from desktop_app.errors import AppError
from desktop_app.i18n import tr


def write_text(path: Path, text: str) -> None:
    """Raises `OSError`; the file that was there stays then."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.part")
    try:
        with scratch.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)
    except OSError:
        scratch.unlink(missing_ok=True)
        raise


def write_new(path: Path, text: str) -> None:
    """A file that nobody reads yet; written in one step all the same, but not forced to the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def read_json(path: Path) -> Any:
    """Raises `AppError` where the file is missing or is not JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise AppError(
            tr("{path} cannot be read as a part of the data set.", path=path), tr("Choose another folder.")
        ) from error


def unwritable(path: Path, error: OSError) -> AppError:
    return AppError(
        tr("{path} could not be written: {reason}.", path=path, reason=error.strerror or error),
        tr("Free some space, or choose another folder."),
    )
