"""A call in a thread whose answer comes back to the window: for what may wait long, like a keyring that is locked."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal


class _Relay(QObject):
    """Lives as long as the program: a thread must never speak to an object that the window deletes meanwhile."""

    came = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.came.connect(self._take, Qt.ConnectionType.QueuedConnection)

    def _take(self, answer: tuple[QObject, Callable[[Any], None], Any]) -> None:
        owner, then, result = answer
        if shiboken6.isValid(owner):
            then(result)


_relay: _Relay | None = None


def in_background(work: Callable[[], Any], then: Callable[[Any], None], owner: QObject) -> None:
    """`then` is called in the window's thread with what `work` gave, unless `owner` is gone by then."""
    global _relay
    relay = _relay = _relay or _Relay()
    threading.Thread(target=lambda: relay.came.emit((owner, then, work())), name="background", daemon=True).start()
