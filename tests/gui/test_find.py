"""Analysing a video and finding classes in it, through the window."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_app.core.analysis import AnalysisWriter, Head, Way, analysis_path
from desktop_app.core.progress import Progress
from desktop_app.core.results import Result, Timings
from desktop_app.gui import texts
from desktop_app.gui.find_view import FindView
from desktop_app.gui.panels.find import FindPanel
from desktop_app.gui.video_tools import VideoTools, video_tools
from desktop_app.i18n import tr_class
from desktop_app.models import catalog
from desktop_app.recogniser import analysis_wire as wire
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.thumbnail_job import strip_order
from desktop_app.recogniser.thumbnail_wire import Thumbnail
from tests.gui.conftest import Program
from tests.gui.fake_client import COCO, detections, frame, result

COUNT = 300


class FakeAnalysis:
    """The `AnalysisClient` protocol without a process."""

    def __init__(self) -> None:
        self.jobs: list[wire.Job] = []
        self.events: list[wire.Event] = []
        self.cancelled = self.stopped = 0

    def start(self, job: wire.Job) -> None:
        assert wire.decode_job(wire.encode(job)) == job
        self.jobs.append(job)

    def poll(self) -> list[wire.Event]:
        events, self.events = self.events, []
        return [wire.decode_event(wire.encode(event)) for event in events]

    def cancel(self) -> None:
        self.cancelled += 1

    def stop(self) -> None:
        self.stopped += 1


class FakeThumbnails:
    """The `ThumbnailClient` protocol without a process."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.wanted: list[int] = []
        self.rested: list[bool] = []
        self.came: list[Thumbnail] = []

    def start(self, spec: str, count: int) -> None:
        self.started.append(spec)

    def want(self, number: int) -> None:
        self.wanted.append(number)

    def rest(self, resting: bool) -> None:
        self.rested.append(resting)

    def poll(self) -> list[Thumbnail]:
        came, self.came = self.came, []
        return came

    def stop(self) -> None:
        pass


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"a video of which the window knows by its recogniser only")
    return path


@pytest.fixture
def tools(program: Program) -> VideoTools:
    found = video_tools(program.controller)
    found.analysis.client = FakeAnalysis()
    found.thumbnails.client = FakeThumbnails()
    return found


def _way() -> Way:
    return Way.of(catalog.find("yolov3-tiny"))


def _write(video: Path, *numbers: int) -> None:
    """A person in each frame, a bus in 100 to 149 and in 200."""
    head = Head("clip.mp4", "yolov3-tiny", "detect", COCO, 640, 480, 25.0, COUNT, "openvino", "CPU", "fp32", (416, 416))
    writer = AnalysisWriter(analysis_path(str(video), _way()), head)
    for number in numbers:
        rows = [(0.0, 0.0, 9.0, 9.0, 0.9, 0)]
        if 100 <= number < 150 or number == 200:
            rows.append((0.0, 0.0, 9.0, 9.0, 0.8 if number == 120 else 0.4, 5))
        found = Result(number, 0.0, "yolov3-tiny", detections(*rows), Timings(1, 2, 3), "openvino", "CPU")
        writer.add(number, number / 25, found)
    writer.close()


def _open(program: Program, video: Path, **fields: object) -> None:
    program.client.push_loaded()
    program.window.commands.open((str(video),))
    program.client.push_opened(
        "video",
        **{
            "spec": str(video),
            "title": "clip.mp4",
            "fps": 25.0,
            "frame_count": COUNT,
            "duration": COUNT / 25,
            "seekable": True,
            **fields,
        },
    )
    _show(program, 0)


def _show(program: Program, number: int) -> None:
    """The frame is on the screen, with its result."""
    program.client.push_result(result(detections(), number))
    program.client.frame = frame(number)
    program.tick()
    assert program.controller.frame is not None
    assert program.controller.frame.index == number


def _view(program: Program) -> FindView:
    program.window.actions_.by_key["find_video"].trigger()
    panel = program.window.docks.panels["find"]
    assert isinstance(panel, FindPanel)
    return panel.view


def _client(tools: VideoTools) -> FakeAnalysis:
    assert isinstance(tools.analysis.client, FakeAnalysis)
    return tools.analysis.client


def test_analyse_cancel_and_go_on(program: Program, tools: VideoTools, video: Path, qtbot: QtBot) -> None:
    view = _view(program)
    assert not view.empty.isHidden()
    _open(program, video)
    assert view.start.text() == "Analyse all"
    assert view.search.isHidden()
    view.start.click()
    client = _client(tools)
    job = client.jobs[0]
    assert (job.models, job.task.spec, job.task.first, job.task.last) == (("yolov3-tiny",), str(video), 0, COUNT - 1)
    assert (view.start.isHidden(), view.cancel.isHidden()) == (True, False)
    _write(video, *range(120))
    client.events.append(wire.Working(Progress("analysis", "ready", 120, COUNT, 60.0)))
    tools.analysis.tick()
    qtbot.waitUntil(lambda: bool(tools.analysis._paths))
    tools.analysis.refresh()
    assert view.state.text() == "120 of 300 frames · 60 frames/s · 3\u00a0s left"
    assert view.bar.fraction == pytest.approx(0.4)
    assert view.classes.rowCount() == 2  # already searchable
    view.cancel.click()
    assert client.cancelled == 1
    client.events.append(wire.Done(120, True))
    tools.analysis.tick()
    assert view.start.text() == "Go on with the analysis"
    assert view.state.text() == "40\u00a0% analysed with yolov3-tiny."
    view.start.click()
    _write(video, *range(120, COUNT))
    client.events.append(wire.Done(180, False))
    tools.analysis.tick()
    assert view.start.isHidden()
    assert view.state.text() == "Analysed with yolov3-tiny."


def test_what_was_found_in_an_earlier_run_is_there(
    program: Program, tools: VideoTools, video: Path, qtbot: QtBot
) -> None:
    _write(video, *range(COUNT))
    _open(program, video)
    view = _view(program)
    qtbot.waitUntil(lambda: view.classes.rowCount() == 2)
    assert view.classes.data(view.classes.index(0)) == "person, in 300 frames"
    QTest.keyClicks(view.search, "bus")
    assert [(hit.where.first, hit.where.last, hit.where.best) for hit in tools.analysis.hits] == [
        (100, 149, 120),
        (200, 200, 200),
    ]
    assert view.count.text() == "2 places"
    assert view.hits.data(view.hits.index(0)) == "bus, 00:04.00 – 00:05.96, 80\u00a0%"
    view.confidence.slider.setValue(view.confidence.slider.maximum())
    assert view.count.text() == "Not seen."
    view.confidence.slider.setValue(0)
    view.list.clicked.emit(view.hits.index(1))
    program.tick()
    assert program.client.last(m.Seek).frame_index == 200
    QTest.keyClick(view.search, Qt.Key.Key_Return)
    program.tick()
    assert program.client.last(m.Seek).frame_index == 100
    _show(program, 100)
    for key, place in (("next_hit", 200), ("last_hit", 200)):
        program.window.actions_.by_key[key].trigger()
        program.tick()
        assert program.client.last(m.Seek).frame_index == place
    view.search.setText("unicorn")
    assert view.count.text() == "No model that runs knows such a class."
    assert tools.analysis.hits == ()


def test_classes_are_found_in_both_languages(program: Program, tools: VideoTools, video: Path, qtbot: QtBot) -> None:
    _write(video, *range(COUNT))
    _open(program, video)
    view = _view(program)
    qtbot.waitUntil(lambda: view.classes.rowCount() == 2)
    texts.change_language("fr")
    french = tr_class("person")
    assert french != "person"
    for typed in (french, french.upper(), "person"):
        view.search.setText(typed)
        assert [hit.label for hit in tools.analysis.hits] == ["person"], typed


def test_other_models_and_ways_have_analyses_of_their_own(
    program: Program, tools: VideoTools, video: Path, qtbot: QtBot
) -> None:
    _write(video, *range(COUNT))
    _open(program, video)
    qtbot.waitUntil(lambda: bool(tools.analysis.analyses))
    program.controller.set_orientation(False, 90)
    program.controller.source_changed.emit()
    qtbot.waitUntil(lambda: not tools.analysis.analyses)
    program.controller.set_orientation(False, 0)
    program.controller.source_changed.emit()
    qtbot.waitUntil(lambda: bool(tools.analysis.analyses))
    program.show_demo()
    assert not tools.analysis.analyses


def test_a_range_is_played_and_analysed(program: Program, tools: VideoTools, video: Path) -> None:
    _open(program, video)
    _show(program, 50)
    program.window.actions_.by_key["range_first"].trigger()
    _show(program, 99)
    program.window.actions_.by_key["range_last"].trigger()
    playback = program.client.last(m.SetPlayback)
    assert (playback.first, playback.last) == (50, 99)
    view = _view(program)
    assert view.start.text() == "Analyse the range"
    view.start.click()
    assert (_client(tools).jobs[0].task.first, _client(tools).jobs[0].task.last) == (50, 99)
    program.controller.playback.set_last(10)  # before its beginning
    assert (program.controller.playback.first, program.controller.playback.last) == (None, 10)
    _open(program, video)
    assert not program.controller.playback.has_range


def test_trouble_is_told(program: Program, tools: VideoTools, video: Path) -> None:
    _open(program, video)
    view = _view(program)
    view.start.click()
    _client(tools).events.append(wire.Failed("The disk is full.", "Free some space."))
    tools.analysis.tick()
    assert program.toast_titles() == ["The disk is full."]
    assert not view.start.isHidden()


def test_the_timeline_goes_by_time(program: Program, tools: VideoTools, video: Path) -> None:
    """Two thirds of the frames lie in the last quarter of the time."""
    times = (*np.linspace(0, 9, 100).tolist(), *np.linspace(9.1, 12, 200).tolist())
    _open(program, video, times=tuple(times))
    timeline = program.window.stage.transport.slider
    middle = QPoint(timeline.width() // 2, timeline.height() - 8)
    QTest.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=middle)
    program.tick()
    sought = program.client.last(m.Seek).frame_index
    assert abs(times[sought] - 6.0) < 0.1
    for number in (0, 1, 50, 99, 100, 299):
        assert timeline.frame_at_x(timeline.x_of(number)) == number
    timeline.setFocus()
    QTest.keyClick(timeline, Qt.Key.Key_Right)
    program.tick()
    assert program.client.last(m.Seek).frame_index == sought + 1
    assert "frame" in timeline.accessibleDescription()


def test_small_pictures_come_and_hang_on_the_pointer(
    program: Program, tools: VideoTools, video: Path, qtbot: QtBot
) -> None:
    _open(program, video)
    client = tools.thumbnails.client
    assert isinstance(client, FakeThumbnails)
    qtbot.waitUntil(lambda: client.started == [str(video)])
    client.came.append(Thumbnail(1, 150, 4, 2, bytes([0, 0, 255] * 8)))
    qtbot.waitUntil(lambda: tools.thumbnails.nearest(140) is not None)
    image = tools.thumbnails.nearest(140)
    assert isinstance(image, QImage)
    assert image.pixelColor(0, 0).red() == 255
    assert tools.thumbnails.nearest(140, within=(0, 149)) is None
    timeline = program.window.stage.transport.slider
    QTest.mouseMove(timeline, QPoint(timeline.width() // 3, 10))
    timeline._show_hover(100)
    assert client.wanted[-1] == 100
    card = timeline._card
    assert card is not None
    assert card.isVisible()
    program.show_demo()
    qtbot.waitUntil(lambda: tools.thumbnails.nearest(140) is None)


def test_small_pictures_wait_while_the_video_is_played_in_haste(
    program: Program, tools: VideoTools, video: Path, qtbot: QtBot
) -> None:
    client, playback = tools.thumbnails.client, program.controller.playback
    assert isinstance(client, FakeThumbnails)
    playback.set_speed(4.0)
    _open(program, video)
    qtbot.waitUntil(lambda: tools.thumbnails._spec == str(video))
    assert client.started == []
    tools.thumbnails.exact(7)  # the pointer is on the timeline
    assert (client.started, client.rested, client.wanted) == ([str(video)], [True], [7])
    playback.set_speed(1.0)
    assert client.rested == [True, False]
    playback.set_speed(2.0)
    assert client.rested == [True, False, True]
    program.client.push(m.SourceState(program.controller.shown_request, "paused"))
    program.tick()
    assert client.rested == [True, False, True, False]
    assert client.started == [str(video)]


def test_the_strip_can_be_put_away(program: Program, tools: VideoTools, video: Path) -> None:
    _open(program, video)
    bar = program.window.stage.transport
    before = bar.slider.minimumSizeHint().height(), bar.sizeHint().height()
    bar.strip.click()
    assert not program.window.preferences.values.filmstrip
    assert bar.sizeHint().height() < before[1]


def test_coarse_small_pictures_come_first() -> None:
    order = strip_order(40)
    assert sorted(order) == list(range(40))
    assert order[:3] == [0, 32, 16]
    assert strip_order(1) == [0]


def test_a_name_that_is_not_unicode_reaches_the_recogniser(program: Program) -> None:
    program.window.commands.open(("/videos/a\udcff.mp4",))
    assert program.client.last(m.OpenSource).specs == ("file:///videos/a%FF.mp4",)
