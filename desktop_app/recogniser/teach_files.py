"""Pictures that are dropped on what is taught: which files, and which class each folder is."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path

from desktop_app.sources.sniff import file_kind
from desktop_app.sources.walk import walk

MOST = 500
"""Pictures that are taken at once: more teach hardly better, and each takes its time."""


def pictures_of(paths: Sequence[str]) -> list[str]:
    """The pictures that the paths name, those in folders and their subfolders too."""
    found: list[str] = []
    for folder, names in walk(paths, threading.Event(), lambda *_: None):
        files = (os.path.join(folder, name) for name in names)  # noqa: PTH118
        found += [file for file in files if file_kind(file) != "video"]
        if len(found) >= MOST:
            break
    return found[:MOST]


def classes_of(paths: Sequence[str]) -> list[tuple[str, list[str]]]:
    """(name, paths): a folder is a class; one that holds nothing but folders is as many; loose files are one."""
    found: list[tuple[str, list[str]]] = []
    loose: list[str] = []
    for text in paths:
        path = Path(text)
        if not path.is_dir():
            loose.append(text)
            continue
        inside = sorted(entry for entry in path.iterdir() if not entry.name.startswith("."))
        if inside and all(entry.is_dir() for entry in inside):
            found += [(entry.name, [str(entry)]) for entry in inside]
        else:
            found.append((path.name, [text]))
    if loose:
        found.append(("", loose))
    return found
