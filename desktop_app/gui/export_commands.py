"""Export and “add this frame”, as the actions ask for them. Imported when the first of them is used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_app.exporting.item import ExportItem, ExportJob, ExportReport
from desktop_app.gui.batch_export import batch_offer
from desktop_app.gui.export_dialog import ExportDialog
from desktop_app.gui.export_offer import Offer, frame_offer
from desktop_app.gui.export_place import look_at
from desktop_app.gui.export_state import ExportState
from desktop_app.gui.export_video import video_offer
from desktop_app.gui.session import Session
from desktop_app.gui.take_frame import TakeFrame
from desktop_app.i18n import tr
from desktop_app.recogniser.export_client import ExportProcess

if TYPE_CHECKING:
    from desktop_app.gui.main_window import MainWindow

PROVIDERS: tuple[Callable[[MainWindow], Offer | None], ...] = (batch_offer, video_offer)
"""Asked in turn; where none offers anything, it is the picture on the screen."""


class ExportCommands:
    def __init__(self, window: MainWindow, session: Session) -> None:
        self._window, self._session = window, session
        self.state = ExportState(session.notifier, ExportProcess, window)
        self.state.done.connect(self._remember)

    def export(self) -> None:
        """Opens the dialog on what there is: a batch, the frames of a video, or the picture on the screen."""
        offer = next((found for provider in PROVIDERS if (found := provider(self._window)) is not None), None)
        if offer is not None:
            self._open(offer)
        else:
            TakeFrame(self._session.controller, self._open_frame)

    def add_frame(self) -> None:
        """To the data set of the last time; the first time it is asked which."""
        TakeFrame(self._session.controller, self._add)

    def _open_frame(self, item: ExportItem | None) -> None:
        if item is not None:
            self._open(frame_offer(self._window, item))
        else:
            self._nothing()

    def _nothing(self) -> None:
        self._session.notifier.tell(
            "info", tr("Nothing to export yet"), tr("First let a model recognise something."), key="export"
        )

    def _add(self, item: ExportItem | None) -> None:
        if item is None:
            self._nothing()
            return
        offer = frame_offer(self._window, item)
        job = self._same_again(offer)
        if job is None:
            self._open(offer)
        else:
            self.state.start(job, lambda: (item,))

    def _same_again(self, offer: Offer) -> ExportJob | None:
        """The job that adds the frame to the data set of the last time; `None` where it does not fit there any more."""
        values = self._session.preferences.values
        if not values.data_set:
            return None
        held = look_at(Path(values.data_set), None)
        for model in offer.models:
            if held.kind != "add":
                break
            job = ExportJob(values.data_set, held.format, model.key, model.task, model.names, total=1, add=True)
            if look_at(Path(values.data_set), job).kind == "add":
                return job
        return None

    def _open(self, offer: Offer) -> None:
        if not offer.models:
            self._nothing()
            return
        session = self._session
        dialog = ExportDialog(
            offer, session.preferences, session.controller.thresholds.confidence, self._window, self._last_for(offer)
        )
        dialog.accepted.connect(lambda: self.state.start(dialog.job, dialog.items))
        dialog.open()

    def _last_for(self, offer: Offer) -> str:
        """Where a single frame most likely goes."""
        alone = [choice.key for choice in offer.choices] == ["frame"]
        return self._session.preferences.values.data_set if alone and self._same_again(offer) is not None else ""

    def _remember(self, job: ExportJob, _report: ExportReport) -> None:
        """Of single frames: more of them go to the same place."""
        if job.total == 1 and look_at(Path(job.target), None).kind == "add":
            self._session.preferences.change(data_set=job.target)
