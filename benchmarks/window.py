"""3. Regard in the window, against the limit: a file at eight times its speed, so that the program sets the pace."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from benchmarks import checkpoints, media
from benchmarks.contest import Contestant, Turn, alternate, raw
from benchmarks.display import display
from benchmarks.limit import MODELS, bare, best, turns_of
from benchmarks.options import Options
from benchmarks.report import Row
from benchmarks.statistics import median, ratio


def measure(options: Options) -> tuple[list[Row], dict[str, Any]]:
    checkpoints.ensure(*MODELS)
    video = str(media.video("720p", options.frames))
    rows, figures = [], {}
    for key in MODELS:
        with ExitStack() as stack:
            with Contestant("regard_pipeline", "--models", key) as regard:
                warm = regard.go(source=video)  # tells the precision that Regard takes for a file
            screen = stack.enter_context(display())
            window = stack.enter_context(Contestant("regard_window", "--models", key, environment=screen))
            window.go(action="file", source=str(media.video("720p", 30)), skip=0)
            limit = stack.enter_context(bare(key))
            modes = turns_of(limit, warm["precision"], options.seconds(3.0))
            shown = Turn("window", window, {"action": "file", "source": video})
            alternate([*modes, shown], options.rounds)
        top = best(modes)
        rate = median(shown.values())
        rows += [
            Row(f"{key}, window ÷ limit", ratio(shown.values(), top.values()), must=0.75, aim=0.90),
            Row(f"{key}, recognised in the window", rate, "frames/s", note=f"limit {median(top.values()):.1f}"),
            Row(f"{key}, … as the window itself says", median(shown.values("own_number")), "frames/s"),
            Row(f"{key}, shown", median(shown.values("shown")), "frames/s"),
            Row(f"{key}, painting", median(shown.values("paint_ms")), "ms"),
        ]
        figures[key] = raw([*modes, shown])
    return rows, figures
