"""1. The limit: what the bare engine reaches on a ready tensor, in each of its modes."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from benchmarks import checkpoints
from benchmarks.contest import Contestant, Turn, alternate, raw
from benchmarks.contestants.bare import MODES
from benchmarks.options import Options
from benchmarks.report import Row
from benchmarks.statistics import median

MODELS = ("yolov3-tiny", "yolo26n")


def bare(key: str) -> Contestant:
    """The engine alone, with the network that Regard runs."""
    height, width = checkpoints.SIDES[key]
    return Contestant("bare", "--network", str(checkpoints.network_file(key)), "--shape", str(height), str(width))


def turns_of(contestant: Contestant, precision: str, seconds: float) -> list[Turn]:
    """A turn for each mode."""
    return [
        Turn(f"bare {mode} {precision}", contestant, {"mode": mode, "precision": precision, "seconds": seconds})
        for mode in MODES
    ]


def best(turns: list[Turn]) -> Turn:
    """The mode with the highest median."""
    return max(turns, key=lambda turn: median(turn.values()))


def measure(options: Options) -> tuple[list[Row], dict[str, Any]]:
    checkpoints.ensure(*MODELS)
    rows, figures = [], {}
    for key in MODELS:
        with ExitStack() as stack:
            # So that its network is converted; it has nothing to do here.
            with Contestant("regard_pipeline", "--models", key):
                pass
            contestant = stack.enter_context(bare(key))
            by_precision = {
                precision: turns_of(contestant, precision, options.seconds(2.0))
                for precision in contestant.facts["precisions"]
            }
            turns = [turn for group in by_precision.values() for turn in group]
            alternate(turns, options.rounds)
        for precision, group in by_precision.items():
            mode = best(group)
            note = f"best mode: {mode.arguments['mode']}"
            rows.append(Row(f"{key}, bare engine, {precision}", median(mode.values()), "frames/s", note=note))
        figures[key] = raw(turns)
    return rows, figures
