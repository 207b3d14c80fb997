"""What the layers of an overlay share: options, geometry, fonts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QLocale, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF

from desktop_app.core.marks import Marks
from desktop_app.core.results import Detections, Result
from desktop_app.render.labels import Rect
from desktop_app.render.palette import INK, PaletteName

Names = Mapping[str, tuple[str, ...]]
"""Class names by model key."""
Translate = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class OverlayOptions:
    """How results are drawn.

    `hovered`: model key and row of the box that glows. `top_k`: how many classes a classifier's chip names.
    `scale`: 1.5 for the projector. `locale` gives the decimal mark. `marks`: what is drawn beside the results.
    """

    visible: bool = True
    labels: bool = True
    palette: PaletteName = "default"
    top_k: int = 1
    hovered: tuple[str, int] | None = None
    scale: float = 1.0
    locale: QLocale = field(default_factory=QLocale.c)
    marks: Marks | None = None


@dataclass(slots=True)
class Scene:
    """What the layers share. `area`: the part of the picture that can be seen; `line`, `text`: widths in its pixels;
    `ratio`: pixels of the screen to one of these; `occupied`: where later labels may not go, grows as chips are placed.
    """

    picture: QRectF
    frame_size: tuple[int, int]
    area: QRectF
    results: Sequence[Result]
    names: Names
    options: OverlayOptions
    translate: Translate
    occupied: list[Rect]
    line: float
    text: float
    ratio: float
    _boxes: dict[int, list[Rect]] = field(default_factory=dict)

    def label(self, result: Result, class_id: int) -> str:
        names = self.names.get(result.model_key, ())
        name = names[class_id] if 0 <= class_id < len(names) else f"class {class_id}"
        return self.translate(name)

    def boxes(self, detections: Detections) -> list[Rect]:
        """Rows of `xyxy` in the pixels that are painted on."""
        found = self._boxes.get(id(detections))
        if found is None:
            found = self._boxes[id(detections)] = self._scaled(detections)
        return found

    def _scaled(self, detections: Detections) -> list[Rect]:
        scale = np.array((self.picture.width() / self.frame_size[0], self.picture.height() / self.frame_size[1]) * 2)
        offset = np.array((self.picture.x(), self.picture.y()) * 2)
        return [tuple(row) for row in (detections.xyxy * scale + offset).tolist()]


@lru_cache(maxsize=64)
def overlay_font(pixels: float, weight: int, family: str = "") -> QFont:
    font = QFont()
    if family:
        font.setFamily(family)
    font.setPixelSize(max(1, round(pixels)))
    font.setWeight(QFont.Weight(weight))
    font.setFeature(QFont.Tag.fromString("tnum"), 1)
    return font


@lru_cache(maxsize=4096)
def advance(text: str, pixels: float, weight: int, family: str) -> float:
    return QFontMetricsF(overlay_font(pixels, weight, family)).horizontalAdvance(text)


def family_in_use() -> str:
    return QFont().family()


def edges(area: QRectF) -> Rect:
    return area.left(), area.top(), area.right(), area.bottom()


def ink(opacity: float) -> QColor:
    colour = QColor(INK)
    colour.setAlphaF(opacity)
    return colour


def decimals_text(value: float, decimals: int, locale: QLocale) -> str:
    return locale.toString(float(value), "f", decimals)


def elided(text: str, room: float, pixels: float, weight: int, family: str) -> tuple[str, float]:
    """`text` cut to `room`, and its width. A picture too narrow for a word still gets its number."""
    width = advance(text, pixels, weight, family)
    if width <= room:
        return text, width
    metrics = QFontMetricsF(overlay_font(pixels, weight, family))
    text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(0.0, room))
    return text, metrics.horizontalAdvance(text)
