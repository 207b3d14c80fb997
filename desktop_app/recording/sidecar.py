"""Every result of a recording as JSON Lines beside it: the records of `regard run`, with the time in the recording."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from desktop_app.core.records import json_line


class Sidecar:
    """One object a line, complete on the disk as soon as it is written. Errors are `OSError`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = open(path, "w", encoding="utf-8", buffering=1, newline="\n")  # noqa: SIM115 - closed by `close`

    def write(self, row: dict[str, Any], at: int | None) -> None:
        """`at`: milliseconds in the recording; `None` where there is none, of a still."""
        place = {} if at is None else {"recording_s": at / 1000}
        self._file.write(json_line({**row, **place}) + "\n")

    def close(self) -> None:
        self._file.close()
