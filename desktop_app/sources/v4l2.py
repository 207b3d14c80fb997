"""The cameras of Linux, asked through V4L2 itself: OpenCV has neither a list nor names."""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from desktop_app.core.camera import CameraControl, CameraFormat
from desktop_app.sources.v4l2_controls import V4l2Controls
from desktop_app.sources.v4l2_ioctl import (
    BUF_TYPE_VIDEO_CAPTURE,
    CAP_DEVICE_CAPS,
    CAP_VIDEO_CAPTURE,
    DISCRETE,
    ENUM_FMT,
    ENUM_FRAMEINTERVALS,
    ENUM_FRAMESIZES,
    QUERYCAP,
    ask,
    ask_all,
    open_device,
    text,
)

_SYSFS = Path("/sys/class/video4linux")
# Asked of devices that state a range instead of a list.
_USUAL_SIZES = ((640, 480), (1280, 720), (1920, 1080))
# What was told while a device could still be opened, by number and identity.
_ports: dict[tuple[int, str], str] = {}


@dataclass(frozen=True, slots=True)
class Device:
    """`identity` names the model and, where it has one, the serial number; `port` where it is plugged in."""

    index: int
    name: str
    identity: str
    port: str
    formats: tuple[CameraFormat, ...] = ()
    controls: tuple[CameraControl, ...] = ()


def numbers() -> list[int]:
    """Of the nodes in /dev."""
    found = (entry[5:] for entry in os.listdir("/dev") if entry.startswith("video"))  # noqa: PTH208
    return sorted(int(number) for number in found if number.isdecimal())


def signature() -> tuple[tuple[int, int, int, float], ...]:
    """Changes when a node comes, goes, or gets other rights; takes microseconds."""
    seen = []
    for number in numbers():
        with suppress(OSError):
            status = os.stat(f"/dev/video{number}")  # noqa: PTH116
            seen.append((number, status.st_ino, status.st_mode, status.st_ctime))
    return tuple(seen)


def devices(*, details: bool = True) -> list[Device]:
    """The video devices that give pictures, by index; metadata nodes are left out.

    A device that cannot be opened (busy, forbidden) is there by its name. `details`: with formats and controls.
    """
    return [device for number in numbers() if (device := _device(number, details)) is not None]


def _device(index: int, details: bool) -> Device | None:
    try:
        descriptor = open_device(index)
    except FileNotFoundError:
        return None
    except OSError:
        # The first node of a device gives pictures, those after it metadata.
        if _sysfs(index, "index") not in ("0", ""):
            return None
        name = _sysfs(index, "name") or f"video{index}"
        identity = _identity(index, name)
        return Device(index, name, identity, _usb_port(index) or _ports.get((index, identity), ""))
    try:
        card, bus, captures = _capability(descriptor)
        if not captures:
            return None
        name = card or _sysfs(index, "name") or f"video{index}"
        plain = Device(index, name, _identity(index, name), bus)
        _ports[index, plain.identity] = bus
        if not details:
            return plain
        formats, controls = tuple(_formats(descriptor)), V4l2Controls(descriptor).read()
        return Device(index, name, plain.identity, bus, formats, controls)
    except OSError:  # unplugged while it was asked, or not a V4L2 device
        return None
    finally:
        os.close(descriptor)


def _capability(descriptor: int) -> tuple[str, str, bool]:
    """Name, port, and whether it gives pictures (struct v4l2_capability)."""
    _driver, card, bus, _version, all_nodes, this_node = struct.unpack(
        "16s32s32sIII12x", ask(descriptor, QUERYCAP, bytes(104))
    )
    flags = this_node if all_nodes & CAP_DEVICE_CAPS else all_nodes
    return text(card), text(bus), bool(flags & CAP_VIDEO_CAPTURE)


def _formats(descriptor: int) -> Iterator[CameraFormat]:
    for record in ask_all(descriptor, ENUM_FMT, "II56x", BUF_TYPE_VIDEO_CAPTURE):
        code = record[44:48]
        for width, height in _sizes(descriptor, code):
            rates = _rates(descriptor, code, width, height)
            yield CameraFormat(
                width, height, max(rates, default=0.0), code.decode("ascii", "replace").rstrip("\0 "), rates
            )


def _sizes(descriptor: int, code: bytes) -> Iterator[tuple[int, int]]:
    (pixel_format,) = struct.unpack("I", code)
    for record in ask_all(descriptor, ENUM_FRAMESIZES, "II36x", pixel_format):
        kind, *ends = struct.unpack_from("7I", record, 8)
        if kind == DISCRETE:
            yield ends[0], ends[1]
            continue
        low_width, high_width, _, low_height, high_height, _ = ends
        for width, height in _USUAL_SIZES:
            if low_width <= width <= high_width and low_height <= height <= high_height:
                yield width, height
        return


def _rates(descriptor: int, code: bytes, width: int, height: int) -> tuple[float, ...]:
    """Frames a second, the highest first; empty where the device does not say."""
    (pixel_format,) = struct.unpack("I", code)
    rates = set()
    for record in ask_all(descriptor, ENUM_FRAMEINTERVALS, "IIII36x", pixel_format, width, height):
        # Discrete: one interval. Otherwise a range, whose shortest interval comes first.
        kind, numerator, denominator = struct.unpack_from("3I", record, 16)
        if numerator:
            rates.add(round(denominator / numerator, 3))
        if kind != DISCRETE:
            break
    return tuple(sorted(rates, reverse=True))


def _identity(index: int, name: str) -> str:
    """The same on each port and after each restart: maker, model and serial number of USB, else the name."""
    vendor, product, serial = (_usb(index, field) for field in ("idVendor", "idProduct", "serial"))
    words = ["usb", vendor, product, serial or name] if vendor else [name]
    return re.sub(r"[^A-Za-z0-9.]+", "-", "-".join(words)).strip("-").lower() or "camera"


def _usb(index: int, field: str) -> str:
    # `device` is the interface of the USB device; the numbers are those of the device above it.
    return _sysfs(index, f"device/../{field}") or _sysfs(index, f"device/{field}")


def _usb_port(index: int) -> str:
    """As the driver would say it, "usb-0000:00:14.0-2": controller, then the way through the hubs."""
    place = os.path.realpath(_SYSFS / f"video{index}" / "device")
    found = re.search(r"/([^/]+)/usb\d+/(?:[^/]+/)*\d+-([\d.]+)(?::[\d.]+)?$", place)
    return f"usb-{found[1]}-{found[2]}" if found else ""


def _sysfs(index: int, field: str) -> str:
    try:
        return (_SYSFS / f"video{index}" / field).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
