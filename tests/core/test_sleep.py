"""Sleep of the computer, told by two clocks of the test's own."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from desktop_app.core.pipeline import Pipeline
from desktop_app.core.sleep import SleepWatch, always_on
from desktop_app.core.source import SourceInfo
from tests.core.fakes import FakeSource, Recorder


class Clocks:
    def __init__(self) -> None:
        self.awake = self.always = 100.0

    def watch(self) -> SleepWatch:
        return SleepWatch(lambda: self.awake, lambda: self.always)

    def go(self, awake: float, always: float) -> None:
        self.awake += awake
        self.always += always


def test_a_clock_that_ran_ahead_tells_of_sleep_once() -> None:
    clocks = Clocks()
    watch = clocks.watch()
    clocks.go(0.5, 0.5)
    assert not watch.slept()
    clocks.go(0.5, 3600.5)
    assert watch.slept()
    clocks.go(0.5, 0.5)
    assert not watch.slept()


@pytest.mark.parametrize(("awake", "always", "slept"), [(8.0, 8.0, False), (60.0, 60.0, True), (0.5, -3600.0, False)])
def test_what_is_sleep_and_what_is_not(awake: float, always: float, slept: bool) -> None:
    """A busy machine, a held process (or sleep on Windows), a clock that is set back."""
    clocks = Clocks()
    watch = clocks.watch()
    clocks.go(awake, always)
    assert watch.slept() is slept


def test_the_clock_of_this_system_goes_on() -> None:
    first = always_on()
    assert always_on() >= first
    assert not SleepWatch().slept()


class Reopenable(FakeSource):
    reopened = 0

    def reopen(self) -> None:
        self.reopened += 1


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def pipeline(recorder: Recorder) -> Iterator[Pipeline]:
    made = Pipeline(recorder)
    yield made
    made.stop(2.0)


@pytest.mark.parametrize("live", [True, False])
def test_live_sources_are_opened_anew_and_say_so(live: bool, recorder: Recorder, pipeline: Pipeline) -> None:
    source = Reopenable(live=live)
    source.info = SourceInfo("fake:", "camera" if live else "video", "fake", live, 8, 6)
    pipeline.wake()  # nothing is open: nothing happens

    def opener(_: object, stop: threading.Event) -> Reopenable:
        source.stop = stop
        return source

    pipeline.open(1, opener)
    source.step.release()
    recorder.wait_phase("live" if live else "playing")
    pipeline.wake()
    assert source.reopened == int(live)
    assert ("lost" in [phase for _, _, phase, _ in recorder.of("phase")]) is live
