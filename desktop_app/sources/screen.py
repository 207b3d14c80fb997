"""A screen, a part of it, or a window as a live source: slides, a game, a video call."""

from __future__ import annotations

import functools
import multiprocessing
import os
import threading
import time
from collections.abc import Callable

from desktop_app.core.frame import Bgr
from desktop_app.core.screen_spec import ScreenSpec, parse_screen, screen_title
from desktop_app.core.source import Notify, SourceInfo
from desktop_app.errors import SourceError, SourceLost, SourceUnreadable
from desktop_app.i18n import tr
from desktop_app.sources.grabbers import Grabber, ScreenGrabber, X11WindowGrabber, refuse_where_impossible
from desktop_app.sources.limits import SYSTEM
from desktop_app.sources.live import Connection, LiveSource
from desktop_app.sources.windows import Rect, Window, find_window, list_windows, visible_parts

_GREY = (40, 34, 30)
LOOK_SECONDS = 0.25
"""So often it is looked where windows are."""


def open_screen(spec: str, notify: Notify, stop: threading.Event) -> LiveSource:
    source = _Screen(spec, parse_screen(spec))
    return LiveSource(source.connect, notify, stop, source.is_back)


def own_pids() -> frozenset[int]:
    """This process, and the window's where that is another one."""
    parent = multiprocessing.parent_process()
    return frozenset([os.getpid(), *([parent.pid] if parent is not None and parent.pid else [])])


class _Screen:
    def __init__(self, spec: str, parsed: ScreenSpec) -> None:
        self._spec, self._parsed = spec, parsed
        self._looked_at = 0.0
        self._id: int | None = None
        """Of the window that was seen first: it stays that one, whatever its title becomes."""
        self._title = ""

    def connect(self, stop: threading.Event) -> Connection:
        refuse_where_impossible()
        make = self._window if self._parsed.kind == "window" else self._screen
        title, look, close = make()
        try:
            first = look()
            if first is None:
                raise _gone(title, self._parsed)
        except BaseException:
            close()
            raise
        height, width = first.shape[:2]
        info = SourceInfo(self._spec, "screen", title, True, width, height, self._parsed.fps)
        read = functools.partial(_Pace(self._parsed.fps, stop).wait_then, look)
        return Connection(info, first, read, close, _gone(title, self._parsed))

    def is_back(self) -> bool:
        """A window that was closed or minimised can be seen again."""
        now = time.perf_counter()
        if self._parsed.kind != "window" or now - self._looked_at < LOOK_SECONDS:
            return False
        self._looked_at = now
        window = self._find()
        return window is not None and window.shown

    def _find(self) -> Window | None:
        if self._id is not None:
            same = next((each for each in list_windows() if each.id == self._id), None)
            if same is not None:
                return same
        return find_window(self._parsed.which, self._parsed.title, own_pids())

    def _screen(self) -> tuple[str, Callable[[], Bgr | None], Callable[[], None]]:
        grabber = ScreenGrabber(cursor=self._parsed.cursor)
        monitors = grabber.monitors()
        number = int(self._parsed.which)
        if number >= len(monitors):
            grabber.close()
            raise SourceUnreadable(
                tr("There is no screen {number}.", number=number),
                tr("Screens are numbered from 0; there are {count}.", count=len(monitors)),
            )
        try:
            place = inner(monitors[number], self._parsed)
        except SourceError:
            grabber.close()
            raise
        mask = _Mask()

        def look() -> Bgr | None:
            return mask.cover(_grabbed(grabber, place), place)

        return screen_title(self._spec), look, grabber.close

    def _window(self) -> tuple[str, Callable[[], Bgr | None], Callable[[], None]]:
        window = self._find()
        title = window.title if window is not None else screen_title(self._spec)
        if window is None and self._id is None:
            raise SourceUnreadable(
                tr("There is no window “{title}”.", title=title), tr("Open it, or choose another screen or window.")
            )
        if window is None or not window.shown:
            raise _gone(title if window is not None else self._title, self._parsed)
        self._id, self._title = window.id, title
        if SYSTEM == "linux":
            try:
                kept = X11WindowGrabber(window)
            except Exception:  # a server that does not keep windows apart: as it is seen on the screen
                return self._seen_window(window)
            return title, lambda: kept.grab(inner(kept.size(), self._parsed)), kept.close
        return self._seen_window(window)

    def _seen_window(self, window: Window) -> tuple[str, Callable[[], Bgr | None], Callable[[], None]]:
        """The part of the screen where the window is, wherever it goes; what covers it is seen too."""
        grabber, mask = ScreenGrabber(cursor=self._parsed.cursor), _Mask()
        follow = _Follower(window)

        def look() -> Bgr | None:
            now = follow.place()
            if now is None:
                return None
            place = inner(now, self._parsed)
            return mask.cover(_grabbed(grabber, place), place)

        return window.title, look, grabber.close


def inner(whole: Rect, parsed: ScreenSpec) -> Rect:
    """The wanted part. Raises `SourceUnreadable` where it lies outside."""
    if parsed.region is None:
        return whole
    x, y, width, height = parsed.region
    width, height = min(width, whole.width - x), min(height, whole.height - y)
    if width < 1 or height < 1:
        raise SourceUnreadable(
            tr("The region lies outside of {title}.", title=screen_title(str(parsed))),
            tr("It is {width}×{height} large.", width=whole.width, height=whole.height),
        )
    return Rect(whole.left + x, whole.top + y, width, height)


def _grabbed(grabber: Grabber, place: Rect) -> Bgr | None:
    try:
        return grabber.grab(place)
    except Exception:  # a screen that was unplugged, a session that was locked
        return None


class _Pace:
    """Frames at the asked rate, never one after the other to catch up."""

    def __init__(self, fps: float, stop: threading.Event) -> None:
        self._gap, self._stop = 1.0 / fps, stop
        self._due = time.perf_counter() + self._gap

    def wait_then(self, look: Callable[[], Bgr | None]) -> Bgr | None:
        wait = self._due - time.perf_counter()
        if wait > 0 and self._stop.wait(wait):
            return None
        self._due = max(self._due + self._gap, time.perf_counter())
        try:
            return look()
        except SourceError:  # the window became smaller than the region
            return None
        except Exception:  # the window was closed while it was asked for
            return None


class _Follower:
    """Where a window is now."""

    def __init__(self, window: Window) -> None:
        self._window: Window | None = window
        self._looked_at = time.perf_counter()

    def place(self) -> Rect | None:
        now = time.perf_counter()
        if self._window is not None and now - self._looked_at > LOOK_SECONDS:
            self._looked_at = now
            self._window = next((each for each in list_windows() if each.id == self._window.id), None)
        return self._window.place if self._window is not None and self._window.shown else None


class _Mask:
    """Covers Regard's own windows: a picture of the picture of the picture is no use."""

    def __init__(self) -> None:
        self._pids = own_pids()
        self._parts: list[Rect] = []
        self._looked_at = 0.0

    def cover(self, bgr: Bgr | None, place: Rect) -> Bgr | None:
        now = time.perf_counter()
        if now - self._looked_at > LOOK_SECONDS:
            self._looked_at = now
            self._parts = visible_parts(list_windows(), self._pids)
        if bgr is None:
            return None
        scale = bgr.shape[1] / place.width  # of a Retina screen a point is two pixels
        for part in self._parts:
            left, right = (round(scale * (x - place.left)) for x in (part.left, part.right))
            top, bottom = (round(scale * (y - place.top)) for y in (part.top, part.bottom))
            if right > 0 and bottom > 0:
                bgr[max(0, top) : bottom, max(0, left) : right] = _GREY
        return bgr


def _gone(title: str, parsed: ScreenSpec) -> SourceLost:
    if parsed.kind == "window":
        return SourceLost(
            tr("The window “{title}” is closed or minimised.", title=title),
            tr("Open it again: Regard goes on by itself."),
        )
    return SourceLost(
        tr("{title} gives no picture.", title=title), tr("Check that it is on and that the session is not locked.")
    )
