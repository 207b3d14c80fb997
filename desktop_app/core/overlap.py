"""How far boxes cover each other."""

from __future__ import annotations

import numpy as np

from desktop_app.core.results import Floats


def overlaps(first: Floats, second: Floats) -> Floats:
    """IoU of each box (left, top, right, bottom) of `first` (n, 4) with each of `second` (m, 4): (n, m)."""
    left_top = np.maximum(first[:, None, :2], second[None, :, :2])
    right_bottom = np.minimum(first[:, None, 2:], second[None, :, 2:])
    common = np.clip(right_bottom - left_top, 0, None).prod(axis=2)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (first, second)]
    union = areas[0][:, None] + areas[1][None, :] - common
    shares: Floats = np.divide(common, union, out=np.zeros_like(common), where=union > 0)
    return shares
