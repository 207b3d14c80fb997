"""Names of screens and windows."""

from __future__ import annotations

import pytest

from desktop_app.core.screen_spec import ScreenSpec, parse_screen, screen_title
from desktop_app.errors import SourceUnreadable


@pytest.mark.parametrize(
    ("spec", "parsed"),
    [
        ("screen:0", ScreenSpec("screen", "0")),
        ("screen:", ScreenSpec("screen", "0")),
        ("SCREEN:1?fps=10&cursor=0", ScreenSpec("screen", "1", None, 10.0, False)),
        ("screen:0?region=5,6,70,80", ScreenSpec("screen", "0", (5, 6, 70, 80))),
        ("window:Slides", ScreenSpec("window", "Slides")),
        ("window:Why? Because: 1", ScreenSpec("window", "Why? Because: 1")),
        ("window:Why?fps=5", ScreenSpec("window", "Why", None, 5.0)),
        ("window:42?title=A+%26+B", ScreenSpec("window", "42", title="A & B")),
    ],
)
def test_specs_are_read_and_written(spec: str, parsed: ScreenSpec) -> None:
    assert parse_screen(spec) == parsed
    assert parse_screen(str(parsed)) == parsed


@pytest.mark.parametrize(
    "spec",
    [
        "screen:x",
        "screen:-1",
        "screen:0?region=1,2,3",
        "screen:0?region=0,0,0,5",
        "screen:0?fps=0",
        "screen:0?fps=nan",
        "screen:0?fps=1000",
        "screen:0?what=1",
        "window:",
    ],
)
def test_what_names_nothing(spec: str) -> None:
    with pytest.raises(SourceUnreadable, match="names no screen and no window") as caught:
        parse_screen(spec)
    assert caught.value.hint


def test_titles() -> None:
    assert screen_title("screen:0") == "Screen 1"
    assert screen_title("screen:1?region=0,0,640,480") == "Screen 2, 640×480 of it"
    assert screen_title("window:42?title=Slides") == "Slides"
    assert screen_title("window:42") == "Window 42"
    assert screen_title("screen:x") == "screen:x"
