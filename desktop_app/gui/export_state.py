"""The export that is at work: one at a time, the next ones wait. Fed bit by bit, told of as a toast."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from desktop_app.exporting.formats import find_format
from desktop_app.exporting.item import ExportItem, ExportJob, ExportReport
from desktop_app.gui import texts
from desktop_app.gui.export_offer import pictures
from desktop_app.gui.notifications import Notifier
from desktop_app.gui.toasts import Kind
from desktop_app.i18n import tr
from desktop_app.recogniser import export_wire as wire
from desktop_app.recogniser.export_client import ExportClient
from desktop_app.recogniser.messages import Failure

TICK_MS = 20
CHUNK = 32
AT_A_TIME = 0.008
"""Seconds for which items are made at a time, so that the window never stalls for it."""
_SHOW_AFTER = 0.4
"""Seconds after which an export is worth a bar."""
_KEY = "export"


@dataclass(frozen=True, slots=True)
class _Wanted:
    job: ExportJob
    items: Callable[[], Iterable[ExportItem]]


class ExportState(QObject):
    done = Signal(object, object)
    """`ExportJob` and `ExportReport`"""

    def __init__(self, notifier: Notifier, make_client: Callable[[], ExportClient], window: QWidget) -> None:
        super().__init__(window)
        self._notifier, self._make_client = notifier, make_client
        self._client: ExportClient | None = None
        self._waiting: deque[_Wanted] = deque()
        self._job: ExportJob | None = None
        self._items: Iterator[ExportItem] | None = None
        self._began = 0.0
        self._done = 0
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self.tick)
        window.installEventFilter(self)

    @property
    def running(self) -> ExportJob | None:
        return self._job

    def start(self, job: ExportJob, items: Callable[[], Iterable[ExportItem]]) -> None:
        """`items`: called when its turn has come, and iterated over in the window's thread."""
        self._waiting.append(_Wanted(job, items))
        self._next()

    def cancel(self) -> None:
        """The one at work."""
        if self._client is not None:
            self._items = None
            self._client.cancel()

    def stop(self) -> None:
        """The window closes."""
        self._waiting.clear()
        self._timer.stop()
        if self._client is not None:
            self._client.stop()
            self._client, self._job, self._items = None, None, None

    def _next(self) -> None:
        if self._job is not None or not self._waiting:
            return
        wanted = self._waiting.popleft()
        self._job, self._items = wanted.job, iter(wanted.items())
        self._client = self._make_client()
        self._client.start(wanted.job)
        self._began, self._done = time.monotonic(), 0
        self._timer.start()

    # --- while it runs ----------------------------------------------------------------------------------------------

    def tick(self) -> None:
        if self._client is None:
            return
        self._feed(self._client)
        for event in self._client.poll():
            if isinstance(event, wire.Progress):
                self._done = event.done
                self._show_progress()
            else:
                self._end(event)
                return

    def _feed(self, client: ExportClient) -> None:
        until = time.perf_counter() + AT_A_TIME
        while self._items is not None and client.room and time.perf_counter() < until:
            chunk = []
            for item in self._items:  # one after the other: making one may take long
                chunk.append(item)
                if len(chunk) == CHUNK or time.perf_counter() >= until:
                    break
            else:
                self._items = None
            if chunk:
                client.send(chunk)
            if self._items is None:
                client.finish()

    def _show_progress(self) -> None:
        job, seconds = self._job, time.monotonic() - self._began
        if job is None or seconds < _SHOW_AFTER:
            return
        rate = self._done / seconds
        parts = [tr("{done} of {total}", done=texts.number(self._done), total=pictures(job.total))]
        if rate > 0:
            parts.append(tr("{rate} a second", rate=texts.number(rate, 0 if rate >= 10 else 1)))
            parts.append(tr("{time} left", time=texts.duration(max(0, job.total - self._done) / rate)))
        share = self._done / job.total if job.total else None
        title = tr("Exporting to {name}", name=Path(job.target).name)
        self._notifier.work(_KEY, title, share, " · ".join(parts), self.cancel, "export")

    def _end(self, event: wire.Event) -> None:
        job = self._job
        assert job is not None
        assert self._client is not None
        self._timer.stop()
        self._client.stop()
        self._client, self._job, self._items = None, None, None
        self._notifier.end_work(_KEY)
        match event:
            case wire.Done(report):
                self._tell(job, report)
                self.done.emit(job, report)
            case wire.Cancelled():
                text = tr("What was added by then stays.") if job.add else tr("Nothing of it was kept.")
                self._notifier.tell("info", tr("Export cancelled"), text, key=_KEY)
            case wire.Failed(message, hint):
                self._notifier.error(message, hint, answer=True)
            case wire.Crashed(message, trace):
                self._notifier.bug(Failure(message, trace))
        self._next()

    def _tell(self, job: ExportJob, report: ExportReport) -> None:
        target = Path(job.target)
        is_table = find_format(job.format).layout is None
        folder = target.parent if is_table else target
        show = (tr("Open folder"), lambda: show_folder(folder))
        kind: Kind = "warning" if report.failed else "success"
        title = tr("Added to {name}", name=target.name) if job.add else tr("Results exported")
        if report.known and not report.pictures and not report.failed:
            title = tr("Already in {name}", name=target.name)
        self._notifier.tell(kind, title, summary(report, target.name), show, key=_KEY)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Close and watched is self.parent():
            self.stop()
        return super().eventFilter(watched, event)


def summary(report: ExportReport, name: str) -> str:
    """One line for what was written, and one for each thing that is other than asked for."""
    lines = [f"{name} · {pictures(report.pictures)}"]
    if report.all_pictures != report.pictures:
        lines = [tr("{pictures} in all", pictures=pictures(report.all_pictures))]
    if report.known and report.pictures:
        lines.append(tr("There already: {count}", count=texts.number(report.known)))
    if report.empty:
        lines.append(tr("Left out, for nothing was found: {count}", count=texts.number(report.empty)))
    if report.copied:
        lines.append(tr("Copied, for they cannot be linked there: {count}", count=texts.number(report.copied)))
    lines += [f"{file}: {reason}" for file, reason in report.failed[:2]]
    if len(report.failed) > 2:
        lines.append(tr("More that failed: {count}", count=texts.number(len(report.failed) - 2)))
    return "\n".join(lines)


def show_folder(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
