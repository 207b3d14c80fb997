"""What was measured of an int8 network that the user had made ("Turbo")."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from desktop_app.core.results import Task
from desktop_app.i18n import tr

FEWEST = 16
"""Frames without which nothing is made: too few to know how large the numbers in a network become."""
USUAL = 128
HELD_BACK = 4
"""To so many frames that calibrate comes one that is held back for the comparison."""
CLOSE = 0.9
"""Agreement below this deserves a warning."""

TurboStage = Literal["load", "collect", "calibrate", "correct", "compare", "write"]
STAGES: tuple[TurboStage, ...] = ("load", "collect", "calibrate", "correct", "compare", "write")


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two networks say the same of the same frames.

    `share`: of detectors the F1 of their boxes (same class, IoU of 0.5 at least); of classifiers the share of frames
    with the same first class; `None` where neither found anything. `shift`: mean difference of the confidences of
    matched boxes, or of the probability of the full network's first class. `overlap`: mean IoU of matched boxes.
    `frames`, `boxes`: what the full network was asked about, and what it found.
    """

    frames: int
    share: float | None
    shift: float | None
    overlap: float | None = None
    boxes: int = 0


@dataclass(frozen=True, slots=True)
class TurboReport:
    """`frames`: how many calibrated it. `confidence`: the threshold that boxes had to reach in the comparison.

    `ms`: median milliseconds of one frame by precision, measured in turns: fp32, bf16 where the processor has it, int8.
    `bytes`: size of the network on the disk. `made_at`: date and time, ISO 8601.
    """

    key: str
    task: Task
    digest: str
    frames: int
    agreement: Agreement
    ms: dict[str, float] = field(default_factory=dict)
    confidence: float = 0.25
    bytes: int = 0
    made_at: str = ""

    @property
    def usual(self) -> str:
        """The precision in which the full network runs on what moves."""
        return "bf16" if "bf16" in self.ms else "fp32"

    @property
    def speed_up(self) -> float | None:
        """How many times as fast as the full network at its usual precision."""
        full, quick = self.ms.get(self.usual), self.ms.get("int8")
        return full / quick if full and quick else None

    @property
    def close(self) -> bool | None:
        """Whether it says nearly the same; `None` where the frames could not tell."""
        return None if self.agreement.share is None else self.agreement.share >= CLOSE


def frames_needed(count: int) -> int:
    """`count` frames that calibrate, and those that are held back."""
    return count + max(1, count // HELD_BACK)


def stage_text(stage: TurboStage) -> str:
    return {
        "load": tr("Getting the full model ready"),
        "collect": tr("Collecting frames"),
        "calibrate": tr("Calibrating"),
        "correct": tr("Correcting"),
        "compare": tr("Comparing with the full model"),
        "write": tr("Writing the network"),
    }[stage]
