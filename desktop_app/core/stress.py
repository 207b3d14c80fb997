"""What spoils pictures on purpose: nine corruptions, and how strong each is. `sources/spoiling.py` does it."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

CorruptionName = Literal[
    "blur", "noise", "brightness", "contrast", "jpeg", "rotation", "occlusion", "hue", "resolution"
]


@dataclass(frozen=True, slots=True)
class Corruption:
    """`neutral` changes nothing; values go from `low` to `high` in steps of `step`, stronger the further from neutral.

    `sweep`: the strengths that a sweep tries beside neutral, in the order of the axis; on both sides where there are
    two. `unit`: of the values, in tables.
    """

    key: CorruptionName
    neutral: float
    low: float
    high: float
    step: float
    sweep: tuple[float, ...]
    unit: str

    @property
    def two_sided(self) -> bool:
        return self.low < self.neutral < self.high

    def outwards(self) -> tuple[float, ...]:
        """The strengths of the sweep from none to strong: one side after the other."""
        below = sorted((v for v in self.sweep if v < self.neutral), reverse=True)
        return (*below, *sorted(v for v in self.sweep if v > self.neutral))


CORRUPTIONS: tuple[Corruption, ...] = (
    Corruption("blur", 0, 0, 20, 0.5, (1, 2, 3, 4, 5, 6, 8, 10, 14, 20), "sigma px"),
    Corruption("noise", 0, 0, 128, 1, (5, 10, 20, 30, 40, 50, 65, 80, 100, 128), "sigma of 255"),
    Corruption("brightness", 0, -100, 100, 1, (-90, -75, -60, -45, -30, -15, 15, 30, 45, 60, 75, 90), "% of white"),
    Corruption("contrast", 100, 0, 300, 5, (5, 20, 35, 50, 65, 80, 130, 160, 190, 220, 260, 300), "%"),
    Corruption("jpeg", 100, 1, 100, 1, (1, 4, 7, 10, 15, 20, 30, 45, 60, 80), "quality"),
    Corruption("rotation", 0, -180, 180, 1, (-135, -90, -60, -40, -20, -10, 10, 20, 40, 60, 90, 135, 180), "degrees"),
    Corruption("occlusion", 0, 0, 90, 1, (5, 10, 20, 30, 40, 50, 60, 70, 80, 90), "% of area"),
    Corruption("hue", 0, -180, 180, 1, (-150, -120, -90, -60, -30, -15, 15, 30, 60, 90, 120, 150, 180), "degrees"),
    Corruption("resolution", 1, 1, 32, 1, (2, 3, 4, 6, 8, 10, 12, 16, 24, 32), "1/n"),
)
BY_KEY: dict[str, Corruption] = {corruption.key: corruption for corruption in CORRUPTIONS}


@dataclass(frozen=True, slots=True)
class Stress:
    """How much of each.

    `blur`: sigma of a Gaussian in pixels of the frame. `noise`: sigma of Gaussian noise on each value of 0 to 255.
    `brightness`: added, in % of white. `contrast`: in %, about middle grey. `jpeg`: quality of a compression there and
    back, 100 for none. `rotation`: degrees clockwise about the middle; what comes into sight is grey. `occlusion`: % of
    the area under grey tiles. `hue`: degrees round the circle of colours. `resolution`: n of 1/n of the width and
    height, in pixels as large as that.
    """

    blur: float = 0.0
    noise: float = 0.0
    brightness: float = 0.0
    contrast: float = 100.0
    jpeg: float = 100.0
    rotation: float = 0.0
    occlusion: float = 0.0
    hue: float = 0.0
    resolution: float = 1.0

    def value(self, key: CorruptionName) -> float:
        return float(getattr(self, key))

    def with_value(self, key: CorruptionName, value: float) -> Stress:
        return replace(self, **{key: float(value)})

    @property
    def changes(self) -> dict[CorruptionName, float]:
        """What is not neutral, in the order of `CORRUPTIONS`; as it is written beside results."""
        found: dict[CorruptionName, float] = {}
        for corruption in CORRUPTIONS:
            value = self.value(corruption.key)
            if value != corruption.neutral:
                found[corruption.key] = value
        return found


assert [field.name for field in fields(Stress)] == [corruption.key for corruption in CORRUPTIONS]

NONE = Stress()


def moved(xyxy: NDArray[np.float32], stress: Stress, width: int, height: int) -> NDArray[np.float32]:
    """Where boxes (n, 4) of the clean picture are to be expected in the spoiled one, clipped to its edges.

    Only a rotation moves them. A box says nothing of its corners, so what turns is the ellipse in it (Kalra et al.,
    "Towards Rotation Invariance in Object Detection", 2021): the box of the turned corners would be far too large.
    """
    if stress.rotation % 360 == 0:
        return xyxy
    angle = np.deg2rad(stress.rotation)
    sine, cosine = np.sin(angle), np.cos(angle)
    middle = np.array([width, height]) / 2
    centre = (xyxy[:, :2] + xyxy[:, 2:]) / 2 - middle
    half = (xyxy[:, 2:] - xyxy[:, :2]) / 2
    turned = np.stack([cosine * centre[:, 0] - sine * centre[:, 1], sine * centre[:, 0] + cosine * centre[:, 1]], 1)
    reach = np.stack(
        [np.hypot(cosine * half[:, 0], sine * half[:, 1]), np.hypot(sine * half[:, 0], cosine * half[:, 1])], 1
    )
    found = np.concatenate([turned + middle - reach, turned + middle + reach], axis=1)
    clipped: NDArray[np.float32] = np.clip(found, 0, [width, height, width, height]).astype(np.float32)
    return clipped
