"""Draws results over a picture: the same on the screen, in snapshots and in files.

`LAYERS` is the tuple of what is drawn, in z-order; a new overlay is a function and a line there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from desktop_app.core.results import Detections, Result
from desktop_app.render.class_chips import paint_class_chips
from desktop_app.render.labels import Rect, overlap, place_labels
from desktop_app.render.marks import paint_shapes, paint_trails
from desktop_app.render.palette import COLOURS, class_colour
from desktop_app.render.scene import (
    Names,
    OverlayOptions,
    Scene,
    Translate,
    advance,
    decimals_text,
    edges,
    elided,
    family_in_use,
    overlay_font,
)
from desktop_app.render.stamps import NAMED, draw_plate, frame_look, named_plate, text_picture

__all__ = ["LAYERS", "Layer", "Names", "OverlayOptions", "Translate", "box_at", "paint_overlay", "without_hover"]

_HALO = 1.1
_CORNER = 6.0


def _paint_boxes(painter: QPainter, scene: Scene) -> None:
    """Least sure first, so that the surest lies on top; the hovered one above all."""
    options = scene.options
    rows = [
        ((result.model_key, row), box, result.prediction.colour_id(row))
        for result in scene.results
        if isinstance(result.prediction, Detections)
        for row, box in enumerate(scene.boxes(result.prediction))
    ]
    rows.sort(key=lambda item: (item[0] == options.hovered, -item[0][1]))
    glowing = any(key == options.hovered for key, _, _ in rows)
    ratio = scene.ratio
    corner = _CORNER * max(1.0, scene.line / 2) * ratio
    left, top, right, bottom = _around(scene.area, 2 * scene.line)
    with _screen_pixels(painter, ratio):
        for key, box, colour_id in rows:
            if not overlap(box, (left, top, right, bottom)):
                continue  # zoomed in: nothing of the box is seen
            glow = key == options.hovered
            line = scene.line * (1.6 if glow else 1.0) * ratio
            halo = line + 2 * _HALO * max(1.0, scene.line / 2) * ratio
            opacity = 0.75 if glowing and not glow else 1.0
            x0, y0, x1, y1 = (round(edge * ratio) for edge in box)
            if glow:
                _fill_box(painter, class_colour(colour_id, options.palette), QRectF(x0, y0, x1 - x0, y1 - y0), corner)
            look = frame_look(colour_id % COLOURS, options.palette, line, halo, corner, opacity)
            look.draw(painter, x0, y0, x1, y1)


def _around(area: QRectF, by: float) -> Rect:
    return edges(area.adjusted(-by, -by, by, by))


def _fill_box(painter: QPainter, colour: QColor, shape: QRectF, corner: float) -> None:
    fill = QColor(colour)
    fill.setAlphaF(0.18)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(fill)
    corner = min(corner, shape.width() / 4, shape.height() / 4)
    painter.drawRoundedRect(shape, corner, corner)


@contextmanager
def _screen_pixels(painter: QPainter, ratio: float) -> Iterator[None]:
    """The painter counts in pixels of the screen meanwhile."""
    painter.save()
    painter.scale(1 / ratio, 1 / ratio)
    yield
    painter.restore()


@dataclass(slots=True)
class _Label:
    box: Rect
    colour_id: int
    name: str
    value: str
    name_width: float
    value_width: float
    size: tuple[float, float]


def _labels(scene: Scene, family: str) -> list[_Label]:
    """Hovered first, then by falling confidence: the order in which they choose their place."""
    text, options = scene.text, scene.options
    pad, gap = 0.5 * text, 0.4 * text
    height = round(QFontMetricsF(overlay_font(text, 600, family)).height() + 0.44 * text)
    room = scene.area.width() - 4
    area = edges(scene.area)
    ranked: list[tuple[bool, float, _Label]] = []
    for result in scene.results:
        detections = result.prediction
        if not isinstance(detections, Detections):
            continue
        rows = zip(scene.boxes(detections), detections.confidence.tolist(), detections.class_id.tolist(), strict=True)
        for row, (box, confidence, class_id) in enumerate(rows):
            if not overlap(box, area):
                continue  # zoomed in: nothing of the box is seen
            name = scene.label(result, class_id)
            track = detections.track_of(row)
            if track is not None:
                name = f"{name} #{track}"
            value = decimals_text(confidence, 2, options.locale)
            value_width = advance(value, text, 400, family)
            beside = 2 * pad + gap + value_width
            name, name_width = elided(name, room - beside, text, 600, family)
            # The chip is flush with the outer edge of the line.
            out = scene.line / 2
            outer = (box[0] - out, box[1] - out, box[2] + out, box[3] + out)
            size = (name_width + beside, height)
            label = _Label(outer, detections.colour_id(row), name, value, name_width, value_width, size)
            ranked.append(((result.model_key, row) == options.hovered, confidence, label))
    ranked.sort(key=lambda item: (not item[0], -item[1]))
    return [label for _, _, label in ranked]


def _paint_labels(painter: QPainter, scene: Scene) -> None:
    if not scene.options.labels:
        return
    family = family_in_use()
    labels = _labels(scene, family)
    places = place_labels(
        [label.box for label in labels], [label.size for label in labels], edges(scene.area), scene.occupied
    )
    scene.occupied.extend(places)
    text, ratio, palette = scene.text, scene.ratio, scene.options.palette
    middle = QFontMetricsF(overlay_font(text, 600, family))
    indent = round(0.5 * text * ratio)
    with _screen_pixels(painter, ratio):
        # The most important last: where labels had to overlap, it stays readable.
        for label, (x0, y0, x1, y1) in zip(reversed(labels), reversed(places), strict=True):
            left, top, height = round(x0 * ratio), round(y0 * ratio), round((y1 - y0) * ratio)
            corner = min(4.0 * max(1.0, text / 16) * ratio, height / 4)
            width, colour = round((x1 - x0) * ratio), label.colour_id % COLOURS
            drop = round(((y1 - y0 - middle.height()) / 2 + middle.ascent()) * ratio)
            baseline = top + drop
            if len(labels) <= NAMED:
                name = (label.name, label.name_width, text, family, ratio)
                chip = named_plate(colour, palette, (width, height), corner, ratio, name, (indent, drop))
                painter.drawImage(left, top, chip)
            else:
                draw_plate(painter, colour, palette, (left, top, width, height), corner, ratio)
                picture, ascent = text_picture(label.name, label.name_width, text, 600, family, ratio)
                painter.drawImage(left + indent, baseline - ascent, picture)
            value, ascent = text_picture(label.value, label.value_width, text, 400, family, ratio)
            painter.drawImage(left + round((0.9 * text + label.name_width) * ratio), baseline - ascent, value)


Layer = Callable[[QPainter, Scene], None]

LAYERS: tuple[Layer, ...] = (paint_trails, paint_shapes, _paint_boxes, paint_class_chips, _paint_labels)
"""In z-order. Chips come before labels, which make room for them."""


def untranslated(text: str) -> str:
    return text


def paint_overlay(
    painter: QPainter,
    picture_rect: QRectF,
    frame_size: tuple[int, int],
    results: Sequence[Result],
    names: Names,
    options: OverlayOptions,
    occupied: Sequence[QRectF] = (),
    translate: Translate = untranslated,
    visible: QRectF | None = None,
) -> None:
    """Draws `results` over a frame of `frame_size` (width, height) that is shown in `picture_rect`.

    `occupied`: where labels must not go. `visible`: the part of the surface that is seen, where the picture is larger
    (zoomed in); labels stay inside it. The painter comes back as it was.
    """
    if not options.visible or not (results or options.marks) or picture_rect.isEmpty():
        return
    area = picture_rect if visible is None else picture_rect.intersected(visible)
    if area.isEmpty():
        return
    short = min(area.width(), area.height())
    scene = Scene(
        picture=picture_rect,
        frame_size=frame_size,
        area=area,
        results=results,
        names=names,
        options=options,
        translate=translate,
        occupied=[edges(chip) for chip in occupied],
        line=max(2.0, short / 320) * options.scale,
        text=min(40.0, max(12.0, short / 46)) * options.scale,
        ratio=painter.device().devicePixelRatio(),
    )
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipRect(area, Qt.ClipOperation.IntersectClip)
    for layer in LAYERS:
        layer(painter, scene)
    painter.restore()


def box_at(
    point: QPointF, picture_rect: QRectF, frame_size: tuple[int, int], results: Sequence[Result]
) -> tuple[str, int] | None:
    """Model key and row of the smallest box under `point`, or `None`."""
    if picture_rect.isEmpty():
        return None
    x = (point.x() - picture_rect.x()) * frame_size[0] / picture_rect.width()
    y = (point.y() - picture_rect.y()) * frame_size[1] / picture_rect.height()
    hits = []
    for result in results:
        if not isinstance(result.prediction, Detections):
            continue
        x0, y0, x1, y1 = result.prediction.xyxy.T
        for row in np.flatnonzero((x0 <= x) & (x <= x1) & (y0 <= y) & (y <= y1)).tolist():
            hits.append((float((x1[row] - x0[row]) * (y1[row] - y0[row])), (result.model_key, row)))
    return min(hits)[1] if hits else None


def without_hover(options: OverlayOptions) -> OverlayOptions:
    """For what is saved: nothing glows in a file."""
    return replace(options, hovered=None)
