"""Which cameras there are, on each system, and by what they are known again."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

from desktop_app.core.camera import Acquaintances, CameraFormat, CameraInfo, known_as
from desktop_app.sources.limits import SYSTEM

APIS: dict[str, tuple[str, ...]] = {"win32": ("MSMF", "DSHOW"), "darwin": ("AVFOUNDATION",)}
"""OpenCV's interfaces by system, the better first. Cameras that are programs (OBS, say) exist in DirectShow alone."""

_acquaintances = Acquaintances()
_told_formats: dict[str, tuple[CameraFormat, ...]] = {}


def list_cameras(*, details: bool = True) -> tuple[CameraInfo, ...]:
    """The cameras of this machine; opens none of them for pictures. `details`: with formats and controls.

    Each has an id of its own: two of the same make without serial numbers are told apart by their ports.
    """
    found = distinct(_of_linux(details) if SYSTEM == "linux" else _enumerated())
    _acquaintances.meet(camera.stable_id for camera in found)
    return found


def distinct(cameras: Iterable[CameraInfo]) -> tuple[CameraInfo, ...]:
    """Ids that are still the same (one device with two sensors, say) are numbered in the order of their nodes."""
    seen: Counter[str] = Counter()
    result = []
    for camera in cameras:
        seen[camera.stable_id] += 1
        nth = seen[camera.stable_id]
        stable_id = camera.stable_id if nth == 1 else f"{camera.stable_id}#{nth}"
        result.append(dataclasses.replace(camera, stable_id=stable_id))
    return tuple(result)


def tell_formats(cameras: Sequence[CameraInfo]) -> None:
    """What the window knows of formats through Qt, for systems whose list has none."""
    _told_formats.update({camera_path(camera.stable_id): camera.formats for camera in cameras})


def find_camera(stable_id: str) -> CameraInfo | None:
    """The camera with this stable id, whatever its index is now.

    Plugged in elsewhere it is found by its model, unless that is another camera of the same model. An id without a port
    means the first of its model.
    """
    ids = [camera.stable_id for camera in list_cameras(details=False)]
    known = known_as(stable_id, ids, others(stable_id))
    if known is None:
        return None
    return next((camera for camera in list_cameras() if camera.stable_id == known), None)


def is_there(stable_id: str) -> bool:
    """Cheap enough to ask four times a second."""
    ids = [camera.stable_id for camera in list_cameras(details=False)]
    return known_as(stable_id, ids, others(stable_id)) is not None


def others(stable_id: str) -> frozenset[str]:
    """Ids of cameras that are certainly not this one."""
    return _acquaintances.others(stable_id)


def signature() -> Hashable:
    """Changes when a camera comes or goes."""
    if SYSTEM == "linux":
        from desktop_app.sources import v4l2

        return v4l2.signature()
    return tuple((camera.stable_id, camera.index) for camera in list_cameras(details=False))


def _of_linux(details: bool) -> list[CameraInfo]:
    from desktop_app.sources.v4l2 import devices

    return [
        CameraInfo(d.index, f"{d.identity}@{d.port}" if d.port else d.identity, d.name, d.formats, d.controls)
        for d in devices(details=details)
    ]


def _enumerated() -> list[CameraInfo]:
    """Through cv2-enumerate-cameras, whose order is that of OpenCV's own indices."""
    enumerate_api = _library()
    return [] if enumerate_api is None else merged(enumerate_api, APIS.get(SYSTEM, ()))


def _library() -> Callable[[int], Iterable[Any]] | None:
    """An import that a bundler sees; `None` where the package is not installed."""
    try:
        from cv2_enumerate_cameras import enumerate_cameras
    except ImportError:
        return None
    found: Callable[[int], Iterable[Any]] = enumerate_cameras
    return found


def merged(enumerate_api: Callable[[int], Iterable[Any]], apis: Sequence[str]) -> list[CameraInfo]:
    """The cameras of all `apis`, each once: through the first that has it.

    `enumerate_api` takes OpenCV's number of an interface and gives objects with `index`, `name` and `path`.
    """
    from desktop_app.sources.opencv import import_cv2

    cv2 = import_cv2()
    cameras: list[CameraInfo] = []
    for api in apis:
        known = {camera_path(camera.stable_id) for camera in cameras}
        names = {camera.name for camera in cameras}
        for found in enumerate_api(getattr(cv2, f"CAP_{api}")):
            index, name = int(found.index) % 100, str(found.name or "")
            path = str(found.path or "")
            if camera_path(path) in known if path else name in names:
                continue
            name = name or f"Camera {index}"
            formats = _told_formats.get(camera_path(path), ())
            cameras.append(CameraInfo(index, path or name, name, formats, api=api))
    return cameras


def camera_path(path: str) -> str:
    r"""The same for the names that Windows' interfaces and Qt give one device: they differ in case and in their end,
    `\\?\usb#vid_046d&pid_0825&mi_00#7&1d&0&0000#{65e8773d-…}\global`."""
    return re.split(r"#\{", path.lower(), maxsplit=1)[0]
