"""The exporting process as the window runs it, with the real process."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desktop_app.exporting.item import ExportItem
from desktop_app.recogniser import export_wire as wire
from desktop_app.recogniser.export_client import ExportProcess
from tests.exporting import samples
from tests.sources.corpus import number_of, numbered

ROW: samples.Row = (4.0, 6.0, 20.0, 30.0, 0.9, 0)


@pytest.fixture
def process() -> Iterator[ExportProcess]:
    made = ExportProcess()
    yield made
    made.stop()


def wait(process: ExportProcess, found: Callable[[wire.Event], bool]) -> list[wire.Event]:
    """All events up to the one that `found` says is it."""
    events: list[wire.Event] = []
    until = time.monotonic() + 60
    while not any(found(event) for event in events):
        assert time.monotonic() < until, events
        events += process.poll()
        time.sleep(0.01)
    return events


def last(event: wire.Event) -> bool:
    return not isinstance(event, wire.Progress)


def test_pictures_and_pixels_become_a_data_set(process: ExportProcess, tmp_path: Path) -> None:
    path = samples.picture(tmp_path / "in/a.jpg")
    record = samples.record_of(samples.detections(ROW), "Camera", (320, 240))
    process.start(samples.job(tmp_path / "out", "coco", total=2))
    process.send([samples.item(path, ROW)])
    process.send([ExportItem((record,), "Camera", bgr=numbered(5))])
    process.finish()
    done = wait(process, last)[-1]
    assert isinstance(done, wire.Done)
    assert (done.report.pictures, done.report.labels, done.report.failed) == (2, 2, [])
    from desktop_app.sources.image_file import read_picture

    assert number_of(read_picture(str(tmp_path / "out/images/train/Camera.jpg"))) == 5
    assert len(json.loads((tmp_path / "out/annotations/instances_train.json").read_text())["images"]) == 2


def test_it_tells_how_far_it_is_and_can_be_cancelled(process: ExportProcess, tmp_path: Path) -> None:
    path = samples.picture(tmp_path / "in/a.jpg")
    process.start(samples.job(tmp_path / "out", "yolo"))
    process.send([samples.item(path, ROW)] * 20)
    progress = wait(process, lambda event: isinstance(event, wire.Progress))[-1]
    assert isinstance(progress, wire.Progress)
    assert progress.done >= 1
    process.cancel()
    assert isinstance(wait(process, last)[-1], wire.Cancelled)
    assert not list(tmp_path.glob("*out*"))


def test_what_goes_wrong_is_told_in_words(process: ExportProcess, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine").touch()
    process.start(samples.job(tmp_path / "out", "yolo"))
    process.finish()
    failed = wait(process, last)[-1]
    assert isinstance(failed, wire.Failed)
    assert "holds something already" in failed.message


def test_a_window_that_closes_leaves_nothing_half_made(process: ExportProcess, tmp_path: Path) -> None:
    path = samples.picture(tmp_path / "in/a.jpg")
    process.start(samples.job(tmp_path / "out", "yolo"))
    process.send([samples.item(path, ROW)] * 3)
    wait(process, lambda event: isinstance(event, wire.Progress))
    assert list(tmp_path.glob(".out.*.part"))
    process.stop()
    assert not list(tmp_path.glob("*out*"))


def test_a_native_crash_is_told(process: ExportProcess, tmp_path: Path) -> None:
    process.start(samples.job(tmp_path / "out", "yolo"))
    process.send([samples.item(samples.picture(tmp_path / "in/a.jpg"), ROW)])
    wait(process, lambda event: isinstance(event, wire.Progress))
    assert process._process is not None
    assert process._process.pid is not None
    os.kill(process._process.pid, 9)
    crashed = wait(process, last)[-1]
    assert isinstance(crashed, wire.Crashed)
    assert "-9" in crashed.message
    assert not list(tmp_path.glob("*out*"))


def test_pixels_survive_the_wire() -> None:
    sent = wire.Items((ExportItem(({"model": "m"},), "x", None, numbered(9), split="val"),))
    got = wire.decode_command(wire.encode(sent))
    assert isinstance(got, wire.Items)
    assert got.items[0].split == "val"
    assert got.items[0].bgr is not None
    assert number_of(got.items[0].bgr) == 9
