"""The cameras of Linux, asked through V4L2 itself: OpenCV has neither a list nor names.

Structures and numbers are those of <linux/videodev2.h>.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from desktop_app.core.source import CameraFormat

_QUERYCAP = 0x80685600
_ENUM_FMT = 0xC0405602
_ENUM_FRAMESIZES = 0xC02C564A
_ENUM_FRAMEINTERVALS = 0xC034564B

_CAP_VIDEO_CAPTURE = 0x1
_CAP_DEVICE_CAPS = 0x80000000
_BUF_TYPE_VIDEO_CAPTURE = 1
_DISCRETE = 1
_SYSFS = Path("/sys/class/video4linux")
# Asked of devices that state a range instead of a list.
_USUAL_SIZES = ((640, 480), (1280, 720), (1920, 1080))


@dataclass(frozen=True, slots=True)
class Device:
    """`identity` names the model and, where it has one, the serial number; `port` where it is plugged in."""

    index: int
    name: str
    identity: str
    port: str
    formats: tuple[CameraFormat, ...]


def devices() -> list[Device]:
    """The video devices that give pictures, by index; metadata nodes are left out.

    A device that cannot be opened (busy, forbidden) is there by its name, without formats.
    """
    numbers = sorted(int(p.name[5:]) for p in Path("/dev").glob("video[0-9]*") if p.name[5:].isdecimal())
    return [device for number in numbers if (device := _device(number)) is not None]


def _device(index: int) -> Device | None:
    try:
        descriptor = os.open(f"/dev/video{index}", os.O_RDWR | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except OSError:
        # The first node of a device gives pictures, those after it metadata.
        if _sysfs(index, "index") not in ("0", ""):
            return None
        name = _sysfs(index, "name") or f"video{index}"
        return Device(index, name, _identity(index, name), "", ())
    try:
        card, bus, captures = _capability(descriptor)
        if not captures:
            return None
        name = card or _sysfs(index, "name") or f"video{index}"
        return Device(index, name, _identity(index, name), bus, tuple(_formats(descriptor)))
    except OSError:  # unplugged while it was asked, or not a V4L2 device
        return None
    finally:
        os.close(descriptor)


def _capability(descriptor: int) -> tuple[str, str, bool]:
    """Name, port, and whether it gives pictures (struct v4l2_capability)."""
    _driver, card, bus, _version, all_nodes, this_node = struct.unpack(
        "16s32s32sIII12x", _ioctl(descriptor, _QUERYCAP, bytes(104))
    )
    flags = this_node if all_nodes & _CAP_DEVICE_CAPS else all_nodes
    return _text(card), _text(bus), bool(flags & _CAP_VIDEO_CAPTURE)


def _formats(descriptor: int) -> Iterator[CameraFormat]:
    for record in _enumerate(descriptor, _ENUM_FMT, "II56x", _BUF_TYPE_VIDEO_CAPTURE):
        code = record[44:48]
        for width, height in _sizes(descriptor, code):
            yield CameraFormat(
                width, height, _fastest(descriptor, code, width, height), code.decode("ascii", "replace")
            )


def _sizes(descriptor: int, code: bytes) -> Iterator[tuple[int, int]]:
    (pixel_format,) = struct.unpack("I", code)
    for record in _enumerate(descriptor, _ENUM_FRAMESIZES, "II36x", pixel_format):
        kind, *numbers = struct.unpack_from("7I", record, 8)
        if kind == _DISCRETE:
            yield numbers[0], numbers[1]
            continue
        low_width, high_width, _, low_height, high_height, _ = numbers
        for width, height in _USUAL_SIZES:
            if low_width <= width <= high_width and low_height <= height <= high_height:
                yield width, height
        return


def _fastest(descriptor: int, code: bytes, width: int, height: int) -> float:
    """The highest rate in frames a second, 0.0 where the device does not say."""
    (pixel_format,) = struct.unpack("I", code)
    rates = [0.0]
    for record in _enumerate(descriptor, _ENUM_FRAMEINTERVALS, "IIII36x", pixel_format, width, height):
        # Discrete: one interval. Otherwise a range, whose shortest interval comes first.
        _kind, numerator, denominator = struct.unpack_from("3I", record, 16)
        if numerator:
            rates.append(denominator / numerator)
    return max(rates)


def _enumerate(descriptor: int, request: int, layout: str, *fields: int) -> Iterator[bytes]:
    """The records of an enumeration: the index comes first in each structure, EINVAL ends it."""
    for index in range(256):
        try:
            yield _ioctl(descriptor, request, struct.pack(layout, index, *fields))
        except OSError:
            return


def _ioctl(descriptor: int, request: int, data: bytes) -> bytes:
    import fcntl

    answer: bytes = fcntl.ioctl(descriptor, request, data)
    return answer


def _identity(index: int, name: str) -> str:
    """The same on each port and after each restart: maker, model and serial number of USB, else the name."""
    vendor, product, serial = (_usb(index, field) for field in ("idVendor", "idProduct", "serial"))
    words = ["usb", vendor, product, serial or name] if vendor else [name]
    return re.sub(r"[^A-Za-z0-9.]+", "-", "-".join(words)).strip("-").lower() or "camera"


def _usb(index: int, field: str) -> str:
    # `device` is the interface of the USB device; the numbers are those of the device above it.
    return _sysfs(index, f"device/../{field}") or _sysfs(index, f"device/{field}")


def _sysfs(index: int, field: str) -> str:
    try:
        return (_SYSFS / f"video{index}" / field).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _text(field: bytes) -> str:
    text = field.split(b"\0", 1)[0].decode("utf-8", "replace")
    return "".join(c for c in text if c.isprintable()).strip()
