"""The sweep: begins and ends it, shows a curve for each corruption and the picture of the point that was clicked."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt, QTimer
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QComboBox, QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop_app.core.stress import CORRUPTIONS
from desktop_app.core.sweep import ALL
from desktop_app.gui import texts
from desktop_app.gui.batch_model import name_of
from desktop_app.gui.session import Session
from desktop_app.gui.stress_state import Sweep
from desktop_app.gui.sweep_plot import SweepPlot, dots_of
from desktop_app.gui.swept_picture import SweptPicture
from desktop_app.gui.theme import theme
from desktop_app.gui.widgets import ElidedLabel, IconButton, Label, ProgressBar, button
from desktop_app.i18n import tr
from desktop_app.render.palette import chart_colour

WIDE = 640
"""Pixels from which the picture stands beside the curves."""
PLOT = 112
MOST_COLUMNS = 3
UPDATE_MS = 100


class SweepView(QWidget):
    """`enlarge`: opens it large; none where it is that already. `export`: saves the curves."""

    def __init__(self, session: Session, export: Callable[[], None], enlarge: Callable[[], None] | None = None) -> None:
        super().__init__()
        self._session = session
        self._controller = session.controller
        self._state = session.controller.stress
        self._columns = 0
        self._wide: bool | None = None
        self._scale = 1.0
        self.title, self.explanation = Label("", "title"), Label("", "caption", "muted", wrap=True)
        self.model, self.subject = QComboBox(), QComboBox()
        self.start, self.progress = button("", "", "chart-line"), ProgressBar()
        self.progress_text, self.cancel = ElidedLabel("", "small", "muted"), IconButton("x")
        self.trouble = Label("", "small", "warning", wrap=True)
        self.export, self.enlarge = IconButton("export"), IconButton("corners-out")
        self.plots = {corruption.key: SweepPlot(corruption) for corruption in CORRUPTIONS}
        self.picture = SweptPicture(session)
        self._assemble(enlarge is not None)
        self.start.clicked.connect(self.begin)
        self.cancel.clicked.connect(self._state.cancel_sweep)
        self.export.clicked.connect(lambda: export())  # noqa: PLW0108  (without the "checked" of the signal)
        if enlarge is not None:
            self.enlarge.clicked.connect(lambda: enlarge())  # noqa: PLW0108
        self.subject.activated.connect(lambda _: self._state.choose_subject(self.subject.currentData()))
        for key, plot in self.plots.items():
            plot.chosen.connect(partial(self._state.choose_point, key))
        # Answers come faster than they can be read.
        self._later = QTimer(self, interval=UPDATE_MS, singleShot=True)
        self._later.timeout.connect(self.refresh)
        self._state.swept.connect(self._soon)
        self._controller.models_changed.connect(self._soon)
        self._controller.source_changed.connect(self._soon)
        session.preferences.changed.connect(lambda _: self._soon())
        theme().changed.connect(self._soon)
        texts.follow_language(self, self._retext)

    def _assemble(self, small: bool) -> None:
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self.title, 1)
        head.addWidget(self.export)
        if small:
            head.addWidget(self.enlarge)
        else:
            self.enlarge.setParent(self)
            self.enlarge.hide()
        for picker in (self.model, self.subject):
            picker.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            picker.setMinimumContentsLength(8)
            picker.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.start.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._work = QWidget()
        work = QGridLayout(self._work)
        work.setContentsMargins(0, 0, 0, 0)
        work.setVerticalSpacing(2)
        work.addWidget(self.progress_text, 0, 0)
        work.addWidget(self.progress, 1, 0)
        work.addWidget(self.cancel, 0, 1, 2, 1)
        self._grid = QGridLayout()
        self._grid.setSpacing(6)
        self._plots = QWidget()
        plots = QVBoxLayout(self._plots)
        plots.setContentsMargins(0, 0, 0, 0)
        plots.setSpacing(6)
        plots.addWidget(self.subject)
        plots.addLayout(self._grid, 1)
        self._body = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._body.setSpacing(12)
        self._body.addWidget(self._plots, 3)
        self._body.addWidget(self.picture, 2)
        whole = self._whole = QVBoxLayout(self)
        whole.setContentsMargins(14, 0, 10, 0)
        whole.setSpacing(6)
        whole.addLayout(head)
        whole.addWidget(self.explanation)
        whole.addWidget(self.model)
        whole.addWidget(self.start)
        whole.addWidget(self._work)
        whole.addWidget(self.trouble)
        whole.addLayout(self._body, 1)
        whole.addStretch(0)  # where there are no curves yet
        self._arrange(2)

    def _retext(self) -> None:
        self.title.setText(tr("Sweep"))
        self.export.set_text(tr("Export the curves as CSV"))
        self.enlarge.set_text(tr("Show large"))
        self.cancel.set_text(tr("Cancel the sweep"))
        self.start.setText(tr("Sweep this picture"))
        self.model.setAccessibleName(tr("Model that is swept"))
        self.subject.setAccessibleName(tr("What the curves are of"))
        self.progress.setAccessibleName(tr("Sweep"))
        self.refresh()

    # --- what the user does -----------------------------------------------------------------------------------------

    def begin(self) -> None:
        controller = self._controller
        key = self.model.currentData() or next(iter(controller.running), "")
        info = controller.info
        if info is None or key not in controller.running:
            return
        local = "://" not in info.spec or info.spec.startswith("file:")
        names = controller.running[key].names
        source = info.spec if local else info.title
        self._state.begin_sweep(key, names, source, controller.placement, controller.thresholds)

    def set_scale(self, scale: float) -> None:
        self._scale = scale
        for label in (self.title, self.explanation, self.trouble, self.progress_text):
            label.set_scale(scale)
        for plot in self.plots.values():
            plot.set_scale(scale)
        self.picture.set_scale(scale)
        self.fit(self.width())

    # --- what is shown ----------------------------------------------------------------------------------------------

    def _soon(self) -> None:
        if not self._later.isActive():
            self._later.start()

    def refresh(self) -> None:
        sweep = self._state.sweep
        self._show_models()
        running = sweep is not None and sweep.phase == "running"
        had_focus = self.start.hasFocus() or self.cancel.hasFocus()
        ready = self._controller.alive and not self._controller.is_batch and bool(self._controller.running)
        self.start.setVisible(not running)
        self.start.setEnabled(ready)
        self._work.setVisible(running)
        if had_focus:
            (self.cancel if running else self.start).setFocus(Qt.FocusReason.OtherFocusReason)
        has_curves = sweep is not None and bool(sweep.curves.subjects)
        self._plots.setVisible(has_curves)
        self.export.setEnabled(has_curves)
        self.trouble.setVisible(sweep is not None and bool(sweep.message))
        if sweep is None or not has_curves:
            self.explanation.setText(
                tr(
                    "Takes the picture that is there now, as it is without the sliders, spoils it in every way from "
                    "none to strong, and asks the model each time."
                )
            )
        if sweep is not None:
            self.trouble.setText(sweep.message)
            self._show_progress(sweep)
            if has_curves:
                self._show_subjects(sweep)
                self._explain(sweep)
        self._show_plots(sweep)
        self.picture.show_sweep(sweep)

    def _show_models(self) -> None:
        keys = list(self._controller.running)
        if [self.model.itemData(place) for place in range(self.model.count())] != keys:
            chosen = self.model.currentData()
            with QSignalBlocker(self.model):
                self.model.clear()
                for key in keys:
                    self.model.addItem(key, key)
                if chosen in keys:
                    self.model.setCurrentIndex(keys.index(chosen))
        self.model.setVisible(len(keys) > 1)

    def _show_progress(self, sweep: Sweep) -> None:
        self.progress.set_fraction(sweep.share)
        if not sweep.total:
            self.progress_text.set_full_text(tr("Getting the model ready…"))
            return
        parts = [tr("{done} of {total}", done=texts.number(sweep.curves.count), total=texts.number(sweep.total))]
        if sweep.seconds_left is not None:
            parts.append(tr("{time} left", time=texts.duration(sweep.seconds_left)))
        self.progress_text.set_full_text(" · ".join(parts))

    def _show_subjects(self, sweep: Sweep) -> None:
        """Of a detector: which of its boxes, or all of them."""
        wanted: list[tuple[str, int]] = []
        if sweep.detects:
            for number, subject in enumerate(sweep.curves.subjects):
                name = name_of(sweep.names, subject.class_id)
                wanted.append((f"{number + 1}. {name} {texts.number(subject.confidence, 2)}", number))
            wanted.append((tr("All boxes together (F1)"), ALL))
        if [(self.subject.itemText(i), self.subject.itemData(i)) for i in range(self.subject.count())] != wanted:
            with QSignalBlocker(self.subject):
                self.subject.clear()
                for text, number in wanted:
                    self.subject.addItem(text, number)
        self.subject.setVisible(bool(wanted))
        place = self.subject.findData(sweep.subject)
        if place >= 0:
            self.subject.setCurrentIndex(place)

    def _explain(self, sweep: Sweep) -> None:
        subject = sweep.subject_shown
        if subject is None:
            self.explanation.setText(
                tr("F1 of the boxes with those of the clean picture: 1 where all are found again and no others.")
            )
            return
        name = name_of(sweep.names, subject.class_id)
        if sweep.detects:
            words = tr("Confidence of the box of “{name}” at its place. A ring: another label, or no box.", name=name)
        else:
            words = tr(
                "Probability of “{name}”, the first class of the clean picture. A ring: another is first.", name=name
            )
        self.explanation.setText(words)

    def _show_plots(self, sweep: Sweep | None) -> None:
        for corruption in CORRUPTIONS:
            plot = self.plots[corruption.key]
            if sweep is None or not sweep.curves.subjects:
                plot.show_dots([], [], None, QColor())
                continue
            chosen = sweep.chosen[1] if sweep.chosen is not None and sweep.chosen[0] == corruption.key else None
            plot.of_boxes = sweep.detects
            flips = [answer.strength for answer in sweep.curves.flips(corruption.key, sweep.subject)]
            plot.show_dots(dots_of(sweep, corruption), flips, chosen, self._colour(sweep))

    def _colour(self, sweep: Sweep) -> QColor:
        subject = sweep.subject_shown
        if subject is None:
            return theme().colour("accent")
        return chart_colour(subject.class_id, self._session.preferences.values.palette, light=not theme().is_dark)

    # --- how it is arranged -----------------------------------------------------------------------------------------

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for place, plot in enumerate(self.plots.values()):
            self._grid.addWidget(plot, place // columns, place % columns)
        for column in range(MOST_COLUMNS):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)

    def fit(self, width: int) -> None:
        """Arranges the parts for so many pixels."""
        wide = width >= WIDE
        if wide != self._wide:
            self._wide = wide
            direction = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
            self._body.setDirection(direction)
            self._body.removeWidget(self.picture)
            self._body.insertWidget(1 if wide else 0, self.picture, 2 if wide else 0)
            self.picture.set_low(not wide)
            self._whole.setAlignment(self.start, Qt.AlignmentFlag.AlignLeft if wide else Qt.AlignmentFlag(0))
        room = width * (3 / 5 if wide else 1) - 24
        self._arrange(max(1, min(MOST_COLUMNS, int(room / (PLOT * min(self._scale, 1.3))))))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit(self.width())
