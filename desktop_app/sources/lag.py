"""How far a stream lies behind its camera, and which packets to leave out until it has caught up."""

from __future__ import annotations

BEHIND = 0.7
"""Seconds behind at which packets are left out, up to the next key frame."""
_LEAP = 5.0
_GAIN = 0.2
_DRIFT = 2e-4
"""Clocks of cameras are up to so far off: what grows no faster is no backlog."""


class LagWatch:
    """Compares when packets come with when they say that they were made. The quickest one so far tells the difference
    of the two clocks."""

    def __init__(self) -> None:
        self._least: float | None = None
        self._last = 0.0
        self._at = 0.0
        self._waiting = False
        self._late: float | None = None

    def lag(self, made: float, now: float) -> float:
        """Seconds that this packet is later than the quickest one; both times in seconds, of clocks of their own."""
        offset = now - made
        if self._least is None or abs(offset - self._last) > _LEAP:
            self._least = offset  # the first one, or the camera set its clock
        else:
            self._least = min(self._least + _DRIFT * (now - self._at), offset)
        self._last, self._at = offset, now
        return offset - self._least

    def leave_out(self, made: float, now: float, *, is_key: bool) -> bool:
        """Whether this packet is one of a backlog that is not worth decoding. Key frames always are."""
        lag = self.lag(made, now)
        if is_key:
            if self._waiting and self._late is not None and lag > self._late - _GAIN:
                # Leaving out did not help: it is the way to the camera that got longer.
                self._least = self._last
            self._waiting, self._late = False, lag if lag > BEHIND else None
        elif lag > BEHIND:
            self._waiting = True
        return self._waiting
