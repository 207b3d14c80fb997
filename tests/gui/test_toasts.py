from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.gui import texts, toasts
from desktop_app.gui.theme import theme
from desktop_app.gui.toasts import MOST, WIDTH, Toast, ToastStack
from desktop_app.gui.widgets import Label
from desktop_app.i18n import tr


@pytest.fixture
def stage(qtbot: QtBot, qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> QWidget:
    theme().apply(qapp, "dark")
    monkeypatch.setattr(toasts, "animation_ms", lambda: 0)
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.resize(800, 600)
    widget.show()
    return widget


@pytest.fixture
def stack(stage: QWidget) -> Iterator[ToastStack]:
    made = ToastStack(stage)
    yield made
    made.clear()


def titles(stack: ToastStack) -> list[str]:
    return [toast.title for toast in stack.toasts]


def close_button(toast: Toast) -> QToolButton:
    return toast.findChildren(QToolButton)[0]


def test_newest_lowest_in_the_lower_right_corner(stack: ToastStack, stage: QWidget) -> None:
    first = stack.show("info", "First")
    second = stack.show("error", "Second", "with a detail")
    assert second.geometry().right() == stage.width() - 16 - 1
    assert second.geometry().bottom() == stage.height() - 16 - 1
    assert first.geometry().bottom() == second.geometry().top() - 8 - 1
    assert first.width() == WIDTH


def test_at_most_three_and_work_in_progress_goes_last(stack: ToastStack) -> None:
    stack.progress("model", "vgg19", 0.1)
    for number in range(4):
        stack.show("info", f"Note {number}")
    assert len(stack.toasts) == MOST
    assert titles(stack) == ["vgg19", "Note 2", "Note 3"]


def test_the_same_key_replaces_in_its_place(stack: ToastStack) -> None:
    stack.show("error", "Old", key="source")
    stack.show("info", "Other")
    stack.show("success", "New", key="source")
    assert titles(stack) == ["New", "Other"]


def test_progress_moves_its_bar_and_ends(stack: ToastStack) -> None:
    stack.progress("vgg19", "vgg19", 0.1, "55 of 548 MB")
    toast = stack.toasts[0]
    stack.progress("vgg19", "vgg19", 0.39, "214 of 548 MB")
    assert stack.toasts == [toast]
    assert toast.bar is not None
    assert toast.bar.fraction == 0.39
    assert toast.detail == "214 of 548 MB"
    assert not toast.clock_runs
    stack.close("vgg19")
    assert stack.toasts == []


def test_closing_progress_by_hand_cancels_the_work(stack: ToastStack) -> None:
    cancelled: list[str] = []
    stack.progress("vgg19", "vgg19", 0.1, cancel=lambda: cancelled.append("vgg19"))
    button = close_button(stack.toasts[0])
    assert button.accessibleName() == "Cancel"
    button.click()
    assert cancelled == ["vgg19"]
    assert stack.toasts == []


def test_an_action_runs_once_and_the_message_goes(stack: ToastStack) -> None:
    runs: list[int] = []
    toast = stack.show("error", "Failed", "", ("Retry", lambda: runs.append(1)))
    toast.findChildren(QPushButton)[0].click()
    assert runs == [1]
    assert stack.toasts == []


def test_it_goes_by_itself_but_errors_stay(stack: ToastStack, qtbot: QtBot) -> None:
    stack.show("error", "Stays")
    stack.show("info", "Goes", timeout_ms=1)
    qtbot.waitUntil(lambda: titles(stack) == ["Stays"])
    assert not stack.toasts[0].clock_runs


def test_the_pointer_stops_the_clock(stack: ToastStack) -> None:
    toast = stack.show("info", "Read me")
    assert toast.clock_runs
    QApplication.sendEvent(toast, QEnterEvent(QPointF(5, 5), QPointF(5, 5), QPointF(5, 5)))
    assert not toast.clock_runs


def test_focus_stops_the_clock_and_is_never_taken(stack: ToastStack, stage: QWidget, qtbot: QtBot) -> None:
    owner = QPushButton("before", stage)
    owner.show()
    owner.setFocus()
    qtbot.waitUntil(owner.hasFocus)
    toast = stack.show("info", "Read me", "", ("Details", lambda: None))
    assert owner.hasFocus()
    link = toast.findChildren(QPushButton)[0]
    link.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(link.hasFocus)
    assert not toast.clock_runs
    owner.setFocus()
    qtbot.waitUntil(owner.hasFocus)
    assert toast.clock_runs


def test_the_keyboard_closes_it(stack: ToastStack) -> None:
    toast = stack.show("error", "Failed")
    close_button(toast).setFocus()
    QTest.keyClick(close_button(toast), Qt.Key.Key_Space)
    assert stack.toasts == []


def test_long_text_wraps_and_nothing_overlaps(stack: ToastStack) -> None:
    long = "The file holiday-in-the-mountains-2026.jpg could not be read because it ends in the middle. " * 2
    short = stack.show("info", "Short", "One line")
    tall = stack.show("error", long, long, ("Open folder", lambda: None))
    assert tall.height() > 2 * short.height()
    for label in tall.findChildren(Label):
        assert label.height() >= label.heightForWidth(label.width())
    assert not any(a.geometry().intersects(b.geometry()) for a, b in itertools.combinations(stack.toasts, 2))


def test_it_stays_in_its_corner_and_in_a_narrow_stage(stack: ToastStack, stage: QWidget) -> None:
    toast = stack.show("info", "Here")
    stage.resize(320, 400)
    QApplication.processEvents()
    assert toast.geometry().left() >= 0
    assert toast.geometry().right() == 320 - 16 - 1
    assert toast.geometry().bottom() == 400 - 16 - 1


def test_it_is_announced(stack: ToastStack, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[tuple[str, QAccessible.AnnouncementPoliteness]] = []

    def hear(event: QAccessibleAnnouncementEvent) -> None:
        said.append((event.message(), event.politeness()))

    monkeypatch.setattr(QAccessible, "updateAccessibility", hear)
    stack.show("error", "yolo11s could not be fetched", "No connection.")
    stack.show("info", "Saved")
    politeness = QAccessible.AnnouncementPoliteness
    assert said == [
        ("yolo11s could not be fetched. No connection.", politeness.Assertive),
        ("Saved", politeness.Polite),
    ]


def test_buttons_change_their_language(stack: ToastStack) -> None:
    toast = stack.show("info", "Saved")
    assert close_button(toast).accessibleName() == "Close"
    texts.change_language("fr")
    try:
        assert close_button(toast).toolTip() == tr("Close")
    finally:
        texts.change_language("en")


def test_it_fades_in_and_leaves_no_effect_behind(stage: QWidget, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toasts, "animation_ms", lambda: 20)
    stack = ToastStack(stage)
    toast = stack.show("info", "Soft")
    assert toast.graphicsEffect() is not None
    qtbot.waitUntil(lambda: toast.graphicsEffect() is None)
    stack.clear()
