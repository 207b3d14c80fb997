from __future__ import annotations

import pytest
from PySide6.QtGui import QColor

from desktop_app.render.palette import INK, PaletteName, chart_colour, class_colour, line_pattern

PALETTES: tuple[PaletteName, ...] = ("default", "safe")


def luminance(colour: QColor) -> float:
    """Relative luminance, WCAG 2."""
    rgb = (colour.redF(), colour.greenF(), colour.blueF())
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    return float(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])


def contrast(a: QColor, b: QColor) -> float:
    lighter, darker = sorted((luminance(a), luminance(b)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("palette", PALETTES)
def test_twenty_four_colours_that_repeat(palette: PaletteName) -> None:
    colours = [class_colour(i, palette).name() for i in range(24)]
    assert len(set(colours)) == 24
    assert class_colour(24 + 5, palette).name() == colours[5]


@pytest.mark.parametrize("palette", PALETTES)
@pytest.mark.parametrize("class_id", range(24))
def test_ink_is_legible_on_every_label(palette: PaletteName, class_id: int) -> None:
    assert contrast(class_colour(class_id, palette), QColor(INK)) >= 5.2


@pytest.mark.parametrize("palette", PALETTES)
@pytest.mark.parametrize("class_id", range(24))
def test_chart_lines_show_on_light_panels(palette: PaletteName, class_id: int) -> None:
    on_light = chart_colour(class_id, palette, light=True)
    assert on_light.lightnessF() <= 0.361
    assert abs(on_light.hueF() - class_colour(class_id, palette).hueF()) < 0.01
    assert chart_colour(class_id, palette, light=False) == class_colour(class_id, palette)


def test_the_safe_set_has_a_pattern_from_the_ninth_on() -> None:
    assert [line_pattern(i, "safe") for i in (0, 7, 8, 15, 16, 23, 24)] == [
        (),
        (),
        (6.0, 3.0),
        (6.0, 3.0),
        (2.0, 2.2),
        (2.0, 2.2),
        (),
    ]
    assert line_pattern(20, "default") == ()
