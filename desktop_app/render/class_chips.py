"""The chip of a classifier at the lower left of the picture."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath

from desktop_app.core.results import Classification, Result
from desktop_app.render.palette import class_colour
from desktop_app.render.scene import Scene, advance, decimals_text, edges, elided, family_in_use, ink, overlay_font

_MARGIN = 12.0
_NBSP = "\u00a0"


def paint_class_chips(painter: QPainter, scene: Scene) -> None:
    """One chip a classifier, the first at the bottom left, the others stacked on it."""
    bottom = scene.area.bottom() - _chip_margin(scene)
    for result in scene.results:
        if isinstance(result.prediction, Classification):
            chip = _paint_class_chip(painter, scene, result, result.prediction, bottom)
            scene.occupied.append(edges(chip))
            bottom = chip.top() - 8


def _chip_margin(scene: Scene) -> float:
    """12 pixels from the edges, less where the picture is tiny."""
    return min(_MARGIN, 0.04 * min(scene.area.width(), scene.area.height()))


def _paint_class_chip(
    painter: QPainter, scene: Scene, result: Result, prediction: Classification, bottom: float
) -> QRectF:
    """Best class large, the next of `top_k` smaller below it."""
    family, margin = family_in_use(), _chip_margin(scene)
    large = max(20.0 * scene.options.scale, 1.1 * scene.text)
    room = scene.area.width() - 2 * margin
    if room < 12 * large:  # a tiny picture: the chip shrinks with it, down to what can be read
        large = max(9.0, room / 12)
    lines = []
    for place, class_id in enumerate(prediction.top(max(1, scene.options.top_k))):
        pixels = large if place == 0 else max(9.0, 0.7 * large)
        weight = 600 if place == 0 else 500
        value = f"{decimals_text(100 * prediction.probabilities[class_id], 1, scene.options.locale)}{_NBSP}%"
        value_width = advance(value, pixels, 400, family)
        name_room = room - value_width - 1.9 * large
        name, name_width = elided(scene.label(result, class_id), name_room, pixels, weight, family)
        lines.append((name, value, name_width, value_width, pixels, weight))
    heights = [QFontMetricsF(overlay_font(pixels, weight, family)).height() for *_, pixels, weight in lines]
    width = max(name + value for _, _, name, value, _, _ in lines) + 1.9 * large
    height = sum(heights) + 0.6 * large
    left = scene.area.left() + margin
    chip = QRectF(left, max(scene.area.top(), bottom - height), min(width, room), height)
    corner = 0.4 * large
    outline = QPainterPath()
    outline.addRoundedRect(chip, corner, corner)
    painter.fillPath(outline, ink(0.8))
    bar = QRectF(chip.left(), chip.top(), 0.25 * large, chip.height())
    painter.save()
    painter.setClipRect(bar, Qt.ClipOperation.IntersectClip)
    painter.fillPath(outline, class_colour(prediction.top(1)[0], scene.options.palette))
    painter.restore()
    top = chip.top() + 0.3 * large
    for (name, value, name_width, _, pixels, weight), line_height in zip(lines, heights, strict=True):
        painter.setPen(QColor("white"))
        painter.setFont(overlay_font(pixels, weight, family))
        baseline = top + QFontMetricsF(painter.font()).ascent()
        painter.drawText(QPointF(left + 0.85 * large, baseline), name)
        painter.setFont(overlay_font(pixels, 400, family))
        painter.drawText(QPointF(left + 0.85 * large + name_width + 0.4 * large, baseline), value)
        top += line_height
    return chip
