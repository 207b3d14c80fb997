"""One curve of a sweep: how sure the model is, against how strong one corruption is; points are there to be clicked."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from desktop_app.core.stress import Corruption
from desktop_app.gui import stress_texts, texts
from desktop_app.gui.stress_state import Sweep
from desktop_app.gui.theme import theme
from desktop_app.i18n import tr

TALL = 80.0
"""Pixels from which the lines of the axis are named."""
HIT = 14.0
"""Pixels from a point within which a click means it."""


@dataclass(frozen=True, slots=True)
class Dot:
    """`words`: the answer there."""

    strength: float
    confidence: float
    differs: bool
    words: str


def dots_of(sweep: Sweep | None, corruption: Corruption) -> list[Dot]:
    if sweep is None:
        return []
    curves, subject = sweep.curves, sweep.subject
    return [
        Dot(
            answer.strength,
            curves.confidence(answer, subject),
            curves.differs(answer, subject),
            stress_texts.answer_text(sweep, answer),
        )
        for answer in curves.line(corruption.key)
    ]


class SweepPlot(QWidget):
    chosen = Signal(float)
    """The strength of the point."""

    def __init__(self, corruption: Corruption) -> None:
        super().__init__()
        self.corruption = corruption
        self.dots: list[Dot] = []
        self.flips: list[float] = []
        self.of_boxes = False
        self._chosen: float | None = None
        self._colour = QColor()
        self._scale = 1.0
        strengths = (*corruption.sweep, corruption.neutral)
        low, high = min(strengths), max(strengths)
        # From none at the left to strong at the right, except where there are two sides.
        self._axis = (high, low) if corruption.neutral == high else (low, high)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme().changed.connect(self.update)

    def show_dots(self, dots: list[Dot], flips: list[float], chosen: float | None, colour: QColor) -> None:
        """`chosen`: the strength of the point whose picture is shown."""
        seen = (dots, flips, chosen, colour)
        if seen == (self.dots, self.flips, self._chosen, self._colour):
            return
        self.dots, self.flips, self._chosen, self._colour = seen
        self.setAccessibleName(stress_texts.title(self.corruption.key))
        self.setAccessibleDescription(self.verdict())
        self.update()

    def verdict(self) -> str:
        """ "flips at 6 px", "holds"; empty until there is a curve."""
        if self.flips:
            return tr("flips at {values}", values=self._flips_at())
        return tr("holds") if len(self.dots) == len(self.corruption.sweep) + 1 else ""

    def _flips_at(self) -> str:
        return ", ".join(stress_texts.value_text(self.corruption.key, strength) for strength in self.flips)

    def set_scale(self, scale: float) -> None:
        self._scale = scale
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(round(130 * self._scale), round(112 * self._scale))

    def minimumSizeHint(self) -> QSize:
        return QSize(100, round(100 * self._scale))

    # --- where things lie -------------------------------------------------------------------------------------------

    def _plot(self) -> QRectF:
        small = QFontMetricsF(theme().font("caption", self._scale)).height()
        title = QFontMetricsF(theme().font("small", self._scale)).height()
        top = title + small + 8
        height = max(1, self.height() - top - small - 8)
        left = 8 if height <= TALL else 14 + self._share_width()
        return QRectF(left, top, max(1, self.width() - left - 8), height)

    def _share_width(self) -> float:
        return QFontMetricsF(theme().font("caption", self._scale)).horizontalAdvance(self._share_text(1.0))

    def _share_text(self, share: float) -> str:
        return texts.number(share, 1) if self.of_boxes else texts.percent(share, 0)

    def place_of(self, dot: Dot) -> QPointF:
        begin, end = self._axis
        plot = self._plot()
        share = (dot.strength - begin) / (end - begin)
        return QPointF(plot.left() + plot.width() * share, plot.bottom() - plot.height() * dot.confidence)

    def _nearest(self, at: QPointF) -> Dot | None:
        """Along the axis: curves are clicked from above and below too."""
        found = min(self.dots, key=lambda dot: abs(self.place_of(dot).x() - at.x()), default=None)
        return found if found is not None and abs(self.place_of(found).x() - at.x()) <= HIT else None

    # --- pointer and keys -------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        dot = self._nearest(event.position())
        if dot is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(dot.strength)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        dot = self._nearest(event.position())
        self.setCursor(Qt.CursorShape.ArrowCursor if dot is None else Qt.CursorShape.PointingHandCursor)
        if dot is None:
            QToolTip.hideText()
            return
        value = stress_texts.value_text(self.corruption.key, dot.strength)
        QToolTip.showText(event.globalPosition().toPoint(), f"{value}: {dot.words}", self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}
        if event.key() not in steps or not self.dots:
            super().keyPressEvent(event)
            return
        step = steps[Qt.Key(event.key())] * (1 if self._axis[0] < self._axis[1] else -1)
        strengths = [dot.strength for dot in self.dots]
        now = self._chosen if self._chosen in strengths else self.corruption.neutral
        place = strengths.index(now) + step if now in strengths else 0
        self.chosen.emit(strengths[max(0, min(len(strengths) - 1, place))])

    # --- painting ---------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().colour("raised"))
            painter.drawRoundedRect(QRectF(self.rect()), 6, 6)
            self._paint_words(painter)
            plot = self._plot()
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for share in (0.0, 0.5, 1.0):
                y = round(plot.bottom() - plot.height() * share) + 0.5
                painter.setPen(QPen(theme().colour("line"), 1))
                painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
                if plot.height() > TALL:
                    self._paint_share(painter, plot, share, y)
            self._paint_flips(painter, plot)
            painter.setPen(QPen(self._colour, 1.8 * self._scale))
            painter.drawPolyline(QPolygonF([self.place_of(dot) for dot in self.dots]))
            for dot in self.dots:
                self._paint_dot(painter, dot)
            if self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(theme().colour("accent"), 2))
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)

    def _paint_share(self, painter: QPainter, plot: QRectF, share: float, y: float) -> None:
        """What the line stands for, before it."""
        painter.setFont(theme().font("caption", self._scale))
        painter.setPen(theme().colour("muted"))
        height = painter.fontMetrics().height()
        place = QRectF(0, y - height / 2, plot.left() - 6, height)
        painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._share_text(share))

    def _paint_words(self, painter: QPainter) -> None:
        painter.setFont(theme().font("small", self._scale))
        metrics = QFontMetricsF(painter.font())
        painter.setPen(theme().colour("text"))
        room = self.width() - 16.0
        name = metrics.elidedText(stress_texts.title(self.corruption.key), Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(8, 4, room, metrics.height()), Qt.AlignmentFlag.AlignLeft, name)
        top = 4 + metrics.height()
        painter.setFont(theme().font("caption", self._scale))
        metrics = QFontMetricsF(painter.font())
        painter.setPen(theme().colour("warning" if self.flips else "muted"))
        verdict = self.verdict()
        if self.flips and metrics.horizontalAdvance(verdict) > room:
            verdict = self._flips_at()
        verdict = metrics.elidedText(verdict, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(8, top, room, metrics.height()), Qt.AlignmentFlag.AlignLeft, verdict)
        painter.setPen(theme().colour("muted"))
        plot = self._plot()
        below = QRectF(plot.left(), self.height() - metrics.height() - 3, plot.width(), metrics.height())
        key = self.corruption.key
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, stress_texts.value_text(key, self._axis[0]))
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, stress_texts.value_text(key, self._axis[1]))

    def _paint_flips(self, painter: QPainter, plot: QRectF) -> None:
        painter.setPen(QPen(theme().colour("warning"), 1.2 * self._scale, Qt.PenStyle.DashLine))
        for dot in self.dots:
            if dot.strength in self.flips:
                x = self.place_of(dot).x()
                painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))

    def _paint_dot(self, painter: QPainter, dot: Dot) -> None:
        """A ring where the answer is another one; the clean picture is a square."""
        size = 2.6 * self._scale
        at = self.place_of(dot)
        painter.setPen(QPen(self._colour, 1.4 * self._scale))
        painter.setBrush(theme().colour("raised") if dot.differs else self._colour)
        if dot.strength == self.corruption.neutral:
            painter.drawRect(QRectF(at.x() - size, at.y() - size, 2 * size, 2 * size))
        else:
            painter.drawEllipse(at, size, size)
        if dot.strength == self._chosen:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme().colour("accent"), 2))
            painter.drawEllipse(at, size + 4, size + 4)
