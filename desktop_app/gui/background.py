"""A call in a thread whose answer comes back to the window: for what may wait long, like a keyring that is locked."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal


class _Answer(QObject):
    came = Signal(object)

    def __init__(self, then: Callable[[Any], None], owner: QObject) -> None:
        super().__init__(owner)
        self._then = then
        self.came.connect(self._take, Qt.ConnectionType.QueuedConnection)

    def _take(self, result: Any) -> None:
        self.deleteLater()
        self._then(result)


def in_background(work: Callable[[], Any], then: Callable[[Any], None], owner: QObject) -> None:
    """`then` is called in the window's thread with what `work` gave, unless `owner` is gone by then."""
    answer = _Answer(then, owner)

    def run() -> None:
        result = work()
        try:
            answer.came.emit(result)
        except RuntimeError:  # the window was closed meanwhile
            return

    threading.Thread(target=run, name="background", daemon=True).start()
