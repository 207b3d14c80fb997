"""What a V4L2 driver lets be set: exposure, focus, white balance and the like, with the ranges that it states."""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterator
from contextlib import suppress

from desktop_app.core.camera import CameraControl, ControlKind
from desktop_app.sources.v4l2_ioctl import G_CTRL, QUERYCTRL, QUERYMENU, S_CTRL, ask, open_device, text

_NEXT = 0x80000000
_DISABLED, _GRABBED, _READ_ONLY, _INACTIVE, _WRITE_ONLY = 0x1, 0x2, 0x4, 0x10, 0x40
_KINDS: dict[int, ControlKind] = {1: "range", 2: "switch", 3: "menu", 9: "menu"}
_INTEGER_MENU = 9

_USER, _CAMERA = 0x00980900, 0x009A0900
# By number: drivers have changed their words for the same thing.
_KEYS = {
    _USER + 0: "brightness",
    _USER + 1: "contrast",
    _USER + 2: "saturation",
    _USER + 3: "hue",
    _USER + 12: "white_balance_auto",
    _USER + 16: "gamma",
    _USER + 17: "exposure",
    _USER + 18: "gain_auto",
    _USER + 19: "gain",
    _USER + 24: "power_line",
    _USER + 26: "white_balance",
    _USER + 27: "sharpness",
    _USER + 28: "backlight",
    _CAMERA + 1: "exposure_auto",
    _CAMERA + 2: "exposure_absolute",
    _CAMERA + 3: "exposure_priority",
    _CAMERA + 8: "pan",
    _CAMERA + 9: "tilt",
    _CAMERA + 10: "focus",
    _CAMERA + 12: "focus_auto",
    _CAMERA + 13: "zoom",
}


class V4l2Controls:
    """Over a descriptor of its own, which V4L2 allows beside the one that takes the pictures."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._numbers: dict[str, int] = {}

    def read(self) -> tuple[CameraControl, ...]:
        return tuple(self._read_all())

    def set(self, key: str, value: int) -> None:
        """Nothing where the driver refuses: whoever reads again sees it."""
        if key not in self._numbers:
            self.read()
        with suppress(OSError, KeyError):
            ask(self._descriptor, S_CTRL, struct.pack("Ii", self._numbers[key], value))

    def close(self) -> None:
        os.close(self._descriptor)

    def _read_all(self) -> Iterator[CameraControl]:
        number = 0
        for _ in range(256):
            try:
                record = ask(self._descriptor, QUERYCTRL, struct.pack("I64x", number | _NEXT))
            except OSError:  # EINVAL: that was the last one
                return
            number, kind, name, low, high, step, default, flags = struct.unpack("II32siiiiI8x", record)
            if kind not in _KINDS or flags & (_DISABLED | _READ_ONLY | _WRITE_ONLY):
                continue
            try:
                answer = ask(self._descriptor, G_CTRL, struct.pack("Ii", number, 0))
            except OSError:
                continue
            (value,) = struct.unpack_from("i", answer, 4)
            title = text(name)
            key = _KEYS.get(number) or re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")
            self._numbers[key] = number
            choices = tuple(self._choices(number, kind, low, high)) if _KINDS[kind] == "menu" else ()
            active = not flags & (_INACTIVE | _GRABBED)
            yield CameraControl(key, title, _KINDS[kind], low, high, max(1, step), default, value, active, choices)

    def _choices(self, number: int, kind: int, low: int, high: int) -> Iterator[tuple[int, str]]:
        """Not every value between the ends has to exist."""
        for index in range(max(0, low), min(high, 255) + 1):
            try:
                record = ask(self._descriptor, QUERYMENU, struct.pack("=II36x", number, index))
            except OSError:
                continue
            name = str(struct.unpack_from("=q", record, 8)[0]) if kind == _INTEGER_MENU else text(record[8:40])
            yield index, name


def open_controls(index: int) -> V4l2Controls | None:
    """`None` where the device cannot be opened."""
    try:
        return V4l2Controls(open_device(index))
    except OSError:
        return None
