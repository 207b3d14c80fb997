"""Which windows there are and what can be seen of Regard's own, on systems that are not all here."""

from __future__ import annotations

import ctypes
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest

from desktop_app.sources import windows
from desktop_app.sources.windows import Rect, Window, find_window, visible_parts

_HERE = Rect(0, 0, 100, 100)
_ALL = [
    Window(1, "Slides – Office", 10, _HERE),
    Window(2, "Mail", 11, _HERE),
    Window(3, "Slides", 12, _HERE),
    Window(4, "More slides", 13, _HERE, shown=False),
]


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "list_windows", lambda: _ALL)


@pytest.mark.usefixtures("listed")
@pytest.mark.parametrize(
    ("which", "title", "found"),
    [
        ("2", "", 2),
        ("Slides", "", 3),  # the very title before the uppermost that holds the word
        ("slides", "", 4),
        ("MAIL", "", 2),
        ("nothing", "", None),
        ("99", "", None),
        ("99", "Mail", 2),  # after a restart
        ("1", "Other – Office", 1),  # the same program shows something else
        ("2", "Slides", 3),  # the number means another window now
    ],
)
def test_a_window_is_found(which: str, title: str, found: int | None) -> None:
    window = find_window(which, title)
    assert (window.id if window is not None else None) == found


@pytest.mark.usefixtures("listed")
def test_our_own_windows_are_not_meant() -> None:
    """Regard's title names what it shows."""
    found = find_window("slides", but=frozenset([13, 12]))
    assert found is not None
    assert found.id == 1
    assert find_window("4", but=frozenset([13])) is None


def _painted(parts: list[Rect]) -> np.ndarray:
    canvas = np.zeros((60, 80), int)
    for part in parts:
        canvas[part.top : part.bottom, part.left : part.right] += 1
    return canvas


def test_what_can_be_seen_of_our_windows_is_exact() -> None:
    """Against painting them one over the other."""
    generator = np.random.default_rng(7)
    for _ in range(200):
        stack = []
        for number in range(6):
            left, top = int(generator.integers(0, 60)), int(generator.integers(0, 40))
            place = Rect(left, top, int(generator.integers(1, 80 - left)), int(generator.integers(1, 60 - top)))
            stack.append(Window(number, "", int(generator.integers(1, 4)), place, bool(generator.integers(0, 4))))
        canvas = np.zeros((60, 80), int)
        for window in stack:
            if window.shown:
                at = window.place
                canvas[at.top : at.bottom, at.left : at.right] = int(window.pid == 1)
        np.testing.assert_array_equal(_painted(visible_parts(stack, frozenset([1]))), canvas)


def test_macos_tells_the_uppermost_first(monkeypatch: pytest.MonkeyPatch) -> None:
    def window(number: int, name: str, layer: int = 0) -> dict[str, Any]:
        bounds = {"X": 1.0, "Y": 2.0, "Width": 30.0, "Height": 40.0}
        owner = {"kCGWindowOwnerName": "Keynote", "kCGWindowOwnerPID": 7}
        return {
            "kCGWindowNumber": number,
            "kCGWindowName": name,
            "kCGWindowLayer": layer,
            "kCGWindowBounds": bounds,
        } | owner

    api = SimpleNamespace(
        kCGWindowListOptionOnScreenOnly=1,
        kCGWindowListExcludeDesktopElements=16,
        kCGNullWindowID=0,
        CGWindowListCopyWindowInfo=lambda *_: [window(3, "Top"), window(9, "Menu", 25), window(2, "")],
    )
    monkeypatch.setattr(windows, "quartz", lambda: api)
    monkeypatch.setattr(windows, "SYSTEM", "darwin")
    assert windows.list_windows() == [
        Window(2, "Keynote", 7, Rect(1, 2, 30, 40)),
        Window(3, "Top – Keynote", 7, Rect(1, 2, 30, 40)),
    ]


class _User32:
    """Two programs, a hidden helper and a cloaked one, the uppermost first."""

    titles: ClassVar = {1: "Top", 2: "", 3: "Cloaked", 4: "Small", 5: "Hidden"}

    def EnumWindows(self, callback: Any, _: int) -> None:
        for handle in self.titles:
            assert callback(handle, 0)

    def IsWindowVisible(self, handle: int) -> bool:
        return handle != 5

    def IsIconic(self, handle: int) -> bool:
        return handle == 4

    def GetWindowTextLengthW(self, handle: int) -> int:
        return len(self.titles[handle])

    def GetWindowTextW(self, handle: int, text: Any, _: int) -> None:
        text.value = self.titles[handle]

    def GetWindowThreadProcessId(self, handle: int, pid: Any) -> None:
        pid._obj.value = 100 + handle


class _Dwm:
    def DwmGetWindowAttribute(self, handle: int, what: int, value: Any, _: int) -> int:
        if what == 14:
            value._obj.value = int(handle == 3)
        else:
            value._obj.left, value._obj.top, value._obj.right, value._obj.bottom = 10, 20, 110, 220
        return 0


def test_windows_tells_the_uppermost_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(user32=_User32(), dwmapi=_Dwm()), raising=False)
    monkeypatch.setattr(ctypes, "WINFUNCTYPE", lambda *_: lambda function: function, raising=False)
    monkeypatch.setattr(windows, "SYSTEM", "win32")
    place = Rect(10, 20, 100, 200)
    assert windows.list_windows() == [Window(4, "Small", 104, place, shown=False), Window(1, "Top", 101, place)]


def test_without_a_display_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> None:
        raise OSError("no display")

    monkeypatch.setattr(windows, "SYSTEM", "linux")
    monkeypatch.setattr(windows, "_display", refused)
    assert windows.list_windows() == []
