"""How many pixels have each value: curves of red, green, blue and grey."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from desktop_app.core.pixels import Counts
from desktop_app.gui import texts
from desktop_app.gui.theme import theme
from desktop_app.i18n import tr

COLOURS: dict[str, tuple[str, str]] = {
    # On dark and on light panels: at least 3:1, so that a line can be followed.
    "R": ("#FF6B60", "#C42B20"),
    "G": ("#4CC38A", "#17803F"),
    "B": ("#6CA8FF", "#1F5FBF"),
    "grey": ("#A3ACB8", "#525C67"),
}
_NAMES = ("R", "G", "B", "grey")
_HEIGHT, _FOOT = 108, 16


def channel_colour(channel: str) -> QColor:
    return QColor(COLOURS[channel][0 if theme().is_dark else 1])


def channel_name(channel: str) -> str:
    return tr("grey") if channel == "grey" else channel


class Histogram(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._counts: Counts | None = None
        self._grey = self._logarithmic = False
        self._marks: tuple[int, ...] = ()
        self._scale = 1.0
        self.setMouseTracking(True)
        self.setFixedHeight(_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(240, _HEIGHT)

    def show_counts(self, counts: Counts | None, marks: tuple[int, ...] = ()) -> None:
        """`marks`: the values of the pixel under the crosshair, in the order red, green, blue, grey."""
        self._counts, self._marks = counts, marks
        self.update()

    def set_scale(self, scale: float) -> None:
        """For the projector."""
        self._scale = scale
        self.setFixedHeight(round(_HEIGHT * scale))
        self.update()

    def set_grey(self, grey: bool) -> None:
        self._grey = grey
        self.update()

    def set_logarithmic(self, on: bool) -> None:
        self._logarithmic = on
        self.update()

    @property
    def channels(self) -> tuple[int, ...]:
        """Those that are drawn, the last one on top."""
        return (3,) if self._grey else (3, 0, 1, 2)

    def heights(self) -> NDArray[np.float64]:
        """(4, 256), 0 … 1 of the height. Peaks at 0 and 255 (what is over- or underexposed) may be cut off, or nothing
        else could be seen beside them."""
        assert self._counts is not None
        shown = self._counts[list(self.channels)]
        top = int(shown[:, 1:255].max()) or int(shown.max())
        if self._logarithmic:
            return np.asarray(np.minimum(1.0, np.log1p(self._counts) / np.log1p(max(1, top))), np.float64)
        return np.asarray(np.minimum(1.0, self._counts / max(1, top)), np.float64)

    def _plot(self) -> QRectF:
        return QRectF(self.rect()).adjusted(0.5, 4, -0.5, -_FOOT * self._scale)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            plot = self._plot()
            painter.setPen(QPen(theme().colour("line2"), 1))
            painter.drawLine(plot.bottomLeft(), plot.bottomRight())
            painter.setFont(theme().font("caption", self._scale))
            painter.setPen(theme().colour("muted"))
            foot = QRectF(plot.left(), plot.bottom(), plot.width(), _FOOT * self._scale)
            for flag, value in (
                (Qt.AlignmentFlag.AlignLeft, "0"),
                (Qt.AlignmentFlag.AlignHCenter, "128"),
                (Qt.AlignmentFlag.AlignRight, "255"),
            ):
                painter.drawText(foot, flag | Qt.AlignmentFlag.AlignBottom, value)
            if self._counts is None:
                return
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            heights = self.heights()
            for channel in self.channels:
                self._paint_curve(painter, plot, heights[channel], channel)
            self._paint_legend(painter, plot)

    def _paint_curve(self, painter: QPainter, plot: QRectF, heights: NDArray[np.float64], channel: int) -> None:
        step = plot.width() / 256
        xs = plot.left() + (np.arange(256) + 0.5) * step
        ys = plot.bottom() - heights * (plot.height() - 2)
        line = [QPointF(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)]
        colour = channel_colour(_NAMES[channel])
        fill = QColor(colour)
        fill.setAlphaF(0.22)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawPolygon(QPolygonF([plot.bottomLeft(), *line, plot.bottomRight()]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour, 1.3))
        painter.drawPolyline(line)
        if self._marks:
            x = plot.left() + (self._marks[channel] + 0.5) * step
            painter.setPen(QPen(colour, 2))
            painter.drawLine(QPointF(x, plot.bottom()), QPointF(x, plot.bottom() - 7))

    def _paint_legend(self, painter: QPainter, plot: QRectF) -> None:
        """The names of the curves in their colours, from the right."""
        painter.setFont(theme().font("caption", self._scale))
        metrics = painter.fontMetrics()
        right = plot.right()
        for channel in sorted(self.channels, reverse=True):
            name = channel_name(_NAMES[channel])
            wide = metrics.horizontalAdvance(name)
            painter.setPen(channel_colour(_NAMES[channel]))
            place = QRectF(right - wide, plot.top() - 4, wide + 1, metrics.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft, name)
            right -= wide + 8

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        plot = self._plot()
        if self._counts is None:
            return
        value = min(255, max(0, int((event.position().x() - plot.left()) / plot.width() * 256)))
        words = [f"{channel_name(_NAMES[i])} {texts.number(int(self._counts[i, value]))}" for i in self.channels[::-1]]
        QToolTip.showText(
            event.globalPosition().toPoint(), tr("{value}: {counts}", value=value, counts=" · ".join(words)), self
        )
