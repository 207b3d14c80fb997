"""What an analysed video offers for export."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.core.analysis import AnalysisWriter, Head, Way, analysis_path
from desktop_app.core.model import Thresholds
from desktop_app.core.results import Result, Timings
from desktop_app.exporting.item import ExportItem
from desktop_app.gui.export_commands import PROVIDERS
from desktop_app.gui.export_offer import Offer
from desktop_app.gui.export_video import video_offer
from desktop_app.gui.video_tools import video_tools
from desktop_app.models import catalog
from tests.gui.conftest import Program
from tests.gui.fake_client import COCO, detections

COUNT = 60
HEAD = Head("clip.mp4", "yolov3-tiny", "detect", COCO, 640, 480, 25.0, COUNT, "openvino", "CPU", "fp32", (416, 416))


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"a video of which the window knows by its recogniser only")
    return path


def analyse(video: Path, *numbers: int) -> None:
    """A person in each frame, a bus in 10 to 14."""
    writer = AnalysisWriter(analysis_path(str(video), Way.of(catalog.find("yolov3-tiny"))), HEAD)
    for number in numbers:
        rows = [(0.0, 0.0, 9.0, 9.0, 0.9, 0), *([(0.0, 0.0, 99.0, 90.0, 0.4, 5)] if 10 <= number < 15 else [])]
        found = Result(number, 0.0, "yolov3-tiny", detections(*rows), Timings(1, 2, 3), "openvino", "CPU")
        writer.add(number, number / 25, found)
    writer.close()


def open_video(program: Program, video: Path, qtbot: QtBot, *, analysed: bool = True) -> None:
    tools = video_tools(program.controller)
    program.client.push_loaded()
    program.window.commands.open((str(video),))
    fields = {"title": "clip.mp4", "fps": 25.0, "frame_count": COUNT, "duration": COUNT / 25, "seekable": True}
    program.client.push_opened("video", spec=str(video), **fields)
    program.tick()
    if analysed:
        qtbot.waitUntil(lambda: bool(tools.analysis.analyses))


def offer_of(program: Program) -> Offer:
    offer = video_offer(program.window)
    assert offer is not None
    return offer


def items(offer: Offer, key: str) -> list[ExportItem]:
    return list(next(choice for choice in offer.choices if choice.key == key).items())


def test_all_frames_with_what_was_found_in_them(program: Program, video: Path, qtbot: QtBot) -> None:
    analyse(video, *range(COUNT))
    open_video(program, video, qtbot)
    offer = offer_of(program)
    assert offer.name == "clip"
    assert [(choice.key, choice.count, choice.frames, choice.files) for choice in offer.choices] == [
        ("all", COUNT, True, False)
    ]
    assert [(model.key, model.task, model.names) for model in offer.models] == [("yolov3-tiny", "detect", COCO)]
    found = items(offer, "all")
    assert [item.frame for item in found] == list(range(COUNT))
    record = found[12].records[0]
    assert (record["source"], record["frame"], record["time_s"]) == (str(video), 12, 12 / 25)
    assert (record["width"], record["height"]) == (640, 480)
    assert [each["label"] for each in record["detections"]] == ["person", "bus"]


def test_where_something_was_found_and_the_range(program: Program, video: Path, qtbot: QtBot) -> None:
    analyse(video, *range(40))
    open_video(program, video, qtbot)
    analysis = video_tools(program.controller).analysis
    analysis.search(("bus",), 0.25, 5)
    program.controller.playback.set_first(30)
    offer = offer_of(program)
    assert [(choice.key, choice.count) for choice in offer.choices] == [("found", 5), ("range", 10), ("all", 40)]
    assert [item.frame for item in items(offer, "found")] == [10, 11, 12, 13, 14]
    assert [item.frame for item in items(offer, "range")] == list(range(30, 40))


def test_the_classes_that_are_shown(program: Program, video: Path, qtbot: QtBot) -> None:
    analyse(video, 12)
    open_video(program, video, qtbot)
    program.controller.set_thresholds(Thresholds(classes=(5,)))
    (item,) = items(offer_of(program), "all")
    assert [each["label"] for each in item.records[0]["detections"]] == ["bus"]


def test_a_video_that_was_not_analysed_offers_its_frame(program: Program, video: Path, qtbot: QtBot) -> None:
    open_video(program, video, qtbot, analysed=False)
    assert all(provider(program.window) is None for provider in PROVIDERS)
