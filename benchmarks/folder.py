"""8. A folder of 1,000 photographs, classified by Regard and by the usual loops of timm and torchvision."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks import checkpoints, media, paths
from benchmarks.contest import Contestant, Turn, alternate, enter_all, raw
from benchmarks.options import Options
from benchmarks.report import Row
from benchmarks.statistics import median, ratio

MODELS = {"efficientnet-lite0": "timm", "resnet50": "torchvision"}
FOLDERS, EACH = 10, 100


def command(folder: Path, key: str) -> tuple[float, int]:
    """Wall time of `regard run FOLDER…`, and how many photographs it answered for."""
    begun = time.perf_counter()
    folders = sorted(str(path) for path in folder.iterdir())
    done = subprocess.run(
        [sys.executable, "-m", "desktop_app", "run", *folders, "--model", key, "--format", "jsonl"],
        env={**os.environ, **paths.ENVIRONMENT},
        cwd=paths.ROOT,
        check=True,
        capture_output=True,
    )
    return time.perf_counter() - begun, done.stdout.count(b"\n")


def _rounds(key: str, library: str, folders: list[Path], rounds: int) -> dict[str, Turn]:
    """Each round is another folder, the same for everybody."""
    with ExitStack() as stack:
        contestants = (
            ("regard", Contestant("regard_pipeline", "--models", key)),
            ("loop", Contestant("folder_loop", "--model", key)),
        )
        running, failed = enter_all(stack, contestants)
        if failed:
            raise RuntimeError(str(failed))
        turns = {
            "regard": Turn(f"{key}, regard", running["regard"], {"skip": 0}),
            "loop": Turn(f"{key}, {library} loop", running["loop"], {"loader": False}),
            "loader": Turn(f"{key}, {library} with DataLoader", running["loop"], {"loader": True}),
        }
        for number in range(rounds):
            for turn in turns.values():
                turn.arguments["source"] = str(folders[number % len(folders)])
            alternate(list(turns.values()), 1)
    return turns


def measure(options: Options) -> tuple[list[Row], dict[str, Any]]:
    checkpoints.ensure("resnet50")
    folders = media.folders(FOLDERS, EACH)
    small = media.folders(2, 40) if options.quick else folders
    rows: list[Row] = []
    figures: dict[str, Any] = {}
    for key, library in MODELS.items():
        turns = _rounds(key, library, small, options.rounds)
        ours = turns["regard"]
        # Wall time, so that reading the first photographs counts as it does for the others.
        rates = [answer["frames"] / answer["seconds"] for answer in ours.answers]
        for name, title in (("loop", f"{library} loop"), ("loader", f"{library} loop with DataLoader")):
            peer = turns[name].values()
            note = f"{median(peer):.1f} photographs/s"
            rows.append(Row(f"{key}, folder ÷ {title}", ratio(rates, peer), must=2.0, aim=4.0, note=note))
        note = f"network {median(ours.values('forward_ms')):.1f} ms, {ours.answers[-1]['precision']}"
        rows.append(Row(f"{key}, folder", median(rates), "photographs/s", note=note))
        figures[key] = raw(list(turns.values()))
        if not options.quick:
            took, count = command(folders[0].parent, key)
            rows.append(Row(f"{key}, regard run on {count} photographs, whole command", took, "s"))
            figures[key]["command"] = [{"seconds": took, "photographs": count}]
    return rows, figures
