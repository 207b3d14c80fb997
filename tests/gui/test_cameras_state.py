"""Settings of cameras, and which camera is meant."""

from __future__ import annotations

from desktop_app.core.camera import CameraControl, CameraFormat, CameraInfo, CameraReport
from desktop_app.gui.cameras_state import CamerasState
from desktop_app.recogniser import messages as m
from desktop_app.settings import CameraSettings
from tests.gui.conftest import Program

FORMATS = (CameraFormat(640, 480, 30.0, "YUYV", (30.0, 15.0)), CameraFormat(1280, 720, 30.0, "MJPG", (30.0,)))
ONE = CameraInfo(0, "usb-a@1", "Webcam", FORMATS)
TWIN = CameraInfo(2, "usb-a@2", "Webcam")
OTHER = CameraInfo(4, "usb-b@3", "Microscope")


def plug(program: Program, *cameras: CameraInfo) -> CamerasState:
    program.client.push(m.CamerasListed(cameras))
    program.tick()
    return program.window.session.cameras


def run(program: Program, camera: CameraInfo) -> None:
    program.window.commands.open((f"camera:{camera.stable_id}",))
    spec = f"camera:{camera.stable_id}"
    program.client.push_opened("camera", spec=spec, title=camera.name, device_id=camera.stable_id)
    program.tick()


def test_the_camera_of_the_last_time_is_started(program: Program) -> None:
    state = plug(program, ONE, OTHER)
    assert state.favourite() == ONE
    run(program, OTHER)
    program.window.commands.close_source()
    assert state.favourite() == OTHER
    program.window.commands.open_camera()
    assert program.client.last(m.OpenSource).specs == ("camera:usb-b@3",)
    plug(program, ONE)
    assert state.favourite() == ONE


def test_a_camera_that_is_away_stays_in_the_list(program: Program) -> None:
    panel = program.window.docks.panels["input"]
    plug(program, ONE, OTHER)
    run(program, OTHER)
    plug(program, ONE)
    rows = panel.rows()  # type: ignore[attr-defined]
    assert [(r.title, r.caption, r.chosen) for r in rows[:2]] == [
        ("Webcam", "1280×720 · 30 fps", False),
        ("Microscope", "Not connected", True),
    ]
    program.window.commands.close_source()
    assert [(r.title, r.chosen) for r in panel.rows()[:2]] == [  # type: ignore[attr-defined]
        ("Webcam", False),
        ("Microscope", False),
    ]


def test_a_twin_is_not_taken_for_the_camera_that_is_away(program: Program) -> None:
    state = plug(program, ONE, TWIN)
    run(program, ONE)
    program.window.commands.close_source()
    plug(program, TWIN)
    assert state.find("usb-a@1") is None
    absent = state.absent()
    assert absent is not None
    assert absent.stable_id == "usb-a@1"


def test_the_same_camera_in_another_port_is_known_and_keeps_its_settings(program: Program) -> None:
    state = plug(program, ONE)
    state.change("usb-a@1", mirror=True)
    state = plug(program, CameraInfo(0, "usb-a@9", "Webcam"))
    found = state.find("usb-a@1")
    assert found is not None
    assert found.stable_id == "usb-a@9"
    assert state.settings("usb-a@9").mirror is True


def test_a_wanted_camera_opens_when_it_comes(program: Program) -> None:
    plug(program)
    program.window.commands.open(("camera:usb-a@1",))
    request = program.client.last(m.OpenSource).request
    program.client.push(
        m.SourceState(request, "failed", "There is no camera “Webcam”.", "Plug it in.", cause="missing")
    )
    program.tick()
    card = program.window.stage.trouble
    assert card.isVisible()
    assert "by itself" in card.accessibleDescription()
    assert program.toast_titles() == []
    plug(program, OTHER)
    assert len(program.client.sent(m.OpenSource)) == 1
    plug(program, OTHER, ONE)
    assert program.client.last(m.OpenSource).specs == ("camera:usb-a@1",)
    assert not card.isVisible()


def test_a_silent_camera_opens_when_it_was_plugged_in_again_and_not_before(program: Program) -> None:
    plug(program, ONE)
    program.window.commands.open(("camera:usb-a@1",))
    request = program.client.last(m.OpenSource).request
    program.client.push(m.SourceState(request, "failed", "“Webcam” opens, but sends no picture.", cause="silent"))
    program.tick()
    plug(program, ONE, OTHER)
    assert len(program.client.sent(m.OpenSource)) == 1
    plug(program, OTHER)
    plug(program, ONE, OTHER)
    assert len(program.client.sent(m.OpenSource)) == 2


def test_who_chooses_another_input_waits_no_longer(program: Program) -> None:
    plug(program)
    program.window.commands.open(("camera:usb-a@1",))
    request = program.client.last(m.OpenSource).request
    program.client.push(m.SourceState(request, "failed", "There is no camera.", cause="missing"))
    program.tick()
    program.window.stage._dismiss_trouble()
    assert not program.window.stage.trouble.isVisible()
    plug(program, ONE)
    assert len(program.client.sent(m.OpenSource)) == 1


def test_a_refused_camera_beside_another_source_is_a_toast(program: Program) -> None:
    program.show_demo()
    program.window.commands.open(("camera:usb-a@1",))
    request = program.client.last(m.OpenSource).request
    program.client.push(m.SourceState(request, "failed", "“Webcam” is in use by another program.", cause="busy"))
    program.tick()
    assert program.toast_titles() == ["“Webcam” is in use by another program."]
    assert not program.window.stage.trouble.isVisible()


def test_mirror_and_rotation_belong_to_the_camera_that_runs(program: Program) -> None:
    commands, state = program.window.commands, plug(program, ONE, OTHER)
    run(program, ONE)
    commands.mirror()
    commands.rotate()
    assert state.settings("usb-a@1").mirror is True
    assert state.settings("usb-a@1").rotation == 90
    assert program.window.actions_.by_key["mirror"].isChecked()
    run(program, OTHER)
    assert not program.window.actions_.by_key["mirror"].isChecked()
    assert not program.window.preferences.values.mirror_camera
    program.show_demo()
    commands.mirror()
    assert program.window.preferences.values.mirror_camera


def test_another_format_opens_the_running_camera_again_as_it_was_set(program: Program) -> None:
    state = plug(program, ONE)
    run(program, ONE)
    state.set_format("usb-a@1", 640, 480, 15.0, "")
    kinds = [type(c) for c in program.client.commands if isinstance(c, m.SetCameras | m.OpenSource)]
    assert kinds[-2:] == [m.SetCameras, m.OpenSource]
    (sent,) = program.client.last(m.SetCameras).cameras
    assert (sent.width, sent.height, sent.fps) == (640, 480, 15.0)


def test_settings_of_the_last_time_are_told_before_anything_is_opened(program: Program) -> None:
    program.window.preferences.change(cameras=(CameraSettings("usb-a@1", mirror=True),))
    program.window.begin(("camera:0",))
    kinds = [type(c) for c in program.client.commands if isinstance(c, m.SetCameras | m.OpenSource)]
    assert kinds[-2:] == [m.SetCameras, m.OpenSource]


def test_reset_leaves_nothing_of_the_camera_but_its_name(program: Program) -> None:
    state = plug(program, ONE, OTHER)
    run(program, ONE)
    state.change("usb-b@3", mirror=True)
    state.set_control("usb-a@1", "gain", 7)
    state.turn("usb-a@1", True, 180)
    state.reset("usb-a@1")
    assert state.settings("usb-a@1") == CameraSettings("usb-a@1", "Webcam")
    assert state.settings("usb-b@3").mirror is True
    assert program.client.last(m.ResetCamera).stable_id == "usb-a@1"


def test_controls_are_those_of_the_running_camera_once_it_reports(program: Program) -> None:
    gain = CameraControl("gain", "Gain", "range", 0, 100, 1, 5, 5)
    state = plug(program, CameraInfo(0, "usb-a@1", "Webcam", (), (gain,)))
    assert state.controls("usb-a@1") == (gain,)
    now = CameraControl("gain", "Gain", "range", 0, 100, 1, 5, 80)
    program.client.push(m.CameraSays(CameraReport("usb-a@1", (now,))))
    program.tick()
    assert state.controls("usb-a@1") == (now,)
