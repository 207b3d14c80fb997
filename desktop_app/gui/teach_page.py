"""Teach by showing: the live picture with what the taught layer says, the map, the layer, the examples."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QLocale, Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QScrollArea,
    QSpinBox,
    QSplitter,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from desktop_app.core.results import Classification, Result, Timings
from desktop_app.core.teaching import MOST_CLASSES
from desktop_app.gui import texts
from desktop_app.gui.session import Session
from desktop_app.gui.teach_answer import AnswerBars, NearestCard
from desktop_app.gui.teach_bar import TeachBar
from desktop_app.gui.teach_check import TeachCheck
from desktop_app.gui.teach_class import ClassRow, paths_of
from desktop_app.gui.teach_decision import TeachDecision
from desktop_app.gui.teach_map import TeachMap, equation
from desktop_app.gui.video_view import VideoView
from desktop_app.gui.widgets import ElidedLabel, Label, ProgressBar, button
from desktop_app.i18n import tr
from desktop_app.models.catalog import STARTER_MODELS
from desktop_app.render.overlay import OverlayOptions

KEY = "taught"
"""The model key of the answer that is drawn over the picture."""
FRENCH_KEYS = "&é\"'(§è_ç"
"""What the keys 1 to 9 give on a French keyboard without Shift."""
BEGIN_WITH = 3
"""So many rows at least, the last ones empty."""


class TeachPage(QWidget):
    def __init__(self, session: Session, options: Callable[[], OverlayOptions]) -> None:
        super().__init__()
        self._session, self._options = session, options
        self._controller = session.controller
        self._state = session.controller.teaching
        self.setObjectName("teach")
        self.setAcceptDrops(True)
        state = self._state
        self.bar = TeachBar(session)
        self.video = VideoView()
        self.video.setMinimumSize(240, 180)
        self.bars, self.nearest = AnswerBars(state), NearestCard(state)
        self.map, self.decision, self.check = TeachMap(state), TeachDecision(state), TeachCheck(state)
        self.map_kind, self.line = QComboBox(), ElidedLabel("", "small", "muted")
        self.pair = (QSpinBox(), QSpinBox())
        self.rate = Label("", "small", "muted")
        self.tabs = QTabBar()
        for _ in range(2):
            self.tabs.addTab("")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.trouble = Label("", "small", "danger", wrap=True)
        self.trouble.hide()
        self.rows: dict[int, ClassRow] = {}
        self.more = button("", "", "plus")
        self.progress, self.stop_adding = ProgressBar(), button("", "link")
        self._parts = (self.bars, self.nearest, self.map, self.decision, self.check)
        self._assemble()
        self._connect()
        texts.follow_language(self, self._retext)

    def _assemble(self) -> None:
        self._list = QWidget()
        self._rows_layout = QVBoxLayout(self._list)
        self._rows_layout.setContentsMargins(0, 0, 0, 0)
        self._rows_layout.setSpacing(4)
        foot = QHBoxLayout()
        for part in (self.more, self.progress, self.stop_adding):
            foot.addWidget(part)
        foot.addStretch(1)
        self.progress.setFixedWidth(160)
        self._rows_layout.addLayout(foot)
        self._rows_layout.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self._list)

        beside = QWidget()
        column = QVBoxLayout(beside)
        column.setContentsMargins(12, 0, 4, 4)
        column.setSpacing(8)
        column.addWidget(self.bars)
        column.addWidget(self.trouble)
        column.addWidget(self.nearest, 1)
        column.addWidget(self.rate)
        upper = _splitter(Qt.Orientation.Horizontal, (self.video, beside), (470, 240))
        left = _splitter(Qt.Orientation.Vertical, (upper, scroll), (350, 190), (3, 1))

        over_map = QHBoxLayout()
        over_map.addWidget(self.map_kind)
        for spin in self.pair:
            over_map.addWidget(spin)
        over_map.addStretch(1)
        map_side = QWidget()
        map_column = QVBoxLayout(map_side)
        map_column.setContentsMargins(8, 0, 0, 0)
        map_column.setSpacing(4)
        map_column.addLayout(over_map)
        map_column.addWidget(self.line)
        map_column.addWidget(self.map, 1)
        below = QWidget()
        below_column = QVBoxLayout(below)
        below_column.setContentsMargins(8, 0, 0, 0)
        below_column.setSpacing(6)
        below_column.addWidget(self.tabs)
        self._stack = QStackedWidget()
        for content in (self.decision, self.check):
            self._stack.addWidget(_scrolled(content))
        below_column.addWidget(self._stack, 1)
        right = _splitter(Qt.Orientation.Vertical, (map_side, below), (270, 270))
        whole = _splitter(Qt.Orientation.Horizontal, (left, right), (740, 500))
        page = QVBoxLayout(self)
        page.setContentsMargins(14, 8, 14, 8)
        page.setSpacing(8)
        page.addWidget(self.bar)
        page.addWidget(whole, 1)

    def _connect(self) -> None:
        state, controller = self._state, self._controller
        state.lesson_changed.connect(self._show_lesson)
        state.learnt_changed.connect(self._show_learnt)
        state.mapped.connect(self._show_line)
        state.examined_changed.connect(self._show_examined)
        state.answered.connect(self._show_answer)
        state.adding.connect(self._show_adding)
        state.failed.connect(self._show_trouble)
        self.tabs.currentChanged.connect(self._stack.setCurrentIndex)
        self.bars.class_chosen.connect(self.decision.choose)
        self.map.example_chosen.connect(self._choose_example)
        self.map_kind.activated.connect(lambda _: self._ask_map())
        for spin in self.pair:
            spin.setRange(0, 1 << 16)
            spin.setKeyboardTracking(False)
            spin.valueChanged.connect(lambda _: self._ask_map(typed=True))
        self.more.clicked.connect(self._add_class)
        self.stop_adding.clicked.connect(state.cancel_adding)
        self.bar.save_numbers.connect(self._save_numbers)
        controller.views.append(self._show_newest)
        controller.models_changed.connect(self._ask)
        self.video.view_changed.connect(self._tell_view)
        french = QGuiApplication.inputMethod().locale().language() == QLocale.Language.French
        for slot in range(1, MOST_CLASSES + 1):
            # While a key is held the system repeats it: several examples a second.
            for sequence in (str(slot), FRENCH_KEYS[slot - 1]) if french else (str(slot),):
                key = QShortcut(QKeySequence(sequence), self)
                key.activated.connect(lambda slot=slot: self._take(slot))
        for sequence, act in (("Ctrl+Z", state.undo), ("Ctrl+Shift+Z", state.redo), ("Ctrl+Y", state.redo)):
            QShortcut(QKeySequence(sequence), self).activated.connect(act)
        self._session.preferences.changed.connect(lambda _: self._show_palette())
        self._show_palette()
        self._show_adding()
        self.show_options()

    def _retext(self) -> None:
        kinds = (
            ("decision", tr("As the layer decides")),
            ("pca", tr("Main directions (PCA)")),
            ("features", tr("Two features")),
        )
        chosen = max(0, self.map_kind.currentIndex())
        self.map_kind.clear()
        for kind, title in kinds:
            self.map_kind.addItem(title, kind)
        self.map_kind.setCurrentIndex(chosen)
        self.map_kind.setAccessibleName(tr("What the map shows"))
        for spin, name in zip(self.pair, (tr("Feature to the right"), tr("Feature upwards")), strict=True):
            spin.setAccessibleName(name)
            spin.setToolTip(name)
        self.more.setText(tr("Another class"))
        self.more.setToolTip(tr("Or drop a folder for each class here"))
        self.stop_adding.setText(tr("Cancel"))
        self.progress.setAccessibleName(tr("Photographs that are looked at"))
        self.tabs.setTabText(0, tr("How the layer decides"))
        self._show_examined()
        self._show_line()

    # --- shown and hidden ---------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not event.spontaneous():
            self._ask()
            # What was shown before says, as it goes, that nobody sees the picture: after that, how large it is here.
            QTimer.singleShot(0, self, self._tell_size)
            self.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():
            self._state.ask(on=False)

    def _ask(self) -> None:
        """Begins, with the classifier that runs; where none does, with the starter."""
        if not self.isVisible():
            return
        running = [model.key for model in self._controller.running.values() if model.task == "classify"]
        taught_on = [key for key in running if self.bar.can_be_taught_on(key)]
        usual = next((info.key for info in STARTER_MODELS if info.task == "classify"), "")
        self._state.ask(on=True, usual=taught_on[0] if taught_on else usual)
        self.bar.refresh()

    def show_options(self) -> None:
        """The answer is drawn whatever is said of the overlay: it is what this page is about."""
        self.video.set_options(replace(self._options(), visible=True, top_k=1))

    def _tell_view(self, width: int, height: int) -> None:
        if self.isVisible() and width:
            self._controller.set_view(width, height)

    def _tell_size(self) -> None:
        if self.isVisible():
            self.video.tell_view_again()

    def set_scale(self, scale: float) -> None:
        """For the projector."""
        for part in self._parts:
            part.set_scale(scale)
        for row in self.rows.values():
            row.set_scale(scale)
        self._scale = scale

    _scale = 1.0

    def _show_palette(self) -> None:
        palette = self._session.preferences.values.palette
        for part in (self.bars, self.nearest, self.map, self.check):
            part.set_palette(palette)
        for row in self.rows.values():
            row.set_palette(palette)

    # --- what came ----------------------------------------------------------------------------------------------

    def _show_newest(self) -> None:
        if self.isVisible():
            frame = self._controller.frame
            self.video.set_frame(frame)
            if self.bars.has_picture != (frame is not None):
                self.bars.has_picture = frame is not None
                self.bars.update()

    def _show_lesson(self) -> None:
        classes = [slot for slot, _ in self._state.lesson.classes]
        free = [slot for slot in range(1, MOST_CLASSES + 1) if slot not in classes]
        wanted = sorted([*classes, *free[: max(0, BEGIN_WITH - len(classes))]])
        for slot in [slot for slot in self.rows if slot not in wanted]:
            row = self.rows.pop(slot)
            self._rows_layout.removeWidget(row)
            row.hide()
            row.deleteLater()
        for place, slot in enumerate(wanted):
            if slot not in self.rows:
                row = self.rows[slot] = ClassRow(self._state, slot)
                row.set_palette(self._session.preferences.values.palette)
                row.set_scale(self._scale)
                row.example_chosen.connect(self._choose_example)
                self._rows_layout.insertWidget(place, row)
            self.rows[slot].refresh()
        self.more.setEnabled(len(wanted) < MOST_CLASSES)
        self._show_examined()
        self.bar.refresh()

    def _show_learnt(self) -> None:
        self.bar.refresh()
        self.trouble.hide()
        self._show_line()

    def _show_examined(self) -> None:
        found = self._state.examined
        said = {} if found is None else dict(zip(found.examples.tolist(), found.said.tolist(), strict=True))
        for row in self.rows.values():
            row.strip.show_examined(said)
        self.tabs.setTabText(1, self.check.title())

    def _show_answer(self) -> None:
        live = self._state.live
        if live is None:
            return
        for row in self.rows.values():
            row.strip.show_nearest(live.nearest)
        labels = self._state.labels()
        moving = self._controller.phase in ("live", "playing")
        took = texts.milliseconds(live.milliseconds)
        rate = texts.fps(self._state.rate)
        self.rate.setText(tr("{rate} looks/s · {time}", rate=rate, time=took) if moving else took)
        if len(live.logits) == 0 or len(live.logits) != len(labels):
            self.video.set_results([], {})
            return
        slots = self._state.learnt.slots
        # In the colours of the keys: class 2 stays green when class 1 was taken away.
        logits = np.full(MOST_CLASSES + 1, -np.inf, np.float32)
        shares = np.zeros(MOST_CLASSES + 1, np.float32)
        names = [""] * (MOST_CLASSES + 1)
        places = [slot - 1 for slot in slots] + ([MOST_CLASSES] if len(labels) > len(slots) else [])
        for place, logit, share, label in zip(places, live.logits, live.probabilities, labels, strict=True):
            logits[place], shares[place], names[place] = logit, share, label
        prediction = Classification(logits, shares)
        frame_size = self.video.frame_size or (0, 0)
        result = Result(
            live.frame_index,
            live.captured_at,
            KEY,
            prediction,
            Timings(0, live.milliseconds, 0),
            "openvino",
            "CPU",
            frame_size=frame_size,
        )
        self.video.set_results([result], {KEY: tuple(names)})

    def _show_line(self) -> None:
        """The equation of the line, or how far the two features alone go."""
        found = self._state.plane
        two = self.map_kind.currentData() == "features"
        for spin in self.pair:
            spin.setVisible(two)
        if found is None:
            self.line.hide()
            return
        plane = found.plane
        parts = []
        if plane.features is not None:
            for spin, feature in zip(self.pair, plane.features, strict=True):
                blocked = spin.blockSignals(True)
                spin.setMaximum(plane.axes.shape[1] - 1)
                spin.setValue(feature)
                spin.blockSignals(blocked)
        if len(plane.weights) == 2:
            names = None if plane.features is None else (f"x{plane.features[0]}", f"x{plane.features[1]}")
            parts.append(equation(plane.weights, plane.bias, names))
        if plane.right is not None:
            count = len(found.examples)
            parts.append(tr("{right} of {count} examples right with these two alone", right=plane.right, count=count))
        self.line.set_full_text(" · ".join(parts))
        self.line.setVisible(bool(parts))

    def _show_adding(self) -> None:
        done, total = self._state.files
        busy = done < total
        self.progress.setVisible(busy)
        self.stop_adding.setVisible(busy)
        if busy:
            self.progress.set_fraction(done / total)

    def _show_trouble(self, message: str, hint: str) -> None:
        self.trouble.setText(f"{message} {hint}".strip())
        self.trouble.show()

    # --- what the user does -------------------------------------------------------------------------------------

    def _take(self, slot: int) -> None:
        self.trouble.hide()
        self._state.take(slot)

    def _add_class(self) -> None:
        used = set(self.rows)
        slot = next(slot for slot in range(1, MOST_CLASSES + 1) if slot not in used)
        # Those that stand there empty become classes too, or they would go.
        for shown in [*sorted(used - set(self._state.names)), slot]:
            self._state.name(shown, "")

    def _choose_example(self, number: int) -> None:
        for row in self.rows.values():
            row.strip.select(number)

    def _ask_map(self, *, typed: bool = False) -> None:
        kind = self.map_kind.currentData()
        pair = (self.pair[0].value(), self.pair[1].value()) if typed and kind == "features" else None
        self._state.ask(map=kind, pair=pair)
        self._show_line()

    def _save_numbers(self) -> None:
        """What is shown, for whoever wants to compute it again."""
        live, learnt = self._state.live, self._state.learnt
        if live is None or learnt.layer is None:
            return
        path, _ = QFileDialog.getSaveFileName(self, tr("Save the numbers"), "taught-numbers.npz", "NumPy (*.npz)")
        if not path:
            return
        data = io.BytesIO()
        np.savez(
            data,
            x=live.x,
            w=learnt.layer.weights,
            b=learnt.layer.bias,
            logits=live.logits,
            probabilities=live.probabilities,
        )
        try:
            Path(path).write_bytes(data.getvalue())
        except OSError as error:
            notifier = self._session.notifier
            notifier.error(tr("{path} could not be written: {reason}.", path=path, reason=error.strerror or error))
            return
        self._session.notifier.tell("success", tr("Saved"), path)

    # --- drops: a folder for each class -------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        paths = paths_of(event)
        if paths and all(Path(path).is_dir() for path in paths):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
        else:
            event.ignore()  # the window opens it

    def dropEvent(self, event: QDropEvent) -> None:
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self._state.add(0, paths_of(event))


def _splitter(
    way: Qt.Orientation, parts: tuple[QWidget, QWidget], sizes: tuple[int, int], more: tuple[int, int] | None = None
) -> QSplitter:
    """`more`: the shares in which both get whatever room there is beyond `sizes`; those of `sizes` where not given."""
    made = QSplitter(way)
    for place, (part, share) in enumerate(zip(parts, more or sizes, strict=True)):
        made.addWidget(part)
        made.setStretchFactor(place, share)
    made.setSizes(list(sizes))
    made.setChildrenCollapsible(False)
    return made


def _scrolled(content: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(content)
    return area
