"""What lies where a data set is to be written. The window looks too, before anything is begun."""

from __future__ import annotations

import glob
import json
import os
import shutil
from pathlib import Path
from typing import Any

MANIFEST, RESULTS = "dataset.regard", "results.jsonl"
"""The first is JSON by another name: readers of labelme take every `.json` for a picture's."""


def what_lies_there(target: Path) -> dict[str, Any] | None:
    """The manifest of the data set in `target`; `None` where there is none."""
    try:
        found = json.loads((target / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("format"), str) else None


def is_free(target: Path) -> bool:
    """Nothing is there, or an empty folder."""
    try:
        return not os.path.lexists(target) or (target.is_dir() and not any(target.iterdir()))
    except OSError:
        return False


def free_target(folder: Path, name: str, suffix: str = "") -> Path:
    """`folder/name`, or `name-2`, `name-3` … where something is there already."""
    target, number = folder / f"{name}{suffix}", 2
    while not is_free(target):
        target, number = folder / f"{name}-{number}{suffix}", number + 1
    return target


def scratch_prefix(target: Path, pid: int) -> str:
    """What the names begin with under which the process writes beside `target`; they end in `.part`."""
    return f".{target.name}.{pid}-"


def sweep(target: Path, pid: int) -> None:
    """Removes what a process that died was writing; never raises."""
    for left in target.parent.glob(f"{glob.escape(scratch_prefix(target, pid))}*.part"):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)
