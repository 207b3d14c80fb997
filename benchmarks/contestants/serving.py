"""The contestant's side of `benchmarks.contest`: one line of JSON in, one line of JSON out."""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from typing import IO, Any


def cpu_seconds() -> float:
    """Of this process and those that it started and that still run."""
    import psutil

    total = 0.0
    me = psutil.Process()
    for process in (me, *me.children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


def take_stdout() -> IO[str]:
    """Answers go where standard output went; what libraries print goes to standard error from now on."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def say(answers: IO[str], what: dict[str, Any]) -> None:
    answers.write(json.dumps(what) + "\n")
    answers.flush()


def timed(go: Callable[..., dict[str, Any]], line: str) -> dict[str, Any]:
    """What `go` measured when it was called with the arguments in `line`, the seconds that it took and the processor
    seconds that were spent."""
    cpu, begun = cpu_seconds(), time.perf_counter()
    measured = go(**json.loads(line))
    took = time.perf_counter() - begun
    return {**measured, "seconds": took, "cpu": cpu_seconds() - cpu}


def serve(answers: IO[str], facts: dict[str, Any], go: Callable[..., dict[str, Any]]) -> None:
    """Says `facts` when all is loaded, then answers each line."""
    say(answers, facts)
    try:
        for line in sys.stdin:
            say(answers, timed(go, line))
    except Exception:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)  # threads of engines that still run would hide the reason
