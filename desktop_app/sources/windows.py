"""The windows on the screen, lowest first: X11 by python-xlib, Windows by its own calls, macOS by Quartz."""

from __future__ import annotations

import contextlib
import importlib
import os
from dataclasses import dataclass
from typing import Any

from desktop_app.sources.limits import SYSTEM


@dataclass(frozen=True, slots=True)
class Rect:
    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.left + self.width

    @property
    def bottom(self) -> int:
        return self.top + self.height

    def meets(self, other: Rect) -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


@dataclass(frozen=True, slots=True)
class Window:
    """`place`: with its frame, in units of the whole desktop. `shown`: neither minimised nor on another work space."""

    id: int
    title: str
    pid: int
    place: Rect
    shown: bool = True


def list_windows() -> list[Window]:
    """Empty where the system does not tell."""
    if SYSTEM == "win32":
        return _win32()
    if SYSTEM == "darwin":
        return _quartz()
    try:
        with contextlib.closing(_display()) as display:
            return x11_windows(display)
    except Exception:  # no display, no window manager, a window that goes while it is asked
        return []


def find_window(which: str, title: str = "", but: frozenset[int] = frozenset()) -> Window | None:
    """By the number of the system, if its title still fits, else the uppermost whose title holds the words.

    `but`: processes whose windows are not meant: Regard's own title names what it shows.
    """
    windows = [each for each in list_windows() if each.pid not in but]
    if which.isdecimal():
        found = next((each for each in windows if each.id == int(which)), None)
        if found is not None and (not title or _alike(found.title, title)):
            return found
        which = title
    if not which:
        return None
    exact = [each for each in windows if each.title == which]
    return next(reversed(exact or [each for each in windows if which.casefold() in each.title.casefold()]), None)


def _alike(now: str, then: str) -> bool:
    """A title changes with what the window shows; the name of the program at its end mostly stays."""
    return now == then or now.rpartition(" ")[2] == then.rpartition(" ")[2]


def visible_parts(windows: list[Window], pids: frozenset[int]) -> list[Rect]:
    """What can be seen of the windows of these processes, as rectangles: what lies above them is cut out."""
    parts: list[Rect] = []
    for window in windows:
        if not window.shown:
            continue
        parts = [rest for part in parts for rest in _without(part, window.place)]
        if window.pid in pids:
            parts.append(window.place)
    return parts


def _without(part: Rect, above: Rect) -> list[Rect]:
    if not part.meets(above):
        return [part]
    top, bottom = max(part.top, above.top), min(part.bottom, above.bottom)
    rest = [
        Rect(part.left, part.top, part.width, top - part.top),
        Rect(part.left, bottom, part.width, part.bottom - bottom),
        Rect(part.left, top, above.left - part.left, bottom - top),
        Rect(above.right, top, part.right - above.right, bottom - top),
    ]
    return [each for each in rest if each.width > 0 and each.height > 0]


# --- X11 ----------------------------------------------------------------------------------------------------------


def _display() -> Any:
    from Xlib.display import Display

    display = Display(os.environ.get("DISPLAY", ""))
    display.set_error_handler(lambda *_: None)  # a window that was closed meanwhile; Xlib would print it
    return display


def x11_windows(display: Any) -> list[Window]:
    """As the window manager lists them, in their stacking order."""
    from Xlib import X

    root = display.screen().root
    for name in ("_NET_CLIENT_LIST_STACKING", "_NET_CLIENT_LIST"):
        listed = root.get_full_property(display.intern_atom(name), X.AnyPropertyType)
        if listed is not None:
            break
    else:
        return []
    found = []
    for number in listed.value:
        with contextlib.suppress(Exception):  # it has just been closed
            found.append(_x11_window(display, root, int(number)))
    return found


def _x11_window(display: Any, root: Any, number: int) -> Window:
    from Xlib import X

    window = display.create_resource_object("window", number)

    def read(name: str) -> Any:
        found = window.get_full_property(display.intern_atom(name), X.AnyPropertyType)
        return found.value if found is not None else None

    name = read("_NET_WM_NAME") or read("WM_NAME") or b""
    title = name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)
    pid = read("_NET_WM_PID")
    size = window.get_geometry()
    at = window.translate_coords(root, 0, 0)
    left, right, top, bottom = list(read("_NET_FRAME_EXTENTS") or (0, 0, 0, 0))[:4]
    place = Rect(-at.x - left, -at.y - top, size.width + left + right, size.height + top + bottom)
    shown = window.get_attributes().map_state == X.IsViewable
    return Window(number, title, int(pid[0]) if pid else 0, place, shown)


# --- Windows ------------------------------------------------------------------------------------------------------


def _win32() -> list[Window]:
    """Programs' windows: visible, with a title, and not hidden by the system (cloaked)."""
    import ctypes
    from ctypes import wintypes

    dll: Any = ctypes.windll  # type: ignore[attr-defined]
    user, dwm = dll.user32, dll.dwmapi
    found: list[Window] = []

    def take(handle: int, _: int) -> bool:
        length = user.GetWindowTextLengthW(handle)
        if not length or not user.IsWindowVisible(handle):
            return True
        cloaked, rect, pid = wintypes.DWORD(), wintypes.RECT(), wintypes.DWORD()
        dwm.DwmGetWindowAttribute(handle, 14, ctypes.byref(cloaked), ctypes.sizeof(cloaked))
        if cloaked.value:
            return True
        # Without the shadow, which GetWindowRect counts in.
        if dwm.DwmGetWindowAttribute(handle, 9, ctypes.byref(rect), ctypes.sizeof(rect)) != 0:
            user.GetWindowRect(handle, ctypes.byref(rect))
        text = ctypes.create_unicode_buffer(length + 1)
        user.GetWindowTextW(handle, text, length + 1)
        user.GetWindowThreadProcessId(handle, ctypes.byref(pid))
        place = Rect(rect.left, rect.top, rect.right - rect.left, rect.bottom - rect.top)
        found.append(Window(int(handle), text.value, int(pid.value), place, not user.IsIconic(handle)))
        return True

    callback = ctypes.WINFUNCTYPE(wintypes.BOOL, wintypes.HWND, wintypes.LPARAM)(take)  # type: ignore[attr-defined]
    user.EnumWindows(callback, 0)
    return found[::-1]  # the uppermost comes first


# --- macOS --------------------------------------------------------------------------------------------------------


def quartz() -> Any:
    return importlib.import_module("Quartz")


def _quartz() -> list[Window]:
    api = quartz()
    options = api.kCGWindowListOptionOnScreenOnly | api.kCGWindowListExcludeDesktopElements
    found = []
    for each in api.CGWindowListCopyWindowInfo(options, api.kCGNullWindowID) or ():
        if each.get("kCGWindowLayer", 0) != 0:  # menus, the dock
            continue
        bounds = each["kCGWindowBounds"]
        place = Rect(int(bounds["X"]), int(bounds["Y"]), int(bounds["Width"]), int(bounds["Height"]))
        owner, name = str(each.get("kCGWindowOwnerName") or ""), str(each.get("kCGWindowName") or "")
        title = " – ".join(part for part in (name, owner) if part)
        found.append(Window(int(each["kCGWindowNumber"]), title, int(each["kCGWindowOwnerPID"]), place))
    return found[::-1]  # the uppermost comes first
