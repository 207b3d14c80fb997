"""Cameras in the recogniser: which there are, told anew when one comes or goes, and how each is to be used."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence

from desktop_app.core.camera import CameraInfo
from desktop_app.core.capture import Orientation
from desktop_app.core.source import SourceInfo
from desktop_app.recogniser import messages as m
from desktop_app.settings import CameraSettings


class CameraKeeper:
    """Looks for cameras in a thread of its own from the first `look` on."""

    def __init__(self, send: Callable[[m.Event], None], crashed: Callable[[Exception], None]) -> None:
        self._send, self._crashed = send, crashed
        self.usual = Orientation()
        """How all other sources are turned."""
        self._asked = threading.Event()
        self._stopped = threading.Event()
        self._told: tuple[CameraInfo, ...] | None = None
        self._thread: threading.Thread | None = None

    def look(self) -> None:
        """Tells which cameras there are, also where nothing has changed."""
        self._told = None
        self._asked.set()
        if self._thread is None and not self._stopped.is_set():
            from desktop_app.sources.camera_desk import DESK

            DESK.report = lambda report: self._send(m.CameraSays(report))
            self._thread = threading.Thread(target=self._watch, name="look for cameras", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._asked.set()
        if self._thread is not None:
            self._thread.join(1.0)

    def _watch(self) -> None:
        from desktop_app.sources.cameras import signature
        from desktop_app.sources.limits import WATCH_SECONDS

        seen: Hashable = None
        fine = True
        while not self._stopped.is_set():
            asked = self._asked.wait(WATCH_SECONDS)
            self._asked.clear()
            if self._stopped.is_set():
                return
            try:
                now = signature()
                if asked or now != seen:
                    seen = now
                    self._tell()
                fine = True
            except Exception as error:
                # A system that has a fault now may list cameras again in a moment; told once is enough.
                if fine:
                    self._crashed(error)
                fine = False

    def _tell(self) -> None:
        from desktop_app.sources.cameras import list_cameras

        cameras = list_cameras()
        if cameras != self._told:
            self._told = cameras
            self._send(m.CamerasListed(cameras))

    # --- how they are used --------------------------------------------------------------------------------------

    def set_wishes(self, wishes: Sequence[CameraSettings]) -> None:
        from desktop_app.sources.camera_desk import DESK

        DESK.set_wishes(wishes)

    def reset(self, stable_id: str) -> None:
        from desktop_app.sources.camera_desk import DESK

        DESK.reset(stable_id)

    def tell_formats(self, cameras: Sequence[CameraInfo]) -> None:
        from desktop_app.sources.cameras import tell_formats

        tell_formats(cameras)
        self.look()

    def orientation(self, info: SourceInfo) -> Orientation | None:
        """Of a camera that is turned in its own way; asked for at each frame."""
        if not info.device_id:
            return None
        from desktop_app.sources.camera_desk import DESK
        from desktop_app.sources.orientation import OpenCvOrientation

        wish = DESK.wish(info.device_id)
        if wish is None or (wish.mirror is None and wish.rotation is None):
            return None
        mirror = self.usual.mirror if wish.mirror is None else wish.mirror
        return OpenCvOrientation(mirror, self.usual.rotation if wish.rotation is None else wish.rotation)

    def check(self, spec: str, ours: str) -> None:
        """Raises `CameraUnavailable` where something keeps the camera from opening; `ours`: that which is open here."""
        from desktop_app.sources.camera import check_camera

        check_camera(spec, ours)
