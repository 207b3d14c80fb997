from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from desktop_app.gui import texts
from desktop_app.gui.theme import theme
from desktop_app.gui.widgets import (
    DropButton,
    ElidedLabel,
    EmptyState,
    IconButton,
    Label,
    LabelledSlider,
    PanelTitle,
    ProgressBar,
    SearchField,
    button,
)


@pytest.fixture(autouse=True)
def dark(qapp: QApplication) -> Iterator[None]:
    theme().apply(qapp, "dark")
    yield
    texts.change_language("en")


def test_labels_show_names_from_outside_as_plain_text(qtbot: QtBot) -> None:
    label = Label("<b>class</b>")
    qtbot.addWidget(label)
    assert label.textFormat() == Qt.TextFormat.PlainText
    assert label.sizeHint().width() >= label.fontMetrics().horizontalAdvance("<b>class</b>")


def test_an_elided_label_has_all_of_it_in_its_tool_tip(qtbot: QtBot) -> None:
    label = ElidedLabel("a rather long name of a file.png")
    qtbot.addWidget(label)
    label.show()
    label.resize(80, 20)
    QApplication.processEvents()
    assert label.text().endswith("…")
    assert label.toolTip() == label.accessibleName() == "a rather long name of a file.png"
    label.resize(600, 20)
    QApplication.processEvents()
    assert label.text() == label.full_text
    assert label.toolTip() == ""


def test_an_icon_button_is_large_enough_and_named(qtbot: QtBot) -> None:
    for size, side in ((14, 28), (16, 28), (20, 34)):
        made = IconButton("x", "Close", size)
        qtbot.addWidget(made)
        assert (made.width(), made.height()) == (side, side)
        assert made.accessibleName() == made.toolTip() == "Close"


def test_a_panel_title_has_its_height_as_a_hint(qtbot: QtBot) -> None:
    clicks: list[int] = []
    title = PanelTitle("Results")
    qtbot.addWidget(title)
    bare = title.sizeHint().height()
    made = title.add_button("copy", "Copy", lambda: clicks.append(1))
    assert title.sizeHint().height() == bare == 38
    made.click()
    assert clicks == [1]


def test_a_slider_tells_what_the_user_does_and_nothing_else(qtbot: QtBot) -> None:
    slider = LabelledSlider("Confidence", 0.01, 0.99, 0.01, lambda value: texts.number(value, 2))
    qtbot.addWidget(slider)
    with qtbot.assertNotEmitted(slider.value_changed):
        slider.set_value(0.25)
    assert slider.value() == pytest.approx(0.25)
    assert slider.slider.accessibleDescription() == "0.25"
    with qtbot.waitSignal(slider.value_changed) as heard:
        QTest.keyClick(slider.slider, Qt.Key.Key_Right)
    assert heard.args == [pytest.approx(0.26)]
    slider.set_value(7.0)
    assert slider.value() == pytest.approx(0.99)
    assert slider.slider.accessibleName() == "Confidence"


def test_its_value_is_written_anew_in_another_language(qtbot: QtBot) -> None:
    slider = LabelledSlider("Confidence", 0.0, 1.0, 0.01, lambda value: texts.number(value, 2))
    qtbot.addWidget(slider)
    slider.set_value(0.25)
    texts.change_language("fr")
    slider.set_name("Confiance minimale")
    assert [label.text() for label in slider.findChildren(Label)] == ["Confiance minimale", "0,25"]


def test_escape_empties_a_search_field_first(qtbot: QtBot) -> None:
    field = SearchField("Search models")
    qtbot.addWidget(field)
    QTest.keyClicks(field, "yolo")
    assert field.text() == "yolo"
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == ""
    assert field.accessibleName() == field.placeholderText() == "Search models"


def test_an_empty_state_wraps_its_sentence(qtbot: QtBot) -> None:
    state = EmptyState("tag", "No results yet", "Labels, counts and their history appear here.")
    qtbot.addWidget(state)
    state.resize(160, 300)
    state.show()
    for label in state.findChildren(Label):
        assert label.height() >= label.heightForWidth(label.width())
    state.set_texts("Pas encore de résultats", "")
    assert state.findChildren(Label)[0].text() == "Pas encore de résultats"


def test_a_drop_button_says_kind_and_value(qtbot: QtBot) -> None:
    drop = DropButton("cube", "Model")
    qtbot.addWidget(drop)
    drop.set_value("yolov3-tiny")
    assert drop.toolTip() == drop.accessibleName() == "Model: yolov3-tiny"
    drop.set_kind("Modèle")
    assert drop.accessibleName() == "Modèle: yolov3-tiny"
    short = drop.sizeHint().width()
    drop.set_value("a model with a very long name that nobody could ever want to read in a toolbar")
    assert short < drop.sizeHint().width() <= drop.maximumWidth()


def test_a_drop_button_opens_its_menu_from_the_keyboard(qtbot: QtBot) -> None:
    drop = DropButton("cube", "Model")
    qtbot.addWidget(drop)
    menu = QMenu(drop)
    menu.addAction("yolov3-tiny")
    drop.setMenu(menu)
    drop.show()
    drop.setFocus()
    opened: list[bool] = []
    menu.aboutToShow.connect(lambda: opened.append(True))
    menu.aboutToShow.connect(menu.close, Qt.ConnectionType.QueuedConnection)
    QTest.keyClick(drop, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not menu.isVisible())
    assert opened == [True]


def filled(bar: ProgressBar) -> float:
    picture = bar.grab().toImage()
    accent = theme().colour("accent")
    return sum(picture.pixelColor(x, 3) == accent for x in range(picture.width())) / picture.width()


def test_a_progress_bar_shows_its_share(qtbot: QtBot) -> None:
    bar = ProgressBar("vgg19")
    qtbot.addWidget(bar)
    bar.resize(200, 6)
    for fraction in (0.0, 0.39, 1.0):
        bar.set_fraction(fraction)
        assert filled(bar) == pytest.approx(fraction, abs=0.03)
    assert bar.accessibleDescription() == "100 %"
    bar.set_fraction(None)
    assert filled(bar) == 0  # pale, not full
    assert bar.accessibleDescription() == ""
    assert bar.height() == 6


def test_primary_and_link_buttons_look_it(qtbot: QtBot) -> None:
    primary, plain = button("Export", "primary"), button("Export")
    for made in (primary, plain):
        qtbot.addWidget(made)
        made.resize(120, 32)
        made.show()
        made.clearFocus()
    fills = [made.grab().toImage().pixelColor(8, 16) for made in (primary, plain)]
    assert fills == [theme().colour("accent"), theme().colour("raised")]
