"""Screens and windows as sources, on a desktop of the test's own."""

from __future__ import annotations

import itertools
import threading
from types import SimpleNamespace

import numpy as np
import pytest

from desktop_app.core.frame import Bgr
from desktop_app.core.source import Notify, SourceNotice
from desktop_app.errors import SourceLost, SourceUnreadable
from desktop_app.sources import describe, grabbers, likely_use, open_source, screen
from desktop_app.sources.windows import Rect, Window


class Desktop:
    """Two screens of 64 × 48 beside each other; each pixel holds its place. Windows lie on it."""

    def __init__(self) -> None:
        self.monitors = [Rect(0, 0, 64, 48), Rect(64, 0, 64, 48)]
        self.windows: list[Window] = []
        self.cursors: list[bool] = []
        self.open = 0
        self.scale = 1

    def grabber(self, *, cursor: bool) -> Desktop.Grabber:
        self.cursors.append(cursor)
        self.open += 1
        return self.Grabber(self)

    class Grabber:
        def __init__(self, desktop: Desktop) -> None:
            self._desktop = desktop

        def monitors(self) -> list[Rect]:
            return self._desktop.monitors

        def grab(self, place: Rect) -> Bgr | None:
            rows, columns = np.mgrid[place.top : place.bottom, place.left : place.right]
            plain = np.stack([columns, rows, np.full_like(rows, 255)], axis=2).astype(np.uint8)
            return np.ascontiguousarray(plain.repeat(self._desktop.scale, 0).repeat(self._desktop.scale, 1))

        def close(self) -> None:
            self._desktop.open -= 1


@pytest.fixture
def desktop(monkeypatch: pytest.MonkeyPatch) -> Desktop:
    made = Desktop()
    monkeypatch.setattr(screen, "ScreenGrabber", made.grabber)
    monkeypatch.setattr(screen, "refuse_where_impossible", lambda: None)
    monkeypatch.setattr(screen, "list_windows", lambda: made.windows)
    monkeypatch.setattr("desktop_app.sources.windows.list_windows", lambda: made.windows)
    monkeypatch.setattr(screen, "SYSTEM", "win32")  # windows are seen where they lie
    monkeypatch.setattr(screen, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(screen, "own_pids", lambda: frozenset([77]))
    return made


def _frames(spec: str, notify: Notify, stop: threading.Event, count: int = 2) -> list[Bgr]:
    with open_source([spec], notify, stop) as source:
        return [frame.bgr for frame in itertools.islice(source, count)]


def test_a_screen_a_part_of_it_and_its_rate(desktop: Desktop, notify: Notify, stop: threading.Event) -> None:
    with open_source(["screen:1?region=10,20,30,50&fps=100&cursor=0"], notify, stop) as source:
        assert (source.info.kind, source.info.live, source.info.fps) == ("screen", True, 100.0)
        first, second = (frame.bgr for frame in itertools.islice(source, 2))
    assert first.shape == (28, 30, 3), "the part that lies on the screen"
    assert tuple(first[0, 0]) == (74, 20, 255)
    assert tuple(second[-1, -1]) == (103, 47, 255)
    assert desktop.cursors == [False]
    assert desktop.open == 0


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("screen:2", "There is no screen 2"),
        ("screen:0?region=64,0,9,9", "lies outside"),
        ("window:nothing", "There is no window"),
        ("screen:x", "names no screen"),
    ],
)
def test_what_is_not_there(spec: str, words: str, desktop: Desktop, notify: Notify, stop: threading.Event) -> None:
    with pytest.raises(SourceUnreadable, match=words) as caught, open_source([spec], notify, stop):
        pass
    assert caught.value.hint
    assert desktop.open == 0


@pytest.mark.parametrize("scale", [1, 2])
def test_our_own_windows_are_covered(scale: int, desktop: Desktop, notify: Notify, stop: threading.Event) -> None:
    desktop.scale = scale  # a Retina screen has more pixels than points
    desktop.windows = [Window(1, "Regard", 77, Rect(0, 0, 20, 20)), Window(2, "Slides", 5, Rect(10, 0, 20, 20))]
    frame = _frames("screen:0?fps=100", notify, stop)[-1]
    covered = (frame == np.array(screen._GREY, np.uint8)).all(axis=2)
    expected = np.zeros((48, 64), bool)
    expected[:20, :10] = True  # what Slides lies on is not covered
    np.testing.assert_array_equal(covered, expected.repeat(scale, 0).repeat(scale, 1))


def test_a_window_is_followed_lost_and_found(
    desktop: Desktop, notices: list[SourceNotice], stop: threading.Event
) -> None:
    desktop.windows = [Window(1, "Slides", 5, Rect(2, 3, 20, 10))]

    def notify(notice: SourceNotice) -> None:
        notices.append(notice)
        if notice.kind == "lost":
            desktop.windows = [Window(9, "Slides", 6, Rect(30, 30, 16, 12))]  # started again

    with open_source(["window:1?title=Slides&fps=100"], notify, stop) as source:
        frames = iter(source)
        assert tuple(next(frames).bgr[0, 0]) == (2, 3, 255)
        ours = Window(2, "Slides – Regard", 77, Rect(40, 0, 9, 9))
        desktop.windows = [Window(1, "Another title", 5, Rect(12, 13, 20, 10)), ours]
        while tuple(next(frames).bgr[0, 0]) != (12, 13, 255):
            pass
        desktop.windows = [Window(1, "Slides", 5, Rect(12, 13, 20, 10), shown=False)]
        while (frame := next(frames)).bgr.shape != (12, 16, 3):
            pass
        assert tuple(frame.bgr[0, 0]) == (30, 30, 255)
    assert [notice.kind for notice in notices] == ["lost", "live"]
    assert "closed or minimised" in str(notices[0].error)


def test_a_minimised_window_says_so(desktop: Desktop, notify: Notify, stop: threading.Event) -> None:
    desktop.windows = [Window(1, "Slides", 5, Rect(0, 0, 20, 20), shown=False)]
    with pytest.raises(SourceLost, match="closed or minimised"), open_source(["window:Slides"], notify, stop):
        pass


def test_names_and_use() -> None:
    assert describe("screen:0") == "Screen 1"
    assert likely_use(["window:Slides"]) == "live"


# --- where nothing can be seen ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, "Wayland"),
        ({"XDG_SESSION_TYPE": "wayland", "DISPLAY": ":0"}, "Wayland"),
        ({}, "no screen to be seen"),
    ],
)
def test_linux_says_why_not(
    environment: dict[str, str], words: str, monkeypatch: pytest.MonkeyPatch, notify: Notify, stop: threading.Event
) -> None:
    monkeypatch.setattr(grabbers, "SYSTEM", "linux")
    for name in ("WAYLAND_DISPLAY", "XDG_SESSION_TYPE", "DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SourceUnreadable, match=words) as caught, open_source(["screen:0"], notify, stop):
        pass
    assert caught.value.hint


def test_macos_asks_for_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    api = SimpleNamespace(
        CGPreflightScreenCaptureAccess=lambda: False, CGRequestScreenCaptureAccess=lambda: asked.append(True)
    )
    monkeypatch.setattr(grabbers, "SYSTEM", "darwin")
    monkeypatch.setattr(grabbers, "quartz", lambda: api)
    with pytest.raises(SourceUnreadable, match="may not see the screen") as caught:
        grabbers.refuse_where_impossible()
    assert "Screen Recording" in caught.value.hint
    assert asked
