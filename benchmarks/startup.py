"""5. Start-up: from the start of the process to the first painted window and the first labelled frame, second start."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks import checkpoints, media, paths
from benchmarks.display import display
from benchmarks.options import Options
from benchmarks.report import Row
from benchmarks.statistics import median, ratio

PATIENCE = 90.0


@contextmanager
def labelled(screen: dict[str, str], module: str, *arguments: str) -> Iterator[tuple[int, dict[str, float]]]:
    """A program that has just shown its first label: its process id, and the seconds from its start to each of its
    marks. It ends with the block."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", f"benchmarks.contestants.{module}", *arguments],
        env={**os.environ, **paths.ENVIRONMENT, **screen},
        cwd=paths.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    marks: dict[str, float] = {}
    try:
        while "label" not in marks:
            left = begun + PATIENCE - time.perf_counter()
            ready, _, _ = select.select([process.stdout], [], [], max(0.0, left))
            line = process.stdout.readline() if ready else b""
            if not line:
                raise TimeoutError(f"{module} came to {', '.join(marks) or 'nothing'} and no further")
            told = json.loads(line)
            marks[told["mark"]] = told["at"] - begun
            marks[f"{told['mark']}, processor"] = told["cpu"]
        yield process.pid, marks
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def start(screen: dict[str, str], module: str, *arguments: str) -> dict[str, float]:
    """The marks alone."""
    with labelled(screen, module, *arguments) as (_, marks):
        return marks


def measure(options: Options) -> tuple[list[Row], dict[str, Any]]:
    checkpoints.ensure("yolo26n")
    peer_arguments = (str(checkpoints.checkpoint("yolo26n")), str(media.photographs()[0]))
    (paths.cache() / "config" / "settings.json").unlink(missing_ok=True)  # as a new user has it
    with display() as screen:
        start(screen, "regard_start", "demo:")  # converts the network and fills the caches of the disk
        start(screen, "peer_start", *peer_arguments)
        ours, peers = [], []
        for number in range(max(3, options.rounds)):
            ours.append(start(screen, "regard_start", "demo:"))
            peers.append(start(screen, "peer_start", *peer_arguments))
            told = [f"{who[-1]['window']:.2f} and {who[-1]['label']:.2f} s" for who in (ours, peers)]
            print(f"  start {number + 1}: regard {told[0]}, peer {told[1]}", file=sys.stderr, flush=True)

    def times(of: list[dict[str, float]], name: str) -> list[float]:
        return [marks[name] for marks in of]

    rows = [
        Row(
            "window painted ÷ that of the peer",
            ratio(times(ours, "window"), times(peers, "window")),
            must=0.15,
            aim=0.08,
            at_most=True,
        ),
        Row("window painted", median(times(ours, "window")), "s", note=f"peer {median(times(peers, 'window')):.2f} s"),
        Row("window with all its parts ÷ that of the peer", ratio(times(ours, "complete"), times(peers, "window"))),
        Row("window with all its parts", median(times(ours, "complete")), "s"),
        Row(
            "processor time until then ÷ that of the peer",
            ratio(times(ours, "window, processor"), times(peers, "window, processor")),
            note=f"{median(times(ours, 'window, processor')):.2f} s, without the recogniser",
        ),
        Row("first picture of the demo", median(times(ours, "picture")), "s"),
        Row("first labelled frame", median(times(ours, "label")), "s", must=3.0, aim=1.5, at_most=True),
        Row("first labelled picture of the peer", median(times(peers, "label")), "s"),
    ]
    return rows, {"regard": ours, "peer": peers}
