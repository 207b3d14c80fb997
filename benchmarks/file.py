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


def measure(options: Options) -> tuple[list[Row], dict[str, Any]]:
    checkpoints.ensure(*MODELS)
    video, single = str(media.video("720p", options.frames)), str(media.video("720p", 1))
    rows, figures = [], {}
    for key in MODELS:
        with ExitStack() as stack:
            regard = stack.enter_context(Contestant("regard_pipeline", "--models", key))
            warm = regard.go(source=video)
            limit = stack.enter_context(bare(key))
            # By precision, not by name: what Regard chose for the file is what the limit runs in.
            modes = turns_of(limit, warm["precision"], options.seconds(3.0))
            ours = Turn("regard", regard, {"source": video})
            alternate([*modes, ours], options.rounds)
        top = best(modes)
        note = f"{warm['precision']}, {warm['input_size'][0]}×{warm['input_size'][1]}, limit: {top.arguments['mode']}"
        whole = [command_seconds(video, key, options.frames) for _ in range(options.rounds)]
        start = [command_seconds(single, key, 1) for _ in range(options.rounds)]
        rows += [
            Row(f"{key}, file ÷ limit", ratio(ours.values(), top.values()), must=0.90, aim=0.97, note=note),
            Row(f"{key}, limit", median(top.values()), "frames/s"),
            Row(f"{key}, file", median(ours.values()), "frames/s", note=f"{warm['boxes']:.1f} boxes a frame"),
            Row(f"{key}, regard run, whole command", options.frames / median(whole), "frames/s"),
            Row(f"{key}, regard run, one frame", median(start), "s"),
            Row(
                f"{key}, processor time a frame",
                median(ours.values("cpu")) / options.frames * 1e3,
                "ms",
                note=f"limit: {median([a['cpu'] / a['frames'] for a in top.answers]) * 1e3:.1f}",
            ),
        ]
        figures[key] = {**raw([*modes, ours]), "command_seconds": whole, "command_of_one_frame_seconds": start}
    return rows, figures
