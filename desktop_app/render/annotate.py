"""Draws results into a frame for files. Needs QtGui only, and no display."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont, QFontDatabase, QFontMetricsF, QGuiApplication, QImage, QPainter

from desktop_app.core.frame import Bgr
from desktop_app.core.results import Result
from desktop_app.render.overlay import Names, OverlayOptions, Translate, paint_overlay, untranslated, without_hover
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
    """On a machine without any font (a bare container) text would be boxes: takes the one that matplotlib carries.

    matplotlib is always there, ultralytics needs it; it is located, not imported. Needs the application object.
    """
    # The list of families tells nothing: without fonts it holds the aliases "Serif" and "Sans Serif".
    if QFontMetricsF(QFont()).inFont("A"):
        return
    found = importlib.util.find_spec("matplotlib")
    folders = found.submodule_search_locations if found is not None else None
    for folder in folders or ():
        for name in ("DejaVuSans-Bold.ttf", "DejaVuSans.ttf"):
            added = QFontDatabase.addApplicationFont(str(Path(folder, "mpl-data", "fonts", "ttf", name)))
            for family in QFontDatabase.applicationFontFamilies(added)[:1]:
                font = QFont(QGuiApplication.font())  # its size stays
                font.setFamily(family)
                QGuiApplication.setFont(font)


def annotated_image(
    image: QImage, results: Sequence[Result], names: Names, options: OverlayOptions, translate: Translate = untranslated
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
