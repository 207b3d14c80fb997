"""The card over the stage while a camera or address opens: what is waited for, how long already, and the way out."""

from __future__ import annotations

import time

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from desktop_app.gui import texts
from desktop_app.gui.describe import opening_title
from desktop_app.gui.pipeline_controller import PipelineController
from desktop_app.gui.signal_card import StageCard
from desktop_app.gui.widgets import button
from desktop_app.i18n import tr

AFTER = 0.4
"""Seconds: what opens sooner needs no card."""
GIVE_UP = 20.0
"""Seconds for a camera, whose driver may hang for ever; the recogniser itself gives up much earlier where it can."""


class OpeningCard(StageCard):
    """Shows itself while the controller opens something that may take its time."""

    def __init__(self, stage: QWidget, controller: PipelineController) -> None:
        self._controller = controller
        self._specs: tuple[str, ...] = ()
        self._since = 0.0
        self._cancel = button()
        super().__init__(stage, "hourglass", "accent", [self._cancel])
        self._cancel.clicked.connect(lambda: controller.cancel_opening())  # noqa: PLW0108  (without "checked")
        self._look = QTimer(self, interval=100)
        self._look.timeout.connect(self._show_state)
        controller.source_changed.connect(self._source_changed)
        texts.follow_language(self, self._retranslate)

    def _retranslate(self) -> None:
        self._cancel.setText(tr("Cancel"))
        self._show_text()

    def _source_changed(self) -> None:
        specs = self._controller.opening
        if specs == self._specs:
            return
        self._specs, self._since = specs, time.perf_counter()
        waits = len(specs) == 1 and specs[0].startswith(("camera:", "http://", "https://", "rtsp://", "rtsps://"))
        if waits:
            self._look.start()
        else:
            self._look.stop()
        self.hide()

    def _show_state(self) -> None:
        waited = time.perf_counter() - self._since
        camera = self._specs[0].startswith("camera:")
        if camera and waited > GIVE_UP:
            name = opening_title(self._controller.cameras, self._specs[0])
            self._controller.cancel_opening(
                tr("“{name}” does not answer.", name=name),
                tr("Unplug it and plug it in again, or close other programs that may use it."),
            )
        elif waited > AFTER:
            self._show_text()
            if self.isHidden():
                self.appear()

    def _show_text(self) -> None:
        if not self._specs:
            return
        spec, waited = self._specs[0], time.perf_counter() - self._since
        title = tr("Opening {name}", name=opening_title(self._controller.cameras, spec))
        what = tr("Waiting for its first picture") if spec.startswith("camera:") else tr("Waiting for an answer")
        self.set_texts(title, f"{what} · {texts.duration(int(waited))}")
