"""The process that analyses a video beside the window and the recogniser: what is watched goes first.

It ends when the window closes the pipe; what was found until then is kept.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import traceback
from multiprocessing.connection import Connection

from desktop_app.core.progress import Progress, ReportProgress
from desktop_app.errors import AppError
from desktop_app.i18n import set_language, tr
from desktop_app.recogniser import analysis_wire as wire
from desktop_app.recogniser.analysing import Analysing, analyse
from desktop_app.recogniser.environment import secure_environment

NICENESS = 17


def main(commands: Connection, events: Connection, language: str) -> None:
    """Entry of the spawned process. Of `commands` it reads the job, and then only that it ends: the cancel."""
    secure_environment()
    set_language(language)
    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    job = wire.decode_job(commands.recv_bytes())
    stop = threading.Event()

    def listen() -> None:
        with contextlib.suppress(EOFError, OSError):
            commands.recv_bytes()
        stop.set()

    threading.Thread(target=listen, name="inlet", daemon=True).start()

    def send(event: wire.Event) -> None:
        with contextlib.suppress(OSError):  # the window is gone; the inlet hears it too
            events.send_bytes(wire.encode(event))

    def report(progress: Progress) -> None:
        send(wire.Working(progress))

    try:
        frames = analyse(job.task, [_model(key, job, report) for key in job.models], report, stop)
        send(wire.Done(frames, stop.is_set()))
    except AppError as error:
        send(wire.Failed(error.message, error.hint))
    except OSError as error:
        reason = error.strerror or str(error)
        send(
            wire.Failed(
                tr("What was found cannot be written: {reason}.", reason=reason), tr("Free some space, then go on.")
            )
        )
    except Exception as error:
        send(wire.Failed(f"{type(error).__name__}: {error}", "", traceback.format_exc()))
    events.close()
    os._exit(0)  # a thread that sits in a decoder would hold it up


def _model(key: str, job: wire.Job, report: ReportProgress) -> Analysing:
    from desktop_app.core.analysis import Way
    from desktop_app.models import catalog, loading

    info = catalog.find(key)
    task = job.task
    way = Way.of(info, job.placement.precision, task.iou, task.rotation, task.mirror)
    return Analysing(
        info,
        way,
        lambda cancel: loading.load_model(info, job.placement, report, cancel, lambda *_: None, use="video"),
    )
