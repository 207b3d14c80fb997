from __future__ import annotations

import dataclasses

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from desktop_app.core.camera import CameraFormat, CameraInfo
from desktop_app.core.progress import Progress
from desktop_app.core.results import Detections
from desktop_app.gui.panels.input import InputPanel
from desktop_app.gui.panels.model import ModelPanel
from desktop_app.gui.panels.thresholds import ThresholdsPanel
from desktop_app.gui.rows import ROW_ROLE, Row
from desktop_app.gui.theme import theme
from desktop_app.recogniser import messages as m
from tests.gui.conftest import Program
from tests.gui.fake_client import COCO, detections, frame, result


def inputs(program: Program) -> InputPanel:
    panel = program.window.docks.panels["input"]
    assert isinstance(panel, InputPanel)
    return panel


def models(program: Program) -> ModelPanel:
    panel = program.window.docks.panels["model"]
    assert isinstance(panel, ModelPanel)
    return panel


def thresholds(program: Program) -> ThresholdsPanel:
    panel = program.window.docks.panels["thresholds"]
    assert isinstance(panel, ThresholdsPanel)
    return panel


def row_of(panel: ModelPanel, key: str) -> Row:
    item = panel.tree.item_of(key)
    assert item is not None
    row = item.data(ROW_ROLE)
    assert isinstance(row, Row)
    return row


def test_cameras_have_their_formats_and_open_by_stable_id(program: Program) -> None:
    formats = (
        CameraFormat(640, 480, 30, "YUYV"),
        CameraFormat(1280, 720, 30, "MJPG"),
        CameraFormat(1920, 1080, 5, "YUYV"),
    )
    program.client.push(m.CamerasListed((CameraInfo(0, "usb-a", "HD Webcam", formats),)))
    program.tick()
    row = inputs(program).rows()[0]
    assert (row.title, row.caption) == ("HD Webcam", "1280×720 · 30 fps")
    inputs(program)._choose(row, False)
    assert program.client.last(m.OpenSource).specs == ("camera:usb-a",)


def test_the_open_input_is_chosen(program: Program) -> None:
    program.show_demo()
    assert [row.title for row in inputs(program).rows() if row.chosen] == ["Demo"]


def test_passwords_of_recent_addresses_are_not_shown(program: Program) -> None:
    program.window.preferences.change(recent_sources=("rtsp://me:hush@camera.example/live",))
    row = next(row for row in inputs(program).rows() if "camera.example" in row.title)
    assert "hush" not in row.title
    assert row.value == "rtsp://me:hush@camera.example/live"


def test_a_click_on_a_model_runs_it_and_ctrl_runs_it_beside(program: Program) -> None:
    program.show_demo()
    panel = models(program)
    panel._choose(row_of(panel, "efficientnet-lite0"), True)
    assert program.client.last(m.SetModels).keys == ("yolov3-tiny", "efficientnet-lite0")
    panel._choose(row_of(panel, "resnet50"), False)
    assert program.client.last(m.SetModels).keys == ("resnet50",)


def test_a_model_row_says_size_then_progress_then_time(program: Program) -> None:
    panel = models(program)
    assert row_of(panel, "vgg19").right_icon == "download-simple"
    assert "MB" in row_of(panel, "vgg19").right
    assert row_of(panel, "efficientnet-lite0").right == "ready"
    program.client.push(m.ModelProgress(Progress("vgg19", "fetch", 39, 100)))
    program.tick()
    assert row_of(panel, "vgg19").right == "31\u00a0%"  # of all the work: loading comes after the fetch
    program.show_demo()
    program.client.push_result(result(detections((0, 0, 9, 9, 0.9, 0))))
    program.client.push(m.Stats(30.0, {}, 0))
    program.tick()
    assert row_of(panel, "yolov3-tiny").right == "17\u00a0ms"
    assert row_of(panel, "resnet50").middle


def test_search_finds_by_words_and_enter_takes_the_first(program: Program) -> None:
    panel = models(program)
    panel.search.setText("inception v3")
    group = panel._filter.index(0, 0)
    found = [panel._filter.index(r, 0, group).data(ROW_ROLE).value for r in range(panel._filter.rowCount(group))]
    assert "inception_v3" in found
    assert not any("yolo" in key for key in found)
    panel.search.returnPressed.emit()
    assert program.client.last(m.SetModels).keys == ("inception_v3",)
    assert panel.search.text() == ""


def test_a_search_that_finds_nothing_says_so(program: Program) -> None:
    panel = models(program)
    panel.search.setText("no such thing")
    assert panel._nothing.isVisibleTo(panel)
    assert not panel.view.isVisibleTo(panel)
    panel.search.clear()
    assert panel.view.isVisibleTo(panel)
    assert not panel._nothing.isVisibleTo(panel)


def test_most_models_are_folded_away_and_can_be_unfolded(program: Program) -> None:
    panel = models(program)
    more = [index for index in panel._groups() if index.data(ROW_ROLE).value.endswith(":more")]
    assert more
    assert not any(panel.view.isExpanded(index) for index in more)
    panel._choose(more[0].data(ROW_ROLE), False)
    assert panel.view.isExpanded(more[0])
    first = panel._filter.index(0, 0)
    assert panel._filter.rowCount(first) < 12


def test_a_model_that_runs_cannot_be_removed(program: Program) -> None:
    program.show_demo()
    panel = models(program)

    def entry(menu: QMenu, text: str) -> bool:
        return next(action for action in menu.actions() if action.text().startswith(text)).isEnabled()

    assert not entry(panel.menu_for("yolov3-tiny"), "Remove")
    assert entry(panel.menu_for("efficientnet-lite0"), "Remove")
    assert not entry(panel.menu_for("vgg19"), "Remove")
    assert entry(panel.menu_for("efficientnet-lite0"), "Run beside yolov3-tiny")


def test_an_imported_model_appears_and_can_be_used(program: Program) -> None:
    info = {
        "key": "mine",
        "title": "Mine",
        "task": "detect",
        "family": "yolo",
        "input_size": 640,
        "labels": "",
        "origin": "file",
        "file_name": "mine.onnx",
        "names": ["bolt"],
    }
    program.client.push(m.ModelStates(("mine",), (info,)), m.ModelImported("mine", "Mine", "detect", 1))
    program.tick()
    assert row_of(models(program), "mine").right == "ready"
    assert program.toast_titles() == ["Mine imported"]


def test_thresholds_are_sent_and_kept(program: Program) -> None:
    program.show_demo()
    panel = thresholds(program)
    panel.confidence.slider.setValue(39)
    panel.iou.slider.setValue(55)
    program.tick()
    sent = program.client.last(m.SetThresholds).thresholds
    assert (sent.confidence, sent.iou) == (0.4, 0.6)
    assert program.window.preferences.values.confidence == 0.4
    panel.reset()
    program.tick()
    sent = program.client.last(m.SetThresholds).thresholds
    assert (sent.confidence, sent.iou) == (0.25, None)
    assert panel.iou.value() == 0.45  # the maker's own


def test_controls_fit_the_task(program: Program) -> None:
    program.show_demo()
    panel = thresholds(program)
    assert not panel.confidence.isHidden()
    assert panel.top_k.isHidden()
    program.controller.set_models(("efficientnet-lite0",))
    program.client.push_loaded("efficientnet-lite0", "classify", ("cat", "dog"))
    program.tick()
    assert panel.confidence.isHidden()
    assert not panel.top_k.isHidden()


def test_the_class_filter_keeps_what_is_checked(program: Program) -> None:
    program.show_demo()
    button = thresholds(program).classes
    assert button.text() == f"All {len(COCO)} classes"
    button.click()
    popup = button.popup
    assert popup is not None
    popup._check_shown(Qt.CheckState.Unchecked)
    popup.search.setText("bus")
    popup._check_shown(Qt.CheckState.Checked)
    popup.close()
    program.tick()
    assert program.client.last(m.SetThresholds).thresholds.classes == (COCO.index("bus"),)
    assert button.text() == "Only bus"


def test_video_files_have_a_transport_bar(program: Program) -> None:
    bar = program.window.stage.transport
    assert bar.isHidden()
    program.window.commands.open(("clip.mp4",))
    program.client.push_opened(
        "video", spec="clip.mp4", title="clip.mp4", fps=25.0, frame_count=2250, duration=90.0, seekable=True
    )
    program.client.frame = frame(300)
    program.tick()
    assert not bar.isHidden()
    assert (bar.slider.maximum(), bar.slider.value()) == (2249, 300)
    assert bar.duration.text() == "/ 01:30"
    bar.slider.setValue(1000)
    program.tick()
    assert program.client.last(m.Seek).frame_index == 1000
    bar.set_speed(2.0)
    bar.loop.click()
    program.tick()
    playback = program.client.last(m.SetPlayback)
    assert (playback.speed, playback.loop) == (2.0, False)
    program.show_demo()
    assert bar.isHidden()


def found(*classes: int) -> Detections:
    return detections(*((10.0, 10.0, 60.0, 60.0, 0.8, class_id) for class_id in classes))


class Layouts(QObject):
    """Counts how often the window or a part of it is laid out anew."""

    count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.LayoutRequest
        return False


def test_time_goes_on_without_laying_out_the_window(program: Program, qapp: QApplication) -> None:
    program.window.commands.open(("ten.mp4",))
    program.client.push_opened("video", spec="ten.mp4", title="ten.mp4", fps=25.0, frame_count=250, seekable=True)
    layouts, bar = Layouts(), program.window.stage.transport

    def show(number: int) -> None:
        program.client.frame = dataclasses.replace(frame(number), media_time=number / 25)
        program.tick()
        qapp.processEvents()

    for number in range(3):
        show(number)
    for part in (program.window, program.window.stage, bar):
        part.installEventFilter(layouts)
    for number in range(100, 110):
        show(number)
    assert bar.time.text() == "00:04.36"
    assert layouts.count == 0
    needed = bar.time.fontMetrics().horizontalAdvance(bar.time.text())
    assert bar.time.width() >= needed


def test_nothing_is_opaque_while_what_was_found_is_pale(program: Program, qtbot: QtBot) -> None:
    """Qt paints opaque parts past the effect, in full colours."""
    program.show_demo()
    program.client.push_result(result(found(0, 2)))
    program.client.frame = frame(0)
    program.tick()
    panel = program.window.results
    section = panel.sections["yolov3-tiny"]
    parts = (section.cards, section.table.viewport(), section.history)

    def opaque() -> list[bool]:
        marks = Qt.WidgetAttribute.WA_OpaquePaintEvent
        return [part.autoFillBackground() or part.testAttribute(marks) for part in parts]

    program.window.resize(1440, 900)
    qtbot.waitUntil(section.table.isVisible)
    assert opaque() == [True, True, True]
    request = program.client.last(m.OpenSource).request
    program.client.push(m.SourceState(request, "lost", "Lost.", "Check."))
    program.tick()
    theme().changed.emit()
    assert panel._box.graphicsEffect() is not None
    assert opaque() == [False, False, False]
    program.client.push(m.SourceState(request, "live"))
    program.tick()
    assert opaque() == [True, True, True]


def test_of_the_counts_only_those_that_changed_are_painted(program: Program, qapp: QApplication) -> None:
    program.show_demo()
    cards = program.window.results.sections["yolov3-tiny"].cards
    cards.show_counts(found(0, 0, 2, 2, 5), COCO)
    program.client.push_result(result(found(0, 0, 2, 2, 5)))
    program.client.frame = frame(0)
    program.tick()
    qapp.processEvents()
    asked: list[QRect] = []
    cards.update = asked.append  # type: ignore[method-assign, assignment]
    cards.show_counts(found(0, 0, 2, 5), COCO)
    assert asked == [cards._card(1).toAlignedRect().adjusted(-1, -1, 1, 1)]


def test_two_models_have_a_section_each(program: Program) -> None:
    program.show_demo()
    program.controller.set_models(("yolov3-tiny", "efficientnet-lite0"))
    program.client.push_loaded("efficientnet-lite0", "classify", ("cat", "dog"))
    program.tick()
    sections = program.window.results.sections
    assert list(sections) == ["yolov3-tiny", "efficientnet-lite0"]
    assert not sections["yolov3-tiny"].heading.isHidden()
    program.controller.set_models(("yolov3-tiny",))
    assert list(program.window.results.sections) == ["yolov3-tiny"]
    assert program.window.results.sections["yolov3-tiny"].heading.isHidden()


def test_a_click_on_the_slider_goes_there(program: Program) -> None:
    program.window.commands.open(("ten.mp4",))
    program.client.push_opened("video", spec="ten.mp4", title="ten.mp4", fps=25.0, frame_count=250, seekable=True)
    program.tick()
    slider = program.window.stage.transport.slider
    QTest.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.width() // 2, slider.height() // 2))
    program.tick()
    assert abs(program.client.last(m.Seek).frame_index - 125) <= 2


def test_models_can_be_put_side_by_side_from_the_menu(program: Program) -> None:
    program.show_demo()
    menu = QMenu()
    program.window.actions_.fill_beside(menu)
    entries = {action.text(): action for action in menu.actions()}
    assert entries["yolov3-tiny"].isChecked()
    assert not entries["yolov3-tiny"].isEnabled()
    entries["efficientnet-lite0"].trigger()
    assert program.client.last(m.SetModels).keys == ("yolov3-tiny", "efficientnet-lite0")
