"""What OpenCV lets be set of a camera: for the systems whose drivers cannot be asked for their ranges.

Touches the capture, so it belongs to the thread that reads it.
"""

from __future__ import annotations

import math
from typing import Any

from desktop_app.core.camera import CameraControl, ControlKind
from desktop_app.sources.opencv import import_cv2

# Key, property, kind, lowest, highest, step. OpenCV tells no ranges: these are those of usual webcams under Windows
# (exposure is the logarithm of seconds to base 2 there), and what a camera does not take is told.
_PROPERTIES: tuple[tuple[str, str, ControlKind, int, int, int], ...] = (
    ("exposure_auto", "CAP_PROP_AUTO_EXPOSURE", "switch", 0, 1, 1),
    ("exposure_absolute", "CAP_PROP_EXPOSURE", "range", -13, 0, 1),
    ("gain", "CAP_PROP_GAIN", "range", 0, 255, 1),
    ("backlight", "CAP_PROP_BACKLIGHT", "range", 0, 4, 1),
    ("focus_auto", "CAP_PROP_AUTOFOCUS", "switch", 0, 1, 1),
    ("focus", "CAP_PROP_FOCUS", "range", 0, 250, 5),
    ("zoom", "CAP_PROP_ZOOM", "range", 100, 500, 1),
    ("white_balance_auto", "CAP_PROP_AUTO_WB", "switch", 0, 1, 1),
    ("white_balance", "CAP_PROP_WB_TEMPERATURE", "range", 2800, 6500, 10),
    ("brightness", "CAP_PROP_BRIGHTNESS", "range", 0, 255, 1),
    ("contrast", "CAP_PROP_CONTRAST", "range", 0, 255, 1),
    ("saturation", "CAP_PROP_SATURATION", "range", 0, 255, 1),
    ("hue", "CAP_PROP_HUE", "range", -180, 180, 1),
    ("sharpness", "CAP_PROP_SHARPNESS", "range", 0, 255, 1),
    ("gamma", "CAP_PROP_GAMMA", "range", 0, 500, 1),
)
_RULED_BY = {"exposure_absolute": "exposure_auto", "focus": "focus_auto", "white_balance": "white_balance_auto"}


class OpenCvControls:
    def __init__(self, capture: Any) -> None:
        self._capture = capture
        self._first: dict[str, int] = {}
        self._offered: tuple[str, ...] | None = None

    def read(self) -> tuple[CameraControl, ...]:
        """Only what the driver takes: a property that cannot even be set to the value that it has is none."""
        cv2 = import_cv2()
        if self._offered is None:
            self._offered = tuple(key for key, name, *_ in _PROPERTIES if self._takes(getattr(cv2, name)))
        found: dict[str, CameraControl] = {}
        for key, name, kind, low, high, step in _PROPERTIES:
            if key not in self._offered:
                continue
            value = round(self._capture.get(getattr(cv2, name)))
            default = self._first.setdefault(key, value)
            ruler = found.get(_RULED_BY.get(key, ""))
            # A value outside widens the range: the camera knows better.
            ends = min(low, value, default), max(high, value, default)
            found[key] = CameraControl(key, key, kind, *ends, step, default, value, ruler is None or not ruler.value)
        return tuple(found.values())

    def set(self, key: str, value: int) -> None:
        name = next((name for each, name, *_ in _PROPERTIES if each == key), None)
        if name is not None:
            self._capture.set(getattr(import_cv2(), name), value)

    def close(self) -> None:
        pass

    def _takes(self, number: int) -> bool:
        value = self._capture.get(number)
        # -1 is how OpenCV says that it knows no answer.
        return math.isfinite(value) and value != -1 and bool(self._capture.set(number, value))
