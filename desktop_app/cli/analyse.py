"""`regard analyse`: every frame of videos through a model, kept; then where the classes asked for are to be seen."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from typing import Any

from desktop_app.cli.fetch_bar import FetchBar
from desktop_app.core.analysis import Analysis, AnalysisTask, Interval, Way, analysis_path
from desktop_app.core.model import ModelInfo, Placement
from desktop_app.core.progress import Progress
from desktop_app.errors import AppError
from desktop_app.i18n import tr


def add_arguments(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    from desktop_app.cli.run import DEFAULT_MODEL, _at_least_one, _fraction, _iou

    parser = commands.add_parser(
        "analyse",
        help=tr("analyse whole videos, keep the results, find classes in them"),
        description=tr(
            "Recognises every frame that was not recognised before and keeps the results, as “Analyse all” in the "
            "window does. With --classes: prints where these are to be seen, else how often each class is."
        ),
    )
    parser.add_argument("sources", nargs="+", metavar="VIDEO")
    parser.add_argument("--model", default=DEFAULT_MODEL, metavar="KEY", help=tr("a key of “regard models”"))
    parser.add_argument("--classes", metavar="NAME,…", help=tr("find these classes"))
    parser.add_argument("--conf", type=_fraction, default=0.25, help=tr("least confidence (0.25)"))
    parser.add_argument("--top", type=_at_least_one, default=5, help=tr("a classifier's class is among so many (5)"))
    parser.add_argument("--iou", type=_iou, default=None, metavar="auto|N", help=tr("overlap limit of boxes (auto)"))
    parser.add_argument("--format", choices=("text", "jsonl"), default="text")
    parser.add_argument("--engine", choices=("auto", "openvino", "torch"), default="auto")
    parser.add_argument("--device", default="auto", help="auto|cpu|cuda:0|mps|xpu|gpu|npu")
    parser.add_argument("--precision", choices=("auto", "fp32", "fp16", "bf16", "int8"), default="auto")
    parser.set_defaults(answer=run)


def run(options: argparse.Namespace) -> int:
    """Answers `regard analyse`. Ctrl+C keeps what was done; the next call goes on there."""
    from desktop_app.cli import INTERRUPTED, tell
    from desktop_app.cli.models import find
    from desktop_app.cli.run import class_ids
    from desktop_app.models import catalog

    info = find(options.model)
    wanted = class_ids(options.classes, [catalog.class_names(info)]) if options.classes else None
    stop = threading.Event()
    before = signal.signal(signal.SIGINT, lambda *_: stop.set())
    failed = False
    try:
        for spec in options.sources:
            try:
                _analyse(spec, info, options, stop)
                if not stop.is_set():
                    _print(spec, _found(spec, info, options), wanted, options)
            except (AppError, OSError) as error:
                failed = True
                tell(error if isinstance(error, AppError) else AppError(f"{spec}: {error.strerror or error}"))
            if stop.is_set():
                return INTERRUPTED
    finally:
        signal.signal(signal.SIGINT, before)
    return int(failed)


def _way(info: ModelInfo, options: argparse.Namespace) -> Way:
    return Way.of(info, options.precision, options.iou)


def _analyse(spec: str, info: ModelInfo, options: argparse.Namespace, stop: threading.Event) -> None:
    from desktop_app.models import loading
    from desktop_app.recogniser.analysing import Analysing, analyse

    placement, fetch, bar = Placement(options.engine, options.device, options.precision), FetchBar(), _Bar(spec)
    model = Analysing(
        info,
        _way(info, options),
        lambda cancel: loading.load_model(info, placement, fetch, cancel, _notice, use="video"),
    )
    try:
        analyse(AnalysisTask(spec, iou=options.iou), [model], bar, stop)
    finally:
        bar.close()


def _notice(message: str, hint: str) -> None:
    print(f"regard: {message} {hint}".rstrip(), file=sys.stderr)


def _found(spec: str, info: ModelInfo, options: argparse.Namespace) -> Analysis:
    from desktop_app.sources.local import local_path

    return Analysis(analysis_path(local_path(spec), _way(info, options)))


def _print(spec: str, analysis: Analysis, wanted: tuple[int, ...] | None, options: argparse.Namespace) -> None:
    names = analysis.head.names
    if wanted is None:
        for class_id, frames in analysis.classes(options.conf, options.top):
            row = {"source": spec, "model": analysis.head.model, "class_id": class_id, "label": names[class_id]}
            _row({**row, "frames": frames}, f"{spec}: {names[class_id]} {frames}/{len(analysis.done)}", options)
        return
    for class_id in wanted:
        for hit in analysis.find([class_id], options.conf, options.top):
            _row(_record(spec, analysis, class_id, hit), _sentence(spec, names[class_id], hit), options)


def _record(spec: str, analysis: Analysis, class_id: int, hit: Interval) -> dict[str, Any]:
    return {
        "source": spec,
        "model": analysis.head.model,
        "class_id": class_id,
        "label": analysis.head.names[class_id],
        "frames": [hit.first, hit.last],
        "time_s": [round(hit.start, 6), round(hit.end, 6)],
        "best_frame": hit.best,
        "confidence": round(hit.confidence, 4),
    }


def _sentence(spec: str, label: str, hit: Interval) -> str:
    return f"{spec}: {label} {_clock(hit.start)}–{_clock(hit.end)} ({hit.first}–{hit.last}) {hit.confidence:.2f}"


def _clock(seconds: float) -> str:
    return f"{int(seconds // 60):02}:{seconds % 60:05.2f}"


def _row(row: dict[str, Any], text: str, options: argparse.Namespace) -> None:
    from desktop_app.core.records import json_line

    print(json_line(row) if options.format == "jsonl" else text)


class _Bar:
    """How far it is, on a terminal only."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._bar: Any = None
        self._task: Any = None

    def __call__(self, progress: Progress) -> None:
        if not sys.stderr.isatty() or not progress.total:
            return
        if self._bar is None:
            from rich.console import Console
            from rich.progress import MofNCompleteColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            columns = (*Bar.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
            self._bar = Bar(*columns, console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task(self._title, total=progress.total)
            self._bar.start()
        self._bar.update(self._task, completed=progress.done)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.stop()
