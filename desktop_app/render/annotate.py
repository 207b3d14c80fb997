"""Draws results into a frame for files. Needs QtGui only, and no display."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication, QImage, QPainter

from desktop_app.core.frame import Bgr
from desktop_app.core.results import Result
from desktop_app.render.overlay import Names, OverlayOptions, Translate, _identity, paint_overlay, without_hover
from desktop_app.render.qimage import from_qimage, to_qimage

_application: QGuiApplication | None = None


def ensure_gui() -> None:
    """Text needs an application object: makes one without a display where none is. Call it from the main thread.

    `annotate` may then be called from any thread.
    """
    global _application
    if QGuiApplication.instance() is None:
        # As an argument, not as an environment variable, which children would inherit.
        _application = QGuiApplication(["regard", "-platform", "offscreen"])
    ensure_fonts()


def ensure_fonts() -> None:
    """On a machine without any font (a bare container) text would be invisible: takes the one that matplotlib carries.

    matplotlib is always there, ultralytics needs it; it is located, not imported.
    """
    if QFontDatabase.families():
        return
    found = importlib.util.find_spec("matplotlib")
    for folder in found.submodule_search_locations or () if found else ():
        for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"):
            QFontDatabase.addApplicationFont(str(Path(folder, "mpl-data", "fonts", "ttf", name)))
    families = QFontDatabase.families()
    if families:
        QGuiApplication.setFont(QFont(families[0]))


def annotated_image(
    image: QImage, results: Sequence[Result], names: Names, options: OverlayOptions, translate: Translate = _identity
) -> QImage:
    """`image` with the results drawn into it, at its own size. Changes `image`."""
    with QPainter(image) as painter:
        size = (image.width(), image.height())
        paint_overlay(painter, QRectF(0, 0, *size), size, results, names, without_hover(options), translate=translate)
    return image


def annotate(frame_bgr: Bgr, results: Sequence[Result], names: Names, options: OverlayOptions) -> Bgr:
    """A new frame, uint8 (h, w, 3), with the results drawn as on the screen; class names stay English.

    `names`: class names by model key. Call `ensure_gui` once before.
    """
    return from_qimage(annotated_image(to_qimage(frame_bgr), results, names, options))
