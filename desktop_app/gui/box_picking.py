"""A click on a box asks for the evidence for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QMouseEvent

from desktop_app.core.results import Detections
from desktop_app.gui.video_view import VideoView
from desktop_app.i18n import tr

if TYPE_CHECKING:
    from desktop_app.gui.pipeline_controller import PipelineController


def box_under(boxes: Detections, x: float, y: float) -> int | None:
    """The row of the smallest box that holds a point of the frame."""
    left, top, right, bottom = boxes.xyxy.T
    inside = np.flatnonzero((left <= x) & (x <= right) & (top <= y) & (y <= bottom))
    if not len(inside):
        return None
    areas = (right - left) * (bottom - top)
    return int(inside[areas[inside].argmin()])


def ask_for_box(controller: PipelineController, model: str, row: int) -> None:
    """Of the newest result of a detector."""
    result = controller.results.get(model)
    if result is None or not isinstance(result.prediction, Detections) or row >= len(result.prediction):
        return
    left, top, right, bottom = (float(value) for value in result.prediction.xyxy[row])
    classes = (int(result.prediction.class_id[row]),)
    controller.explain.ask(model=model, heat="occlusion", classes=classes, box=(left, top, right, bottom))


class BoxPicking(QObject):
    """On the live picture, while the heat map lies over it; otherwise it hears no click."""

    hint = Signal(str)

    def __init__(self, video: VideoView, controller: PipelineController) -> None:
        super().__init__(video)
        self._video, self._controller = video, controller
        self._hovered: tuple[str, int] = ("", -1)
        self._listens = self._hinted = False
        video.hovered.connect(self._hover)
        controller.explain.heated.connect(self._follow)
        controller.explain.changed.connect(self._follow)

    def _follow(self) -> None:
        listens = self._controller.explain.keep_heat
        if listens == self._listens:
            return
        self._listens = listens
        if listens:
            self._video.installEventFilter(self)
            self._hint()
        else:
            self._video.removeEventFilter(self)

    def _hint(self) -> None:
        """Once: nobody would try to click on a box."""
        detects = any(model.task != "classify" for model in self._controller.running.values())
        if detects and not self._hinted:
            self._hinted = True
            self.hint.emit(tr("Click a box to see what speaks for it."))

    def _hover(self, model: str, row: int) -> None:
        self._hovered = (model, row)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            isinstance(event, QMouseEvent)
            and event.type() == QEvent.Type.MouseButtonPress
            and event.button() == Qt.MouseButton.LeftButton
            and self._hovered[1] >= 0
        ):
            ask_for_box(self._controller, *self._hovered)
        return False  # the picture hears it too
