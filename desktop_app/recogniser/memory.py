"""Gives memory back to the system after something large has gone.

glibc keeps what threads have freed, in up to eight pools a core: of networks that come and go, each in a thread of its
own, 250 MB stayed on two cores, and 15 MB where all threads share two pools.
"""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Callable
from functools import cache

_ARENA_MAX = -8
"""`M_ARENA_MAX` of malloc.h."""
_POOLS = 2


@cache
def _of_libc(name: str) -> Callable[..., int] | None:
    """Where the C library is glibc; others keep less."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None


def share_pools() -> None:
    """To be called before there is a second thread: later it does nothing."""
    mallopt = _of_libc("mallopt")
    if mallopt is not None:
        mallopt(_ARENA_MAX, _POOLS)


def give_back() -> None:
    """What nobody refers to any more goes now."""
    gc.collect()
    trim = _of_libc("malloc_trim")
    if trim is not None:
        trim(0)
