"""What the window knows of cameras: how each is to be used, what it offers, and which one was used last."""

from __future__ import annotations

import dataclasses
from typing import Any, Literal, cast

from PySide6.QtCore import QObject, Signal

from desktop_app.core.camera import Acquaintances, CameraControl, CameraInfo, CameraReport, known_as
from desktop_app.gui.pipeline_controller import PipelineController
from desktop_app.gui.preferences import Preferences
from desktop_app.recogniser import messages as m
from desktop_app.settings import CameraSettings

Rotation = Literal[0, 90, 180, 270]
MOST = 32
"""Cameras whose settings are kept; of more the oldest are forgotten."""


class CamerasState(QObject):
    changed = Signal()
    """The settings of a camera, what it offers, or which one runs."""

    def __init__(self, controller: PipelineController, preferences: Preferences, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller, self._preferences = controller, preferences
        self.reports: dict[str, CameraReport] = {}
        self.waiting_for = ""
        """The spec of a camera that the user wants and that could not be opened: it opens when it is plugged in."""
        self._before: frozenset[str] = frozenset()
        self.listed = False
        self._acquaintances = Acquaintances()
        controller.camera_said.connect(self._on_report)
        controller.cameras_changed.connect(self._on_list)
        controller.source_opened.connect(self._on_opened)
        preferences.changed.connect(self._on_preferences)

    # --- which --------------------------------------------------------------------------------------------------

    @property
    def running(self) -> str:
        """The id of the camera whose pictures are shown; empty where none is."""
        info = self._controller.info
        return info.device_id if info is not None and self._controller.alive else ""

    def find(self, stable_id: str) -> CameraInfo | None:
        """As it is plugged in now; a number means the camera that has it."""
        cameras = self._controller.cameras
        if stable_id.isdecimal():
            return next((camera for camera in cameras if camera.index == int(stable_id)), None)
        others = self._acquaintances.others(stable_id)
        known = known_as(stable_id, (camera.stable_id for camera in cameras), others) if stable_id else None
        return next((camera for camera in cameras if camera.stable_id == known), None)

    def favourite(self) -> CameraInfo | None:
        """The one that was used last, else the first."""
        return self.find(self._preferences.values.last_camera) or next(iter(self._controller.cameras), None)

    def current(self) -> str:
        """The id of the camera that is meant where none is named."""
        favourite = self.favourite()
        return self.running or (favourite.stable_id if favourite is not None else self._preferences.values.last_camera)

    def absent(self) -> CameraSettings | None:
        """The camera that was used last, when it is not plugged in."""
        last = self._preferences.values.last_camera
        if not last or not self.listed or self.find(last) is not None or last == self.running:
            return None
        return self.settings(last)

    def name(self, stable_id: str) -> str:
        camera = self.find(stable_id)
        return camera.name if camera is not None else self.settings(stable_id).name or stable_id

    # --- how it is used -----------------------------------------------------------------------------------------

    def settings(self, stable_id: str) -> CameraSettings:
        """Those of this camera, also where it was plugged in elsewhere when they were made."""
        kept = {each.stable_id: each for each in self._preferences.values.cameras}
        known = known_as(stable_id, kept, self._acquaintances.others(stable_id))
        return kept[known] if known is not None else CameraSettings(stable_id)

    def change(self, stable_id: str, **fields: Any) -> None:
        settings = dataclasses.replace(self.settings(stable_id), stable_id=stable_id, **fields)
        if not settings.name:
            settings = dataclasses.replace(settings, name=self.name(stable_id))
        others = tuple(each for each in self._preferences.values.cameras if each.stable_id != stable_id)
        self._preferences.change(cameras=(settings, *others)[:MOST])

    def set_format(self, stable_id: str, width: int, height: int, fps: float, pixel_format: str) -> None:
        """Zeros and empty: Regard chooses. A camera that runs is opened again, for none changes its format running."""
        self.change(stable_id, width=width, height=height, fps=fps, pixel_format=pixel_format)
        self._open_again(stable_id)

    def set_control(self, stable_id: str, key: str, value: int) -> None:
        self.change(stable_id, controls={**self.settings(stable_id).controls, key: value})

    def reset(self, stable_id: str) -> None:
        """All as the camera has it, format and orientation too."""
        settings = self.settings(stable_id)
        self._controller.send(m.ResetCamera(stable_id))
        others = tuple(each for each in self._preferences.values.cameras if each != settings)
        self._preferences.change(cameras=(CameraSettings(stable_id, self.name(stable_id)), *others))
        if settings.width or settings.fps or settings.pixel_format:
            self._open_again(stable_id)

    def _open_again(self, stable_id: str) -> None:
        if stable_id == self.running:
            # At once: the camera must not be opened before it is known how.
            self._controller.send(m.SetCameras(self._preferences.values.cameras))
            self._controller.open(self._controller.specs)

    def controls(self, stable_id: str) -> tuple[CameraControl, ...]:
        """As they are now, or as they were when the camera was listed."""
        report = self.reports.get(stable_id)
        if report is not None:
            return report.controls
        camera = self.find(stable_id)
        return camera.controls if camera is not None else ()

    # --- mirror and rotation: of the running camera, else of everything ------------------------------------------

    @property
    def mirrored(self) -> bool:
        own = self.settings(self.running).mirror if self.running else None
        return self._preferences.values.mirror_camera if own is None else own

    @property
    def rotation(self) -> int:
        own = self.settings(self.running).rotation if self.running else None
        return self._preferences.values.rotation if own is None else own

    def orientation(self, stable_id: str) -> tuple[bool, Rotation]:
        own, values = self.settings(stable_id), self._preferences.values
        mirror = values.mirror_camera if own.mirror is None else own.mirror
        return mirror, cast(Rotation, values.rotation) if own.rotation is None else own.rotation

    def turn(self, stable_id: str, mirror: bool, rotation: int) -> None:
        self.change(stable_id, mirror=mirror, rotation=rotation)

    def toggle_mirror(self) -> None:
        if self.running:
            mirror, rotation = self.orientation(self.running)
            self.turn(self.running, not mirror, rotation)
        else:
            self._preferences.change(mirror_camera=not self._preferences.values.mirror_camera)

    def rotate(self) -> None:
        if self.running:
            mirror, rotation = self.orientation(self.running)
            self.turn(self.running, mirror, (rotation + 90) % 360)
        else:
            self._preferences.change(rotation=(self._preferences.values.rotation + 90) % 360)

    # --- what happens -------------------------------------------------------------------------------------------

    def when_it_comes(self, spec: str) -> None:
        """Opens this camera when it is plugged in; empty: no longer."""
        self.waiting_for = spec

    def _on_list(self) -> None:
        self.listed = True
        self._acquaintances.meet(camera.stable_id for camera in self._controller.cameras)
        there = frozenset(camera.stable_id for camera in self._controller.cameras)
        came, self._before = there - self._before, there
        wanted = self.find(self.waiting_for.partition(":")[2])
        if wanted is not None and wanted.stable_id in came:
            spec, self.waiting_for = self.waiting_for, ""
            self._controller.open((spec,))
        self.changed.emit()

    def _on_opened(self) -> None:
        self.waiting_for = ""
        info = self._controller.info
        if info is not None and info.device_id:
            self._preferences.change(last_camera=info.device_id)
            if self.settings(info.device_id).name != info.title:
                self.change(info.device_id, name=info.title)
        self.changed.emit()

    def _on_report(self, report: CameraReport) -> None:
        self.reports[report.stable_id] = report
        self.changed.emit()

    def _on_preferences(self, names: frozenset[str]) -> None:
        if "cameras" in names:
            self._controller.send_soon(m.SetCameras(self._preferences.values.cameras))
        if names & {"cameras", "mirror_camera", "rotation"}:
            self.changed.emit()
