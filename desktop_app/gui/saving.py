"""Where pictures and recordings go, and how they are called."""

from __future__ import annotations

import re
import time
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from desktop_app.paths import pictures_dir


def folder_of(setting: str) -> Path:
    """The folder that a setting names, or the user's own for pictures."""
    return Path(setting).expanduser() if setting else pictures_dir()


def free_name(folder: Path, title: str, suffix: str) -> Path:
    """A name in `folder` that no file has yet, with the source and the time in it."""
    stem = re.sub(r"[^\w.-]+", "-", Path(title).stem, flags=re.UNICODE).strip("-.")[:60] or "regard"
    stamp = time.strftime("%Y%m%d-%H%M%S")
    names = (f"{stem}-{stamp}{f'-{n}' if n else ''}" for n in range(10_000))
    return next(path for name in names if not (path := folder / f"{name}{suffix}").exists())


def show_folder(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def write_text(path: Path, text: str) -> None:
    """In one step: a full disk leaves what was there. Raises `OSError`."""
    scratch = path.with_name(f"{path.name}.part")
    try:
        scratch.write_text(text, encoding="utf-8", errors="backslashreplace", newline="")
        scratch.replace(path)
    except OSError:
        scratch.unlink(missing_ok=True)
        raise
