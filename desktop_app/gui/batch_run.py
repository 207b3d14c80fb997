"""The batch that runs, as the window knows it: opened, stopped, gone on with, done anew with another model."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.core.results import Timings
from desktop_app.core.source import SourceInfo
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.answers import Answer, floor_of
from desktop_app.recogniser.client import Client

if TYPE_CHECKING:
    from desktop_app.gui.pipeline_controller import PipelineController

AT_A_TIME = 0.012
"""Seconds for which the window takes in what is known of a batch before it looks at keys and pointer again."""
_RATE_OVER = 10.0


class BatchRun(QObject):
    """`specs` and `title`: what was opened last, also when something else is shown now."""

    begun = Signal(bool)
    """Opened; whether these are the pictures of before."""
    listed = Signal(object)
    """`BatchListed`"""
    recognised = Signal(object)
    """`BatchRows`"""
    changed = Signal()
    thumbnails = Signal(object)
    """`Thumbnails`"""

    def __init__(self, client: Client, controller: PipelineController) -> None:
        super().__init__(controller)
        self._send, self._controller = client.send, controller
        self.specs: tuple[str, ...] = ()
        self.title = ""
        self.running = False
        """Pictures are found or recognised, or held."""
        self.picture_sinks: list[Callable[[m.PictureOfFile], None]] = []
        self.precisions: dict[str, str] = {}
        self._left_open = False
        """The batch was neither at its end nor stopped when another input took its place."""
        self._request = 0
        self._opened: SourceInfo | None = None
        self._decides: tuple[object, ...] | None = None
        self._waiting: deque[m.BatchListed | m.BatchRows] = deque()
        self._counts: deque[tuple[float, int]] = deque()
        self._take_soon = QTimer(self, singleShot=True, interval=0)
        self._take_soon.timeout.connect(self._take)
        # What decides the answers is sent a moment after it is chosen, and has to be there first.
        self._look_soon = QTimer(self, singleShot=True, interval=60)
        self._look_soon.timeout.connect(self._look)
        controller.source_changed.connect(self._source_changed)
        controller.models_changed.connect(self._look_soon.start)
        controller.wishes_changed.connect(self._look_soon.start)

    # --- what the user asks for -------------------------------------------------------------------------------------

    @property
    def paused(self) -> bool:
        return self.shown and self._controller.phase == "paused"

    @property
    def shown(self) -> bool:
        """The batch is the input, and not something else that was opened since."""
        return self._controller.is_batch

    def go_on(self) -> None:
        """What is not recognised yet; new files too."""
        if self.specs:
            self._controller.open(self.specs)

    def come_back(self) -> None:
        """Goes on with what was interrupted by another input."""
        if self._left_open and not self.shown:
            self.go_on()

    def stop(self) -> None:
        """What is recognised stays, here and on the disk."""
        self._controller.close()
        self._left_open = False

    def anew(self) -> None:
        """Recognises all, known or not."""
        self._send(m.ForgetBatch(self._request))
        self.go_on()

    def ask_thumbnails(self, paths: tuple[str, ...]) -> None:
        self._send(m.GetThumbnails(paths))

    def ask_picture(self, path: str, width: int, height: int) -> None:
        self._send(m.GetPicture(path, width, height))

    # --- what the recogniser says -----------------------------------------------------------------------------------

    def on_event(self, event: m.BatchListed | m.BatchRows) -> None:
        """Files are found before the batch counts as opened."""
        if event.request >= self._request:
            self._waiting.append(event)
            if not self._take_soon.isActive():
                self._take_soon.start()

    def on_picture(self, event: m.PictureOfFile) -> None:
        for sink in self.picture_sinks:
            sink(event)

    def measure(self, answers: Sequence[Answer]) -> None:
        """How long the models take, for the table of where the time goes."""
        for answer in answers[-5:]:
            self._controller.measured.add_times(answer.model, Timings(*answer.ms))

    def ran(self, answers: Sequence[Answer]) -> None:
        """In which precision the models gave these answers: pictures are looked at more exactly than what moves."""
        self.precisions.update({answer.model: answer.precision for answer in answers[-5:]})

    def _take(self) -> None:
        until = time.perf_counter() + AT_A_TIME
        while self._ready and time.perf_counter() < until:
            event = self._waiting.popleft()
            if isinstance(event, m.BatchListed):
                self.listed.emit(event)
            else:
                if not event.known:
                    self._counts.append((time.perf_counter(), len(event.rows)))
                self.recognised.emit(event)
        if self._ready:
            self._take_soon.start()

    @property
    def _ready(self) -> bool:
        return bool(self._waiting) and self._waiting[0].request == self._request

    @property
    def rate(self) -> float:
        """Pictures a second that were recognised, over the last while; what was known does not count."""
        now = time.perf_counter()
        while self._counts and now - self._counts[0][0] > _RATE_OVER:
            self._counts.popleft()
        if len(self._counts) < 2:
            return 0.0
        seconds = self._counts[-1][0] - self._counts[0][0]
        return sum(count for _, count in list(self._counts)[1:]) / seconds if seconds > 0 else 0.0

    def _source_changed(self) -> None:
        controller = self._controller
        info = controller.info
        if info is not None and info.kind == "images" and info is not self._opened:
            self._begin(info)
        if self.shown:
            self._left_open = controller.phase != "ended"
        running = self.shown and controller.phase not in ("ended", "closed", "failed")
        if not running:
            self._opened = info if self.shown else None
        if running != self.running:
            self._counts.clear()
        self.running = running
        self.changed.emit()

    def _begin(self, info: SourceInfo) -> None:
        controller = self._controller
        again = controller.shown_request == self._request
        self._opened = info
        if again:  # the recogniser was started again: what it told before still holds
            return
        same = controller.specs == self.specs
        self._request, self.specs, self.title = controller.shown_request, controller.specs, info.title
        self._waiting = deque(event for event in self._waiting if event.request == self._request)
        self._counts.clear()
        self._decides = self._now()
        self.begun.emit(same)
        self._take_soon.start()

    def _now(self) -> tuple[object, ...] | None:
        """What decides the answers; `None` while models load: they are waited for."""
        controller = self._controller
        asked = tuple(controller.asked)
        if not asked or any(key not in controller.running for key in asked):
            return None
        wanted, placement = controller.thresholds, controller.placement
        return asked, placement, wanted.iou, floor_of(wanted.confidence), controller.mirror, controller.rotation

    def _look(self) -> None:
        """Opens the batch again where what decides its answers is another: what is known then is there at once."""
        now = self._now()
        if now is None or not self.shown:
            return
        if self._decides is None:
            self._decides = now
        elif now != self._decides:
            self._decides = now
            self.go_on()
