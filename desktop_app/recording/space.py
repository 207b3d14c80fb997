"""How much room a disk has left: a recording that nobody looks after must not fill it."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from desktop_app.errors import AppError
from desktop_app.i18n import tr

LEAST_FREE = 500_000_000
"""Bytes. Below this a recording of a live source is finished, and none begins."""
_EVERY = 1.0


class DiskFull(AppError):
    """There is too little room left to record."""


def free_bytes(folder: Path) -> int | None:
    """`None` where the system does not tell."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def require_space(folder: Path) -> None:
    """Raises `DiskFull` below `LEAST_FREE`."""
    free = free_bytes(folder)
    if free is not None and free < LEAST_FREE:
        raise DiskFull(
            tr(
                "Less than {least} MB are free for {folder}: too little to record.",
                least=LEAST_FREE // 1_000_000,
                folder=folder,
            ),
            tr("Free some space, or choose another folder."),
        )


class Watch:
    """Looks once a second."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._due = 0.0

    def check(self) -> None:
        """Raises `DiskFull`."""
        now = time.monotonic()
        if now >= self._due:
            self._due = now + _EVERY
            require_space(self._folder)
