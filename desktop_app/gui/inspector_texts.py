"""What the pixel inspector says of a pixel, in words and numbers."""

from __future__ import annotations

import numpy as np

from desktop_app.core.pixels import grey_of, hex_of, hsv_of
from desktop_app.gui.texts import NBSP, percent
from desktop_app.i18n import tr

Rgb = tuple[int, int, int]


def grey_value(rgb: Rgb) -> int:
    return int(grey_of(np.array(rgb, np.uint8)))


def hsv_text(rgb: Rgb) -> str:
    """ "214° 62 % 80 %"."""
    hue, saturation, value = hsv_of(*rgb)
    return f"{round(hue) % 360}° {percent(saturation, 0)} {percent(value, 0)}"


def place_text(at: tuple[int, int]) -> str:
    return tr("x {x}, y {y}", x=at[0], y=at[1])


def value_lines(at: tuple[int, int], rgb: Rgb | None) -> list[str]:
    """For the plate beside the crosshair; the place alone while the value is not known yet."""
    if rgb is None:
        return [place_text(at)]
    colours = f"{NBSP}{NBSP}".join(f"{name}{NBSP}{value}" for name, value in zip("RGB", rgb, strict=True))
    return [
        f"{place_text(at)}{NBSP}{NBSP}{hex_of(*rgb)}",
        f"{colours}{NBSP}{NBSP}{tr('grey {value}', value=grey_value(rgb))}",
        f"HSV{NBSP}{hsv_text(rgb)}",
    ]
