"""Which frame is on the screen, and with which results."""

from __future__ import annotations

import time
from collections.abc import Collection

from desktop_app.core.frame import Frame
from desktop_app.core.meter import Percentiles
from desktop_app.core.results import Result
from desktop_app.core.source import SourceInfo
from desktop_app.gui.smoothing import Smoother

# A synced frame whose results do not come is shown without them after so long (a model is loading, say).
PATIENCE = 0.3


class Shown:
    """Frames and results are put in as they come; `choose` decides what is seen from then on."""

    def __init__(self) -> None:
        self.frame: Frame | None = None
        self.results: dict[str, Result] = {}
        self.latency = Percentiles(120)
        """Milliseconds from the grab to the screen, of live sources."""
        self.smoother = Smoother()
        self._pending: Frame | None = None
        self._pending_since = 0.0
        self._latest: dict[str, Result] = {}

    def offer(self, frame: Frame) -> None:
        self._pending, self._pending_since = frame, time.perf_counter()

    def add(self, result: Result) -> None:
        self._latest[result.model_key] = self.smoother.add(result)

    def keep(self, keys: Collection[str]) -> None:
        """Results of other models are forgotten."""
        self._latest = {key: result for key, result in self._latest.items() if key in keys}

    def clear(self) -> None:
        self._pending = None
        self._latest.clear()
        self.smoother.clear()
        self.latency = Percentiles(120)
        self.frame, self.results = None, {}

    def result_age(self) -> float | None:
        """Seconds since the grab of the frame that the oldest shown result belongs to; `None` without one."""
        if not self.results:
            return None
        return time.perf_counter() - min(result.captured_at for result in self.results.values())

    def choose(self, info: SourceInfo | None, synced: bool, running: Collection[str]) -> bool:
        """What is on the screen from now on, of the source `info` and the models `running`, in their order; False when
        nothing changed. `synced`: each frame of a live source with its own results, as those of a file always are."""
        own = info is not None and (synced or not info.live)
        frame = self.frame
        if self._pending is not None and self._may_show(self._pending, info, own, running):
            frame, self._pending = self._pending, None
        results = {key: self._latest[key] for key in running if key in self._latest}
        if own and frame is not None:
            results = {key: result for key, result in results.items() if result.frame_index == frame.index}
        if frame is self.frame and results == self.results:
            return False
        if frame is not self.frame and frame is not None and info is not None and info.live:
            grabbed = min((r.captured_at for r in results.values()), default=frame.captured_at)
            self.latency.add((time.perf_counter() - grabbed) * 1e3)
        self.frame, self.results = frame, results
        return True

    def _may_show(self, frame: Frame, info: SourceInfo | None, own: bool, running: Collection[str]) -> bool:
        if not own or info is None or info.kind == "image" or not running:
            return True
        if time.perf_counter() - self._pending_since > PATIENCE:
            return True
        return all(key in self._latest and self._latest[key].frame_index == frame.index for key in running)
