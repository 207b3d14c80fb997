"""The demo: two photographs, slowly panned and zoomed, so that there is something to recognise without a camera."""

from __future__ import annotations

import importlib.util
import math
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self
from urllib.parse import parse_qsl

import numpy as np

from desktop_app.core.frame import Bgr, Frame
from desktop_app.core.source import SourceInfo
from desktop_app.errors import SourceUnreadable
from desktop_app.i18n import tr
from desktop_app.paths import resource_path
from desktop_app.sources.image_file import read_picture
from desktop_app.sources.opencv import import_cv2

_PHOTOGRAPHS = ("bus.jpg", "zidane.jpg")
_SECONDS_EACH = 12.0
_ZOOM = 1.25
_SIZE = (960, 720)


def _photograph(name: str) -> str:
    """A bundle has its own copy; otherwise the one in the ultralytics package, found without importing it."""
    own = resource_path("demo", name)
    if own.is_file():
        return str(own)
    package = importlib.util.find_spec("ultralytics")
    if package is None or package.origin is None:
        raise SourceUnreadable(
            tr("The photographs of the demo are missing: the ultralytics package is not installed."),
            tr("Install Regard again."),
        )
    return str(Path(package.origin).parent / "assets" / name)


class Demo:
    """`demo:` is live, endless and paced; `demo:?frames=90` is finite and comes as fast as it is read.

    Further options: `fps=30`, `size=960x720`. Frame n is the same picture every time.
    """

    def __init__(self, spec: str, stop: threading.Event) -> None:
        self._spec = spec
        self._stop = stop
        self._pictures: list[Bgr] = []
        self._frames, self._fps, self._size = _options(spec)

    @property
    def info(self) -> SourceInfo:
        duration = None if self._frames is None else self._frames / self._fps
        return SourceInfo(
            self._spec,
            "demo",
            tr("Demo"),
            self._frames is None,
            *self._size,
            fps=self._fps,
            frame_count=self._frames,
            duration=duration,
        )

    def __enter__(self) -> Self:
        self._pictures = [read_picture(_photograph(name)) for name in _PHOTOGRAPHS]
        return self

    def __exit__(self, *exc: object) -> None:
        self._pictures = []

    def __iter__(self) -> Iterator[Frame]:
        live = self._frames is None
        index = 0
        due = time.perf_counter()
        while not self._stop.is_set() and (self._frames is None or index < self._frames):
            bgr = self._render(index)
            yield Frame(bgr, index, time.perf_counter(), None if live else index / self._fps)
            index += 1
            if live:
                # A reader that stood still for long gets the next frame at once, not all that it missed.
                due = max(due + 1 / self._fps, time.perf_counter() - 0.1)
                self._stop.wait(max(0.0, due - time.perf_counter()))

    def _render(self, index: int) -> Bgr:
        """A window of the output's shape wanders over the photograph, always inside it."""
        cv2 = import_cv2()
        number, within = divmod(index / self._fps, _SECONDS_EACH)
        picture = self._pictures[int(number) % len(self._pictures)]
        phase = 2 * math.pi * within / _SECONDS_EACH
        height, width = picture.shape[:2]
        out_width, out_height = self._size
        scale = min(width / out_width, height / out_height) / (1 + (_ZOOM - 1) * (1 - math.cos(phase)) / 2)
        x = (width - out_width * scale) * (1 + 0.4 * math.sin(phase)) / 2
        y = (height - out_height * scale) * (1 + 0.4 * math.sin(phase)) / 2
        # From output to photograph; pixel centres lie at + 0.5.
        shift = 0.5 * scale - 0.5
        matrix = np.array([[scale, 0, x + shift], [0, scale, y + shift]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        bgr: Bgr = cv2.warpAffine(picture, matrix, self._size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return bgr


def _options(spec: str) -> tuple[int | None, float, tuple[int, int]]:
    """Number of frames, frames per second, (width, height)."""
    options = dict(parse_qsl(spec.removeprefix("demo:").lstrip("/").removeprefix("?"), keep_blank_values=True))
    frames = options.pop("frames", None)
    fps = options.pop("fps", "30")
    size = options.pop("size", f"{_SIZE[0]}x{_SIZE[1]}")
    numbers = re.fullmatch(r"(\d{2,4})x(\d{2,4})", size)
    good = numbers and re.fullmatch(r"\d{1,3}(\.\d{1,3})?", fps) and re.fullmatch(r"\d{1,9}|None", str(frames))
    if options or not numbers or not good or float(fps) <= 0 or frames == "0":
        raise SourceUnreadable(
            tr("“{spec}” is not an address of the demo.", spec=spec),
            tr("Use demo: or, say, demo:?frames=90&fps=30&size=1280x720."),
        )
    return None if frames is None else int(frames), float(fps), (int(numbers[1]), int(numbers[2]))
