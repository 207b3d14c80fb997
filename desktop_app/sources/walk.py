"""The pictures of folders, found bit by bit: 100,000 of them, or a slow network, keep nobody waiting."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence

from desktop_app.core.natural_order import natural_key
from desktop_app.errors import AppError, SourceUnreadable
from desktop_app.i18n import tr
from desktop_app.sources.local import is_media, local_path
from desktop_app.sources.sniff import shown_name

Group = tuple[str, list[str]]
"""A folder and names in it."""


def walk(specs: Sequence[str], stop: threading.Event, trouble: Callable[[AppError, str], None]) -> Iterator[Group]:
    """What `specs` name, in their order; a folder gives its pictures and videos, those of its subfolders too, in
    natural order. See `expand`, which gives the same at once.

    `trouble` hears of what cannot be had: the reason and the spec or folder. Ends early when `stop` is set.
    """
    for spec in specs:
        if stop.is_set():
            return
        try:
            path = local_path(spec)
        except SourceUnreadable as error:  # an address among files
            trouble(error, spec)
            continue
        if os.path.isdir(path):  # noqa: PTH112
            yield from _inside(os.path.abspath(path), stop, trouble)  # noqa: PTH100
        else:
            folder, name = os.path.split(os.path.abspath(path))  # noqa: PTH100
            yield folder, [name]


def _inside(folder: str, stop: threading.Event, trouble: Callable[[AppError, str], None]) -> Iterator[Group]:
    try:
        with os.scandir(folder) as found:
            entries = [entry for entry in found if not entry.name.startswith(".")]
    except OSError as error:
        message = tr("{name} cannot be opened: {reason}.", name=shown_name(folder), reason=error.strerror or str(error))
        trouble(SourceUnreadable(message, tr("Check the path.")), folder)
        return
    # A folder stands where its files do in an order of whole paths.
    folders = {entry.name for entry in entries if _is_folder(entry)}
    entries.sort(key=lambda entry: natural_key(f"{entry.name}{os.sep}" if entry.name in folders else entry.name))
    names: list[str] = []
    for entry in entries:
        if stop.is_set():
            return
        if entry.name not in folders:
            if is_media(entry.path):
                names.append(entry.name)
        elif not entry.is_symlink():  # which might lead round in a circle
            if names:
                yield folder, names
                names = []
            yield from _inside(entry.path, stop, trouble)
    if names:
        yield folder, names


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
