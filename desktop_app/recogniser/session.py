"""The pipeline of the recogniser process and its listener: frames to the screen, everything else into events."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable, Sequence

from desktop_app.core.capture import Phase
from desktop_app.core.frame import Frame
from desktop_app.core.gearbox import Shift
from desktop_app.core.lane import LoadModel
from desktop_app.core.model import Model, ModelInfo, Placement, Thresholds, Use
from desktop_app.core.pipeline import Pipeline
from desktop_app.core.results import Result
from desktop_app.core.source import Notify, Source, SourceInfo, SourceNotice
from desktop_app.errors import AppError, CameraUnavailable, Cause, SourceError
from desktop_app.i18n import tr
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.address_trial import asks_of
from desktop_app.recogniser.batch_desk import BatchDesk
from desktop_app.recogniser.camera_keeper import CameraKeeper
from desktop_app.recogniser.comparer import Comparer
from desktop_app.recogniser.explainer import Explainer
from desktop_app.recogniser.librarian import Librarian
from desktop_app.recogniser.pixel_reader import PixelReader
from desktop_app.recogniser.recording_feed import RecordingFeed
from desktop_app.recogniser.screen import Screen
from desktop_app.recogniser.stress_desk import StressDesk
from desktop_app.recogniser.sweeper import Sweeper
from desktop_app.recogniser.teacher import Teacher

_IN_HASTE = 24.0
"""Pictures a second of a file that is played at more than twice its speed."""
KEEPS_UP = 0.92
"""Of all frames: a rate that is measured wavers by some hundredths."""


class Session:
    """Implements `PipelineEvents`. `send_along`: for events that can go with the next one that is sent."""

    def __init__(
        self,
        send: Callable[[m.Event], None],
        librarian: Librarian,
        ring_prefix: str,
        send_along: Callable[[m.Event], None] | None = None,
    ) -> None:
        self._send = send
        self._send_along = send_along or send
        self._done_last: Frame | None = None
        self._librarian = librarian
        self.screen = Screen(send, ring_prefix)
        self.cameras = CameraKeeper(send, self.crashed)
        self._specs: tuple[str, ...] = ()
        self._infos: dict[int, SourceInfo] = {}
        self._asked: m.OpenSource | None = None
        self._shown: m.OpenSource | None = None
        self._shown_released = False
        self.tap: Callable[[Frame], None] = lambda _: None
        """Called with every frame of the source, as it gave it; must not wait."""
        self.explainer = Explainer(send)
        self.teacher = Teacher(send, librarian.tell_states)
        self.pixels = PixelReader(send)
        self._lookers = (self.explainer, self.teacher, self.pixels)
        self.pipeline = Pipeline(self)
        self.comparer = Comparer(
            send, lambda side: self._loader(side.key, side.placement), self._keeps_up, f"{ring_prefix}-compare"
        )
        self.batch = BatchDesk(send, librarian, self.pipeline)
        self.stress = StressDesk(self.pipeline, self.crashed)
        self.sweeper = Sweeper(send, lambda: self.pipeline.unspoiled)
        self.recording = RecordingFeed(send, self.pipeline)
        self.pipeline.before_every = self.recording.wait_for_room

    # --- commands ---------------------------------------------------------------------------------------------------

    def open(self, command: m.OpenSource) -> None:
        self._specs = command.specs
        self._asked = command
        self._begin(command)

    def _begin(self, command: m.OpenSource) -> None:
        from desktop_app.sources import open_source

        def opener(notify: Notify, stop: threading.Event) -> Source:
            self._make_room(command)
            return self.batch.job_of(command, open_source(command.specs, notify, stop), notify, stop)

        self.pipeline.open(
            command.request,
            opener,
            paused=command.paused,
            seek_to=command.seek_to,
            device=is_camera(command),
            orient=self.cameras.orientation,
        )

    def _make_room(self, command: m.OpenSource) -> None:
        """One camera at a time: two of them hardly fit through one USB port. The running one is let go only once it is
        known that nothing keeps the other from opening."""
        if not is_camera(command):
            return
        self.pipeline.wait_for_devices(2.0)
        shown = self._shown
        running = self._infos.get(shown.request) if shown is not None else None
        if running is None or running.kind != "camera":
            return
        self.cameras.check(command.specs[0], ours="" if self._shown_released else running.device_id)
        self._shown_released = True
        self.pipeline.release(command.request)

    def cancel_open(self, request: int) -> None:
        if self.pipeline.cancel(request):
            self._go_back()

    def _go_back(self) -> None:
        """What was shown before goes on; a camera that was let go of is opened again."""
        self._asked = self._shown
        self._specs = self._shown.specs if self._shown is not None else ()
        if self._shown is not None and self._shown_released:
            self._shown_released = False
            self._begin(self._shown)

    def retry_now(self) -> None:
        self.pipeline.retry_now()

    def close(self) -> None:
        self._specs = ()
        self._asked = self._shown = None
        self._shown_released = False
        self.pipeline.close()
        self._done_last = None
        self.screen.forget()
        for looker in self._lookers:
            looker.forget()
        self.comparer.forget()
        self.recording.source_gone()

    def set_models(self, command: m.SetModels) -> None:
        self.batch.placement = command.placement
        self.pipeline.set_models(
            [
                ((key, command.placement, self._librarian.edition(key)), key, self._loader(key, command.placement))
                for key in command.keys
            ]
        )

    def _loader(self, key: str, placement: Placement) -> LoadModel:
        return lambda cancel: self._librarian.load(key, placement, cancel, self._likely_use())

    def _likely_use(self) -> Use:
        from desktop_app.sources import likely_use

        return likely_use(self._specs) if self._specs else "live"

    def _keeps_up(self) -> bool:
        """Whether the models see as many frames as the source gives, or a file as many as it has."""
        stats, info = self.pipeline.stats(), self._infos.get(self._shown.request) if self._shown is not None else None
        wanted = stats.captured_fps if info is None or info.live else info.fps or stats.captured_fps
        return min(stats.recognised_fps.values(), default=wanted) >= KEEPS_UP * wanted

    def set_thresholds(self, thresholds: Thresholds) -> None:
        self.batch.wanted = thresholds
        self.batch.apply_thresholds()
        self.comparer.set_thresholds(thresholds)

    def set_orientation(self, command: m.SetOrientation) -> None:
        from desktop_app.sources.orientation import OpenCvOrientation

        orientation = self.cameras.usual = OpenCvOrientation(command.mirror, command.rotation)
        self.pipeline.set_orientation(orientation)
        self.batch.set_orientation(orientation)

    def set_tracking(self, command: m.SetTracking) -> None:
        from desktop_app.models.trackers import tracker_maker

        self.pipeline.set_tracker(None if command.tracker == "off" else tracker_maker(command.tracker))

    def set_cameras(self, command: m.SetCameras) -> None:
        self.cameras.set_wishes(command.cameras)
        self.pipeline.turn_again()

    def send_frame(self, command: m.GetFrame) -> None:
        """Answers with the whole frame of what is on the screen."""
        frame = self.screen.frame(command.number)
        if frame is None:
            self._send(m.WholeFrame(command.number))
        else:
            self._send(m.WholeFrame(command.number, frame.bgr.tobytes(), (frame.height, frame.width)))

    def stop(self) -> None:
        self.recording.shut_down(0.3)
        self.cameras.stop()
        self.stress.stop()
        self.sweeper.stop()
        self.pipeline.stop(1.0)
        self.batch.stop()
        for looker in self._lookers:
            looker.stop()
        self.comparer.stop()
        self.screen.stop()

    # --- PipelineEvents -----------------------------------------------------------------------------------------------

    def source_opened(self, request: int, info: SourceInfo) -> None:
        self._infos[request] = info
        self.batch.opened(request, info)
        if self._asked is not None and self._asked.request == request:
            self._shown, self._shown_released = self._asked, False
        self._send(m.SourceOpened(request, info))

    def source_phase(self, request: int, phase: Phase, error: AppError | None, retry_in: float | None) -> None:
        retry_at = None if retry_in is None else time.perf_counter() + retry_in
        message, hint = (error.message, error.hint) if error is not None else ("", "")
        cause: Cause = error.cause if isinstance(error, CameraUnavailable) else ""
        self._send(m.SourceState(request, phase, message, hint, retry_at, asks_of(error), cause))
        self.recording.phase(request, phase)
        if phase == "failed" and self._asked is not None and request == self._asked.request:
            if self._shown is self._asked:
                self._shown = None  # it cannot go on, and nothing was before it
            self._go_back()

    def source_notice(self, request: int, notice: SourceNotice) -> None:
        error = notice.error or SourceError(tr("The source has a fault."))
        self._send(m.SourceTrouble(request, error.message, error.hint, notice.path))

    def newest(self, request: int, frame: Frame) -> None:
        self.tap(frame if frame.stress is None else self.pipeline.unspoiled or frame)
        self._let_look(request, frame, "live")
        self.recording.newest(request, frame)
        self.screen.show(frame)

    def _let_look(self, request: int, frame: Frame, use: Use) -> None:
        for looker in self._lookers:
            looker.offer(frame)
        self.comparer.offer(request, frame, use)

    def recognised(self, request: int, result: Result) -> None:
        self._send(m.ResultReady(request, m.PackedResult.of(result)))
        self.recording.recognised(request, result)

    def done(self, request: int, frame: Frame, results: Sequence[Result]) -> None:
        info = self._infos.get(request)
        if info is not None and info.kind == "images":
            self.batch.done(request, frame, results)
            return
        self._let_look(request, frame, "still" if info is not None and info.kind == "image" else "live")
        gap = _least_gap(info, self.pipeline.playback.speed)
        # Of a fast file most frames are not shown: their results go with the next picture, and those of a shown one are
        # there before it. A frame that comes once more brings no picture with it.
        send = self._send_along if gap and frame is not self._done_last else self._send
        self._done_last = frame
        for result in results:
            send(m.ResultReady(request, m.PackedResult.of(result)))
        self.screen.show(frame, gap)
        self.recording.done(request, frame, results, info)

    def model_ready(self, key: str, model: Model) -> None:
        info: ModelInfo = model.info
        self._send(m.ModelLoaded(key, info.task, tuple(model.names), model.engine, model.device, model.precision))
        self._librarian.tell_states()
        self.recording.model_ready(key, tuple(model.names))

    def shifted(self, key: str, shift: Shift) -> None:
        self._send(m.GearChanged(key, shift.gear, shift.gears, shift.input_size, shift.precision, shift.reason))

    def model_failed(self, key: str, error: AppError) -> None:
        self._librarian.tell_failure(key, error)

    def trouble(self, error: AppError) -> None:
        self._send(m.Notice(error.message, error.hint))

    def crashed(self, error: Exception) -> None:
        text = "".join(traceback.format_exception(error))
        self._send(m.Failure(f"{type(error).__name__}: {error}", text))


def is_camera(command: m.OpenSource) -> bool:
    return len(command.specs) == 1 and command.specs[0].startswith("camera:")


def _least_gap(info: SourceInfo | None, speed: float) -> float:
    """Seconds between two pictures of a file: nobody sees more than its own rate, and drawing the others would slow
    down what is waited for. Where it is played in haste each picture leaves out frames anyway, and fewer will do."""
    if info is None or info.live:
        return 0.0
    if speed > 2.0:
        return 1 / _IN_HASTE
    return 0.9 / min(60.0, max(30.0, info.fps or 30.0))
