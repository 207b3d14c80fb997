"""The one place where the pipeline meets Qt.

What arrives wakes the window, which pulls: rare events become signals, frames and results are kept and the views that
registered are called. No signal ever carries a frame.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from desktop_app.core.camera import CameraInfo
from desktop_app.core.media import portable
from desktop_app.core.meter import Percentiles
from desktop_app.core.model import ModelInfo, Placement, Thresholds
from desktop_app.core.picture import Picture
from desktop_app.core.progress import Progress
from desktop_app.core.results import Result
from desktop_app.core.smoothing import Smoother
from desktop_app.core.source import SourceInfo
from desktop_app.core.tracking import TrackingName
from desktop_app.errors import CameraUnavailable
from desktop_app.gui.access_state import AccessState
from desktop_app.gui.batch_run import BatchRun
from desktop_app.gui.clock import Clock, SendSoon
from desktop_app.gui.counting_state import CountingState
from desktop_app.gui.explain_state import ExplainState
from desktop_app.gui.gears import Gears
from desktop_app.gui.inspector_state import InspectorState
from desktop_app.gui.measured import Measured
from desktop_app.gui.playback_state import PlaybackState
from desktop_app.gui.recording_state import RecordingState
from desktop_app.gui.shown import Shown
from desktop_app.gui.speed_memory import SpeedMemory
from desktop_app.gui.stress_state import StressState
from desktop_app.gui.teach_state import TeachState
from desktop_app.gui.turbo_state import TurboState
from desktop_app.gui.whole_frames import WholeFrames
from desktop_app.gui.whole_work import WholeWork
from desktop_app.models.catalog import CATALOG
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.client import Client, GaveUp, Restarting

if TYPE_CHECKING:
    from desktop_app.gui.compare_state import CompareState

log = logging.getLogger(__name__)
Door = Callable[[Sequence[str], Callable[[], None], Callable[[CameraUnavailable], None]], None]
"""Asks whether these specs may be opened, of the user say: calls the second argument, or the third with the reason."""
RUNNING = ("live", "playing", "paused", "lost", "ended")


@dataclass(frozen=True, slots=True)
class RunningModel:
    """What really runs, as the recogniser said."""

    key: str
    task: str
    names: tuple[str, ...]
    engine: str
    device: str
    precision: str


class PipelineController(QObject):
    """Keeps the last good state: a source or model that fails leaves the one before in place."""

    source_changed = Signal()
    source_opened = Signal()
    models_changed = Signal()
    wishes_changed = Signal()
    """Other thresholds or another orientation were asked for."""
    catalogue_changed = Signal()
    cameras_changed = Signal()
    camera_said = Signal(object)
    """`CameraReport`."""
    stats_changed = Signal()
    open_failed = Signal(object)
    """`SourceState`: what was asked for last could not be opened; the source before goes on."""
    model_failed = Signal(object)
    progressed = Signal(object)
    model_imported = Signal(object)
    trouble = Signal(object)
    noticed = Signal(object)
    bug = Signal(object)
    address_tried = Signal(object)
    screens_listed = Signal(object)
    restarting = Signal(object)
    gave_up = Signal(object)
    stopping = Signal()
    """The window has closed: whoever has a process of its own ends it."""

    def __init__(self, client: Client, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._client = client
        self.send = client.send
        self.door: Door = _open_door
        self.views: list[Callable[[], None]] = []
        """Called after a tick that brought a new frame or new results."""
        self.info: SourceInfo | None = None
        self.phase: m.SourcePhase = "closed"
        self.state: m.SourceState | None = None
        self.opening: tuple[str, ...] = ()
        self.failed_specs: tuple[str, ...] = ()
        self.specs: tuple[str, ...] = ()
        self.cameras: tuple[CameraInfo, ...] = ()
        self.devices: tuple[tuple[str, str], ...] = ()
        self.ready: frozenset[str] = frozenset()
        self.imported: dict[str, ModelInfo] = {}
        self.progress: dict[str, Progress] = {}
        self.work = WholeWork()
        self.asked: tuple[str, ...] = ()
        self._asked_before: tuple[str, ...] = ()
        self.explain = ExplainState(client, self)
        self.restarting.connect(self.explain.again)
        self.teaching = TeachState(client, self)
        self.restarting.connect(self.teaching.again)
        self.turbo = TurboState(client, self)
        self.restarting.connect(self.turbo.lost)
        self.recording = RecordingState(client, self)
        self.access = AccessState(client, self)
        self.unavailable: dict[str, str] = {}
        """Of models that could not be fetched: what was wrong, by key."""
        self.running: dict[str, RunningModel] = {}
        self.placement = Placement()
        self.thresholds = Thresholds()
        self.mirror, self.rotation, self.synced = False, 0, False
        self.stats: m.Stats | None = None
        self.shown = Shown()
        self.measured = Measured()
        self.speeds = SpeedMemory()
        self.whole_frames = WholeFrames(client.send, self)
        self.gears = Gears()
        self._request = 0
        self._shown_request = 0
        self._cancelled: tuple[str, ...] = ()
        self._models_request = 0
        self._send_soon = SendSoon(client.send, self)
        self.send_soon: Callable[[m.Command], None] = self._send_soon
        self.stress = StressState(client, self._send_soon, self)
        self.restarting.connect(self.stress.lost)
        self.source_opened.connect(self.stress.measure_anew)
        self.playback = PlaybackState(client.send, self)
        self._pause_wanted: bool | None = None
        self.batch = BatchRun(client, self)
        self._clock = Clock(self.tick, self)
        self.counting = CountingState(self)
        self.inspector = InspectorState(self)

    def start(self) -> None:
        self._client.listen(self._clock.arrival.emit)
        self._clock.start()

    def stop(self) -> None:
        """Ends the recogniser; nothing is shown afterwards."""
        self.stopping.emit()
        self.recording.end()
        self._clock.stop()
        self._send_soon.stop()
        self._client.stop()
        self.speeds.save()

    @property
    def client_pid(self) -> int | None:
        return self._client.pid

    # --- what the user asks for ---------------------------------------------------------------------------------

    def open(self, specs: Sequence[str], seek_to: int = 0) -> None:
        self._request += 1
        self.opening = self.access.take([portable(spec) for spec in specs])
        self._pause_wanted = None
        self._cancelled = ()
        self.playback.forget_range()
        request, wanted = self._request, self.opening

        def go_on() -> None:
            if request == self._request and self.opening:
                self._client.send(m.OpenSource(request, wanted, seek_to=seek_to))

        def refuse(error: CameraUnavailable) -> None:
            if request == self._request and self.opening:
                self._on_state(m.SourceState(request, "failed", error.message, error.hint, cause=error.cause))

        self.source_changed.emit()
        self.door(wanted, go_on, refuse)

    def cancel_opening(self, message: str = "", hint: str = "") -> None:
        """What was there before goes on. With a message the opening has failed."""
        if not self.opening:
            return
        self._client.send(m.CancelOpen(self._request))
        if message:
            self._on_state(m.SourceState(self._request, "failed", message, hint, cause="silent"))
            return
        self._cancelled, self.opening = self.opening, ()
        self.source_changed.emit()

    def close(self) -> None:
        self._request += 1
        self.opening = ()
        self._client.send(m.CloseSource(self._request))
        self._forget_source()

    def set_models(self, keys: Sequence[str]) -> None:
        """These models on the same frames. Those that run go on until the new ones are loaded."""
        wanted = tuple(dict.fromkeys(keys))
        if wanted != self.asked:
            self._asked_before, self.asked = self.asked, wanted
        self._send_models()
        self._drop_unwanted_models()

    def set_placement(self, placement: Placement) -> None:
        if placement != self.placement:
            self.placement = placement
            self._send_models()

    def set_thresholds(self, thresholds: Thresholds) -> None:
        """Sent with the next tick, so a slider that moves sends at most one command in 16 ms."""
        if thresholds != self.thresholds:
            self.thresholds = thresholds
            self._send_soon(m.SetThresholds(thresholds))
            self.wishes_changed.emit()

    def set_orientation(self, mirror: bool, rotation: int) -> None:
        if (mirror, rotation) != (self.mirror, self.rotation):
            self.mirror, self.rotation = mirror, rotation
            self._send_soon(m.SetOrientation(mirror, rotation))
            self.counting.set_orientation(mirror, rotation)
            self.wishes_changed.emit()

    def set_synced(self, synced: bool) -> None:
        if synced != self.synced:
            self.synced = synced
            self._send_soon(m.SetSynced(synced))

    def set_target(self, fps: float) -> None:
        """The rate that live recognition is to hold; 0: none."""
        if fps != self.gears.target:
            self.gears.target = fps
            self._send_soon(m.SetTarget(fps))

    def set_tracking(self, tracker: TrackingName) -> None:
        """What follows boxes from frame to frame; its numbers begin anew."""
        self._send_soon(m.SetTracking(tracker))
        self.counting.forget_tracks()

    def set_view(self, width: int, height: int) -> None:
        """The room of the picture in pixels of the screen, 0 × 0 while it is not seen: frames come that small."""
        self._send_soon(m.SetView(width, height))

    def toggle_pause(self) -> None:
        if self.info is None:
            return
        # At the end of a file there is nothing to pause: it starts again.
        paused = self.phase in ("paused", "ended") if self._pause_wanted is None else self._pause_wanted
        self._pause_wanted = not paused
        self._client.send(m.Pause(self._pause_wanted))

    def step(self, frames: int) -> None:
        if self.info is not None:
            self._client.send(m.Step(frames))

    def seek(self, frame_index: int) -> None:
        self._send_soon(m.Seek(frame_index))

    def prepare(self, keys: Sequence[str]) -> None:
        if keys:
            self._client.send(m.Prepare(tuple(keys)))

    def cancel_prepare(self, key: str) -> None:
        """Stops the fetch or conversion; the models that run stay chosen."""
        self._client.send(m.CancelPrepare(key))
        if key in self.asked and key not in self.running:
            self._give_up(key)
        self._end_progress(key)
        self.catalogue_changed.emit()

    def import_model(self, path: str) -> None:
        self._client.send(m.ImportModel(path))

    def remove_model(self, key: str) -> None:
        self._client.send(m.RemoveModel(key))

    def list_screens(self) -> None:
        """`screens_listed` answers."""
        self._client.send(m.ListScreens())

    def try_address(self, number: int, spec: str, *, whole: bool = False) -> None:
        """One picture of it, beside what runs; `address_tried` answers. An empty `spec` ends what goes on."""
        (clean,) = self.access.take((spec,))
        self._client.send(m.TryAddress(number, clean, whole))

    def list_cameras(self) -> None:
        self._client.send(m.ListCameras())

    def set_language(self, language: str) -> None:
        self._client.send(m.SetLanguage(language))

    def set_mirror_address(self, base_url: str) -> None:
        self._client.send(m.SetMirror(base_url))

    def retry_now(self) -> None:
        self._client.send(m.RetryNow())

    # --- what there is ------------------------------------------------------------------------------------------

    @property
    def alive(self) -> bool:
        """There is a source whose frames are on the screen."""
        return self.info is not None and self.phase in RUNNING

    @property
    def shown_request(self) -> int:
        """The number of the `OpenSource` whose source is shown."""
        return self._shown_request

    @property
    def is_batch(self) -> bool:
        return self.info is not None and self.info.kind == "images"

    @property
    def is_file(self) -> bool:
        return self.info is not None and self.info.kind == "video"

    @property
    def names(self) -> dict[str, tuple[str, ...]]:
        return {key: model.names for key, model in self.running.items()}

    def catalogue(self) -> list[ModelInfo]:
        return [*CATALOG, *self.imported.values()]

    def model_info(self, key: str) -> ModelInfo | None:
        return next((info for info in self.catalogue() if info.key == key), None)

    def on_disk(self, key: str) -> bool:
        return key in self.ready or key in self.imported or key in self.running

    @cached_property
    def compare(self) -> CompareState:
        """Made when models are first compared."""
        from desktop_app.gui.compare_state import CompareState

        return CompareState(self)

    def milliseconds(self, key: str) -> float | None:
        """Median time of one recognition on this machine, now or the last time; `None` before the first."""
        here = self.measured.median(key, "total")
        return self.speeds.of(key, self.placement) if here is None else here

    def stage_milliseconds(self, key: str, stage: str) -> float | None:
        """`stage`: one of `measured.STAGES`."""
        return self.measured.median(key, stage)

    @property
    def frame(self) -> Picture | None:
        return self.shown.frame

    @property
    def results(self) -> dict[str, Result]:
        return self.shown.results

    @property
    def smoother(self) -> Smoother:
        return self.shown.smoother

    @property
    def latency(self) -> Percentiles:
        return self.shown.latency

    def result_age(self) -> float | None:
        return self.shown.result_age()

    # --- the clock ----------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Takes what has arrived and shows it."""
        for event in self._client.poll():
            handler = _HANDLERS.get(type(event))
            if handler is not None:
                handler(self, event)
        newest = self._client.newest_frame()
        if newest is not None and self.info is not None and not self.is_batch:
            self.shown.offer(newest)
        if self.shown.choose(self.info, self.synced, self.running):
            self._clock.picture_shown()
            for view in self.views:
                view()
        self._send_soon.flush()

    # --- what the recogniser says -------------------------------------------------------------------------------

    def _on_ready(self, event: m.Ready) -> None:
        self.devices = event.devices
        self.models_changed.emit()

    def _on_opened(self, event: m.SourceOpened) -> None:
        if event.request < self._shown_request or event.request > self._request:
            return
        same = event.request == self._shown_request
        self._shown_request = event.request
        if event.request == self._request:
            # It may have been opened just before it was cancelled.
            self.specs, self.opening = self.opening or self._cancelled or self.specs, ()
        self.info = self.access.named(event.info)
        self.phase = "live" if event.info.live else "playing"
        self.state = None
        # One that is only opened again, because the next could not be, is no news: what was told of that stays.
        if not same:
            self._clear_picture()
            self.source_opened.emit()
        self.source_changed.emit()

    def _on_state(self, event: m.SourceState) -> None:
        if event.phase == "failed" and event.request == self._request and not self._cancelled:
            self.failed_specs, self.opening = self.opening or self.specs, ()
            if self.info is None or event.request == self._shown_request:
                self.phase = "failed"
                self.info = None
            self.open_failed.emit(event)
        elif event.request == self._shown_request and self.info is not None and event.phase != "opening":
            if self.phase == "lost" and event.phase != "lost":
                self.shown.forget_results()
            self.phase, self.state = event.phase, event
            self._pause_wanted = None
            if event.phase == "closed":
                self._forget_source()
                return
        self.source_changed.emit()

    def _on_restarting(self, event: Restarting) -> None:
        self.whole_frames.give_up()
        self.restarting.emit(event)

    def _on_gave_up(self, event: GaveUp) -> None:
        self.whole_frames.give_up()
        self.gave_up.emit(event)

    def _on_result(self, event: m.ResultReady) -> None:
        if event.request != self._shown_request:
            return
        result = event.result.unpack()
        self.measured.add(result)
        if not self.is_file:  # there several are under way at once
            self.speeds.add(result)
        self.shown.add(result)
        self.counting.add(result)
        self.stress.add(result, self.phase in ("live", "playing"))

    def _on_loaded(self, event: m.ModelLoaded) -> None:
        self._end_progress(event.key)
        self.ready |= {event.key}
        model = RunningModel(event.key, event.task, event.names, event.engine, event.device, event.precision)
        if event.key not in self.asked:
            return
        if self.running.get(event.key) != model:
            self.measured.forget(event.key)
        self.gears.forget(event.key)
        self.running[event.key] = model
        self._drop_unwanted_models()

    def _on_model_failed(self, event: m.ModelFailed) -> None:
        self._end_progress(event.key)
        # First told, then forgotten: whoever hears it may want to know what was asked for, to try again.
        self.model_failed.emit(event)
        if event.retry:
            self.unavailable[event.key] = event.message
        if event.key in self.asked and event.key not in self.running:
            self._give_up(event.key)
            self._drop_unwanted_models()

    def _give_up(self, key: str) -> None:
        """The others that were asked for stay; else what runs, or what was still loading when `key` was chosen."""
        asked = tuple(k for k in self.asked if k != key) or tuple(self.running)
        if not asked:
            asked = tuple(k for k in self._asked_before if k != key)
        self.asked, self._asked_before = asked, ()
        self._send_models()

    def _on_progress(self, event: m.ModelProgress) -> None:
        progress = event.progress
        self.work.add(progress)
        if progress.stage != "failed" and (progress.done or progress.stage != "fetch"):
            self.unavailable.pop(progress.key, None)
        if progress.stage in ("ready", "failed"):
            self.progress.pop(progress.key, None)
        else:
            self.progress[progress.key] = progress
        if progress.stage == "ready":
            self.ready |= {progress.key}
        self.progressed.emit(progress)

    def _end_progress(self, key: str) -> None:
        self.progress.pop(key, None)
        self.work.forget(key)

    def _on_model_states(self, event: m.ModelStates) -> None:
        self.ready = frozenset(event.ready)
        self.imported = {info.key: info for info in map(_model_info, event.imported) if info is not None}
        self.turbo.on_states(event.turbo)
        self.catalogue_changed.emit()

    def _on_cameras(self, event: m.CamerasListed) -> None:
        self.cameras = event.cameras
        self.cameras_changed.emit()

    def _on_stats(self, event: m.Stats) -> None:
        self.stats = event
        self.stats_changed.emit()

    def _send_models(self) -> None:
        self._models_request += 1
        self._client.send(m.SetModels(self._models_request, self.asked, self.placement))
        self.models_changed.emit()

    def _drop_unwanted_models(self) -> None:
        """Only once everything asked for runs: until then the old models go on."""
        if all(key in self.running for key in self.asked):
            self.running = {key: self.running[key] for key in self.asked}
            self.shown.keep(self.running)
        self.models_changed.emit()

    def _clear_picture(self) -> None:
        self.shown.clear()
        self.stats = None

    def _forget_source(self) -> None:
        self.info, self.phase, self.state, self.specs = None, "closed", None, ()
        self._clear_picture()
        for view in self.views:
            view()
        self.source_changed.emit()


def _open_door(_: Sequence[str], go_on: Callable[[], None], __: Callable[[CameraUnavailable], None]) -> None:
    go_on()


def _model_info(fields: dict[str, Any]) -> ModelInfo | None:
    known = {field.name for field in dataclasses.fields(ModelInfo)}
    try:
        return ModelInfo(**{name: value for name, value in fields.items() if name in known})
    except TypeError as error:
        log.warning("an imported model has an unusable description: %s", error)
        return None


C = PipelineController
_HANDLERS: dict[type[m.Event], Callable[[PipelineController, Any], None]] = {
    m.Ready: C._on_ready,
    m.SourceOpened: C._on_opened,
    m.SourceState: C._on_state,
    m.SourceTrouble: lambda self, event: self.trouble.emit(event),
    m.ResultReady: C._on_result,
    m.BatchListed: lambda self, event: self.batch.on_event(event),
    m.BatchRows: lambda self, event: self.batch.on_event(event),
    m.Thumbnails: lambda self, event: self.batch.thumbnails.emit(event),
    m.PictureOfFile: lambda self, event: self.batch.on_picture(event),
    m.ModelLoaded: C._on_loaded,
    m.ModelFailed: C._on_model_failed,
    m.ModelProgress: C._on_progress,
    m.ModelStates: C._on_model_states,
    m.ModelImported: lambda self, event: self.model_imported.emit(event),
    m.TurboProgress: lambda self, event: self.turbo.on_progress(event),
    m.TurboDone: lambda self, event: self.turbo.on_done(event),
    m.TurboFailed: lambda self, event: self.turbo.on_failed(event),
    m.FeedReady: lambda self, event: self.recording.on_feed(event),
    m.ScreensListed: lambda self, event: self.screens_listed.emit(event),
    m.AddressTried: lambda self, event: self.address_tried.emit(event),
    m.Explained: lambda self, event: self.explain.on_explained(event),
    m.HeatReady: lambda self, event: self.explain.on_heat(event),
    m.ExplainFailed: lambda self, event: self.explain.on_failed(event),
    m.SideChanged: lambda self, event: self.compare.on_side(event),
    m.Compared: lambda self, event: self.compare.on_compared(event),
    m.Disagreed: lambda self, event: self.compare.on_disagreed(event),
    m.SweepBegun: lambda self, event: self.stress.on_begun(event),
    m.SweepAnswered: lambda self, event: self.stress.on_answered(event),
    m.SweepEnded: lambda self, event: self.stress.on_ended(event),
    m.SpoiledPicture: lambda self, event: self.stress.on_picture(event),
    m.Inspected: lambda self, event: self.inspector.on_inspected(event),
    m.InsideSaved: lambda self, event: self.explain.on_saved(event),
    **dict.fromkeys(m.TAUGHT, lambda self, event: self.teaching.on_event(event)),
    m.GearChanged: lambda self, event: self.gears.shift(event),
    m.CamerasListed: C._on_cameras,
    m.CameraSays: lambda self, event: self.camera_said.emit(event.report),
    m.Stats: C._on_stats,
    m.Notice: lambda self, event: self.noticed.emit(event),
    m.Failure: lambda self, event: self.bug.emit(event),
    m.WholeFrame: lambda self, event: self.whole_frames.answer(event),
    Restarting: C._on_restarting,
    GaveUp: C._on_gave_up,
}
