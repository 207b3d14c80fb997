"""Names of screens and windows as sources: `screen:0`, `screen:0?region=0,100,800,600`, `window:Slides`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl, urlencode

from desktop_app.errors import SourceUnreadable
from desktop_app.i18n import tr

FPS, MOST_FPS = 30.0, 120.0
_KNOWN = {"region", "fps", "cursor", "title"}
Region = tuple[int, int, int, int]
"""x, y, width, height, from the upper left corner of the screen or window, in its own units."""


@dataclass(frozen=True, slots=True)
class ScreenSpec:
    """`which`: the number of a screen, the number that the system gave a window, or (a part of) the title of one.

    `title`: of a window that is named by its number, which means another window after a restart.
    """

    kind: Literal["screen", "window"]
    which: str
    region: Region | None = None
    fps: float = FPS
    cursor: bool = True
    title: str = ""

    def __str__(self) -> str:
        fields = {}
        if self.title:
            fields["title"] = self.title
        if self.region is not None:
            fields["region"] = ",".join(map(str, self.region))
        if self.fps != FPS:
            fields["fps"] = f"{self.fps:g}"
        if not self.cursor:
            fields["cursor"] = "0"
        query = f"?{urlencode(fields, safe=',')}" if fields else ""
        return f"{self.kind}:{self.which}{query}"


def is_screen(spec: str) -> bool:
    return spec.lower().startswith(("screen:", "window:"))


def parse_screen(spec: str) -> ScreenSpec:
    """Raises `SourceUnreadable` for what names no screen and no window."""
    scheme, _, rest = spec.partition(":")
    kind: Literal["screen", "window"] = "screen" if scheme.lower() == "screen" else "window"
    which, mark, query = rest.rpartition("?")
    fields = dict(parse_qsl(query, keep_blank_values=True)) if mark else {}
    if not mark or (kind == "window" and not set(fields) & _KNOWN):
        which, fields = rest, {}  # titles have question marks too
    which = which.strip()
    if not which and kind == "screen":
        which = "0"
    try:
        if not which or (kind == "screen" and not which.isdecimal()) or set(fields) - _KNOWN:
            raise ValueError
        fps = float(fields.get("fps", FPS))
        if not 0 < fps <= MOST_FPS:
            raise ValueError
        region, cursor = _region(fields.get("region", "")), fields.get("cursor", "1") != "0"
        return ScreenSpec(kind, which, region, fps, cursor, fields.get("title", ""))
    except ValueError:
        raise SourceUnreadable(
            tr("“{spec}” names no screen and no window.", spec=spec),
            tr("Write it like screen:0, screen:0?region=0,0,800,600&fps=10 or window:Title."),
        ) from None


def _region(text: str) -> Region | None:
    if not text:
        return None
    if not re.fullmatch(r"\d+(,\d+){3}", text):
        raise ValueError
    x, y, width, height = map(int, text.split(","))
    if width < 1 or height < 1:
        raise ValueError
    return x, y, width, height


def screen_title(spec: str) -> str:
    """Without asking the system: "Screen 1", or the title of the window."""
    try:
        parsed = parse_screen(spec)
    except SourceUnreadable:
        return spec
    if parsed.kind == "screen":
        name = tr("Screen {number}", number=int(parsed.which) + 1)
    elif parsed.which.isdecimal():
        name = parsed.title or tr("Window {number}", number=parsed.which)
    else:
        name = parsed.which
    if parsed.region is None:
        return name
    return tr("{name}, {width}×{height} of it", name=name, width=parsed.region[2], height=parsed.region[3])
