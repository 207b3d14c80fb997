"""What is offered to those who choose a screen or window."""

from __future__ import annotations

import pytest

from desktop_app.core.screen_spec import parse_screen
from desktop_app.sources import screen_survey
from desktop_app.sources.screen_survey import survey
from desktop_app.sources.windows import Rect, Window
from tests.sources.test_screen import Desktop

PLACE = Rect(0, 0, 64, 48)


@pytest.fixture
def desktop(monkeypatch: pytest.MonkeyPatch) -> Desktop:
    made = Desktop()
    monkeypatch.setattr(screen_survey, "ScreenGrabber", made.grabber)
    monkeypatch.setattr(screen_survey, "refuse_where_impossible", lambda: None)
    monkeypatch.setattr(screen_survey, "list_windows", lambda: made.windows)
    monkeypatch.setattr(screen_survey, "own_pids", lambda: frozenset([77]))
    monkeypatch.setattr(screen_survey, "SYSTEM", "win32")
    monkeypatch.setattr(screen_survey, "_LEAST", 10)
    return made


def test_screens_first_then_windows_from_the_uppermost(desktop: Desktop) -> None:
    desktop.windows = [
        Window(1, "Terminal", 5, PLACE),
        Window(2, "Why? Slides", 6, PLACE),
        Window(3, "Terminal", 7, PLACE),
        Window(4, "2026", 8, PLACE),
        Window(5, "Regard", 77, PLACE),
        Window(6, "Tray", 9, Rect(0, 0, 5, 5)),
        Window(7, "Minimised", 10, PLACE, shown=False),
        Window(8, "", 11, PLACE),
    ]
    seen = list(survey())
    assert [each.spec for each in seen] == [
        "screen:0",
        "screen:1",
        "window:4?title=2026",  # a title that reads as a number
        "window:3?title=Terminal",
        "window:Why? Slides",
        "window:1?title=Terminal",
    ]
    for each in seen:
        assert each.picture is not None
        assert str(parse_screen(each.spec)) == each.spec
    assert desktop.open == 0


def test_a_window_without_a_picture_is_offered_all_the_same(desktop: Desktop, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(self: Desktop.Grabber, place: Rect) -> None:
        if place != desktop.monitors[0] and place != desktop.monitors[1]:
            raise OSError("partly outside")

    monkeypatch.setattr(Desktop.Grabber, "grab", fails)
    desktop.windows = [Window(1, "Slides", 5, Rect(60, 40, 30, 30))]
    assert [each.title for each in survey()] == ["Screen 1", "Screen 2", "Slides"]
