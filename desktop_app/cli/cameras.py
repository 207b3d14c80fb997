"""`regard cameras`: names, stable ids, formats."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

from desktop_app.i18n import tr


def add_arguments(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("cameras", help=tr("list the cameras of this machine"))
    parser.add_argument("--format", choices=("text", "jsonl"), default="text")
    parser.add_argument("--screens", action="store_true", help=tr("list the screens and windows instead"))
    parser.set_defaults(answer=list_cameras)


def list_cameras(options: argparse.Namespace) -> int:
    from desktop_app import sources

    if options.screens:
        from desktop_app.cli.screens import list_screens

        list_screens(options.format)
        return 0
    cameras = sources.list_cameras()
    for camera in cameras:
        if options.format == "jsonl":
            print(json.dumps({"source": f"camera:{camera.index}", **asdict(camera)}, ensure_ascii=False))
            continue
        print(f"camera:{camera.index}  {camera.name}  ({camera.stable_id})")
        for f in camera.formats:
            print(f"    {f.width}×{f.height}  {f.fps:g} fps  {f.pixel_format}")
    if not cameras:
        print(
            "regard: "
            + tr("No camera was found. Connect one, or check that no other program and no privacy setting hides it."),
            file=sys.stderr,
        )
    return 0
