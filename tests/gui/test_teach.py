"""The page on which something is taught by showing it."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QBuffer, QByteArray, QCoreApplication, QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from desktop_app.core.example_map import plane_of
from desktop_app.core.linear_layer import Sheet, learn
from desktop_app.core.model import ModelInfo
from desktop_app.core.teaching import NONE
from desktop_app.gui.panels.model import ModelPanel
from desktop_app.gui.teach_map import equation, line_of
from desktop_app.gui.teach_page import TeachPage
from desktop_app.paths import models_dir
from desktop_app.recogniser import messages as m
from tests.gui.conftest import Program
from tests.gui.fake_client import frame

KEY = "efficientnet-lite0"
NAMES = ("cup", "key", "shoe")


def jpeg() -> bytes:
    image = QImage(64, 48, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.darkCyan)
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    image.save(buffer, "JPG")  # type: ignore[call-overload]
    return bytes(data.data())


def sheet(classes: int) -> Sheet:
    rng = np.random.default_rng(4)
    class_of = np.repeat(np.arange(classes), 3)
    x = rng.random((classes, 40))[class_of] + 0.1 * rng.random((3 * classes, 40))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    return Sheet(x.astype(np.float32), class_of, np.arange(3 * classes), classes)


def lesson(classes: int = 3, **changes: object) -> m.LessonChanged:
    picture = jpeg()
    shown = tuple(m.ShownExample(10 + n, 1 + n // 3, picture) for n in range(3 * classes))
    named = tuple((slot + 1, NAMES[slot]) for slot in range(classes))
    values: dict[str, object] = {"can_undo": True, **changes}
    return m.LessonChanged(1, KEY, "softmax", True, named, shown, **values)  # type: ignore[arg-type]


def taught(classes: int = 3, kind: str = "decision") -> list[m.Event]:
    data = sheet(classes)
    layer = learn(data, "softmax")
    numbers = np.arange(10, 10 + 3 * classes)
    slots = 1 + data.class_of
    said = slots.copy()
    said[0] = 2
    return [
        lesson(classes),
        m.Learnt(1, tuple(range(1, classes + 1)), layer, 0.4, 0.001, 12.0),
        m.Mapped(1, plane_of(kind, data.x, data, layer, None), numbers),  # type: ignore[arg-type]
        m.Examined(1, numbers, slots, said),
    ]


def live(classes: int = 3, said: int = 1, distance: float = 0.1) -> m.TeachLive:
    x = sheet(classes).x[3 * min(said, classes - 1)]
    logits = np.full(classes + 1, -2, np.float32)
    logits[said] = 5
    shares = (np.exp(logits) / np.exp(logits).sum()).astype(np.float32)
    return m.TeachLive(1, 7, 7.0, x, logits, shares, 10 + 3 * min(said, classes - 1), distance, 9.0)


def wish(program: Program) -> m.Teach:
    return program.client.last(m.Teach)


@pytest.fixture
def program(make_program: Callable[..., Program]) -> Program:
    made = make_program()
    made.client.push(m.ModelStates((KEY, "yolov3-tiny")))
    made.controller.set_models([KEY])
    made.client.push_loaded(KEY, "classify")
    made.window.commands.open_demo()
    made.client.push_opened("demo")
    made.client.frame = frame()
    made.tick()
    return made


@pytest.fixture
def page(program: Program) -> TeachPage:
    program.window.commands.teach()
    found = program.window.stage.views["teach"]
    assert isinstance(found, TeachPage)
    program.client.push(m.LessonChanged(0, KEY, "softmax", True, (), ()))
    program.tick()
    return found


def tell(program: Program, *events: m.Event) -> None:
    # As they come out of the wire.
    program.client.push(*(m.decode_event(m.encode(event)) for event in events))
    program.tick()


def test_asks_for_nothing_until_it_is_opened(program: Program) -> None:
    assert not program.client.sent(m.Teach)


def test_opens_on_the_classifier_that_runs(program: Program, page: TeachPage) -> None:
    assert (wish(program).on, wish(program).usual, wish(program).model) == (True, KEY, "")
    assert program.window.stage.view_shown == "teach"
    assert program.window.docks.docks["results"].isHidden()
    assert sorted(page.rows) == [1, 2, 3]


def test_closing_costs_nothing_any_more_and_all_comes_back(program: Program, page: TeachPage) -> None:
    program.window.commands.teach()
    assert not wish(program).on
    assert program.window.stage.view_shown == ""
    assert not program.window.docks.docks["results"].isHidden()


def test_beside_a_detector_the_starter_is_taught_on(make_program: Callable[..., Program]) -> None:
    made = make_program()
    made.client.push(m.ModelStates((KEY, "yolov3-tiny")))
    made.show_demo()
    made.window.commands.teach()
    assert wish(made).usual == KEY


def test_the_picture_says_how_large_it_is_seen(program: Program, page: TeachPage, qtbot: object) -> None:
    """What is left says that it is not seen any more; the new one counts."""
    QCoreApplication.processEvents()
    program.tick()
    said = program.client.last(m.SetView)
    assert (said.width, said.height) != (0, 0)
    program.window.commands.teach()
    QCoreApplication.processEvents()
    program.tick()
    assert program.client.last(m.SetView).width > said.width / 2


class TestKeys:
    def test_one_two_three_take_examples_and_no_model(self, program: Program, page: TeachPage) -> None:
        program.window.preferences.change(recent_models=(KEY, "yolov3-tiny"))
        before = len(program.client.sent(m.SetModels))
        program.window.activateWindow()
        for key, slot in ((Qt.Key.Key_1, 1), (Qt.Key.Key_3, 3), (Qt.Key.Key_9, 9)):
            page._state._taken_at = 0.0
            QTest.keyClick(page, key)
            assert program.client.last(m.TakeExample).slot == slot
        assert len(program.client.sent(m.SetModels)) == before

    def test_afterwards_they_choose_models_again(self, program: Program, page: TeachPage) -> None:
        assert not program.window.actions_.by_key["recent1"].isEnabled()
        program.window.commands.teach()
        assert program.window.actions_.by_key["recent1"].isEnabled()

    def test_a_key_that_is_held_takes_a_few_a_second(self, program: Program, page: TeachPage) -> None:
        for _ in range(50):
            page._take(1)
        assert 1 <= len(program.client.sent(m.TakeExample)) < 10

    def test_a_digit_in_a_name_is_a_digit(self, program: Program, page: TeachPage) -> None:
        row = page.rows[2]
        row.name.setFocus()
        QTest.keyClicks(row.name, "cup 1")
        assert not program.client.sent(m.TakeExample)
        QTest.keyClick(row.name, Qt.Key.Key_Return)
        assert program.client.last(m.NameClass) == m.NameClass(2, "cup 1")

    def test_undo_and_redo(self, program: Program, page: TeachPage) -> None:
        program.window.activateWindow()
        QTest.keyClick(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert program.client.last(m.UndoTeaching) == m.UndoTeaching()
        QTest.keyClick(page, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
        assert program.client.last(m.UndoTeaching) == m.UndoTeaching(redo=True)


class TestExamples:
    def test_strips_show_the_newest_first(self, program: Program, page: TeachPage) -> None:
        tell(program, *taught())
        strip = page.rows[2].strip
        assert strip.numbers == [15, 14, 13]
        assert page.rows[2].count.text() == "3"
        assert page.rows[2].count.accessibleName() == "3 examples"
        assert page.rows[2].name.text() == "key"
        assert not page._state.pictures[15].isNull()

    def test_one_is_removed_by_hand(self, program: Program, page: TeachPage) -> None:
        tell(program, *taught())
        strip = page.rows[1].strip
        QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.cell(1).center().toPoint())
        assert strip.selected == 11
        QTest.keyClick(strip, Qt.Key.Key_Delete)
        assert program.client.last(m.MoveExample) == m.MoveExample(11, 0)

    def test_one_is_moved_to_another_class(self, program: Program, page: TeachPage) -> None:
        tell(program, *taught())
        menu = page.rows[1].strip.menu_for(12)
        titles = [action.text() for action in menu.actions() if action.text()]
        assert titles == ["Move to key", "Move to shoe", "Remove this example"]
        menu.actions()[1].trigger()
        assert program.client.last(m.MoveExample) == m.MoveExample(12, 3)
        menu.deleteLater()

    def test_photographs_and_folders_are_dropped_on_a_class(
        self, program: Program, page: TeachPage, tmp_path: Path
    ) -> None:
        drop(page.rows[2], tmp_path / "a.jpg", tmp_path)
        assert program.client.last(m.AddExamples) == m.AddExamples(2, (str(tmp_path / "a.jpg"), str(tmp_path)))
        drop(page, tmp_path)
        assert program.client.last(m.AddExamples) == m.AddExamples(0, (str(tmp_path),))

    def test_what_was_told_wrong_is_marked(self, program: Program, page: TeachPage) -> None:
        tell(program, *taught())
        assert page.rows[1].strip._wrong == {10: 2}
        assert not page.rows[2].strip._wrong
        assert page.check.sentence() == "Left out one by one: 8 of 9 right (89\u00a0%)"
        assert page.check._table.tolist() == [[2, 1, 0], [0, 3, 0], [0, 0, 3]]

    def test_more_classes_up_to_nine(self, program: Program, page: TeachPage) -> None:
        page.more.click()
        assert [command.slot for command in program.client.sent(m.NameClass)] == [1, 2, 3, 4]
        nine = tuple((slot, f"thing {slot}") for slot in range(1, 10))
        tell(program, m.LessonChanged(2, KEY, "softmax", True, nine, ()))
        assert sorted(page.rows) == list(range(1, 10))
        assert not page.more.isEnabled()
        tell(program, m.LessonChanged(3, KEY, "softmax", True, nine[:1], ()))
        assert sorted(page.rows) == [1, 2, 3]

    def test_progress_of_photographs_can_be_cancelled(self, program: Program, page: TeachPage) -> None:
        tell(program, m.Adding(2, 8))
        assert page.progress.fraction == pytest.approx(0.25)
        assert not page.progress.isHidden()
        page.stop_adding.click()
        assert program.client.sent(m.CancelAdding)
        tell(program, m.Adding(8, 8))
        assert page.progress.isHidden()


def drop(target: QWidget, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    target.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, buttons, keys))


class TestAnswer:
    def test_on_the_picture_beside_it_and_in_the_strip(self, program: Program, page: TeachPage) -> None:
        tell(program, *taught())
        tell(program, live(said=1))
        (result,) = page.video._results
        assert result.prediction.top(1) == [1]  # type: ignore[union-attr]
        assert page.video._names["taught"][1] == "key"
        assert page.nearest._facts() is not None
        assert page.nearest._facts()[1] == "key"  # type: ignore[index]
        assert page.rows[2].strip._nearest == 13
        assert "key" in page.bars.accessibleName()

    def test_none_of_these_is_an_answer(self, program: Program, page: TeachPage) -> None:
        tell(program, *taught())
        tell(program, live(said=3, distance=0.9))
        (result,) = page.video._results
        assert page.video._names["taught"][result.prediction.top(1)[0]] == NONE  # type: ignore[union-attr]
        assert page._state.labels() == ("cup", "key", "shoe", NONE)

    def test_the_sum_is_what_the_layer_says(self, program: Program, page: TeachPage) -> None:
        tell(program, *taught())
        tell(program, live(said=2))
        assert page.decision.explained() == 2
        page.bars.choose(0)
        assert page.decision.explained() == 0
        page.bars.choose(0)
        assert page.decision.explained() == 2

    def test_another_class_is_explained_by_keys(self, program: Program, page: TeachPage) -> None:
        tell(program, *taught())
        tell(program, live(said=2))
        for key, place in ((Qt.Key.Key_Down, 0), (Qt.Key.Key_Down, 1), (Qt.Key.Key_Up, 0), (Qt.Key.Key_Up, 2)):
            QTest.keyClick(page.bars, key)
            assert page.bars.chosen == place
        QTest.keyClick(page.bars, Qt.Key.Key_Up)
        assert page.decision.explained() == 1
        QTest.keyClick(page.bars, Qt.Key.Key_Return)
        assert page.decision.explained() == 2

    def test_everything_can_be_painted(self, program: Program, page: TeachPage, qapp: QApplication) -> None:
        for kind in ("decision", "pca", "features"):
            tell(program, *taught(2 if kind == "features" else 3, kind))
            tell(program, live(2 if kind == "features" else 3))
            for part in (page.map, page.decision, page.check, page.bars, page.nearest, *page.rows.values()):
                picture = part.grab().toImage()
                assert not picture.isNull()

    def test_answers_to_a_page_that_was_left_are_dropped(self, program: Program, page: TeachPage) -> None:
        tell(program, *taught())
        program.window.commands.teach()
        tell(program, live())
        assert page._state.live is None

    def test_numbers_can_be_computed_again(
        self, program: Program, page: TeachPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tell(program, *taught())
        tell(program, live())
        path = tmp_path / "numbers.npz"
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
        page._save_numbers()
        saved = np.load(path)
        layer = page._state.learnt.layer
        assert layer is not None
        np.testing.assert_allclose(saved["w"] @ saved["x"] + saved["b"], layer.logits(saved["x"]), atol=1e-5)


class TestMap:
    def test_two_features_show_their_line(self, program: Program, page: TeachPage) -> None:
        page.map_kind.setCurrentIndex(2)
        page._ask_map()
        assert (wish(program).map, wish(program).pair) == ("features", None)
        tell(program, *taught(2, "features"))
        found = page._state.plane
        assert found is not None
        assert found.plane.features is not None
        assert [spin.value() for spin in page.pair] == list(found.plane.features)
        assert "= 0" in page.line.full_text
        other = (found.plane.features[0] + 1) % 40
        page.pair[0].setValue(other)
        assert wish(program).pair == (other, found.plane.features[1])

    def test_the_line_is_where_both_are_as_likely(self) -> None:
        weights = np.array([[3, 1], [1, 2]], np.float32)
        a, b, c = line_of(weights, np.array([0.5, -0.5], np.float32), 0, 1)
        assert (a, b, c) == (2, -1, 1)
        assert equation(weights, np.array([0.5, -0.5], np.float32)) == "2.00·x − 1.00·y + 1.00 = 0"

    def test_a_click_finds_the_example(self, program: Program, page: TeachPage) -> None:
        tell(program, *taught())
        found = page._state.plane
        assert found is not None
        point = found.plane.points[4]
        place = page.map._on_screen((float(point[0]), float(point[1])), page.map._view())
        QTest.mouseClick(page.map, Qt.MouseButton.LeftButton, pos=place.toPoint())
        assert any(row.strip.selected for row in page.rows.values())


class TestBar:
    def test_how_it_answers(self, program: Program, page: TeachPage) -> None:
        page.bar.link.setCurrentIndex(1)
        page.bar.link.activated.emit(1)
        assert wish(program).link == "sigmoid"
        page.bar.none.click()
        assert wish(program).may_be_none is False

    def test_another_network(self, program: Program, page: TeachPage) -> None:
        assert [page.bar.network.itemData(i) for i in range(page.bar.network.count())] == [KEY]
        program.client.push(m.ModelStates((KEY, "resnet50", "yolov3-tiny")))
        program.tick()
        assert [page.bar.network.itemData(i) for i in range(page.bar.network.count())] == [KEY, "resnet50"]
        page.bar.network.setCurrentIndex(1)
        page.bar.network.activated.emit(1)
        assert wish(program).model == "resnet50"

    def test_a_model_of_it(self, program: Program, page: TeachPage) -> None:
        assert not page.bar.use.isEnabled()
        tell(program, *taught())
        page.bar.use.click()
        assert program.client.last(m.SaveLesson) == m.SaveLesson("", "cup, key, shoe")
        tell(program, m.LessonSaved("", "cup-key-shoe"))
        assert "cup-key-shoe is among the models now" in program.toast_titles()

    def test_saved_with_and_without_pictures(
        self, program: Program, page: TeachPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tell(program, *taught())
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "mine"), ""))
        page.bar._save(pictures=False)
        assert program.client.last(m.SaveLesson) == m.SaveLesson(str(tmp_path / "mine.regard"), "", False)

    def test_going_on_with_a_file_takes_over_how_it_answers(
        self, program: Program, page: TeachPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        page._state.ask(link="sigmoid")
        monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(tmp_path / "a.regard"), ""))
        page.bar._open()
        assert program.client.last(m.OpenLesson).path == str(tmp_path / "a.regard")
        assert wish(program).link is None

    def test_a_taught_model_is_gone_on_with_from_the_list(self, program: Program, page: TeachPage) -> None:
        program.window.commands.teach()
        row = ModelInfo("mine", "mine", "classify", "taught", 224, "", "file", "imported/abc-mine.regard")
        program.client.push(m.ModelStates((KEY, "mine"), (asdict(row),)))
        program.tick()
        panel = program.window.docks.panels["model"]
        assert isinstance(panel, ModelPanel)
        menu = panel.menu_for("mine")
        next(action for action in menu.actions() if action.text() == "Go on teaching").trigger()
        assert program.window.stage.view_shown == "teach"
        assert program.client.last(m.OpenLesson).path == str(models_dir() / "imported/abc-mine.regard")
        assert "Go on teaching" not in [action.text() for action in panel.menu_for(KEY).actions()]

    def test_trouble_is_told_on_the_page(self, program: Program, page: TeachPage) -> None:
        tell(program, m.TeachFailed("There is no picture.", "Start a camera."))
        assert page.trouble.text() == "There is no picture. Start a camera."


def test_a_recogniser_that_was_started_again_hears_of_it(program: Program, page: TeachPage) -> None:
    count = len(program.client.sent(m.Teach))
    program.controller.teaching.again()
    assert len(program.client.sent(m.Teach)) == count + 1
    assert wish(program).on


def test_opened_and_closed_two_hundred_times(program: Program, page: TeachPage) -> None:
    """Nothing stays: no widget, no view that is called, no wish."""
    tell(program, *taught())
    tell(program, live())
    program.window.commands.teach()

    def objects() -> int:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        QCoreApplication.processEvents()
        gc.collect()
        return len(program.window.findChildren(QWidget))

    before, views = objects(), len(program.controller.views)
    sent = len(program.client.commands)
    for _ in range(200):
        program.window.commands.teach()
        program.window.commands.teach()
    assert objects() == before
    assert len(program.controller.views) == views
    wishes = [command for command in program.client.commands[sent:] if isinstance(command, m.Teach)]
    assert len(wishes) == 400
    assert not wish(program).on
