"""Places in a video: from a frame to its time and back; and what tells one file from another."""

from __future__ import annotations

import bisect
import hashlib
import os
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes

from desktop_app.core.source import SourceInfo

_SAMPLE = 1 << 20
_USUAL_FPS = 25.0


def time_of(info: SourceInfo, frame_index: int) -> float:
    """Seconds from the first frame to this one; 25 frames a second where nothing is known."""
    if 0 <= frame_index < len(info.times):
        return info.times[frame_index]
    return frame_index / (info.fps or _USUAL_FPS)


def frame_at(info: SourceInfo, seconds: float) -> int:
    """The frame that is on the screen at this time of the video."""
    if info.times:
        found = bisect.bisect_right(info.times, seconds + 1e-6) - 1
    else:
        found = int((seconds + 1e-6) * (info.fps or _USUAL_FPS))
    last = (info.frame_count or found + 1) - 1
    return max(0, min(found, last))


def portable(path: str) -> str:
    """The path as a spec that survives UTF-8: itself, or its `file:` URL where its bytes are not Unicode."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return "file://" + quote(os.fsencode(Path(path).absolute()))
    return path


def file_of(spec: str) -> str:
    """The path of the file that the spec of an open video names."""
    return os.fsdecode(unquote_to_bytes(spec.removeprefix("file://"))) if spec.startswith("file://") else spec


def file_identity(path: str) -> str:
    """Of the content, by its size and three samples: a copy or a file that was moved is the same, a changed one is not.

    Raises `OSError`.
    """
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        digest.update(str(size).encode())
        for place in (0, size // 2, max(0, size - _SAMPLE)):
            file.seek(place)
            digest.update(file.read(_SAMPLE))
    return digest.hexdigest()[:32]
