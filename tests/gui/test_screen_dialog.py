"""Choosing a screen, a window or a part of one."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_app.core.source import SourceInfo
from desktop_app.gui import screen_dialog
from desktop_app.gui.region_overlay import RegionOverlay
from desktop_app.gui.screen_dialog import ScreenDialog
from desktop_app.recogniser import messages as m
from tests.gui.conftest import Program


def _item(spec: str, title: str, width: int = 1600, height: int = 1000) -> m.ScreenItem:
    return m.ScreenItem(spec, title, (0, 0, width, height), (width, height), bytes(16 * 10 * 3), (10, 16))


ITEMS = (_item("screen:0", "Screen 1"), _item("window:42?title=Slides", "Slides", 500, 400))


@pytest.fixture
def dialog(program: Program) -> ScreenDialog:
    program.window.actions_.by_key["screen"].trigger()
    made = program.window.findChild(ScreenDialog)
    assert made is not None
    assert program.client.sent(m.ListScreens)
    program.client.push(m.ScreensListed(ITEMS))
    program.tick()
    return made


def test_a_screen_with_its_choices_opens(program: Program, dialog: ScreenDialog) -> None:
    assert [dialog.list.item(row).text() for row in range(dialog.list.count())] == ["Screen 1", "Slides"]
    dialog.rate.setCurrentIndex(screen_dialog.RATES.index(10))
    dialog.pointer.setChecked(False)
    dialog._open()
    assert program.client.last(m.OpenSource).specs == ("screen:0?fps=10&cursor=0",)


def test_a_window_opens_by_number_and_title(program: Program, dialog: ScreenDialog) -> None:
    dialog.list.setCurrentRow(1)
    assert not dialog.pointer.isEnabled()
    dialog._open()
    assert program.client.last(m.OpenSource).specs == ("window:42?title=Slides",)
    program.client.push_opened("screen", spec="window:42?title=Slides", title="Slides", live=True)
    program.tick()
    assert program.window.windowTitle() == "Slides – Regard"


def test_where_nothing_can_be_seen_the_reason_is_shown(program: Program) -> None:
    program.window.commands.open_screen()
    dialog = program.window.findChild(ScreenDialog)
    assert dialog is not None
    program.client.push(m.ScreensListed((), "Wayland says no.", "Use Xorg."))
    program.tick()
    assert dialog._said.text() == "Wayland says no. Use Xorg."
    assert dialog._said.isVisible()
    assert not dialog._open_button.isEnabled()


def test_a_region_is_drawn_while_the_window_is_out_of_the_way(
    program: Program, dialog: ScreenDialog, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screen_dialog, "_HIDDEN_MS", 0)
    place = program.window.pos()
    dialog._select.click()
    assert program.window.isHidden()
    qtbot.waitUntil(lambda: bool(program.client.sent(m.TryAddress)))
    asked = program.client.last(m.TryAddress)
    assert asked.whole
    assert asked.spec == "screen:0?cursor=0"
    info = SourceInfo(asked.spec, "screen", "Screen 1", True, 160, 100)
    program.client.push(m.AddressTried(asked.number, info, bytes(160 * 100 * 3), (100, 160)))
    program.tick()
    overlay = dialog._overlay
    assert overlay is not None
    overlay.done.emit((10, 20, 300, 200))
    assert program.window.isVisible()
    assert program.window.pos() == place
    assert dialog.isVisible()
    dialog._open()
    assert program.client.last(m.OpenSource).specs == ("screen:0?region=10,20,300,200",)


def test_a_screenshot_that_fails_brings_the_window_back(
    program: Program, dialog: ScreenDialog, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screen_dialog, "_HIDDEN_MS", 0)
    dialog._select.click()
    qtbot.waitUntil(lambda: bool(program.client.sent(m.TryAddress)))
    program.client.push(m.AddressTried(program.client.last(m.TryAddress).number, message="It is off."))
    program.tick()
    assert program.window.isVisible()
    assert dialog.isVisible()
    assert dialog._said.text() == "It is off."


@pytest.fixture
def overlay(qtbot: QtBot) -> RegionOverlay:
    made = RegionOverlay(QImage(800, 500, QImage.Format.Format_RGB32), (1600, 1000), QPoint(0, 0))
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.show()
    made.resize(400, 300)
    return made


def test_a_drag_is_told_in_units_of_the_screen(overlay: RegionOverlay, qtbot: QtBot) -> None:
    area = overlay.target()
    assert (area.width(), area.height()) == (400.0, 250.0), "fits, in the middle"
    start = QPoint(100, round(area.top()) + 50)
    QTest.mousePress(overlay, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(overlay, QPoint(200, start.y() + 50))
    with qtbot.waitSignal(overlay.done) as done:
        # Out of the screen: it ends at its edge.
        QTest.mouseMove(overlay, QPoint(300, 299))
        QTest.mouseRelease(overlay, Qt.MouseButton.LeftButton, pos=QPoint(300, 299))
    assert done.args == [(400, 200, 800, 800)]


def test_keys_draw_a_region_too(overlay: RegionOverlay, qtbot: QtBot) -> None:
    QTest.keyClick(overlay, Qt.Key.Key_Right)
    QTest.keyClick(overlay, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    with qtbot.waitSignal(overlay.done) as done:
        QTest.keyClick(overlay, Qt.Key.Key_Return)
    assert done.args == [(440, 250, 800, 540)]


def test_escape_and_a_mere_click_choose_nothing(overlay: RegionOverlay, qtbot: QtBot) -> None:
    QTest.mouseClick(overlay, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    assert overlay.region() is None
    with qtbot.waitSignal(overlay.done) as done:
        QTest.keyClick(overlay, Qt.Key.Key_Escape)
    assert done.args == [None]
    overlay.grab()  # paints without a region
