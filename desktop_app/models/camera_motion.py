"""How the camera moved between two frames, from the flow of corners: the global motion compensation of BoT-SORT.

Aharon et al., "BoT-SORT: Robust Associations Multi-Pedestrian Tracking", 2022, section 3.2; the parameters are those
that Ultralytics sets.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.frame import Bgr
from desktop_app.models.kalman import Doubles

_SMALLER = 2
_CORNERS = 400
_QUALITY = 0.01
_ENOUGH = 4


class CameraMotion:
    """Remembers the last frame; one of another size begins anew."""

    def __init__(self) -> None:
        self._grey: NDArray[np.uint8] | None = None
        self._corners: NDArray[np.float32] | None = None

    def forget(self) -> None:
        self._grey = self._corners = None

    def of(self, bgr: Bgr) -> Doubles:
        """The affine transformation (2, 3) of pixels of the last frame into pixels of this one."""
        import cv2

        height, width = bgr.shape[:2]
        small = (max(1, width // _SMALLER), max(1, height // _SMALLER))
        grey = np.asarray(cv2.resize(cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY), small), np.uint8)
        corners = cv2.goodFeaturesToTrack(
            grey, _CORNERS, _QUALITY, minDistance=0, mask=None, blockSize=3, useHarrisDetector=False, k=0.04
        )
        before, at = self._grey, self._corners
        self._grey, self._corners = grey, None if corners is None else np.asarray(corners, np.float32)
        warp = np.eye(2, 3)
        if before is None or at is None or before.shape != grey.shape:
            return warp
        try:
            moved, status, _ = cv2.calcOpticalFlowPyrLK(before, grey, at, None)
        except cv2.error:  # a picture too small for it
            return warp
        good = status.ravel().astype(bool)
        if np.count_nonzero(good) > _ENOUGH:
            found = cv2.estimateAffinePartial2D(at[good], moved[good], method=cv2.RANSAC)[0]
            if found is not None:
                warp = np.asarray(found, np.float64)
                warp[:, 2] *= _SMALLER
        return warp
