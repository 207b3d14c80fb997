"""What every part of the window shares."""

from __future__ import annotations

from dataclasses import dataclass

from desktop_app.gui.cameras_state import CamerasState
from desktop_app.gui.notifications import Notifier
from desktop_app.gui.pipeline_controller import PipelineController
from desktop_app.gui.preferences import Preferences


@dataclass(frozen=True, slots=True)
class Session:
    controller: PipelineController
    preferences: Preferences
    notifier: Notifier
    cameras: CamerasState
