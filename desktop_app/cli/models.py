"""`regard models`: the catalogue, what is on this machine, importing and removing."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from desktop_app.cli import pack, turbo
from desktop_app.core.model import ModelInfo
from desktop_app.errors import AppError, UnknownModel
from desktop_app.i18n import tr


def add_arguments(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("models", help=tr("list, show, fetch, import and remove models"))
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--format", choices=("text", "jsonl"), default=argparse.SUPPRESS)
    parser.add_argument("--format", choices=("text", "jsonl"), default="text")
    parser.set_defaults(answer=list_models)
    actions = parser.add_subparsers(metavar="list|show KEY|fetch KEY…|import FILE|remove KEY…|pack|turbo KEY")
    for name, answer, operand, help_text in (
        ("list", list_models, None, tr("all models")),
        ("show", show, "KEY", tr("what is known of a model")),
        ("fetch", fetch, "KEY", tr("fetch weights")),
        ("import", import_file, "FILE", tr("add a model of your own (ONNX, Ultralytics .pt, .regard)")),
        ("remove", remove, "KEY", tr("remove weights from this machine")),
    ):
        action = actions.add_parser(name, parents=[common], help=help_text)
        if operand is not None:
            action.add_argument("operands", nargs="+" if name in ("fetch", "remove") else 1, metavar=operand)
        action.set_defaults(answer=answer)
    pack.add_arguments(actions.add_parser("pack", parents=[common], help=tr("the PyTorch pack")))
    turbo.add_arguments(actions.add_parser("turbo", parents=[common], help=tr("make a faster int8 copy of a model")))


def _print_rows(rows: Sequence[dict[str, Any]]) -> None:
    for row in rows:
        print(json.dumps(row, ensure_ascii=False))


def _row(info: ModelInfo) -> dict[str, Any]:
    from desktop_app.models import catalog, store

    return {**asdict(info), "ready": store.is_ready(info), "classes": len(catalog.class_names(info))}


def find(key: str) -> ModelInfo:
    """The line of the catalogue; raises `UsageError` with the nearest keys where there is none."""
    from desktop_app.cli import UsageError
    from desktop_app.models import catalog

    try:
        return catalog.find(key)
    except UnknownModel as error:
        raise UsageError(error.message, error.hint) from error


def list_models(options: argparse.Namespace) -> int:
    from desktop_app.models import catalog

    rows = [_row(info) for info in catalog.all_models()]
    if options.format == "jsonl":
        _print_rows(rows)
        return 0
    for row in rows:
        accuracy = "" if row["accuracy"] is None else f"{row['accuracy']:.1f}"
        size = "" if not row["bytes"] else f"{row['bytes'] / 1e6:.0f} MB"
        state = tr("ready") if row["ready"] else size
        print(f"{row['key']:<36} {row['task']:<9} {row['input_size']:>5} {accuracy:>6} {state:>8}")
    return 0


def show(options: argparse.Namespace) -> int:
    from desktop_app.models.turbo import report_of

    info = find(options.operands[0])
    row = _row(info)
    report = report_of(info)
    if options.format == "jsonl":
        _print_rows([{**row, "turbo": None if report is None else asdict(report)}])
        return 0
    row["turbo"] = None if report is None else turbo.sentence(report)
    for name, value in row.items():
        print(f"{name + ':':<14} {'–' if value in ('', None) else value}")
    return 0


def fetch(options: argparse.Namespace) -> int:
    """Every key is tried; the exit status is 1 where one failed."""
    from desktop_app.cli import tell
    from desktop_app.cli.fetch_bar import FetchBar
    from desktop_app.models import store

    failed = False
    for info in [find(key) for key in options.operands]:
        try:
            path = store.ensure(info, FetchBar(), None)
        except AppError as error:
            failed = True
            tell(error)
            continue
        if options.format == "jsonl":
            _print_rows([{"key": info.key, "path": str(path)}])
        else:
            print(f"{info.key}: {path}")
    return int(failed)


def import_file(options: argparse.Namespace) -> int:
    from desktop_app.models import catalog, importing

    info = importing.import_file(Path(options.operands[0]))
    names = catalog.class_names(info)
    if options.format == "jsonl":
        _print_rows(
            [
                {
                    "key": info.key,
                    "title": info.title,
                    "task": info.task,
                    "classes": list(names),
                    "input_size": info.input_size,
                }
            ]
        )
    else:
        print(
            tr(
                "{title} can now be used as “{key}”: {task}, {count} classes, input {size}.",
                title=info.title,
                key=info.key,
                task=info.task,
                count=len(names),
                size=info.input_size,
            )
        )
    return 0


def remove(options: argparse.Namespace) -> int:
    from desktop_app.models import importing, store
    from desktop_app.models.turbo import remove as remove_turbo

    for info in [find(key) for key in options.operands]:
        remove_turbo(info.key)
        if info.origin == "file":
            importing.remove_imported(info.key)
        else:
            store.remove(info)
        if options.format == "jsonl":
            _print_rows([{"key": info.key, "removed": True}])
        else:
            print(tr("{key} was removed.", key=info.key))
    return 0
