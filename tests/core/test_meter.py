from __future__ import annotations

import threading
from collections import deque

import pytest

from desktop_app.core.meter import Percentiles, RateMeter


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_rate_divides_intervals_by_their_time() -> None:
    clock = Clock()
    meter = RateMeter(2.0, clock)
    for tick in range(11):
        clock.now = tick * 0.1
        meter.tick()
    assert meter.rate() == pytest.approx(10.0)


def test_several_threads_may_ask_while_events_grow_old() -> None:
    clock = Clock()
    meter = RateMeter(2.0, clock)
    other = threading.Thread(target=meter.rate)

    class Stamps(deque[float]):
        def __len__(self) -> int:
            """Meanwhile another thread asks, for whom all events are too old."""
            if other.ident is None:
                clock.now += 3.0
                other.start()
                other.join(0.1)
            return super().__len__()

    for tick in range(3):
        clock.now = tick * 0.5
        meter.tick()
    meter._stamps = Stamps(meter._stamps)
    assert meter.rate() == pytest.approx(2.0)
    other.join()
    assert meter.rate() == 0.0


def test_rate_falls_as_soon_as_the_next_event_is_overdue_and_ends_at_zero() -> None:
    clock = Clock()
    meter = RateMeter(2.0, clock)
    for tick in range(11):
        clock.now = tick * 0.1
        meter.tick()
    clock.now = 2.0
    assert 0 < meter.rate() < 6.0
    clock.now = 10.0
    assert meter.rate() == 0.0


def test_percentiles_of_nothing_is_nothing() -> None:
    values = Percentiles()
    assert values.at(50) is None
    for value in range(101):
        values.add(float(value))
    assert values.at(95) == pytest.approx(95.0)
