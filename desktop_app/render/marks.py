"""Lines, zones and trails over the picture. White on a dark halo: colours are for what was recognised."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from desktop_app.core.marks import ShapeMark
from desktop_app.core.shapes import Point
from desktop_app.render.palette import class_colour
from desktop_app.render.scene import Scene, advance, edges, family_in_use, ink, overlay_font

_ARROW = 5.0
"""Size of the arrow that shows which way is in, in widths of the line."""
_FADES = 6
"""Steps in which a trail fades; each is a stroke."""


def place(scene: Scene, point: Point) -> QPointF:
    picture = scene.picture
    return QPointF(picture.x() + point[0] * picture.width(), picture.y() + point[1] * picture.height())


def paint_trails(painter: QPainter, scene: Scene) -> None:
    """Fading with age, on one halo."""
    marks = scene.options.marks
    if marks is None:
        return
    width = scene.line
    for trail in marks.trails:
        points = [place(scene, point) for point in trail.points]
        painter.setPen(_pen(ink(0.3), width + 2))
        painter.drawPolyline(QPolygonF(points[len(points) // 2 :]))
        colour = class_colour(trail.colour_id, scene.options.palette)
        length = math.ceil(len(points) / _FADES)
        for first in range(0, len(points) - 1, length):
            faded = QColor(colour)
            faded.setAlphaF(min(1.0, (first + length) / len(points)))
            painter.setPen(_pen(faded, width))
            painter.drawPolyline(QPolygonF(points[first : first + length + 1]))


def _pen(colour: QColor, width: float) -> QPen:
    pen = QPen(colour, width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    pen.setJoinStyle(Qt.PenJoinStyle.BevelJoin)
    return pen


def paint_shapes(painter: QPainter, scene: Scene) -> None:
    """Below the boxes; the labels of boxes make room for the captions."""
    marks = scene.options.marks
    if marks is None:
        return
    for mark in marks.shapes:
        points = [place(scene, point) for point in mark.points]
        if mark.kind == "zone":
            fill = QColor("white")
            fill.setAlphaF(0.10)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(fill)
            painter.drawPolygon(QPolygonF(points))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            points = [*points, points[0]]
        stroke(painter, points, scene.line)
        if mark.kind == "line":
            _paint_arrow(painter, points[0], points[1], scene.line)
    for mark in marks.shapes:
        _paint_caption(painter, scene, mark)


def stroke(painter: QPainter, points: Sequence[QPointF], line: float) -> None:
    for pen in (QPen(ink(0.6), line + 2.4), QPen(QColor("white"), line)):
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawPolyline(QPolygonF(points))


def _paint_arrow(painter: QPainter, a: QPointF, b: QPointF, line: float) -> None:
    """A triangle at the middle of the line that points to the side that is in: the right one."""
    length = math.hypot(b.x() - a.x(), b.y() - a.y())
    if length < 4 * _ARROW:
        return
    along = QPointF((b.x() - a.x()) / length, (b.y() - a.y()) / length)
    right = QPointF(-along.y(), along.x())
    middle, size = (a + b) / 2, _ARROW * max(2.0, line)
    triangle = QPolygonF([middle - along * 0.7 * size, middle + along * 0.7 * size, middle + right * size])
    painter.setPen(QPen(ink(0.6), 1.2))
    painter.setBrush(QColor("white"))
    painter.drawPolygon(triangle)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _paint_caption(painter: QPainter, scene: Scene, mark: ShapeMark) -> None:
    """Dark chip with white text: at the first point of a line, at the top of a zone."""
    if not mark.caption:
        return
    family, pixels = family_in_use(), scene.text
    weights = [600, *([400] * (len(mark.caption) - 1))]
    widths = [advance(text, pixels, weight, family) for text, weight in zip(mark.caption, weights, strict=True)]
    height = QFontMetricsF(overlay_font(pixels, 600, family)).height()
    size = (max(widths) + pixels, len(mark.caption) * height + 0.4 * pixels)
    chip = _caption_place(scene, mark, size)
    scene.occupied.append(edges(chip))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink(0.75))
    painter.drawRoundedRect(chip, 4, 4)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QColor("white"))
    top = chip.top() + 0.2 * pixels
    for text, weight in zip(mark.caption, weights, strict=True):
        painter.setFont(overlay_font(pixels, weight, family))
        painter.drawText(QPointF(chip.left() + 0.5 * pixels, top + QFontMetricsF(painter.font()).ascent()), text)
        top += height


def _caption_place(scene: Scene, mark: ShapeMark, size: tuple[float, float]) -> QRectF:
    points = [place(scene, point) for point in mark.points]
    at = min(points, key=lambda p: (p.y(), p.x())) if mark.kind == "zone" else points[0]
    area, gap = scene.area, scene.line + 6
    left = max(area.left() + 2, min(at.x() + gap, area.right() - size[0] - 2))
    below = QRectF(left, at.y() + gap, *size)
    above = QRectF(left, at.y() - gap - size[1], *size)
    first, second = (below, above) if mark.kind == "zone" else (above, below)
    chosen = first if area.top() + 2 <= first.top() and first.bottom() <= area.bottom() - 2 else second
    chosen.moveTop(max(area.top() + 2, min(chosen.top(), area.bottom() - size[1] - 2)))
    return chosen
