from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QLocale, QPointF, QRectF
from PySide6.QtGui import QImage, QPainter

from desktop_app.core.results import Result
from desktop_app.render.annotate import annotate
from desktop_app.render.overlay import OverlayOptions, box_at, paint_overlay
from desktop_app.render.palette import PaletteName, class_colour
from desktop_app.render.qimage import from_qimage
from tests.render.conftest import NAMES, classification, detections

GREY = 128
NO_LABELS = OverlayOptions(labels=False)


def drawn(
    *results: Result,
    options: OverlayOptions | None = None,
    size: tuple[int, int] = (640, 480),
    occupied: tuple[QRectF, ...] = (),
    picture: QRectF | None = None,
) -> NDArray[np.int64]:
    """RGB pixels of a grey surface of 640×480 with the overlay of a frame of `size`."""
    image = QImage(640, 480, QImage.Format.Format_RGB32)
    image.fill(0xFF808080)
    with QPainter(image) as painter:
        paint_overlay(
            painter,
            QRectF(0, 0, 640, 480) if picture is None else picture,
            size,
            results,
            NAMES,
            options or OverlayOptions(),
            occupied,
        )
    return from_qimage(image)[:, :, ::-1].astype(np.int64)


def rgb(class_id: int, palette: PaletteName = "default") -> NDArray[np.int64]:
    colour = class_colour(class_id, palette)
    return np.array((colour.red(), colour.green(), colour.blue()))


def is_class(pixels: NDArray[np.int64], class_id: int) -> NDArray[np.bool_]:
    near: NDArray[np.bool_] = np.abs(pixels - rgb(class_id)).max(axis=2) <= 6
    return near


def bounds(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def test_the_line_lies_on_the_box_with_a_dark_halo() -> None:
    pixels = drawn(detections(([100, 120, 300, 400], 0.9, 0)), options=NO_LABELS)
    green = is_class(pixels, 0)
    assert bounds(green) == (99, 119, 301, 401)
    for x, y in ((200, 119), (200, 400), (99, 250), (300, 250)):
        assert green[y, x]
    assert pixels[118, 200].max() < GREY - 20  # halo outside
    assert (pixels[110, 200] == GREY).all()
    assert (pixels[250, 200] == GREY).all()  # no fill


def test_boxes_are_scaled_from_the_frame_to_the_picture() -> None:
    result = detections(([200, 240, 600, 800], 0.9, 0))
    pixels = drawn(result, options=NO_LABELS, size=(1280, 960))
    assert bounds(is_class(pixels, 0)) == (99, 119, 301, 401)


def test_line_width_follows_the_picture_and_the_projector() -> None:
    box = detections(([100, 120, 300, 400], 0.9, 0))
    wide = drawn(box, options=replace(NO_LABELS, scale=3.0))
    assert is_class(wide, 0)[250, 90:110].sum() == 6
    assert is_class(drawn(box, options=NO_LABELS), 0)[250, 90:110].sum() == 2


def test_the_label_stands_on_the_box_in_its_colour() -> None:
    pixels = drawn(detections(([100, 120, 300, 400], 0.9, 1)))
    left, top, right, _ = bounds(is_class(pixels, 1))
    assert left == 99
    assert 90 < top < 110
    assert right == 301
    chip = pixels[top + 3 : 116, 102:180]
    assert (chip.max(axis=2) < 60).sum() > 30  # ink of the letters


def test_labels_stay_in_the_picture_and_off_the_hud() -> None:
    hud = QRectF(0, 0, 400, 60)
    picture = QRectF(0, 0, 640, 480)
    pixels = drawn(detections(([-50, -50, 300, 400], 0.9, 0)), occupied=(hud,), picture=picture)
    assert not is_class(pixels, 0)[:60, :290].any()
    assert is_class(pixels, 0).sum(axis=1).max() > 40  # it is somewhere else


def test_a_label_is_clipped_to_the_picture_never_beside_it() -> None:
    picture = QRectF(200, 100, 200, 150)
    pixels = drawn(detections(([0, 0, 640, 480], 0.9, 0)), picture=picture)
    outside = np.ones(pixels.shape[:2], bool)
    outside[100:250, 200:400] = False
    assert (pixels[outside] == GREY).all()
    assert is_class(pixels, 0).any()


def test_the_decimal_mark_is_that_of_the_locale() -> None:
    box = detections(([100, 120, 300, 400], 0.9, 0))
    english = drawn(box)
    french = drawn(box, options=OverlayOptions(locale=QLocale("fr")))
    assert (english != french).any()
    left, top, right, bottom = bounds((english != french).any(axis=2))
    assert right - left < 40  # a point became a comma, nothing else
    assert bottom < 120
    assert top > 80


def test_the_hovered_box_glows_and_the_others_step_back() -> None:
    two = detections(([50, 100, 250, 400], 0.9, 0), ([350, 100, 550, 400], 0.8, 0))
    plain = drawn(two, options=NO_LABELS)
    hovered = drawn(two, options=replace(NO_LABELS, hovered=("detector", 1)))
    assert (hovered[250, 150] == GREY).all()
    assert hovered[250, 450][1] > GREY + 10  # 18 % green
    greenish = [int((p[250, 340:350, 1] - p[250, 340:350, 0] > 60).sum()) for p in (plain, hovered)]
    assert greenish[1] > greenish[0]  # 1.6 times as wide
    assert is_class(plain, 0)[250, 49]
    assert not is_class(hovered, 0)[250, 49]


def test_a_track_has_its_own_colour_and_number() -> None:
    tracked = detections(([100, 120, 300, 400], 0.9, 0), tracks=[7])
    pixels = drawn(tracked)
    assert is_class(pixels, 7).any()
    assert not is_class(pixels, 0).any()


def test_the_safe_set_dashes_its_later_classes() -> None:
    options = replace(NO_LABELS, palette="safe")
    dashed = drawn(detections(([100, 120, 300, 400], 0.9, 8)), options=options)
    colour = rgb(8, "safe")
    along = np.abs(dashed[119, 110:290] - colour).max(axis=1) <= 6
    assert 0.5 < along.mean() < 0.8  # 6 on, 3 off
    assert (dashed[119, 110:290].max(axis=1)[~along] < GREY + 40).all()


def test_the_class_chip_is_at_the_bottom_left() -> None:
    pixels = drawn(classification(0.1, 0.7, 0.2))
    bar = is_class(pixels, 1)
    left, top, right, bottom = bounds(bar)
    assert left == 12
    assert bottom == pytest.approx(468, abs=1)  # the corner is round
    assert right - left == 5
    assert 24 < bottom - top < 60
    assert (pixels[bottom - 4, 20:60].max(axis=1) < 60).all()  # dark plate
    white = pixels[top:bottom].min(axis=2) > 240
    assert white.sum() > 100


def test_two_classifiers_stack_and_a_detector_is_drawn_beside_them() -> None:
    box = detections(([300, 100, 500, 300], 0.9, 0))
    pixels = drawn(
        classification(0.1, 0.7, 0.2), classification(0.1, 0.2, 0.7, model_key="other"), box, size=(640, 480)
    )
    lower, upper = bounds(is_class(pixels, 1)), bounds(is_class(pixels, 2))
    assert upper[0] == lower[0]
    assert upper[3] + 8 == pytest.approx(lower[1], abs=4)  # the corners are round
    assert is_class(pixels, 0).any()


def test_more_classes_make_the_chip_taller() -> None:
    one = bounds(is_class(drawn(classification(0.1, 0.7, 0.2)), 1))
    three = bounds(is_class(drawn(classification(0.1, 0.7, 0.2), options=OverlayOptions(top_k=3)), 1))
    assert three[1] < one[1] - 20
    assert three[3] == one[3]


def test_a_chip_on_a_tiny_picture_stays_in_it() -> None:
    frame = np.full((40, 48, 3), GREY, np.uint8)
    out = annotate(frame, [classification(0.1, 0.7, 0.2)], NAMES, OverlayOptions())
    assert out.shape == frame.shape
    assert (out != GREY).any()


def test_labels_make_room_for_the_class_chip() -> None:
    low = detections(([0, 440, 80, 479], 0.9, 0))
    alone = drawn(classification(0.1, 0.7, 0.2))
    both = drawn(classification(0.1, 0.7, 0.2), low)
    left, top, right, bottom = bounds(is_class(alone, 1))
    assert is_class(both, 1)[top:bottom, left:right].sum() > 0.8 * is_class(alone, 1)[top:bottom, left:right].sum()


def test_hidden_means_untouched() -> None:
    pixels = drawn(detections(([100, 120, 300, 400], 0.9, 0)), options=OverlayOptions(visible=False))
    assert (pixels == GREY).all()


def test_a_class_without_a_name_is_called_by_its_number() -> None:
    seen: list[str] = []

    def translate(text: str) -> str:
        seen.append(text)
        return text

    image = QImage(64, 64, QImage.Format.Format_RGB32)
    with QPainter(image) as painter:
        paint_overlay(
            painter,
            QRectF(0, 0, 64, 64),
            (64, 64),
            [detections(([1, 1, 60, 60], 0.9, 7))],
            NAMES,
            OverlayOptions(),
            translate=translate,
        )
    assert seen == ["class 7"]


def test_the_smallest_box_under_the_pointer_is_found() -> None:
    results = [detections(([0, 0, 600, 400], 0.9, 0), ([100, 100, 200, 200], 0.5, 1))]
    picture = QRectF(10, 20, 320, 240)
    assert box_at(QPointF(10 + 75, 20 + 75), picture, (640, 480), results) == ("detector", 1)
    assert box_at(QPointF(10 + 10, 20 + 10), picture, (640, 480), results) == ("detector", 0)
    assert box_at(QPointF(10 + 315, 20 + 235), picture, (640, 480), results) is None


def test_a_file_is_drawn_like_the_screen_without_the_glow() -> None:
    result = detections(([100, 120, 300, 400], 0.9, 0))
    frame = np.full((480, 640, 3), GREY, np.uint8)
    before = frame.copy()
    saved = annotate(frame, [result], NAMES, OverlayOptions(hovered=("detector", 0)))
    np.testing.assert_array_equal(saved[:, :, ::-1], drawn(result))
    np.testing.assert_array_equal(frame, before)


DRAW = """
import sys
import numpy as np
from desktop_app.core.results import Detections, Result, Timings
from desktop_app.render.annotate import annotate, ensure_gui
from desktop_app.render.overlay import OverlayOptions
ensure_gui()
one = Detections(np.array([[100, 100, 300, 300]], np.float32), np.array([0.9], np.float32), np.array([0]))
pictures = [
    annotate(np.full((400, 400, 3), 255, np.uint8), [Result(0, 0.0, "m", one, Timings(1, 1, 1), "e", "d")],
             {"m": (name,)}, OverlayOptions())
    for name in ("aaaaaa", "wwwwww", "eeeeee")
]
assert "PySide6.QtWidgets" not in sys.modules
# Without a font all letters are the same box, or nothing.
a, w, e = ((p[60:99].min(axis=2) < 60).sum() for p in pictures)
print(a, w, e, min(a, w, e) > 50 and len({int(a), int(w), int(e)}) == 3)
"""


@pytest.mark.parametrize("fonts", ["system", "none"])
@pytest.mark.skipif(sys.platform != "linux", reason="fontconfig is of Linux")
def test_text_is_drawn_without_display_widgets_or_fonts(fonts: str, tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k not in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")}
    if fonts == "none":
        empty = tmp_path / "fonts.conf"
        empty.write_text(f'<?xml version="1.0"?><fontconfig><cachedir>{tmp_path}</cachedir></fontconfig>')
        environment["FONTCONFIG_FILE"] = str(empty)
    done = subprocess.run(
        [sys.executable, "-c", DRAW], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[-1] == "True", done.stdout
