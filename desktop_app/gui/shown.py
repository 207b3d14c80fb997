"""Which frame is on the screen, and with which results."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Collection

from desktop_app.core.meter import Percentiles
from desktop_app.core.picture import Picture
from desktop_app.core.results import Result
from desktop_app.core.smoothing import Smoother
from desktop_app.core.source import SourceInfo

# A synced frame whose results do not come is shown without them after so long (a model is loading, say).
PATIENCE = 0.3
# Results of so many frames wait for theirs: the results of a fast file run ahead of its pictures.
_AHEAD = 8


class Shown:
    """Frames and results are put in as they come; `choose` decides what is seen from then on."""

    def __init__(self) -> None:
        self.frame: Picture | None = None
        self.results: dict[str, Result] = {}
        self.latency = Percentiles(120)
        """Milliseconds from the grab to the screen, of live sources."""
        self.smoother = Smoother()
        self._pending: Picture | None = None
        self._pending_since = 0.0
        self._recent: dict[str, deque[Result]] = {}

    def offer(self, frame: Picture) -> None:
        if self._pending is None:
            self._pending_since = time.perf_counter()
        self._pending = frame

    def add(self, result: Result) -> None:
        recent = self._recent.setdefault(result.model_key, deque(maxlen=_AHEAD))
        recent.append(self.smoother.add(result))

    def keep(self, keys: Collection[str]) -> None:
        """Results of other models are forgotten."""
        self._recent = {key: recent for key, recent in self._recent.items() if key in keys}

    def forget_results(self) -> None:
        """Of before a signal was lost: they say nothing of the pictures after."""
        self._recent.clear()
        self.smoother.clear()

    def clear(self) -> None:
        self._pending = None
        self._recent.clear()
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
        found = ((key, self._result(key, frame.index if own and frame is not None else None)) for key in running)
        results = {key: result for key, result in found if result is not None}
        if frame is self.frame and results == self.results:
            return False
        if frame is not None and info is not None and info.live and not self._seen_before(frame):
            grabbed = min((r.captured_at for r in results.values()), default=frame.captured_at)
            self.latency.add((time.perf_counter() - grabbed) * 1e3)
        self.frame, self.results = frame, results
        return True

    def _seen_before(self, frame: Picture) -> bool:
        """The same frame comes again when its size on the screen has changed."""
        return self.frame is not None and self.frame.captured_at == frame.captured_at

    def _result(self, key: str, frame_index: int | None) -> Result | None:
        """The newest of a model, or the newest for this frame."""
        recent = self._recent.get(key, ())
        return next((r for r in reversed(recent) if frame_index is None or r.frame_index == frame_index), None)

    def _may_show(self, frame: Picture, info: SourceInfo | None, own: bool, running: Collection[str]) -> bool:
        if not own or info is None or info.kind == "image" or not running:
            return True
        if time.perf_counter() - self._pending_since > PATIENCE:
            return True
        return all(self._result(key, frame.index) is not None for key in running)
