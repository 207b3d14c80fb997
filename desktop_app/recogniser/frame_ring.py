"""Frames from the recogniser to the window: a ring of slots in shared memory. One writer, one reader.

Each slot has a sequence number that is odd while the slot is written. The reader copies the newest slot and then looks
at the number again: a copy that a write ran into is thrown away, so a torn picture is never shown. With four slots the
writer would have to lap three others during one copy.
"""

from __future__ import annotations

import math
from contextlib import suppress
from multiprocessing.shared_memory import SharedMemory

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.frame import Frame

_HEADER = np.dtype([("slots", "<u8"), ("slot_bytes", "<u8"), ("newest", "<u8"), ("pad", "<u8", 5)])
_SLOT = np.dtype(
    [
        ("sequence", "<u8"),
        ("request", "<i8"),
        ("index", "<i8"),
        ("height", "<i8"),
        ("width", "<i8"),
        ("captured_at", "<f8"),
        ("media_time", "<f8"),
        ("pad", "<u8"),
    ]
)
_LARGE = 32 << 20


def _slots_for(frame_bytes: int) -> int:
    return 4 if frame_bytes <= _LARGE else 2


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
    """Made by the recogniser; `name` is told to the window. A larger frame needs a new ring (see `fits`)."""

    def __init__(self, name: str, frame_bytes: int) -> None:
        self.name = name
        self._slot_bytes = max(frame_bytes, 1280 * 720 * 3)
        self._slots = _slots_for(self._slot_bytes)
        self._memory = SharedMemory(name, create=True, size=_total(self._slots, self._slot_bytes))
        self._layout = _Layout(self._memory, self._slots, self._slot_bytes)
        self._layout.header[0]["slots"] = self._slots
        self._layout.header[0]["slot_bytes"] = self._slot_bytes

    def fits(self, frame: Frame) -> bool:
        return frame.bgr.nbytes <= self._slot_bytes

    def write(self, request: int, frame: Frame) -> None:
        header = self._layout.header[0]
        count = int(header["newest"]) + 1
        head = self._layout.heads[count % self._slots]
        head["sequence"] += 1
        head["request"] = request
        head["index"] = frame.index
        head["height"], head["width"] = frame.height, frame.width
        head["captured_at"] = frame.captured_at
        head["media_time"] = math.nan if frame.media_time is None else frame.media_time
        self._layout.pixels[count % self._slots, : frame.bgr.nbytes] = frame.bgr.reshape(-1)
        head["sequence"] += 1
        header["newest"] = count

    def close(self) -> None:
        _close(self)


class FrameRingReader:
    """The window's end. Raises `FileNotFoundError` where the ring is gone."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._memory = SharedMemory(name)
        header = np.ndarray((1,), _HEADER, self._memory.buf)[0]
        self._slots, slot_bytes = int(header["slots"]), int(header["slot_bytes"])
        del header
        self._layout = _Layout(self._memory, self._slots, slot_bytes)
        self._last = 0

    def newest(self) -> tuple[int, Frame] | None:
        """(request, frame) of the newest frame, each only once; the pixels are a private copy."""
        for _ in range(self._slots):
            count = int(self._layout.header[0]["newest"])
            if count == self._last:
                return None
            head = self._layout.heads[count % self._slots]
            before = int(head["sequence"])
            height, width = int(head["height"]), int(head["width"])
            pixels = self._layout.pixels[count % self._slots, : height * width * 3].copy()
            request, index = int(head["request"]), int(head["index"])
            captured_at, media_time = float(head["captured_at"]), float(head["media_time"])
            if before % 2 == 0 and int(head["sequence"]) == before:
                self._last = count
                media = None if math.isnan(media_time) else media_time
                return request, Frame(pixels.reshape(height, width, 3), index, captured_at, media)
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
