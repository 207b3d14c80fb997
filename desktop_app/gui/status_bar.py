"""The honest numbers along the lower edge. A click opens the table of where the time goes."""

from __future__ import annotations

import time
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QGridLayout, QSizePolicy, QStatusBar, QWidget

from desktop_app.gui import texts
from desktop_app.gui.batch_model import BatchModel
from desktop_app.gui.describe import engine_text
from desktop_app.gui.measured import STAGES
from desktop_app.gui.pipeline_controller import PipelineController
from desktop_app.gui.session import Session
from desktop_app.gui.stress_warning import stress_words
from desktop_app.gui.theme import theme
from desktop_app.gui.widgets import Label
from desktop_app.i18n import tr

GAP = 14
DOTS = {"live": "success", "playing": "success", "lost": "warning", "failed": "danger"}


@dataclass(frozen=True, slots=True)
class Number:
    """One number with its unit; `tone` is the colour token of the number."""

    number: str
    unit: str = ""
    tone: str = "text"


def numbers(
    controller: PipelineController, batch: BatchModel, batch_shown: bool, lost_for: float | None
) -> list[Number]:
    """What is measured, and only that."""
    info, stats = controller.info, controller.stats
    if batch_shown and batch.done:
        found = [
            Number(texts.number(batch.done), _of_pictures(batch)),
        ]
        if batch.rate:
            found.append(Number(texts.number(batch.rate, 1), tr("pictures/s")))
        if batch.seconds_left is not None:
            found.append(Number(texts.duration(batch.seconds_left), tr("left")))
        failed = len(batch.failures)
        return [*found, Number(texts.number(failed), tr("failed"), "warning" if failed else "text")]
    if info is None:
        return [Number(tr("Opening…") if controller.opening else tr("Ready"))]
    if info.kind == "image":
        forward = [controller.stage_milliseconds(key, "forward") for key in controller.results]
        measured = [Number(*_split(texts.milliseconds(ms)), "text") for ms in forward if ms is not None]
        return [Number("1", tr("picture")), *(Number(n.number, tr("{unit} forward", unit=n.unit)) for n in measured)]
    if stats is None:
        return [Number(tr("Opening…"))]
    unit = tr("fps file") if info.kind == "video" else tr("fps camera") if info.kind == "camera" else tr("fps input")
    rates = [texts.fps(stats.recognised_fps.get(key, 0.0)) for key in controller.running]
    found = [Number(texts.fps(stats.captured_fps), unit)]
    if rates:
        found.append(Number(" + ".join(rates), tr("fps recognised")))
    found.append(Number(texts.number(stats.dropped), tr("dropped"), "warning" if stats.dropped else "text"))
    latency = controller.latency.at(50)
    if lost_for is not None:
        found.append(Number(tr("signal lost"), tr("{time} ago", time=texts.duration(lost_for))))
    elif latency is not None and info.live and controller.phase == "live":
        found.append(Number(*_split(texts.milliseconds(latency), tr("from grab to screen"))))
    return found


def _of_pictures(batch: BatchModel) -> str:
    return tr("pictures") if batch.total is None else tr("of {count} pictures", count=texts.number(batch.total))


def _split(measure: str, more: str = "") -> tuple[str, str]:
    number, _, unit = measure.partition(texts.NBSP)
    return number, f"{unit} {more}".strip()


class StatusLine(QAbstractButton):
    """Painted: numbers strong, units muted, what runs at the right."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers: list[Number] = []
        self.right = ""
        self.dot = "faint"
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_numbers(self, found: list[Number], right: str, dot: str) -> None:
        if (found, right, dot) == (self.numbers, self.right, self.dot):
            return
        self.numbers, self.right, self.dot = found, right, dot
        parts = [f"{n.number} {n.unit}".strip() for n in found]
        self.setAccessibleName(tr("State: {numbers}", numbers=" · ".join([*parts, right] if right else parts)))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(400, max(27, QFontMetrics(theme().font("small")).height() + 10))

    def minimumSizeHint(self) -> QSize:
        return QSize(100, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        strong, small = theme().font("small", weight=600), theme().font("small")
        middle = Qt.AlignmentFlag.AlignVCenter
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().colour(self.dot))
            painter.drawEllipse(QPointF(16, self.height() / 2), 4, 4)
            painter.setFont(small)
            right = painter.fontMetrics().horizontalAdvance(self.right)
            x = 36.0
            for place, number in enumerate(self.numbers):
                width = QFontMetrics(strong).horizontalAdvance(number.number) + 5
                unit = QFontMetrics(small).horizontalAdvance(number.unit)
                if place:
                    if x + 2 * GAP + width + unit > self.width() - 14:
                        break
                    painter.setPen(theme().colour("line2"))
                    x += GAP
                    painter.drawLine(QPointF(x, self.height() / 2 - 7), QPointF(x, self.height() / 2 + 7))
                    x += GAP
                painter.setFont(strong)
                painter.setPen(theme().colour(number.tone))
                painter.drawText(QRectF(x, 0, width, self.height()), middle, number.number)
                painter.setFont(small)
                painter.setPen(theme().colour("muted"))
                painter.drawText(QRectF(x + width, 0, unit + 2, self.height()), middle, number.unit)
                x += width + unit
            if x + GAP + right < self.width() - 10:
                area = QRectF(self.width() - right - 12, 0, right + 2, self.height())
                painter.drawText(area, middle | Qt.AlignmentFlag.AlignRight, self.right)
            if self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(theme().colour("accent"), 2))
                painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))


class StatusBar(QStatusBar):
    def __init__(self, session: Session, batch: BatchModel) -> None:
        super().__init__()
        self._controller, self._batch = session.controller, batch
        self.batch_shown = False
        self.lost_since: float | None = None
        self._stale = False
        self.line = StatusLine()
        self.setSizeGripEnabled(False)
        self.setContentsMargins(0, 0, 0, 0)
        self.addWidget(self.line, 1)
        self.line.clicked.connect(self.show_timings)
        self.popup: TimingTable | None = None
        session.controller.stats_changed.connect(self.refresh)
        session.controller.source_changed.connect(self.refresh)
        session.controller.models_changed.connect(self.refresh)
        session.controller.stress.changed.connect(self.refresh)
        batch.progressed.connect(self.refresh)
        # A still picture sends no statistics: its one result writes the line.
        session.controller.views.append(self._once)
        texts.follow_language(self, self.refresh)

    def _once(self) -> None:
        info = self._controller.info
        if info is not None and info.kind == "image":
            self.refresh()

    @property
    def lost_for(self) -> float | None:
        return None if self.lost_since is None else time.perf_counter() - self.lost_since

    def show_stale(self, stale: bool) -> None:
        """No picture comes, though nobody says that the signal is lost: a driver hangs, or the recogniser."""
        self._stale = stale
        self.refresh()

    def refresh(self) -> None:
        controller = self._controller
        phase = "lost" if self._stale else controller.phase
        if phase != "lost":
            self.lost_since = None
        elif self.lost_since is None:
            self.lost_since = time.perf_counter()
        dot = DOTS.get(phase, "faint") if controller.alive else "faint"
        if controller.alive and controller.info is not None and controller.info.kind in ("image", "images"):
            dot = "success"
        found = numbers(controller, self._batch, self.batch_shown, self.lost_for)
        changed = stress_words(controller)
        if changed:
            found.insert(0, Number(tr("Input changed:"), changed, "warning"))
        self.line.show_numbers(found, engine_text(controller), dot)

    def show_timings(self) -> None:
        self.popup = TimingTable(self._controller, self)
        self.popup.adjustSize()
        self.popup.move(self.mapToGlobal(QPoint(8, -self.popup.height() - 8)))
        self.popup.show()


class TimingTable(QFrame):
    """Median milliseconds of each step of each model, and the memory of the recogniser; alive while open."""

    def __init__(self, controller: PipelineController, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._controller = controller
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(16, 12, 16, 12)
        self._grid.setHorizontalSpacing(20)
        self._cells: dict[tuple[int, int], Label] = {}
        self._fill()
        self._timer = QTimer(self, interval=500)
        self._timer.timeout.connect(self._fill)
        self._timer.start()

    def rows(self) -> list[list[str]]:
        captions = {
            "preprocess": tr("Prepare the picture"),
            "forward": tr("Network"),
            "postprocess": tr("Read the answer"),
            "total": tr("Together"),
        }
        keys = list(self._controller.running)
        rows = [[tr("Median time"), *keys]]
        for stage in STAGES:
            times = (self._controller.stage_milliseconds(key, stage) for key in keys)
            rows.append([captions[stage], *("–" if ms is None else texts.milliseconds(ms) for ms in times)])
        latency = self._controller.latency.at(50)
        if latency is not None:
            rows.append([tr("From grab to screen"), texts.milliseconds(latency)])
        if self._controller.stats is not None and self._controller.stats.rss_bytes:
            rows.append([tr("Memory of the recogniser"), texts.file_size(self._controller.stats.rss_bytes)])
        return rows

    def _fill(self) -> None:
        for r, row in enumerate(self.rows()):
            for c, text in enumerate(row):
                label = self._cells.get((r, c))
                if label is None:
                    label = Label("", "strong" if r == 0 or c else "body", "text" if c or r == 0 else "muted")
                    label.setAlignment(Qt.AlignmentFlag.AlignRight if c else Qt.AlignmentFlag.AlignLeft)
                    self._cells[r, c] = label
                    self._grid.addWidget(label, r, c)
                label.setText(text)
