"""Draws results into a frame for files. Needs QtGui only, and no display."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF
from PySide6.QtGui import QGuiApplication, QImage, QPainter

from desktop_app.core.frame import Bgr
from desktop_app.core.results import Result
from desktop_app.render.fonts import ensure_fonts
from desktop_app.render.overlay import Names, OverlayOptions, Translate, paint_overlay, untranslated, without_hover
from desktop_app.render.qimage import image_over

_application: QGuiApplication | None = None


def ensure_gui(family: str = "") -> None:
    """Text needs an application object: makes one without a display where none is. Call it from the main thread.
    `family`: of the font, where it is to be that of another process.

    `annotate` may then be called from any thread.
    """
    global _application
    if QGuiApplication.instance() is None:
        # As an argument, not as an environment variable, which children would inherit.
        _application = QGuiApplication(["regard", "-platform", "offscreen"])
    if family:
        font = QGuiApplication.font()
        font.setFamily(family)
        QGuiApplication.setFont(font)
    ensure_fonts()


def annotated_image(
    image: QImage,
    results: Sequence[Result],
    names: Names,
    options: OverlayOptions,
    translate: Translate = untranslated,
    frame_size: tuple[int, int] | None = None,
) -> QImage:
    """`image` with the results drawn into it, at its own size. Changes `image`.

    `frame_size`: width and height of the frame, where `image` has fewer pixels.
    """
    with QPainter(image) as painter:
        size = (image.width(), image.height())
        options, area = without_hover(options), QRectF(0, 0, *size)
        paint_overlay(painter, area, frame_size or size, results, names, options, translate=translate)
    return image


def annotate(frame_bgr: Bgr, results: Sequence[Result], names: Names, options: OverlayOptions) -> Bgr:
    """A new frame, uint8 (h, w, 3), with the results drawn as on the screen; class names stay English.

    `names`: class names by model key. Call `ensure_gui` once before.
    """
    drawn = frame_bgr.copy()
    # Painted in place: converting the whole frame there and back would take longer than the drawing.
    annotated_image(image_over(drawn), results, names, options)
    return drawn
