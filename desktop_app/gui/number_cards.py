"""A row of numbers with their names, for people who look from afar."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_app.gui.theme import theme

_GAP = 8


class NumberCards(QWidget):
    """`show_numbers` takes (name, number as shown)."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers: list[tuple[str, str]] = []
        self._scale = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def show_numbers(self, numbers: Sequence[tuple[str, str]]) -> None:
        if list(numbers) != self._numbers:
            self._numbers = list(numbers)
            self.setAccessibleName(", ".join(f"{name} {number}" for name, number in numbers))
            self.update()

    def set_scale(self, scale: float) -> None:
        """Of the text, for the projector."""
        self._scale = scale
        self.updateGeometry()
        self.update()

    def _heights(self) -> tuple[int, int]:
        return QFontMetrics(theme().font("count", self._scale)).height(), QFontMetrics(
            theme().font("caption", self._scale)
        ).height()

    def sizeHint(self) -> QSize:
        return QSize(200, sum(self._heights()) + 12)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._numbers:
            return
        width = (self.width() - _GAP * (len(self._numbers) - 1)) / len(self._numbers)
        large, small = self._heights()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for place, (name, number) in enumerate(self._numbers):
                card = QRectF(place * (width + _GAP), 0, width, self.height())
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme().colour("raised"))
                painter.drawRoundedRect(card, 8, 8)
                painter.setPen(theme().colour("text"))
                painter.setFont(theme().font("count", self._scale))
                painter.drawText(QRectF(card.left(), 4, width, large), Qt.AlignmentFlag.AlignCenter, number)
                painter.setPen(theme().colour("muted"))
                painter.setFont(theme().font("caption", self._scale))
                shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(width) - 2)
                painter.drawText(QRectF(card.left(), 4 + large, width, small), Qt.AlignmentFlag.AlignCenter, shown)
