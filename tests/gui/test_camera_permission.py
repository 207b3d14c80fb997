"""Leave to use cameras, asked in the window's process; and what Qt knows of them. With stand-ins for the system."""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import Enum
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtGui import QDesktopServices

from desktop_app.core.camera import CameraFormat, CameraInfo
from desktop_app.gui import privacy
from desktop_app.gui.camera_permission import CameraDoor, QtPermission, Status
from desktop_app.gui.qt_cameras import QtCameras, qt_cameras
from desktop_app.recogniser import messages as m
from tests.gui.conftest import Program


class Permission:
    def __init__(self, status: Status) -> None:
        self.now = status
        self.asked: list[Callable[[Status], None]] = []

    def status(self) -> Status:
        return self.now

    def request(self, answered: Callable[[Status], None]) -> None:
        self.asked.append(answered)

    def answer(self, status: Status) -> None:
        self.now = status
        self.asked.pop()(status)


def guard(program: Program, status: Status) -> Permission:
    permission = Permission(status)
    program.controller.door = CameraDoor(permission)
    return permission


def test_a_camera_is_opened_only_after_the_user_allowed_it(program: Program) -> None:
    permission = guard(program, "undetermined")
    program.window.commands.open(("camera:usb-a@1",))
    assert len(permission.asked) == 1
    assert not program.client.sent(m.OpenSource)
    assert program.controller.opening == ("camera:usb-a@1",)
    permission.answer("granted")
    assert program.client.last(m.OpenSource).specs == ("camera:usb-a@1",)


def test_a_refusal_is_told_with_the_way_to_the_privacy_page(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setitem(privacy._ADDRESSES, sys.platform, privacy._ADDRESSES["darwin"])
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    permission = guard(program, "undetermined")
    program.window.commands.open(("camera:usb-a@1",))
    permission.answer("denied")
    card = program.window.stage.trouble
    assert card.isVisible()
    assert card.accessibleName() == "Regard may not use cameras: permission denied."
    assert not program.client.sent(m.OpenSource)
    assert program.controller.opening == ()
    assert card._privacy is not None
    card._privacy.click()
    assert opened == ["x-apple.systempreferences:com.apple.preference.security?Privacy_Camera"]


def test_who_was_refused_before_is_not_asked_again(program: Program) -> None:
    permission = guard(program, "denied")
    program.window.commands.open(("camera:usb-a@1",))
    assert permission.asked == []
    assert program.window.stage.trouble.isVisible()


def test_everything_else_passes(program: Program) -> None:
    guard(program, "denied")
    program.window.commands.open_demo()
    assert program.client.last(m.OpenSource).specs == ("demo:",)


def test_an_answer_that_comes_after_something_else_was_opened_changes_nothing(program: Program) -> None:
    permission = guard(program, "undetermined")
    program.window.commands.open(("camera:usb-a@1",))
    program.window.commands.open_demo()
    permission.answer("granted")
    assert [c.specs for c in program.client.sent(m.OpenSource)] == [("demo:",)]


def test_linux_needs_no_leave(program: Program) -> None:
    assert QtPermission(program.window).status() == "granted"


class _PixelFormat(Enum):
    Format_Jpeg = 1
    Format_YUYV = 2
    Format_Invalid = 3


def _video_format(width: int, height: int, low: float, high: float, pixels: _PixelFormat) -> SimpleNamespace:
    return SimpleNamespace(
        resolution=lambda: QSize(width, height),
        minFrameRate=lambda: low,
        maxFrameRate=lambda: high,
        pixelFormat=lambda: pixels,
    )


def _device(name: str, *formats: SimpleNamespace) -> SimpleNamespace:
    return SimpleNamespace(id=name.encode, description=name.upper, videoFormats=lambda: formats)


def test_formats_of_qt_become_ours() -> None:
    device = _device(
        "usb-1",
        _video_format(1280, 720, 5.0, 30.0, _PixelFormat.Format_Jpeg),
        _video_format(1280, 720, 30.0, 60.0, _PixelFormat.Format_Jpeg),
        _video_format(640, 480, 30.0, 30.0, _PixelFormat.Format_YUYV),
        _video_format(320, 240, 30.0, 30.0, _PixelFormat.Format_Invalid),
    )
    assert qt_cameras([device]) == [
        CameraInfo(
            0,
            "usb-1",
            "USB-1",
            (
                CameraFormat(1280, 720, 60.0, "MJPG", (60.0, 30.0, 5.0)),
                CameraFormat(640, 480, 30.0, "YUYV", (30.0,)),
            ),
        )
    ]


class Devices(QObject):
    videoInputsChanged = Signal()  # noqa: N815  (as Qt spells it)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.inputs: list[Any] = []

    def videoInputs(self) -> list[Any]:
        return self.inputs


def test_the_recogniser_hears_when_a_camera_comes(program: Program) -> None:
    made: list[Devices] = []

    def make(parent: QObject) -> Devices:
        made.append(Devices(parent))
        return made[0]

    watcher = QtCameras(program.controller.send, program.window, make)
    assert made == []  # not while the window starts
    watcher.begin()
    assert program.client.last(m.TellFormats).cameras == ()
    made[0].inputs.append(_device("usb-1"))
    made[0].videoInputsChanged.emit()
    assert [camera.stable_id for camera in program.client.last(m.TellFormats).cameras] == ["usb-1"]
