"""The small chips in the corners of the stage: what is shown, how old it is, how large."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPainterPath

from desktop_app.gui import texts
from desktop_app.gui.gears import explanation
from desktop_app.gui.line_text import draw_line
from desktop_app.gui.theme import theme
from desktop_app.i18n import tr

Phase = Literal["none", "opening", "live", "playing", "paused", "synced", "ended", "lost"]

HEIGHT = 26.0
MARGIN = 12.0
_PAD = 10.0
_DOT = 8.0
_BETWEEN = 6.0
_WEIGHT = 500


@dataclass(frozen=True, slots=True)
class HudState:
    """`result_age`: seconds from the grab of the frame to now, of the result that is drawn; `None` where there is none.
    `lost_for`: seconds since the last picture."""

    phase: Phase = "none"
    result_age: float | None = None
    lost_for: float | None = None
    gears: str = ""
    """What the models do to hold a rate, where they do anything."""
    rate_held: bool = True
    changed: str = ""
    """How the input is spoiled on purpose, in words."""
    recording: str = ""
    """The running time of a recording, where the tool bar that tells it is hidden."""


@dataclass(frozen=True, slots=True)
class Chip:
    text: str
    dot: str = ""
    """Colour token of the dot before the text, or nothing."""
    muted: bool = False
    tip: str = ""
    """What the pointer is told."""


def left_chips(state: HudState) -> list[Chip]:
    """State and age of the result."""
    # A table inside the function: the texts follow the language.
    phases: dict[Phase, Chip] = {
        "opening": Chip(tr("Opening"), "on_stage_muted"),
        "live": Chip(tr("Live"), "on_stage_success"),
        "playing": Chip(tr("Playing"), "on_stage_success"),
        "paused": Chip(tr("Paused"), "on_stage_muted"),
        "synced": Chip(tr("Synced"), "on_stage_success"),
        "ended": Chip(tr("Ended"), "on_stage_muted"),
        "lost": Chip(tr("Signal lost"), "on_stage_warning"),
    }
    # A still has no state, but what is done to it must be seen.
    chips = [phases[state.phase]] if state.phase in phases else []
    if state.changed and state.phase not in ("opening", "lost"):
        chips.append(Chip(state.changed, "on_stage_warning"))
    if state.phase not in phases:
        return chips
    if state.recording:
        chips.append(Chip(state.recording, "on_stage_danger", tip=tr("Recording")))
    if state.result_age is not None and state.phase in ("live", "playing"):
        age = texts.milliseconds(1e3 * state.result_age) if state.result_age < 1 else texts.duration(state.result_age)
        chips.append(Chip(tr("result {age} old", age=age)))
    if state.gears and state.phase in ("live", "synced"):
        # The words change when the rate cannot be held, the dot only underlines it.
        chips.append(Chip(state.gears, "" if state.rate_held else "on_stage_warning", state.rate_held, explanation()))
    return chips


def right_chips(state: HudState, frame_size: tuple[int, int] | None, zoom: str) -> list[Chip]:
    """Size and zoom; where the signal is lost, since when."""
    if state.phase == "lost":
        if state.lost_for is None:
            return []
        return [Chip(tr("last picture {time} ago", time=texts.duration(state.lost_for)))]
    return [] if frame_size is None else [Chip(texts.size(*frame_size)), Chip(zoom)]


def _width(chip: Chip, metrics: QFontMetricsF) -> float:
    return metrics.horizontalAdvance(chip.text) + 2 * _PAD + (_DOT + 6 if chip.dot else 0)


def _row_width(widths: Sequence[float]) -> float:
    return sum(widths) + _BETWEEN * max(0, len(widths) - 1)


def lay_out(left: Sequence[Chip], right: Sequence[Chip], stage: QRectF, scale: float) -> list[tuple[Chip, QRectF]]:
    """Chips and their places: `left` from the upper left corner on, `right` up to the upper right one.

    Where the stage is too narrow for all, size goes first, then the age of the result; the state stays.
    """
    metrics = QFontMetricsF(hud_font(scale))
    left, right = list(left), list(right)
    room = stage.width() - 2 * MARGIN - 2 * _BETWEEN
    while len(left) + len(right) > 1 and (
        _row_width([_width(chip, metrics) for chip in left]) + _row_width([_width(chip, metrics) for chip in right])
        > room
    ):
        if right:
            right.pop(0)
        else:
            left.pop()
    height = max(HEIGHT, round(metrics.height() + 10))
    places = []
    x, top = stage.left() + MARGIN, stage.top() + MARGIN
    for chip in left:
        places.append((chip, QRectF(x, top, _width(chip, metrics), height)))
        x += _width(chip, metrics) + _BETWEEN
    x = stage.right() - MARGIN - _row_width([_width(chip, metrics) for chip in right])
    for chip in right:
        places.append((chip, QRectF(x, top, _width(chip, metrics), height)))
        x += _width(chip, metrics) + _BETWEEN
    return places


def hud_font(scale: float = 1.0) -> QFont:
    return theme().font("small", scale, _WEIGHT)


def paint(painter: QPainter, places: Sequence[tuple[Chip, QRectF]], scale: float) -> None:
    ink = theme().colour("ink", 0.75)
    for chip, place in places:
        outline = QPainterPath()
        outline.addRoundedRect(place, 6, 6)
        painter.fillPath(outline, ink)
        left = place.left() + _PAD
        if chip.dot:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().colour(chip.dot))
            painter.drawEllipse(QPointF(left + _DOT / 2, place.center().y()), _DOT / 2, _DOT / 2)
            left += _DOT + 6
        painter.setPen(theme().colour("on_stage_muted" if chip.muted else "on_stage"))
        words = QRectF(left, place.top(), place.right() - left, place.height())
        draw_line(painter, words, chip.text, "small", scale, weight=_WEIGHT)
