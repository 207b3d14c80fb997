"""Colours of classes: the same on the picture, in files, tables and charts."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from PySide6.QtGui import QColor

PaletteName = Literal["default", "safe"]

INK = "#0B0D10"
"""Text on a label and halo of a line: dark enough for every class colour."""

# Farthest-first in OKLab, so that a few classes look most different. The safe list is ordered by the worst of normal,
# protan, deutan and tritan sight.
_HEX: dict[PaletteName, str] = {
    "default": "3DDC97 ED51BD 4F91F2 F99532 E2DF50 DAA5FA 929A2D 42D9FA FE6270 C565F8 02B827 25A473 "
    "87F85A F18DB7 9F7ED6 93C511 D3754F 20ADDE 61F3DB D8B349 ADEC97 BD871C F985F0 1ACBBD",
    "safe": "56B4E9 FB4C10 EFEFB9 B17A86 FBC031 8A72F7 52F0FF B1BF8C 478EBC 91D4C6 89A45E BCE080 "
    "BBFBE8 C494B1 F49923 D553AC 2FD4EC D1FE82 A588F7 60991D 75C259 808D5C AEE7CA FFE815",
}
COLOURS = 24
_COLOURS = {name: tuple(f"#{digits}" for digits in colours.split()) for name, colours in _HEX.items()}
# In the safe set colour alone is enough for the first eight; the pattern of the line helps from there on.
_SAFE_DASHES: tuple[tuple[float, ...], ...] = ((), (6.0, 3.0), (2.0, 2.2))
_LIGHTNESS_ON_LIGHT = 0.36


@lru_cache(maxsize=4096)
def class_colour(class_id: int, palette: PaletteName = "default") -> QColor:
    """The colour of a class, or of a track when its id is given instead. Treat it as read-only: it is shared."""
    colours = _COLOURS[palette]
    return QColor(colours[class_id % len(colours)])


def line_pattern(class_id: int, palette: PaletteName = "default") -> tuple[float, ...]:
    """Dash and gap in line widths; empty where the line is solid."""
    if palette == "default":
        return ()
    return _SAFE_DASHES[class_id % len(_COLOURS["safe"]) // 8]


@lru_cache(maxsize=4096)
def chart_colour(class_id: int, palette: PaletteName, light: bool) -> QColor:
    """For lines and bars of a chart: on a light panel the hue of the class, dark enough to be seen."""
    colour = class_colour(class_id, palette)
    if not light or colour.lightnessF() <= _LIGHTNESS_ON_LIGHT:
        return colour
    return QColor.fromHslF(max(0.0, colour.hueF()), colour.hslSaturationF(), _LIGHTNESS_ON_LIGHT)
