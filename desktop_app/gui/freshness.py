"""Notices by itself that no picture comes any more: a frozen one must never pass for live.

A source that loses its signal says so, but a driver may hang, and so may the recogniser.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.gui.pipeline_controller import PipelineController

STALE = 1.9
"""Seconds without a frame."""


class Freshness(QObject):
    changed = Signal()

    def __init__(
        self,
        controller: PipelineController,
        parent: QObject | None = None,
        clock: Callable[[], float] = lambda: time.perf_counter(),  # noqa: PLW0108  (looked up anew at each call)
    ) -> None:
        super().__init__(parent)
        self._controller, self._clock = controller, clock
        self._heard_at = clock()
        self._silence = 0.0
        self._was_stale = False
        self._timer = QTimer(self, interval=100)
        self._timer.timeout.connect(self.look)
        controller.stats_changed.connect(self._on_stats)
        controller.source_changed.connect(self._on_source)

    def _on_stats(self) -> None:
        stats = self._controller.stats
        self._heard_at, self._silence = self._clock(), 0.0 if stats is None else stats.silence
        self.look()

    def _on_source(self) -> None:
        """The time before a source was live does not count."""
        if self._controller.phase == "live" and not self._controller.opening:
            if not self._timer.isActive():
                self._heard_at, self._silence = self._clock(), 0.0
                self._timer.start()
        else:
            self._timer.stop()
        self.look()

    @property
    def stale(self) -> bool:
        """Statistics come twice a second and say how long the last frame is ago; where they stay away too, so much the
        worse."""
        silent = self._silence + self._clock() - self._heard_at
        return self._timer.isActive() and self._controller.stats is not None and silent > STALE

    def look(self) -> None:
        stale, before = self.stale, self._was_stale
        self._was_stale = stale
        if stale or before:  # also while it lasts: how long is shown
            self.changed.emit()
