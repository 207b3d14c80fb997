"""The order in which people number files."""

from __future__ import annotations

import re

_DIGITS = re.compile(r"(\d+)")


def natural_key(path: str) -> list[tuple[int, int, str]]:
    """Sorts `img2` before `img10`, whatever the case."""
    parts = _DIGITS.split(path.casefold())
    return [(0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts if p]
