"""`regard bench`: how fast this machine is, stage by stage, and what to use for a rate."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from desktop_app.core.bench import (
    ENGINES,
    STAGES,
    Measured,
    Recommendation,
    Setup,
    plain,
    recommend,
    restless,
    sentence,
)
from desktop_app.core.frame import Bgr
from desktop_app.core.model import ModelInfo, Placement
from desktop_app.core.records import json_line
from desktop_app.core.results import Result
from desktop_app.errors import AppError
from desktop_app.i18n import tr

_SECONDS = (0.1, 600.0)


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value <= 1000:
        raise ValueError
    return value


def _seconds(text: str) -> float:
    value = float(text)
    if not _SECONDS[0] <= value <= _SECONDS[1]:
        raise ValueError
    return value


_positive.__name__ = "number above 0"
_seconds.__name__ = "number between 0.1 and 600"


def add_arguments(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "bench",
        help=tr("measure how fast models run here"),
        description=tr("Measures each stage, for every engine, device and precision of this machine, and recommends."),
    )
    parser.add_argument("--model", metavar="KEY[,KEY…]", help=tr("models to measure (all that are on this machine)"))
    parser.add_argument("--source", default="demo:", metavar="SOURCE", help=tr("where the frames come from (demo:)"))
    parser.add_argument("--fps", type=_positive, default=30.0, help=tr("the rate to recommend for (30)"))
    parser.add_argument("--engine", choices=("auto", "openvino", "torch"), default="auto")
    parser.add_argument("--device", default="auto", help="auto|cpu|cuda:0|mps|xpu|gpu|npu")
    parser.add_argument("--precision", choices=("auto", "fp32", "fp16", "bf16", "int8"), default="auto")
    parser.add_argument("--seconds", type=_seconds, default=3.0, help=tr("time for each of them (3)"))
    parser.add_argument("--format", choices=("text", "jsonl"), default="text")
    parser.set_defaults(answer=bench)


class _Gathering:
    """Implements `bench_job.Listener`."""

    def __init__(self) -> None:
        self.rows: dict[Setup, Measured] = {}
        self.failed_setups = False
        self._shown = False

    def progress(self, done: int, total: int, what: str, setup: Setup | None) -> None:
        if not sys.stderr.isatty():
            return
        self.clear()
        if what == "done":
            return
        # Not translated stage by stage: the name of what is measured says enough.
        text = tr("measuring") if setup is None else setup.title()
        print(f"{100 * done // max(1, total):3} %  {text}", end="", file=sys.stderr, flush=True)
        self._shown = True

    def clear(self) -> None:
        """Takes the line of progress away."""
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
            self._shown = False

    def row(self, row: Measured) -> None:
        self.rows[row.setup] = row

    def failed(self, setup: Setup, error: AppError) -> None:
        from desktop_app.cli import tell

        self.clear()
        self.failed_setups = True
        self.rows.pop(setup, None)
        tell(AppError(f"{setup.title()}: {error.message}", error.hint))

    def sample(self, bgr: Bgr, result: Result, names: tuple[str, ...]) -> None:
        """Drawing is timed in the rounds here."""


def bench(options: argparse.Namespace) -> int:
    """Answers `regard bench`. 1 where something asked for could not be measured."""
    from desktop_app.cli import INTERRUPTED
    from desktop_app.models import bench as machine
    from desktop_app.recogniser.bench_job import measure
    from desktop_app.render.annotate import ensure_gui
    from desktop_app.render.drawing_time import drawing_ms

    infos, missing = _models(options.model)
    wanted = Placement(options.engine, options.device, options.precision)
    available = machine.spots()
    setups = machine.setups(infos, available, wanted)
    if not setups:
        raise _nothing(available)
    ensure_gui()
    gathered = _Gathering()
    status = int(missing)
    try:
        measure(options.source, machine.groups(setups, infos), options.seconds, gathered, drawing_ms)
        status |= int(gathered.failed_setups)
    except KeyboardInterrupt:
        status = INTERRUPTED
    finally:
        gathered.clear()
    rows = [gathered.rows[setup] for setup in setups if setup in gathered.rows]
    _print(rows, recommend(rows, options.fps), options)
    _remember(rows)
    return status


def _models(keys: str | None) -> tuple[list[ModelInfo], bool]:
    """What to measure, and whether something that was asked for is not on this machine. Nothing is fetched."""
    from desktop_app.cli import tell
    from desktop_app.cli.models import find
    from desktop_app.models import store
    from desktop_app.recogniser.bench_job import ready_models

    if keys is None:
        infos = ready_models()
        if not infos:
            raise AppError(
                tr("No model is on this machine yet."), tr("Type: regard models fetch yolov3-tiny efficientnet-lite0")
            )
        return infos, False
    asked = [find(key.strip()) for key in dict.fromkeys(keys.split(","))]
    infos = [info for info in asked if store.is_ready(info)]
    absent = [info for info in asked if info not in infos]
    for info in absent:
        tell(
            AppError(
                tr("{key} is not on this machine.", key=info.key),
                tr("Type: regard models fetch {key}", key=info.key),
            )
        )
    if not infos:
        raise AppError(tr("There is nothing to measure."))
    return infos, bool(absent)


def _nothing(available: Sequence[Any]) -> AppError:
    from desktop_app.cli import UsageError

    there = "; ".join(f"{spot.engine}, {spot.device}: {', '.join(spot.precisions)}" for spot in available)
    return UsageError(
        tr("Nothing on this machine is as asked for."), tr("There is {spots}; int8 after Turbo.", spots=there)
    )


def _remember(rows: Sequence[Measured]) -> None:
    """The window shows these times beside the models."""
    from desktop_app.gui.speed_memory import Place, SpeedMemory

    memory = SpeedMemory()
    for row in rows:
        memory.measured(Place(row.setup.model, row.setup.engine, row.setup.device, row.setup.precision), row.model_ms)
    memory.save()


# --- what is printed ------------------------------------------------------------------------------------------------


def json_row(row: Measured, source: str) -> dict[str, Any]:
    setup = row.setup
    return {
        "model": setup.model,
        "task": row.task,
        "engine": setup.engine,
        "device": setup.device,
        "precision": setup.precision,
        "input": list(row.input_size),
        "source": source,
        "frames": row.frames,
        "ms": {stage: round(row.ms[stage], 3) for stage in STAGES if stage in row.ms},
        "spread_ms": {stage: round(row.spread[stage], 3) for stage in STAGES if stage in row.spread},
        "live_fps": round(row.live_fps, 2),
        "file_fps": None if row.file_fps is None else round(row.file_fps, 2),
        "in_flight": row.in_flight,
    }


def json_recommendation(found: Sequence[Recommendation], fps: float) -> dict[str, Any]:
    return {
        "recommendation": [
            {
                "task": r.row.task,
                "model": r.row.setup.model,
                "engine": r.row.setup.engine,
                "device": r.row.setup.device,
                "precision": r.row.setup.precision,
                "live_fps": round(r.row.live_fps, 2),
                "holds": r.holds,
                "text": sentence(r),
            }
            for r in found
        ],
        "fps": fps,
    }


def _print(rows: Sequence[Measured], found: Sequence[Recommendation], options: argparse.Namespace) -> None:
    if options.format == "jsonl":
        from desktop_app.sources import describe

        source = describe(options.source) if "://" in options.source else options.source
        for row in rows:
            print(json_line(json_row(row, source)))
        print(json_line(json_recommendation(found, options.fps)))
        return
    if not rows:
        return
    for line in table(rows, {r.row.setup for r in found if r.holds}):
        print(line)
    print()
    for recommendation in found:
        print(sentence(recommendation))
    if restless(rows):
        print(tr("The times vary: other programs are busy. Measured again in a quiet moment they tell more."))
    print(
        tr(
            "Milliseconds a frame, medians; ± half the distance of the quartiles. live: one frame after the other, all "
            "but the wait for the source. files: several at once, without drawing. Marked: the most accurate that "
            "holds the rate with 10 % to spare."
        )
    )


def table(rows: Sequence[Measured], best: set[Setup]) -> list[str]:
    """Lines of aligned columns, the first of them the heading; `best` are marked."""
    heading = ["", tr("model"), tr("engine"), tr("device"), tr("precision"), tr("input")]
    heading += [tr("grab"), tr("decode"), tr("prepare"), tr("network"), "±", tr("read"), tr("draw")]
    heading += [tr("live/s"), tr("files/s")]
    lines = [heading, *(_cells(row, row.setup in best) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heading))]
    words = 5  # columns of words stand left, numbers right
    return [
        "  ".join(
            cell.ljust(width) if column < words else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]


def _cells(row: Measured, best: bool) -> list[str]:
    setup = row.setup
    cells = ["→" if best else "", setup.model, ENGINES[setup.engine], setup.device_title, setup.precision]
    cells.append("{}×{}".format(*row.input_size))
    for stage in STAGES:
        cells.append(plain(row.ms[stage], 1) if stage in row.ms else "–")
        if stage == "forward":
            cells.append(plain(row.spread[stage], 1) if stage in row.spread else "–")
    cells.append(plain(row.live_fps, 1))
    cells.append("–" if row.file_fps is None else plain(row.file_fps, 1))
    return cells
