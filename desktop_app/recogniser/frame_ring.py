"""Pictures from the recogniser to the window: a ring of slots in shared memory. One writer, one reader.

Each slot has a sequence number that is odd while the slot is written. The reader copies the newest slot and then looks
at the number again: a copy that a write ran into is thrown away, so a torn picture is never shown. The reader also says
which picture it took last, so that the writer need not write what nobody looks at.
"""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.shared_memory import SharedMemory

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.frame import Frame
from desktop_app.core.picture import Bgrx, Picture

_HEADER = np.dtype([("slots", "<u8"), ("slot_bytes", "<u8"), ("newest", "<u8"), ("taken", "<u8"), ("pad", "<u8", 4)])
_SLOT = np.dtype(
    [
        ("sequence", "<u8"),
        ("number", "<i8"),
        ("index", "<i8"),
        ("height", "<i8"),
        ("width", "<i8"),
        ("frame_height", "<i8"),
        ("frame_width", "<i8"),
        ("captured_at", "<f8"),
        ("media_time", "<f8"),
        ("pad", "<u8", 7),
    ]
)
_PIXEL = 4
_LARGE = 16 << 20
_LEAST = 1 << 20
_ROOMY = 4


def _slots_for(slot_bytes: int) -> int:
    return 3 if slot_bytes <= _LARGE else 2


class _Layout:
    """Views of one mapped segment: header, slot heads, slot pixels."""

    def __init__(self, memory: SharedMemory, slots: int, slot_bytes: int) -> None:
        start = _HEADER.itemsize + slots * _SLOT.itemsize
        self.header = np.ndarray((1,), _HEADER, memory.buf)
        self.heads = np.ndarray((slots,), _SLOT, memory.buf, _HEADER.itemsize)
        self.pixels: NDArray[np.uint8] = np.ndarray((slots, slot_bytes), np.uint8, memory.buf, start)


def _total(slots: int, slot_bytes: int) -> int:
    return _HEADER.itemsize + slots * _SLOT.itemsize + slots * slot_bytes


class FrameRingWriter:
    """Made by the recogniser; `name` is told to the window. Pictures of another size may need a new ring (`suits`)."""

    def __init__(self, name: str, width: int, height: int) -> None:
        self.name = name
        # A quarter more than is needed: a window that is pulled larger does not get a new ring at every step.
        self._slot_bytes = max(width * height * _PIXEL * 5 // 4, _LEAST)
        self._slots = _slots_for(self._slot_bytes)
        self._memory = SharedMemory(name, create=True, size=_total(self._slots, self._slot_bytes))
        self._layout = _Layout(self._memory, self._slots, self._slot_bytes)
        self._layout.header[0]["slots"] = self._slots
        self._layout.header[0]["slot_bytes"] = self._slot_bytes

    def suits(self, width: int, height: int) -> bool:
        """Pictures of this size fit, and do not leave most of a large ring empty."""
        needed = width * height * _PIXEL
        return needed <= self._slot_bytes <= max(_ROOMY * needed, _LARGE)

    @property
    def taken(self) -> bool:
        """The window has what was written last."""
        header = self._layout.header[0]
        return int(header["taken"]) == int(header["newest"])

    def write(self, number: int, frame: Frame, size: tuple[int, int], paint: Callable[[Bgrx], None]) -> None:
        """A picture of `frame` with `size` (width, height) pixels, which `paint` writes into the array it is given."""
        header = self._layout.header[0]
        count = int(header["newest"]) + 1
        head = self._layout.heads[count % self._slots]
        width, height = size
        head["sequence"] += 1
        head["number"] = number
        head["index"] = frame.index
        head["height"], head["width"] = height, width
        head["frame_height"], head["frame_width"] = frame.height, frame.width
        head["captured_at"] = frame.captured_at
        head["media_time"] = math.nan if frame.media_time is None else frame.media_time
        room = self._layout.pixels[count % self._slots, : height * width * _PIXEL].reshape(height, width, _PIXEL)
        paint(room)
        head["sequence"] += 1
        header["newest"] = count

    def close(self) -> None:
        _close(self)


class _Buffers:
    """Memory for pictures, used again when a picture is gone: fresh pages for each would cost more than the copy."""

    def __init__(self) -> None:
        self._free: list[NDArray[np.uint8]] = []

    def get(self, size: int) -> NDArray[np.uint8]:
        self._free = [buffer for buffer in self._free if buffer.nbytes == size]
        return self._free.pop() if self._free else np.empty(size, np.uint8)

    def lend(self, picture: Picture, buffer: NDArray[np.uint8]) -> None:
        weakref.finalize(picture, self._back, buffer).atexit = False

    def _back(self, buffer: NDArray[np.uint8]) -> None:
        self._free.append(buffer)


class FrameRingReader:
    """The window's end. Raises `FileNotFoundError` where the ring is gone."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._memory = SharedMemory(name)
        header = np.ndarray((1,), _HEADER, self._memory.buf)[0]
        self._slots, slot_bytes = int(header["slots"]), int(header["slot_bytes"])
        del header
        self._layout = _Layout(self._memory, self._slots, slot_bytes)
        self._buffers = _Buffers()
        self._last = 0

    def newest(self) -> Picture | None:
        """The newest picture, each only once; its pixels are a private copy."""
        for _ in range(self._slots):
            count = int(self._layout.header[0]["newest"])
            if count == self._last:
                return None
            head = self._layout.heads[count % self._slots]
            before, number, index, height, width, frame_height, frame_width, captured_at, media_time, _ = head.item()
            if before % 2:
                continue
            size = height * width * _PIXEL
            buffer = self._buffers.get(size)
            np.copyto(buffer, self._layout.pixels[count % self._slots, :size])
            picture = Picture(
                buffer.reshape(height, width, _PIXEL),
                frame_width,
                frame_height,
                index,
                captured_at,
                None if math.isnan(media_time) else media_time,
                number,
            )
            self._buffers.lend(picture, buffer)
            if int(head["sequence"]) == before:
                self._last = count
                self._layout.header[0]["taken"] = count
                return picture
        return None

    def close(self) -> None:
        _close(self)


def _close(ring: FrameRingWriter | FrameRingReader) -> None:
    """Unmaps and removes the segment; it lives on for the other end until that unmaps it too.

    Both processes share one resource tracker, so the end that comes second has nothing left to unregister.
    """
    del ring._layout
    ring._memory.close()
    with suppress(FileNotFoundError):
        ring._memory.unlink()
