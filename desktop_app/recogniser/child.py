"""The recogniser behind its pipes: owns the pipeline, answers commands, tells what happens. `start` brings it up."""

from __future__ import annotations

import os
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from multiprocessing.connection import Connection

from desktop_app import i18n
from desktop_app.core.sleep import SleepWatch
from desktop_app.errors import AppError
from desktop_app.recogniser import address_trial
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.librarian import Librarian
from desktop_app.recogniser.screen_desk import ScreenDesk
from desktop_app.recogniser.session import Session
from desktop_app.recogniser.turbo_job import TurboJobs

HEARTBEAT = 0.5
"""Seconds between two `Stats`."""
ORPHANED = 30.0
"""Seconds without a command (the window pings twice a second) after which the process ends itself."""
STUCK = 10.0
"""Seconds that a capture thread may stay in a driver after it was told to end: twice the longest time limit there."""


class Outbox:
    """Sends events from any thread without making it wait for the pipe. Their order is that of the calls.

    What waits goes as one message: each wakes up the window."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._events: deque[m.Event | None] = deque()
        self._hurry = threading.Semaphore(0)
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)
        self._thread.start()

    def send(self, event: m.Event) -> None:
        self._events.append(event)
        self._hurry.release()

    def send_along(self, event: m.Event) -> None:
        """With the next that is sent, the heartbeat at the latest: each wakes up both processes."""
        self._events.append(event)

    def close(self) -> None:
        self._events.append(None)
        self._hurry.release()
        self._thread.join(0.5)

    def _run(self) -> None:
        ended = False
        while not ended and self._hurry.acquire():
            waiting: list[m.Event] = []
            while self._events and not ended:
                event = self._events.popleft()
                if event is None:
                    ended = True
                else:
                    waiting.append(event)
            try:
                if waiting:
                    self._pipe.send_bytes(m.encode(waiting))
            except OSError:
                return


class Child:
    """Commands in, events out."""

    def __init__(self, commands: Connection, events: Connection, ring_prefix: str) -> None:
        self._commands = commands
        self._outbox = Outbox(events)
        self._send = self._outbox.send
        self._librarian = Librarian(self._send)
        self._session = Session(self._send, self._librarian, ring_prefix, self._outbox.send_along)
        self._turbo = TurboJobs(self._send, self._librarian.turbo_changed)
        self._session.tap = self._turbo.offer
        self._trial = address_trial.AddressTrial(self._send)
        self._heard_at = time.monotonic()
        self._ended = threading.Event()
        self._answers: dict[type[m.Command], Callable[..., None]] = {
            m.OpenSource: self._session.open,
            m.SetAccess: address_trial.set_access,
            m.TryAddress: self._trial.begin,
            m.ListScreens: lambda _: ScreenDesk(self._send).list(),
            m.CloseSource: lambda _: self._session.close(),
            m.SetModels: self._session.set_models,
            m.SetThresholds: lambda c: self._session.set_thresholds(c.thresholds),
            m.ForgetBatch: self._session.batch.forget,
            m.GetThumbnails: self._session.batch.pictures.get_thumbnails,
            m.GetPicture: self._session.batch.pictures.get_picture,
            m.SetOrientation: self._session.set_orientation,
            m.SetSynced: lambda c: self._session.pipeline.set_synced_live(c.synced),
            m.SetPlayback: lambda c: self._session.pipeline.set_playback(c.playback()),
            m.SetView: lambda c: self._session.screen.set_view(c.width, c.height),
            m.GetFrame: self._session.send_frame,
            m.SetTarget: lambda c: self._session.pipeline.set_target(c.fps),
            m.SetTracking: self._session.set_tracking,
            m.Pause: lambda c: self._session.pipeline.pause(c.paused),
            m.Step: lambda c: self._session.pipeline.step(c.frames),
            m.Seek: lambda c: self._session.pipeline.seek(c.frame_index),
            m.RetryNow: lambda _: self._session.retry_now(),
            m.CancelOpen: lambda c: self._session.cancel_open(c.request),
            m.Prepare: self._librarian.prepare,
            m.CancelPrepare: self._librarian.cancel,
            m.ImportModel: self._librarian.import_model,
            m.RemoveModel: self._librarian.remove_model,
            m.SetMirror: self._librarian.set_mirror,
            m.MakeTurbo: self._turbo.make,
            m.CancelTurbo: lambda _: self._turbo.cancel(),
            m.RemoveTurbo: self._turbo.remove,
            m.Explain: self._session.explainer.set,
            **dict.fromkeys(m.TEACHING, self._session.teacher.do),
            m.Compare: self._session.comparer.set,
            m.SetStress: self._session.stress.set,
            m.Sweep: self._session.sweeper.set,
            m.GetSpoiled: self._session.sweeper.get_picture,
            m.Inspect: self._session.pixels.set,
            m.SaveInside: self._session.explainer.save,
            m.StartRecording: self._session.recording.start,
            m.StopRecording: self._session.recording.stop,
            m.ListCameras: lambda _: self._session.cameras.look(),
            m.SetCameras: self._session.set_cameras,
            m.ResetCamera: lambda c: self._session.cameras.reset(c.stable_id),
            m.TellFormats: lambda c: self._session.cameras.tell_formats(c.cameras),
            m.SetLanguage: lambda c: i18n.set_language(c.language),
            m.Ping: lambda _: None,
        }

    def run(self) -> None:
        threading.Thread(target=self._beat, name="heartbeat", daemon=True).start()
        self._send(m.Ready(os.getpid()))
        self._librarian.tell_states()
        self._librarian.tell_devices()
        while True:
            try:
                command = m.decode_command(self._commands.recv_bytes())
            except (EOFError, OSError):
                break  # the window is gone
            self._heard_at = time.monotonic()
            if isinstance(command, m.Shutdown):
                break
            self._answer(command)
        self._ended.set()
        self._turbo.stop()
        self._librarian.stop()
        self._session.stop()
        self._trial.stop()
        self._outbox.close()

    def _answer(self, command: m.Command) -> None:
        try:
            self._answers[type(command)](command)
        except AppError as error:
            self._send(m.Notice(error.message, error.hint))
        except Exception as error:
            self._send(m.Failure(f"{type(error).__name__}: {error}", traceback.format_exc()))

    def _beat(self) -> None:
        watch = SleepWatch()
        while not self._ended.wait(HEARTBEAT):
            if watch.slept():
                self._heard_at = time.monotonic()
                self._session.pipeline.wake()
            stats = self._session.pipeline.stats()
            self._send(
                m.Stats(
                    stats.captured_fps,
                    stats.recognised_fps,
                    stats.dropped,
                    stats.position,
                    _resident_bytes(),
                    stats.silence,
                )
            )
            if time.monotonic() - self._heard_at > ORPHANED or self._session.pipeline.stuck(STUCK):
                os._exit(70)


def _resident_bytes() -> int:
    """Resident memory of this process; 0 where the system does not tell cheaply."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0
