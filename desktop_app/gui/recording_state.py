"""What the window knows of a recording: whether one runs, how long, and how it ended."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.recogniser import messages as recogniser
from desktop_app.recogniser.client import Client
from desktop_app.recording import messages as m
from desktop_app.recording.client import RecorderClient, RecorderProcess

POLL_MS = 200
FINISHES_WITHIN = 3.0
"""Seconds for the recorder when the program ends; afterwards the file ends where it is."""

Stage = Literal["off", "recording", "finishing"]


class RecordingState(QObject):
    """One recording at a time. `seconds`: how long it is; live, the time since it was asked for."""

    changed = Signal()
    """The stage is another one."""
    ticked = Signal()
    """Five times a second while it records."""
    done = Signal(object)
    """The recorder's `Done`."""

    def __init__(self, client: Client, parent: QObject) -> None:
        super().__init__(parent)
        self._client = client
        self.make_recorder: Callable[[], RecorderClient] = RecorderProcess
        self.stage: Stage = "off"
        self.path = ""
        self.progress: m.Progress | None = None
        self._recorder: RecorderClient | None = None
        self._began_at = self._ended_at = 0.0
        self._is_file = False
        self._clock = QTimer(self, interval=POLL_MS)
        self._clock.timeout.connect(self.poll)

    @property
    def runs(self) -> bool:
        """Something is being recorded or made whole."""
        return self.stage != "off"

    @property
    def seconds(self) -> float:
        if not self.runs:
            return 0.0
        if self._is_file:
            return 0.0 if self.progress is None else self.progress.milliseconds / 1000
        return (self._ended_at or time.perf_counter()) - self._began_at

    def start(self, job: m.Job) -> None:
        self._began_at, self._ended_at = job.began_at, 0.0
        self._is_file = job.is_file
        self.path, self.progress = job.path, None
        self._recorder = self.make_recorder()
        self._recorder.start(job)
        self._client.send(recogniser.StartRecording(job.began_at))
        self._clock.start()
        self._set_stage("recording")

    def stop(self) -> None:
        """Makes the files whole; `done` tells when they are."""
        if self.stage != "recording" or self._recorder is None:
            return
        self._ended_at = time.perf_counter()
        self._client.send(recogniser.StopRecording(self._ended_at))
        self._recorder.send(m.Finish(self._ended_at))
        self._set_stage("finishing")

    def set_look(self, look: m.Look) -> None:
        """What is drawn follows the screen."""
        if self._recorder is not None:
            self._recorder.send(look)

    def end(self) -> None:
        """The program ends: the files are made whole first. Waits."""
        self.stop()
        if self._recorder is not None:
            self._clock.stop()
            self._recorder.stop(FINISHES_WITHIN)
            self._recorder = None
            self._set_stage("off")

    def on_feed(self, event: recogniser.FeedReady) -> None:
        """From the recogniser, also from one that was started again."""
        if self._recorder is not None:
            self._recorder.send(m.Call(event.address, event.key))

    def poll(self) -> None:
        if self._recorder is None:
            return
        for message in self._recorder.poll():
            if isinstance(message, m.Progress):
                self.progress = message
                self.path = message.path
            elif isinstance(message, m.Done):
                self._over(message)
                return
        self.ticked.emit()

    def _over(self, message: m.Done) -> None:
        recorder, self._recorder = self._recorder, None
        self._clock.stop()
        if self.stage == "recording":
            self._client.send(recogniser.StopRecording(time.perf_counter()))
        if recorder is not None:
            # It has said all; the window need not wait until its process is gone.
            threading.Thread(target=recorder.stop, args=(FINISHES_WITHIN,), name="recorder ends").start()
        self._set_stage("off")
        self.done.emit(message)

    def _set_stage(self, stage: Stage) -> None:
        self.stage = stage
        self.changed.emit()
