"""One side of a comparison: who it is, how fast, where it runs; below it its view, or why there is none."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from desktop_app.core.comparing import Side
from desktop_app.gui import texts
from desktop_app.gui.compare_choices import LETTERS, Choice, fill_models, fill_ways, heading
from desktop_app.gui.compare_state import SideState
from desktop_app.gui.compare_view import CompareView
from desktop_app.gui.compare_words import placement_text
from desktop_app.gui.icons import paint_icon
from desktop_app.gui.menus import refill
from desktop_app.gui.notifications import progress_text
from desktop_app.gui.pipeline_controller import PipelineController
from desktop_app.gui.theme import theme
from desktop_app.gui.widgets import DropButton, ElidedLabel, IconButton, IconPlate, Label, ProgressBar, button
from desktop_app.i18n import tr

_ROOMY = 400


class Letter(QWidget):
    """A, B, C or D on a plate: how a side is called everywhere."""

    def __init__(self) -> None:
        super().__init__()
        self._letter, self._scale = "", 1.0
        self.set_scale(1.0)
        theme().changed.connect(self.update)

    def set_scale(self, scale: float) -> None:
        self._scale = scale
        self.setFixedSize(round(26 * scale), round(26 * scale))
        self.update()

    def set_letter(self, letter: str) -> None:
        self._letter = letter
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().colour("soft"))
            painter.drawRoundedRect(QRectF(self.rect()), 6, 6)
            painter.setFont(theme().font("strong", self._scale))
            painter.setPen(theme().colour("text"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._letter)


class ModelButton(DropButton):
    """Without an icon, for panes are narrow. The name of the model is cut where it is too long, how it runs is not."""

    def __init__(self) -> None:
        self._scale, self._choice = 1.0, Choice("")
        super().__init__("cube")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.set_scale(1.0)

    def set_scale(self, scale: float) -> None:
        self._scale = scale
        self.setMaximumWidth(round(300 * scale))
        self.setFixedHeight(round(34 * scale))
        self.updateGeometry()
        self.update()

    def show_choice(self, choice: Choice) -> None:
        if choice != self._choice:
            self._choice = choice
            self.set_value(choice.title())

    def sizeHint(self) -> QSize:
        wide = QFontMetrics(self._font()).horizontalAdvance(self.value) + 46
        return QSize(min(self.maximumWidth(), wide), round(34 * self._scale))

    def _font(self) -> QFont:
        return theme().font("body", self._scale)

    def paintEvent(self, event: QPaintEvent) -> None:
        focus, metrics = self.hasFocus(), QFontMetrics(self._font())
        fill = "soft" if self.isDown() else "hover" if self.underMouse() and self.isEnabled() else "raised"
        area = QRectF(self.rect())
        how = self._choice.title().removeprefix(self._choice.key)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            inset = 1.0 if focus else 0.5
            painter.setPen(QPen(theme().colour("accent" if focus else "line2"), 2 * inset))
            painter.setBrush(theme().colour(fill))
            painter.drawRoundedRect(area.adjusted(inset, inset, -inset, -inset), 6, 6)
            caret = QRectF(area.right() - 24, area.center().y() - 7, 14, 14)
            paint_icon(painter, caret, "caret-down", theme().colour("muted"))
            text = area.adjusted(10, 0, -28, 0)
            room = text.width() - metrics.horizontalAdvance(how) + 1
            shown = metrics.elidedText(self._choice.key, Qt.TextElideMode.ElideRight, int(room)) + how
            painter.setFont(self._font())
            painter.setPen(theme().colour("text" if self.isEnabled() else "muted"))
            painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, shown)


class PaneHeader(QWidget):
    """Letter, model, where it runs, milliseconds a frame, and the way out."""

    chosen = Signal(object)
    """Another `Choice` instead."""
    removed = Signal()

    def __init__(self, controller: PipelineController) -> None:
        super().__init__()
        self._controller = controller
        self._choice = Choice("")
        self._where, self._scale = "", 1.0
        self.letter = Letter()
        self.model = ModelButton()
        self.where = ElidedLabel("", "small", "muted")
        self.ms = Label("", "strong")
        self.remove = IconButton("x", size=14)
        menu = QMenu(self.model)
        menu.aboutToShow.connect(lambda: refill(menu, self.fill))
        self.model.setMenu(menu)
        self.remove.clicked.connect(self.removed)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 6, 4)
        row.setSpacing(8)
        row.addWidget(self.letter)
        row.addWidget(self.model)
        row.addWidget(self.where, 1)
        row.addWidget(self.ms)
        row.addWidget(self.remove)
        texts.follow_language(self, self._retext)

    def _retext(self) -> None:
        self.model.set_kind(tr("Model"))
        self.remove.set_text(tr("Take out of the comparison"))

    def set_scale(self, scale: float) -> None:
        """For the projector."""
        self._scale = scale
        for part in (self.letter, self.model, self.where, self.ms):
            part.set_scale(scale)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is no room for both, the name of the model counts; the tool tip of the number has the rest."""
        super().resizeEvent(event)
        self._show_where()

    def _show_where(self) -> None:
        self.where.set_full_text(self._where if self.width() >= _ROOMY * self._scale else "")

    def fill(self, menu: QMenu) -> None:
        """What the model's button opens."""
        fill_models(menu, self._controller, self._choice.key, lambda key: self.chosen.emit(Choice(key)))
        menu.addSeparator()
        heading(menu, tr("How {model} runs", model=self._choice.key))
        fill_ways(menu, self._controller, self._choice, self.chosen.emit)

    def show_side(self, place: int, choice: Choice, state: SideState, *, removable: bool, fixed: bool) -> None:
        """`fixed`: what is shown is of the past."""
        self._choice = choice
        self.model.setEnabled(not fixed)
        self.letter.set_letter(LETTERS[place])
        self.model.show_choice(choice)
        self.remove.setVisible(removable and not fixed)
        self.show_numbers(state)

    def show_numbers(self, state: SideState) -> None:
        ms = state.ms.at(50) if state.stage == "ready" else None
        self.ms.setText("" if ms is None else texts.milliseconds(ms))
        self._where = placement_text(state.last) if state.last is not None and ms is not None else ""
        self._show_where()
        of_what = tr("Median of the last frames: preprocessing, network, postprocessing")
        self.ms.setToolTip(f"{of_what}\n{self._where}".strip())


class PaneStatus(QWidget):
    """Instead of a picture: a model that loads, with its progress, or one that failed, with the reason."""

    again = Signal(object)
    """The `Side` to be tried again."""

    def __init__(self) -> None:
        super().__init__()
        self._side: Side | None = None
        self._icon = IconPlate("hourglass", "muted", 32)
        self.title, self.text = Label("", "strong", wrap=True), Label("", "small", "muted", wrap=True)
        self.bar = ProgressBar()
        self.bar.setMaximumWidth(260)
        self.retry = button("", "", "arrow-clockwise")
        self.retry.clicked.connect(lambda: self.again.emit(self._side))
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 12, 20, 12)
        column.setSpacing(6)
        column.addStretch(1)
        column.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignHCenter)
        for label in (self.title, self.text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(label)
        bar = QHBoxLayout()
        bar.addStretch(1)
        bar.addWidget(self.bar, 2)
        bar.addStretch(1)
        column.addLayout(bar)
        column.addWidget(self.retry, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        texts.follow_language(self, self._retext)

    def _retext(self) -> None:
        self.retry.setText(tr("Try again"))
        self.bar.setAccessibleName(tr("Progress"))

    def show_state(self, side: Side, state: SideState, controller: PipelineController) -> None:
        self._side, key = side, side.key
        failed = state.stage == "failed"
        self._icon.set_icon("warning-fill" if failed else "hourglass", "warning" if failed else "muted")
        self.retry.setVisible(failed)
        self.bar.setVisible(not failed)
        if failed:
            self.title.setText(state.message)
            self.text.setText(state.hint)
            return
        progress, share = controller.progress.get(key), controller.work.share(key)
        self.title.setText(tr("{model} gets ready", model=key))
        self.text.setText("" if progress is None else progress_text(progress, share))
        self.bar.set_fraction(share)


class ComparePane(QWidget):
    def __init__(self, controller: PipelineController, view: CompareView) -> None:
        super().__init__()
        self._controller = controller
        self.header, self.view, self.status = PaneHeader(controller), view, PaneStatus()
        body = QWidget()
        self._body = QStackedLayout(body)
        self._body.addWidget(self.view)
        self._body.addWidget(self.status)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(body, 1)

    def show_side(
        self, place: int, choice: Choice, side: Side, state: SideState, *, removable: bool, fixed: bool
    ) -> None:
        self.header.show_side(place, choice, state, removable=removable, fixed=fixed)
        ready = state.stage == "ready"
        self._body.setCurrentWidget(self.view if ready else self.status)
        if not ready:
            self.status.show_state(side, state, self._controller)
