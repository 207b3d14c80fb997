from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QLineEdit, QSlider, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.core.progress import Progress
from desktop_app.gui import texts
from desktop_app.gui.error_log import ErrorLogDialog, report
from desktop_app.gui.notifications import Trouble
from desktop_app.gui.panels import PANELS
from desktop_app.gui.status_bar import numbers
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.client import GaveUp, Restarting
from tests.gui.conftest import Program
from tests.gui.fake_client import classification, detections, frame, result

BOX = (10.0, 10.0, 200.0, 300.0, 0.9, 0)


def test_the_recogniser_starts_first_and_hears_where_things_stand(program: Program) -> None:
    client = program.client
    assert client.started
    assert client.last(m.SetModels).keys == ("yolov3-tiny",)
    assert set(client.last(m.Prepare).keys) == {"efficientnet-lite0", "yolov3-tiny"}
    assert client.sent(m.ListCameras)
    assert client.last(m.SetLanguage).language == "en"
    assert program.window.stage.start_shown


def test_sources_of_the_command_line_are_opened(make_program: Callable[..., Program]) -> None:
    assert make_program("demo:").client.last(m.OpenSource).specs == ("demo:",)


def test_one_click_shows_the_demo_recognised(program: Program, qtbot: QtBot) -> None:
    window = program.window
    program.client.push_loaded()
    program.tick()
    QTest.mouseClick(window.stage.start.demo_card, Qt.MouseButton.LeftButton)
    program.client.push_opened("demo")
    program.client.frame = frame(0)
    program.client.push_result(result(detections(BOX)))
    program.tick()
    assert window.stage.pages.currentWidget() is window.stage.video
    qtbot.waitUntil(lambda: window.results.sections["yolov3-tiny"].table.boxes.rowCount() == 1)
    green = window.stage.video.grab().toImage()
    assert not green.isNull()
    assert window.windowTitle() == "Demo – Regard"


def test_pointing_at_a_row_lets_the_box_glow_and_back(program: Program, qtbot: QtBot) -> None:
    program.show_demo()
    program.client.frame = frame(0)
    program.client.push_result(result(detections(BOX, (300, 10, 400, 300, 0.5, 5))))
    program.tick()
    table = program.window.results.sections["yolov3-tiny"].table
    qtbot.waitUntil(lambda: table.boxes.rowCount() == 2)
    at = QPointF(table.visualRect(table.boxes.index(1)).center())
    none = Qt.MouseButton.NoButton
    move = QMouseEvent(QEvent.Type.MouseMove, at, at, none, none, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(table.viewport(), move)
    assert program.window.stage.video._options.hovered == ("yolov3-tiny", 1)
    program.window.stage.video.hovered.emit("yolov3-tiny", 0)
    assert table.glowing == 0


def test_a_failed_model_offers_retry_and_is_said_once(program: Program) -> None:
    program.show_demo()
    program.controller.set_models(("resnet50",))
    failure = m.ModelFailed("resnet50", "resnet50 could not be fetched.", "No connection.", True)
    program.client.push(failure)
    program.tick()
    (toast,) = program.window.toasts.toasts
    assert toast.title == failure.message
    program.controller.set_models(("resnet50",))
    program.client.push(failure)
    program.tick()
    assert len(program.toast_titles()) == 1
    link = next(b for b in toast.findChildren(QAbstractButton) if b.text() == "Retry")
    link.click()
    assert program.client.last(m.SetModels).keys == ("resnet50",)


def test_a_fetch_has_a_toast_that_cancels(program: Program) -> None:
    program.show_demo()
    program.controller.set_models(("vgg19",))
    program.client.push(m.ModelProgress(Progress("vgg19", "fetch", 214_000_000, 548_000_000, 24_000_000)))
    program.tick()
    toast = program.window.toasts.find("progress:vgg19")
    assert toast is not None
    assert toast.detail.replace("\u00a0", " ") == "214 of 548 MB · 24 MB/s · 14 s left"
    toast._close.click()
    assert program.client.last(m.CancelPrepare).key == "vgg19"


def test_a_lost_signal_shows_the_card_and_tries_again(program: Program) -> None:
    program.show_demo()
    program.client.frame = frame(0)
    program.tick()
    lost = m.SourceState(program.client.last(m.OpenSource).request, "lost", "Lost.", "Check.", time.perf_counter() + 5)
    program.client.push(lost)
    program.tick()
    card = program.window.stage.card
    assert card.isVisible()
    card.retry_requested.emit()
    assert program.client.sent(m.RetryNow)
    program.client.push(m.SourceState(lost.request, "live"))
    program.tick()
    assert not card.isVisible()


def test_a_restart_is_told(program: Program) -> None:
    program.client.push(Restarting("killed"))
    program.tick()
    assert program.toast_titles() == ["The recogniser stopped and was started again."]
    program.client.push(GaveUp("killed"))
    program.tick()
    assert "The recogniser stopped too often and was not started again." in program.toast_titles()


@pytest.mark.logs_warnings
def test_a_bug_is_told_with_its_report_one_click_away(program: Program) -> None:
    program.client.push(m.Failure("KeyError: 3", "Traceback: lane.py line 7"))
    program.tick()
    (toast,) = program.window.toasts.toasts
    next(b for b in toast.findChildren(QAbstractButton) if b.text() == "Details").click()
    dialog = program.window.findChild(ErrorLogDialog)
    assert dialog is not None
    next(b for b in dialog.findChildren(QAbstractButton) if b.text() == "Copy report").click()
    assert "lane.py line 7" in QGuiApplication.clipboard().text()


def test_a_report_holds_no_home_folder_and_no_password() -> None:
    secret = Trouble("rtsp://me:hush@camera/live", "", f"File {Path.home()}/x.py")
    assert "hush" not in report([secret])
    assert str(Path.home()) not in report([secret])


def test_the_status_bar_says_what_is_measured(program: Program) -> None:
    program.show_demo()
    program.client.push(m.Stats(30.04, {"yolov3-tiny": 24.06}, 3))
    program.tick()
    found = numbers(program.controller, program.window.batch, False, None)
    assert [(n.number, n.unit) for n in found] == [("30.0", "fps input"), ("24.1", "fps recognised"), ("3", "dropped")]
    assert found[2].tone == "warning"
    assert program.window.status.line.right == "yolov3-tiny · OpenVINO, CPU · fp32"


def test_the_timing_table_opens_from_the_status_bar(program: Program, qtbot: QtBot) -> None:
    program.show_demo()
    program.client.push_result(result(detections(BOX)))
    program.tick()
    QTest.mouseClick(program.window.status.line, Qt.MouseButton.LeftButton)
    popup = program.window.status.popup
    assert popup is not None
    rows = {row[0]: row[1:] for row in popup.rows()}
    assert rows["Network"] == ["14\u00a0ms"]
    popup.close()


def test_full_screen_leaves_the_picture_only_and_escape_ends_it(program: Program, qtbot: QtBot) -> None:
    program.show_demo()
    window = program.window
    window.actions_.by_key["fullscreen"].trigger()
    qtbot.waitUntil(window.isFullScreen)
    parts: list[QWidget] = [window.menuBar(), window.toolbar, window.status, *window.docks.docks.values()]
    assert all(part.isHidden() for part in parts)
    window._leave()
    qtbot.waitUntil(lambda: not window.isFullScreen())
    hidden_until_wanted = [window.docks.docks[panel.key] for panel in PANELS if panel.tab_of]
    assert [part for part in parts if part.isHidden()] == hidden_until_wanted


def test_the_projector_enlarges_the_results(program: Program, qtbot: QtBot) -> None:
    program.show_demo()
    program.client.push_result(result(detections(BOX)))
    program.client.frame = frame(0)
    program.tick()
    window = program.window
    table = window.results.sections["yolov3-tiny"].table
    before = table.row_height()
    window.actions_.by_key["projector"].trigger()
    assert window.docks.docks["model"].isHidden()
    assert not window.docks.docks["results"].isHidden()
    assert table.row_height() >= before
    assert table.scale == 1.6
    assert window.overlay_options().scale == 1.5
    window.actions_.by_key["overlay"].trigger()
    assert window.docks.docks["results"].isHidden()
    window._leave()
    assert table.scale == 1.0
    assert not window.menuBar().isHidden()


def test_narrow_windows_put_the_results_into_a_tab(program: Program) -> None:
    window = program.window
    window.resize(1440, 900)
    assert window.tabifiedDockWidgets(window.docks.docks["model"]) == []
    window.resize(1060, 700)
    assert window.docks.docks["results"] in window.tabifiedDockWidgets(window.docks.docks["model"])
    window.resize(1440, 900)
    assert window.tabifiedDockWidgets(window.docks.docks["model"]) == []


def test_docks_come_back_as_they_were(make_program: Callable[..., Program], qtbot: QtBot) -> None:
    first = make_program()
    first.window.docks.docks["thresholds"].hide()
    first.window.close()
    qtbot.waitUntil(lambda: first.client.stopped)
    second = make_program()
    assert second.window.docks.docks["thresholds"].isHidden()
    assert not second.window.docks.docks["input"].isHidden()


def test_every_control_has_a_name_for_screen_readers(program: Program) -> None:
    program.show_demo()
    nameless = [
        f"{type(widget).__name__} {widget.parentWidget()}"
        for kind in (QAbstractButton, QSlider, QComboBox, QLineEdit)
        for widget in program.window.findChildren(kind)
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        and not widget.objectName().startswith("qt_")
        and not (widget.accessibleName() or (isinstance(widget, QAbstractButton) and widget.text()))
    ]
    assert nameless == []


def test_the_language_changes_at_once_and_everywhere(program: Program) -> None:
    program.show_demo()
    window = program.window
    window.preferences.change(language="fr")
    assert program.client.last(m.SetLanguage).language == "fr"
    assert window.stage.video._options.locale.decimalPoint() == ","
    assert texts.number(0.5, 1) == "0,5"


def test_the_recogniser_hears_how_large_the_picture_is_and_when_nobody_sees_it(program: Program) -> None:
    program.show_demo()
    video = program.window.stage.video
    program.tick()
    told = program.client.last(m.SetView)
    assert (told.width, told.height) == (video.width() - 24, video.height() - 24)
    program.window.hide()
    program.tick()
    assert program.client.last(m.SetView) == m.SetView(0, 0)
    program.window.show()
    program.tick()
    assert program.client.last(m.SetView) == told


def test_stop_is_asked_for_when_the_window_closes(make_program: Callable[..., Program], qtbot: QtBot) -> None:
    program = make_program()
    program.window.close()
    assert not program.window.isVisible()
    qtbot.waitUntil(lambda: program.client.stopped)


def test_a_classifier_is_named_with_what_the_others_share(program: Program, qtbot: QtBot) -> None:
    program.controller.set_models(("efficientnet-lite0",))
    program.client.push_loaded("efficientnet-lite0", "classify", ("cat", "dog", "bird"))
    program.window.commands.open_demo()
    program.client.push_opened("demo")
    program.client.frame = frame(0)
    program.client.push_result(result(classification(3.0, 1.0, 0.0), key="efficientnet-lite0"))
    program.window.preferences.change(top_k=2)
    program.tick()
    bars = program.window.results.sections["efficientnet-lite0"].bars
    qtbot.waitUntil(lambda: len(bars._scores) == 2)
    assert [score.label for score in bars._scores] == ["cat", "dog"]
    assert bars._others[0] == 1
    assert bars._others[1] == pytest.approx(1 - sum(s.probability for s in bars._scores), abs=1e-6)


def test_the_stage_follows_the_pages(program: Program) -> None:
    stage = program.window.stage
    assert stage.start_shown
    program.show_demo()
    program.client.frame = frame(0)
    program.tick()
    assert stage.pages.currentWidget() is stage.video
    program.window.actions_.by_key["close_source"].trigger()
    assert stage.start_shown
    labels = [label.text() for label in stage.start.findChildren(QLabel)]
    assert "What shall we look at?" in labels


def test_a_click_into_the_window_reaches_the_picture(program: Program, qtbot: QtBot) -> None:
    program.show_demo()
    program.client.frame = frame(0)
    program.tick()
    video = program.window.stage.video
    centre = video.mapTo(program.window, video.rect().center())
    assert program.window.childAt(centre) is video
    assert QApplication.widgetAt(program.window.mapToGlobal(QPoint(5, 5))) is not video


def test_nothing_old_passes_for_live(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a lost signal the picture counts again when a new one has come, and results of before are gone."""
    program.show_demo()
    program.client.frame = frame(1)
    program.client.push_result(result(detections((1, 1, 50, 50, 0.9, 0)), 1))
    program.tick()
    stage, request = program.window.stage, program.client.last(m.OpenSource).request
    assert stage._hud_phase() == "live"
    program.client.push(m.SourceState(request, "lost", "gone", "", 0.0))
    program.tick()
    program.client.push(m.SourceState(request, "live"))
    program.tick()
    assert stage._hud_phase() == "lost"
    assert not program.controller.results
    program.client.frame = frame(2)
    program.tick()
    assert stage._hud_phase() == "live"


def test_a_recogniser_that_is_held_shows(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    program.show_demo()
    program.client.frame = frame(1)
    program.client.push(m.Stats(30.0, {}, 0))
    program.tick()
    stage = program.window.stage
    assert stage._hud_phase() == "live"
    now = time.perf_counter()
    monkeypatch.setattr("desktop_app.gui.stage.time.perf_counter", lambda: now + 3.0)
    assert stage._hud_phase() == "lost"
    program.client.push(m.Stats(30.0, {}, 0))
    program.tick()
    assert stage._hud_phase() == "live"
