"""When the window looks for what has arrived, and when it says what follows the hand."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from desktop_app.recogniser import messages as m

IDLE_MS = 100
"""So often the window looks by itself whether the recogniser lives."""
NEXT_PICTURE = 0.014
"""Seconds after a picture in which no other is shown: a little less than a frame at 60 frames a second."""
SOON_MS = 16


class Clock(QObject):
    """Calls `tick` when something has arrived, at once unless a picture was shown just before."""

    arrival = Signal()
    """Emitted by the threads that read what the recogniser says."""

    def __init__(self, tick: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._tick = tick
        self._next_picture_at = 0.0
        self._idle = QTimer(self, interval=IDLE_MS)
        self._idle.timeout.connect(tick)
        self._next_picture = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._next_picture.timeout.connect(tick)
        self.arrival.connect(self._arrived, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        self._idle.start()

    def stop(self) -> None:
        self._idle.stop()
        self._next_picture.stop()

    def picture_shown(self) -> None:
        self._next_picture_at = time.perf_counter() + NEXT_PICTURE

    def _arrived(self) -> None:
        wait = self._next_picture_at - time.perf_counter()
        if wait <= 0:
            self._tick()
        elif not self._next_picture.isActive():
            self._next_picture.start(math.ceil(1e3 * wait))


class SendSoon(QObject):
    """For what follows the hand: of each kind of command only the last one is sent, at most every 16 ms."""

    def __init__(self, send: Callable[[m.Command], None], parent: QObject) -> None:
        super().__init__(parent)
        self._send = send
        self._waiting: dict[type[m.Command], m.Command] = {}
        self._timer = QTimer(self, singleShot=True, interval=SOON_MS)
        self._timer.timeout.connect(self.flush)

    def __call__(self, command: m.Command) -> None:
        self._waiting[type(command)] = command
        if not self._timer.isActive():
            self._timer.start()

    def flush(self) -> None:
        for command in self._waiting.values():
            self._send(command)
        self._waiting.clear()

    def stop(self) -> None:
        self._timer.stop()
