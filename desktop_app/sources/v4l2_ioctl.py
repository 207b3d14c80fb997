"""The questions that V4L2 answers. Structures and numbers are those of <linux/videodev2.h>."""

from __future__ import annotations

import errno
import os
import struct
import sys
from collections.abc import Iterator

QUERYCAP = 0x80685600
ENUM_FMT = 0xC0405602
ENUM_FRAMESIZES = 0xC02C564A
ENUM_FRAMEINTERVALS = 0xC034564B
QUERYCTRL = 0xC0445624
QUERYMENU = 0xC02C5625
G_CTRL = 0xC008561B
S_CTRL = 0xC008561C

CAP_VIDEO_CAPTURE = 0x1
CAP_DEVICE_CAPS = 0x80000000
BUF_TYPE_VIDEO_CAPTURE = 1
DISCRETE = 1

# struct v4l2_format: its union begins at the alignment of a pointer.
_FORMAT_BYTES = 208 if sys.maxsize > 2**32 else 204
_G_FMT = 0xC0005604 | _FORMAT_BYTES << 16
_S_FMT = 0xC0005605 | _FORMAT_BYTES << 16


def ask(descriptor: int, request: int, data: bytes) -> bytes:
    """The structure as the driver filled it in; raises OSError."""
    import fcntl

    answer: bytes = fcntl.ioctl(descriptor, request, data)
    return answer


def ask_all(descriptor: int, request: int, layout: str, *fields: int) -> Iterator[bytes]:
    """The records of an enumeration: the index comes first in each structure, EINVAL ends it."""
    for index in range(256):
        try:
            yield ask(descriptor, request, struct.pack(layout, index, *fields))
        except OSError:
            return


def open_device(index: int) -> int:
    return os.open(f"/dev/video{index}", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)


def is_busy(descriptor: int) -> bool:
    """Whether another program has the camera: it may then be opened and asked, but no format may be set, not even the
    one that it has."""
    try:
        now = ask(descriptor, _G_FMT, struct.pack("I", BUF_TYPE_VIDEO_CAPTURE).ljust(_FORMAT_BYTES, b"\0"))
        ask(descriptor, _S_FMT, now)
    except OSError as error:
        return error.errno == errno.EBUSY
    return False


def text(field: bytes) -> str:
    words = field.split(b"\0", 1)[0].decode("utf-8", "replace")
    return "".join(c for c in words if c.isprintable()).strip()
