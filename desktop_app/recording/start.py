"""Main of the recorder's process. The window names `main` as what it runs; all else is imported over there."""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
from multiprocessing.connection import Connection

NICENESS = 10
"""Before the networks of the recogniser (15), which take every core they get: a frame must not wait for its turn until
there is no room for the next. Behind the window."""


def main(orders: Connection, events: Connection, trace_path: str) -> None:
    """`trace_path`: where a native crash writes its stack."""
    for name in ("SIGINT", "SIGTERM"):
        # Ctrl+C in a terminal reaches all processes; the window decides, and its end is heard through the pipe.
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - lives as long as the process
    trace = open(trace_path, "w", encoding="utf-8")  # noqa: SIM115 - faulthandler needs it open
    faulthandler.enable(trace)
    from desktop_app.recording.recorder import Recorder

    Recorder(orders, events).run()
    # Nothing is left to tidy up, and Qt without windows needs no goodbye.
    os._exit(0)
