"""The processes beside the window for a video: small pictures and analyses, for real."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from desktop_app.core.analysis import Analysis, AnalysisTask, Way, analysis_path
from desktop_app.core.model import Placement
from desktop_app.models import catalog
from desktop_app.recogniser import analysis_wire as wire
from desktop_app.recogniser.analysis_client import AnalysisProcess
from desktop_app.recogniser.thumbnail_client import ThumbnailProcess
from desktop_app.recogniser.thumbnail_wire import SIZE, Thumbnail
from tests.sources import corpus


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return corpus.write_video(tmp_path_factory.mktemp("video") / "clip.mp4", "libx264", 90, b_frames=2)


def _wait(found: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _number(small: Thumbnail) -> int:
    bgr = np.frombuffer(small.pixels, np.uint8).reshape(small.height, small.width, 3)
    scale = small.height / 240
    return sum(int(bgr[int(60 * scale), int((22 + bit * 30) * scale)].mean() > 150) << bit for bit in range(10))


def test_small_pictures_of_a_video(video: Path) -> None:
    process = ThumbnailProcess()
    came: dict[int, Thumbnail] = {}

    def take() -> int:
        came.update({small.number: small for small in process.poll()})
        return len(came)

    try:
        process.start(str(video), 9)
        _wait(lambda: take() >= 9)
        process.want(71)
        _wait(lambda: take() > 0 and 71 in came)
        assert _number(came[71]) == 71
        assert all(_number(small) == number for number, small in came.items())
        assert {(small.width, small.height) for small in came.values()} == {(144, SIZE[1])}
        process.start(str(video), 9)
        process.rest(True)
        process.want(33)
        _wait(lambda: 33 in {small.number for small in process.poll()})
        process.rest(False)
        came.clear()
        _wait(lambda: take() > 0)
        process.start(str(video.with_name("none.mp4")), 9)
        _wait(lambda: process.poll() == [] and process._process is None)
    finally:
        process.stop()


def _events(process: AnalysisProcess, until: Callable[[list[wire.Event]], bool]) -> list[wire.Event]:
    events: list[wire.Event] = []

    def take() -> bool:
        events.extend(process.poll())
        return until(events)

    _wait(take, 120.0)
    return events


def _ended(events: list[wire.Event]) -> bool:
    return bool(events) and isinstance(events[-1], wire.Done | wire.Failed)


def test_an_analysis_that_cannot_be(video: Path) -> None:
    process = AnalysisProcess()
    try:
        process.start(wire.Job(AnalysisTask(str(video)), ("no-such-model",), Placement()))
        (said,) = _events(process, _ended)
        assert isinstance(said, wire.Failed)
        assert "no-such-model" in said.message
        assert not said.traceback
    finally:
        process.stop()


@pytest.mark.package_index
@pytest.mark.usefixtures("starter_models")
def test_an_analysis_from_beginning_to_end(video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "another name.mp4"
    copy.write_bytes(video.read_bytes() + tmp_path.name.encode())  # not the one of an earlier run
    path = analysis_path(str(copy), Way.of(catalog.find("yolov3-tiny")))
    process = AnalysisProcess()
    job = wire.Job(AnalysisTask(str(copy)), ("yolov3-tiny",), Placement())
    try:
        process.start(job)
        events = _events(process, lambda events: path.exists() or _ended(events))
        process.cancel()
        assert isinstance((events + _events(process, _ended) if not _ended(events) else events)[-1], wire.Done)
        process.start(job)
        done = _events(process, _ended)[-1]
        assert isinstance(done, wire.Done)
        assert not done.cancelled
        assert Analysis(path).done.tolist() == list(range(90))
    finally:
        process.stop()
        path.unlink(missing_ok=True)
