"""Losing a signal and getting it back, with a scripted device and no waiting."""

from __future__ import annotations

import itertools
import threading
from types import SimpleNamespace

import pytest

from desktop_app.core.frame import Bgr
from desktop_app.core.source import Notify, SourceInfo, SourceNotice
from desktop_app.errors import CameraUnavailable, SourceLost
from desktop_app.sources import limits, live
from tests.sources import corpus

_INFO = SourceInfo("camera:0", "camera", "Scripted", True, 320, 240)
_LOST = SourceLost("gone")


class _Device:
    """`script`: one list per connection: how many frames it gives before it falls silent; `None` refuses to open."""

    def __init__(self, *script: int | None) -> None:
        self.script = list(script)
        self.open = 0

    def connect(self, stop: threading.Event) -> live.Connection:
        frames = self.script.pop(0)
        if frames is None:
            raise CameraUnavailable("missing")
        assert self.open == 0, "two connections at a time"
        self.open += 1
        rest = iter(range(1, frames))

        def read() -> Bgr | None:
            return next((corpus.numbered(n) for n in rest), None)

        return live.Connection(_INFO, corpus.numbered(0), read, self.close, _LOST)

    def close(self) -> None:
        self.open = max(0, self.open - 1)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were asked for; none is made."""
    asked: list[float] = []
    monkeypatch.setattr(live.LiveSource, "_pause", lambda self, seconds: asked.append(seconds))
    return asked


def test_back_off_grows_to_ten_seconds_and_frames_go_on(
    waits: list[float], notify: Notify, notices: list[SourceNotice], stop: threading.Event
) -> None:
    device = _Device(3, *[None] * 7, 2)
    with live.LiveSource(device.connect, notify, stop) as source:
        frames = list(itertools.islice(source, 5))
    assert [f.index for f in frames] == [0, 1, 2, 3, 4]
    assert [corpus.number_of(f.bgr) for f in frames] == [0, 1, 2, 0, 1]
    assert waits == [*limits.RETRY_DELAYS, 10.0, 10.0]
    assert [n.retry_in for n in notices] == [*waits, None]
    assert [n.kind for n in notices] == ["lost"] * 8 + ["live"]
    assert notices[0].error is _LOST
    assert "missing" in str(notices[1].error)
    assert device.open == 0


def test_delays_start_again_after_a_success(
    waits: list[float], notify: Notify, notices: list[SourceNotice], stop: threading.Event
) -> None:
    device = _Device(1, None, 1, None, 1)
    with live.LiveSource(device.connect, notify, stop) as source:
        assert len(list(itertools.islice(source, 3))) == 3
    assert waits == [0.5, 1.0, 0.5, 1.0]


def test_stop_while_lost_ends_it(notices: list[SourceNotice], stop: threading.Event) -> None:
    def notify(notice: SourceNotice) -> None:
        notices.append(notice)
        stop.set()

    with live.LiveSource(_Device(1).connect, notify, stop) as source:
        assert len(list(source)) == 1
    assert len(notices) == 1


def test_retry_now_ends_the_wait(
    notices: list[SourceNotice], stop: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "RETRY_DELAYS", (3600.0,))
    asked = threading.Event()

    def notify(notice: SourceNotice) -> None:
        notices.append(notice)
        asked.set()

    with live.LiveSource(_Device(1, 1).connect, notify, stop) as source:
        frames = iter(source)
        next(frames)
        clear = source._retry.clear

        def clear_then_ask() -> None:  # asks as soon as the wait has begun
            clear()
            source.retry_now()

        monkeypatch.setattr(source._retry, "clear", clear_then_ask)
        assert next(frames).index == 1
    assert [n.kind for n in notices] == ["lost", "live"]


def test_a_long_sleep_reopens_without_a_backlog(
    waits: list[float],
    notify: Notify,
    notices: list[SourceNotice],
    stop: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The clock jumps while the reader holds the second frame."""
    now = itertools.chain([0.0, 0.1, 0.2, 100.0], itertools.count(100.1, 0.1))
    clock = SimpleNamespace(perf_counter=lambda: next(now))
    monkeypatch.setattr("desktop_app.sources.live.time", clock)
    device = _Device(50, 50)
    with live.LiveSource(device.connect, notify, stop) as source:
        numbers = [corpus.number_of(f.bgr) for f in itertools.islice(source, 4)]
    assert numbers == [0, 1, 0, 1]
    assert not notices


def test_after_a_sleep_nothing_old_comes(
    waits: list[float], notify: Notify, notices: list[SourceNotice], stop: threading.Event
) -> None:
    """The second connection is refused: the way back is that of a lost signal."""
    device = _Device(50, None, 50)
    with live.LiveSource(device.connect, notify, stop) as source:
        numbers = []
        for frame in source:
            numbers.append(corpus.number_of(frame.bgr))
            if len(numbers) == 3:
                source.reopen()
            if len(numbers) == 5:
                break
    assert numbers == [0, 1, 2, 0, 1]
    assert [n.kind for n in notices if n.kind == "lost"] == ["lost"]
    assert notices[-1].kind == "live"


def test_a_sleep_ends_the_wait_of_a_lost_source(
    notices: list[SourceNotice], stop: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "RETRY_DELAYS", (3600.0,))
    with live.LiveSource(_Device(1, 5).connect, notices.append, stop) as source:
        frames = iter(source)
        next(frames)
        clear = source._retry.clear

        def clear_then_wake() -> None:
            clear()
            source.reopen()

        monkeypatch.setattr(source._retry, "clear", clear_then_wake)
        assert [next(frames).index for _ in range(3)] == [1, 2, 3]
    assert [n.kind for n in notices] == ["lost", "live"]
