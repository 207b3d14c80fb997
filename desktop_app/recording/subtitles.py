"""What is seen, as WebVTT subtitles beside a recording: any player shows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

EVERY_MS = 500
"""A line that changes with each frame cannot be read."""
STALE_MS = 2500
_BOXES_MOST = 6


class Subtitles:
    """One line a model; a cue lasts as long as its text stays. Errors are `OSError`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = open(path, "w", encoding="utf-8", buffering=1, newline="\n")  # noqa: SIM115 - closed by `close`
        self._file.write("WEBVTT\n")
        self._lines: dict[str, tuple[int, str]] = {}
        """When each model spoke last, and what it said."""
        self._since = 0
        self._text = ""

    def write(self, rows: Sequence[dict[str, Any]], at: int) -> None:
        """The results of a frame at `at` milliseconds. Of a model that says nothing this time the last line stays for
        a while: it is slower than another one, or it runs no more."""
        at = max(at, self._since)  # a slow model speaks of earlier frames than a quick one
        self._lines.update({row["model"]: (at, _line(row)) for row in rows})
        self._lines = {model: said for model, said in self._lines.items() if at - said[0] <= STALE_MS}
        text = "\n".join(line for _, line in self._lines.values() if line)
        if text == self._text or (self._text and at - self._since < EVERY_MS):
            return
        self._end_cue(at)
        self._text, self._since = text, at

    def forget(self, at: int) -> None:
        """Nothing is recognised from here on (no signal, another model)."""
        self._lines.clear()
        self._end_cue(at)
        self._text, self._since = "", at

    def close(self, at: int) -> None:
        self._end_cue(at)
        self._file.close()

    def _end_cue(self, at: int) -> None:
        if self._text and at > self._since:
            self._file.write(f"\n{_clock(self._since)} --> {_clock(at)}\n{self._text}\n")


def _line(row: dict[str, Any]) -> str:
    """ "2 person, 1 dog", or "tiger cat 39 %"; nothing where nothing is seen."""
    if row["task"] == "classify":
        return ", ".join(f"{_escaped(c['label'])} {c['probability'] * 100:.0f} %" for c in row["classes"][:1])
    counts = Counter(_escaped(d["label"]) for d in row["detections"])
    return ", ".join(f"{count} {label}" for label, count in counts.most_common(_BOXES_MOST))


def _escaped(label: str) -> str:
    return " ".join(label.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _clock(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{rest:03}"
