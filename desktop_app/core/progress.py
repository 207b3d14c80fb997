"""How far long work is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Stage = Literal["fetch", "convert", "load", "ready", "failed"]


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` (bytes while fetching, else steps; `total` 0 where unknown), `rate` in units a second."""

    key: str
    stage: Stage
    done: int = 0
    total: int = 0
    rate: float = 0.0

    @property
    def fraction(self) -> float | None:
        return min(1.0, self.done / self.total) if self.total else None

    @property
    def seconds_left(self) -> float | None:
        return (self.total - self.done) / self.rate if self.rate > 0 and self.total else None


ReportProgress = Callable[[Progress], None]
