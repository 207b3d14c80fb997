"""`regard models turbo`: an int8 network of a model, calibrated on frames of the user's own."""

from __future__ import annotations

import argparse
import json
import sys
import threading
from dataclasses import asdict
from typing import Any

from desktop_app.core.turbo import FEWEST, USUAL, TurboReport, TurboStage, frames_needed, stage_text
from desktop_app.i18n import tr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("key", metavar="KEY")
    parser.add_argument(
        "--frames",
        nargs="+",
        default=[],
        metavar="SOURCE",
        help=tr("cameras, videos, pictures and folders to learn from"),
    )
    parser.add_argument("--count", type=int, default=USUAL, metavar="N", help=tr("frames to learn from (128)"))
    parser.add_argument("--conf", type=float, default=0.25, metavar="P", help=tr("least confidence of a box"))
    parser.add_argument("--remove", action="store_true", help=tr("remove the int8 network"))
    parser.add_argument("--job", action="store_true", help=argparse.SUPPRESS)
    parser.set_defaults(answer=answer)


def answer(options: argparse.Namespace) -> int:
    from desktop_app.cli import UsageError
    from desktop_app.cli.models import find

    info = find(options.key)
    if options.remove:
        return _remove(info.key, options.format)
    if options.count < FEWEST:
        raise UsageError(tr("--count must be {least} at least.", least=FEWEST))
    if options.job:
        from desktop_app.recogniser.turbo_process import serve

        return serve(info, options.frames, options.count, options.conf)
    if not options.frames:
        raise UsageError(
            tr("Name frames to learn from: --frames SOURCE…"), tr("A camera, a video or a folder of your own pictures.")
        )
    from desktop_app.models.turbo_making import make
    from desktop_app.recogniser.turbo_frames import frames_of

    frames = frames_of(options.frames, frames_needed(options.count), threading.Event())
    bar = _Bar()
    try:
        report = make(info, frames, options.count, options.conf, bar)
    finally:
        bar.close()
    if options.format == "jsonl":
        print(json.dumps(asdict(report), ensure_ascii=False))
    else:
        print(f"{info.key}: {sentence(report)}")
        if report.close is False:
            print(tr("That is little: compare both on your own pictures before you rely on int8."), file=sys.stderr)
    return 0


def _remove(key: str, form: str) -> int:
    from desktop_app.models import turbo

    removed = turbo.remove(key)
    if form == "jsonl":
        print(json.dumps({"key": key, "removed": removed}))
    elif removed:
        print(tr("The int8 network of {key} was removed.", key=key))
    else:
        print(tr("{key} has no int8 network.", key=key))
    return 0


def sentence(report: TurboReport) -> str:
    """What was measured, for people."""
    said = report.agreement
    if said.share is None:
        agrees = tr("nothing was found on the {frames} frames held back, so nothing can be said", frames=said.frames)
    elif report.task == "classify":
        agrees = tr(
            "int8 names the same class on {share} % of {frames} frames",
            share=f"{100 * said.share:.1f}",
            frames=said.frames,
        )
    else:
        agrees = tr(
            "int8 finds {share} % of {boxes} boxes again on {frames} frames (F1)",
            share=f"{100 * said.share:.1f}",
            boxes=said.boxes,
            frames=said.frames,
        )
    full, quick = report.ms.get(report.usual), report.ms.get("int8")
    if full is None or quick is None:
        return f"{agrees}."
    speed = tr(
        "{quick} ms a frame instead of {full} ms ({precision})",
        quick=f"{quick:.1f}",
        full=f"{full:.1f}",
        precision=report.usual,
    )
    return f"{agrees}; {speed}."


class _Bar:
    """How far it is, on a terminal only."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._task: Any = None
        self._stage: TurboStage | None = None

    def __call__(self, stage: TurboStage, done: int, total: int) -> None:
        if not sys.stderr.isatty():
            return
        if self._bar is None:
            from rich.console import Console
            from rich.progress import Progress

            self._bar = Progress(console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task("", total=None)
            self._bar.start()
        if stage != self._stage:
            self._stage = stage
            self._bar.reset(self._task, description=stage_text(stage))
        self._bar.update(self._task, completed=done, total=total or None)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.stop()
