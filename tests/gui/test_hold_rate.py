from __future__ import annotations

import json

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from desktop_app.gui import hud
from desktop_app.gui.gears import Gears, explanation
from desktop_app.gui.hold_rate import HoldRate
from desktop_app.gui.panels.model import ModelPanel
from desktop_app.gui.texts import change_language
from desktop_app.gui.video_view import VideoView
from desktop_app.recogniser import messages as m
from desktop_app.settings import settings_file
from tests.gui.conftest import Program
from tests.gui.fake_client import frame

SLOWER = m.GearChanged("yolov3-tiny", 2, 4, 416, "bf16", "slow")
FULL = m.GearChanged("yolov3-tiny", 0, 4, 640, "bf16", "room")


@pytest.fixture
def row(program: Program) -> HoldRate:
    panel = program.window.docks.panels["model"]
    assert isinstance(panel, ModelPanel)
    return panel.hold_rate


def shown(program: Program) -> list[str]:
    return [chip.text for chip, _ in program.window.stage.video._hud_places()]


def stats(recognised: float) -> m.Stats:
    return m.Stats(30.0, {"yolov3-tiny": recognised}, 0)


def test_no_rate_is_held_unasked(program: Program, row: HoldRate) -> None:
    assert row.combo.currentText() == "Off"
    assert program.client.sent(m.SetTarget) == []


def test_a_chosen_rate_reaches_the_recogniser_and_is_kept(program: Program, row: HoldRate) -> None:
    row.combo.setCurrentText("30 fps")
    program.tick()
    assert program.client.last(m.SetTarget).fps == 30.0
    program.window.preferences.save()
    assert json.loads(settings_file().read_text())["live_target_fps"] == 30.0
    row.combo.setCurrentIndex(0)
    program.tick()
    assert program.client.last(m.SetTarget).fps == 0.0


def test_the_keyboard_is_enough(program: Program, row: HoldRate, qtbot: QtBot) -> None:
    assert row.combo.accessibleName() == "Hold a rate"
    assert row.combo.accessibleDescription() == row.toolTip() == explanation()
    row.setFocus(Qt.FocusReason.TabFocusReason)
    assert row.combo.hasFocus()
    QTest.keyClick(row.combo, Qt.Key.Key_Down)
    program.tick()
    assert program.client.last(m.SetTarget).fps == 10.0


def test_a_rate_of_the_settings_file_has_its_place(program: Program, row: HoldRate) -> None:
    program.window.preferences.change(live_target_fps=12.5)
    assert row.combo.currentText() == "12.5 fps"
    texts = [row.combo.itemText(n) for n in range(row.combo.count())]
    assert texts.index("12.5 fps") == texts.index("10 fps") + 1
    change_language("fr")
    assert row.combo.currentText() == "12,5 i/s"


def test_the_stage_says_what_is_done_to_hold_the_rate(program: Program, row: HoldRate) -> None:
    program.window.preferences.change(live_target_fps=30.0)
    program.show_demo()
    program.client.frame = frame()
    program.client.push(stats(29.6))
    program.tick()
    assert not [text for text in shown(program) if "px" in text]
    program.client.push(SLOWER, stats(29.6))
    program.tick()
    assert "416\u00a0px · bf16, to hold 30 fps" in shown(program)
    assert "416\u00a0px" in program.window.status.line.accessibleName()
    program.client.push(FULL, stats(29.6))
    program.tick()
    assert not [text for text in shown(program) if "px" in text]


def test_nothing_is_said_of_files_or_when_off_or_of_a_model_loaded_anew(program: Program) -> None:
    program.window.preferences.change(live_target_fps=30.0)
    program.show_demo()
    program.client.frame = frame()
    program.client.push(SLOWER, stats(29.6))
    program.tick()
    assert [text for text in shown(program) if "px" in text]
    program.window.preferences.change(live_target_fps=0.0)
    program.client.push(stats(29.6))
    program.tick()
    assert not [text for text in shown(program) if "px" in text]
    program.window.preferences.change(live_target_fps=30.0)
    program.client.push_loaded()
    program.client.push(stats(29.6))
    program.tick()
    assert not [text for text in shown(program) if "px" in text]
    program.client.push(SLOWER)
    program.window.controller.open(("clip.mp4",))
    program.client.push_opened("video")
    program.client.frame = frame()
    program.client.push(stats(29.6))
    program.tick()
    assert not [text for text in shown(program) if "px" in text]


def test_the_pointer_is_told_why(program: Program, qapp: QApplication, qtbot: QtBot) -> None:
    program.window.preferences.change(live_target_fps=30.0)
    program.show_demo()
    program.client.frame = frame()
    program.client.push(SLOWER, stats(29.6))
    program.tick()
    video = program.window.stage.video
    place = next(place for chip, place in video._hud_places() if chip.tip)
    assert not point_at(qapp, video, QPoint(video.width() // 2, 200))
    assert point_at(qapp, video, place.center().toPoint()) == explanation()
    QToolTip.hideText()
    qtbot.waitUntil(lambda: not QToolTip.isVisible())


def point_at(qapp: QApplication, video: VideoView, at: QPoint) -> str:
    qapp.sendEvent(video, QHelpEvent(QHelpEvent.Type.ToolTip, at, video.mapToGlobal(at)))
    return QToolTip.text()


@pytest.mark.parametrize(
    ("recognised", "captured", "text", "held"),
    [
        (29.0, 30.0, "320\u00a0px · fp32, to hold 30 fps", True),
        (0.0, 30.0, "320\u00a0px · fp32, to hold 30 fps", True),  # not measured yet
        (21.0, 30.0, "320\u00a0px · fp32, too slow for 30 fps", False),
        (14.8, 15.0, "320\u00a0px · fp32, to hold 30 fps", True),  # the source gives no more
    ],
)
def test_a_rate_that_is_not_reached_is_said(recognised: float, captured: float, text: str, held: bool) -> None:
    gears = Gears()
    gears.target = 30.0
    gears.shift(m.GearChanged("m", 3, 4, 320, "fp32", "slow"))
    assert gears.words(("m",), captured, {"m": recognised}) == (text, held)
    chip = hud.left_chips(hud.HudState("live", None, None, *gears.words(("m",), captured, {"m": recognised})))[-1]
    assert (chip.muted, bool(chip.dot)) == (held, not held)


def test_of_several_models_each_is_named() -> None:
    gears = Gears()
    gears.target = 20.0
    gears.shift(m.GearChanged("a", 1, 4, 512, "fp32", "slow"))
    gears.shift(m.GearChanged("b", 0, 1, 224, "fp32", "fresh"))
    gears.shift(m.GearChanged("gone", 1, 4, 512, "fp32", "slow"))
    words, _ = gears.words(("a", "b"), 30.0, {"a": 20.0, "b": 30.0})
    assert words == "a\u00a0512\u00a0px · fp32, to hold 20 fps"
