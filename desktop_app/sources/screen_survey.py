"""What can be seen: every screen and window with a picture of it, for those who choose one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from desktop_app.core.frame import Bgr
from desktop_app.core.screen_spec import ScreenSpec, screen_title
from desktop_app.sources.grabbers import ScreenGrabber, X11WindowGrabber, refuse_where_impossible
from desktop_app.sources.limits import SYSTEM
from desktop_app.sources.screen import own_pids
from desktop_app.sources.windows import Rect, Window, list_windows

_LEAST = 64
"""Smaller windows are no such thing: icons of the tray, helpers."""


@dataclass(frozen=True, slots=True)
class Seen:
    """`place`: in units of the desktop, as large as what is grabbed. `picture`: `None` where there is none now."""

    spec: str
    title: str
    place: Rect
    picture: Bgr | None


def survey() -> Iterator[Seen]:
    """Screens by number, then windows, the uppermost first, without Regard's own. Raises `SourceUnreadable` where none
    can be seen at all."""
    refuse_where_impossible()
    grabber = ScreenGrabber(cursor=False)
    try:
        for number, place in enumerate(grabber.monitors()):
            spec = str(ScreenSpec("screen", str(number)))
            yield Seen(spec, screen_title(spec), place, grabber.grab(place))
        own = own_pids()
        windows = [each for each in list_windows() if each.title and each.shown and each.pid not in own]
        titles = Counter(each.title for each in windows)
        for window in reversed(windows):
            if min(window.place.width, window.place.height) >= _LEAST:
                spec = _spec(window, alone=titles[window.title] == 1)
                picture, place = _picture(window, grabber), window.place
                if SYSTEM == "linux" and picture is not None:  # without its frame
                    place = Rect(place.left, place.top, picture.shape[1], picture.shape[0])
                yield Seen(spec, window.title, place, picture)
    finally:
        grabber.close()


def _spec(window: Window, *, alone: bool) -> str:
    """By its title, which means the same window tomorrow, unless another one has the same or it reads as a number."""
    if alone and not window.title.isdecimal():
        return str(ScreenSpec("window", window.title))
    return str(ScreenSpec("window", str(window.id), title=window.title))


def _picture(window: Window, screen: ScreenGrabber) -> Bgr | None:
    try:
        if SYSTEM == "linux":
            grabber = X11WindowGrabber(window)
            try:
                return grabber.grab(grabber.size())
            finally:
                grabber.close()
        return screen.grab(window.place)
    except Exception:  # partly outside of the screen, or closed this very moment
        return None
