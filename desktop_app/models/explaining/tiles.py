"""Maps made small for the window, and what of the picture they answered to."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.explain import Place, Region, Station, Tiles
from desktop_app.core.frame import Bgr

Floats = NDArray[np.float32]
TILE = 64
"""Longest side of a tile in pixels."""
PATCH = 56
"""Side of the small picture of what a map answered to, in pixels."""
PLACES = 4
"""At most so many places of one map."""


def tiles_of(maps: Floats, station: int, count: int, order: NDArray[np.int64] | None = None) -> Tiles:
    """`count` maps of (channels, h, w) as small pictures; `order`: the channels to take, `None` for the most active:
    those with the highest mean."""
    if order is None:
        order = activity_order(maps)
    chosen = order[:count].astype(np.int64)
    picked = maps[chosen]
    low, high = picked.min(axis=(1, 2)), picked.max(axis=(1, 2))
    span = np.where(high > low, high - low, 1)
    shown = ((_small(picked) - low[:, None, None]) / span[:, None, None] * 255).clip(0, 255)
    return Tiles(station, chosen, shown.astype(np.uint8), low, high)


def activity_order(maps: Floats) -> NDArray[np.int64]:
    """Channels by falling mean activity; a channel that is the same everywhere shows nothing and comes last."""
    activity = maps.mean(axis=(1, 2))
    flat = maps.max(axis=(1, 2)) - maps.min(axis=(1, 2)) < 1e-6
    order: NDArray[np.int64] = np.lexsort((-activity, flat))
    return order


def _small(maps: Floats) -> Floats:
    """Maps with sides of at most `TILE`: means of cells where they are larger."""
    import cv2

    height, width = maps.shape[1:]
    scale = min(1.0, TILE / max(height, width))
    if scale == 1.0:
        return maps
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.stack([np.asarray(cv2.resize(one, size, interpolation=cv2.INTER_AREA), np.float32) for one in maps])


def strongest_places(values: Floats, station: Station, bgr: Bgr, region: Region) -> tuple[Place, ...]:
    """Where a map is highest, the highest first: cells that do not look at the same place of the frame `bgr`."""
    height, width = values.shape
    apart = max(height, width) / 4
    if math.isfinite(station.field):
        apart = min(apart, station.field / station.stride / 2)
    rows, columns = np.mgrid[:height, :width]
    left = np.ones(values.shape, np.bool_)
    found: list[Place] = []
    while len(found) < PLACES and left.any():
        flat = int(np.where(left, values, -np.inf).argmax())
        row, column = divmod(flat, width)
        value = float(values[row, column])
        if found and value <= float(values.mean()):
            break  # nothing stands out any more
        found.append(Place(row, column, value, _patch(bgr, region, station.stands_for(row, column))))
        left &= np.hypot(rows - row, columns - column) > apart
    return tuple(found)


def _patch(bgr: Bgr, region: Region, seen: tuple[float, float, float, float]) -> NDArray[np.uint8]:
    """What of the frame lies under `seen`, in pixels of the input: uint8 (PATCH, PATCH, 3), blue-green-red."""
    import cv2

    height, width = bgr.shape[:2]
    x0, x1 = (np.clip(region.x0 + np.clip(x, -1e6, 1e6) * region.scale_x, 0, width) for x in (seen[0], seen[2]))
    y0, y1 = (np.clip(region.y0 + np.clip(y, -1e6, 1e6) * region.scale_y, 0, height) for y in (seen[1], seen[3]))
    left, top = min(int(x0), width - 1), min(int(y0), height - 1)
    cut = bgr[top : max(int(y1), top + 1), left : max(int(x1), left + 1)]
    method = cv2.INTER_AREA if min(cut.shape[:2]) > PATCH else cv2.INTER_NEAREST
    return np.asarray(cv2.resize(cut, (PATCH, PATCH), interpolation=method), np.uint8)
