"""Makes a frame smaller without aliasing, in a third of the time of `INTER_AREA`, and ready to be painted."""

from __future__ import annotations

import numpy as np

from desktop_app.core.frame import Bgr
from desktop_app.core.picture import Bgrx

_HALVE_BELOW = 0.35
_DIRECT_FROM = 0.7
# What moves is bilinear from here up: 1 grey level from the average in the mean, in a quarter of the time.
_HASTY_FROM = 0.5


def scaled_down(bgr: Bgr, width: int, height: int, *, hasty: bool = False) -> Bgr:
    """`bgr` at `width` × `height`, neither of them larger than its own.

    Averaging is cheap at one scale only, a half. So the frame is halved while it is far too large, then brought to
    twice the wanted size and halved once more: every pixel counts, as in an average over areas, and text stays clean.
    `hasty`: of a picture that another one follows at once.
    """
    import cv2

    if bgr.shape[:2] == (height, width):
        return bgr
    scaled: np.ndarray = bgr
    while width < _HALVE_BELOW * scaled.shape[1] and height < _HALVE_BELOW * scaled.shape[0]:
        half = (scaled.shape[1] // 2, scaled.shape[0] // 2)
        scaled = cv2.resize(scaled, half, interpolation=cv2.INTER_AREA)
    if width < (_HASTY_FROM if hasty else _DIRECT_FROM) * scaled.shape[1]:
        if scaled.shape[:2] != (2 * height, 2 * width):
            scaled = cv2.resize(scaled, (2 * width, 2 * height), interpolation=cv2.INTER_LINEAR)
        scaled = cv2.resize(scaled, (width, height), interpolation=cv2.INTER_AREA)
    else:
        scaled = cv2.resize(scaled, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(scaled, np.uint8)


def paint_bgrx(bgr: Bgr, room: Bgrx) -> None:
    """Writes `bgr` into `room`, of the same width and height."""
    import cv2

    cv2.cvtColor(bgr, cv2.COLOR_BGR2BGRA, dst=room)
