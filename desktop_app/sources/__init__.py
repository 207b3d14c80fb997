"""What gives frames. A new kind of source is one file and one line in `SOURCES`.

OpenCV is imported inside functions only, through `import_cv2`.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from desktop_app.core.address import safe_title
from desktop_app.core.model import Use
from desktop_app.core.screen_spec import screen_title
from desktop_app.core.source import Notify, Source
from desktop_app.errors import SourceUnreadable
from desktop_app.i18n import tr
from desktop_app.sources.animation import Animation, is_animation_file
from desktop_app.sources.camera import camera_title, open_camera
from desktop_app.sources.cameras import list_cameras
from desktop_app.sources.demo import Demo
from desktop_app.sources.image_file import ImageFile, ImageFiles
from desktop_app.sources.local import expand, local_path
from desktop_app.sources.network import Network
from desktop_app.sources.opencv import import_cv2
from desktop_app.sources.screen import open_screen
from desktop_app.sources.sniff import file_kind, shown_name
from desktop_app.sources.video_file import VideoFile

__all__ = ["SOURCES", "SourceType", "describe", "expand", "import_cv2", "likely_use", "list_cameras", "open_source"]


@dataclass(frozen=True, slots=True)
class SourceType:
    """How a spec is recognised by its beginning, named without its secrets, and made into a source."""

    prefixes: tuple[str, ...]
    title: Callable[[str], str]
    make: Callable[[str, Notify, threading.Event], Source]


def _local(spec: str, notify: Notify, stop: threading.Event) -> Source:
    path = local_path(spec)
    if os.path.isdir(path):  # noqa: PTH112
        return ImageFiles([path], shown_name(path), notify, stop)
    if file_kind(path) == "video":
        return VideoFile(path, shown_name(path), notify, stop)
    if is_animation_file(path):
        return Animation(path, shown_name(path), notify, stop)
    return ImageFile(path, shown_name(path), stop)


def _local_title(spec: str) -> str:
    return shown_name(local_path(spec))


SOURCES: tuple[SourceType, ...] = (
    SourceType(("camera:",), camera_title, open_camera),
    SourceType(("http://", "https://", "rtsp://", "rtsps://"), safe_title, Network),
    SourceType(("screen:", "window:"), screen_title, open_screen),
    SourceType(("demo:",), lambda _spec: tr("Demo"), lambda spec, _notify, stop: Demo(spec, stop)),
    SourceType(("",), _local_title, _local),
)


def _type_of(spec: str) -> SourceType:
    if not spec or "\0" in spec:
        raise SourceUnreadable(tr("Nothing to open was named."), tr("Choose a camera, a file, an address or the demo."))
    return next(kind for kind in SOURCES if spec.lower().startswith(kind.prefixes))


def describe(spec: str) -> str:
    """The title of a source: never with a password in it, always printable."""
    try:
        return _type_of(spec).title(spec)
    except SourceUnreadable:
        return shown_name(spec)


def likely_use(specs: Sequence[str]) -> Use:
    """How models will run on what these name, as far as can be told before it is open; never raises."""
    if len(specs) != 1:
        return "batch"
    spec = specs[0]
    try:
        if _type_of(spec).prefixes != ("",):
            return "video" if "frames=" in spec else "live"
        path = local_path(spec)
    except SourceUnreadable:
        return "still"
    if os.path.isdir(path):  # noqa: PTH112
        return "batch"
    return "video" if file_kind(path) == "video" or is_animation_file(path) else "still"


def open_source(specs: Sequence[str], notify: Notify, stop: threading.Event) -> Source:
    """The source that `specs` name, not open yet; several, or a folder, are a batch of pictures.

    Raises `SourceUnreadable` where a spec can mean nothing; everything else is told when the source is entered.
    """
    if len(specs) == 1:
        return _type_of(specs[0]).make(specs[0], notify, stop)
    if not specs:
        raise SourceUnreadable(tr("Nothing to open was named."), tr("Choose a camera, a file, an address or the demo."))
    title = tr("{count} files", count=len(specs))
    return ImageFiles(specs, title, notify, stop)
