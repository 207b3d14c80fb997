"""Single lines of text for what is painted many times a second: laid out once, then only drawn."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QStaticText

from desktop_app.gui.theme import FontRole, theme


def draw_line(
    painter: QPainter,
    area: QRectF | QRect,
    text: str,
    role: FontRole,
    scale: float = 1.0,
    *,
    weight: int = 0,
    right: bool = False,
    elide: bool = False,
) -> float:
    """`text` in the painter's pen, at the left of `area` (or at its right) and in the middle of its height; cut where
    `elide` says so. Leaves the font in the painter. How wide it is."""
    painter.setFont(theme().font(role, scale, weight))
    line, width, height = _laid_out(text, role, scale, weight, int(area.width()) if elide else -1)
    x = area.x() + area.width() - width if right else area.x()
    painter.drawStaticText(QPointF(x, area.y() + (area.height() - height) / 2), line)
    return width


@lru_cache(maxsize=1024)
def _laid_out(text: str, role: FontRole, scale: float, weight: int, room: int) -> tuple[QStaticText, float, float]:
    metrics = QFontMetricsF(theme().font(role, scale, weight))
    if room >= 0:
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
    line = QStaticText(text)
    line.setTextFormat(Qt.TextFormat.PlainText)
    return line, metrics.horizontalAdvance(text), metrics.height()


theme().changed.connect(_laid_out.cache_clear)
