"""Paints a part of a `Shot`: the frame with the boxes of a side, and its answers as a list beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter

from desktop_app.core.results import Classification, Detections, Result
from desktop_app.gui import texts
from desktop_app.gui.batch_model import name_of
from desktop_app.gui.compare_state import Shot
from desktop_app.gui.compare_words import labels_of
from desktop_app.gui.theme import theme
from desktop_app.i18n import tr, tr_class
from desktop_app.render.overlay import OverlayOptions, paint_overlay
from desktop_app.render.palette import class_colour

HARD_PIXELS_FROM = 3.0
_PADDING = 10.0
_WIDEST = 260.0
_FEWEST = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """A line of the list. `share`: how long its bar is, 0 to 1. `first`: it is the answer; `other`: not the answer of
    side A."""

    label: str
    value: str
    share: float
    colour_id: int
    first: bool = False
    other: bool = False


def answers_of(shot: Shot, place: int, names: tuple[str, ...], top_k: int) -> list[Answer]:
    """Of a classifier the first classes, of a detector its labels by number."""
    result = shot.results[place]
    if result is None:
        return []
    prediction = result.prediction
    if isinstance(prediction, Classification):
        differs = any(v.place == place and not v.agrees for v in shot.verdicts)
        return [
            Answer(
                tr_class(name_of(names, class_id)),
                texts.percent(float(prediction.probabilities[class_id])),
                float(prediction.probabilities[class_id]),
                class_id,
                number == 0,
                number == 0 and differs,
            )
            for number, class_id in enumerate(prediction.top(top_k))
        ]
    counts = Counter(int(class_id) for class_id in prediction.class_id).most_common(top_k)
    most = counts[0][1] if counts else 1
    return [
        Answer(tr_class(name_of(names, class_id)), str(count), count / most, class_id) for class_id, count in counts
    ]


def boxes_of(shot: Shot, place: int, only_differences: bool) -> Result | None:
    """What is drawn over the frame: the boxes of a detector, or only those that the side compared with it has not."""
    result = shot.results[place]
    if result is None or not isinstance(result.prediction, Detections):
        return None
    if not only_differences:
        return result
    rows: set[int] = set()
    for verdict in shot.verdicts:
        if verdict.measure == "boxes":
            rows |= set(verdict.only_first if place == 0 else verdict.only_other if verdict.place == place else ())
    compared = any(verdict.measure == "boxes" for verdict in shot.verdicts)
    if not compared:
        return result
    return replace(result, prediction=result.prediction.pick(np.array(sorted(rows), np.intp)))


def arranged(area: QRectF, frame: tuple[int, int], rows: int, scale: float) -> tuple[QRectF, QRectF]:
    """Room for the picture, and for a list of up to `rows` answers: beside it or below, where the picture stays larger.
    Below, some of the last answers make room for it where there is little."""
    if not rows:
        return area, QRectF()
    wide = min(_WIDEST * scale, max(130.0, 0.3 * area.width()))
    beside = area.adjusted(0, 0, -wide, 0)
    choices = [(fit_in(beside, frame), beside, QRectF(beside.right(), area.top(), wide, area.height()))]
    for count in range(rows, min(rows, _FEWEST) - 1, -1):
        high = list_height(count, scale)
        below = area.adjusted(0, 0, 0, -high)
        given_up = 0.04 * (rows - count)
        choices.append(
            (fit_in(below, frame) * (1 - given_up), below, QRectF(area.left(), below.bottom(), area.width(), high))
        )
    _, picture, answers = max(choices, key=lambda choice: choice[0])
    return picture, answers


def fit_in(room: QRectF, frame: tuple[int, int]) -> float:
    """How large the frame would be."""
    return min(room.width() / frame[0], room.height() / frame[1])


def list_height(rows: int, scale: float) -> float:
    return rows * row_height(scale) + 2 * _PADDING


def row_height(scale: float) -> float:
    return QFontMetricsF(theme().font("body", scale)).height() + 12 * scale


def paint_frame(painter: QPainter, image: QImage, picture: QRectF, clip: QRectF, ratio: float) -> None:
    """Pixel by pixel where the sizes agree; `ratio`: pixels of the screen to one of the widget."""
    painter.save()
    painter.setClipRect(clip, Qt.ClipOperation.IntersectClip)
    pixels = picture.size() * ratio
    if max(abs(pixels.width() - image.width()), abs(pixels.height() - image.height())) < 1:
        corner = QPointF(round(picture.x() * ratio) / ratio, round(picture.y() * ratio) / ratio)
        image.setDevicePixelRatio(ratio)
        painter.drawImage(corner, image)
        image.setDevicePixelRatio(1.0)
    else:
        painter.setRenderHint(
            QPainter.RenderHint.SmoothPixmapTransform, pixels.width() <= HARD_PIXELS_FROM * image.width()
        )
        seen = picture.intersected(clip)
        wide, high = image.width() / picture.width(), image.height() / picture.height()
        source = QRectF(
            (seen.x() - picture.x()) * wide, (seen.y() - picture.y()) * high, seen.width() * wide, seen.height() * high
        )
        painter.drawImage(seen, image, source)
    painter.restore()


def paint_side(
    painter: QPainter,
    shot: Shot,
    place: int,
    names: tuple[str, ...],
    picture: QRectF,
    clip: QRectF,
    options: OverlayOptions,
    only_differences: bool,
    occupied: Sequence[QRectF] = (),
) -> None:
    """The boxes of one side, inside `clip`."""
    result = boxes_of(shot, place, only_differences)
    if result is None or clip.isEmpty():
        return
    painter.save()
    painter.setClipRect(clip, Qt.ClipOperation.IntersectClip)
    named = {result.model_key: names}
    paint_overlay(painter, picture, shot.size, [result], named, options, occupied, tr_class, clip)
    painter.restore()


def paint_answers(
    painter: QPainter, area: QRectF, answers: Sequence[Answer], options: OverlayOptions, scale: float, nothing: str
) -> None:
    """On the stage, which is dark in both themes. What finds no room at the end is left out."""
    strong, body = theme().font("strong", scale), theme().font("body", scale)
    inner = area.adjusted(_PADDING + 2, _PADDING, -_PADDING - 2, -_PADDING)
    high = row_height(scale)
    top = inner.top()
    if not answers:
        _text(painter, inner, nothing, body, theme().colour("on_stage_muted"), Qt.AlignmentFlag.AlignTop)
        return
    for answer in answers[: max(1, int((inner.height() + 1) // high))]:
        font = strong if answer.first else body
        line = QRectF(inner.left(), top, inner.width(), QFontMetricsF(font).height())
        colour = theme().colour("on_stage_warning" if answer.other else "on_stage")
        room = inner.width() - QFontMetricsF(font).horizontalAdvance(answer.value) - 8
        label = f"≠ {answer.label}" if answer.other else answer.label
        shown = QFontMetricsF(font).elidedText(label, Qt.TextElideMode.ElideRight, room)
        _text(painter, line, shown, font, colour, Qt.AlignmentFlag.AlignLeft)
        _text(painter, line, answer.value, font, theme().colour("on_stage"), Qt.AlignmentFlag.AlignRight)
        bar = QRectF(inner.left(), line.bottom() + 2 * scale, inner.width(), 4 * scale)
        _bar(painter, bar, answer.share, class_colour(answer.colour_id, options.palette))
        top += high


def _bar(painter: QPainter, area: QRectF, share: float, colour: QColor) -> None:
    radius = area.height() / 2
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme().colour("on_stage_track"))
    painter.drawRoundedRect(area, radius, radius)
    painter.setBrush(colour)
    filled = QRectF(area)
    filled.setWidth(max(area.height(), area.width() * min(1.0, share)))
    painter.drawRoundedRect(filled, radius, radius)


def _text(painter: QPainter, area: QRectF, text: str, font: QFont, colour: QColor, side: Qt.AlignmentFlag) -> None:
    painter.setFont(font)
    painter.setPen(colour)
    painter.drawText(area, side, text)


def nothing_found(result: Result | None) -> str:
    return "" if result is None else tr("No boxes")


def spoken_answers(shot: Shot, place: int, names: tuple[str, ...]) -> str:
    """For a screen reader."""
    result = shot.results[place]
    if result is None:
        return ""
    if isinstance(result.prediction, Detections):
        return ", ".join(labels_of(result.prediction, names)) or tr("No boxes")
    best = result.prediction.top(1)[0]
    return tr_class(name_of(names, best))
