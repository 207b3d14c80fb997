"""Which pictures go to the validation part."""

from __future__ import annotations

import math
import random

from desktop_app.exporting.item import Split

_BLOCK = 10


class Splitter:
    """Draws the validation part as the pictures come, without knowing how many there will be.

    Of each ten in a row the share is drawn at random, so that the parts have the right size at any time; the same
    seed draws the same. `total`, where it is known: of fewer than ten pictures too at least one is drawn.
    `begun`: so many pictures are there already.
    """

    def __init__(self, share: float, seed: int, total: int = 0, begun: int = 0) -> None:
        self._share, self._seed, self._count = share, seed, begun
        self._block = total if 0 < begun + total < _BLOCK and not begun else _BLOCK
        self._chosen: set[int] = set()
        self._drawn = -1

    def next(self) -> Split:
        place, self._count = self._count, self._count + 1
        block = place // self._block
        if block != self._drawn:
            self._draw(block)
        return "val" if place % self._block in self._chosen else "train"

    def _draw(self, block: int) -> None:
        wanted = self._share * self._block
        count = math.floor(wanted * (block + 1) + 0.5) - math.floor(wanted * block + 0.5)
        if self._share > 0 and 1 < self._block < _BLOCK:
            count = min(max(count, 1), self._block - 1)
        self._drawn = block
        self._chosen = set(random.Random(f"{self._seed}:{block}").sample(range(self._block), min(count, self._block)))
