"""`regard doctor`: what is installed, what is missing, what to do."""

from __future__ import annotations

import argparse
import ctypes
import importlib.metadata
import os
import platform
import shutil
import sys
from collections.abc import Callable
from ctypes.util import find_library
from pathlib import Path
from typing import Literal

from desktop_app import __version__
from desktop_app.cli import integration
from desktop_app.cli.update import check_update
from desktop_app.errors import AppError
from desktop_app.i18n import tr
from desktop_app.models import pytorch

Level = Literal["ok", "note", "bad"]
Finding = tuple[Level, str, str]
"""How it is, what was looked at, what was found or is to be done."""

_PACKAGES = (
    "PySide6",
    "opencv-python",
    "numpy",
    "pillow",
    "av",
    "openvino",
    "torch",
    "torchvision",
    "timm",
    "ultralytics",
)
_PACK = ("torch", "torchvision", "timm", "ultralytics")
_LIBRARIES = (
    # What Qt's xcb plug-in and OpenCV need: name for the linker, Debian's package.
    ("EGL", "libegl1"),
    ("GL", "libgl1"),
    ("xkbcommon-x11", "libxkbcommon-x11-0"),
    ("xcb-cursor", "libxcb-cursor0"),
    ("xcb-icccm", "libxcb-icccm4"),
    ("xcb-image", "libxcb-image0"),
    ("xcb-keysyms", "libxcb-keysyms1"),
    ("xcb-render-util", "libxcb-render-util0"),
    ("dbus-1", "libdbus-1-3"),
    ("fontconfig", "libfontconfig1"),
    ("glib-2.0", "libglib2.0-0"),
)
_LEAST_FREE = 2 << 30


def add_arguments(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("doctor", help=tr("what is installed, what is missing, what to do"))
    parser.add_argument("--install-desktop-entry", action="store_true", help=tr("put Regard into the desktop’s menu"))
    parser.add_argument("--purge", action="store_true", help=tr("list, then delete all that Regard keeps for you"))
    parser.add_argument("--check-update", action="store_true", help=tr("ask whether there is a newer Regard"))
    parser.add_argument("--format", choices=("text", "jsonl"), default="text")
    parser.add_argument("--yes", action="store_true", help=tr("do not ask"))
    parser.set_defaults(answer=doctor)


def doctor(options: argparse.Namespace) -> int:
    """1 where something that Regard cannot do without is missing."""
    if options.purge:
        return _purge(options.yes)
    if options.install_desktop_entry:
        for path in integration.install_entry():
            print(path)
        return 0
    if options.check_update:
        return check_update(options.format)
    findings: list[Finding] = []
    for check in (_system, _packages, _libraries, _display, _folders, _devices, _models, _cameras):
        try:
            findings += check()
        except AppError as error:
            findings.append(("bad", check.__name__.strip("_"), str(error)))
        except Exception as error:
            findings.append(("bad", check.__name__.strip("_"), f"{type(error).__name__}: {error}"))
    signs = {"ok": "✓", "note": "·", "bad": "✗"}
    for level, what, text in findings:
        print(f"{signs[level]} {what:<22} {text}")
    bad = sum(level == "bad" for level, _, _ in findings)
    print(tr("Everything that is needed is there.") if not bad else tr("{count} things to mend.", count=bad))
    return int(bool(bad))


def _purge(sure: bool) -> int:
    """Lists first; deletes when the user says so."""
    traces = integration.traces()
    places = integration.password_places()
    for path in traces:
        print(f"{integration.size_of(path) / 1e6:10.1f} MB  {path}")
    for place in places:
        print(tr("password of {place}, in the keyring", place=place))
    if not sure:
        print(tr("Delete all this? Pictures and recordings stay. [y/N] "), end="", file=sys.stderr, flush=True)
        if sys.stdin is None or sys.stdin.readline().strip().lower() not in ("y", "yes", "o", "oui"):
            print(tr("Nothing was deleted."), file=sys.stderr)
            return 1
    integration.forget_passwords(places)
    failed = integration.purge(traces)
    for path, reason in failed:
        print(tr("{path} cannot be deleted: {reason}.", path=path, reason=reason), file=sys.stderr)
    if not failed:
        print(tr("Regard has left no trace."))
    return int(bool(failed))


def _system() -> list[Finding]:
    return [
        ("ok", "Regard", __version__),
        ("ok", "Python", f"{platform.python_version()} ({sys.executable})"),
        ("ok", tr("System"), f"{platform.platform()}, {os.cpu_count()} × {platform.machine()}"),
    ]


def _packages() -> list[Finding]:
    findings: list[Finding] = []
    for name in _PACKAGES:
        try:
            findings.append(("ok", name, importlib.metadata.version(name)))
        except importlib.metadata.PackageNotFoundError:
            if pytorch.is_bundle() and name in _PACK:
                findings.append(("note", name, tr("in the PyTorch pack; install it with: regard models pack install")))
            else:
                findings.append(("bad", name, tr("is missing; install it with: pip install {name}", name=name)))
    return findings


def _libraries() -> list[Finding]:
    if not sys.platform.startswith("linux"):
        return []
    if pytorch.is_bundle():
        return _libraries_of_bundle()
    missing = [package for library, package in _LIBRARIES if find_library(library) is None]
    if not missing:
        return [("ok", tr("System libraries"), tr("all there"))]
    command = "sudo apt-get install " + " ".join(missing)
    return [("bad", tr("System libraries"), tr("missing; type: {command}", command=command))]


def _libraries_of_bundle() -> list[Finding]:
    """It brings most of them; whether the rest is there is asked of the loader itself."""
    plugin = Path(str(getattr(sys, "_MEIPASS", ""))) / "PySide6" / "Qt" / "plugins" / "platforms" / "libqxcb.so"
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        return [("bad", tr("System libraries"), tr("Qt cannot show a window here: {reason}", reason=error))]
    return [("ok", tr("System libraries"), tr("all there"))]


def _display() -> list[Finding]:
    if not sys.platform.startswith("linux"):
        return []
    shown = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
    if shown:
        return [("ok", tr("Display"), shown)]
    return [("note", tr("Display"), tr("none; “regard run” works without one"))]


def _folders() -> list[Finding]:
    from desktop_app import paths

    findings: list[Finding] = []
    table: tuple[tuple[str, Callable[[], Path]], ...] = (
        (tr("Settings"), paths.config_dir),
        (tr("Models"), paths.models_dir),
        (tr("Cache"), paths.cache_dir),
        (tr("Log"), paths.log_dir),
    )
    for what, folder in table:
        try:
            path = folder()
        except OSError as error:
            findings.append(("bad", what, tr("cannot be made: {reason}", reason=error)))
            continue
        if not os.access(path, os.W_OK):
            findings.append(("bad", what, tr("{path} is not writable", path=path)))
            continue
        findings.append(("ok", what, str(path)))
    free = shutil.disk_usage(paths.models_dir()).free
    level: Level = "ok" if free > _LEAST_FREE else "note"
    findings.append((level, tr("Free space"), tr("{size} GB for models", size=f"{free / 1e9:.1f}")))
    return findings


def _devices() -> list[Finding]:
    from desktop_app.models.engines.devices import available_devices

    return [("ok", tr("Device {name}", name=device), title) for device, title in available_devices()]


def _models() -> list[Finding]:
    from desktop_app.models import catalog, store

    findings: list[Finding] = []
    for info in catalog.all_models():
        if store.is_ready(info):
            findings.append(("ok", info.key, tr("ready")))
        elif info.starter:
            findings.append(("note", info.key, tr("not fetched yet; type: regard models fetch {key}", key=info.key)))
    return findings


def _cameras() -> list[Finding]:
    from desktop_app import sources

    cameras = sources.list_cameras()
    if not cameras:
        return [("note", tr("Cameras"), tr("none found"))]
    return [("ok", f"camera:{camera.index}", camera.name) for camera in cameras]
