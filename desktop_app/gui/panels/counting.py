"""The panel of counts: who crosses a line, who is in a zone, over time; and the way to draw them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from desktop_app.core.counting import Anchor, ShapeCounter
from desktop_app.core.shapes import ShapeKind
from desktop_app.gui import texts
from desktop_app.gui.batch_model import name_of
from desktop_app.gui.commands import Commands
from desktop_app.gui.count_chart import ChartKind, CountChart, curves_of
from desktop_app.gui.number_cards import NumberCards
from desktop_app.gui.session import Session
from desktop_app.gui.shape_list import ShapeList
from desktop_app.gui.trackers import TRACKERS
from desktop_app.gui.widgets import EmptyState, Label, PanelTitle, button
from desktop_app.i18n import language, tr

UPDATE_MS = 200
"""Numbers that change more often than this cannot be read."""
ANCHORS: tuple[tuple[Anchor, Callable[[], str]], ...] = (
    ("bottom", lambda: tr("Lower edge")),
    ("centre", lambda: tr("Middle")),
    ("top", lambda: tr("Upper edge")),
)
CHARTS: tuple[tuple[ChartKind, Callable[[], str]], ...] = (
    ("sum", lambda: tr("Since the start")),
    ("minute", lambda: tr("Per minute")),
)
_MOST_PRESENT = 8


class CountingPanel(QWidget):
    def __init__(self, session: Session, commands: Commands, title: PanelTitle) -> None:
        super().__init__()
        self._session, self._commands, self._title = session, commands, title
        self._state = session.controller.counting
        self._editor = self._state.editor
        self._export = title.add_button("export", "", commands.export_counts)
        self._reset = title.add_button("arrow-counter-clockwise", "", commands.reset_counts)
        self._class: int | None = None
        self._charted: tuple[object, ...] = ()
        self._empty = EmptyState("line-segment")
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._make_content())
        self._timer = QTimer(self, interval=UPDATE_MS, singleShot=True)
        self._timer.timeout.connect(self.refresh)
        session.controller.views.append(self._later)
        session.controller.source_changed.connect(self.refresh)
        session.controller.models_changed.connect(self.refresh)
        session.preferences.changed.connect(lambda _: self.refresh())
        self._state.shapes_changed.connect(self.refresh)
        self._state.counts_reset.connect(self.refresh)
        self._editor.mode_changed.connect(self.refresh)
        texts.follow_language(self, self._retext)

    # --- parts ------------------------------------------------------------------------------------------------------

    def _make_content(self) -> QWidget:
        self.notice = Label("", "small", "warning", wrap=True)
        self.turn_on = button("", "link")
        self.turn_on.clicked.connect(lambda: self._session.preferences.change(tracking="bytetrack"))
        self.line, self.zone = button("", icon_name="line-segment"), button("", icon_name="polygon")
        for made, kind in ((self.line, "line"), (self.zone, "zone")):
            made.setCheckable(True)
            made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            made.clicked.connect(lambda _=False, kind=kind: self._draw(kind))
        self.shapes = ShapeList(self._state, self._editor)
        self.hint = Label("", "small", "muted", wrap=True)
        self.name = Label("", "section")
        self.classes = QComboBox()
        self.classes.activated.connect(lambda row: self._choose_class(self.classes.itemData(row)))
        self.cards = NumberCards()
        self.by_class = Label("", "small", "muted", wrap=True)
        self.dwell = Label("", "small", wrap=True)
        self.present = Label("", "small", "muted", wrap=True)
        self.kind = QComboBox()
        self.kind.currentIndexChanged.connect(lambda _: self.refresh())
        self.chart = CountChart()
        self.chart.setFixedHeight(170)
        self.trails = QCheckBox()
        self.trails.toggled.connect(lambda on: self._session.preferences.change(trails=on))
        self.tracker, self.anchor = QComboBox(), QComboBox()
        self.tracker.activated.connect(lambda row: self._session.preferences.change(tracking=TRACKERS[row][0]))
        self.anchor.activated.connect(lambda row: self._state.set_anchor(ANCHORS[row][0]))
        self._form = QGridLayout()
        self._form.setSpacing(8)
        self._form.setColumnStretch(1, 1)
        self._captions = Label(), Label()
        for row, (caption, combo) in enumerate(zip(self._captions, (self.tracker, self.anchor), strict=True)):
            self._form.addWidget(caption, row, 0)
            self._form.addWidget(combo, row, 1)
        for combo in (self.tracker, self.anchor, self.classes, self.kind):
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            combo.setMinimumContentsLength(4)
        return self._laid_out()

    def _laid_out(self) -> QWidget:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for part in (self.line, self.zone):
            buttons.addWidget(part, 1)
        self.details = QWidget()
        details = QVBoxLayout(self.details)
        details.setContentsMargins(14, 4, 14, 0)
        details.setSpacing(8)
        for item in (
            self.name,
            self.classes,
            self.cards,
            self.by_class,
            self.dwell,
            self.present,
            self.kind,
            self.chart,
        ):
            details.addWidget(item)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 12)
        column.setSpacing(8)
        column.addLayout(_padded(self._form))
        column.addWidget(_padded_widget(self.notice, self.turn_on))
        column.addLayout(_padded(buttons))
        column.addWidget(_padded_widget(self.hint))
        column.addWidget(self.shapes)
        column.addWidget(self.details)
        column.addWidget(_padded_widget(self.trails))
        column.addStretch()
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(content)
        for surface in (content, scroll.viewport()):
            surface.setAutoFillBackground(False)
        return scroll

    def _retext(self) -> None:
        self._title.set_title(tr("Counting"))
        self._export.set_text(tr("Export the counts…"))
        self._reset.set_text(tr("All counts to zero"))
        self._empty.set_texts(
            tr("Nothing that moves yet"), tr("Open a camera or a video: then lines and zones can be drawn on it.")
        )
        self.line.setText(tr("Line"))
        self.line.setToolTip(tr("Draw a line on the picture (L)"))
        self.zone.setText(tr("Zone"))
        self.zone.setToolTip(tr("Draw a zone on the picture (Z)"))
        self.turn_on.setText(tr("Turn on tracking"))
        self.trails.setText(tr("Trails of what moves"))
        self.shapes.setAccessibleName(tr("Lines and zones"))
        self.classes.setAccessibleName(tr("Class that is counted"))
        self.kind.setAccessibleName(tr("Kind of chart"))
        for combo, words in (
            (self.tracker, [text() for _, text in TRACKERS]),
            (self.anchor, [text() for _, text in ANCHORS]),
            (self.kind, [text() for _, text in CHARTS]),
        ):
            with QSignalBlocker(combo):
                row = max(0, combo.currentIndex())
                combo.clear()
                combo.addItems(words)
                combo.setCurrentIndex(row)
        for label, combo, caption in zip(
            self._captions, (self.tracker, self.anchor), (tr("Tracking"), tr("Counted point")), strict=True
        ):
            label.setText(caption)
            combo.setAccessibleName(caption)
        self.refresh()

    # --- what the user does -----------------------------------------------------------------------------------------

    def _draw(self, kind: ShapeKind) -> None:
        if self._editor.drawing == kind:
            self._editor.cancel()
        else:
            self._commands.draw_shape(kind)
        self.refresh()

    def _choose_class(self, class_id: int | None) -> None:
        self._class = class_id
        self.refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Undo):
            self._state.undo()
        elif event.matches(QKeySequence.StandardKey.Redo):
            self._state.redo()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        self._editor.set_active(True)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        self._editor.set_active(False)

    # --- what is shown ----------------------------------------------------------------------------------------------

    def _later(self) -> None:
        if not self._timer.isActive() and self.isVisible():
            self._timer.start()

    def refresh(self) -> None:
        self._stack.setCurrentIndex(1 if self._state.possible else 0)
        has_shapes = bool(self._state.shapes)
        for made in (self._export, self._reset):
            made.setEnabled(self._state.possible and has_shapes)
        if not self._state.possible:
            return
        values = self._session.preferences.values
        with QSignalBlocker(self.tracker), QSignalBlocker(self.anchor), QSignalBlocker(self.trails):
            self.tracker.setCurrentIndex([name for name, _ in TRACKERS].index(values.tracking))
            self.anchor.setCurrentIndex([name for name, _ in ANCHORS].index(self._state.counting.anchor))
            self.trails.setChecked(values.trails)
        self.trails.setEnabled(values.tracking != "off")
        self.line.setChecked(self._editor.drawing == "line")
        self.zone.setChecked(self._editor.drawing == "zone")
        self._show_notice(values.tracking == "off", has_shapes)
        self.shapes.setVisible(has_shapes)
        self.shapes.rows.refresh()
        self._show_details()

    def _show_notice(self, off: bool, has_shapes: bool) -> None:
        detector = self._state.model_key() is not None or not self._session.controller.running
        text = ""
        if not detector:
            text = tr("Only a detector finds what can be counted: choose one as the model.")
        elif off and has_shapes:
            text = tr("Nothing is counted while tracking is off.")
        self.notice.setText(text)
        self.turn_on.setVisible(bool(text) and detector)
        parent = self.notice.parentWidget()
        if parent is not None:
            parent.setVisible(bool(text))
        self.hint.setText(tr("Draw a line or a zone on the picture; what crosses or enters it is counted."))
        around = self.hint.parentWidget()
        if around is not None:
            around.setVisible(not has_shapes)

    def counter(self) -> ShapeCounter | None:
        """Of the shape that is chosen, else of the first."""
        shapes = self._state.shapes
        key = self._editor.selected if self._editor.selected is not None else shapes[0].key if shapes else None
        return self._state.counter(key) if key is not None else None

    def _show_details(self) -> None:
        counter = self.counter()
        self.details.setVisible(counter is not None)
        if counter is None:
            return
        names, chosen = self._state.names(), self._class
        self._show_classes(counter.classes(), names)
        self.name.setText(counter.shape.name)
        numbers = [texts.number(n) for n in (counter.arrived(chosen), counter.departed(chosen))]
        if counter.shape.kind == "line":
            self.cards.show_numbers([(tr("In"), numbers[0]), (tr("Out"), numbers[1])])
        else:
            inside = (tr("Inside"), texts.number(counter.inside(chosen)))
            self.cards.show_numbers([inside, (tr("Entered"), numbers[0]), (tr("Exited"), numbers[1])])
        several = counter.classes() if chosen is None and len(counter.classes()) > 1 else []
        parts = [
            tr("{name} {n}/{m}", name=name_of(names, i), n=counter.arrived(i), m=counter.departed(i)) for i in several
        ]
        self.by_class.setText(" · ".join(parts))
        self.by_class.setVisible(bool(parts))
        self._show_dwell(counter)
        self._show_chart(counter)

    def _show_chart(self, counter: ShapeCounter) -> None:
        """Anew once a second at most, and when something was counted."""
        kind = CHARTS[max(0, self.kind.currentIndex())][0]
        end = 0 if counter.span is None else round(counter.span[1])
        seen = (counter, kind, self._class, len(counter.events), end, language())
        if seen != self._charted:
            self._charted = seen
            self.chart.show_curves(curves_of(counter, kind, self._class))

    def _show_dwell(self, counter: ShapeCounter) -> None:
        dwells = counter.dwells(self._class)
        shown = counter.shape.kind == "zone" and bool(dwells)
        if shown:
            mean, longest = seconds_text(sum(dwells) / len(dwells)), seconds_text(max(dwells))
            self.dwell.setText(tr("Stay: {mean} on average, {longest} at most", mean=mean, longest=longest))
        self.dwell.setVisible(shown)
        now = [(key, v) for key, v in counter.present.items() if self._class in (None, v.class_id)]
        now.sort(key=lambda item: -item[1].dwell)
        here = [f"#{key}{texts.NBSP}{seconds_text(visit.dwell)}" for key, visit in now[:_MOST_PRESENT]]
        if len(now) > _MOST_PRESENT:
            here.append("…")
        self.present.setText(tr("Now: {list}", list=" · ".join(here)))
        self.present.setVisible(shown and bool(here))

    def _show_classes(self, classes: list[int], names: tuple[str, ...]) -> None:
        wanted = [(tr("All classes"), None), *((name_of(names, i), i) for i in classes)]
        if self._class is not None and self._class not in classes:
            wanted.append((name_of(names, self._class), self._class))
        if [(self.classes.itemText(i), self.classes.itemData(i)) for i in range(self.classes.count())] != wanted:
            with QSignalBlocker(self.classes):
                self.classes.clear()
                for text, class_id in wanted:
                    self.classes.addItem(text, class_id)
        self.classes.setVisible(len(wanted) > 2 or self._class is not None)
        with QSignalBlocker(self.classes):
            self.classes.setCurrentIndex([class_id for _, class_id in wanted].index(self._class))


def seconds_text(seconds: float) -> str:
    """ "0.8 s", "12 s", "3 min 5 s"."""
    if seconds < 9.95:
        return f"{texts.number(seconds, 1)}{texts.NBSP}s"
    if seconds < 60:
        return f"{texts.number(seconds)}{texts.NBSP}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}{texts.NBSP}min {rest}{texts.NBSP}s"
    return texts.duration(seconds)


def _padded(inner: QGridLayout | QHBoxLayout) -> QVBoxLayout:
    box = QVBoxLayout()
    box.setContentsMargins(14, 0, 14, 0)
    box.addLayout(inner)
    return box


def _padded_widget(*parts: QWidget) -> QWidget:
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(14, 0, 14, 0)
    column.setSpacing(2)
    for part in parts:
        column.addWidget(part)
    return box
