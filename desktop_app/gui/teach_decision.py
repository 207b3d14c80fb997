"""The taught layer itself: its weights as stripes, and what w·x + b is made of for the class that is said."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_app.core.linear_layer import Floats
from desktop_app.core.teaching import shares_of
from desktop_app.gui import texts
from desktop_app.gui.teach_state import TeachState
from desktop_app.gui.theme import theme
from desktop_app.i18n import tr

HEAVIEST, MOST = 5, 14
"""Features that are shown with their share, at least and where there is room."""
BINS = 320
"""Features are shown in so many stripes at most; of several in one the largest counts."""
FOR, AGAINST = (0x3D, 0xDC, 0x97), (0xFE, 0x62, 0x70)
FOR_LIGHT, AGAINST_LIGHT = (0x17, 0x72, 0x3F), (0xB3, 0x26, 0x1E)


def heaviest(shares: Floats, count: int) -> list[int]:
    """The features whose w·x counts most, whatever its sign."""
    return [int(place) for place in np.argsort(-np.abs(shares), kind="stable")[:count]]


def _stripes(values: Floats) -> QImage:
    """One row: each feature a stripe, for in green, against in red, the stronger the fuller."""
    bins = min(BINS, len(values))
    parts = np.array_split(values.astype(np.float64), bins)
    peaks = np.array([part[np.abs(part).argmax()] for part in parts])
    high = float(np.abs(peaks).max()) or 1.0
    alpha = np.abs(peaks) / high
    pair = (FOR, AGAINST) if theme().is_dark else (FOR_LIGHT, AGAINST_LIGHT)
    colours = np.where((peaks >= 0)[:, None], pair[0], pair[1]) * alpha[:, None]
    rgb = colours.astype(np.uint32)
    argb = (alpha * 255).astype(np.uint32) << 24 | rgb[:, 0] << 16 | rgb[:, 1] << 8 | rgb[:, 2]
    data = np.ascontiguousarray(argb, np.uint32)
    return QImage(data.tobytes(), bins, 1, bins * 4, QImage.Format.Format_ARGB32_Premultiplied).copy()


class TeachDecision(QWidget):
    def __init__(self, state: TeachState) -> None:
        super().__init__()
        self._state = state
        self._scale = 1.0
        self._chosen = -1
        self._weights: list[QImage] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        state.answered.connect(self.update)
        state.learnt_changed.connect(self._new_layer)
        state.lesson_changed.connect(self._new_layer)
        theme().changed.connect(self._new_layer)
        texts.follow_language(self, self._retext)

    def _retext(self) -> None:
        self.setAccessibleName(tr("How the layer decides"))
        self.update()

    def set_scale(self, scale: float) -> None:
        self._scale = scale
        self.updateGeometry()
        self.update()

    def choose(self, place: int) -> None:
        """The class that is explained; −1 for the one that is said."""
        self._chosen = place
        self.update()

    def _new_layer(self) -> None:
        layer = self._state.learnt.layer
        self._weights = [] if layer is None else [_stripes(row) for row in layer.weights]
        if self._chosen >= len(self._weights):
            self._chosen = -1
        self.updateGeometry()
        self.update()

    def _line(self) -> int:
        return round(20 * self._scale)

    def sizeHint(self) -> QSize:
        return QSize(360, (len(self._weights) + HEAVIEST + 6) * self._line())

    def minimumSizeHint(self) -> QSize:
        return QSize(240, (len(self._weights) + HEAVIEST + 5) * self._line())

    def explained(self) -> int:
        """The class that is explained now."""
        live, count = self._state.live, len(self._weights)
        if 0 <= self._chosen < count:
            return self._chosen
        return int(live.logits[:count].argmax()) if live is not None and len(live.logits) >= count else 0

    def paintEvent(self, event: QPaintEvent) -> None:
        layer, live = self._state.learnt.layer, self._state.live
        if layer is None or not self._weights:
            return
        with QPainter(self) as painter:
            names = [self._state.names.get(slot, "") for slot in self._state.learnt.slots]
            if len(names) != len(self._weights):
                return
            place = self.explained()
            top = self._paint_stripes(painter, names, place)
            if live is not None and len(live.x) == layer.weights.shape[1]:
                self._paint_sum(painter, top + 4, names[place], place)

    def _paint_stripes(self, painter: QPainter, names: list[str], explained: int) -> int:
        """The picture's features, and each class's weights below them; returns where they end."""
        live, line = self._state.live, self._line()
        caption = theme().font("caption", self._scale)
        painter.setFont(caption)
        rows = [(tr("the picture, x"), None if live is None or not len(live.x) else _stripes(live.x))]
        rows += [(f"w {name}", image) for name, image in zip(names, self._weights, strict=True)]
        wide = min(self.width() // 3, max(painter.fontMetrics().horizontalAdvance(text) for text, _ in rows) + 12)
        for row, (text, image) in enumerate(rows):
            painter.setFont(theme().font("caption", self._scale))
            painter.setPen(theme().colour("text" if row == explained + 1 else "muted"))
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, wide - 8)
            painter.drawText(QRect(0, row * line, wide, line), Qt.AlignmentFlag.AlignVCenter, shown)
            area = QRectF(wide, row * line + 2, self.width() - wide, line - 4)
            painter.fillRect(area, theme().colour("raised"))
            if image is not None:
                painter.drawImage(area, image)
        return len(rows) * line

    def _paint_sum(self, painter: QPainter, top: int, name: str, place: int) -> None:
        """The features that count most, what all others add up to, b, and the logit."""
        layer, live = self._state.learnt.layer, self._state.live
        assert layer is not None
        assert live is not None
        shares = shares_of(layer, live.x, place)
        room = (self.height() - top) // self._line() - 4
        first = heaviest(shares, max(HEAVIEST, min(MOST, room)))
        rest = float(shares.sum() - shares[first].sum())
        rows = [
            (
                tr("feature {n}", n=index),
                f"{texts.number(float(live.x[index]), 3)} × {texts.number(float(layer.weights[place, index]), 2)}",
                float(shares[index]),
            )
            for index in first
        ]
        rows.append((tr("{count} others", count=len(shares) - len(first)), "", rest))
        rows.append(("b", "", float(layer.bias[place])))
        logit = float(shares.sum() + layer.bias[place])
        line, high = self._line(), max(abs(value) for *_, value in rows) or 1.0
        painter.setFont(theme().font("strong", self._scale))
        painter.setPen(theme().colour("text"))
        title = tr("w·x + b of {name} = {logit}", name=name, logit=texts.number(logit, 2))
        shown = painter.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(QRect(0, top, self.width(), line + 2), Qt.AlignmentFlag.AlignVCenter, shown)
        top += line + 4
        painter.setFont(theme().font("small", self._scale))
        metrics = painter.fontMetrics()
        first_width = max(metrics.horizontalAdvance(text) for text, *_ in rows) + 10
        second_width = max(metrics.horizontalAdvance(text) for _, text, _ in rows) + 10
        number_width = metrics.horizontalAdvance("+00.000") + 6
        left = first_width + second_width
        bars = QRectF(left, 0, max(20, self.width() - left - number_width), 0)
        pair = ("success", "danger")
        for text, product, value in rows:
            painter.setPen(theme().colour("text"))
            painter.drawText(QRect(0, top, first_width, line), Qt.AlignmentFlag.AlignVCenter, text)
            painter.setPen(theme().colour("muted"))
            painter.drawText(QRect(first_width, top, second_width, line), Qt.AlignmentFlag.AlignVCenter, product)
            middle = bars.center().x()
            length = bars.width() / 2 * abs(value) / high
            start = middle if value >= 0 else middle - length
            painter.fillRect(QRectF(start, top + 5, length, line - 10), theme().colour(pair[value < 0]))
            painter.fillRect(QRectF(middle, top + 2, 1, line - 4), theme().colour("line2"))
            painter.setPen(theme().colour("text"))
            sign = "+" if value >= 0 else ""
            area = QRect(self.width() - number_width, top, number_width, line)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(area, right, f"{sign}{texts.number(value, 3)}")
            top += line
