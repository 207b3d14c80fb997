"""The settings of a camera, driven as a user would."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox

from desktop_app.core.camera import CameraControl, CameraFormat, CameraInfo, CameraReport
from desktop_app.gui import texts
from desktop_app.gui.camera_controls import ControlRow
from desktop_app.gui.camera_dialog import CameraDialog
from desktop_app.recogniser import messages as m
from tests.gui.conftest import Program

FORMATS = (
    CameraFormat(640, 480, 30.0, "YUYV", (30.0, 15.0)),
    CameraFormat(1280, 720, 10.0, "YUYV", (10.0, 5.0)),
    CameraFormat(1280, 720, 30.0, "MJPG", (30.0,)),
)
CONTROLS = (
    CameraControl("focus", "Focus, Absolute", "range", 0, 250, 5, 0, 30, active=False),
    CameraControl("focus_auto", "Focus, Auto", "switch", 0, 1, 1, 1, 1),
    CameraControl(
        "power_line", "Power Line", "menu", 0, 2, 1, 1, 1, choices=((0, "Disabled"), (1, "50 Hz"), (2, "60 Hz"))
    ),
    CameraControl("wobble", "Wobble Mode", "range", -10, 10, 1, 0, 0),
)
WEBCAM = CameraInfo(0, "usb-a@1", "Webcam", FORMATS, CONTROLS)
OTHER = CameraInfo(2, "usb-b@2", "Microscope")


@pytest.fixture
def dialog(program: Program) -> Iterator[CameraDialog]:
    program.client.push(m.CamerasListed((WEBCAM, OTHER)))
    program.tick()
    program.window.commands.open(("camera:usb-a@1",))
    program.client.push_opened(
        "camera",
        spec="camera:usb-a@1",
        title="Webcam",
        device_id="usb-a@1",
        width=1280,
        height=720,
        fps=30.0,
        detail="MJPG",
        asked=CameraFormat(1280, 720, 30.0, "MJPG"),
    )
    program.tick()
    program.window.actions_.by_key["camera_settings"].trigger()
    shown = program.window.findChild(CameraDialog)
    assert shown is not None
    yield shown
    shown.close()


def pick(combo: QComboBox, text: str) -> None:
    """With the keyboard."""
    combo.setFocus()
    row = combo.findText(text)
    assert row >= 0, [combo.itemText(i) for i in range(combo.count())]
    while combo.currentIndex() != row:
        QTest.keyClick(combo, Qt.Key.Key_Down if combo.currentIndex() < row else Qt.Key.Key_Up)


def items(combo: QComboBox) -> list[str]:
    return [combo.itemText(i) for i in range(combo.count())]


def kept(program: Program) -> tuple[int, int, float, str]:
    settings = program.window.session.cameras.settings("usb-a@1")
    return settings.width, settings.height, settings.fps, settings.pixel_format


def test_sizes_rates_and_pixel_formats_are_those_of_the_camera(dialog: CameraDialog, program: Program) -> None:
    form = dialog.format
    assert items(form.sizes) == ["Automatic", "1280×720", "640×480"]
    assert items(form.rates) == ["Automatic", "30 fps", "15 fps", "10 fps", "5 fps"]
    pick(form.sizes, "640×480")
    assert kept(program) == (640, 480, 0.0, "")
    assert items(form.rates) == ["Automatic", "30 fps", "15 fps"]
    assert items(form.pixels) == ["Automatic", "YUYV"]


def test_what_a_size_does_not_come_with_is_left_to_regard(dialog: CameraDialog, program: Program) -> None:
    program.window.session.cameras.change("usb-a@1", width=1280, height=720, fps=10.0, pixel_format="MJPG")
    form = dialog.format
    form.sizes.setCurrentIndex(form.sizes.findText("640×480"))
    form.sizes.activated.emit(form.sizes.currentIndex())
    assert kept(program) == (640, 480, 0.0, "")


def test_asked_and_granted_are_both_shown_and_a_difference_is_marked(dialog: CameraDialog, program: Program) -> None:
    form = dialog.format
    assert form.asked.text() == "Asked: 1280×720 · 30 fps · MJPG"
    assert form.granted.text() == "Granted: 1280×720 · 30 fps · MJPG"
    assert form._warning.isHidden()
    pick(form.rates, "15 fps")
    program.client.push_opened(
        "camera",
        title="Webcam",
        device_id="usb-a@1",
        width=1280,
        height=720,
        fps=10.0,
        detail="YUYV",
        asked=CameraFormat(1280, 720, 15.0, "YUYV"),
    )
    program.client.push(m.Stats(9.8, {}, 0))
    program.tick()
    assert form.granted.text() == "Granted: 1280×720 · 10 fps · YUYV · measured 9.8 fps"
    assert not form._warning.isHidden()


def row(dialog: CameraDialog, key: str) -> ControlRow:
    return dialog.controls.rows[key]


def test_controls_are_made_from_what_the_driver_states(dialog: CameraDialog) -> None:
    assert list(dialog.controls.rows) == ["focus_auto", "focus", "power_line", "wobble"]
    assert not row(dialog, "focus").slider.isEnabled()
    assert row(dialog, "focus_auto").box.isChecked()
    assert items(row(dialog, "power_line").menu) == ["Off", "50 Hz", "60 Hz"]
    assert row(dialog, "power_line").menu.currentText() == "50 Hz"
    assert row(dialog, "wobble").slider.slider.accessibleName() == "Wobble Mode"


def test_a_control_is_sent_at_once_and_kept(dialog: CameraDialog, program: Program) -> None:
    slider = row(dialog, "wobble").slider.slider
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_Right)
    QTest.keyClick(slider, Qt.Key.Key_Right)
    QTest.keyClick(row(dialog, "focus_auto").box, Qt.Key.Key_Space)
    pick(row(dialog, "power_line").menu, "60 Hz")
    program.tick()
    wanted = {"wobble": 2, "focus_auto": 0, "power_line": 2}
    assert program.window.session.cameras.settings("usb-a@1").controls == wanted
    assert program.client.last(m.SetCameras).cameras[0].controls == wanted


def test_what_the_camera_did_not_take_is_said_where_it_was_wanted(dialog: CameraDialog, program: Program) -> None:
    program.window.session.cameras.set_control("usb-a@1", "wobble", 9)
    assert row(dialog, "wobble").slider.value() == 9
    program.client.push(m.CameraSays(CameraReport("usb-a@1", CONTROLS, ("wobble",))))
    program.tick()
    assert row(dialog, "wobble").slider.value() == 0
    assert row(dialog, "wobble")._refused.isVisibleTo(dialog)
    assert not row(dialog, "focus")._refused.isVisibleTo(dialog)


def test_orientation_is_kept_with_the_camera(dialog: CameraDialog, program: Program) -> None:
    QTest.keyClick(dialog.mirror, Qt.Key.Key_Space)
    pick(dialog.rotation, "Upside down")
    settings = program.window.session.cameras.settings("usb-a@1")
    assert (settings.mirror, settings.rotation) == (True, 180)


def test_reset_shows_the_cameras_own_again(dialog: CameraDialog, program: Program) -> None:
    program.window.session.cameras.set_control("usb-a@1", "wobble", 9)
    QTest.keyClick(dialog.mirror, Qt.Key.Key_Space)
    QTest.mouseClick(dialog.reset_button, Qt.MouseButton.LeftButton)
    assert not dialog.mirror.isChecked()
    assert row(dialog, "wobble").slider.value() == 0
    assert program.client.last(m.ResetCamera).stable_id == "usb-a@1"


def test_another_camera_can_be_set_without_being_opened(dialog: CameraDialog, program: Program) -> None:
    pick(dialog.which, "Microscope")
    assert dialog.camera == "usb-b@2"
    assert items(dialog.format.sizes) == ["Automatic", "640×480", "1280×720", "1920×1080"]
    opened = len(program.client.sent(m.OpenSource))
    pick(dialog.format.sizes, "640×480")
    assert program.window.session.cameras.settings("usb-b@2").width == 640
    assert len(program.client.sent(m.OpenSource)) == opened


def test_it_follows_the_language(dialog: CameraDialog) -> None:
    texts.change_language("fr")
    assert dialog.windowTitle() == "Réglages de la caméra"
    assert row(dialog, "focus_auto").box.text() == "Mise au point automatique"
    assert items(dialog.format.sizes)[0] == "Automatique"


def test_there_is_one_dialog(dialog: CameraDialog, program: Program) -> None:
    program.window.commands.camera_settings()
    assert len(program.window.findChildren(CameraDialog)) == 1
