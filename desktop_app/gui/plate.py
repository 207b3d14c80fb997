"""A few lines of text on the picture, in the look of the chips."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from desktop_app.gui import hud
from desktop_app.gui.theme import theme


class Plate:
    """Measured when it is made, with the painter that is to paint it. `colour`: shown as a patch before the lines."""

    PAD = 9.0

    def __init__(
        self, painter: QPainter, lines: list[str], scale: float, colour: tuple[int, int, int] | None = None
    ) -> None:
        self._font = hud.hud_font(scale)
        painter.setFont(self._font)
        metrics = painter.fontMetrics()
        self._lines, self._colour, self._high = lines, colour, metrics.height()
        self._patch = 1.6 * self._high + 8 if colour is not None else 0.0
        wide = max(metrics.horizontalAdvance(line) for line in lines)
        self.size = QSizeF(wide + 2 * self.PAD + self._patch, len(lines) * self._high + self.PAD)

    def paint(self, painter: QPainter, at: QPointF) -> None:
        ink = theme().colour("ink", 0.85)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(255, 255, 255, 60), 1))  # an edge, where the picture is black too
        painter.setBrush(ink)
        area = QRectF(at, self.size)
        painter.drawRoundedRect(area, 6, 6)
        if self._colour is not None:
            patch = QRectF(area.left() + self.PAD, area.top() + self.PAD / 2 + 2, self._patch - 8, self._patch - 8)
            painter.setPen(QPen(QColor(255, 255, 255, 160), 1))
            painter.setBrush(QColor(*self._colour))
            painter.drawRoundedRect(patch, 3, 3)
        painter.setFont(self._font)
        painter.setPen(theme().colour("on_stage"))
        for place, line in enumerate(self._lines):
            left = area.left() + self.PAD + self._patch
            row = QRectF(left, area.top() + self.PAD / 2 + place * self._high, area.width(), self._high)
            painter.drawText(row, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, line)
        painter.restore()
