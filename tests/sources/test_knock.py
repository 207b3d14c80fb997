"""When a lost network camera is opened again."""

from __future__ import annotations

import itertools
from urllib.parse import urlsplit

import pytest

from desktop_app.sources import knock
from desktop_app.sources.knock import Door
from tests.sources.fault_server import FaultServer, RtspStub, SilentPort


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that pass at each look at the clock, the last of them again and again."""
    steps = [10.0]
    times = itertools.accumulate(iter(lambda: steps[-1], None))
    monkeypatch.setattr(knock.time, "perf_counter", lambda: next(times))  # type: ignore[attr-defined]
    return steps


def test_what_answers_is_there() -> None:
    with FaultServer([b""]) as server, SilentPort() as silent, RtspStub(404) as rtsp:
        assert Door(urlsplit(server.url("ok")))._knock()
        assert Door(urlsplit(f"rtsp://127.0.0.1:{rtsp.port}/x"))._knock()
        assert not Door(urlsplit(f"http://127.0.0.1:{silent.port}/x"))._knock()
        closed = server.port
    assert not Door(urlsplit(f"http://127.0.0.1:{closed}/x"))._knock()


def _door(monkeypatch: pytest.MonkeyPatch, *answers: bool) -> Door:
    rest = iter(answers)
    monkeypatch.setattr(Door, "_knock", lambda _: next(rest))
    return Door(urlsplit("http://cam/x"))


def test_back_after_it_was_away(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    door = _door(monkeypatch, False, False, True)
    door.tried(wait=True)
    assert [door.is_back() for _ in range(3)] == [False, False, True]


def test_one_that_answers_is_opened_after_a_while(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    door = _door(monkeypatch, True, True)
    door.tried(wait=False)
    clock.append(1.5)
    assert not door.is_back()
    clock.append(3.0)
    assert door.is_back()


def test_one_that_wants_another_login_is_left_alone(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    door = _door(monkeypatch, True, True, True)
    door.tried(wait=True)
    assert not any(door.is_back() for _ in range(3))


def test_it_is_not_asked_all_the_time(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    door = _door(monkeypatch, False, True)
    assert not door.is_back()
    clock.append(0.1)
    assert not any(door.is_back() for _ in range(5))
