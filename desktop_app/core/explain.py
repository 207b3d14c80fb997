"""What is shown of the inside of a network: its stations, their maps, and what counts for an answer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
HeatMethod = Literal["influence", "gradcam", "occlusion"]
"""`influence`: what the answer loses when the last maps are 0 at a place; `gradcam`: Selvaraju et al. 2017, by
gradients; `occlusion`: Zeiler and Fergus 2014, what it loses when a grey rectangle hides a place of the picture."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A method that a model cannot be asked by here, and why."""

    method: HeatMethod
    why: str


@dataclass(frozen=True, slots=True)
class Station:
    """A place between two layers. `layer`: its name in the network. `channels` maps of `height` × `width` cells.

    `stride`: pixels of the input from one cell to the next. `field`: side in pixels of the part of the input that one
    cell can see; `start`: where in the input the middle of the first cell's field lies, in pixels (all the same in both
    directions). Source of the arithmetic: Araujo, Norris and Sim, "Computing Receptive Fields", Distill 2019.
    """

    layer: str
    channels: int
    height: int
    width: int
    stride: float
    field: float
    start: float
    kind: Literal["maps", "attention"] = "maps"
    """Attention: a map a head, how much the token of the class looks at each patch."""

    def seen_by(self, row: int, column: int) -> tuple[float, float, float, float]:
        """The receptive field of a cell: left, top, right, bottom in pixels of the input, not clipped to it."""
        x, y = (self.start + cell * self.stride for cell in (column, row))
        half = self.field / 2
        return x - half, y - half, x + half, y + half

    def stands_for(self, row: int, column: int) -> tuple[float, float, float, float]:
        """What a cell sees; where that is everything, the patch that it was made of: one of a grid without gaps."""
        if math.isfinite(self.field):
            return self.seen_by(row, column)
        x, y, half = self.start + column * self.stride, self.start + row * self.stride, self.stride / 2
        return x - half, y - half, x + half, y + half


@dataclass(frozen=True, slots=True)
class Region:
    """What of the frame the network's input shows: `x0`, `y0` of its upper left corner and the size of one pixel of the
    input, in pixels of the frame. A letterbox reaches over the frame's edges."""

    x0: float
    y0: float
    scale_x: float
    scale_y: float

    def of_frame(self, width: int, height: int) -> tuple[float, float, float, float]:
        """The rectangle (left, top, right, bottom) that an input of `width` × `height` pixels covers."""
        return self.x0, self.y0, self.x0 + width * self.scale_x, self.y0 + height * self.scale_y


@dataclass(frozen=True, slots=True, eq=False)
class Tiles:
    """Maps of one station as small pictures, the most active first, each scaled by its own range.

    `channels`: which; `pixels`: uint8 (n, height, width), 0 is `low` and 255 is `high` of the same map.
    """

    station: int
    channels: NDArray[np.int64]
    pixels: NDArray[np.uint8]
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A cell of a map with its value; `patch`: what of the frame it sees, uint8 (h, w, 3), blue-green-red."""

    row: int
    column: int
    value: float
    patch: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Map:
    """One whole map: `values` float32 (height, width), as the network computed them. `places`: where it is highest, the
    highest first; one at least."""

    station: int
    channel: int
    values: Floats
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Heat:
    """How much each place speaks for an answer: `values` float32 (rows, columns) over `region` of the frame (left, top,
    right, bottom in its pixels), in the unit of what fell when the place was hidden. Negative where it speaks against.

    `classes`: what it speaks for, several where a group was asked about ("dog"). `box`: of a detection, in pixels of
    the frame. `share`: how much of it is computed, 1 when done. `answer`: what the network said with everything to be
    seen: the logit of the class or group, or the confidence of the box.
    """

    method: HeatMethod
    classes: tuple[int, ...]
    values: Floats
    region: tuple[float, float, float, float]
    answer: float
    milliseconds: float
    share: float = 1.0
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Input:
    """What the network got: `pixels` uint8 (h, w, 3) in red-green-blue before normalisation, `values` float32
    (3, h, w) after it; both are the arrays of the inference."""

    pixels: NDArray[np.uint8]
    values: Floats
