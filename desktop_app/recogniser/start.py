"""Main of the recogniser process.

The window names `main` as what its child runs, and so imports this file: all else is imported over there, after the
environment is set.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import threading
from multiprocessing.connection import Connection

NICENESS = 15
"""At 5 the window's event loop waited longer for its core while a network ran: 29 to 40 ms instead of 8 to 31 (99.9th
percentile, three rounds in turns)."""


def _import_ahead() -> None:
    """What every start needs a moment later: it comes in while the window is still being built."""
    from desktop_app.models.engines.silent_openvino import openvino

    openvino()


def main(commands: Connection, events: Connection, ring_prefix: str, trace_path: str) -> None:
    """Entry of the spawned process. `trace_path`: where a native crash writes its stack."""
    from desktop_app.recogniser.environment import secure_environment

    secure_environment()
    from desktop_app.recogniser.memory import keep_pictures, share_pools

    share_pools()
    keep_pictures()
    threading.Thread(target=_import_ahead, name="import ahead", daemon=True).start()
    for name in ("SIGINT", "SIGTERM"):
        # Ctrl+C in a terminal reaches both processes; the window decides and says Shutdown.
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    if hasattr(os, "nice"):
        # A network takes every core it gets; the window must still answer at once.
        os.nice(NICENESS)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - lives as long as the process
    trace = open(trace_path, "w", encoding="utf-8")  # noqa: SIM115 - faulthandler needs it open
    faulthandler.enable(trace)
    from desktop_app.recogniser.child import Child

    Child(commands, events, ring_prefix).run()
    # Threads that sit in a driver or in torch abort the interpreter's own shutdown.
    os._exit(0)
