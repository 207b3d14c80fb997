"""Looks at the running program from outside: what is painted, what the recogniser says, how late the event loop is."""

from __future__ import annotations

import time
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QPaintEvent

from desktop_app.core.picture import Picture
from desktop_app.core.results import Result
from desktop_app.gui.video_view import VideoView
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.client import RecogniserClient

HEARTBEAT_MS = 5


class ListeningClient(RecogniserClient):
    """Keeps when results came, and how the source that was opened last is doing."""

    def __init__(self) -> None:
        super().__init__()
        self.request = 0
        self.forget()

    def forget(self) -> None:
        self.stamps: dict[str, list[float]] = {}
        self.forward: dict[str, list[float]] = {}
        self.stats: list[m.Stats] = []
        self.inputs: set[str] = set()
        self.ended = False
        self.failed = ""

    def send(self, command: m.Command) -> None:
        if isinstance(command, m.OpenSource):
            self.request = command.request
        super().send(command)

    def poll(self) -> list[m.Event]:
        events = super().poll()
        now = time.perf_counter()
        for event in events:
            if isinstance(event, m.ResultReady) and event.request == self.request:
                self.stamps.setdefault(event.result.model_key, []).append(now)
                self.forward.setdefault(event.result.model_key, []).append(event.result.timings.forward)
                width, height = event.result.input_size
                self.inputs.add(f"{width}×{height} {event.result.precision}")
            elif isinstance(event, m.Stats):
                self.stats.append(event)
            elif isinstance(event, m.SourceState) and event.request == self.request:
                self.ended = self.ended or event.phase in ("ended", "failed")
                self.failed = event.message if event.phase == "failed" else self.failed
            elif isinstance(event, m.ModelFailed):
                self.failed = event.message
        return events


class Painted:
    """How old pictures and results are when they have been painted (seconds since the grab of their frame).

    `picture` and `result`: when each was on the screen for the first time. `seen`: of the result, at every painting.
    """

    def __init__(self) -> None:
        self.controller: Any = None
        self.forget()
        original = VideoView.paintEvent

        def paint(view: VideoView, event: QPaintEvent) -> None:
            begun = time.perf_counter()
            original(view, event)
            self._note(view.frame, begun)

        VideoView.paintEvent = paint  # type: ignore[assignment, method-assign]

    def forget(self) -> None:
        self.picture: list[float] = []
        self.result: list[float] = []
        self.seen: list[float] = []
        self.milliseconds: list[float] = []
        self.stamps: list[float] = []
        self._shown: tuple[int, float] | None = None
        self._results: dict[str, Result] = {}

    def _note(self, frame: Picture | None, begun: float) -> None:
        now = time.perf_counter()
        self.milliseconds.append((now - begun) * 1e3)
        if frame is None or self.controller is None:
            return
        # Not the picture itself: kept, its buffer could not be used again.
        if (shown := (frame.index, frame.captured_at)) != self._shown:
            self._shown = shown
            self.picture.append(now - frame.captured_at)
            self.stamps.append(now)
        for key, result in self.controller.results.items():
            self.seen.append(now - result.captured_at)
            if self._results.get(key) is not result:
                self._results[key] = result
                self.result.append(now - result.captured_at)


class Heartbeat(QObject):
    """How late (seconds) a timer of 5 ms fires: so long the window did not answer."""

    def __init__(self) -> None:
        super().__init__()
        self.late: list[float] = []
        self._last = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(HEARTBEAT_MS)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        self.late, self._last = [], time.perf_counter()
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _beat(self) -> None:
        now = time.perf_counter()
        self.late.append(max(0.0, now - self._last - HEARTBEAT_MS / 1e3))
        self._last = now
