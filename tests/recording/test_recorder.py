"""The recorder in its own process, fed as the recogniser feeds it."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from desktop_app.core.frame import Frame
from desktop_app.core.source import SourceInfo
from desktop_app.recogniser import messages as recogniser
from desktop_app.recogniser.recording_feed import RecordingFeed
from desktop_app.recording import messages as m
from desktop_app.recording.client import RecorderProcess
from desktop_app.render.overlay import OverlayOptions
from tests.recogniser.test_recording_feed import Models, result
from tests.recording.media import flat, frame_times, make_film, pictures, sound_packets

FILE = SourceInfo("a.mp4", "video", "a.mp4", False, 64, 48, 25.0, frame_count=50)


class Studio:
    """A recogniser's feed and a recorder; the test is the source and the window."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.recorder = RecorderProcess()
        self.feeds: list[RecordingFeed] = []
        self.began_at = 0.0
        self.said: list[m.FromRecorder] = []

    def start(self, **changes: Any) -> None:
        self.began_at = time.perf_counter()
        values: dict[str, Any] = {
            "path": str(self.folder / "a.mkv"),
            "format": "mkv",
            "began_at": self.began_at,
            "is_file": False,
            "rate": 25.0,
            "source": "demo:",
            "sound": None,
            "overlay": True,
            "sidecar": True,
            "subtitles": True,
            "look": m.Look(OverlayOptions()),
        }
        self.recorder.start(m.Job(**{**values, **changes}))
        self.feed_begins()

    def feed_begins(self) -> RecordingFeed:
        """Also of a recogniser that was started again."""
        told: list[recogniser.Event] = []
        feed = RecordingFeed(told.append, Models())  # type: ignore[arg-type]
        self.feeds.append(feed)
        feed.start(recogniser.StartRecording(self.began_at))
        event = told[-1]
        assert isinstance(event, recogniser.FeedReady)
        self.recorder.send(m.Call(event.address, event.key))
        return feed

    @property
    def feed(self) -> RecordingFeed:
        return self.feeds[-1]

    def stop(self) -> None:
        at = time.perf_counter()
        self.feed.stop(recogniser.StopRecording(at))
        self.recorder.send(m.Finish(at))

    def wait_for(self, test: Callable[[m.FromRecorder], bool]) -> m.FromRecorder:
        for _ in range(6000):
            for message in self.recorder.poll():
                self.said.append(message)
                if test(message):
                    return message
            time.sleep(0.01)
        raise AssertionError(f"the recorder said only {self.said}")

    def frames_written(self, count: int) -> None:
        self.wait_for(lambda said: isinstance(said, m.Progress) and said.frames >= count)

    def done(self) -> m.Done:
        said = self.wait_for(lambda said: isinstance(said, m.Done))
        assert isinstance(said, m.Done)
        return said


@pytest.fixture
def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    made = Studio(tmp_path)
    yield made
    made.recorder.stop(10)
    for feed in made.feeds:
        feed.shut_down(5)


def live(index: int, value: int = 90) -> Frame:
    return Frame(flat(value), index, time.perf_counter())


def test_a_live_recording_lasts_as_long_as_it_lasted(studio: Studio) -> None:
    studio.start()
    studio.feed.newest(1, live(0))
    for index in range(1, 30):
        time.sleep(0.03)
        studio.feed.newest(1, live(index))
        studio.feed.recognised(1, result(index, at=time.perf_counter()))
    time.sleep(1.2)  # paused: nothing comes
    lasted = time.perf_counter() - studio.began_at
    studio.stop()
    done = studio.done()
    assert (done.reason, done.message) == ("stopped", "")
    times = frame_times(Path(done.path))
    assert times[-1] / 1000 == pytest.approx(lasted, rel=0.01)
    assert done.milliseconds == times[-1]
    rows = [json.loads(line) for line in Path(done.path).with_suffix(".jsonl").read_text().splitlines()]
    assert [row["frame"] for row in rows] == list(range(1, 30))
    assert all(0 <= row["recording_s"] <= lasted for row in rows)
    assert "1 dog" in Path(done.path).with_suffix(".vtt").read_text()


@pytest.mark.parametrize("overlay", [True, False])
def test_boxes_are_in_the_picture_or_not(studio: Studio, overlay: bool) -> None:
    studio.start(overlay=overlay)
    big = np.full((360, 480, 3), 60, np.uint8)
    studio.feed.done(1, Frame(big, 0, time.perf_counter()), [result(0)], None)
    studio.stop()
    shown = pictures(Path(studio.done().path))[0]
    assert bool((np.abs(shown[:40, :40].astype(int) - 60) > 30).any()) == overlay


def test_a_file_keeps_every_frame_its_times_and_its_sound(studio: Studio, tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mp4", [n * 40 for n in range(50)])
    studio.start(is_file=True, sound=str(film), source="film.mp4", path=str(tmp_path / "a.mp4"), format="mp4")
    never = threading.Event()
    for index in range(50):
        studio.feed.wait_for_room(never)
        studio.feed.done(1, Frame(flat(4 * index), index, 0.0, index / 25), [result(index)], FILE)
    studio.feed.phase(1, "ended")
    done = studio.done()
    assert done.reason == "ended"
    assert frame_times(Path(done.path)) == [n * 40 for n in range(50)]
    assert sound_packets(Path(done.path)) == sound_packets(film)
    rows = [json.loads(line) for line in Path(done.path).with_suffix(".jsonl").read_text().splitlines()]
    assert [(row["frame"], row["time_s"], row["recording_s"]) for row in rows] == [
        (n, n / 25, n / 25) for n in range(50)
    ]


def test_a_lost_signal_turns_grey(studio: Studio) -> None:
    studio.start(overlay=False)
    red = np.zeros((48, 64, 3), np.uint8)
    red[:, :, 2] = 200
    studio.feed.newest(1, Frame(red, 0, time.perf_counter()))
    studio.frames_written(1)
    studio.feed.phase(1, "lost")
    studio.frames_written(2)
    studio.stop()
    first, *_, last = pictures(Path(studio.done().path))
    assert int(first[20, 20, 2]) - int(first[20, 20, 0]) > 100
    assert int(last[20, 20].max()) - int(last[20, 20].min()) < 8
    assert last[20, 20].max() < 60


def test_a_recogniser_that_dies_is_waited_for(studio: Studio) -> None:
    studio.start()
    studio.feed.newest(1, live(0))
    studio.frames_written(1)
    line = studio.feed._connection
    assert line is not None
    line.close()  # without a word
    second = studio.feed_begins()
    second.newest(1, live(40, value=200))
    studio.frames_written(4)
    studio.stop()
    done = studio.done()
    if done.reason == "stopped":
        assert pictures(Path(done.path))[-1].mean() > 150


@pytest.mark.logs_warnings
def test_a_killed_recorder_leaves_what_it_has_written(studio: Studio) -> None:
    studio.start()
    for index in range(60):
        studio.feed.newest(1, live(index, value=index))
        time.sleep(0.02)
    studio.frames_written(55)
    pid = studio.recorder.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    done = studio.done()
    assert done.reason == "died"
    assert done.frames >= 55
    assert len(frame_times(Path(done.path))) >= 30


def test_a_window_that_dies_leaves_a_whole_file(studio: Studio) -> None:
    studio.start()
    studio.feed.newest(1, live(0))
    studio.frames_written(1)
    assert studio.recorder._orders is not None
    studio.recorder._orders.close()
    done = studio.done()
    assert done.reason == "orphaned"
    assert frame_times(Path(done.path))


def test_what_cannot_be_written_is_told(studio: Studio, tmp_path: Path) -> None:
    studio.start(path=str(tmp_path / "absent" / "a.mkv"), sidecar=False, subtitles=False)
    studio.feed.newest(1, live(0))
    done = studio.done()
    assert (done.reason, done.frames) == ("error", 0)
    assert "a.mkv" in done.message


def test_nothing_recorded_leaves_no_file(studio: Studio, tmp_path: Path) -> None:
    studio.start()
    studio.stop()
    assert studio.done().frames == 0
    assert not list(tmp_path.glob("a.*"))
