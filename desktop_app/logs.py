"""The log in the log folder: rotating, at most 10 MB, without the home folder's name and without passwords."""

from __future__ import annotations

import faulthandler
import logging
import re
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO

from desktop_app.paths import log_dir

BYTES, FILES = 2_400_000, 4
_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]+@")
_crash_file: IO[str] | None = None


def scrub(text: str) -> str:
    """`text` without the user's home folder and without the user name and password of addresses."""
    home = str(Path.home())
    return _CREDENTIALS.sub("…@", text.replace(home, "~") if len(home) > 1 else text)


class _Scrubbing(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return scrub(super().format(record))


def log_file() -> Path:
    return log_dir() / "regard.log"


def start_logging() -> logging.Handler:
    """Writes records from INFO up and native crashes; a folder that cannot be written costs the log only."""
    global _crash_file
    try:
        handler: logging.Handler = RotatingFileHandler(
            log_file(), maxBytes=BYTES, backupCount=FILES - 1, encoding="utf-8", delay=True
        )
        if _crash_file is None:
            path = log_dir() / "crash.log"
            _crash_file = path.open("a" if path.exists() and path.stat().st_size < BYTES else "w", encoding="utf-8")
            faulthandler.enable(_crash_file)
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(_Scrubbing("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(min(root.level or logging.INFO, logging.INFO))
    return handler


def stop_logging(handler: logging.Handler) -> None:
    """What the tests do after each program; closes the files."""
    global _crash_file
    logging.getLogger().removeHandler(handler)
    handler.close()
    if _crash_file is not None:
        faulthandler.disable()
        _crash_file.close()
        _crash_file = None
