"""How far a fetch is, on the terminal."""

from __future__ import annotations

import sys
from typing import Any

from desktop_app.core.progress import Progress


class FetchBar:
    """Progress of a fetch as a bar, on a terminal only."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._task: Any = None

    def __call__(self, progress: Progress) -> None:
        if not sys.stderr.isatty():
            return
        if progress.stage != "fetch":
            self._close()
            return
        if self._bar is None:
            from rich.console import Console
            from rich.progress import DownloadColumn, TimeRemainingColumn, TransferSpeedColumn
            from rich.progress import Progress as Bar

            self._bar = Bar(
                *Bar.get_default_columns()[:2],
                DownloadColumn(),
                TransferSpeedColumn(),
                TimeRemainingColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._task = self._bar.add_task(progress.key, total=progress.total or None)
            self._bar.start()
        self._bar.update(self._task, completed=progress.done, total=progress.total or None)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
