"""9. How cost grows: with models at once, with the size of the picture, with the number of boxes."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from benchmarks import checkpoints, media
from benchmarks.contest import Contestant, Turn, alternate, raw
from benchmarks.display import display
from benchmarks.options import Options
from benchmarks.report import Row
from benchmarks.statistics import beyond_share, median

TEAMS: tuple[tuple[str, ...], ...] = (
    ("yolov3-tiny",),
    ("yolov3-tiny", "efficientnet-lite0"),
    ("yolov3-tiny", "efficientnet-lite0", "yolo26n", "resnet50"),
)
FAST = "demo:?fps=120"
"""A camera faster than the models, so that each takes what it can get."""
BOXES = (1, 100, 1000)


def _models(options: Options) -> tuple[list[Row], list[Turn]]:
    with ExitStack() as stack:
        turns = []
        for team in TEAMS:
            contestant = stack.enter_context(Contestant("regard_pipeline", "--models", ",".join(team)))
            arguments = {"source": FAST, "live_seconds": options.seconds(6.0)}
            turns.append(Turn(f"{len(team)} models", contestant, arguments))
        alternate(turns, options.rounds)
    alone = turns[0].values()
    rows = [Row("1 model at once: the first's rate", median(alone), "frames/s")]
    for team, turn in zip(TEAMS[1:], turns[1:], strict=True):
        beside = turn.values()
        fall = median([beyond_share(a, b, len(team)) for a, b in zip(alone, beside, strict=True)]) * 100
        second = len(team) == 2
        must, aim = (10.0, 3.0) if second else (None, None)
        what = f"{len(team)} models at once: fall of the first's rate beyond its share of the cores"
        rows.append(Row(what, fall, "%", must, aim, at_most=True, note=f"{median(beside):.1f} frames/s"))
        others = {key: median([answer["rates"].get(key, 0.0) for answer in turn.answers]) for key in team[1:]}
        rows += [Row(f"{len(team)} models at once: {key}", rate, "frames/s") for key, rate in others.items()]
    return rows, turns


def _sizes(options: Options) -> tuple[list[Row], list[Turn]]:
    frames = options.frames // 3
    videos = {name: str(media.video(name, frames)) for name in media.SIZES}
    with Contestant("regard_pipeline", "--models", "yolov3-tiny") as contestant:
        contestant.go(source=videos["480p"])
        turns = [Turn(name, contestant, {"source": video, "skip": 10}) for name, video in videos.items()]
        alternate(turns, options.rounds)
    base = median(turns[1].values())
    rows = []
    for turn in turns:
        rate, cpu = median(turn.values()), median(turn.values("cpu")) / frames * 1e3
        note = f"{rate / base:.2f} of 720p, {cpu:.1f} ms of processor time a frame"
        rows.append(Row(f"{turn.name} file", rate, "frames/s", note=note))
    return rows, turns


def _boxes(options: Options) -> tuple[list[Row], list[Turn]]:
    with ExitStack() as stack:
        screen = stack.enter_context(display())
        contestant = stack.enter_context(Contestant("boxes", environment=screen))
        contestant.go(count=10, times=10)
        times = 20 if options.quick else 60
        turns = [Turn(f"{count} boxes", contestant, {"count": count, "times": times}) for count in BOXES]
        alternate(turns, options.rounds)
    rows = [
        Row(
            f"{turn.name}, painted on 720p",
            median(turn.values("ms")),
            "ms",
            note=f"p95 {median(turn.values('p95')):.1f}",
        )
        for turn in turns
    ]
    return rows, turns


def measure(options: Options) -> tuple[list[Row], dict[str, Any]]:
    checkpoints.ensure("yolo26n", "resnet50")
    rows: list[Row] = []
    figures: dict[str, Any] = {}
    for part in (_models, _sizes, _boxes):
        found, turns = part(options)
        rows += found
        figures.update(raw(turns))
    return rows, figures
