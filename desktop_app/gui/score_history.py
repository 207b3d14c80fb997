"""The last half minute of a classifier's probabilities as curves that are stacked: together they are always 100 %."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_app.core.scores import softmax
from desktop_app.gui import texts
from desktop_app.gui.batch_model import name_of
from desktop_app.gui.theme import theme
from desktop_app.i18n import tr, tr_class
from desktop_app.render.palette import PaletteName, chart_colour

Floats = NDArray[np.float32]
SECONDS = 30.0
LAYERS = 5
"""So many classes have a layer of their own; the others share the one above."""
GAP = 2.0
"""Where two answers are further apart than this, nothing is known of the time between them."""
PLOT = 120


class ScoreHistory(QWidget):
    """Keeps the logits, so that another temperature changes what was, too."""

    def __init__(self) -> None:
        super().__init__()
        self._samples: deque[tuple[float, Floats, Floats]] = deque()
        """(when, logits, probabilities)"""
        self._temperature = 1.0
        self._names: tuple[str, ...] = ()
        self._palette: PaletteName = "default"
        self._scale = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)
        texts.follow_language(self, self._retext)

    def _retext(self) -> None:
        self.setAccessibleName(tr("Probabilities of the last 30 seconds"))
        self.update()

    def set_scale(self, scale: float) -> None:
        """For the projector."""
        self._scale = scale
        self.updateGeometry()

    def set_palette(self, palette: PaletteName) -> None:
        self._palette = palette
        self.update()

    def clear(self) -> None:
        self._samples.clear()
        self.update()

    def set_temperature(self, temperature: float) -> None:
        if temperature != self._temperature:
            self._temperature = temperature
            self._samples = deque((when, z, softmax(z, temperature)) for when, z, _ in self._samples)
            self.update()

    def add(self, logits: Floats, names: tuple[str, ...], now: float | None = None) -> None:
        """`now`: seconds of any clock that only grows; that of this machine."""
        now = time.monotonic() if now is None else now
        if names != self._names or (self._samples and len(self._samples[-1][1]) != len(logits)):
            self._samples.clear()
            self._names = names
        self._samples.append((now, logits, softmax(logits, self._temperature)))
        while self._samples[0][0] < now - SECONDS:
            self._samples.popleft()
        self.update()

    def layers(self) -> list[int]:
        """The classes that are drawn, the one with the most over the window lowest."""
        if not self._samples:
            return []
        means = np.mean([shares for _, _, shares in self._samples], axis=0)
        return [int(place) for place in np.argsort(-means, kind="stable")[:LAYERS]]

    def stretches(self, layers: Sequence[int]) -> list[tuple[Floats, Floats]]:
        """For each stretch without a gap the seconds before now (n,) ≤ 0, and the upper edges of the layers
        (n, layers): sums from below, in shares of 1."""
        if not self._samples:
            return []
        times = np.array([when for when, _, _ in self._samples])
        edges = np.cumsum([shares[list(layers)] for _, _, shares in self._samples], axis=1)
        parts = np.flatnonzero(np.diff(times) > GAP) + 1
        since = (times - times[-1]).astype(np.float32)
        return list(zip(np.split(since, parts), np.split(edges.astype(np.float32), parts), strict=True))

    # --- painting -----------------------------------------------------------------------------------------------

    def _metrics(self) -> QFontMetricsF:
        return QFontMetricsF(theme().font("caption", self._scale))

    def sizeHint(self) -> QSize:
        line = self._metrics().height()
        return QSize(220, round(PLOT * self._scale + line + 10 + (LAYERS + 1) * (line + 4)))

    def minimumSizeHint(self) -> QSize:
        return QSize(180, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(theme().font("caption", self._scale))
            metrics, layers = self._metrics(), self.layers()
            ticks = [(share, texts.percent(share, 0)) for share in (0.0, 0.5, 1.0)]
            gutter = max(metrics.horizontalAdvance(text) for _, text in ticks) + 8
            plot = QRectF(gutter, metrics.height() / 2, self.width() - gutter, PLOT * self._scale - metrics.height())
            self._paint_layers(painter, plot, layers)
            self._paint_axes(painter, plot, ticks)
            top = plot.bottom() + metrics.height() + 14
            self._paint_legend(painter, QRectF(0, top, self.width(), metrics.height()), layers)

    def _colour(self, class_id: int) -> QColor:
        return chart_colour(class_id, self._palette, light=not theme().is_dark)

    def _paint_layers(self, painter: QPainter, plot: QRectF, layers: list[int]) -> None:
        painter.fillRect(plot, theme().colour("track"))  # what all other classes share
        painter.save()
        painter.setClipRect(plot)
        painter.setPen(Qt.PenStyle.NoPen)
        for since, shares in self.stretches(layers):
            x, edges = plot.right() + since / SECONDS * plot.width(), shares
            if len(x) == 1:
                x, edges = np.array([x[0] - 3, x[0]]), np.repeat(shares, 2, axis=0)
            below = np.full(len(x), plot.bottom())
            for place, class_id in enumerate(layers):
                above = plot.bottom() - edges[:, place] * plot.height()
                corners = [*zip(x, above, strict=True), *zip(x[::-1], below[::-1], strict=True)]
                painter.setBrush(self._colour(class_id))
                painter.drawPolygon(QPolygonF([QPointF(float(a), float(b)) for a, b in corners]))
                below = above
        painter.restore()

    def _paint_axes(self, painter: QPainter, plot: QRectF, ticks: Sequence[tuple[float, str]]) -> None:
        metrics, line = self._metrics(), theme().colour("line2")
        for share, text in ticks:
            y = plot.bottom() - plot.height() * share
            painter.setPen(QPen(line, 1))
            painter.drawLine(QPointF(plot.left() - 4, y), QPointF(plot.left(), y))
            painter.setPen(theme().colour("muted"))
            words = QRectF(0, y - metrics.height() / 2, plot.left() - 8, metrics.height())
            painter.drawText(words, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        for seconds in (30, 20, 10, 0):
            text = tr("now") if seconds == 0 else f"{texts.MINUS}{seconds}{texts.NBSP}s"
            width = metrics.horizontalAdvance(text) + 2
            x = plot.right() - plot.width() * seconds / SECONDS
            left = min(max(plot.left(), x - width / 2), plot.right() - width)
            words = QRectF(left, plot.bottom() + 4, width, metrics.height())
            painter.drawText(words, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_legend(self, painter: QPainter, row: QRectF, layers: list[int]) -> None:
        """A line a class, the highest first, as they lie in the picture; with its share now."""
        if not self._samples:
            return
        now = self._samples[-1][2]
        others = 1.0 - float(now[layers].sum())
        rows = [(tr("other classes"), max(0.0, others), theme().colour("track"))]
        rows += [
            (tr_class(name_of(self._names, place)), float(now[place]), self._colour(place)) for place in layers[::-1]
        ]
        metrics = self._metrics()
        number = metrics.horizontalAdvance(texts.percent(1.0)) + 4
        for name, share, colour in rows:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawRoundedRect(QRectF(row.left(), row.center().y() - 5, 10, 10), 3, 3)
            painter.setPen(theme().colour("muted"))
            words = row.adjusted(16, 0, -number - 6, 0)
            shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, words.width())
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, shown)
            painter.drawText(row, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, texts.percent(share))
            row = row.translated(0, metrics.height() + 4)
