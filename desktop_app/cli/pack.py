"""`regard models pack`: the PyTorch pack of a bundle, installed once and removed at will."""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
from dataclasses import asdict
from typing import Any

from desktop_app.core.progress import Progress
from desktop_app.errors import AppError
from desktop_app.i18n import tr
from desktop_app.models import pytorch

BUILDS = ("auto", "cpu", "cuda", "mps")
ORPHANED = 70
"""Exit status of a job whose owner is gone."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", nargs="?", choices=("status", "install", "remove"), default="status")
    parser.add_argument("--build", choices=BUILDS, default="auto", help=tr("for which processor"))
    parser.add_argument("--yes", action="store_true", help=tr("do not ask"))
    parser.add_argument("--job", action="store_true", help=argparse.SUPPRESS)
    parser.set_defaults(answer=answer)


def answer(options: argparse.Namespace) -> int:
    if options.job:
        return _serve(options)
    if options.action == "remove":
        return _remove(options)
    if options.action == "install":
        return _install(options)
    found = state(threading.Event())
    print(json.dumps(found) if options.format == "jsonl" else "\n".join(_lines(found)))
    return 0


def state(cancel: threading.Event) -> dict[str, Any]:
    """What is installed and what could be: `installed` (the pack's card and folder, or null), `there` (torch can be
    imported, from wherever), `offers` (build, torch, bytes to fetch, bytes on the disk), `message` and `hint` where
    there are none."""
    from desktop_app.models import pytorch_pack

    pack = pytorch.active_pack()
    found: dict[str, Any] = {
        "installed": None if pack is None else {**pack[1], "folder": str(pack[0])},
        "there": pytorch.is_there(),
        "bundle": pytorch.is_bundle(),
        "offers": [],
    }
    if not pytorch.is_bundle():
        return found
    try:
        offers = pytorch_pack.reachable(cancel)
    except AppError as error:
        return {**found, "message": error.message, "hint": error.hint}
    found["offers"] = [
        {"build": each.kind, "torch": each.torch, "fetch_bytes": each.to_fetch, "disk_bytes": each.on_disk}
        for each in offers
    ]
    return found


def _gigabytes(size: float) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"


def build_name(kind: str) -> str:
    names = {
        "cpu": tr("for every processor"),
        "cuda": tr("for NVIDIA cards (CUDA) and for processors"),
        "mps": tr("for Apple’s GPU (MPS)"),
    }
    return names.get(kind, kind)


def _lines(found: dict[str, Any]) -> list[str]:
    if not found["bundle"]:
        text = tr("PyTorch belongs to this installation.") if found["there"] else tr("PyTorch is not installed.")
        return [text]
    lines = []
    pack = found["installed"]
    if pack is not None:
        lines.append(
            tr(
                "Installed: PyTorch {version}, {build}, {size}, in {folder}.",
                version=pack["torch"],
                build=build_name(pack["build"]),
                size=_gigabytes(pack["bytes"]),
                folder=pack["folder"],
            )
        )
    elif found["there"]:
        lines.append(tr("PyTorch belongs to this installation."))
    else:
        lines.append(tr("The PyTorch pack is not installed."))
    lines += [_offer_line(each) for each in found["offers"]]
    lines += [f"{found['message']} {found['hint']}".strip()] if "message" in found else []
    return lines


def _offer_line(offer: dict[str, Any]) -> str:
    return tr(
        "Can be had: PyTorch {version}, {build}: {fetch} to fetch, {disk} on the disk.",
        version=offer["torch"],
        build=build_name(offer["build"]),
        fetch=_gigabytes(offer["fetch_bytes"]),
        disk=_gigabytes(offer["disk_bytes"]),
    )


def _chosen(kind: str, cancel: threading.Event) -> Any:
    from desktop_app.cli import UsageError
    from desktop_app.models import pytorch_pack

    if not pytorch.is_bundle():
        raise UsageError(
            tr("The pack is for Regard as a bundle; this one belongs to a Python that has pip."),
            tr("Install it with: pip install {name}", name="torch torchvision timm ultralytics"),
        )
    offers = pytorch_pack.reachable(cancel)
    fitting = [each for each in offers if kind in ("auto", each.kind)]
    if not fitting:
        there = ", ".join(each.kind for each in offers)
        raise UsageError(tr("There is no build “{build}” to be had here, but: {builds}.", build=kind, builds=there))
    return fitting[0]


def _install(options: argparse.Namespace) -> int:
    from desktop_app.cli.fetch_bar import FetchBar
    from desktop_app.models import pytorch_pack

    cancel = threading.Event()
    build = _chosen(options.build, cancel)
    offer = {"build": build.kind, "torch": build.torch, "fetch_bytes": build.to_fetch, "disk_bytes": build.on_disk}
    print(_offer_line(offer), file=sys.stderr)
    if not options.yes and sys.stdin is not None and sys.stdin.isatty():
        print(tr("Install it? [y/N] "), end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip().lower() not in ("y", "yes", "o", "oui"):
            return 1
    folder = pytorch_pack.install(build, FetchBar(), cancel)
    if options.format == "jsonl":
        print(json.dumps({"folder": str(folder), **(pytorch.card_of(folder) or {})}))
    else:
        print(tr("PyTorch is installed in {folder}.", folder=folder))
    return 0


def _remove(options: argparse.Namespace) -> int:
    from desktop_app.models import pytorch_pack

    removed = pytorch_pack.remove()
    if options.format == "jsonl":
        print(json.dumps({"removed": removed}))
    else:
        print(tr("The PyTorch pack was removed.") if removed else tr("The PyTorch pack is not installed."))
    return 0


def _serve(options: argparse.Namespace) -> int:
    """For the window: one JSON object a line; ends when its standard input does, which is how it is cancelled."""
    from desktop_app.models import pytorch_pack

    cancel = threading.Event()

    def watch() -> None:
        while sys.stdin.buffer.read(1):
            pass
        cancel.set()

    threading.Thread(target=watch, name="owner", daemon=True).start()

    def tell(line: dict[str, Any]) -> None:
        try:
            print(json.dumps(line), flush=True)
        except OSError:
            os._exit(ORPHANED)

    def report(progress: Progress) -> None:
        tell({"progress": asdict(progress)})

    try:
        if options.action == "install":
            pytorch_pack.install(_chosen(options.build, cancel), report, cancel)
        elif options.action == "remove":
            pytorch_pack.remove()
        tell({"state": state(cancel)})
    except AppError as error:
        tell({"message": error.message, "hint": error.hint, "cancelled": cancel.is_set()})
        return 1
    return 0
