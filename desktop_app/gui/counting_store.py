"""Where the lines and zones of each source are kept: a JSON file beside the settings.

Read shape by shape: a bad one is left out and never stops anything. Passwords of addresses stay out of it.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from desktop_app.core.camera import CameraInfo
from desktop_app.core.shapes import LEAST_POINTS, MOST_POINTS, Point, Shape
from desktop_app.core.source import SourceInfo
from desktop_app.errors import SettingsError
from desktop_app.i18n import tr
from desktop_app.paths import config_dir

log = logging.getLogger(__name__)
MOST_SOURCES = 200
"""Those used longest ago are forgotten."""
_LONGEST_NAME = 64


def source_key(info: SourceInfo, cameras: Sequence[CameraInfo]) -> str:
    """The same for the same camera whatever its number is, and for the same file."""
    kind, _, which = info.spec.partition(":")
    if kind == "camera":
        listed = (c.stable_id for c in cameras if which in (str(c.index), c.stable_id))
        return f"camera:{info.device_id or next(listed, which)}"
    if "://" in info.spec:
        parts = urlsplit(info.spec)
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, parts.query, ""))
    if kind == "demo":
        return "demo:"
    return str(Path(info.spec).absolute()) if info.kind in ("video", "image") else info.spec


def counting_file() -> Path:
    return config_dir() / "counting.json"


class CountingStore:
    def __init__(self) -> None:
        self._sources: dict[str, Any] = {}
        try:
            stored = json.loads(counting_file().read_text(encoding="utf-8"))
            self._sources = dict(stored["sources"])
        except FileNotFoundError:
            pass
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.info("%s unreadable: %s", counting_file(), error)

    def of(self, key: str) -> tuple[Shape, ...]:
        """Numbered from 1."""
        stored = self._sources.get(key)
        found = [_shape(each) for each in stored] if isinstance(stored, list) else []
        kept = [shape for shape in found if shape is not None]
        return tuple(Shape(number, s.kind, s.name, s.points) for number, s in enumerate(kept, 1))

    def keep(self, key: str, shapes: Sequence[Shape]) -> None:
        """Raises `SettingsError` where the file cannot be written; the old one stays then."""
        self._sources.pop(key, None)
        if shapes:
            self._sources[key] = [
                {"kind": s.kind, "name": s.name, "points": [[round(x, 5), round(y, 5)] for x, y in s.points]}
                for s in shapes
            ]
        while len(self._sources) > MOST_SOURCES:
            self._sources.pop(next(iter(self._sources)))
        path = counting_file()
        scratch = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        try:
            with scratch.open("w", encoding="utf-8", errors="backslashreplace") as file:
                json.dump({"sources": self._sources}, file, indent=1, ensure_ascii=False)
                file.flush()
                os.fsync(file.fileno())
            scratch.replace(path)
        except OSError as error:
            scratch.unlink(missing_ok=True)
            reason = error.strerror or error
            raise SettingsError(
                tr("The lines and zones could not be written to {path}: {reason}.", path=path, reason=reason),
                tr("Free some space, or make the folder writable."),
            ) from error


def _shape(stored: Any) -> Shape | None:
    try:
        kind, name = stored["kind"], str(stored["name"])[:_LONGEST_NAME]
        points: tuple[Point, ...] = tuple((float(x), float(y)) for x, y in stored["points"])
    except (KeyError, TypeError, ValueError):
        return None
    if kind not in LEAST_POINTS or not LEAST_POINTS[kind] <= len(points) <= MOST_POINTS:
        return None
    if not all(0 <= value <= 1 for point in points for value in point):
        return None
    return Shape(0, kind, name, points[:2] if kind == "line" else points)
