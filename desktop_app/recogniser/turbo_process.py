"""The process that makes an int8 network: a command line of its own, so that cancelling is killing it.

Frames come through standard input where no source is named; one JSON object a line goes to standard output.
Standard input is also the sign of life of whoever started it: where it ends, the process ends.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import IO, Any, TextIO

import msgspec

from desktop_app.core.frame import Bgr
from desktop_app.core.model import ModelInfo
from desktop_app.core.turbo import TurboReport, TurboStage, frames_needed
from desktop_app.errors import AppError
from desktop_app.recogniser.turbo_frames import frames_of, read_frame

NICENESS = 8
ORPHANED = 70
"""Exit status of a process whose owner is gone."""


class _Inlet:
    """Reads frames, and after them the end of the pipe, in a thread."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._frames: queue.Queue[Bgr | None] = queue.Queue(2)
        threading.Thread(target=self._run, name="inlet", daemon=True).start()

    def __iter__(self) -> Iterator[Bgr]:
        while (frame := self._frames.get()) is not None:
            yield frame

    def _run(self) -> None:
        while True:
            try:
                self._frames.put(read_frame(self._pipe))
            except (EOFError, OSError):
                os._exit(ORPHANED)


def _own_output() -> TextIO:
    """Standard output for our lines alone: whatever a library prints goes to standard error."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    return out


def serve(info: ModelInfo, specs: Sequence[str], count: int, confidence: float) -> int:
    """Makes the network and tells how far it is; returns the exit status."""
    from desktop_app.models.turbo_making import make

    out = _own_output()
    if hasattr(os, "nice"):
        os.nice(max(0, NICENESS - os.nice(0)))  # live recognition goes first
    inlet = _Inlet(sys.stdin.buffer)

    def tell(line: dict[str, Any]) -> None:
        try:
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
        except OSError:
            os._exit(ORPHANED)

    def report(stage: TurboStage, done: int, total: int) -> None:
        tell({"stage": stage, "done": done, "total": total})

    frames = frames_of(specs, frames_needed(count), threading.Event()) if specs else iter(inlet)
    try:
        made: TurboReport = make(info, frames, count, confidence, report)
    except AppError as error:
        tell({"message": error.message, "hint": error.hint})
        return 1
    tell({"report": msgspec.to_builtins(made)})
    return 0
