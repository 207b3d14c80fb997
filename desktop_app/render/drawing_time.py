"""What it takes to draw a result over its frame."""

from __future__ import annotations

import time

from desktop_app.core.frame import Bgr
from desktop_app.core.results import Result
from desktop_app.render.annotate import annotated_image
from desktop_app.render.overlay import OverlayOptions
from desktop_app.render.qimage import to_qimage


def drawing_ms(bgr: Bgr, result: Result, names: tuple[str, ...]) -> float:
    """Milliseconds from the array to the annotated picture, at the size of the frame. Call `ensure_gui` once before."""
    begun = time.perf_counter()
    annotated_image(to_qimage(bgr), [result], {result.model_key: names}, OverlayOptions())
    return (time.perf_counter() - begun) * 1e3
