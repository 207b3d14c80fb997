"""2. Regard on a file without a window, against the limit; the real command beside it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import ExitStack
from typing import Any

from benchmarks import checkpoints, media, paths
from benchmarks.contest import Contestant, Turn, alternate, raw
from benchmarks.limit import MODELS, bare, best, turns_of
from benchmarks.options import Options
from benchmarks.report import Row
from benchmarks.statistics import median, ratio


def command_seconds(video: str, key: str, frames: int) -> float:
    """Wall time of `regard run` as a user types it, from the start of the process to its end."""
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "desktop_app", "run", video, "--model", key, "--format", "jsonl"],
        env={**os.environ, **paths.ENVIRONMENT},
        cwd=paths.ROOT,
        check=True,
        capture_output=True,
    )
    took = time.perf_counter() - begun
    lines = done.stdout.count(b"\n")
    if lines != frames:
        raise RuntimeError(f"regard run gave {lines} results for {frames} frames")
    return took


def per_frame(turn: Turn) -> float:
    """Median processor time a frame, in milliseconds."""
    return median([answer["cpu"] / answer["frames"] for answer in turn.answers]) * 1e3


def measure(options: Options) -> tuple[list[Row], dict[str, Any]]:
    checkpoints.ensure(*MODELS)
    video, single = str(media.video("720p", options.frames)), str(media.video("720p", 1))
    rows, figures = [], {}
    for key in MODELS:
        with ExitStack() as stack:
            regard = stack.enter_context(Contestant("regard_pipeline", "--models", key))
            exact = stack.enter_context(Contestant("regard_pipeline", "--models", key, "--precision", "fp32"))
            warm = regard.go(source=video)
            exact.go(source=video)
            limit = stack.enter_context(bare(key))
            decoding = Turn("decoding", stack.enter_context(Contestant("decode")), {"source": video})
            # By precision, not by name: what Regard chose for the file is what the limit runs in.
            modes = turns_of(limit, warm["precision"], options.seconds(3.0))
            modes_exact = turns_of(limit, "fp32", options.seconds(3.0)) if warm["precision"] != "fp32" else modes
            ours = Turn("regard", regard, {"source": video})
            ours_exact = Turn("regard fp32", exact, {"source": video})
            turns = [*modes, ours, *(modes_exact if modes_exact is not modes else ()), ours_exact, decoding]
            alternate(turns, options.rounds)
        top, top_exact = best(modes), best(modes_exact)
        note = f"{warm['precision']}, {warm['input_size'][0]}×{warm['input_size'][1]}, limit: {top.arguments['mode']}"
        whole = [command_seconds(video, key, options.frames) for _ in range(options.rounds)]
        start = [command_seconds(single, key, 1) for _ in range(options.rounds)]
        rows += [
            Row(f"{key}, file ÷ limit", ratio(ours.values(), top.values()), must=0.90, aim=0.97, note=note),
            Row(
                f"{key}, file ÷ limit, both in fp32",
                ratio(ours_exact.values(), top_exact.values()),
                must=0.90,
                aim=0.97,
                note=f"limit: {top_exact.arguments['mode']}",
            ),
            Row(
                f"{key}, file ÷ limit where all but decoding cost nothing",
                per_frame(top) / (per_frame(top) + per_frame(decoding)),
                note=f"decoding takes {per_frame(decoding):.1f} ms of a core a frame, the network {per_frame(top):.1f}",
            ),
            Row(f"{key}, limit", median(top.values()), "frames/s"),
            Row(f"{key}, file", median(ours.values()), "frames/s", note=f"{warm['boxes']:.1f} boxes a frame"),
            Row(f"{key}, regard run, whole command", options.frames / median(whole), "frames/s"),
            Row(f"{key}, regard run, one frame", median(start), "s"),
            Row(
                f"{key}, processor time a frame",
                per_frame(ours),
                "ms",
                note=f"limit: {per_frame(top):.1f}",
            ),
        ]
        figures[key] = {**raw(turns), "command_seconds": whole, "command_of_one_frame_seconds": start}
    return rows, figures
