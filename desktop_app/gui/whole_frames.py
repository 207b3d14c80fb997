"""The whole frame of a picture that shows fewer pixels: asked of the recogniser, for what is saved."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QObject, QTimer

from desktop_app.core.frame import Bgr
from desktop_app.core.picture import Picture
from desktop_app.recogniser import messages as m

PATIENCE_MS = 3000
"""It takes a few milliseconds; a still of 100 megapixels half a second."""

Then = Callable[[Bgr | None], None]
"""Gets the pixels, or `None` where they could not be had."""


class WholeFrames(QObject):
    def __init__(self, send: Callable[[m.Command], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._send = send
        self._waiting: dict[int, list[Then]] = {}

    def ask(self, picture: Picture, then: Then) -> None:
        """Calls `then` once: at once where the picture is whole, otherwise when the answer is there or overdue."""
        if picture.whole:
            then(np.ascontiguousarray(picture.pixels[:, :, :3]))
            return
        self._waiting.setdefault(picture.number, []).append(then)
        self._send(m.GetFrame(picture.number))
        QTimer.singleShot(PATIENCE_MS, self, lambda: self._tell(picture.number, None))

    def answer(self, event: m.WholeFrame) -> None:
        bgr = None
        if event.bgr is not None:
            bgr = np.frombuffer(event.bgr, np.uint8).reshape(*event.shape, 3)
        self._tell(event.number, bgr)

    def give_up(self) -> None:
        """The recogniser died, and the frames with it."""
        for number in list(self._waiting):
            self._tell(number, None)

    def _tell(self, number: int, bgr: Bgr | None) -> None:
        for then in self._waiting.pop(number, []):
            then(bgr)
