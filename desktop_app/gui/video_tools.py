"""What belongs to the video at hand beside its playback: analyses and small pictures. One for the window."""

from __future__ import annotations

from PySide6.QtCore import QObject

from desktop_app.gui.analysis_state import AnalysisState
from desktop_app.gui.pipeline_controller import PipelineController
from desktop_app.gui.thumbnails import Thumbnails


class VideoTools(QObject):
    def __init__(self, controller: PipelineController) -> None:
        super().__init__(controller)
        self.analysis = AnalysisState(controller)
        self.thumbnails = Thumbnails(self)
        controller.stopping.connect(self.analysis.stop)
        controller.stopping.connect(self.thumbnails.stop)


def video_tools(controller: PipelineController) -> VideoTools:
    """Made when it is first asked for."""
    return controller.findChild(VideoTools) or VideoTools(controller)
