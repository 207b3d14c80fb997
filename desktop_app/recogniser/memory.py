"""What the C library keeps of freed memory, and what goes back to the system.

glibc keeps what threads have freed, in up to eight pools a core: of networks that come and go, each in a thread of its
own, 250 MB stayed on two cores, and 15 MB where all threads share two pools. Of a picture it keeps too little: the
system takes the pages back and clears them again for the next one, half a millisecond of a core for each photograph.
"""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Callable
from functools import cache

# `M_TRIM_THRESHOLD`, `M_MMAP_THRESHOLD` and `M_ARENA_MAX` of malloc.h.
_TRIM, _MMAP, _ARENA_MAX = -1, -3, -8
_POOLS = 2
# The most that glibc takes. What is larger, as a photograph of eleven megapixels, goes back when it is freed.
_LARGEST_KEPT = 32 << 20
# In each pool: some pictures in the sizes on their way through the program.
_KEPT = 64 << 20


@cache
def _of_libc(name: str) -> Callable[..., int] | None:
    """Where the C library is glibc; others keep less."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None


def share_pools() -> None:
    """To be called before there is a second thread: later it does nothing."""
    mallopt = _of_libc("mallopt")
    if mallopt is not None:
        mallopt(_ARENA_MAX, _POOLS)


def keep_pictures() -> None:
    """Memory of pictures that have gone is there for the next ones."""
    mallopt = _of_libc("mallopt")
    if mallopt is not None:
        mallopt(_MMAP, _LARGEST_KEPT)
        mallopt(_TRIM, _KEPT)


def give_back() -> None:
    """What nobody refers to any more goes now."""
    gc.collect()
    trim = _of_libc("malloc_trim")
    if trim is not None:
        trim(0)
