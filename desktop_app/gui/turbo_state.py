"""What the window knows of int8 networks: those that there are, and the one that is being made."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from desktop_app.core.turbo import TurboReport
from desktop_app.i18n import tr
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.client import Client


class TurboState(QObject):
    """`work`: how far the one job is, `None` where there is none."""

    progressed = Signal()
    done = Signal(object)
    """The `TurboReport`."""
    failed = Signal(object)
    """`TurboFailed`; without a message it was cancelled."""
    changed = Signal()

    def __init__(self, client: Client, parent: QObject) -> None:
        super().__init__(parent)
        self._client = client
        self.reports: dict[str, TurboReport] = {}
        self.work: m.TurboProgress | None = None

    def make(self, key: str, specs: Sequence[str], count: int, confidence: float) -> None:
        """`specs`: none for the running source."""
        self.work = m.TurboProgress(key, "load")
        self._client.send(m.MakeTurbo(key, tuple(specs), count, confidence))
        self.progressed.emit()

    def cancel(self) -> None:
        self._client.send(m.CancelTurbo())

    def remove(self, key: str) -> None:
        self.reports.pop(key, None)
        self._client.send(m.RemoveTurbo(key))
        self.changed.emit()

    def lost(self) -> None:
        """The recogniser died, and the job with it."""
        if self.work is not None:
            self.on_failed(m.TurboFailed(self.work.key, tr("Turbo was interrupted."), tr("Try it again.")))

    # --- what the recogniser says -------------------------------------------------------------------------------

    def on_states(self, reports: Sequence[TurboReport]) -> None:
        self.reports = {report.key: report for report in reports}
        self.changed.emit()

    def on_progress(self, event: m.TurboProgress) -> None:
        if self.work is not None and self.work.key == event.key:
            self.work = event
            self.progressed.emit()

    def on_done(self, event: m.TurboDone) -> None:
        self.work = None
        self.reports[event.key] = event.report
        self.changed.emit()
        self.done.emit(event.report)

    def on_failed(self, event: m.TurboFailed) -> None:
        if self.work is not None and self.work.key == event.key:
            self.work = None
        self.failed.emit(event)
