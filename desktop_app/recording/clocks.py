"""When a frame is seen in the recording: milliseconds since its beginning."""

from __future__ import annotations

from dataclasses import dataclass

_LEAP = 1.0
"""Seconds. Whoever goes farther on in a file goes to another place."""


@dataclass(slots=True)
class LiveClock:
    """Of a live source: the time of life. `begin`: a time of `time.perf_counter()`."""

    begin: float

    def at(self, moment: float) -> int:
        return max(0, round((moment - self.begin) * 1000))


@dataclass(slots=True)
class FileClock:
    """Of a file: its own time. Where one goes to another place in it, that place follows at once; a pause takes no
    time. Frames that are left out (a fast playback) leave their time; `skips`: however many they are."""

    rate: float | None = None
    skips: bool = False
    _shift: float = 0.0
    _last: tuple[int, float] | None = None
    _gap: float = 0.04

    def place(self, index: int, media_time: float) -> tuple[int, bool]:
        """The time of the frame `index`, and whether a new piece of the file begins with it."""
        new = self._last is None or not self._follows(index, media_time)
        if new:
            after = 0.0 if self._last is None else self._last[1] + self._shift + self._gap
            self._shift = after - media_time
        if self._last is not None and not new:
            self._gap = media_time - self._last[1]
        elif self.rate:
            self._gap = 1 / self.rate
        self._last = index, media_time
        return round((media_time + self._shift) * 1000), new

    @property
    def end(self) -> int:
        """When the last frame has had its time."""
        return 0 if self._last is None else round((self._last[1] + self._shift + self._gap) * 1000)

    def _follows(self, index: int, media_time: float) -> bool:
        assert self._last is not None
        last_index, last_time = self._last
        near = index == last_index + 1 or self.skips or media_time - last_time <= _LEAP
        return index > last_index and near and media_time >= last_time
