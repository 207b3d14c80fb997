"""Counts over time: what a line or zone has come to so far, or how many there were each minute."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_app.core.counting import ARRIVING, LEAVING, ShapeCounter
from desktop_app.gui import texts
from desktop_app.gui.theme import theme
from desktop_app.i18n import tr

ChartKind = Literal["sum", "minute"]
MINUTE = 60.0
MOST_POINTS = 600
"""Of a curve: more than a chart has pixels nobody sees, and drawing them takes long after days of counting."""


@dataclass(frozen=True, slots=True)
class Curve:
    """`points`: (seconds since the beginning, value), each value holds until the next. `token`: of its colour."""

    name: str
    token: str
    dashed: bool
    points: tuple[tuple[float, float], ...]


def steps(times: Sequence[float], start: float, end: float) -> tuple[tuple[float, float], ...]:
    """How many of `times` there were so far."""
    points = [(at - start, float(number)) for number, at in enumerate(sorted(times), 1)]
    return ((0.0, 0.0), *_thinned(points), (end - start, float(len(times))))


def _thinned(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return points[:: -(-len(points) // MOST_POINTS)] if points else points


def per_minute(times: Sequence[float], start: float, end: float) -> tuple[tuple[float, float], ...]:
    """How many of `times` fall into each minute since `start`; the last minute goes on."""
    minutes = max(1, math.ceil((end - start) / MINUTE))
    counts = [0] * minutes
    for at in times:
        counts[min(minutes - 1, max(0, int((at - start) // MINUTE)))] += 1
    points = [(number * MINUTE, float(count)) for number, count in enumerate(counts)]
    return (*points, (minutes * MINUTE, float(counts[-1])))


def curves_of(counter: ShapeCounter, kind: ChartKind, class_id: int | None) -> list[Curve]:
    span = counter.span
    if span is None:
        return []
    start, end = span
    events = [event for event in counter.events if class_id in (None, event.class_id)]
    arrived = [event.at for event in events if event.direction in ARRIVING]
    departed = [event.at for event in events if event.direction in LEAVING]
    shape = steps if kind == "sum" else per_minute
    line = counter.shape.kind == "line"
    made = [
        Curve(tr("In") if line else tr("Entered"), "accent", False, shape(arrived, start, end)),
        Curve(tr("Out") if line else tr("Exited"), "text", True, shape(departed, start, end)),
    ]
    if not line and kind == "sum":
        made.append(Curve(tr("Inside"), "success", False, _inside(arrived, departed, start, end)))
    return made


def _inside(
    arrived: Sequence[float], departed: Sequence[float], start: float, end: float
) -> tuple[tuple[float, float], ...]:
    changes = sorted([(at, 1) for at in arrived] + [(at, -1) for at in departed])
    points, now = [], 0
    for at, change in changes:
        now += change
        points.append((at - start, float(now)))
    return ((0.0, 0.0), *_thinned(points), (end - start, float(now)))


class CountChart(QWidget):
    """Steps over time from the first frame that was counted to the last."""

    def __init__(self) -> None:
        super().__init__()
        self._curves: list[Curve] = []
        self._live = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)
        texts.follow_language(self, self._retext)

    def _retext(self) -> None:
        self.setAccessibleName(tr("Counts over time"))
        self.update()

    def show_curves(self, curves: Sequence[Curve]) -> None:
        if list(curves) != self._curves:
            self._curves = list(curves)
            ends = (f"{curve.name} {texts.number(curve.points[-1][1])}" for curve in curves)
            self.setAccessibleDescription(", ".join(ends))
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(220, 170)

    def span(self) -> float:
        """Seconds on the axis."""
        return max([1.0, *(curve.points[-1][0] for curve in self._curves)])

    def top(self) -> float:
        highest = max((value for curve in self._curves for _, value in curve.points), default=0.0)
        step = next((s for s in (2, 4, 10, 20, 40, 100, 200, 400, 1000, 2000) if highest <= 2 * s), 0)
        return max(2.0, math.ceil(highest / step) * step if step else highest)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(theme().font("caption"))
            metrics = QFontMetricsF(painter.font())
            top = self.top()
            ticks = [(value, texts.number(value)) for value in (0.0, top / 2, top)]
            gutter = max(metrics.horizontalAdvance(text) for _, text in ticks) + 8
            below = 2 * metrics.height() + 14
            plot = QRectF(gutter, metrics.height() / 2 + 2, self.width() - gutter - 4, 0)
            plot.setBottom(self.height() - below)
            self._paint_axes(painter, plot, ticks)
            for curve in self._curves:
                self._paint_curve(painter, plot, curve)
            self._paint_legend(painter, QRectF(gutter, self.height() - metrics.height() - 4, plot.width(), 0))

    def _paint_axes(self, painter: QPainter, plot: QRectF, ticks: Sequence[tuple[float, str]]) -> None:
        metrics = QFontMetricsF(painter.font())
        height = metrics.height()
        for value, text in ticks:
            y = round(plot.bottom() - plot.height() * value / self.top()) + 0.5
            painter.setPen(QPen(theme().colour("line"), 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(theme().colour("muted"))
            label = QRectF(0, y - height, plot.left() - 8, 2 * height)
            painter.drawText(label, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        for share in (0.0, 0.5, 1.0):
            text = texts.clock(share * self.span())
            width = metrics.horizontalAdvance(text) + 2
            left = min(max(plot.left(), plot.left() + share * plot.width() - width / 2), plot.right() - width + 2)
            painter.drawText(QRectF(left, plot.bottom() + 4, width, height), Qt.AlignmentFlag.AlignCenter, text)

    def _pen(self, curve: Curve) -> QPen:
        pen = QPen(theme().colour(curve.token), 1.8)
        if curve.dashed:
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            pen.setDashPattern([4, 2])
        return pen

    def _paint_curve(self, painter: QPainter, plot: QRectF, curve: Curve) -> None:
        painter.setPen(self._pen(curve))
        span, top = self.span(), self.top()
        polygon = QPolygonF()
        for seconds, value in curve.points:
            x = plot.left() + plot.width() * seconds / span
            y = plot.bottom() - plot.height() * value / top
            if polygon.size() and polygon.last().y() != y:
                polygon.append(QPointF(x, polygon.last().y()))
            polygon.append(QPointF(x, y))
        painter.drawPolyline(polygon)

    def _paint_legend(self, painter: QPainter, area: QRectF) -> None:
        metrics = QFontMetricsF(painter.font())
        left, middle = area.left(), area.top() + metrics.height() / 2
        for curve in self._curves:
            painter.setPen(self._pen(curve))
            painter.drawLine(QPointF(left, middle), QPointF(left + 16, middle))
            painter.setPen(QColor(theme().colour("muted")))
            width = metrics.horizontalAdvance(curve.name) + 2
            place = QRectF(left + 21, area.top(), width, metrics.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, curve.name)
            left += width + 35
