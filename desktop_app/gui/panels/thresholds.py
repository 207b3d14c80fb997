"""The left panel of what is shown of a result. Everything acts at once, on a paused picture too."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from desktop_app.core.model import ModelInfo
from desktop_app.gui import texts
from desktop_app.gui.class_filter import ClassFilter
from desktop_app.gui.commands import Commands
from desktop_app.gui.session import Session
from desktop_app.gui.widgets import LabelledSlider, PanelTitle
from desktop_app.i18n import tr
from desktop_app.models.catalog import class_names
from desktop_app.settings import Settings

# The overlap limits of the makers, shown while the user has not chosen one.
MAKERS_IOU = {"yolov3-tiny": 0.45}
ULTRALYTICS_IOU = 0.7


class ThresholdsPanel(QWidget):
    def __init__(self, session: Session, commands: Commands, title: PanelTitle) -> None:
        super().__init__()
        self._controller, self._preferences = session.controller, session.preferences
        self._title = title
        self._reset = title.add_button("arrow-counter-clockwise", "", self.reset)
        two = _decimals(2)
        self.confidence = LabelledSlider("", 0.01, 0.99, 0.01, two)
        self.iou = LabelledSlider("", 0.05, 0.95, 0.01, two)
        self.classes = ClassFilter()
        self.top_k = LabelledSlider("", 1, 10, 1, _decimals(0))
        self.smooth = LabelledSlider("", 0.0, 2.0, 0.1, lambda value: f"{texts.number(value, 1)}\u00a0s")
        self.confidence.value_changed.connect(lambda value: self._preferences.change(confidence=round(value, 2)))
        self.iou.value_changed.connect(lambda value: self._preferences.change(iou=round(value, 2)))
        self.top_k.value_changed.connect(lambda value: self._preferences.change(top_k=round(value)))
        self.smooth.value_changed.connect(lambda value: self._preferences.change(smooth_seconds=round(value, 1)))
        self.classes.changed.connect(self._filter_classes)
        self._field = QWidget()
        field = QHBoxLayout(self._field)
        field.setContentsMargins(14, 4, 14, 4)
        field.addWidget(self.classes)
        self._content = QWidget()
        layout = QVBoxLayout(self._content)
        layout.setContentsMargins(0, 0, 0, 8)
        layout.setSpacing(2)
        for part in (self.confidence, self.iou, self._field, self.top_k, self.smooth):
            layout.addWidget(part)
        layout.addStretch()
        # With two kinds of model on a low window there is not room for all of it.
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(self._content)
        for surface in (self._content, scroll.viewport()):
            surface.setAutoFillBackground(False)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._preferences.changed.connect(lambda _: self.show_values())
        self._controller.models_changed.connect(self._show_parts)
        texts.follow_language(self, self._retext)

    def _retext(self) -> None:
        self._reset.set_text(tr("Back to the defaults"))
        self.confidence.set_name(tr("Confidence"))
        self.iou.set_name(tr("Overlap (IoU)"))
        self.top_k.set_name(tr("Show top"))
        self.smooth.set_name(tr("Smooth over"))
        self._show_parts()

    def _tasks(self) -> set[str]:
        return {info.task for info in self._infos()}

    def _infos(self) -> list[ModelInfo]:
        """Of what runs; before the first runs, of what is asked for."""
        keys = tuple(self._controller.running) or self._controller.asked
        return [info for key in keys if (info := self._controller.model_info(key)) is not None]

    def _show_parts(self) -> None:
        tasks = self._tasks()
        boxes = bool(tasks - {"classify"}) or not tasks
        classes = "classify" in tasks
        for part, shown in (
            (self.confidence, boxes),
            (self.iou, boxes),
            (self._field, boxes),
            (self.top_k, classes),
            (self.smooth, classes),
        ):
            part.setVisible(shown)
        self._title.set_title(tr("Thresholds") if boxes else tr("Display"))
        self.setMaximumHeight(max(40, self._content.sizeHint().height()))
        self.setMinimumHeight(min(self.maximumHeight(), max(96, round(0.25 * self.window().height()))))
        self.show_values()

    def show_values(self) -> None:
        values: Settings = self._preferences.values
        self.confidence.set_value(values.confidence)
        self.iou.set_value(values.iou if values.iou is not None else self._makers_iou())
        self.top_k.set_value(values.top_k)
        self.smooth.set_value(values.smooth_seconds)
        detectors = [model for model in self._controller.running.values() if model.task != "classify"]
        if detectors:
            names = detectors[0].names
        else:
            coming = [info for info in self._infos() if info.task != "classify" and info.labels]
            names = class_names(coming[0]) if coming else ()
        self.classes.set_classes(names, self._controller.thresholds.classes)

    def _makers_iou(self) -> float:
        keys = tuple(self._controller.running) or self._controller.asked
        return next((MAKERS_IOU[key] for key in keys if key in MAKERS_IOU), ULTRALYTICS_IOU)

    def _filter_classes(self, kept: tuple[int, ...] | None) -> None:
        self._controller.set_thresholds(dataclasses.replace(self._controller.thresholds, classes=kept))

    def reset(self) -> None:
        defaults = Settings()
        self._preferences.change(
            confidence=defaults.confidence,
            iou=defaults.iou,
            top_k=defaults.top_k,
            smooth_seconds=defaults.smooth_seconds,
        )
        self._filter_classes(None)
        self.show_values()


def _decimals(count: int) -> Callable[[float], str]:
    return lambda value: texts.number(value, count)
