"""Analyses a video: every frame that was not yet, through the same pipeline as everything else, results to the disk.

Used by the process that the window starts (`analysis_job`) and by `regard analyse`.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from desktop_app.core.analysis import LEAST_CONFIDENCE, Analysis, AnalysisTask, AnalysisWriter, Head, Way, analysis_path
from desktop_app.core.capture import Orientation, Phase
from desktop_app.core.frame import Frame
from desktop_app.core.gearbox import Shift
from desktop_app.core.lane import LoadModel
from desktop_app.core.media import time_of
from desktop_app.core.meter import RateMeter
from desktop_app.core.model import Model, ModelInfo, Thresholds
from desktop_app.core.pipeline import Pipeline
from desktop_app.core.progress import Progress
from desktop_app.core.results import Result
from desktop_app.core.source import Notify, SeekableSource, Source, SourceInfo, SourceNotice
from desktop_app.errors import AppError, ModelError, SourceUnreadable
from desktop_app.i18n import tr

FLUSH_EVERY = 1.0
"""Seconds after which what was found is on the disk, and can be searched."""
_ENDS = ("ended", "failed", "closed")
Stretches = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Analysing:
    """One model of an analysis: its line of the catalogue, how it is loaded, and the way that its results lie under."""

    info: ModelInfo
    way: Way
    load: LoadModel


class _Stretches:
    """A source of which only some stretches of frames count, which are asked for when it is open."""

    def __init__(self, source: Source, stretches: Callable[[SourceInfo], Stretches]) -> None:
        self._source, self._stretches = source, stretches

    @property
    def info(self) -> SourceInfo:
        return self._source.info

    def __enter__(self) -> _Stretches:
        self._source.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        self._source.__exit__(*exc)

    def __iter__(self) -> Iterator[Frame]:
        source = self._source
        stretches = self._stretches(source.info)
        for first, last in stretches:
            if isinstance(source, SeekableSource) and source.info.seekable:
                source.seek(first)
            for frame in source:
                if frame.index > last:
                    break
                if frame.index >= first:
                    yield frame


class _Events:
    """Implements `PipelineEvents`: what was found goes to the writers."""

    def __init__(self, task: AnalysisTask, models: Sequence[Analysing], report: Callable[[Progress], None]) -> None:
        self._task = task
        self._ways = {model.info.key: model.way for model in models}
        self._report = report
        self._loaded: dict[str, Model] = {}
        self._writers: dict[str, AnalysisWriter] = {}
        self._had: dict[str, set[int]] = {}
        self._info: SourceInfo | None = None
        self._rate = RateMeter()
        self._told = self._flushed = time.monotonic()
        self.stretches: Stretches = []
        self.done_frames = self.total = 0
        self.reached = -1
        self.error: AppError | None = None
        self.broken: BaseException | None = None
        self.ended = threading.Event()
        self.loading = threading.Semaphore(0)

    # --- what is to be done ---------------------------------------------------------------------------------------

    def plan(self, info: SourceInfo) -> Stretches:
        """In the capture thread, before the first frame: the stretches that one of the models lacks."""
        last = (info.frame_count or 1 << 30) - 1
        first, last = self._task.first or 0, min(last, last if self._task.last is None else self._task.last)
        lacking: list[tuple[int, int]] = []
        for key, way in self._ways.items():
            analysis = _read(analysis_path(_path_of(self._task.spec), way))
            self._had[key] = set(analysis.done.tolist()) if analysis is not None else set()
            lacking += [(first, last)] if analysis is None else analysis.missing(first, last)
        self.stretches = _merged(lacking)
        self.total = sum(b - a + 1 for a, b in self.stretches) if info.frame_count else 0
        self._info = info
        self._tell()
        return self.stretches

    # --- PipelineEvents -------------------------------------------------------------------------------------------

    def source_opened(self, request: int, info: SourceInfo) -> None:
        if info.kind != "video":
            self.error = SourceUnreadable(
                tr("{name} is not a video.", name=info.title), tr("Only videos in files can be analysed.")
            )
            self.ended.set()

    def source_phase(self, request: int, phase: Phase, error: AppError | None, retry_in: float | None) -> None:
        if phase == "failed":
            self.error = error
        if phase in _ENDS:
            self.ended.set()

    def source_notice(self, request: int, notice: SourceNotice) -> None:
        """Damage was told when the video was opened to be seen."""

    def newest(self, request: int, frame: Frame) -> None:
        """Not used: every frame waits for its own results."""

    def recognised(self, request: int, result: Result) -> None:
        """Not used: every frame waits for its own results."""

    def done(self, request: int, frame: Frame, results: Sequence[Result]) -> None:
        if self.broken is not None or self._info is None:
            return
        try:
            found = {result.model_key: result for result in results}
            for key in self._ways:
                self._put(key, frame, found.get(key))
            now = time.monotonic()
            if now - self._flushed > FLUSH_EVERY:
                self._flushed = now
                self.flush()
        except Exception as error:
            self.broken = error
            self.ended.set()
            return
        self.done_frames += 1
        self.reached = frame.index
        self._rate.tick()
        if now - self._told > 0.2:
            self._tell()

    def _put(self, key: str, frame: Frame, result: Result | None) -> None:
        if frame.index in self._had[key]:
            return
        writer = self._writers.get(key)
        if writer is None:
            writer = self._writers[key] = AnalysisWriter(
                analysis_path(_path_of(self._task.spec), self._ways[key]), self._head(key, frame, result)
            )
        writer.add(frame.index, frame.media_time or 0.0, result)

    def _head(self, key: str, frame: Frame, result: Result | None) -> Head:
        model, info = self._loaded[key], self._info
        assert info is not None
        return Head(
            info.title,
            key,
            model.info.task,
            tuple(model.names),
            frame.width,
            frame.height,
            info.fps,
            info.frame_count,
            model.engine,
            model.device,
            model.precision,
            result.input_size if result is not None else (0, 0),
        )

    def _tell(self) -> None:
        self._told = time.monotonic()
        self._report(Progress("analysis", "ready", self.done_frames, self.total, self._rate.rate()))

    def flush(self) -> None:
        for writer in self._writers.values():
            writer.flush()

    def finish(self, whole: bool) -> None:
        """Closes the files. `whole`: every stretch was read, so what did not come cannot be decoded."""
        try:
            self.flush()
            if whole and self._info is not None:
                for key, writer in self._writers.items():
                    self._mark_unread(key, writer)
        finally:
            for writer in self._writers.values():
                writer.close()
        self._tell()

    def _mark_unread(self, key: str, writer: AnalysisWriter) -> None:
        assert self._info is not None
        analysis = _read(analysis_path(_path_of(self._task.spec), self._ways[key]))
        for first, last in self.stretches:
            for a, b in analysis.missing(first, min(last, self._last())) if analysis is not None else ():
                for number in range(a, b + 1):
                    writer.add(number, time_of(self._info, number), None)

    def _last(self) -> int:
        assert self._info is not None
        return (self._info.frame_count or self.reached + 1) - 1

    def model_ready(self, key: str, model: Model) -> None:
        self._loaded[key] = model
        self.loading.release()

    def shifted(self, key: str, shift: Shift) -> None:
        """No rate is held here."""

    def model_failed(self, key: str, error: AppError) -> None:
        self.error = error if isinstance(error, ModelError) else ModelError(error.message, error.hint)
        self.loading.release()

    def trouble(self, error: AppError) -> None:
        self.error = error
        self.ended.set()

    def crashed(self, error: Exception) -> None:
        self.broken = error
        self.ended.set()


def analyse(
    task: AnalysisTask, models: Sequence[Analysing], report: Callable[[Progress], None], stop: threading.Event
) -> int:
    """Analyses what is missing and returns the number of frames that were; ends early when `stop` is set, with all that
    was found on the disk. Raises `AppError`, and `OSError` where it cannot be written."""
    _check(task)
    models = [model for model in models if _lacks(task, model.way)]
    if not models:
        return 0
    events = _Events(task, models, report)
    pipeline = Pipeline(events, paced=False)
    pipeline.set_synced_live(True)
    pipeline.set_thresholds(Thresholds(LEAST_CONFIDENCE, task.iou))
    pipeline.set_orientation(_orientation(task))
    whole = False
    try:
        pipeline.set_models([((m.info.key,), m.info.key, m.load) for m in models])
        for _ in models:
            while not events.loading.acquire(timeout=0.1):
                if stop.is_set():
                    return 0
        if events.error is None:
            pipeline.open(1, lambda notify, ending: _Stretches(_open(task.spec, notify, ending), events.plan))
            while not events.ended.wait(0.1) and not stop.is_set():
                pass
            whole = not stop.is_set() and events.error is None and events.broken is None
    finally:
        pipeline.stop(2.0)
        events.finish(whole)
    if events.broken is not None:
        raise events.broken
    if events.error is not None:
        raise events.error
    return events.done_frames


def _check(task: AnalysisTask) -> None:
    """Raises `SourceUnreadable` where there is no such file, or it may not be read."""
    from desktop_app.sources.sniff import open_regular

    os.close(open_regular(_path_of(task.spec)))


def _lacks(task: AnalysisTask, way: Way) -> bool:
    """Whether there is something to do; False without opening video or model."""
    analysis = _read(analysis_path(_path_of(task.spec), way))
    if analysis is None or analysis.head.frame_count is None:
        return True
    last = analysis.head.frame_count - 1
    return bool(analysis.missing(task.first or 0, last if task.last is None else min(task.last, last)))


def _orientation(task: AnalysisTask) -> Orientation:
    from desktop_app.sources.orientation import OpenCvOrientation

    return OpenCvOrientation(task.mirror, task.rotation)


def _open(spec: str, notify: Notify, stop: threading.Event) -> Source:
    """Which frames there are must be known to the last one here, however long that takes."""
    from desktop_app.sources import describe, open_source
    from desktop_app.sources.sniff import file_kind
    from desktop_app.sources.video_file import VideoFile

    path = _path_of(spec)
    if file_kind(path) == "video":
        return VideoFile(path, describe(spec), notify, stop, index_seconds=None)
    return open_source([spec], notify, stop)


def _path_of(spec: str) -> str:
    from desktop_app.sources.local import local_path

    return local_path(spec)


def _read(path: Path) -> Analysis | None:
    try:
        return Analysis(path)
    except (OSError, ValueError):
        return None


def _merged(stretches: Stretches) -> Stretches:
    """As few stretches as hold all of these, in order."""
    merged: Stretches = []
    for first, last in sorted(stretches):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged
