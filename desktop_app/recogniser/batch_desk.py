"""What the session knows of batches: the one that runs, what decides its answers, where they are kept."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from desktop_app.core.capture import Orientation
from desktop_app.core.frame import Frame
from desktop_app.core.model import Placement, Thresholds
from desktop_app.core.results import Result
from desktop_app.core.source import Notify, Source, SourceInfo
from desktop_app.i18n import tr
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.answers import floor_of, widened
from desktop_app.recogniser.batch_job import BatchJob, Setups
from desktop_app.recogniser.batch_store import BatchStore
from desktop_app.recogniser.picture_desk import PictureDesk

if TYPE_CHECKING:
    from desktop_app.core.pipeline import Pipeline
    from desktop_app.recogniser.librarian import Librarian

EDITION = 1
"""Raised when the same network on the same picture says something else than before."""


class BatchDesk:
    def __init__(self, send: Callable[[m.Event], None], librarian: Librarian, pipeline: Pipeline) -> None:
        self._send, self._librarian, self._pipeline = send, librarian, pipeline
        self._orientation = Orientation()
        self._job: BatchJob | None = None
        self._is_batch = False
        self._opened = False
        self._lock = threading.Lock()
        self.wanted = Thresholds()
        self.placement = Placement()
        self.pictures = PictureDesk(send)

    @cached_property
    def _store(self) -> BatchStore:
        """Opened with the first batch: most people never have one."""
        self._opened = True
        store = BatchStore(self._unkept)
        store.tidy()
        return store

    def _unkept(self, reason: str) -> None:
        self._send(
            m.Notice(
                tr("The results of this batch cannot be kept on the disk: {reason}.", reason=reason.rstrip(".")),
                tr("They can be exported. Free some space, or make the folder writable, to be able to go on later."),
            )
        )

    # --- the source -------------------------------------------------------------------------------------------------

    def job_of(self, command: m.OpenSource, source: Source, notify: Notify, stop: threading.Event) -> Source:
        """Instead of a source of many pictures, one that knows which were recognised before."""
        from desktop_app.sources.image_file import ImageFiles

        if not isinstance(source, ImageFiles):
            return source
        with self._lock:
            store = self._store
            self._job = BatchJob(
                command.request, command.specs, source.title, notify, stop, self._setups, store, self._send
            )
            return self._job

    def opened(self, request: int, info: SourceInfo) -> None:
        self._is_batch = info.kind == "images"
        self.apply_thresholds()

    def apply_thresholds(self) -> None:
        self._pipeline.set_thresholds(widened(self.wanted) if self._is_batch else self.wanted)

    def set_orientation(self, orientation: Orientation) -> None:
        self._orientation = orientation
        self.pictures.orientation = orientation

    def done(self, request: int, frame: Frame, results: Sequence[Result]) -> None:
        job = self._job
        if job is not None and job.request == request:
            job.done(frame, results)

    def forget(self, command: m.ForgetBatch) -> None:
        job = self._job
        if job is not None and job.request == command.request:
            job.forget()

    def stop(self) -> None:
        self.pictures.stop()
        if self._opened:
            self._store.close()

    # --- what decides the answers -----------------------------------------------------------------------------------

    def _setups(self) -> Setups | None:
        models = self._pipeline.models()
        if not models or self._pipeline.loading():
            return None
        return Setups({key: self._setup(key) for key, _ in models})

    def _setup(self, key: str) -> str:
        placement, wanted, turned = self.placement, self.wanted, self._orientation
        decides = {
            "model": key,
            "weights": self._librarian.weights(key, placement),
            "engine": placement.engine,
            "device": placement.device,
            "precision": placement.precision,
            "iou": wanted.iou,
            "from": floor_of(wanted.confidence),
            "turned": [turned.mirror, turned.rotation],
            "edition": EDITION,
        }
        return json.dumps(decides, sort_keys=True)
