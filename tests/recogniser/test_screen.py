"""The thread that writes pictures for the window, with a reader as the window has it."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from desktop_app.core.frame import Frame
from desktop_app.core.picture import Picture
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.frame_ring import FrameRingReader
from desktop_app.recogniser.scaling import scaled_down
from desktop_app.recogniser.screen import Screen


class Window:
    """Reads as the window does, when the test says so."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._rings: list[str] = []
        self._told = 0
        self._reader: FrameRingReader | None = None

    def hear(self, event: m.Event) -> None:
        with self._changed:
            if isinstance(event, m.RingOpened):
                self._rings.append(event.name)
            else:
                self._told += 1
            self._changed.notify_all()

    def wait(self) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self._told > 0, 10)

    def next(self) -> Picture:
        """Waits until one is told of, and takes the newest."""
        self.wait()
        with self._changed:
            self._told -= 1
            name = self._rings[-1]
        if self._reader is None or self._reader.name != name:
            self.close()
            self._reader = FrameRingReader(name)
        picture = self._reader.newest()
        assert picture is not None
        return picture

    @property
    def told(self) -> int:
        return self._told

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()


@pytest.fixture
def window() -> Iterator[Window]:
    made = Window()
    yield made
    made.close()


@pytest.fixture
def screen(window: Window) -> Iterator[Screen]:
    prefix = f"regard-screen-{secrets.token_hex(4)}"
    made = Screen(window.hear, prefix)
    yield made
    made.stop()
    assert not list(Path("/dev/shm").glob(f"{prefix}*"))


def frame(index: int = 0, width: int = 1280, height: int = 720) -> Frame:
    return Frame(np.full((height, width, 3), index % 256, np.uint8), index, float(index))


def quiet(window: Window) -> Callable[[], bool]:
    """Whether nothing more is told within a moment."""
    return lambda: not threading.Event().wait(0.05) and window.told == 0


def test_without_a_view_the_frame_comes_whole(screen: Screen, window: Window) -> None:
    screen.show(frame(3))
    picture = window.next()
    assert picture.whole
    assert (picture.width, picture.height, picture.index) == (1280, 720, 3)


def test_a_frame_comes_as_large_as_it_is_seen(screen: Screen, window: Window) -> None:
    screen.set_view(640, 640)
    screen.show(frame(3))
    picture = window.next()
    assert picture.pixels.shape == (360, 640, 4)
    assert (picture.width, picture.height) == (1280, 720)
    assert not picture.whole


def test_a_small_frame_is_not_made_larger(screen: Screen, window: Window) -> None:
    screen.set_view(4000, 4000)
    screen.show(frame(1, 31, 17))
    assert window.next().pixels.shape == (17, 31, 4)


def test_a_new_view_brings_the_same_frame_again(screen: Screen, window: Window) -> None:
    """Of a paused file nothing else would come."""
    screen.set_view(640, 360)
    screen.show(frame(5))
    assert window.next().pixels.shape == (360, 640, 4)
    for size in ((320, 180), (1280, 720), (3000, 2000), (33, 19)):
        screen.set_view(*size)
        if size == (3000, 2000):
            assert quiet(window)()  # whole already
            continue
        picture = window.next()
        assert picture.index == 5
        assert picture.pixels.shape[1] == min(size[0], 1280)


def test_while_nobody_looks_nothing_is_written(screen: Screen, window: Window) -> None:
    screen.set_view(0, 0)
    for index in range(5):
        screen.show(frame(index))
    assert quiet(window)()
    screen.set_view(640, 360)
    assert window.next().index == 4


def test_what_comes_before_the_window_has_taken_the_last_is_replaced(screen: Screen, window: Window) -> None:
    screen.show(frame(0))
    taken = window.next()
    assert taken.index == 0
    screen.show(frame(1))
    window.wait()  # written, not taken
    for index in range(2, 30):
        screen.show(frame(index))
    assert window.next().index == 1
    assert window.next().index == 29
    assert quiet(window)()


def test_the_same_frame_with_new_results_is_not_written_again(screen: Screen, window: Window) -> None:
    shown = frame(7)
    screen.show(shown)
    window.next()
    screen.show(shown)
    assert quiet(window)()


def test_the_whole_frame_of_what_is_on_the_screen_is_kept(screen: Screen, window: Window) -> None:
    screen.set_view(64, 36)
    numbers = {}
    for index in range(20):
        shown = frame(index)
        screen.show(shown)
        numbers[window.next().number] = shown
    *_, before, last = numbers
    assert screen.frame(last) is numbers[last]
    assert screen.frame(before) is numbers[before]
    assert screen.frame(next(iter(numbers))) is None
    screen.forget()
    assert screen.frame(last) is None


def test_a_larger_picture_gets_another_ring_and_a_far_smaller_one_too(screen: Screen, window: Window) -> None:
    for width, height in ((640, 480), (4000, 3000), (64, 48)):
        screen.show(frame(1, width, height))
        assert window.next().pixels.shape == (height, width, 4)


def test_the_last_of_moving_pictures_comes_again_with_care(
    screen: Screen, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And only once."""
    monkeypatch.setattr("desktop_app.recogniser.screen._MOVING", 60.0)  # however slow the machine is
    noise = np.random.default_rng(0).integers(0, 256, (100, 160, 3), np.uint8)
    screen.set_view(96, 60)
    pictures = []
    for index in range(3):
        screen.show(Frame(noise.copy(), index, 0.0))
        pictures.append(window.next().pixels[:, :, :3].copy())
    assert np.array_equal(pictures[2], scaled_down(noise, 96, 60, hasty=True))
    again = window.next()
    assert again.index == 2
    assert np.array_equal(again.pixels[:, :, :3], scaled_down(noise, 96, 60))
    assert not np.array_equal(pictures[2], again.pixels[:, :, :3])
    threading.Event().wait(0.4)
    assert window.told == 0


def test_a_hidden_window_gets_no_picture_at_rest(
    screen: Screen, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop_app.recogniser.screen._MOVING", 60.0)
    screen.set_view(96, 60)
    for index in range(2):
        screen.show(Frame(np.zeros((100, 160, 3), np.uint8), index, 0.0))
        window.next()
    screen.set_view(0, 0)
    threading.Event().wait(0.4)
    assert window.told == 0
