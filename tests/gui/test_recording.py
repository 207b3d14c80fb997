from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from desktop_app.gui.recording_dialog import RecordingDialog
from desktop_app.gui.recording_state import RecordingState
from desktop_app.recogniser import messages as recogniser
from desktop_app.recording import messages as m
from desktop_app.recording import space
from tests.gui.conftest import Program
from tests.gui.fake_client import frame
from tests.gui.fake_recorder import FakeRecorder


@pytest.fixture
def recorder(program: Program) -> FakeRecorder:
    fake = FakeRecorder()
    program.controller.recording.make_recorder = lambda: fake
    return fake


def state(program: Program) -> RecordingState:
    return program.controller.recording


def button(program: Program) -> QToolButton:
    found = program.window.toolbar.widgetForAction(program.window.actions_.by_key["record"])
    assert isinstance(found, QToolButton)
    return found


def press_r(program: Program, qtbot: QtBot) -> None:
    program.window.activateWindow()
    QTest.keyClick(program.window, Qt.Key.Key_R)


def test_r_records_and_r_ends_it(program: Program, qtbot: QtBot, recorder: FakeRecorder) -> None:
    program.show_demo()
    press_r(program, qtbot)
    assert state(program).stage == "recording"
    job = recorder.job
    assert Path(job.path).name.startswith("Demo-")
    assert (job.format, job.is_file, job.sound, job.overlay, job.sidecar) == ("mp4", False, None, True, True)
    assert program.client.last(recogniser.StartRecording).at == job.began_at
    press_r(program, qtbot)
    assert state(program).stage == "finishing"
    finish = recorder.orders[-1]
    assert isinstance(finish, m.Finish)
    assert program.client.last(recogniser.StopRecording).at == finish.at
    recorder.ends(dropped=7)
    state(program).poll()
    assert state(program).stage == "off"
    qtbot.waitUntil(lambda: recorder.stopped)
    toast = program.window.toasts.toasts[-1]
    assert toast.title == "Recording saved"
    assert "00:12" in toast.detail
    assert "7 frames left out" in toast.detail


def test_the_button_shows_that_and_how_long(program: Program, qtbot: QtBot, recorder: FakeRecorder) -> None:
    program.show_demo()
    wide = button(program).width()
    QTest.mouseClick(button(program), Qt.MouseButton.LeftButton)
    assert button(program).text() == "00:00"
    assert button(program).width() > wide
    assert button(program).accessibleName() == "Stop recording (R)"
    qtbot.waitUntil(lambda: button(program).text() == "00:01", timeout=5000)
    QTest.mouseClick(button(program), Qt.MouseButton.LeftButton)
    recorder.ends()
    state(program).poll()
    assert button(program).width() == wide
    assert button(program).accessibleName() == "Record (R)"


def test_the_recorder_hears_where_the_frames_are_and_how_they_look(
    program: Program, qtbot: QtBot, recorder: FakeRecorder
) -> None:
    program.show_demo()
    press_r(program, qtbot)
    program.client.push(recogniser.FeedReady("somewhere", b"key"))
    program.tick()
    assert recorder.orders[-1] == m.Call("somewhere", b"key")
    program.window.preferences.change(palette="safe", smooth_seconds=1.0)
    look = recorder.orders[-1]
    assert isinstance(look, m.Look)
    assert (look.options.palette, look.smooth_seconds) == ("safe", 1.0)
    program.window.preferences.change(confidence=0.5)
    assert recorder.orders[-1] is look


def test_lines_are_recorded_with_what_they_count(program: Program, qtbot: QtBot, recorder: FakeRecorder) -> None:
    program.show_demo()
    program.controller.counting.add_shape("line", ((0.2, 0.5), (0.8, 0.5)))
    press_r(program, qtbot)
    marks = recorder.job.look.options.marks
    assert marks is not None
    assert marks.shapes[0].points == ((0.2, 0.5), (0.8, 0.5))
    program.controller.counting.add_shape("zone", ((0.1, 0.1), (0.9, 0.1), (0.5, 0.9)))
    program.client.frame = frame(0)
    program.tick()
    look = recorder.orders[-1]
    assert isinstance(look, m.Look)
    assert look.options.marks is not None
    assert len(look.options.marks.shapes) == 2


def test_a_file_is_recorded_with_its_sound(program: Program, qtbot: QtBot, recorder: FakeRecorder) -> None:
    program.client.push_loaded()
    program.window.commands.open(("/films/a.mp4",))
    program.client.push_opened("video", spec="/films/a.mp4", title="a.mp4", fps=25.0)
    program.tick()
    press_r(program, qtbot)
    assert (recorder.job.is_file, recorder.job.sound, recorder.job.rate) == (True, "/films/a.mp4", 25.0)
    recorder.says.append(m.Progress(recorder.job.path, 65_000, 1625, 0, 9))
    state(program).poll()
    assert button(program).text() == "01:05"  # of the video, however slowly it plays


def test_no_password_reaches_a_file(program: Program, qtbot: QtBot, recorder: FakeRecorder) -> None:
    program.window.commands.open(("rtsp://me:secret@camera/1",))
    program.client.push_opened("network", spec="rtsp://me:secret@camera/1", title="rtsp://camera/1")
    program.tick()
    press_r(program, qtbot)
    assert b"secret" not in m.encode(recorder.job)


@pytest.mark.parametrize(
    ("kind", "why"), [("", "an input first"), ("image", "still picture"), ("images", "batch of pictures")]
)
def test_what_cannot_be_recorded_says_why(program: Program, kind: str, why: str) -> None:
    if kind:
        program.window.commands.open(("x",))
        program.client.push_opened(kind)
        program.tick()
    act = program.window.actions_.by_key["record"]
    assert not act.isEnabled()
    assert why in act.toolTip()
    assert why in button(program).accessibleName()


def test_a_full_disk_is_told_before_anything_is_recorded(
    program: Program, qtbot: QtBot, recorder: FakeRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(space, "free_bytes", lambda _: 100_000_000)
    program.show_demo()
    press_r(program, qtbot)
    assert state(program).stage == "off"
    assert not recorder.orders
    assert "500 MB" in program.toast_titles()[-1]


@pytest.mark.parametrize(
    ("reason", "frames", "title"),
    [
        ("source", 10, "Recording saved"),
        ("ended", 10, "Recording saved"),
        ("died", 10, "The recorder stopped."),
        ("space", 10, "No room."),
        ("error", 0, "No room."),
        ("stopped", 0, "Nothing was recorded."),
    ],
)
def test_no_recording_ends_silently(
    program: Program, qtbot: QtBot, recorder: FakeRecorder, reason: str, frames: int, title: str
) -> None:
    program.show_demo()
    press_r(program, qtbot)
    recorder.ends(reason, frames, "No room." if title == "No room." else "")
    state(program).poll()
    assert state(program).stage == "off"
    assert program.toast_titles()[-1] == title
    assert program.client.sent(recogniser.StopRecording)


def test_closing_the_window_finishes_it(program: Program, qtbot: QtBot, recorder: FakeRecorder) -> None:
    program.show_demo()
    press_r(program, qtbot)
    program.window.close()
    qtbot.waitUntil(lambda: program.client.stopped)
    assert isinstance(recorder.orders[-1], m.Finish)
    assert recorder.stopped


def test_full_screen_tells_that_it_records(program: Program, qtbot: QtBot, recorder: FakeRecorder) -> None:
    program.show_demo()
    press_r(program, qtbot)
    video = program.window.stage.video
    assert video._state.recording == ""
    program.window.set_fullscreen(True)
    qtbot.waitUntil(lambda: video._state.recording.startswith("00:0"))
    program.window.set_fullscreen(False)
    qtbot.waitUntil(lambda: video._state.recording == "")


def test_options_are_kept(program: Program, qtbot: QtBot) -> None:
    program.window.commands.recording_options()
    dialog = program.window.findChild(RecordingDialog)
    assert dialog is not None
    dialog.switches["recording_subtitles"].click()
    dialog.switches["recording_overlay"].click()
    dialog._format.setCurrentIndex(1)
    dialog.folder.line.setText("/films")
    dialog.folder.line.editingFinished.emit()
    values = program.window.preferences.values
    assert (values.recording_subtitles, values.recording_overlay) == (True, False)
    assert (values.recording_format, values.recording_folder) == ("mkv", "/films")
    dialog.close()
