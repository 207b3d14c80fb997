"""A stream that falls behind its camera catches up by leaving out packets; one that does not loses none."""

from __future__ import annotations

from desktop_app.sources.lag import BEHIND, LagWatch


def _run(delays: list[float], key_every: int = 25, fps: float = 25.0) -> list[bool]:
    """Which of the packets, made 1/fps apart and read so many seconds late, are left out."""
    watch = LagWatch()
    return [
        watch.leave_out(n / fps, 1000.0 + n / fps + delay, is_key=n % key_every == 0) for n, delay in enumerate(delays)
    ]


def test_a_stream_in_time_loses_nothing() -> None:
    assert not any(_run([0.02, 0.05, 0.0, 0.3, 0.1] * 200))


def test_of_a_backlog_key_frames_are_left() -> None:
    """Two seconds behind at frame 30, then read as fast as they come: in time again at frame 80."""
    left = _run([0.0] * 30 + [2.0 - (n / 25.0) for n in range(50)] + [0.0] * 70)
    assert not any(left[:30])
    assert all(left[30:50])
    assert not left[50]
    assert all(left[51:60])
    assert not left[75]
    assert not any(left[76:])


def test_a_longer_way_to_the_camera_is_no_backlog() -> None:
    left = _run([0.0] * 30 + [1.5] * 200)
    assert sum(left) < 50
    assert not any(left[76:])


def test_clocks_that_drift_apart_are_no_backlog() -> None:
    hours = [n * 40e-6 * 1e-1 for n in range(200_000)]  # 100 in a million
    assert not any(_run(hours))


def test_a_camera_that_sets_its_clock_begins_anew() -> None:
    assert not any(_run([0.0] * 30 + [3600.0] * 30 + [-50.0] * 30))


def test_the_limit_is_short() -> None:
    assert BEHIND < 1.0
