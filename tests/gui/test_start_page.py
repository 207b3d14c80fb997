from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.core.progress import Progress, Stage
from desktop_app.gui import texts
from desktop_app.gui.signal_card import SignalCard
from desktop_app.gui.start_cards import Card
from desktop_app.gui.start_page import StartPage
from desktop_app.gui.theme import theme
from desktop_app.gui.widgets import Label, ProgressBar


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication) -> Iterator[StartPage]:
    theme().apply(qapp, "dark")
    widget = StartPage()
    qtbot.addWidget(widget)
    widget.resize(858, 786)
    widget.show()
    yield widget
    texts.change_language("en")


def words(widget: QWidget) -> list[str]:
    return [label.text() for label in widget.findChildren(Label) if label.isVisible()]


def test_each_card_asks_for_its_thing(page: StartPage, qtbot: QtBot) -> None:
    page.set_camera("HD Webcam")
    for card, signal in (
        (page.camera_card, page.camera_requested),
        (page.demo_card, page.demo_requested),
        (page.files_card, page.files_requested),
    ):
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Space):
            with qtbot.waitSignal(signal):
                QTest.keyClick(card, key)
        with qtbot.waitSignal(signal):
            QTest.mouseClick(card, Qt.MouseButton.LeftButton)


def test_the_camera_is_named_or_said_to_be_missing(page: StartPage, qtbot: QtBot) -> None:
    assert not page.camera_card.isEnabled()
    assert "No camera found" in page.camera_card.accessibleDescription()
    assert page.focusProxy() is page.demo_card
    with qtbot.assertNotEmitted(page.camera_requested):
        QTest.mouseClick(page.camera_card, Qt.MouseButton.LeftButton)
    page.set_camera("HD Webcam")
    assert page.camera_card.isEnabled()
    assert page.camera_card.accessibleDescription().startswith("HD Webcam.")
    assert page.focusProxy() is page.camera_card


def test_a_focused_card_is_drawn_differently(page: StartPage, qtbot: QtBot) -> None:
    # The pointer may lie where an earlier test left it.
    page.demo_card.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
    page.demo_card.setFocus()
    qtbot.waitUntil(page.demo_card.hasFocus)
    focused = page.demo_card.grab().toImage().pixelColor(page.demo_card.width() // 2, 8)
    page.files_card.setFocus()
    qtbot.waitUntil(page.files_card.hasFocus)
    rest = page.demo_card.grab().toImage().pixelColor(page.demo_card.width() // 2, 8)
    assert (focused, rest) == (theme().colour("soft"), theme().colour("panel"))


def test_starter_models_show_their_progress(page: StartPage, qtbot: QtBot) -> None:
    assert "Getting the starter models ready" not in words(page)
    page.set_starter_models([("efficientnet-lite0", "classify"), ("yolov3-tiny", "detect")])
    assert "Getting the starter models ready" in words(page)
    page.set_progress(Progress("efficientnet-lite0", "ready"))
    page.set_progress(Progress("yolov3-tiny", "fetch", 64, 100, 12))
    assert "ready" in words(page)
    assert "64\u00a0% · 3\u00a0s" in words(page)
    assert [bar.fraction for bar in page.findChildren(ProgressBar) if bar.isVisible()] == [0.64]
    page.set_progress(Progress("yolov3-tiny", "convert"))
    assert "converting" in words(page)
    page.set_progress(Progress("yolov3-tiny", "ready"))
    assert "The starter models are ready" in words(page)


def test_a_failed_model_offers_retry(page: StartPage, qtbot: QtBot) -> None:
    page.set_starter_models([("yolov3-tiny", "detect")])
    page.set_progress(Progress("yolov3-tiny", "failed"))
    retry = next(b for b in page.findChildren(QPushButton) if b.isVisible() and b.text() == "Retry")
    with qtbot.waitSignal(page.retry_requested) as heard:
        retry.click()
    assert heard.args == ["yolov3-tiny"]
    page.set_progress(Progress("yolov3-tiny", "fetch", 1, 10))
    assert not retry.isVisible()


def test_progress_of_another_model_is_ignored(page: StartPage) -> None:
    page.set_starter_models([("yolov3-tiny", "detect")])
    before = words(page)
    page.set_progress(Progress("vgg19", "fetch", 1, 10))
    assert words(page) == before


def test_models_can_be_set_again(page: StartPage, qtbot: QtBot) -> None:
    page.set_starter_models([("yolov3-tiny", "detect")])
    page.set_starter_models([])
    assert "yolov3-tiny" not in words(page)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("stage", ["fetch", "failed"])
@pytest.mark.parametrize(("width", "height"), [(320, 240), (500, 500), (756, 564), (858, 786), (1600, 1200)])
def test_text_is_never_cut_off(
    page: StartPage, qtbot: QtBot, language: str, stage: Stage, width: int, height: int
) -> None:
    page.set_camera("Logitech BRIO Ultra HD Webcam 4K")
    page.set_starter_models([("efficientnet-lite0", "classify"), ("yolov3-tiny", "detect")])
    page.set_progress(Progress("yolov3-tiny", stage, 64, 100, 12))
    texts.change_language(language)
    page.resize(width, height)
    for _ in range(5):  # a layout inside a scroll area settles in steps
        QApplication.processEvents()
    for label in page.findChildren(Label):
        if not label.isVisible() or not label.text():
            continue
        if label.wordWrap():
            assert label.height() >= label.heightForWidth(label.width()), label.text()
        else:
            assert label.width() >= label.fontMetrics().horizontalAdvance(label.text()), label.text()
        left = label.mapTo(page, QPoint(0, 0)).x()
        assert left >= 20, label.text()
        assert left + label.width() <= width - 20, label.text()
    for card in page.findChildren(Card):
        assert card.width() >= 150
        for label in card.findChildren(Label):
            assert card.rect().contains(label.geometry())


def test_cards_stand_side_by_side_or_below_each_other(page: StartPage) -> None:
    page.resize(858, 700)
    QApplication.processEvents()
    assert page.camera_card.y() == page.files_card.y()
    page.resize(420, 700)
    QApplication.processEvents()
    assert page.camera_card.y() < page.demo_card.y() < page.files_card.y()


def test_the_whole_page_says_what_a_drop_will_do(page: StartPage) -> None:
    plain = page.grab().toImage()
    page.set_drop_hint("Show this picture")
    assert page.grab().toImage().pixelColor(100, 100) != plain.pixelColor(100, 100)
    page.set_drop_hint(None)
    assert page.grab().toImage() == plain


# The card of a lost source


@pytest.fixture
def card(qtbot: QtBot) -> Iterator[SignalCard]:
    stage = QWidget()
    qtbot.addWidget(stage)
    stage.resize(858, 786)
    stage.show()
    yield SignalCard(stage)
    texts.change_language("en")


def test_cause_hint_and_countdown(card: SignalCard, qtbot: QtBot) -> None:
    assert not card.isVisible()
    card.show_trouble("HD Webcam no longer sends pictures", "Check the cable.", time.perf_counter() + 3)
    assert words(card) == [
        "HD Webcam no longer sends pictures",
        "Check the cable. Regard tries again by itself in 3\u00a0s.",
    ]
    assert card.accessibleName() == "HD Webcam no longer sends pictures"
    card.show_trouble("Gone", "Check the cable.", time.perf_counter() - 1)
    assert words(card)[1] == "Check the cable. Regard is trying again now."
    card.show_trouble("Gone", "Check the cable.")
    assert words(card)[1] == "Check the cable."


def test_the_countdown_counts_by_itself(card: SignalCard, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    card.show_trouble("Gone", "", 103.0)
    now[0] = 102.5
    card._clock.timeout.emit()
    assert "1\u00a0s" in words(card)[1]


def test_its_buttons_ask(card: SignalCard, qtbot: QtBot) -> None:
    card.show_trouble("Gone", "")
    retry, other = card.findChildren(QPushButton)
    with qtbot.waitSignal(card.retry_requested):
        retry.click()
    with qtbot.waitSignal(card.other_requested):
        QTest.keyClick(other, Qt.Key.Key_Space)


@pytest.mark.parametrize("width", [320, 858])
def test_it_stays_in_the_middle_with_all_its_text(card: SignalCard, width: int) -> None:
    stage = card.parentWidget()
    assert stage is not None
    texts.change_language("fr")
    card.show_trouble(
        "La caméra de la salle de travaux pratiques n’envoie plus d’images", "Vérifiez le câble. " * 5, 1e9
    )
    stage.resize(width, 600)
    QApplication.processEvents()
    assert abs(card.geometry().center().x() - stage.rect().center().x()) <= 1
    for label in card.findChildren(Label):
        assert label.height() >= label.heightForWidth(label.width())
    for button in card.findChildren(QPushButton):
        assert button.width() >= button.sizeHint().width()
        assert stage.rect().contains(button.geometry().translated(card.pos()))
