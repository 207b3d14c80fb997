"""What is known of the video at hand from its analyses: which there are, the one at work, and what a search finds."""

from __future__ import annotations

import bisect
import logging
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.core.analysis import Analysis, AnalysisTask, Interval, Way, analysis_path
from desktop_app.core.media import file_of
from desktop_app.core.progress import Progress
from desktop_app.gui.pipeline_controller import PipelineController
from desktop_app.gui.playback_state import PlaybackState
from desktop_app.recogniser import analysis_wire as wire
from desktop_app.recogniser.analysis_client import AnalysisClient, AnalysisProcess

log = logging.getLogger(__name__)
_LOOK_MS = 150
_REFRESH = 1.0
"""Seconds between two looks at what the analysis has written."""


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a class that was searched for is to be seen."""

    class_id: int
    label: str
    where: Interval


@dataclass(frozen=True, slots=True)
class _Found:
    """What a thread has read from the disk for the state `turn`."""

    turn: int
    paths: dict[str, Path]
    analyses: dict[str, Analysis]


class AnalysisState(QObject):
    """`analyses`: by model, of those that run. `work`: how far the one at work is, `None` without one."""

    changed = Signal()
    """Other analyses, more frames, another state of the work."""
    hits_changed = Signal()
    progressed = Signal()
    finished = Signal(object)
    """`wire.Done` or `wire.Failed`."""
    _read = Signal(object)

    def __init__(self, controller: PipelineController, client: AnalysisClient | None = None) -> None:
        super().__init__(controller)
        self._controller = controller
        self.client: AnalysisClient = client or AnalysisProcess()
        self.analyses: dict[str, Analysis] = {}
        self.work: Progress | None = None
        self.work_spec = ""
        self.query: tuple[str, ...] = ()
        self.confidence, self.top = 0.25, 5
        self.hits: tuple[Hit, ...] = ()
        self._paths: dict[str, Path] = {}
        self._state: object = None
        self._turn = 0
        self._reader: threading.Thread | None = None
        self._refreshed = 0.0
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self.tick)
        self._read.connect(self._take)
        controller.source_changed.connect(self.follow)
        controller.models_changed.connect(self.follow)
        self.follow()

    @property
    def playback(self) -> PlaybackState:
        return self._controller.playback

    @property
    def possible(self) -> bool:
        """There is a video in a file whose frames are known, and a model."""
        info = self._controller.info
        return self._controller.is_file and info is not None and info.seekable and bool(self._controller.running)

    # --- which analyses there are -----------------------------------------------------------------------------------

    def follow(self) -> None:
        """Reads what there is of this video and these models, where either is another than before."""
        info, ways = self._controller.info, self._ways()
        state = (info.spec, ways) if self.possible and info is not None else None
        if state == self._state:
            return
        self._state = state
        self._turn += 1
        self.analyses, self._paths = {}, {}
        self._search()
        self.changed.emit()
        if state is not None and info is not None:
            self._reader = threading.Thread(
                target=self._load, args=(self._turn, file_of(info.spec), ways), name="analyses", daemon=True
            )
            self._reader.start()

    def _ways(self) -> tuple[Way, ...]:
        controller = self._controller
        infos = [controller.model_info(key) for key in controller.running]
        return tuple(
            Way.of(
                info, controller.placement.precision, controller.thresholds.iou, controller.rotation, controller.mirror
            )
            for info in infos
            if info is not None
        )

    def _load(self, turn: int, video: str, ways: tuple[Way, ...]) -> None:
        """In a thread: the video may lie on a share that is slow."""
        paths: dict[str, Path] = {}
        analyses: dict[str, Analysis] = {}
        for way in ways:
            try:
                paths[way.model] = analysis_path(video, way)
                analyses[way.model] = Analysis(paths[way.model])
            except (OSError, ValueError) as error:
                log.debug("no analysis: %s", error)
        self._read.emit(_Found(turn, paths, analyses))

    def _take(self, found: _Found) -> None:
        if found.turn == self._turn:
            self._paths, self.analyses = found.paths, found.analyses
            self._search()
            self.changed.emit()

    def refresh(self) -> None:
        """Takes in what was written since."""
        new = False
        for key, path in self._paths.items():
            if key in self.analyses:
                new |= self.analyses[key].refresh()
            elif path.exists():
                try:
                    self.analyses[key] = Analysis(path)
                    new = True
                except (OSError, ValueError):
                    continue
        if new:
            self._search()
            self.changed.emit()

    # --- how much was analysed --------------------------------------------------------------------------------------

    def range(self) -> tuple[int, int]:
        """First and last frame of what is to be analysed: the range that was chosen, else all."""
        info = self._controller.info
        end = (info.frame_count or 1) - 1 if info is not None else 0
        first = self.playback.first or 0
        return min(first, end), end if self.playback.last is None else min(self.playback.last, end)

    def missing(self) -> list[tuple[int, int]]:
        """The stretches of the range that one of the models has not seen."""
        first, last = self.range()
        stretches: list[tuple[int, int]] = []
        for key in self._controller.running:
            analysis = self.analyses.get(key)
            stretches += [(first, last)] if analysis is None else analysis.missing(first, last)
        return stretches

    def analysed(self, last: int) -> list[tuple[int, int]]:
        """The stretches from the first frame to `last` that all of the models have seen."""
        lacking: list[tuple[int, int]] = []
        for key in self._controller.running:
            analysis = self.analyses.get(key)
            lacking += [(0, last)] if analysis is None else analysis.missing(0, last)
        found, at = [], 0
        for first, end in [*sorted(lacking), (last + 1, last + 1)]:
            if first > at:
                found.append((at, first - 1))
            at = max(at, end + 1)
        return found

    @property
    def share(self) -> float:
        """Of the range: how much was analysed, by the model that is least far."""
        first, last = self.range()
        lacking = [
            sum(b - a + 1 for a, b in analysis.missing(first, last)) if analysis is not None else last - first + 1
            for analysis in (self.analyses.get(key) for key in self._controller.running)
        ]
        return 1.0 - max(lacking, default=last - first + 1) / max(1, last - first + 1)

    # --- the work ---------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Analyses what is missing of the range, beside whatever is played."""
        info = self._controller.info
        if not self.possible or info is None or self.work is not None:
            return
        controller, (first, last) = self._controller, self.range()
        task = AnalysisTask(info.spec, first, last, controller.thresholds.iou, controller.rotation, controller.mirror)
        self.work, self.work_spec = Progress("analysis", "load"), info.spec
        self.client.start(wire.Job(task, tuple(controller.running), controller.placement))
        self._refreshed = time.monotonic()
        self._timer.start()
        self.changed.emit()

    def cancel(self) -> None:
        """What was done is kept."""
        if self.work is not None:
            self.client.cancel()

    def tick(self) -> None:
        for event in self.client.poll():
            if isinstance(event, wire.Working):
                self.work = event.progress
                self.progressed.emit()
            elif isinstance(event, wire.Done | wire.Failed):
                self._end(event)
                return
        if time.monotonic() - self._refreshed > _REFRESH:
            self._refreshed = time.monotonic()
            self.refresh()

    def _end(self, event: wire.Done | wire.Failed) -> None:
        self._timer.stop()
        self.client.stop()
        self.work = None
        self.refresh()
        self.changed.emit()
        self.finished.emit(event)

    def stop(self) -> None:
        """The window closes; what was found is on the disk."""
        self._timer.stop()
        if self.work is not None:
            self.client.stop()
            self.work = None
        if self._reader is not None:
            self._reader.join(1.0)

    # --- searching --------------------------------------------------------------------------------------------------

    def search(self, labels: tuple[str, ...], confidence: float, top: int) -> None:
        """`labels`: class names in English, of any of the models."""
        wanted = (labels, confidence, top)
        if wanted != (self.query, self.confidence, self.top):
            self.query, self.confidence, self.top = wanted
            self._search()

    def _search(self) -> None:
        hits: list[Hit] = []
        for analysis in self.analyses.values():
            names = analysis.head.names
            for label in self.query:
                ids = [class_id for class_id, name in enumerate(names) if name == label]
                found = analysis.find(ids, self.confidence, self.top) if ids else []
                hits += [Hit(ids[0], label, where) for where in found]
        hits.sort(key=lambda hit: (hit.where.first, hit.where.last))
        if tuple(hits) != self.hits:
            self.hits = tuple(hits)
            self.hits_changed.emit()

    def labels(self) -> list[tuple[str, int]]:
        """The classes that were seen, with the number of their frames, most frequent first."""
        counts: dict[str, int] = {}
        for analysis in self.analyses.values():
            for class_id, frames in analysis.classes(self.confidence, self.top):
                label = analysis.head.names[class_id]
                counts[label] = max(frames, counts.get(label, 0))
        return sorted(counts.items(), key=lambda pair: -pair[1])

    def next_hit(self, direction: int) -> Hit | None:
        """The next one from the frame on the screen, or the one before it; round the ends."""
        if not self.hits:
            return None
        frame = self._controller.frame
        here = frame.index if frame is not None else -1
        firsts = [hit.where.first for hit in self.hits]
        if direction > 0:
            return self.hits[bisect.bisect_right(firsts, here) % len(self.hits)]
        return self.hits[(bisect.bisect_left(firsts, here) - 1) % len(self.hits)]

    def go(self, hit: Hit) -> None:
        self._controller.seek(hit.where.first)
