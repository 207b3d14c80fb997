"""The last minute of how steady an answer is: a curve, and a mark for each label that flipped."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_app.core.stability import GAP, KEPT, Moment
from desktop_app.gui import texts
from desktop_app.gui.theme import theme
from desktop_app.i18n import tr

BIN = 0.5
"""Seconds whose jitter is one point of the curve."""

Point = tuple[float, float]
"""Seconds before now (≤ 0), value."""


def jitter_points(moments: Sequence[Moment], now: float) -> list[list[Point]]:
    """Means of `BIN` seconds, a list for each stretch in which boxes were watched without a gap."""
    bins: dict[int, list[float]] = {}
    for moment in moments:
        if moment.shifts:
            bins.setdefault(math.floor(moment.at / BIN), []).extend(moment.shifts)
    found = [((place + 0.5) * BIN - now, sum(values) / len(values)) for place, values in sorted(bins.items())]
    return _stretches([(min(0.0, at), value) for at, value in found])


def confidence_points(moments: Sequence[Moment], now: float) -> list[list[Point]]:
    return _stretches([(m.at - now, m.confidence) for m in moments if m.confidence is not None])


def _stretches(points: Sequence[Point]) -> list[list[Point]]:
    stretches: list[list[Point]] = []
    for point in points:
        if not stretches or point[0] - stretches[-1][-1][0] > GAP:
            stretches.append([])
        stretches[-1].append(point)
    return stretches


class StabilityChart(QWidget):
    """Jitter of boxes in pixels, or the probability of the first class."""

    def __init__(self) -> None:
        super().__init__()
        self._curves: list[list[Point]] = []
        self._flips: list[float] = []
        self._boxes = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)

    def show_moments(self, moments: Sequence[Moment], boxes: bool) -> None:
        now = moments[-1].at if moments else 0.0
        self._boxes = boxes
        self._curves = jitter_points(moments, now) if boxes else confidence_points(moments, now)
        self._flips = [moment.at - now for moment in moments if moment.flips]
        self.setAccessibleName(tr("Jitter, last minute") if boxes else tr("Confidence, last minute"))
        self.setAccessibleDescription(tr("{count} label flips", count=len(self._flips)))
        self.update()

    @property
    def top(self) -> float:
        """Upper end of the axis: 1 for a probability, else a round number of pixels."""
        if not self._boxes:
            return 1.0
        highest = max((value for curve in self._curves for _, value in curve), default=0.0)
        return next((s for s in (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0) if highest <= s), highest)

    def sizeHint(self) -> QSize:
        return QSize(220, 84)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(theme().font("caption"))
            metrics = QFontMetricsF(painter.font())
            unit = f"{texts.number(self.top)}{texts.NBSP}px" if self._boxes else texts.percent(1.0, 0)
            gutter = max(metrics.horizontalAdvance(text) for text in (unit, "0")) + 8
            plot = QRectF(gutter, metrics.height() / 2, self.width() - gutter - 2, 0)
            plot.setBottom(self.height() - metrics.height() - 5)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            for share, text in ((0.0, "0"), (1.0, unit)):
                y = round(plot.bottom() - plot.height() * share) + 0.5
                painter.setPen(QPen(theme().colour("line"), 1))
                painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
                painter.setPen(theme().colour("muted"))
                painter.drawText(QRectF(0, y - metrics.height(), plot.left() - 8, 2 * metrics.height()), right, text)
            below = QRectF(plot.left(), plot.bottom() + 3, plot.width(), metrics.height())
            painter.drawText(below, Qt.AlignmentFlag.AlignLeft, f"{texts.MINUS}60{texts.NBSP}s")
            painter.drawText(below, Qt.AlignmentFlag.AlignRight, tr("now"))
            painter.setPen(QPen(theme().colour("warning"), 1.5))
            for at in self._flips:
                x = plot.right() + plot.width() * at / KEPT
                painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
            painter.setPen(QPen(theme().colour("accent"), 1.6))
            for curve in self._curves:
                painter.drawPolyline(
                    QPolygonF(
                        [
                            QPointF(
                                plot.right() + plot.width() * max(-KEPT, at) / KEPT,
                                plot.bottom() - plot.height() * min(1.0, value / self.top),
                            )
                            for at, value in curve
                        ]
                    )
                )
