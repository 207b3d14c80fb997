"""6. Live: how old picture and result are on the screen, frames that were dropped, and how late the event loop is."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from benchmarks import checkpoints
from benchmarks.contest import Contestant
from benchmarks.display import display
from benchmarks.options import Options
from benchmarks.report import Row

SOURCE = "demo:?fps=30"
NOISE = 2.0
"""Milliseconds that two medians of the same thing may differ by."""


def _spread(values: dict[str, float], *names: str) -> str:
    return ", ".join(f"{name} {values[name]:.1f}" for name in names)


def rows_of(answer: dict[str, Any], title: str) -> list[Row]:
    result, picture, forward = answer["result"], answer["picture"], answer["forward_ms"]
    note = f"{_spread(result, 'p50', 'p95')} ms, network {forward:.1f}, {' and '.join(answer['inputs'])}"
    return [
        Row(f"{title}: age of the result, p95, less the network", result["p95"] - forward, "ms", 60, 25, True, note),
        Row(f"{title}: age of the picture, p95", picture["p95"], "ms", note=f"p50 {picture['p50']:.1f}"),
        Row(f"{title}: age of the result at any painting, p95", answer["result_at_any_painting"]["p95"], "ms"),
        Row(f"{title}: frames that the model did not see", answer["dropped"] / answer["lasted"], "a second"),
        Row(f"{title}: recognised", answer["recognised"], "frames/s", note=f"shown {answer['shown']:.1f}"),
    ]


def measure(options: Options) -> tuple[list[Row], dict[str, Any]]:
    checkpoints.ensure("vgg19")
    long, short = options.live_seconds, min(options.live_seconds, options.seconds(30.0))
    with ExitStack() as stack:
        screen = stack.enter_context(display())
        window = stack.enter_context(Contestant("regard_window", "--models", "yolov3-tiny", environment=screen))

        def live(seconds: float, *models: str) -> dict[str, Any]:
            answer = window.go(seconds + 240, action="live", source=SOURCE, seconds=seconds, models=list(models))
            return {**answer, "lasted": seconds}

        tiny = live(long, "yolov3-tiny")
        heavy = live(short, "vgg19")
    return [
        *rows_of(tiny, "yolov3-tiny"),
        Row(
            f"growth of the age over {long:.0f} s",
            tiny["growth"],
            "ms",
            must=NOISE,
            aim=NOISE,
            at_most=True,
            note=f"0 but for the noise of {NOISE:.0f} ms",
        ),
        Row(
            "event loop late, p99.9, yolov3-tiny",
            tiny["late"]["p99.9"],
            "ms",
            note=_spread(tiny["late"], "p50", "p99", "max"),
        ),
        Row(
            "event loop late, p99.9, VGG19",
            heavy["late"]["p99.9"],
            "ms",
            33.0,
            16.0,
            True,
            _spread(heavy["late"], "p50", "p99", "max"),
        ),
        Row("VGG19: recognised", heavy["recognised"], "frames/s", note=f"shown {heavy['shown']:.1f}"),
        Row("VGG19: age of the picture, p95", heavy["picture"]["p95"], "ms"),
    ], {"yolov3-tiny": tiny, "vgg19": heavy}
