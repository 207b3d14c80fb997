"""Measures this machine and says which model to use for a rate; one click uses it.

The window stays usable: measuring has a process of its own. What is live is paused meanwhile, for it would take its
share of the machine and spoil the numbers.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QDialog, QDoubleSpinBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop_app.core.bench import Measured, Recommendation, recommend, restless, sentence
from desktop_app.core.frame import Bgr
from desktop_app.core.results import Result
from desktop_app.core.trial import median_and_spread
from desktop_app.gui import texts
from desktop_app.gui.about_dialog import task_name
from desktop_app.gui.bench_table import BenchTable
from desktop_app.gui.dialog import button, button_row, make_dialog
from desktop_app.gui.dialog import sentence as paragraph
from desktop_app.gui.session import Session
from desktop_app.gui.speed_memory import Place
from desktop_app.gui.widgets import IconPlate, Label, ProgressBar
from desktop_app.i18n import tr
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.bench_client import BenchClient
from desktop_app.render.drawing_time import drawing_ms

TICK_MS = 60
SOURCE = "demo:"
SECONDS = 3.0
DRAWINGS = 7
HEIGHT = 560
USUAL = 30.0
"""Frames a second, where the user holds no rate."""


@dataclass(slots=True)
class _Sample:
    """A frame with its result, drawn a few times; `taken` in milliseconds."""

    bgr: Bgr
    result: Result
    names: tuple[str, ...]
    taken: list[float] = field(default_factory=list)


class BenchDialog(QDialog):
    """`use_model` is called with the key of the model that the user takes; where it runs becomes a setting."""

    def __init__(
        self, session: Session, client: BenchClient, use_model: Callable[[str], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._controller, self._preferences, self._notifier = session.controller, session.preferences, session.notifier
        self._client, self._use_model = client, use_model
        self._samples: dict[str, _Sample] = {}
        self._last: m.BenchProgress | None = None
        self._began = 0.0
        self._paused = False
        self.recommended: list[Recommendation] = []
        self.uses: list[QPushButton] = []
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self.tick)
        self._assemble(make_dialog(self, ""))
        texts.follow_language(self, self._retext)
        room = self.screen().availableGeometry()
        self.resize(min(self.table.sizeHint().width() + 32, room.width() - 16), min(HEIGHT, room.height() - 48))
        self._start.setFocus()
        if parent is not None:
            parent.installEventFilter(self)  # a dialog is not told that its window closes

    # --- what it is made of -------------------------------------------------------------------------------------------

    def _assemble(self, layout: QVBoxLayout) -> None:
        self._explanation = paragraph("", muted=True)
        layout.addWidget(self._explanation)
        self._wanted, self._unit = QLabel(), Label("", "body", "muted")
        self.rate = QDoubleSpinBox()
        self.rate.setRange(1, 500)
        self.rate.setDecimals(0)
        self.rate.setValue(self._preferences.values.live_target_fps or USUAL)
        self.rate.valueChanged.connect(lambda _: self._recommend())
        self._wanted.setBuddy(self.rate)
        self._start = button(" ", self.start, primary=True)
        self._cancel = button(" ", self.cancel)
        row = QHBoxLayout()
        row.setSpacing(8)
        for widget in (self._wanted, self.rate, self._unit):
            row.addWidget(widget)
        row.addStretch()
        row.addWidget(self._start)
        row.addWidget(self._cancel)
        layout.addLayout(row)
        self.bar = ProgressBar()
        self.status = Label("", "small", "muted")
        layout.addWidget(self.bar)
        layout.addWidget(self.status)
        self.table = BenchTable()
        self.table.setMinimumHeight(180)
        layout.addWidget(self.table, 1)
        self._legend = paragraph("", muted=True)
        layout.addWidget(self._legend)
        self._cards = QVBoxLayout()
        self._cards.setSpacing(8)
        layout.addLayout(self._cards)
        self._close = button(" ", self.close)
        layout.addLayout(button_row(self._close))
        self._show_running(False)

    def _retext(self) -> None:
        self.setWindowTitle(tr("Measure this machine"))
        self._explanation.setText(
            tr(
                "Every model on this computer runs on each engine, device and precision that there is, on the pictures "
                "of the demo. What is being recognised is paused meanwhile."
            )
        )
        self._wanted.setText(tr("Wanted rate"))
        self.rate.setAccessibleName(tr("Wanted rate"))
        self._unit.setText(tr("frames/s"))
        self._legend.setText(
            tr("Milliseconds a frame, medians. Marked: the most accurate that holds the rate with 10 % to spare.")
        )
        for widget, text in (
            (self._start, tr("Measure again") if self.table.bench.rows else tr("Measure")),
            (self._cancel, tr("Cancel")),
            (self._close, tr("Close")),
        ):
            widget.setText(text)
            widget.setAccessibleName(text)
        self.bar.setAccessibleName(tr("Progress of the measurement"))
        self.table.setAccessibleName(tr("What was measured"))
        self.table.fit()
        self._show_status()
        self._recommend()

    def _show_running(self, running: bool) -> None:
        # One primary button: with results it is the one that uses them.
        self._start.setProperty("kind", "" if self.table.bench.rows else "primary")
        self._start.style().polish(self._start)
        self._start.setVisible(not running)
        self._cancel.setVisible(running)
        self.bar.setVisible(running)

    # --- measuring ----------------------------------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        return self._timer.isActive()

    def start(self) -> None:
        self.table.bench.clear()
        self._samples.clear()
        self._last = None
        self._began = time.monotonic()
        self._hold()
        self._show_running(True)
        self._recommend()
        self.bar.set_fraction(0.0)
        self.status.setText(tr("Starting …"))
        self._client.start(SOURCE, SECONDS)
        self._timer.start()
        self._cancel.setFocus()

    def cancel(self) -> None:
        """What was measured stays, and counts."""
        if self.running:
            self._end(tr("Cancelled: these are the times up to then."))

    def tick(self) -> None:
        handlers: dict[type[m.Event], Callable[..., None]] = {
            m.BenchProgress: self._on_progress,
            m.BenchRow: lambda event: self._put(event.row),
            m.BenchSample: self._on_sample,
            m.BenchFailed: self._on_failed,
            m.Notice: lambda event: self._end(f"{event.message} {event.hint}".strip()),
            m.Failure: self._on_bug,
        }
        ended = self._client.ended
        for event in self._client.poll():
            handler = handlers.get(type(event))
            if handler is not None and self.running:
                handler(event)
        self._draw_one()
        if self.running and self._last is not None and self._last.what == "done" and not self._undrawn():
            self._end(self._summary())
        elif self.running and ended and (self._last is None or self._last.what != "done"):
            self._end(tr("The measurement ended early."))

    def _on_progress(self, event: m.BenchProgress) -> None:
        self._last = event
        if event.what == "done":
            for sample in self._samples.values():  # once more, now that nothing else runs
                sample.taken.clear()
        self.bar.set_fraction(event.done / event.total if event.total else 0.0)
        self._show_status()

    def _show_status(self) -> None:
        if not self.running or self._last is None:
            return
        done, total = self._last.done, self._last.total
        parts = [tr("Reading the demo") if self._last.setup is None else self._last.setup.title()]
        parts.append(texts.percent(done / total if total else 0.0, 0))
        if done:
            left = (time.monotonic() - self._began) / done * (total - done)
            parts.append(tr("{time} left", time=texts.duration(left)))
        self.status.setText(" · ".join(parts))

    def _on_sample(self, event: m.BenchSample) -> None:
        result = event.result.unpack()
        bgr = np.frombuffer(event.bgr, np.uint8).reshape(*event.shape, 3)
        self._samples[result.model_key] = _Sample(bgr, result, event.names)

    def _undrawn(self) -> list[_Sample]:
        return [sample for sample in self._samples.values() if len(sample.taken) < DRAWINGS]

    def _draw_one(self) -> None:
        """One a tick, so that the window never stalls for it."""
        for sample in self._undrawn()[:1]:
            sample.taken.append(drawing_ms(sample.bgr, sample.result, sample.names))
            for row in [row for row in self.table.bench.rows if row.setup.model == sample.result.model_key]:
                self._put(row)

    def _put(self, row: Measured) -> None:
        sample = self._samples.get(row.setup.model)
        if sample is not None and sample.taken:
            row = row.with_drawing(*median_and_spread(sample.taken))
        self.table.bench.put(row)
        self._recommend()

    def _on_failed(self, event: m.BenchFailed) -> None:
        self.table.bench.remove(event.setup)
        self._notifier.error(f"{event.setup.title()}: {event.message}", event.hint, kind="warning")

    def _on_bug(self, event: m.Failure) -> None:
        self._notifier.bug(event)
        self._end(tr("The measurement ended early."))

    def _summary(self) -> str:
        rows = self.table.bench.rows
        text = tr("{count} measured in {time}.", count=len(rows), time=texts.duration(time.monotonic() - self._began))
        if restless(rows):
            text += " " + tr(
                "The times vary: other programs are busy. Measured again in a quiet moment they tell more."
            )
        return text

    def _end(self, text: str) -> None:
        self._timer.stop()
        self._client.stop()
        self._show_running(False)
        self._go_on()
        self._remember()
        self._retext()
        self.status.setText(text)
        (self.uses[0] if self.uses else self._start).setFocus()

    def _remember(self) -> None:
        """The list of models shows these times from now on."""
        speeds = self._controller.speeds
        for row in self.table.bench.rows:
            if row.frames:
                setup = row.setup
                speeds.measured(Place(setup.model, setup.engine, setup.device, setup.precision), row.model_ms)
        speeds.save()

    def _hold(self) -> None:
        """Pauses what runs."""
        info = self._controller.info
        self._paused = self._controller.phase in ("live", "playing") and info is not None and info.kind != "image"
        if self._paused:
            self._controller.toggle_pause()

    def _go_on(self) -> None:
        """Unless the user went on himself, or opened something else."""
        if self._paused and self._controller.phase == "paused":
            self._controller.toggle_pause()
        self._paused = False

    # --- the recommendation -------------------------------------------------------------------------------------------

    def _recommend(self) -> None:
        """Follows the wanted rate without measuring again."""
        rows = self.table.bench.rows
        self.recommended = recommend(rows, self.rate.value())
        self.table.bench.set_best(frozenset(r.row.setup for r in self.recommended if r.holds))
        while (item := self._cards.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.uses.clear()
        if self.running:
            return
        for place, found in enumerate(self.recommended):
            self._cards.addWidget(self._card(found, primary=place == 0))

    def _card(self, found: Recommendation, *, primary: bool) -> QWidget:
        card = QWidget()
        row = QHBoxLayout(card)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(
            IconPlate("check-circle-fill" if found.holds else "info", "success" if found.holds else "muted", 20)
        )
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Label(task_name(found.row.task), "caption", "muted"))
        words.addWidget(Label(sentence(found, texts.number), "strong", wrap=True))
        row.addLayout(words, 1)
        use = button(tr("Use this"), lambda: self.use(found), primary=primary)
        use.setAccessibleName(tr("Use {setup}", setup=found.row.setup.title()))
        self.uses.append(use)
        row.addWidget(use)
        return card

    def use(self, found: Recommendation) -> None:
        """The model, and where it runs."""
        setup = found.row.setup
        self._preferences.change(engine=setup.engine, device=setup.device, precision=setup.precision)
        self._use_model(setup.model)
        self.close()

    def reject(self) -> None:
        """Escape: a measurement first, then the dialog."""
        if self.running:
            self.cancel()
        else:
            super().reject()

    def hideEvent(self, event: QHideEvent) -> None:
        """Not when it is only minimised."""
        super().hideEvent(event)
        if not event.spontaneous():
            self.cancel()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Close and watched is self.parent():
            self.close()
        return super().eventFilter(watched, event)
