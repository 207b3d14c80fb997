"""What looks at the frame on the screen beside recognition."""

from __future__ import annotations

from abc import abstractmethod

from desktop_app.core.frame import Frame
from desktop_app.recogniser.beside import Beside


class Looker(Beside):
    """`offer` and `forget` never wait. While nobody looks a frame costs one assignment."""

    def __init__(self) -> None:
        super().__init__()
        self._frame: Frame | None = None

    @property
    @abstractmethod
    def _looks(self) -> bool:
        """Whether somebody wants it to look."""

    def offer(self, frame: Frame) -> None:
        """The frame that is on the screen now."""
        if not self._looks:
            self._frame = frame
            return
        with self._changed:
            self._frame = frame
            self._changed.notify_all()

    def forget(self) -> None:
        """The source was closed."""
        with self._changed:
            self._frame = None
