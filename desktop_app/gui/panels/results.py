"""The right panel: what the models see now, a section each, and the last half minute of it."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsOpacityEffect,
    QHBoxLayout,
    QScrollArea,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from desktop_app.core.results import Classification, Result
from desktop_app.gui.batch_model import name_of
from desktop_app.gui.charts import HistoryChart
from desktop_app.gui.commands import Commands
from desktop_app.gui.copying import spoken
from desktop_app.gui.detection_views import BoxTable, CountCards, TableHead
from desktop_app.gui.pipeline_controller import RunningModel
from desktop_app.gui.score_bars import ScoreBars, scores_of
from desktop_app.gui.session import Session
from desktop_app.gui.texts import follow_language
from desktop_app.gui.toasts import announce
from desktop_app.gui.widgets import EmptyState, Label, PanelTitle
from desktop_app.i18n import tr
from desktop_app.settings import Settings

UPDATE_EVERY = 0.1
"""Seconds: numbers that change more often cannot be read."""
EARLY = 0.03
"""So much earlier than its turn it goes with a picture: one painting less."""
ANNOUNCE_EVERY = 3.0


class Section(QWidget):
    """One model. `detects` says which of the two kinds of answer it gives."""

    def __init__(self, model: RunningModel, named: bool) -> None:
        super().__init__()
        self.model = model
        self.detects = model.task != "classify"
        self.several = named
        self.heading = Label(model.key, "strong")
        self.heading.setContentsMargins(14, 2, 14, 6)
        self.heading.setVisible(named)
        self.nothing = Label("", "small", "muted")
        self.nothing.setContentsMargins(14, 0, 14, 8)
        self.history_title = Label("", "title")
        self.history_title.setContentsMargins(14, 8, 14, 4)
        self.history = HistoryChart("counts" if self.detects else "probability")
        self.history.setFixedHeight(190)
        self.cards, self.table, self.bars = CountCards(), BoxTable(), ScoreBars()
        self.head = TableHead(self.table)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 8)
        layout.setSpacing(0)
        parts = (self.cards, self.head, self.table) if self.detects else (self.bars,)
        for part in (self.heading, self.nothing, *parts):
            layout.addWidget(part)
        for unused in {self.cards, self.head, self.table, self.bars} - set(parts):
            unused.setParent(self)
            unused.hide()
        if not self.detects:
            layout.addStretch()
        layout.addWidget(self.history_title)
        chart = QHBoxLayout()
        chart.setContentsMargins(14, 0, 14, 0)
        chart.addWidget(self.history)
        layout.addLayout(chart)
        follow_language(self, self._retext)

    def _retext(self) -> None:
        self.nothing.setText(tr("Nothing found above the confidence threshold."))
        self.history_title.setText(tr("Last 30 s"))
        self.table.setAccessibleName(tr("Boxes of {model}", model=self.model.key))
        self.history.set_names([name_of(self.model.names, i) for i in range(len(self.model.names))])
        self.update()

    def show_result(self, result: Result, settings: Settings, *, moving: bool) -> None:
        """`moving`: time goes on, so the history does too."""
        prediction, names = result.prediction, self.model.names
        if isinstance(prediction, Classification):
            scores, others, share = scores_of(prediction, names, settings.top_k)
            self.nothing.hide()
            self.bars.show_scores(scores, others, share)
            values = {score.class_id: score.probability for score in scores}
        else:
            self.nothing.setVisible(len(prediction) == 0)
            self.cards.setVisible(len(prediction) > 0)
            self.head.setVisible(len(prediction) > 0)
            self.cards.show_counts(prediction, names)
            self.table.show_boxes(prediction, names)
            self.table.setMinimumHeight(min(8, len(prediction)) * self.table.row_height() + 4 if self.several else 60)
            values = {i: float(count) for i, count in Counter(int(i) for i in prediction.class_id).items()}
        if moving:
            self.history.add(time.perf_counter(), values)

    def show_gap(self) -> None:
        self.history.add(time.perf_counter(), None)

    def show_history(self, shown: bool) -> None:
        self.history.setVisible(shown)
        self.history_title.setVisible(shown)

    def set_opaque(self, opaque: bool) -> None:
        """Qt paints opaque parts past an effect of what they lie in: as long as there is one they may not be."""
        self.cards.setAutoFillBackground(opaque)
        self.table.set_opaque(opaque)
        self.history.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent, opaque)

    def set_look(self, settings: Settings, scale: float) -> None:
        for part in (self.cards, self.bars, self.history):
            part.set_palette(settings.palette)
        self.table.palette_name = settings.palette
        self.table.viewport().update()
        for scaled in (self.cards, self.bars, self.table, self.heading, self.nothing):
            scaled.set_scale(scale)
        self.head.updateGeometry()


class ResultsPanel(QWidget):
    """`glow` is called with model key and row when the pointer is over a row of a table."""

    def __init__(self, session: Session, commands: Commands, title: PanelTitle) -> None:
        super().__init__()
        self._controller, self._preferences = session.controller, session.preferences
        self.glow: Callable[[str, int], None] | None = None
        self.sections: dict[str, Section] = {}
        self._scale = 1.0
        self._said, self._said_at = "", 0.0
        self._title = title
        self._copy = title.add_button("copy", "", commands.copy_results)
        self._empty = EmptyState("tag")
        self._box = QWidget()
        self._column = QVBoxLayout(self._box)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidget(self._box)
        for part in (self._box, self._scroll.viewport()):
            part.setAutoFillBackground(False)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._scroll)
        self._shown: dict[str, Result] = {}
        self._next_at = 0.0
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._update)
        session.controller.views.append(self._follow)
        session.controller.models_changed.connect(self._rebuild)
        session.controller.source_changed.connect(self._source_changed)
        session.controller.stats_changed.connect(self._time_goes_on)
        session.preferences.changed.connect(self._settings_changed)
        follow_language(self, self._retext)

    def _retext(self) -> None:
        self._title.set_title(tr("Results"))
        self._copy.set_text(tr("Copy results as text"))
        self._empty.set_texts(
            tr("No results yet"), tr("Labels, counts and their history appear here as soon as there is a picture.")
        )
        self._shown = {}
        self._later()

    def set_scale(self, scale: float) -> None:
        """Of the text; 1.6 in the projector."""
        self._scale = scale
        for section in self.sections.values():
            section.set_look(self._preferences.values, scale)
            section.show_history(scale == 1.0)

    def set_glowing(self, key: str, row: int) -> None:
        """The box under the pointer on the picture."""
        for model_key, section in self.sections.items():
            section.table.set_glowing(row if model_key == key else -1)

    def _settings_changed(self, names: frozenset[str]) -> None:
        if names & {"palette", "top_k"}:
            for section in self.sections.values():
                section.set_look(self._preferences.values, self._scale)
            self._shown = {}
            self._later()

    def _rebuild(self) -> None:
        running = self._controller.running
        if {key: section.model for key, section in self.sections.items()} == running:
            return
        named = len(running) > 1
        for key in [key for key, section in self.sections.items() if running.get(key) != section.model]:
            section = self.sections.pop(key)
            self._column.removeWidget(section)
            section.deleteLater()
        for place, (key, model) in enumerate(running.items()):
            section = self.sections.get(key) or self._make(model, named)
            section.heading.setVisible(named)
            section.several = named
            section.history.setFixedHeight(140 if named else 190)
            self.sections[key] = section
            self._column.insertWidget(place, section, 1)
        self.sections = {key: self.sections[key] for key in running}
        self._shown = {}
        self._later()

    def _make(self, model: RunningModel, named: bool) -> Section:
        section = Section(model, named)
        section.table.hovered.connect(lambda row: self.glow(model.key, row) if self.glow is not None else None)
        section.set_look(self._preferences.values, self._scale)
        section.show_history(self._scale == 1.0)
        section.set_opaque(self._box.graphicsEffect() is None)
        return section

    def _source_changed(self) -> None:
        lost = self._controller.phase == "lost"
        if lost == (self._box.graphicsEffect() is not None):
            self._later()
            return
        effect = QGraphicsOpacityEffect(self._box) if lost else None
        if effect is not None:
            effect.setOpacity(0.5)
        self._box.setGraphicsEffect(effect)  # type: ignore[arg-type]
        for section in self.sections.values():
            section.set_opaque(effect is None)
        self._later()

    def _time_goes_on(self) -> None:
        if self._controller.phase == "lost":
            for section in self.sections.values():
                section.show_gap()

    def _follow(self) -> None:
        """With the picture, so that both are painted at once, unless it was just before."""
        if time.perf_counter() >= self._next_at - EARLY:
            self._update()
        else:
            self._later()

    def _later(self) -> None:
        if not self._timer.isActive():
            self._timer.start(max(0, math.ceil(1e3 * (self._next_at - time.perf_counter()))))

    def _update(self) -> None:
        self._timer.stop()
        self._next_at = max(time.perf_counter(), self._next_at) + UPDATE_EVERY
        results = self._controller.results
        if not self._controller.alive or self._controller.is_batch:
            for section in self.sections.values():
                section.history.clear()
            self._shown = {}
            self._stack.setCurrentWidget(self._empty)
            return
        if not results:
            self._shown = {}
            if not self._controller.frame:
                self._stack.setCurrentWidget(self._empty)
            return
        self._stack.setCurrentWidget(self._scroll)
        info = self._controller.info
        moving = info is not None and info.kind != "image" and self._controller.phase in ("live", "playing")
        for key, result in results.items():
            if key in self.sections and self._shown.get(key) is not result:
                self.sections[key].show_history(self._scale == 1.0 and info is not None and info.kind != "image")
                self.sections[key].show_result(result, self._preferences.values, moving=moving)
        self._shown = dict(results)
        self._announce(results)

    def _announce(self, results: dict[str, Result]) -> None:
        if not self._preferences.values.announce_results:
            return
        said, now = spoken(results, self._controller.names), time.perf_counter()
        if said and said != self._said and now - self._said_at > ANNOUNCE_EVERY:
            self._said, self._said_at = said, now
            announce(self, said)
