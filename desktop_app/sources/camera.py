"""Cameras through OpenCV: V4L2, Media Foundation or AVFoundation."""

from __future__ import annotations

import errno
import functools
import os
import threading
import time
from typing import Any

from desktop_app.core.frame import Bgr
from desktop_app.core.source import CameraFormat, CameraInfo, Notify, SourceInfo
from desktop_app.errors import CameraUnavailable, SourceLost
from desktop_app.i18n import tr
from desktop_app.sources.cameras import find_camera, list_cameras
from desktop_app.sources.limits import FIRST_FRAME_SECONDS, STALL_SECONDS, SYSTEM
from desktop_app.sources.live import Connection, LiveSource
from desktop_app.sources.opencv import import_cv2

_ASKED = CameraFormat(1280, 720, 30.0, "")
_SLICE_NS = 100_000_000  # 0.1 s: how soon a waiting read sees `stop`


def capture_api() -> int:
    """OpenCV's number of the camera interface of this system; never "any", which tries files and networks too."""
    cv2 = import_cv2()
    names = {"linux": "CAP_V4L2", "win32": "CAP_MSMF", "darwin": "CAP_AVFOUNDATION"}
    return int(getattr(cv2, names.get(SYSTEM, "CAP_V4L2")))


def camera_title(spec: str) -> str:
    """Without asking the device: "Camera 0", or the stable id."""
    which = spec.split(":", 1)[1]
    return tr("Camera {index}", index=which) if which.isdecimal() else which


def open_camera(spec: str, notify: Notify, stop: threading.Event) -> LiveSource:
    """`camera:N` or `camera:<stable id>`. A lost camera is looked for by its stable id, not by its number."""
    finder = _Finder(spec)
    return LiveSource(finder.connect, notify, stop, finder.is_back)


class _Finder:
    """Remembers which device was opened first, so that the same one is opened again."""

    def __init__(self, spec: str) -> None:
        self._spec = spec
        self._which = spec.split(":", 1)[1]
        self._name = camera_title(spec)
        self._away = False

    def connect(self, stop: threading.Event) -> Connection:
        camera = self._find()
        if camera.stable_id:
            self._which, self._name = camera.stable_id, camera.name
        return _connect(self._spec, camera, stop)

    def is_back(self) -> bool:
        """Whether the camera was away at the last look and is there again; cheap enough to ask twice a second."""
        there = find_camera(self._which) is not None
        back, self._away = there and self._away, not there
        return back

    def _find(self) -> CameraInfo:
        if not self._which.isdecimal():
            found = find_camera(self._which)
            if found is None:
                raise _missing(self._name)
            return found
        index = int(self._which)
        if index > 999:
            raise _missing(self._name)
        known = next((camera for camera in list_cameras() if camera.index == index), None)
        if known is None and SYSTEM == "linux":
            _refuse_with_reason(CameraInfo(index, "", self._name))
            raise CameraUnavailable(
                tr("“{name}” is a device that gives no pictures.", name=self._name),
                tr("Choose another camera."),
            )
        return known or CameraInfo(index, "", self._name)


def _connect(spec: str, camera: CameraInfo, stop: threading.Event) -> Connection:
    _refuse_with_reason(camera)
    cv2 = import_cv2()
    capture = cv2.VideoCapture(camera.index, capture_api(), _parameters(camera))
    try:
        if not capture.isOpened():
            raise _busy(camera.name)
        first = _read(capture, FIRST_FRAME_SECONDS, stop, patient=True)
        if first is None:
            raise CameraUnavailable(
                tr("“{name}” opens, but sends no picture.", name=camera.name),
                tr("Unplug it and plug it in again, or close other programs that may use it."),
            )
    except BaseException:
        capture.release()
        raise
    fps = float(capture.get(cv2.CAP_PROP_FPS)) or None
    fourcc = int(capture.get(cv2.CAP_PROP_FOURCC)).to_bytes(4, "little", signed=True).decode("ascii", "replace")
    height, width = first.shape[:2]
    return Connection(
        SourceInfo(spec, "camera", camera.name, True, width, height, fps, detail=fourcc.strip("\0 ")),
        first,
        functools.partial(_read, capture, STALL_SECONDS, stop),
        capture.release,
        SourceLost(
            tr("“{name}” sends no more pictures.", name=camera.name),
            tr("Check its cable, and whether another program uses it."),
        ),
    )


def _read(capture: Any, seconds: float, stop: threading.Event, *, patient: bool = False) -> Bgr | None:
    """The next frame, or `None` after `seconds`. `patient`: an error may pass, as cameras give some when they start."""
    cv2 = import_cv2()
    until = time.perf_counter() + seconds
    while not stop.is_set() and time.perf_counter() < until:
        try:
            # Waiting is a feature of V4L2 alone; elsewhere `read` blocks.
            if SYSTEM == "linux" and not cv2.VideoCapture.waitAny([capture], _SLICE_NS)[0]:
                continue
            good, bgr = capture.read()
        except cv2.error:
            good = False
        if good:
            frame: Bgr = bgr
            return frame
        if not patient:
            return None
        stop.wait(0.05)
    return None


def _parameters(camera: CameraInfo) -> list[int]:
    cv2 = import_cv2()
    wanted = choose_format(camera.formats)
    size = [cv2.CAP_PROP_FRAME_WIDTH, wanted.width, cv2.CAP_PROP_FRAME_HEIGHT, wanted.height]
    rate = [cv2.CAP_PROP_FPS, round(wanted.fps)]
    # V4L2 sets the size of the format that is set, so the format comes first.
    code = [cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*wanted.pixel_format)] if wanted.pixel_format else []
    return [*code, *size, *rate]


def choose_format(formats: tuple[CameraFormat, ...]) -> CameraFormat:
    """Of what the camera offers the size nearest to 1280 × 720, then 30 frames a second, then raw before MJPG.

    Raw pictures are sharper and cost no decoding, but USB 2 carries only about ten a second at this size.
    """
    usable = [f for f in formats if f.pixel_format in ("YUYV", "UYVY", "NV12", "YU12", "MJPG")]
    if not usable:
        return _ASKED

    def preference(f: CameraFormat) -> tuple[int, float, bool]:
        distance = abs(f.width - _ASKED.width) + abs(f.height - _ASKED.height)
        return distance, -min(f.fps, _ASKED.fps), f.pixel_format == "MJPG"

    best = min(usable, key=preference)
    return CameraFormat(best.width, best.height, min(best.fps, _ASKED.fps) or _ASKED.fps, best.pixel_format)


def _refuse_with_reason(camera: CameraInfo) -> None:
    """OpenCV only says that it did not open; the system's error number says why."""
    if SYSTEM != "linux":
        return
    try:
        os.close(os.open(f"/dev/video{camera.index}", os.O_RDWR | os.O_NONBLOCK))
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM):
            raise CameraUnavailable(
                tr("“{name}” may not be used: permission denied.", name=camera.name),
                tr("Add your user to the group “video” and log in again."),
            ) from None
        if error.errno == errno.EBUSY:
            raise _busy(camera.name) from None
        raise _missing(camera.name) from None


def _busy(name: str) -> CameraUnavailable:
    return CameraUnavailable(
        tr("“{name}” is in use by another program.", name=name), tr("Close the other program, then try again.")
    )


def _missing(name: str) -> CameraUnavailable:
    return CameraUnavailable(
        tr("There is no camera “{name}”.", name=name),
        tr("Plug it in, or choose another camera."),
    )
