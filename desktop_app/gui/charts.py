"""The last half minute: counts by class as steps, or probabilities as curves."""

from __future__ import annotations

import math
import time
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPalette, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_app.gui import texts
from desktop_app.gui.theme import theme
from desktop_app.i18n import tr
from desktop_app.render.palette import PaletteName, chart_colour, line_pattern

SECONDS = 30.0
MOST_CURVES = 5
_REPAINT_MS = 66
# Where two results are further apart than this, nothing is known of the time between them.
_GAP = 2.0
_FEW = 48
_BAND, _SPARE = 32, 4
"""Width of a band of a line with more than `_FEW` corners, and by how much more than that is drawn; pixels."""

Values = Mapping[int, float]


class HistoryChart(QWidget):
    """Curves by class id over `SECONDS`. Repaints at most 15 times a second, and only while it can be seen."""

    def __init__(self, kind: Literal["counts", "probability"] = "counts", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind: Literal["counts", "probability"] = kind
        self._samples: deque[tuple[float, Values | None]] = deque()
        self._now = 0.0
        self._names: Sequence[str] = ()
        self._palette: PaletteName = "default"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._pending = QTimer(self, interval=_REPAINT_MS, singleShot=True)
        self._pending.timeout.connect(self._repaint)
        self._next_at = 0.0
        self._backdrop: tuple[object, QPixmap, QRectF] | None = None
        self.setBackgroundRole(QPalette.ColorRole.AlternateBase)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        theme().changed.connect(self._redraw)
        texts.follow_language(self, self._retranslate)

    def _retranslate(self) -> None:
        self.setAccessibleName(tr("Last 30 seconds"))
        self._redraw()

    def _redraw(self) -> None:
        """All of it; the curves alone are updated as time goes on."""
        self._backdrop = None
        self.update()

    def set_kind(self, kind: Literal["counts", "probability"]) -> None:
        """What the values mean; what was shown goes."""
        if kind != self._kind:
            self._kind = kind
            self._backdrop = None
            self.clear()

    def set_names(self, names: Sequence[str]) -> None:
        """As shown, by class id."""
        self._names = names
        self._redraw()

    def set_palette(self, palette: PaletteName) -> None:
        self._palette = palette
        self._redraw()

    def add(self, now: float, values: Values | None) -> None:
        """`values` by class id at `now` (seconds, any clock that only grows); a count of 0 needs not be given.

        `None`: nothing is known, the curves have a gap. Call it while the signal is lost too, so that time goes on.
        """
        if self._samples and now < self._samples[-1][0]:
            self.clear()
        if values is None and len(self._samples) > 1 and self._samples[-1][1] is None and self._samples[-2][1] is None:
            self._samples.pop()
        self._samples.append((now, values))
        self._now = now
        # One sample older than the window stays: the curve begins at the left edge.
        while len(self._samples) > 1 and self._samples[1][0] < now - SECONDS:
            self._samples.popleft()
        # At once where there is time: what is painted together with the numbers beside it costs one painting less.
        if time.perf_counter() >= self._next_at:
            self._repaint()
        elif not self._pending.isActive():
            self._pending.start()

    def _repaint(self) -> None:
        self._pending.stop()
        self._next_at = time.perf_counter() + _REPAINT_MS / 1e3
        self.update()

    def clear(self) -> None:
        self._samples.clear()
        self.update()

    def curves(self) -> list[int]:
        """The class ids that are drawn: those with the most over the window, in the order of their ids."""
        sums: dict[int, float] = {}
        for _, values in self._samples:
            for class_id, value in (values or {}).items():
                sums[class_id] = sums.get(class_id, 0.0) + value
        most = sorted((class_id for class_id in sums if sums[class_id] > 0), key=lambda c: (-sums[c], c))
        return sorted(most[:MOST_CURVES])

    def points(self, class_id: int) -> list[list[tuple[float, float]]]:
        """(seconds before now ≤ 0, value): one list for each stretch without a gap."""
        stretches: list[list[tuple[float, float]]] = []
        last: float | None = None
        for at, values in self._samples:
            if values is None:
                last = None
                continue
            if last is None or at - last > _GAP:
                stretches.append([])
            stretches[-1].append((at - self._now, float(values.get(class_id, 0.0))))
            last = at
        return stretches

    def top(self) -> float:
        """Upper end of the axis: 1 for probabilities, an even number for counts."""
        if self._kind == "probability":
            return 1.0
        highest = max((max(v.values(), default=0.0) for _, v in self._samples if v), default=0.0)
        step = _count_step(highest)
        return max(2.0, step * math.ceil(highest / step))

    def sizeHint(self) -> QSize:
        return QSize(240, 190)

    def paintEvent(self, event: QPaintEvent) -> None:
        curves, top = self.curves(), self.top()
        backdrop, plot = self._behind(curves, top)
        with QPainter(self) as painter:
            painter.drawPixmap(0, 0, backdrop)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setClipRect(plot.adjusted(-1, -3, 2, 3))
            for class_id in curves:
                self._paint_curve(painter, plot, class_id, top)

    def _behind(self, curves: list[int], top: float) -> tuple[QPixmap, QRectF]:
        """Axes and legend, drawn only when they change; and where the curves go."""
        ratio = self.devicePixelRatioF()
        key = curves, top, self.size(), ratio
        if self._backdrop is None or self._backdrop[0] != key:
            pixmap = QPixmap(self.size() * ratio)
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(self.palette().color(self.backgroundRole()))
            with QPainter(pixmap) as painter:
                self._backdrop = key, pixmap, self._draw_behind(painter, curves, top)
        return self._backdrop[1:]

    def _draw_behind(self, painter: QPainter, curves: Sequence[int], top: float) -> QRectF:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme().font("caption"))
        metrics = QFontMetricsF(painter.font())
        ticks = self._ticks(top)
        gutter = max(metrics.horizontalAdvance(text) for _, text in ticks) + 8
        rows = self._legend(curves, metrics, self.width() - gutter)
        legend = max(1, len(rows)) * (metrics.height() + 4) + 4
        below = metrics.height() + 10
        plot = QRectF(gutter, metrics.height() / 2 + 2, self.width() - gutter - 2, 0)
        plot.setBottom(self.height() - legend - below)
        self._paint_axes(painter, metrics, plot, ticks)
        self._paint_legend(painter, QRectF(gutter, self.height() - legend, self.width() - gutter, legend), rows)
        return plot

    def _ticks(self, top: float) -> list[tuple[float, str]]:
        if self._kind == "probability":
            return [(0.0, "0"), (0.5, texts.percent(0.5, 0)), (1.0, texts.percent(1.0, 0))]
        return [(value, texts.number(value)) for value in (0.0, top / 2, top)]

    def _paint_axes(
        self, painter: QPainter, metrics: QFontMetricsF, plot: QRectF, ticks: Sequence[tuple[float, str]]
    ) -> None:
        """The last of the ticks is the upper end."""
        muted, line = theme().colour("muted"), theme().colour("line")
        for value, text in ticks:
            y = round(plot.bottom() - plot.height() * value / ticks[-1][0]) + 0.5
            painter.setPen(QPen(line, 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(muted)
            painter.drawText(
                QRectF(0, y - metrics.height(), plot.left() - 8, 2 * metrics.height()),
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                text,
            )
        y = plot.bottom() + 6
        for seconds in (30, 20, 10, 0):
            x = plot.right() - plot.width() * seconds / SECONDS
            text = (
                tr("now") if seconds == 0 else f"{texts.MINUS}{seconds}" + (f"{texts.NBSP}s" if seconds == 30 else "")
            )
            width = metrics.horizontalAdvance(text) + 2
            left = min(max(plot.left(), x - width / 2), plot.right() - width + 2)
            painter.drawText(QRectF(left, y, width, metrics.height()), Qt.AlignmentFlag.AlignCenter, text)

    def _paint_curve(self, painter: QPainter, plot: QRectF, class_id: int, top: float) -> None:
        pen = QPen(chart_colour(class_id, self._palette, light=not theme().is_dark), 1.8)
        pattern = line_pattern(class_id, self._palette)
        if pattern:
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            pen.setDashPattern(pattern)
        painter.setPen(pen)
        right, wide, bottom, high = plot.right(), plot.width(), plot.bottom(), plot.height()
        for stretch in self.points(class_id):
            corners = steps(stretch) if self._kind == "counts" else stretch
            xs = [right + wide * seconds / SECONDS for seconds, _ in corners]
            line = [QPointF(x, bottom - high * value / top) for x, (_, value) in zip(xs, corners, strict=True)]
            if pattern:
                painter.drawPolyline(line)
            else:
                draw_curve(painter, line, xs)

    def _legend(
        self, curves: Sequence[int], metrics: QFontMetricsF, width: float
    ) -> list[list[tuple[int, str, float]]]:
        """Rows of (class id, name, width): as many in a row as fit; a name wider than that is cut."""
        rows: list[list[tuple[int, str, float]]] = []
        left = width
        for class_id in curves:
            name = self._names[class_id] if class_id < len(self._names) else f"class {class_id}"
            name = metrics.elidedText(name, Qt.TextElideMode.ElideRight, width - 18)
            needed = metrics.horizontalAdvance(name) + 14
            if left + needed > width:
                rows.append([])
                left = 0.0
            rows[-1].append((class_id, name, needed))
            left += needed + 10
        return rows

    def _paint_legend(self, painter: QPainter, area: QRectF, rows: list[list[tuple[int, str, float]]]) -> None:
        for place, row in enumerate(rows):
            height = area.height() / len(rows)
            left, middle = area.left(), area.top() + height * (place + 0.5)
            for class_id, name, width in row:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(chart_colour(class_id, self._palette, light=not theme().is_dark))
                painter.drawRoundedRect(QRectF(left, middle - 5, 10, 10), 3, 3)
                painter.setPen(theme().colour("muted"))
                text = QRectF(left + 14, middle - height / 2, width, height)
                painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, name)
                left += width + 10


def steps(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The corners of a line that keeps each value until the next one: where nothing changes there are none."""
    corners = [points[0]]
    before = points[0][1]
    for at, value in points:
        if value != before:
            corners += (at, before), (at, value)
            before = value
    return [*corners, points[-1]] if len(points) > 1 else corners


def draw_curve(painter: QPainter, line: list[QPointF], xs: Sequence[float]) -> None:
    """A solid line that goes to the right through these places (`xs` are theirs), the same as in one piece.

    Drawn band by band of the widget: what Qt takes to fill the outline of a line grows with the square of its corners.
    """
    if len(line) <= _FEW:
        painter.drawPolyline(line)
        return
    clip = painter.clipBoundingRect()
    painter.save()
    for left in range(math.floor(clip.left()), math.ceil(clip.right()), _BAND):
        # From the last corner before the band to the first one behind it, where the ends of the line are not seen.
        first = max(0, bisect_left(xs, left - _SPARE) - 1)
        last = bisect_right(xs, left + _BAND + _SPARE) + 1
        painter.setClipRect(clip.intersected(QRectF(left, clip.top(), _BAND, clip.height())))
        painter.drawPolyline(line[first:last])
    painter.restore()


def _count_step(highest: float) -> float:
    """2, 4, 10, 20, 40, 100, …: so that half of a whole number of steps is a whole number too."""
    for step in (2, 4, 10, 20, 40, 100, 200):
        if highest <= 3 * step:
            return float(step)
    return float(2 * 10 ** math.floor(math.log10(highest)))
