"""Whether the latency of a network camera grows: `python -m benchmarks.live_latency [--minutes 10] [--rtsp]`.

A camera on loopback sends numbered frames at an exact rate; the real recogniser shows them while a network runs. Each
line tells, of ten seconds, how much later than in the first ten frames reach the shared memory of the window. RTSP
needs GStreamer’s server for the system’s Python.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from desktop_app.core.model import Placement
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.client import RecogniserClient
from tests.sources import corpus
from tests.sources.fault_server import FaultServer

COUNT, FPS = 1000, 25.0
WINDOW = 10.0


@contextlib.contextmanager
def _rtsp(jpegs: list[bytes]) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        for number, jpeg in enumerate(jpegs):
            (Path(folder) / f"{number:04}.jpg").write_bytes(jpeg)
        script = str(Path(__file__).parent.parent / "tests" / "sources" / "gst_rtsp.py")
        command = ["/usr/bin/python3", script, "0", "none", "--frames", folder]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                yield f"rtsp://127.0.0.1:{process.stdout.readline().split()[1]}/live"
            finally:
                process.kill()


def _offsets(client: RecogniserClient, seconds: float) -> Iterator[tuple[float, float]]:
    """For each picture that reaches the window: when, and how late against a camera that sent frame 0 at 0."""
    start, last, turns = time.perf_counter(), -1, 0
    while (now := time.perf_counter()) - start < seconds:
        client.poll()
        picture = client.newest_frame()
        if picture is None:
            time.sleep(0.002)
            continue
        number = corpus.number_of(picture.pixels[:, :, :3])
        turns += number < last - COUNT // 2
        last = number
        yield now - start, now - (turns * COUNT + number) / FPS


def run(arguments: argparse.Namespace) -> None:
    jpegs = corpus.jpegs(COUNT)
    client = RecogniserClient()
    client.start()
    client.send(m.SetView(1280, 960))
    client.send(m.SetModels(1, ("yolov3-tiny",), Placement()))
    with contextlib.ExitStack() as stack:
        stack.callback(client.stop)
        if arguments.rtsp:
            url = stack.enter_context(_rtsp(jpegs))
        else:
            url = stack.enter_context(FaultServer(jpegs, fps=FPS)).url("paced")
        client.send(m.OpenSource(1, (url,)))
        first, windows = None, 0
        batch: list[float] = []
        for at, offset in _offsets(client, 60 * arguments.minutes + 5):
            batch.append(offset)
            if at < (windows + 1) * WINDOW:
                continue
            windows += 1
            middle, late = statistics.median(batch), sorted(batch)[int(0.95 * len(batch))]
            first = middle if first is None else first
            print(
                f"{at:6.0f} s  {len(batch):4} pictures  median {1e3 * (middle - first):+7.1f} ms against the first "
                f"10 s, 95 % within {1e3 * (late - middle):5.1f} ms of it"
            )
            sys.stdout.flush()
            batch = []


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--rtsp", action="store_true")
    run(parser.parse_args())
