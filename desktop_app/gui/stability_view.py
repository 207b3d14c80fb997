"""How steady the answers are now: flips of labels, jitter of boxes, for each model that runs."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.core.stability import StabilityMeter, Steadiness
from desktop_app.gui import texts
from desktop_app.gui.number_cards import NumberCards
from desktop_app.gui.pipeline_controller import RunningModel
from desktop_app.gui.session import Session
from desktop_app.gui.stability_chart import StabilityChart
from desktop_app.gui.widgets import IconButton, Label
from desktop_app.i18n import tr

UPDATE_MS = 500
SPANS = (30, 60)


class ModelStability(QWidget):
    """Of one model."""

    def __init__(self, model: RunningModel, named: bool) -> None:
        super().__init__()
        self.model = model
        self.heading = Label(model.key, "strong")
        self.heading.setVisible(named)
        self.cards, self.chart = NumberCards(), StabilityChart()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for part in (self.heading, self.cards, self.chart):
            column.addWidget(part)

    def set_scale(self, scale: float) -> None:
        self.heading.set_scale(scale)
        self.cards.set_scale(scale)

    @property
    def boxes(self) -> bool:
        return self.model.task != "classify"

    def show_meter(self, meter: StabilityMeter | None, seconds: int) -> None:
        found = Steadiness(0.0, None, None, None) if meter is None else meter.over(seconds)
        cards = [(tr("flips/min"), _rate(found.flips))]
        if self.boxes:
            jitter = "–" if found.jitter is None else f"{texts.number(found.jitter, 1)}{texts.NBSP}px"
            cards = [*cards, (tr("jitter"), jitter), (tr("blinks/min"), _rate(found.came, 0))]
        self.cards.show_numbers(cards)
        self.chart.show_moments([] if meter is None else list(meter.moments), self.boxes)


def _rate(value: float | None, decimals: int = 1) -> str:
    return "–" if value is None else texts.number(value, decimals)


class StabilityView(QWidget):
    def __init__(self, session: Session) -> None:
        super().__init__()
        self._controller = session.controller
        self._state = session.controller.stress
        self.models: dict[str, ModelStability] = {}
        self._scale = 1.0
        self.title = Label("", "title")
        self.span = QComboBox()
        for seconds in SPANS:
            self.span.addItem("", seconds)
        self.anew = IconButton("arrow-counter-clockwise")
        self.explanation = Label("", "caption", "muted", wrap=True)
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self.title, 1)
        head.addWidget(self.span)
        head.addWidget(self.anew)
        self._column = QVBoxLayout()
        self._column.setSpacing(12)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(14, 0, 10, 0)
        whole.setSpacing(6)
        whole.addLayout(head)
        whole.addLayout(self._column)
        whole.addWidget(self.explanation)
        self._clock = QTimer(self, interval=UPDATE_MS)
        self._clock.timeout.connect(self.refresh)
        self.span.activated.connect(lambda _: self.refresh())
        self.anew.clicked.connect(self._measure_anew)
        self._controller.models_changed.connect(self._rebuild)
        self._controller.source_changed.connect(self._rebuild)
        texts.follow_language(self, self._retext)

    def _retext(self) -> None:
        self.title.setText(tr("Stability"))
        for place, seconds in enumerate(SPANS):
            self.span.setItemText(place, tr("last {time}", time=f"{seconds}{texts.NBSP}s"))
        self.span.setAccessibleName(tr("Time that is measured over"))
        self.anew.set_text(tr("Measure anew"))
        self._rebuild()

    def _rebuild(self) -> None:
        running = self._controller.running
        if {key: view.model for key, view in self.models.items()} != running:
            for view in self.models.values():
                self._column.removeWidget(view)
                view.deleteLater()
            self.models = {key: ModelStability(model, len(running) > 1) for key, model in running.items()}
            for view in self.models.values():
                self._column.addWidget(view)
                view.set_scale(self._scale)
        info = self._controller.info
        if info is not None and info.kind == "image":
            self.explanation.setText(tr("A still picture has nothing to measure: open a camera or a video."))
            self.refresh()
            return
        boxes = any(view.boxes for view in self.models.values())
        words = [tr("Flips: how often a thing gets another label, for each thing and minute.")]
        if boxes:
            words.append(
                tr(
                    "Jitter: how far the corners of a box lie, on average, from the even way between the frame before "
                    "and the frame after; 0 for what stands still or moves steadily. Blinks: boxes that come or go."
                )
            )
        self.explanation.setText(" ".join(words))
        self.refresh()

    def set_scale(self, scale: float) -> None:
        """Of the text, for the projector."""
        self._scale = scale
        for label in (self.title, self.explanation):
            label.set_scale(scale)
        for view in self.models.values():
            view.set_scale(scale)

    def _measure_anew(self) -> None:
        self._state.measure_anew()
        self.refresh()

    def refresh(self) -> None:
        for key, view in self.models.items():
            view.show_meter(self._state.meters.get(key), self.span.currentData())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
        self._clock.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._clock.stop()
