"""Cameras through OpenCV: V4L2, Media Foundation, DirectShow or AVFoundation."""

from __future__ import annotations

import dataclasses
import threading
import time
from typing import Any

from desktop_app.core.camera import CameraFormat, CameraInfo, CameraReport
from desktop_app.core.frame import Bgr
from desktop_app.core.source import Notify, SourceInfo
from desktop_app.errors import SourceLost
from desktop_app.i18n import tr
from desktop_app.sources.camera_controls import Controls, apply
from desktop_app.sources.camera_desk import DESK, format_of
from desktop_app.sources.camera_format import choose_format, falls_short
from desktop_app.sources.camera_refusal import busy, missing, no_camera, refuse_with_reason, silent
from desktop_app.sources.cameras import APIS, find_camera, is_there, list_cameras, others
from desktop_app.sources.limits import FIRST_FRAME_SECONDS, STALL_SECONDS, SYSTEM
from desktop_app.sources.live import Connection, LiveSource
from desktop_app.sources.opencv import import_cv2

_SLICE_NS = 100_000_000  # 0.1 s: how soon a waiting read sees `stop`


def camera_title(spec: str) -> str:
    """Without asking the device: "Camera 0", the name that it had when it was set up, or its stable id."""
    which = spec.split(":", 1)[1]
    if which.isdecimal():
        return tr("Camera {index}", index=which)
    wish = DESK.wish(which)
    return wish.name if wish is not None and wish.name else which


def open_camera(spec: str, notify: Notify, stop: threading.Event) -> LiveSource:
    """`camera:N` or `camera:<stable id>`. A lost camera is looked for by its stable id, not by its number."""
    finder = _Finder(spec)
    return LiveSource(finder.connect, notify, stop, finder.is_back)


def check_camera(spec: str, ours: str) -> None:
    """Raises `CameraUnavailable` where it is plain before opening that the camera cannot be used.

    `ours`: the id of the camera that this process has open, which is busy for that reason alone.
    """
    camera = _Finder(spec).find()
    if camera.stable_id != ours:
        refuse_with_reason(camera)


class _Finder:
    """Remembers which device was opened first, so that the same one is opened again."""

    def __init__(self, spec: str) -> None:
        self._spec = spec
        self._which = spec.split(":", 1)[1]
        self._name = camera_title(spec)
        self._away = False

    def connect(self, stop: threading.Event) -> Connection:
        camera = self.find()
        if camera.stable_id:
            self._which, self._name = camera.stable_id, camera.name
            DESK.meet(camera.stable_id, others(camera.stable_id))
        refuse_with_reason(camera)
        return _connect(self._spec, camera, stop)

    def is_back(self) -> bool:
        """Whether the camera was away at the last look and is there again; cheap enough to ask four times a second."""
        there = is_there(self._which)
        back, self._away = there and self._away, not there
        return back

    def find(self) -> CameraInfo:
        if not self._which.isdecimal():
            found = find_camera(self._which)
            if found is None:
                raise missing(self._name)
            return found
        index = int(self._which)
        if index > 999:
            raise missing(self._name)
        known = next((camera for camera in list_cameras() if camera.index == index), None)
        if known is None and SYSTEM == "linux":
            refuse_with_reason(CameraInfo(index, "", self._name))
            raise no_camera(self._name)
        return known or CameraInfo(index, "", self._name)


def _connect(spec: str, camera: CameraInfo, stop: threading.Event) -> Connection:
    wish = format_of(DESK.wish(camera.stable_id))
    asked = choose_format(camera.formats, wish)
    device = _Device(camera, asked, stop)
    if falls_short(device.fps, asked, wish):
        # Where the camera did not say beforehand how fast it is: whichever turns out to be faster.
        device.close()
        raw, device = device.fps, _Device(camera, dataclasses.replace(asked, pixel_format="MJPG"), stop)
        if (device.fps or 0.0) <= (raw or 0.0):
            device.close()
            device = _Device(camera, asked, stop)
    height, width = device.first.shape[:2]
    info = SourceInfo(
        spec,
        "camera",
        camera.name,
        True,
        width,
        height,
        device.fps,
        detail=device.pixel_format,
        device_id=camera.stable_id,
        asked=asked,
    )
    lost = SourceLost(
        tr("“{name}” sends no more pictures.", name=camera.name),
        tr("Check its cable, and whether another program uses it."),
    )
    return Connection(info, device.first, device.read, device.close, lost)


class _Device:
    """An open camera that has given its first frame. Raises `CameraUnavailable`."""

    def __init__(self, camera: CameraInfo, asked: CameraFormat, stop: threading.Event) -> None:
        cv2 = import_cv2()
        self._camera, self._stop = camera, stop
        self._controls: Controls | None = None
        self._applied: object = None
        self._capture: Any = cv2.VideoCapture(camera.index, capture_api(camera.api), _parameters(asked))
        try:
            if not self._capture.isOpened():
                raise busy(camera.name)
            self._controls = _open_controls(camera, self._capture)
            # Before the first picture: it is to look as the user set it.
            self._follow_wishes(first=True)
            first = _read(self._capture, FIRST_FRAME_SECONDS, stop, patient=True)
            if first is None:
                raise silent(camera.name)
        except BaseException:
            self.close()
            raise
        self.first: Bgr = first
        self.fps = float(self._capture.get(cv2.CAP_PROP_FPS)) or None
        code = int(self._capture.get(cv2.CAP_PROP_FOURCC)).to_bytes(4, "little", signed=True)
        self.pixel_format = "".join(c for c in code.decode("ascii", "replace") if c.isprintable()).strip()

    def read(self) -> Bgr | None:
        self._follow_wishes()
        return _read(self._capture, STALL_SECONDS, self._stop)

    def close(self) -> None:
        if self._controls is not None:
            self._controls.close()
            self._controls = None
        self._capture.release()

    def _follow_wishes(self, *, first: bool = False) -> None:
        """Sets what the user moved since the last frame; nearly always nothing."""
        wish, reset = DESK.wish(self._camera.stable_id), DESK.take_reset(self._camera.stable_id)
        if self._controls is None or (wish is self._applied and not reset and not first):
            return
        before = getattr(self._applied, "controls", {})
        wanted = {} if wish is None else wish.controls
        left = {c.key: c.default for c in self._controls.read() if reset or c.key in before}
        self._applied = wish
        now, refused = apply(self._controls, {**left, **wanted})
        DESK.report(CameraReport(self._camera.stable_id, now, refused))


def capture_api(name: str = "") -> int:
    """OpenCV's number of a camera interface; never "any", which tries files and networks too."""
    return int(getattr(import_cv2(), f"CAP_{name or APIS.get(SYSTEM, ('V4L2',))[0]}"))


def _open_controls(camera: CameraInfo, capture: Any) -> Controls | None:
    if SYSTEM == "linux":
        from desktop_app.sources.v4l2_controls import open_controls

        return open_controls(camera.index)
    from desktop_app.sources.opencv_controls import OpenCvControls

    return OpenCvControls(capture)


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


def _parameters(asked: CameraFormat) -> list[int]:
    cv2 = import_cv2()
    size = [cv2.CAP_PROP_FRAME_WIDTH, asked.width, cv2.CAP_PROP_FRAME_HEIGHT, asked.height]
    rate = [cv2.CAP_PROP_FPS, round(asked.fps)]
    # V4L2 sets the size of the format that is set, so the format comes first.
    code = [cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*asked.pixel_format)] if len(asked.pixel_format) == 4 else []
    return [*code, *size, *rate]
