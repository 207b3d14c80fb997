from __future__ import annotations

from desktop_app.recording.clocks import FileClock, LiveClock


def test_live_is_the_time_of_life() -> None:
    clock = LiveClock(100.0)
    assert [clock.at(moment) for moment in (99.9, 100.0, 100.0333, 105.5)] == [0, 0, 33, 5500]


def test_a_file_has_its_own_time_from_where_it_begins() -> None:
    clock = FileClock(25)
    places = [clock.place(index, index * 0.04) for index in (50, 51, 52)]
    assert places == [(0, True), (40, False), (80, False)]
    assert clock.end == 120


def test_where_one_jumps_to_follows_at_once() -> None:
    clock = FileClock(25)
    places = [clock.place(index, index * 0.04) for index in (0, 1, 100, 101, 7)]
    assert places == [(0, True), (40, False), (80, True), (120, False), (160, True)]


def test_a_variable_rate_is_kept() -> None:
    clock = FileClock(25)
    assert [clock.place(n, moment)[0] for n, moment in enumerate((0.0, 0.5, 0.51, 2.0))] == [0, 500, 510, 2000]
    assert clock.end == 3490


def test_frames_that_a_fast_playback_leaves_out_leave_their_time() -> None:
    clock = FileClock(25)
    places = [clock.place(index, index * 0.04) for index in (0, 8, 16, 80)]
    assert places == [(0, True), (320, False), (640, False), (960, True)]


def test_frames_that_are_left_out_keep_their_time() -> None:
    clock = FileClock(25, skips=True)
    assert [clock.place(index, index * 0.04)[0] for index in (0, 3, 6)] == [0, 120, 240]
