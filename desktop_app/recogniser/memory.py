"""Gives memory back to the system after something large has gone."""

from __future__ import annotations

import ctypes
import gc
import sys


def give_back() -> None:
    """What nobody refers to any more goes now. glibc keeps what threads have freed, a hundred MB after two networks: it
    is asked to let go of it."""
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none, and keeps less
        if trim is not None:
            trim(0)
