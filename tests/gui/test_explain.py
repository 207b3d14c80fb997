"""What the network sees: the page of layers, and the heat map over the picture."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QObject, QPoint, QPropertyAnimation, QRectF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from desktop_app.core.explain import Heat, Input, Map, Missing, Place, Station, Tiles
from desktop_app.core.results import Classification, Result, Timings
from desktop_app.core.scores import softmax
from desktop_app.gui import texts
from desktop_app.gui.box_picking import box_under
from desktop_app.gui.class_choices import choices
from desktop_app.gui.explain_page import ExplainPage
from desktop_app.gui.explain_parts import value_texts
from desktop_app.gui.ladder_layout import FILTERS
from desktop_app.gui.ladder_texts import station_title
from desktop_app.gui.map_pair import MapPair
from desktop_app.gui.score_history import ScoreHistory
from desktop_app.gui.scores_panel import ScoresPanel
from desktop_app.paths import resource_path
from desktop_app.recogniser import messages as m
from desktop_app.render.heat import colour_table, filter_image, heat_image, map_image, tile_image
from tests.gui.conftest import Program
from tests.gui.fake_client import COCO, detections, frame, result

KEY = "efficientnet-lite0"
IMAGENET = tuple(resource_path("class_names", "imagenet.txt").read_text(encoding="utf-8").splitlines())
STATIONS = (
    Station("bn1.act", 32, 112, 112, 2, 3, 1.5),
    Station("blocks.1", 24, 56, 56, 4, 19, 3.5),
    Station("bn2.act", 64, 7, 7, 32, 851, 31.5),
)


def wish(program: Program) -> m.Explain:
    return [command for command in program.client.commands if isinstance(command, m.Explain)][-1]


def explained(number: int, index: int = 1, **changes: object) -> m.Explained:
    rng = np.random.default_rng(index)
    tiles = tuple(
        Tiles(
            place,
            np.arange(7),
            rng.integers(0, 256, (7, 7, 7), np.uint8),
            np.zeros(7, np.float32),
            np.ones(7, np.float32),
        )
        for place in range(len(STATIONS))
    )
    pixels = rng.integers(0, 256, (224, 224, 3), np.uint8)
    shown = Input(pixels, (pixels.transpose(2, 0, 1) / np.float32(255)).astype(np.float32))
    values: dict[str, object] = {"tiles": tiles, "input": shown, "methods": ("influence", "occlusion"), **changes}
    region = (10.0, 20.0, 234.0, 244.0)
    return m.Explained(number, KEY, index, float(index), STATIONS, region, (224, 224), 12.0, **values)  # type: ignore[arg-type]


@pytest.fixture
def program(make_program: Callable[..., Program]) -> Program:
    made = make_program()
    made.controller.set_models([KEY])
    made.client.push_loaded(KEY, "classify")
    made.window.commands.open_demo()
    made.client.push_opened("demo")
    made.client.frame = frame()
    made.tick()
    return made


@pytest.fixture
def page(program: Program) -> ExplainPage:
    program.window.commands.explain()
    found = program.window.stage.views["explain"]
    assert isinstance(found, ExplainPage)
    program.client.events.append(explained(wish(program).number))
    program.tick()
    return found


def test_asks_for_nothing_until_it_is_opened(program: Program) -> None:
    assert not [command for command in program.client.commands if isinstance(command, m.Explain)]


def test_opens_with_the_classifier_and_its_heat_map(program: Program, page: ExplainPage) -> None:
    asked = wish(program)
    assert (asked.model, asked.heat, asked.input) == (KEY, "influence", True)
    assert asked.tiles > 0
    assert program.window.stage.explain_shown
    method = page.heat.method
    assert [method.itemData(place) for place in range(method.count())] == ["influence", "occlusion", None]
    assert method.currentData() == "influence"


def test_closing_costs_nothing_any_more(program: Program, page: ExplainPage) -> None:
    program.window.commands.explain()
    assert wish(program).model == ""
    assert not program.window.stage.explain_shown


def test_a_map_is_shown_large_with_its_numbers(program: Program, page: ExplainPage) -> None:
    QTest.mouseClick(page.ladder, Qt.MouseButton.LeftButton, pos=page.ladder.tile_rect(1, 2).center())
    assert wish(program).maps == ((1, 2),)
    values = np.linspace(-2, 5, 56 * 56, dtype=np.float32).reshape(56, 56)
    found = Map(1, 2, values, (Place(55, 55, 5.0, np.zeros((8, 8, 3), np.uint8)),))
    program.client.events.append(explained(wish(program).number, 2, maps=(found,)))
    program.tick()
    assert not page.card.isHidden()
    assert "5.00" in page.card.numbers.text()
    assert page.looked.picture._field is not None
    assert [place.value for place in program.controller.explain.strongest(1, 2)] == [5.0]
    QTest.mouseClick(page.card.close_, Qt.MouseButton.LeftButton)
    assert wish(program).maps == ()
    assert page.card.isHidden()


def test_keys_walk_over_the_maps(program: Program, page: ExplainPage) -> None:
    QTest.keyClick(page.ladder, Qt.Key.Key_Down)
    QTest.keyClick(page.ladder, Qt.Key.Key_Right)
    assert wish(program).maps == ((1, 1),)
    QTest.keyClick(page.ladder, Qt.Key.Key_Return)
    assert wish(program).opened == 1
    QTest.keyClick(page.ladder, Qt.Key.Key_Return)
    assert wish(program).opened is None


def test_all_maps_of_a_layer(program: Program, page: ExplainPage) -> None:
    before = page.ladder.sizeHint().height()
    QTest.mouseClick(page.ladder, Qt.MouseButton.LeftButton, pos=page.ladder.more_rect(0).center())
    assert wish(program).opened == 0
    program.client.events.append(explained(wish(program).number))
    program.tick()
    assert page.ladder.sizeHint().height() > before


def test_the_heat_map_lies_where_it_belongs(program: Program, page: ExplainPage) -> None:
    heat = Heat("influence", (3,), np.ones((7, 7), np.float32), (122.0, 132.0, 234.0, 244.0), 9.0, 5.0)
    program.client.events.append(m.HeatReady(wish(program).number, KEY, 1, heat))
    program.tick()
    place = page.looked.picture._over_at
    assert (place.x(), place.y(), place.width(), place.height()) == (112, 112, 112, 112)


def test_a_heat_map_that_was_asked_for_before_is_not_shown(program: Program, page: ExplainPage) -> None:
    old = wish(program).number
    page._state.ask(classes=(4,))
    heat = Heat("influence", (3,), np.ones((7, 7), np.float32), (0, 0, 9, 9), 9.0, 5.0)
    program.client.events.append(m.HeatReady(old, KEY, 1, heat))
    program.tick()
    assert page._state.heat is None


def test_g_lays_the_heat_map_over_the_picture(program: Program) -> None:
    program.window.commands.heat()
    asked = wish(program)
    assert (asked.model, asked.heat, asked.tiles) == (KEY, "influence", 0)
    heat = Heat("influence", (3,), np.ones((7, 7), np.float32), (1.0, 2.0, 101.0, 102.0), 9.0, 5.0)
    program.client.events.append(m.HeatReady(asked.number, KEY, 1, heat))
    program.tick()
    assert program.window.actions_.by_key["heat"].isChecked()
    assert not program.window.stage.video._heat.isNull()
    program.window.commands.heat()
    assert wish(program).model == ""
    assert program.window.stage.video._heat.isNull()


def test_the_tensor_is_saved_as_it_was_inferred(
    program: Program, page: ExplainPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "tensor.npy"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    page.steps.save.click()
    seen = program.controller.explain.last
    assert seen is not None
    assert seen.input is not None
    np.testing.assert_array_equal(np.load(path), seen.input.values)


def test_a_folder_that_cannot_be_written_to_is_told(
    program: Program, page: ExplainPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "no" / "tensor.npy"), ""))
    page.steps.save.click()
    assert any("tensor.npy" in title for title in program.toast_titles())


def test_the_pointer_reads_values(program: Program, page: ExplainPage) -> None:
    page.looked.show_values(3, 5)
    seen = program.controller.explain.last
    assert seen is not None
    assert seen.input is not None
    for value in seen.input.pixels[5, 3]:
        assert str(int(value)) in page.looked.values.full_text


def test_a_recogniser_that_was_started_again_hears_of_it(program: Program, page: ExplainPage) -> None:
    program.controller.explain.again()
    assert wish(program) == program.controller.explain.wish


def map_of(station: int, channel: int, values: np.ndarray) -> Map:
    values = values.astype(np.float32)
    row, column = divmod(int(values.argmax()), values.shape[1])
    place = Place(row, column, float(values.max()), np.zeros((8, 8, 3), np.uint8))
    return Map(station, channel, values, (place,))


def show(program: Program, *maps: Map, index: int = 2, **changes: object) -> None:
    program.client.events.append(explained(wish(program).number, index, maps=maps, **changes))
    program.tick()


class TestTwoMaps:
    @pytest.fixture
    def pair(self, program: Program, page: ExplainPage) -> MapPair:
        QTest.mouseClick(page.ladder, Qt.MouseButton.LeftButton, pos=page.ladder.tile_rect(1, 2).center())
        shift = Qt.KeyboardModifier.ShiftModifier
        QTest.mouseClick(page.ladder, Qt.MouseButton.LeftButton, shift, page.ladder.tile_rect(2, 3).center())
        assert wish(program).maps == ((1, 2), (2, 3))
        fine, coarse = np.arange(56 * 56).reshape(56, 56), 2 * np.arange(49).reshape(7, 7)
        show(program, map_of(1, 2, fine), map_of(2, 3, coarse))
        return page.pair

    def test_side_by_side_with_what_differs(self, program: Program, page: ExplainPage, pair: MapPair) -> None:
        assert not pair.isHidden()
        assert not page.card.isHidden()
        first, second, difference = (picture._values for picture in pair.pictures)
        assert first is not None
        assert second is not None
        assert difference is not None
        assert (first.shape, second.shape, difference.shape) == ((56, 56), (7, 7), (56, 56))
        # Each by its own range: both go from 0 to 1.
        assert difference[0, 0] == pytest.approx(0)
        assert difference[0, 8] == pytest.approx(8 / (56 * 56 - 1) - 1 / 48)
        assert "Correlation 0.9" in pair.words.text()

    def test_by_one_scale_on_request(self, pair: MapPair) -> None:
        pair.same_scale.click()
        difference = pair.pictures[2]._values
        assert difference is not None
        assert difference[55, 55] == 56 * 56 - 1 - 96
        # 96 is hardly anything on a scale up to 3135.
        assert pair.pictures[1]._image.pixelColor(6, 6).lightness() < 20

    def test_by_the_button_and_closed_again(self, program: Program, page: ExplainPage, pair: MapPair) -> None:
        QTest.mouseClick(pair.close_, Qt.MouseButton.LeftButton)
        assert wish(program).maps == ((1, 2),)
        page.card.compare.click()
        QTest.mouseClick(page.ladder, Qt.MouseButton.LeftButton, pos=page.ladder.tile_rect(0, 1).center())
        assert wish(program).maps == ((1, 2), (0, 1))
        QTest.mouseClick(page.ladder, Qt.MouseButton.LeftButton, pos=page.ladder.tile_rect(0, 3).center())
        assert wish(program).maps == ((0, 3), (0, 1)), "the first is chosen anew, the second stays"
        QTest.mouseClick(page.card.close_, Qt.MouseButton.LeftButton)
        assert wish(program).maps == ()

    def test_by_keys(self, program: Program, page: ExplainPage) -> None:
        QTest.keyClick(page.ladder, Qt.Key.Key_Down)
        QTest.keyClick(page.ladder, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
        assert wish(program).maps == ((1, 0), (1, 1))


def test_layers_of_a_vision_transformer_are_called_by_their_number() -> None:
    layers = [Station(f"blocks.{n}", 12, 14, 14, 16, np.inf, 8, "attention") for n in (0, 5, 11)]
    assert [station_title(tuple(layers), place) for place in range(3)] == ["Attention 1", "Attention 6", "Attention 12"]
    assert [station_title(STATIONS, place) for place in range(3)] == ["Stem", "Block 1", "Head"]


def test_small_values_keep_their_digits() -> None:
    assert value_texts(0.0, 0.0148) == ["0.0000", "0.0148"]
    assert value_texts(-3.14159, 128.0) == ["−3.14", "128.00"]
    assert value_texts(0.0) == ["0.00"]


class TestStrip:
    def test_of_each_second_the_strongest_frame(
        self, program: Program, page: ExplainPage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = 100.0
        monkeypatch.setattr("desktop_app.gui.explain_state.time.monotonic", lambda: now)
        page.choose_map(1, 2)
        for index, value in enumerate((3, 9, 5, 4)):
            now = 100 + index / 2
            show(program, map_of(1, 2, np.full((5, 5), value)), index=10 + index)
        state = program.controller.explain
        assert [place.value for place in state.strongest(1, 2)] == [9, 5]
        now = 170
        show(program, map_of(1, 2, np.full((5, 5), 1)), index=20)
        assert [place.value for place in state.strongest(1, 2)] == [1], "a minute later the others are gone"

    def test_the_same_frame_again_adds_nothing(self, program: Program, page: ExplainPage) -> None:
        page.choose_map(1, 2)
        for _ in range(3):
            show(program, map_of(1, 2, np.full((5, 5), 4)), index=7)
        assert len(program.controller.explain.strongest(1, 2)) == 1


class TestFilters:
    @pytest.fixture
    def weights(self, program: Program, page: ExplainPage) -> np.ndarray:
        weights = np.random.default_rng(2).normal(size=(32, 3, 3, 3)).astype(np.float32)
        show(program, filters=weights)
        return weights

    def test_stand_above_the_maps_that_they_make(self, page: ExplainPage, weights: object) -> None:
        ladder = page.ladder
        for channel in range(3):
            assert ladder.tile_rect(FILTERS, channel).left() == ladder.tile_rect(0, channel).left()
            assert ladder.tile_rect(FILTERS, channel).bottom() < ladder.tile_rect(0, channel).top()

    def test_a_click_shows_its_map(self, program: Program, page: ExplainPage, weights: object) -> None:
        QTest.mouseClick(page.ladder, Qt.MouseButton.LeftButton, pos=page.ladder.tile_rect(FILTERS, 2).center())
        assert wish(program).maps == ((0, 2),)

    def test_all_of_them(self, program: Program, page: ExplainPage, weights: object) -> None:
        ladder = page.ladder
        assert ladder.tile_rect(FILTERS, 31).isEmpty()
        QTest.mouseClick(ladder, Qt.MouseButton.LeftButton, pos=ladder.more_rect(FILTERS).center())
        assert not ladder.tile_rect(FILTERS, 31).isEmpty()
        QTest.mouseClick(ladder, Qt.MouseButton.LeftButton, pos=ladder.more_rect(1).center())
        assert wish(program).opened == 1
        assert ladder.tile_rect(FILTERS, 31).isEmpty()
        page.ladder.setFocus()
        QTest.keyClick(ladder, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
        assert wish(program).opened is None
        assert not ladder.tile_rect(FILTERS, 31).isEmpty()

    def test_stay_though_they_come_once(self, program: Program, page: ExplainPage, weights: object) -> None:
        show(program, index=3)
        assert not page.ladder.tile_rect(FILTERS, 0).isEmpty()

    def test_grey_is_zero_and_the_strongest_weight_is_bright(self) -> None:
        weights = np.zeros((3, 2, 2), np.float32)
        weights[0, 0, 0], weights[2, 1, 1] = 0.5, -0.25
        image = filter_image(weights)
        assert image.pixelColor(1, 0).getRgb() == (128, 128, 128, 255)
        assert image.pixelColor(0, 0).red() == 255
        assert image.pixelColor(1, 1).blue() == 64


class TestHeat:
    def test_a_method_that_is_not_there_says_why(self, program: Program, page: ExplainPage) -> None:
        show(program, methods=("influence", "occlusion"), missing=(Missing("gradcam", "PyTorch is not installed."),))
        method = page.heat.method
        place = method.findData("gradcam")
        assert method.itemData(place, Qt.ItemDataRole.ToolTipRole) == "PyTorch is not installed."
        before = wish(program)
        method.setCurrentIndex(place)
        method.activated.emit(place)
        assert wish(program) == before
        assert "PyTorch is not installed." in page.heat.trouble.text()
        assert method.currentData() == "influence"

    def test_what_a_model_cannot_is_not_asked_for_again(self, program: Program, page: ExplainPage) -> None:
        show(program, methods=("occlusion",), missing=(Missing("influence", "No maps."),))
        assert wish(program).heat is None
        assert page.heat.method.currentData() is None

    def test_a_map_that_grows_shows_how_far_it_is_and_can_be_stopped(self, program: Program, page: ExplainPage) -> None:
        method = page.heat.method
        method.setCurrentIndex(method.findData("occlusion"))
        method.activated.emit(method.currentIndex())
        heat = Heat("occlusion", (3,), np.ones((7, 7), np.float32), (1, 2, 3, 4), 9.0, 5.0, 0.25)
        program.client.events.append(m.HeatReady(wish(program).number, KEY, 1, heat))
        program.tick()
        assert not page.heat.progress.isHidden()
        assert page.heat.progress.fraction == 0.25
        page.heat.cancel.click()
        assert wish(program).heat == "influence", "what was shown before"
        assert page.heat.progress.isHidden()
        assert method.currentData() == "influence"

    def test_any_class_is_found_by_typing(self, program: Program, page: ExplainPage, qtbot: QtBot) -> None:
        program.client.push(m.ModelLoaded(KEY, "classify", IMAGENET, "openvino", "CPU", "fp32"))
        program.tick()
        page.heat.class_picker.click()
        popup = page.heat.class_picker.popup
        assert popup is not None
        QTest.keyClicks(popup.search, "toaster")
        QTest.keyClick(popup.search, Qt.Key.Key_Return)
        assert [IMAGENET[class_id] for class_id in wish(program).classes] == ["toaster"]
        assert page.heat.class_picker.full_text == "toaster"

    def test_a_group_is_all_its_classes_in_both_languages(
        self, program: Program, page: ExplainPage, qtbot: QtBot
    ) -> None:
        program.client.push(m.ModelLoaded(KEY, "classify", IMAGENET, "openvino", "CPU", "fp32"))
        program.tick()
        texts.change_language("fr")
        prediction = Classification(np.zeros(1000, np.float32), np.full(1000, 1e-3, np.float32))
        found = [choice for choice in choices(IMAGENET, prediction) if choice.title.startswith("chien (118")]
        assert [len(choice.classes) for choice in found] == [118]
        assert found[0].also == "dog"

    def test_boxes_can_be_chosen_without_a_pointer(self) -> None:
        prediction = detections((1, 2, 30, 40, 0.9, 0), (5, 5, 50, 60, 0.8, 5))
        found = [choice for choice in choices(COCO, prediction) if choice.box is not None]
        assert [(choice.title, choice.note) for choice in found] == [("person", "0.90"), ("bus", "0.80")]
        assert found[1].box == (5, 5, 50, 60)

    def test_the_surest_says_its_name(self, program: Program, page: ExplainPage) -> None:
        program.client.push(m.ModelLoaded(KEY, "classify", IMAGENET, "openvino", "CPU", "fp32"))
        heat = Heat("influence", (281,), np.ones((7, 7), np.float32), (1, 2, 3, 4), 9.0, 5.0)
        program.client.events.append(m.HeatReady(wish(program).number, KEY, 1, heat))
        program.tick()
        assert page.heat.class_picker.full_text == f"The surest: {IMAGENET[281]}"


class TestBoxes:
    DETECTOR = "yolov3-tiny"

    @pytest.fixture
    def boxes(self, make_program: Callable[..., Program]) -> Program:
        made = make_program()
        made.controller.set_models([self.DETECTOR])
        made.show_demo()
        made.client.frame = frame(1)
        made.client.push_result(result(detections((100, 100, 300, 300, 0.9, 0), (150, 150, 250, 250, 0.8, 5)), 1))
        made.tick()
        return made

    def test_a_click_in_the_live_picture_asks_for_its_evidence(self, boxes: Program) -> None:
        video = boxes.window.stage.video

        def at(x: float, y: float) -> QPoint:
            picture, scale = video.picture_rect(), video.zoom
            return QPoint(round(picture.x() + x * scale), round(picture.y() + y * scale))

        QTest.mouseMove(video, at(120, 120))
        QTest.mouseClick(video, Qt.MouseButton.LeftButton, pos=at(120, 120))
        assert not boxes.client.sent(m.Explain), "not without the heat map"
        boxes.window.commands.heat()
        assert boxes.toast_titles() == ["Click a box to see what speaks for it."]
        assert wish(boxes).box is None
        QTest.mouseMove(video, at(200, 200))
        QTest.mouseClick(video, Qt.MouseButton.LeftButton, pos=at(200, 200))
        assert (wish(boxes).model, wish(boxes).heat) == (self.DETECTOR, "occlusion")
        assert (wish(boxes).classes, wish(boxes).box) == ((5,), (150, 150, 250, 250))
        boxes.window.commands.heat()
        assert wish(boxes).model == ""

    def test_the_smallest_box_under_a_point(self) -> None:
        boxes = detections((100, 100, 300, 300, 0.9, 0), (150, 150, 250, 250, 0.8, 5))
        assert box_under(boxes, 200, 200) == 1
        assert box_under(boxes, 120, 120) == 0
        assert box_under(boxes, 20, 20) is None


def test_all_of_a_frame_is_saved_by_the_recogniser(
    program: Program, page: ExplainPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "all.npz")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (path, ""))
    page.save.click()
    assert program.client.last(m.SaveInside).path == path
    program.client.push(m.InsideSaved(path, "No space left"))
    program.tick()
    assert any("No space left" in title for title in program.toast_titles())


def test_a_map_is_saved_as_it_was_computed(
    program: Program, page: ExplainPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "map.npy"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    page.choose_map(1, 2)
    found = map_of(1, 2, np.arange(20).reshape(4, 5))
    show(program, found)
    page.card.save.click()
    np.testing.assert_array_equal(np.load(path), found.values)


def test_the_field_of_the_cell_under_the_pointer(program: Program, page: ExplainPage) -> None:
    page.choose_map(1, 2)
    show(program, map_of(1, 2, np.eye(56)))
    page.card.pointed.emit(10, 20)
    field = page.looked.picture._field
    assert field is not None
    assert (field.left(), field.top(), field.right(), field.bottom()) == STATIONS[1].seen_by(10, 20)
    page.choose_map(2, 1)
    show(program, map_of(2, 1, np.eye(7)))
    field = page.looked.picture._field
    assert field is not None
    assert field == QRectF(0, 0, 224, 224), "no larger than the input"


def test_the_projector_has_larger_text(program: Program, page: ExplainPage) -> None:
    before = page.title.font().pixelSize()
    program.window.resize(2560, 1440)
    program.window.set_projector(True)
    page.resize(1700, 1400)
    assert page.title.font().pixelSize() == round(1.6 * before)
    page.resize(900, 600)
    assert page.title.font().pixelSize() == before, "where there is no room for more"
    page.resize(1700, 1400)
    side = program.window.side.currentWidget()
    assert isinstance(side, ScoresPanel)
    label, plain = side.temperature._name, program.window.font().pixelSize()
    assert label.font().pixelSize() == round(1.6 * plain)
    program.window.set_projector(False)
    assert page.title.font().pixelSize() == before
    assert label.font().pixelSize() == plain


def test_two_hundred_times_leave_nothing(program: Program, page: ExplainPage, qtbot: QtBot) -> None:
    """No widget, no thread, no message more than the two of each opening and closing."""

    def objects() -> int:
        return len(program.window.findChildren(QObject))

    def once() -> None:
        program.window.commands.explain()
        program.client.events.append(explained(wish(program).number, maps=(map_of(1, 2, np.eye(5)),)))
        program.tick()

    for _ in range(4):
        once()
    # The docks are animated; what does that deletes itself when it has run.
    qtbot.waitUntil(lambda: not program.window.findChildren(QPropertyAnimation))
    before_objects, threads = objects(), threading.active_count()
    seen = len(program.controller.explain._seen)
    before = len(program.client.commands)
    for _ in range(200):
        once()
    qtbot.waitUntil(lambda: objects() == before_objects)
    assert threading.active_count() == threads
    assert len(program.controller.explain._seen) <= max(1, seen)
    told = program.client.commands[before:]
    assert sum(isinstance(command, m.Explain) for command in told) <= 200
    assert sum(isinstance(command, m.Explain) and not command.model for command in told) == 100


def test_trouble_is_told_on_the_page(program: Program, page: ExplainPage) -> None:
    program.client.events.append(m.ExplainFailed(wish(program).number, "It has no layers.", "Choose another."))
    program.tick()
    assert page.heat.trouble.text() == "It has no layers. Choose another."


class TestColours:
    def test_the_scale_gets_lighter_all_the_way(self) -> None:
        lightness = [0.3 * (c >> 16 & 255) + 0.59 * (c >> 8 & 255) + 0.11 * (c & 255) for c in colour_table()]
        assert len(lightness) == 256
        assert all(b >= a for a, b in itertools.pairwise(lightness))

    def test_a_tile_shows_each_value_in_its_colour(self) -> None:
        image = tile_image(np.array([[0, 255], [128, 64]], np.uint8))
        assert image.pixelColor(1, 0).rgb() == colour_table()[255]
        assert image.pixelColor(1, 1).rgb() == colour_table()[64]

    def test_a_map_uses_its_own_range(self) -> None:
        image = map_image(np.array([[-3, 7]], np.float32))
        assert (image.pixelColor(0, 0).rgb(), image.pixelColor(1, 0).rgb()) == (colour_table()[0], colour_table()[255])

    def test_heat_is_the_more_opaque_the_more_it_counts(self) -> None:
        image = heat_image(np.array([[-1, 0.5, 1]], np.float32), 0.8)
        alphas = [image.pixelColor(x, 0).alphaF() for x in range(3)]
        assert alphas[0] < alphas[1] < alphas[2]
        assert alphas[2] == pytest.approx(0.8, abs=0.01)


class TestHistory:
    NAMES = ("cat", "dog", "toaster", "bus", "cup", "lamp", "tree")

    @pytest.fixture
    def history(self, qtbot: QtBot) -> ScoreHistory:
        made = ScoreHistory()
        qtbot.addWidget(made)
        return made

    def test_layers_are_stacked_to_one(self, history: ScoreHistory) -> None:
        logits = np.array([3, 2, 1, 0, 0, 0, -1], np.float32)
        for second in range(3):
            history.add(logits, self.NAMES, 10.0 + second)
        layers = history.layers()
        assert layers[:3] == [0, 1, 2]
        assert len(layers) == 5
        ((since, edges),) = history.stretches(layers)
        assert since.tolist() == [-2, -1, 0]
        np.testing.assert_allclose(edges[-1], np.cumsum(softmax(logits)[layers]), atol=1e-6)
        assert edges[-1, -1] < 1
        history.resize(260, history.sizeHint().height())
        image = history.grab().toImage()
        assert len({image.pixelColor(254, y).rgb() for y in range(10, 110)}) >= 4

    def test_another_temperature_changes_what_was(self, history: ScoreHistory) -> None:
        logits = np.array([3, 2, 1, 0, 0, 0, -1], np.float32)
        history.add(logits, self.NAMES, 1.0)
        history.set_temperature(5.0)
        ((_, edges),) = history.stretches([0])
        assert edges[0, 0] == pytest.approx(softmax(logits, 5.0)[0])

    def test_gaps_stay_open_and_what_is_old_goes(self, history: ScoreHistory) -> None:
        logits = np.zeros(7, np.float32)
        for when in (0.0, 1.0, 31.5, 33.0):
            history.add(logits, self.NAMES, when)
        assert [len(since) for since, _ in history.stretches([0])] == [2]
        history.add(logits, self.NAMES, 40.0)
        assert [len(since) for since, _ in history.stretches([0])] == [2, 1]

    def test_another_model_begins_anew(self, history: ScoreHistory) -> None:
        history.add(np.zeros(7, np.float32), self.NAMES, 0.0)
        history.add(np.zeros(3, np.float32), ("a", "b", "c"), 1.0)
        assert len(history.layers()) == 3


class TestScores:
    @pytest.fixture
    def panel(self, program: Program, page: ExplainPage) -> ScoresPanel:
        logits = np.zeros(1000, np.float32)
        logits[258], logits[157] = 16.0, 5.7
        program.client.push(m.ModelLoaded(KEY, "classify", IMAGENET, "openvino", "CPU", "fp32"))
        program.tick()
        answer = Result(0, 1.0, KEY, Classification(logits, softmax(logits)), Timings(1, 2, 3), "openvino", "CPU")
        program.client.push_result(answer)
        program.client.frame = frame(2)
        program.tick()
        panel = program.window.side.currentWidget()
        assert isinstance(panel, ScoresPanel)
        panel._refresh(anew=True)
        return panel

    def test_as_in_the_lecture(self, panel: ScoresPanel) -> None:
        assert panel.lecture.text().startswith("Samoyed (16.0); papillon (5.7)")

    def test_the_temperature_changes_probabilities_and_no_logit(self, panel: ScoresPanel) -> None:
        before = panel.bars._scores[0]
        panel.temperature.slider.setValue(panel.temperature.slider.maximum())
        after = panel.bars._scores[0]
        assert after.logit == before.logit
        assert after.probability < before.probability

    def test_the_way_up_the_tree(self, panel: ScoresPanel) -> None:
        words = [node.word for node in panel.tree._path]
        assert words[-1] == "Samoyed"
        assert "dog" in words
        assert panel.tree._path[0].probability == pytest.approx(1, abs=1e-4)

    def test_the_last_half_minute(self, program: Program, panel: ScoresPanel) -> None:
        assert not panel.history.isHidden()
        assert panel.history.layers()[0] == 258
        panel._refresh(anew=True)
        assert len(panel.history._samples) == 1, "each answer once"

    def test_leaving_brings_the_results_back(self, program: Program, panel: ScoresPanel) -> None:
        program.window.commands.explain()
        assert program.window.side.currentWidget() is program.window.results
