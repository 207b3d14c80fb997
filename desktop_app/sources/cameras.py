"""Which cameras there are."""

from __future__ import annotations

import importlib
import importlib.util
from collections import Counter

from desktop_app.core.source import CameraInfo
from desktop_app.sources.limits import SYSTEM


def list_cameras() -> tuple[CameraInfo, ...]:
    """The cameras of this machine, by index; opens none of them for pictures.

    Two of the same make without serial numbers are told apart by their ports. Outside Linux the list is empty
    unless the package cv2-enumerate-cameras is installed; `camera:0` works all the same.
    """
    if SYSTEM == "linux":
        from desktop_app.sources.v4l2 import devices

        found = devices()
        twins = Counter(device.identity for device in found)
        return tuple(
            CameraInfo(d.index, f"{d.identity}@{d.port}" if twins[d.identity] > 1 else d.identity, d.name, d.formats)
            for d in found
        )
    return _enumerated()


def _enumerated() -> tuple[CameraInfo, ...]:
    if importlib.util.find_spec("cv2_enumerate_cameras") is None:
        return ()
    from desktop_app.sources.camera import capture_api

    found = importlib.import_module("cv2_enumerate_cameras").enumerate_cameras(capture_api())
    return tuple(CameraInfo(int(c.index) % 100, str(c.path or c.name), str(c.name)) for c in found)


def find_camera(stable_id: str) -> CameraInfo | None:
    """The camera with this stable id, whatever its index is now.

    An id with a port means that port; an id without one means the first of its make.
    """
    if SYSTEM == "linux":
        from desktop_app.sources.v4l2 import devices

        for d in devices():
            if stable_id in (d.identity, f"{d.identity}@{d.port}"):
                return CameraInfo(d.index, stable_id, d.name, d.formats)
        return None
    return next((camera for camera in _enumerated() if camera.stable_id == stable_id), None)
