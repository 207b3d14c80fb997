"""The answer of a classifier: label, bar, probability and logit of the first classes, and what the others share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy

from desktop_app.core.results import Classification
from desktop_app.core.scores import sigmoid
from desktop_app.gui import texts
from desktop_app.gui.batch_model import name_of
from desktop_app.gui.painted import Painted
from desktop_app.gui.theme import theme
from desktop_app.gui.widgets import paint_bar
from desktop_app.i18n import tr
from desktop_app.render.palette import chart_colour

MARGIN = 14


@dataclass(frozen=True, slots=True)
class Score:
    class_id: int
    label: str
    probability: float
    logit: float


def scores_of(prediction: Classification, names: tuple[str, ...], top_k: int) -> tuple[list[Score], int, float]:
    """The first `top_k`, how many other classes there are, and what probability they share."""
    ids = prediction.top(top_k)
    scores = [Score(i, name_of(names, i), float(prediction.probabilities[i]), float(prediction.logits[i])) for i in ids]
    shown = sum(score.probability for score in scores)
    # Of a picture of a batch only the first classes are known; where each class stands by itself the sum is not 1.
    whole = float(prediction.probabilities.sum()) if np.isfinite(prediction.logits).all() else 1.0
    return scores, len(prediction.logits) - len(ids), max(0.0, whole - shown)


class ScoreBars(Painted):
    """Painted, since it changes with each frame. `scale` is for the projector."""

    def __init__(self, coloured: bool = True, alone: bool = False) -> None:
        """`alone`: below each bar a thin one shows the sigmoid of the logit."""
        super().__init__()
        self._scores: Sequence[Score] = ()
        self._shows_alone = alone
        self._alone: list[float] = []
        self._others: tuple[int, float] = (0, 0.0)
        self._coloured = coloured
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def show_scores(self, scores: Sequence[Score], others: int, share: float) -> None:
        taller = len(scores) != len(self._scores)
        self._scores, self._others = scores, (others, share)
        self._alone = [float(value) for value in sigmoid(np.array([s.logit for s in scores], np.float32))]
        spoken = (f"{score.label} {texts.percent(score.probability)}" for score in scores)
        self.setAccessibleName(tr("Classes: {list}", list=", ".join(spoken)))
        if taller:
            self.updateGeometry()
        self.update()

    def _line(self) -> int:
        return QFontMetrics(theme().font("body", self._scale)).height()

    def _row_height(self) -> int:
        return self._line() + round(28 * self._scale) + (self._thin_line() if self._shows_alone else 0)

    def _thin_line(self) -> int:
        return QFontMetrics(theme().font("caption", self._scale)).height() + 2

    def sizeHint(self) -> QSize:
        header = QFontMetrics(theme().font("caption", self._scale)).height() + 8
        rest = self._last_lines() * self._line() + 16
        return QSize(240, header + len(self._scores) * self._row_height() + rest)

    def _last_lines(self) -> int:
        """What the others share may take two lines at the size of a projector."""
        return 1 if self._scale == 1.0 else 2

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            strong, body = theme().font("strong", self._scale), theme().font("body", self._scale)
            logit_width = QFontMetrics(body).horizontalAdvance("−00.00") + 4
            number_width = QFontMetrics(strong).horizontalAdvance(texts.percent(1.0)) + 8
            area = self.rect().adjusted(MARGIN, 0, -MARGIN, 0)
            logit = QRect(area.right() - logit_width, 0, logit_width, 0)
            number = QRect(logit.left() - number_width, 0, number_width, 0)
            label = QRect(area.left(), 0, number.left() - area.left() - 8, 0)
            painter.setFont(theme().font("caption", self._scale))
            painter.setPen(theme().colour("muted"))
            top, height = 0, painter.fontMetrics().height()
            self._cells(painter, top, height, (label, number, logit), (tr("Class"), tr("Probability"), tr("Logit")))
            top += height + 8
            for place, score in enumerate(self._scores):
                painter.setFont(strong if place == 0 else body)
                painter.setPen(theme().colour("text"))
                cells = (score.label, texts.percent(score.probability), "")
                self._cells(painter, top, self._line(), (label, number, logit), cells)
                painter.setFont(body)
                painter.setPen(theme().colour("muted"))
                self._cells(painter, top, self._line(), (label, number, logit), ("", "", texts.number(score.logit, 2)))
                bar = QRectF(area.left(), top + self._line() + 5, area.width(), 8 * self._scale)
                paint_bar(painter, bar, score.probability, self._colour(score.class_id))
                if self._shows_alone:
                    self._paint_alone(painter, QRectF(area.left(), bar.bottom() + 2, area.width(), 0), place)
                top += self._row_height()
            count, share = self._others
            if count and self._scores:
                painter.setFont(body)
                painter.setPen(theme().colour("muted"))
                text = tr("{count} other classes share {share}", count=count, share=texts.percent(share))
                room = QRect(area.left(), top + 4, area.width(), self._last_lines() * self._line())
                painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap, text)

    def _paint_alone(self, painter: QPainter, area: QRectF, place: int) -> None:
        area.setHeight(self._thin_line())
        painter.setFont(theme().font("caption", self._scale))
        painter.setPen(theme().colour("muted"))
        text = f"σ(z) {texts.percent(self._alone[place])}"
        width = painter.fontMetrics().horizontalAdvance(f"σ(z) {texts.percent(1.0)}") + 8
        painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        bar = QRectF(area.left(), area.center().y() - 1.5 * self._scale, area.width() - width, 3 * self._scale)
        paint_bar(painter, bar, self._alone[place], theme().colour("muted"))

    def _colour(self, class_id: int) -> QColor:
        if not self._coloured:
            return theme().colour("accent")
        return chart_colour(class_id, self._palette, light=not theme().is_dark)

    @staticmethod
    def _cells(painter: QPainter, top: int, height: int, columns: Sequence[QRect], cells: Sequence[str]) -> None:
        for place, (column, text) in enumerate(zip(columns, cells, strict=True)):
            if not text:
                continue
            side = Qt.AlignmentFlag.AlignRight if place else Qt.AlignmentFlag.AlignLeft
            # Numbers never elide.
            cut = Qt.TextElideMode.ElideNone if place else Qt.TextElideMode.ElideRight
            shown = painter.fontMetrics().elidedText(text, cut, column.width())
            painter.drawText(
                QRect(column.left(), top, column.width(), height), side | Qt.AlignmentFlag.AlignVCenter, shown
            )
