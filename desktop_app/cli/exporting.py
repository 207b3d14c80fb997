"""`--export`: what is recognised becomes a data set, or is added to one."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop_app.core.frame import Frame
from desktop_app.core.model import ModelInfo
from desktop_app.core.source import SourceInfo
from desktop_app.errors import AppError
from desktop_app.exporting.formats import DATA_SETS, find_format
from desktop_app.exporting.item import PICTURE_MODES, ExportItem, ExportJob, ExportReport
from desktop_app.i18n import tr

if TYPE_CHECKING:
    from desktop_app.exporting.export import Export


def _percent(text: str) -> float:
    value = float(text)
    if not 0 <= value < 100:
        raise ValueError
    return value / 100


_percent.__name__ = "percentage below 100"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(tr("data sets"))
    group.add_argument("--export", choices=DATA_SETS, help=tr("write a data set of what is recognised"))
    group.add_argument(
        "--export-dir", type=Path, metavar="DIR", help=tr("a new folder for it, or that of an earlier export to add to")
    )
    group.add_argument(
        "--export-pictures", choices=PICTURE_MODES, default="copy", help=tr("how the pictures get there (copy)")
    )
    group.add_argument(
        "--export-val", type=_percent, default=0.0, metavar="PERCENT", help=tr("share of the validation part (0)")
    )
    group.add_argument("--export-seed", type=int, default=0, metavar="N", help=tr("draws that part (0)"))
    group.add_argument("--export-conf", type=float, default=0.0, metavar="P", help=tr("least confidence there (0)"))
    group.add_argument("--export-skip-empty", action="store_true", help=tr("leave out pictures without boxes"))


class Exporter:
    """One data set a model whose results the format can hold."""

    def __init__(self, options: argparse.Namespace, models: Sequence[tuple[ModelInfo, tuple[str, ...]]]) -> None:
        """Raises `UsageError` where no model fits or no folder is named, `AppError` where the folder cannot be had."""
        from desktop_app.cli import UsageError
        from desktop_app.exporting.export import open_export

        if options.export_dir is None:
            raise UsageError(tr("--export needs a folder."), tr("Name one with --export-dir."))
        tasks = find_format(options.export).tasks
        fitting = [(info, names) for info, names in models if info.task in tasks]
        if not fitting:
            raise UsageError(
                tr("The results of {model} do not fit into {format}.", model=models[0][0].key, format=options.export),
                tr("Data sets of boxes: yolo, coco, voc, labelme; of classes: imagefolder, labelme."),
            )
        self._made: dict[str, Export] = {}
        try:
            for info, names in fitting:
                folder = options.export_dir / info.key if len(fitting) > 1 else options.export_dir
                self._made[info.key] = open_export(_job(options, info, names, folder))
        except AppError:
            self.discard()
            raise
        self._info: SourceInfo | None = None
        self._spec = ""

    def open(self, spec: str, info: SourceInfo) -> None:
        self._spec, self._info = spec, info

    def write(self, frame: Frame, rows: Sequence[dict[str, Any]]) -> list[str]:
        """`rows`: the records of the frame. Returns what is to be told of pictures that could not be taken.

        Raises `AppError` where nothing more can be written.
        """
        assert self._info is not None
        path = frame.path or self._spec
        if self._info.kind in ("image", "images") and frame.path is not None:
            item = ExportItem(tuple(rows), path)
        else:
            number = None if self._info.live else frame.index
            item = ExportItem(tuple(rows), path, number, frame.bgr)
        told = []
        for made in self._made.values():
            before = len(made.report.failed)
            made.add(item)
            told += [f"{name}: {reason}" for name, reason in made.report.failed[before:]]
        return told

    def finish(self) -> None:
        """Makes all of them whole, also after an interruption. Says on standard error what was written.

        Where nothing was recognised nothing is made. Raises `AppError` where that fails.
        """
        made, self._made = self._made, {}
        for each in made.values():
            if not each.report.all_pictures:
                each.discard()
                continue
            print(f"regard: {summary(each.finish())}", file=sys.stderr)

    def discard(self) -> None:
        made, self._made = self._made, {}
        for each in made.values():
            each.discard()


def _job(options: argparse.Namespace, info: ModelInfo, names: tuple[str, ...], folder: Path) -> ExportJob:
    return ExportJob(
        str(folder),
        options.export,
        info.key,
        info.task,
        names,
        least=options.export_conf,
        empty=not options.export_skip_empty,
        pictures=options.export_pictures,
        val_share=options.export_val,
        seed=options.export_seed,
        add=True,
    )


def summary(report: ExportReport) -> str:
    """`dogs: pictures: 120, labels: 310; there already: 3`."""
    parts = [tr("pictures: {pictures}, labels: {labels}", pictures=report.pictures, labels=report.labels)]
    if report.known:
        parts.append(tr("there already: {count}", count=report.known))
    if report.empty:
        parts.append(tr("left out, for nothing was found: {count}", count=report.empty))
    if report.copied:
        parts.append(tr("copied, for they cannot be linked there: {count}", count=report.copied))
    return f"{report.target}: {'; '.join(parts)}"
