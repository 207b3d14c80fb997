from __future__ import annotations

from collections import Counter

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.gui.actions import ACTIONS, MENUS, TOOLBAR
from desktop_app.gui.commands import Commands
from desktop_app.gui.icons import icon
from desktop_app.gui.keys_dialog import KeysDialog, key_rows
from desktop_app.recogniser import messages as m
from tests.gui.conftest import Program
from tests.gui.fake_client import frame

KEYS = {action.key for action in ACTIONS}


def test_every_action_has_a_handler_and_its_icon() -> None:
    for action in ACTIONS:
        assert callable(getattr(Commands, action.handler)), action.key
        if action.icon:
            icon(action.icon)


def test_no_key_is_given_twice() -> None:
    keys = Counter(QKeySequence(key).toString() for action in ACTIONS for key in action.keys)
    assert [key for key, count in keys.items() if count > 1] == []
    assert "" not in keys


def test_menus_and_tool_bar_name_actions_that_exist() -> None:
    named = {key for _, keys in MENUS for key in keys if key and not key.endswith(":")}
    named |= {key for key in TOOLBAR if key not in "|>" and not key.endswith(":")}
    assert named <= KEYS
    unreachable = KEYS - named
    assert unreachable == set()


@pytest.mark.parametrize(
    ("key", "shortcut"),
    [
        ("play", "Space"),
        ("step", "."),
        ("step_back", ","),
        ("snapshot", "S"),
        ("fullscreen", "F11"),
        ("open", "Ctrl+O"),
        ("paste", "Ctrl+V"),
        ("next_camera", "C"),
        ("find_model", "M"),
        ("recent1", "1"),
        ("recent9", "9"),
        ("overlay", "H"),
        ("keys", "?"),
    ],
)
def test_the_keys_that_were_promised(key: str, shortcut: str) -> None:
    assert shortcut in next(action for action in ACTIONS if action.key == key).keys


def _press(program: Program, key: Qt.Key) -> None:
    program.window.activateWindow()
    program.window.stage.video.setFocus()
    QTest.keyClick(program.window.stage.video, key)


def test_keys_reach_the_recogniser(program: Program, qtbot: QtBot) -> None:
    program.show_demo()
    program.client.frame = frame(0)
    program.tick()
    with qtbot.waitActive(program.window):
        program.window.activateWindow()
    _press(program, Qt.Key.Key_Space)
    assert program.client.last(m.Pause).paused
    _press(program, Qt.Key.Key_Period)
    assert program.client.last(m.Step).frames == 1
    _press(program, Qt.Key.Key_H)
    assert not program.window.preferences.values.overlay


def test_space_on_a_focused_button_presses_it(program: Program, qtbot: QtBot) -> None:
    program.show_demo()
    button = program.window.stage.transport.loop
    program.window.toolbar.input.setFocus()
    event = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier, " ")
    QApplication.sendEvent(program.window, event)
    focus_is_button = program.window.focusWidget() is program.window.toolbar.input
    assert event.isAccepted() == focus_is_button
    assert focus_is_button
    before = button.isChecked()
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert button.isChecked() != before
    assert not program.client.sent(m.Pause)


def test_letters_typed_into_the_search_stay_there(program: Program, qtbot: QtBot) -> None:
    with qtbot.waitActive(program.window):
        program.window.activateWindow()
    program.window.actions_.by_key["find_model"].trigger()
    panel = program.window._models
    assert program.window.focusWidget() is panel.search
    QTest.keyClicks(panel.search, "resnet50 s1")
    assert panel.search.text() == "resnet50 s1"


def test_numbers_choose_recent_models(program: Program) -> None:
    program.window.preferences.change(recent_models=("yolov3-tiny", "efficientnet-lite0"))
    actions = program.window.actions_.by_key
    assert actions["recent2"].isVisible()
    assert not actions["recent3"].isVisible()
    actions["recent2"].trigger()
    assert program.client.last(m.SetModels).keys == ("efficientnet-lite0",)


def test_what_cannot_be_done_is_disabled(program: Program) -> None:
    actions = program.window.actions_.by_key
    assert not actions["play"].isEnabled()
    assert not actions["snapshot"].isEnabled()
    program.show_demo()
    assert actions["play"].isEnabled()
    assert actions["snapshot"].isEnabled()
    assert not actions["step_back"].isEnabled()


def test_next_camera_goes_round(program: Program) -> None:
    from desktop_app.core.camera import CameraInfo

    cameras = (CameraInfo(0, "usb-a", "A"), CameraInfo(2, "usb-b", "B"))
    program.client.push(m.CamerasListed(cameras))
    program.tick()
    opened = []
    for camera in (*cameras, cameras[0]):
        program.window.actions_.by_key["next_camera"].trigger()
        opened.append(program.client.last(m.OpenSource).specs)
        program.client.push_opened("camera", spec=f"camera:{camera.index}", device_id=camera.stable_id)
        program.tick()
    assert opened == [("camera:usb-a",), ("camera:usb-b",), ("camera:usb-a",)]


def test_mirror_and_rotation_act_at_once(program: Program) -> None:
    program.window.actions_.by_key["mirror"].trigger()
    program.window.actions_.by_key["rotate"].trigger()
    program.tick()
    command = program.client.last(m.SetOrientation)
    assert (command.mirror, command.rotation) == (True, 90)


def test_all_keys_are_listed(program: Program) -> None:
    rows = dict(key_rows())
    assert "Space" in rows
    assert "1 … 9" in rows
    program.window.actions_.by_key["keys"].trigger()
    assert program.window.findChild(KeysDialog) is not None
