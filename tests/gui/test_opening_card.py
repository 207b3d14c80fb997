"""What is said while a camera opens, and when no picture comes any more."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from desktop_app.core.camera import CameraInfo
from desktop_app.gui import opening_card
from desktop_app.gui.freshness import Freshness
from desktop_app.gui.opening_card import OpeningCard
from desktop_app.recogniser import messages as m
from tests.gui.conftest import Program


@pytest.fixture
def card(program: Program) -> OpeningCard:
    program.client.push(m.CamerasListed((CameraInfo(0, "usb-a@1", "Webcam"),)))
    program.tick()
    program.window.commands.open(("camera:usb-a@1",))
    return program.window.stage.opening


def later(monkeypatch: pytest.MonkeyPatch, card: OpeningCard, seconds: float) -> None:
    card._since -= seconds
    card._show_state()


def test_it_says_what_is_waited_for_and_how_long(card: OpeningCard, monkeypatch: pytest.MonkeyPatch) -> None:
    assert card.isHidden()
    later(monkeypatch, card, 3.2)
    assert card.isVisible()
    assert card.accessibleName() == "Opening Webcam"
    assert card.accessibleDescription() == "Waiting for its first picture · 3\u00a0s"


def test_what_opens_soon_shows_no_card(card: OpeningCard, program: Program) -> None:
    program.client.push_opened("camera", device_id="usb-a@1")
    program.tick()
    assert not card._look.isActive()
    assert card.isHidden()


def test_cancel_leaves_what_was_there_before(
    program: Program, card: OpeningCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    later(monkeypatch, card, 1.0)
    QTest.mouseClick(card.findChildren(QPushButton)[0], Qt.MouseButton.LeftButton)
    assert card.isHidden()
    assert program.client.last(m.CancelOpen).request == program.client.last(m.OpenSource).request
    assert program.controller.opening == ()
    assert program.window.stage.start_shown


def test_a_camera_that_opened_just_before_it_was_cancelled_is_shown(program: Program, card: OpeningCard) -> None:
    program.client.push_opened("camera", device_id="usb-a@1")
    program.controller.cancel_opening()
    program.tick()
    assert program.controller.alive
    assert program.controller.specs == ("camera:usb-a@1",)


def test_a_refusal_after_the_cancelling_is_no_news(program: Program, card: OpeningCard) -> None:
    request = program.client.last(m.OpenSource).request
    program.controller.cancel_opening()
    program.client.push(m.SourceState(request, "failed", "busy", cause="busy"))
    program.tick()
    assert program.toast_titles() == []
    assert not program.window.stage.trouble.isVisible()


def test_a_driver_that_hangs_is_given_up(program: Program, card: OpeningCard, monkeypatch: pytest.MonkeyPatch) -> None:
    later(monkeypatch, card, opening_card.GIVE_UP + 1)
    assert program.client.sent(m.CancelOpen)
    trouble = program.window.stage.trouble
    assert trouble.isVisible()
    assert trouble.accessibleName() == "“Webcam” does not answer."


def test_the_picture_before_is_not_live_while_another_camera_opens(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.show_demo()
    program.window.commands.open(("camera:usb-a@1",))
    later(monkeypatch, program.window.stage.opening, 1.0)
    assert program.window.stage._hud_phase() == "opening"


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def is_stale(freshness: Freshness) -> bool:
    return freshness.stale


def test_a_frozen_picture_is_noticed_whoever_hangs(program: Program) -> None:
    clock = Clock()
    freshness = Freshness(program.controller, program.window, clock)
    program.show_demo()
    program.client.push(m.Stats(30.0, {}, 0, silence=0.02))
    program.tick()
    clock.now += 1.0
    freshness.look()
    assert not is_stale(freshness)
    # No word from the recogniser at all.
    clock.now += 0.95
    freshness.look()
    assert is_stale(freshness)
    # It speaks, and the frames go on.
    program.client.push(m.Stats(30.0, {}, 0, silence=0.02))
    program.tick()
    assert not is_stale(freshness)
    # It speaks, but the driver gives nothing.
    program.client.push(m.Stats(0.0, {}, 0, silence=1.95))
    program.tick()
    assert is_stale(freshness)


def test_a_paused_picture_is_not_frozen(program: Program) -> None:
    clock = Clock()
    freshness = Freshness(program.controller, program.window, clock)
    program.show_demo()
    program.client.push(m.Stats(30.0, {}, 0), m.SourceState(program.client.last(m.OpenSource).request, "paused"))
    program.tick()
    clock.now += 60
    freshness.look()
    assert not is_stale(freshness)


def test_the_stage_says_so(program: Program) -> None:
    program.show_demo()
    program.client.push(m.Stats(0.0, {}, 0, silence=3.0))
    program.tick()
    line = program.window.status.line
    assert program.window.stage._hud_phase() == "lost"
    assert line.dot == "warning"
    assert any("signal lost" in number.number for number in line.numbers)
    program.client.push(m.Stats(30.0, {}, 0, silence=0.02))
    program.tick()
    assert line.dot == "success"
    assert not any("signal lost" in number.number for number in line.numbers)
