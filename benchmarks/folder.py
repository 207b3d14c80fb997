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
from benchmarks.file import per_frame
from benchmarks.limit import bare
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


def _rounds(key: str, library: str, folders: list[Path], options: Options) -> tuple[dict[str, Turn], Turn]:
    """Each round is another folder, the same for everybody; and the engine alone, in the same precision."""
    with ExitStack() as stack:
        contestants = (
            ("regard", Contestant("regard_pipeline", "--models", key)),
            ("rough", Contestant("regard_pipeline", "--models", key, "--precision", "bf16")),
            ("loop", Contestant("folder_loop", "--model", key)),
            ("decoding", Contestant("decode")),
        )
        running, failed = enter_all(stack, contestants)
        if failed:
            raise RuntimeError(str(failed))
        engine = {"mode": "throughput", "precision": "fp32", "seconds": options.seconds(3.0)}
        limit = Turn(f"{key}, engine alone", stack.enter_context(bare(key)), engine)
        turns = {
            "regard": Turn(f"{key}, regard", running["regard"], {"skip": 0}),
            "rough": Turn(f"{key}, regard bf16", running["rough"], {"skip": 0}),
            "loop": Turn(f"{key}, {library} loop", running["loop"], {"loader": False}),
            "loader": Turn(f"{key}, {library} with DataLoader", running["loop"], {"loader": True}),
            "decoding": Turn(f"{key}, decoding", running["decoding"], {}),
        }
        for number in range(options.rounds):
            for turn in turns.values():
                turn.arguments["source"] = str(folders[number % len(folders)])
            alternate([*turns.values(), limit], 1)
    return turns, limit


def _wall_rates(turn: Turn) -> list[float]:
    """By wall time, so that reading the first photographs counts as it does for the others."""
    return [answer["frames"] / answer["seconds"] for answer in turn.answers]


def measure(options: Options) -> tuple[list[Row], dict[str, Any]]:
    checkpoints.ensure("resnet50")
    folders = media.folders(FOLDERS, EACH)
    small = media.folders(2, 40) if options.quick else folders
    rows: list[Row] = []
    figures: dict[str, Any] = {}
    for key, library in MODELS.items():
        turns, limit = _rounds(key, library, small, options)
        ours = turns["regard"]
        rates = _wall_rates(ours)
        for name, title in (("loop", f"{library} loop"), ("loader", f"{library} loop with DataLoader")):
            peer = turns[name].values()
            note = f"{median(peer):.1f} photographs/s"
            rows.append(Row(f"{key}, folder ÷ {title}", ratio(rates, peer), must=2.0, aim=4.0, note=note))
        note = f"network {median(ours.values('forward_ms')):.1f} ms, {ours.answers[-1]['precision']}"
        rows.append(Row(f"{key}, folder", median(rates), "photographs/s", note=note))
        # What the loop would be surpassed by if nothing had to be read, decoded or resized.
        most = ratio(limit.values(), turns["loop"].values())
        note = f"{median(limit.values()):.1f} pictures/s"
        rows.append(Row(f"{key}, the engine alone ÷ {library} loop", most, note=note))
        # …and with nothing but the decoding beside it: both cores are full, so that takes from the network.
        network, decoding = per_frame(limit), per_frame(turns["decoding"])
        note = f"decoding takes {decoding:.1f} ms of a core a photograph, the network {network:.1f}"
        what = f"{key}, engine and decoding alone ÷ {library} loop"
        rows.append(Row(what, most * network / (network + decoding), note=note))
        rough = turns["rough"]
        if rough.answers[-1]["precision"] == "bf16":
            what = f"{key}, folder with --precision bf16 ÷ {library} loop"
            rows.append(Row(what, ratio(_wall_rates(rough), turns["loop"].values())))
        figures[key] = raw([*turns.values(), limit])
        if not options.quick:
            took, count = command(folders[0].parent, key)
            rows.append(Row(f"{key}, regard run on {count} photographs, whole command", took, "s"))
            figures[key]["command"] = [{"seconds": took, "photographs": count}]
    return rows, figures
