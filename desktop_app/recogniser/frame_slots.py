"""Whole frames from the recogniser to the recorder: slots in shared memory, each free or full. Nothing is lost in them.

Unlike the ring of the screen, where only the newest picture counts, every frame is taken, in the order in which the
messages beside it name the slots.
"""

from __future__ import annotations

from contextlib import suppress
from multiprocessing.shared_memory import SharedMemory

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.frame import Bgr

_HEADER = 64
_MOST_BYTES = 96 << 20
_LEAST, _MOST = 4, 32
"""Slots. While nothing waits the first one is used again and again: the others take no memory until they are needed."""


def slots_for(slot_bytes: int) -> int:
    return max(_LEAST, min(_MOST, _MOST_BYTES // slot_bytes))


class FrameSlots:
    """`create`: by the recogniser; the recorder attaches. One byte a slot says whether it is full: written by the one
    end, cleared by the other."""

    def __init__(self, name: str, slot_bytes: int, *, create: bool = False) -> None:
        self.name, self.slot_bytes, self.count = name, slot_bytes, slots_for(slot_bytes)
        size = _HEADER + self.count * slot_bytes
        self._memory = SharedMemory(name, create=create, size=size if create else 0)
        self._full: NDArray[np.uint8] = np.ndarray((self.count,), np.uint8, self._memory.buf)
        if create:
            self._full[:] = 0

    def free(self) -> int | None:
        """A free slot, the same as long as one is enough."""
        found = np.flatnonzero(self._full == 0)
        return int(found[0]) if len(found) else None

    @property
    def waiting(self) -> int:
        """How many are full."""
        return int(np.count_nonzero(self._full))

    def put(self, slot: int, bgr: Bgr) -> None:
        np.copyto(self.pixels(slot, bgr.shape[0], bgr.shape[1]), bgr)
        self._full[slot] = 1

    def pixels(self, slot: int, height: int, width: int) -> Bgr:
        """The frame in a slot, uint8 (height, width, 3), to be read and drawn on until `clear`."""
        start = _HEADER + slot * self.slot_bytes
        return np.ndarray((height, width, 3), np.uint8, self._memory.buf, start)

    def clear(self, slot: int) -> None:
        self._full[slot] = 0

    def close(self) -> None:
        """Unmaps and removes the memory; it lives on for the other end until that closes it too."""
        del self._full
        with suppress(BufferError):  # a frame of it is still looked at: it goes with the process
            self._memory.close()
        with suppress(FileNotFoundError):
            self._memory.unlink()
