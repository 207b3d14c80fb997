"""`regard cameras`: names, stable ids, formats, controls."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict

from desktop_app.core.camera import CameraControl, CameraFormat, CameraInfo
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
    if sys.platform != "linux":
        cameras = with_formats(cameras)
    for camera in cameras:
        if options.format == "jsonl":
            print(json.dumps({"source": f"camera:{camera.index}", **asdict(camera)}, ensure_ascii=False))
            continue
        print(f"camera:{camera.index}  {camera.name}  ({camera.stable_id})")
        for line in (*_format_lines(camera.formats), *map(_control_line, camera.controls)):
            print(f"    {line}")
    if not cameras:
        print(
            "regard: "
            + tr("No camera was found. Connect one, or check that no other program and no privacy setting hides it."),
            file=sys.stderr,
        )
    return 0


def _format_lines(formats: tuple[CameraFormat, ...]) -> Iterator[str]:
    for f in formats:
        rates = ", ".join(f"{rate:g}" for rate in f.rates or (f.fps,) if rate) or "?"
        yield f"{f.width}×{f.height}  {f.pixel_format}  {rates} fps"


def _control_line(c: CameraControl) -> str:
    """ "brightness  0 to 255, own 128, now 140": as the driver states it."""
    numbers = tr("own {default}, now {value}", default=c.default, value=c.value)
    if c.kind == "menu":
        return f"{c.key}  {', '.join(f'{value} {name}' for value, name in c.choices)}; {numbers}"
    step = "" if c.step == 1 else f" ({c.step})"
    return f"{c.key}  {tr('{low} to {high}', low=c.low, high=c.high)}{step}; {numbers}"


def with_formats(cameras: tuple[CameraInfo, ...]) -> tuple[CameraInfo, ...]:
    """Where OpenCV's list has none, Qt knows them."""
    from PySide6.QtCore import QCoreApplication
    from PySide6.QtMultimedia import QMediaDevices

    from desktop_app.gui.qt_cameras import qt_cameras
    from desktop_app.sources.cameras import camera_path

    app = QCoreApplication.instance() or QCoreApplication([])
    known = {camera_path(c.stable_id): c.formats for c in qt_cameras(QMediaDevices.videoInputs())}
    del app
    return tuple(dataclasses.replace(c, formats=known.get(camera_path(c.stable_id), c.formats)) for c in cameras)
