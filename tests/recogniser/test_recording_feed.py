from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection
from typing import Any

import numpy as np
import pytest

from desktop_app.core.frame import Frame
from desktop_app.core.results import Detections, Result, Timings
from desktop_app.core.source import SourceInfo
from desktop_app.recogniser import messages as m
from desktop_app.recogniser import recording_wire as wire
from desktop_app.recogniser.frame_slots import FrameSlots
from desktop_app.recogniser.recording_feed import RecordingFeed

LIVE = SourceInfo("demo:", "demo", "Demo", True, 8, 6, 30.0)
FILE = SourceInfo("a.mp4", "video", "a.mp4", False, 8, 6, 25.0, frame_count=10)


class Models:
    """Stands in for the pipeline."""

    def __init__(self) -> None:
        self.keys = ["yolov3-tiny"]

    def models(self) -> list[tuple[str, Any]]:
        return [(key, self) for key in self.keys]

    names = ("person", "dog")


def frame(index: int, *, at: float | None = None, media_time: float | None = None, side: int = 8) -> Frame:
    return Frame(np.full((6, side, 3), index, np.uint8), index, time.perf_counter() if at is None else at, media_time)


def result(index: int, confidence: float = 0.9, at: float = 0.0) -> Result:
    boxes = Detections(
        np.array([[0, 0, 4, 4]], np.float32), np.array([confidence], np.float32), np.array([1], np.int64)
    )
    return Result(index, at, "yolov3-tiny", boxes, Timings(1, 2, 3), "openvino", "CPU")


class Recorder:
    """The other end, which takes messages when the test wants."""

    def __init__(self, event: m.FeedReady) -> None:
        self.feed: Connection = Client(event.address, authkey=event.key)
        self.slots: FrameSlots | None = None
        self.pixels: list[int] = []

    def take(self, *, clear: bool = True) -> wire.Fed:
        assert self.feed.poll(20), "nothing came"
        message = wire.receive(self.feed)
        if isinstance(message, wire.FedSlots):
            if self.slots is not None:
                self.slots.close()
            self.slots = FrameSlots(message.name, message.slot_bytes)
            return self.take(clear=clear)
        if isinstance(message, wire.FedFrame):
            assert self.slots is not None
            pixels = self.slots.pixels(message.slot, message.height, message.width)
            self.pixels.append(int(pixels.mean()))
            del pixels
            if clear:
                self.slots.clear(message.slot)
        return message

    def frame(self) -> wire.FedFrame:
        while True:
            message = self.take()
            if isinstance(message, wire.FedFrame):
                return message

    def all(self) -> list[wire.Fed]:
        found = [self.take()]
        while not isinstance(found[-1], wire.FedEnd):
            found.append(self.take())
        return found

    def frames(self) -> list[wire.FedFrame]:
        return [message for message in self.all() if isinstance(message, wire.FedFrame)]

    def close(self) -> None:
        self.feed.close()
        if self.slots is not None:
            self.slots.close()


class Scene:
    def __init__(self) -> None:
        self.events: list[m.Event] = []
        self.models = Models()
        self.feed = RecordingFeed(self.events.append, self.models)  # type: ignore[arg-type]
        self.recorders: list[Recorder] = []

    def start(self) -> Recorder:
        self.feed.start(m.StartRecording(time.perf_counter()))
        event = self.events[-1]
        assert isinstance(event, m.FeedReady)
        self.recorders.append(Recorder(event))
        return self.recorders[-1]

    def stop(self) -> None:
        self.feed.stop(m.StopRecording(time.perf_counter()))


@pytest.fixture
def scene() -> Iterator[Scene]:
    made = Scene()
    yield made
    for recorder in made.recorders:
        recorder.close()
    made.feed.shut_down(5)


def test_names_come_first_then_what_is_on_the_screen(scene: Scene) -> None:
    scene.feed.newest(1, frame(7))
    scene.feed.recognised(1, result(7))
    recorder = scene.start()
    assert recorder.take() == wire.FedNames("yolov3-tiny", ("person", "dog"))
    first = recorder.frame()
    assert (first.index, len(first.results), recorder.pixels) == (7, 1, [7])


def test_a_live_frame_is_given_as_it_was_last_seen(scene: Scene) -> None:
    scene.feed.newest(1, frame(0))
    recorder = scene.start()
    assert recorder.frame().results == ()
    scene.feed.newest(1, frame(1))
    scene.feed.recognised(1, result(1, 0.5))
    scene.feed.newest(1, frame(2))
    seen = recorder.frame()
    assert seen.index == 1
    assert seen.results[0].frame_index == 1
    assert not seen.own


def test_every_live_result_is_told_once(scene: Scene) -> None:
    recorder = scene.start()
    for index in range(5):
        scene.feed.newest(1, frame(index))
        scene.feed.recognised(1, result(index))
    scene.stop()
    told = [message for message in recorder.all() if isinstance(message, wire.FedResult)]
    assert [message.result.frame_index for message in told] == [0, 1, 2, 3, 4]
    assert {(message.width, message.height) for message in told} == {(8, 6)}


def test_a_frame_that_stays_is_given_and_again_with_other_results(scene: Scene) -> None:
    recorder = scene.start()
    scene.feed.newest(1, frame(3))
    scene.feed.recognised(1, result(3, 0.5))
    assert recorder.frame().index == 3
    scene.feed.recognised(1, result(3, 0.75))
    again = recorder.frame()
    assert again.index == 3
    assert again.results[0].unpack().prediction.confidence[0] == 0.75  # type: ignore[union-attr]


def test_results_of_a_model_that_runs_no_more_are_not_drawn(scene: Scene) -> None:
    recorder = scene.start()
    scene.feed.newest(1, frame(0))
    scene.feed.recognised(1, result(0))
    scene.models.keys = []
    scene.feed.newest(1, frame(1))
    assert recorder.frame().results == ()


def test_a_live_source_never_waits_and_what_is_dropped_is_counted(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop_app.recogniser.recording_feed._BACKLOG_BYTES", 2 * frame(0).bgr.nbytes)
    monkeypatch.setattr("desktop_app.recogniser.frame_slots._MOST", 4)
    recorder = scene.start()
    for index in range(40):
        scene.feed.newest(1, frame(index))
    scene.stop()
    frames = recorder.frames()
    assert len(frames) < 40
    assert scene.feed._dropped == 40 - len(frames)
    assert frames[-1].dropped > 0
    assert frames[-1].index == 39


def test_a_file_waits_for_the_recorder_and_loses_nothing(scene: Scene) -> None:
    recorder = scene.start()
    recorder.take()  # it has called, and takes no frame yet
    stop = threading.Event()
    # Of unknown length: nobody can tell where it ends.
    info = SourceInfo("a.mp4", "video", "a.mp4", False, 8, 6, 25.0)

    def capture() -> None:
        for index in range(40):
            scene.feed.wait_for_room(stop)
            scene.feed.done(1, frame(index, media_time=index / 25), [result(index)], info)

    thread = threading.Thread(target=capture)
    thread.start()
    frames = [recorder.frame().index for _ in range(40)]
    thread.join(20)
    assert frames == list(range(40))


def test_a_file_that_begins_again_is_over(scene: Scene) -> None:
    recorder = scene.start()
    for index in (8, 9, 0, 1):
        scene.feed.done(1, frame(index, media_time=index / 25), [result(index)], FILE)
    messages = recorder.all()
    assert [message.index for message in messages if isinstance(message, wire.FedFrame)] == [8, 9]
    assert isinstance(messages[-1], wire.FedEnd)
    assert messages[-1].reason == "ended"


def test_going_back_in_a_file_goes_on(scene: Scene) -> None:
    recorder = scene.start()
    for index in (5, 6, 2, 2, 3):
        scene.feed.done(1, frame(index, media_time=index / 25), [result(index)], FILE)
    scene.stop()
    assert [message.index for message in recorder.frames()] == [5, 6, 2, 3]


def test_another_source_ends_it(scene: Scene) -> None:
    scene.feed.newest(1, frame(0))
    recorder = scene.start()
    scene.feed.newest(2, frame(0))
    end = recorder.all()[-1]
    assert isinstance(end, wire.FedEnd)
    assert end.reason == "source"


def test_a_lost_signal_is_told_and_its_return(scene: Scene) -> None:
    scene.feed.newest(1, frame(0))
    recorder = scene.start()
    scene.feed.phase(1, "lost")
    scene.feed.newest(1, frame(1))
    scene.stop()
    phases = [message.lost for message in recorder.all() if isinstance(message, wire.FedPhase)]
    assert phases == [True, False]


def test_the_end_of_a_file_ends_it(scene: Scene) -> None:
    recorder = scene.start()
    scene.feed.done(1, frame(9, media_time=0.36), [], FILE)
    scene.feed.phase(1, "ended")
    end = recorder.all()[-1]
    assert isinstance(end, wire.FedEnd)
    assert end.reason == "ended"


def test_frames_that_grow_get_larger_slots(scene: Scene) -> None:
    recorder = scene.start()
    for index, side in enumerate((8, 8, 64, 64)):
        scene.feed.done(1, frame(index, side=side), [], LIVE)
    scene.stop()
    assert [message.width for message in recorder.frames()] == [8, 8, 64, 64]
    assert recorder.pixels == [0, 1, 2, 3]


def test_a_recorder_that_never_calls_leaves_no_thread(scene: Scene) -> None:
    scene.feed.start(m.StartRecording(time.perf_counter()))
    scene.feed.newest(1, frame(0))
    scene.feed.shut_down(0.1)
    assert not scene.feed._threads


def test_a_recorder_that_dies_ends_the_feed(scene: Scene) -> None:
    recorder = scene.start()
    recorder.take()
    recorder.close()
    for index in range(200):
        scene.feed.newest(1, frame(index))
        if not scene.feed._active:
            break
        time.sleep(0.01)
    scene.feed.shut_down(5)
    assert not scene.feed._threads


def test_only_the_right_key_opens_the_feed(scene: Scene) -> None:
    scene.feed.start(m.StartRecording(time.perf_counter()))
    event = scene.events[-1]
    assert isinstance(event, m.FeedReady)
    with pytest.raises(AuthenticationError):
        Client(event.address, authkey=b"guessed")
    scene.recorders.append(Recorder(event))
    scene.feed.newest(1, frame(5))
    assert scene.recorders[-1].frame().index == 5
