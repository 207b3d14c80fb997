"""How the video at hand is played: its speed, whether it begins again, and the range that counts."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from desktop_app.recogniser import messages as m


class PlaybackState(QObject):
    """`first`, `last`: the frames between which the video is played and analysed, `None` for its own ends."""

    changed = Signal()

    def __init__(self, send: Callable[[m.Command], None], parent: QObject) -> None:
        super().__init__(parent)
        self._send = send
        self.speed, self.loop = 1.0, True
        self.first: int | None = None
        self.last: int | None = None
        self.every = False
        """Beyond speed 1 too every frame is recognised, however slowly that is."""

    @property
    def has_range(self) -> bool:
        return self.first is not None or self.last is not None

    def set_speed(self, speed: float) -> None:
        self.speed = speed
        self._tell()

    def set_every(self, every: bool) -> None:
        self.every = every
        self._tell()

    def set_loop(self, loop: bool) -> None:
        self.loop = loop
        self._tell()

    def set_first(self, frame_index: int) -> None:
        """The range begins here; an end before it is forgotten."""
        self.first = frame_index
        if self.last is not None and self.last <= frame_index:
            self.last = None
        self._tell()

    def set_last(self, frame_index: int) -> None:
        self.last = frame_index
        if self.first is not None and self.first >= frame_index:
            self.first = None
        self._tell()

    def forget_range(self) -> None:
        if self.has_range:
            self.first = self.last = None
            self._tell()

    def _tell(self) -> None:
        self._send(m.SetPlayback(self.speed, self.loop, self.first, self.last, self.every))
        self.changed.emit()
