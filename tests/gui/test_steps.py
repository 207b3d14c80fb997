"""The input of the network step by step, beside its layers."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from desktop_app.core.explain import Input, Station
from desktop_app.core.input_steps import Answer, InputSteps
from desktop_app.gui.explain_page import ExplainPage
from desktop_app.gui.float_numbers import FloatNumbers
from desktop_app.gui.step_picture import StepPicture
from desktop_app.gui.step_texts import formula, other_networks, why_this_size
from desktop_app.gui.steps import CUT, FRAME, SCALED, TENSOR
from desktop_app.gui.tensor_view import TensorView
from desktop_app.recogniser import messages as m
from tests.gui.conftest import Program
from tests.gui.fake_client import frame as picture
from tests.gui.test_explain import KEY, wish

RNG = np.random.default_rng(4)
FRAME_SIZE, SCALED_SIZE, SIDE = (640, 480), (341, 256), 224
CORNER = (58, 16)
MEAN, STD = (0.5, 0.4, 0.3), (0.25, 0.25, 0.2)


def explained(number: int, captured_at: float = 1.0, swapped: tuple[Answer, ...] = ()) -> m.Explained:
    frame = RNG.integers(0, 256, (480, 640, 3), np.uint8)
    resized = RNG.integers(0, 256, (256, 341, 3), np.uint8)
    pixels = np.ascontiguousarray(resized[CORNER[1] : CORNER[1] + SIDE, CORNER[0] : CORNER[0] + SIDE])
    mean, std = np.array(MEAN, np.float32), np.array(STD, np.float32)
    values = np.ascontiguousarray(((pixels / np.float32(255) - mean) / std).transpose(2, 0, 1).astype(np.float32))
    scale = 480 / 256
    region = (CORNER[0] * scale, CORNER[1] * scale, (CORNER[0] + SIDE) * scale, (CORNER[1] + SIDE) * scale)
    columns = np.floor(region[0] + (np.arange(SIDE) + 0.5) * scale).astype(int)
    rows = np.floor(region[1] + (np.arange(SIDE) + 0.5) * scale).astype(int)
    steps = InputSteps(
        frame, True, FRAME_SIZE, 0, 255, np.ascontiguousarray(frame[rows[:, None], columns[None]]), resized,
        SCALED_SIZE, CORNER, "cut", "bilinear", 256, MEAN, STD, (Answer(3, 0.8, 9.0), Answer(5, 0.1, 7.0)), swapped,
    )  # fmt: skip
    stations = (Station("features.36", 512, 7, 7, 32, 200, 16),)
    return m.Explained(
        number, KEY, 1, captured_at, stations, region, (SIDE, SIDE), 12.0, input=Input(pixels, values), steps=steps
    )


@pytest.fixture
def program(make_program: Callable[..., Program]) -> Program:
    """A classifier on a live source."""
    made = make_program()
    made.controller.set_models([KEY])
    made.client.push_loaded(KEY, "classify")
    made.window.commands.open_demo()
    made.client.push_opened("demo")
    made.client.frame = picture()
    made.tick()
    return made


@pytest.fixture
def page(program: Program) -> ExplainPage:
    program.window.commands.explain()
    program.window.actions_.by_key["inspect"].trigger()
    found = program.window.stage.views["explain"]
    assert isinstance(found, ExplainPage)
    return found


@pytest.fixture
def view(program: Program, page: ExplainPage) -> TensorView:
    made = page._tensors
    assert made is not None
    program.client.events.append(explained(wish(program).number))
    program.tick()
    return made


def told(view: TensorView, row: int) -> list[str]:
    return [cell.text() for cell in view.grid[row][1:]]


def test_i_shows_the_steps_beside_the_layers_and_takes_them_away(program: Program, page: ExplainPage) -> None:
    assert page._tensors is not None
    assert page._tensors.isVisible()
    assert program.window.actions_.by_key["inspect"].isChecked()
    assert wish(program).steps == "small"
    program.window.actions_.by_key["inspect"].trigger()
    assert not page._tensors.isVisible()
    assert not program.window.actions_.by_key["inspect"].isChecked()
    assert wish(program).steps is None
    assert not program.controller.inspector.on


def test_leaving_the_page_costs_nothing_any_more(program: Program, view: TensorView, qtbot: QtBot) -> None:
    program.window.commands.explain()
    assert wish(program).model == ""
    assert wish(program).steps is None
    program.window.commands.explain()
    qtbot.waitUntil(lambda: wish(program).steps == "small")  # as it was left
    program.window.commands.inspect()
    assert (wish(program).steps, wish(program).heat) == (None, "influence")  # the layers go on as before
    assert wish(program).tiles > 1


def test_from_the_picture_and_back(program: Program) -> None:
    action = program.window.actions_.by_key["steps"]
    action.trigger()
    page = program.window.stage.views["explain"]
    assert isinstance(page, ExplainPage)
    assert page.steps_shown
    assert action.isChecked()
    action.trigger()
    assert program.window.stage.view_shown == ""
    assert not action.isChecked()
    action.trigger()
    assert page.steps_shown


def test_where_several_models_run_one_is_chosen(program: Program, view: TensorView) -> None:
    assert view.model.isHidden()
    program.controller.set_models([KEY, "yolov3-tiny"])
    program.client.push_loaded()
    program.tick()
    assert not view.model.isHidden()
    view.model.setCurrentIndex(1)
    view.model.activated.emit(1)
    assert (wish(program).model, wish(program).steps) == ("yolov3-tiny", "small")


def test_the_frame_is_let_go_of(program: Program, view: TensorView) -> None:
    program.window.commands.inspect()
    assert program.controller.explain.last is not None
    assert program.controller.explain.last.steps is None


def test_opened_and_closed_two_hundred_times(program: Program, view: TensorView) -> None:
    def turn() -> None:
        program.window.commands.inspect()
        QApplication.processEvents()
        if wish(program).steps is not None:
            program.client.events.append(explained(wish(program).number))
        program.tick()

    def objects() -> int:
        gc.collect()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        return len(program.window.findChildren(QObject))

    for _ in range(4):
        turn()
    before, threads = objects(), threading.active_count()
    program.client.commands.clear()
    for _ in range(400):
        turn()
    assert (objects(), threading.active_count()) == (before, threads)
    assert len(program.client.sent(m.Explain)) <= 400 * 4


def test_what_nobody_sees_is_left_out(program: Program, view: TensorView, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: wish(program).heat is None)
    assert (wish(program).tiles, wish(program).filters) == (1, False)


def test_a_picture_that_rests_comes_whole(program: Program, view: TensorView) -> None:
    view.freeze.click()
    assert (wish(program).steps, wish(program).frozen) == ("whole", True)
    view.freeze.click()
    assert (wish(program).steps, wish(program).frozen) == ("small", False)


def test_each_step_says_size_kind_and_range(view: TensorView) -> None:
    lines = [card._lines for card in view.cards]
    assert lines[FRAME] == ("Frame", "640×480×3", "uint8", "0 … 255")
    assert lines[SCALED][:3] == ("Scaled", "341×256×3", "uint8")
    assert lines[CUT][:3] == ("Cut out", "224×224×3", "uint8")
    assert lines[TENSOR][:3] == ("Tensor", "3×224×224", "float32")
    seen = view._state.last
    assert seen is not None
    assert seen.input is not None
    low, high = lines[TENSOR][3].replace("\u2212", "-").split(" … ")
    assert float(low) == pytest.approx(seen.input.values.min(), abs=0.006)
    assert float(high) == pytest.approx(seen.input.values.max(), abs=0.006)


def test_one_pixel_on_its_way(view: TensorView) -> None:
    seen = view._state.last
    assert seen is not None
    assert seen.input is not None
    assert seen.steps is not None
    assert seen.steps.resized is not None
    view.choose(TENSOR)
    view.picture.pointed.emit(30, 200)
    x, y = 30 + CORNER[0], 200 + CORNER[1]
    assert told(view, 1) == [str(value) for value in seen.steps.under[200, 30]]
    assert told(view, 2) == [str(value) for value in seen.steps.resized[y, x]]
    assert told(view, 3) == [str(value) for value in seen.input.pixels[200, 30]]
    numbers = [float(text.replace("\u2212", "-")) for text in told(view, 4)]
    assert numbers == pytest.approx(seen.input.values[:, 200, 30].tolist(), abs=6e-4)
    QTest.mouseMove(view.why)  # who talks about it may point elsewhere
    assert told(view, 3) == [str(value) for value in seen.input.pixels[200, 30]]


def test_the_same_pixel_from_every_step(view: TensorView) -> None:
    view.choose(CUT)
    view.picture.pointed.emit(40, 50)
    wanted = told(view, 4)
    view.choose(SCALED)
    view.picture.pointed.emit(40 + CORNER[0], 50 + CORNER[1])
    assert told(view, 4) == wanted
    view.choose(FRAME)
    scale = 480 / 256
    view.picture.pointed.emit(int((40.5 + CORNER[0]) * scale), int((50.5 + CORNER[1]) * scale))
    assert told(view, 4) == wanted


def test_what_was_cut_off_has_no_value(view: TensorView) -> None:
    view.choose(SCALED)
    view.picture.pointed.emit(0, 0)
    seen = view._state.last
    assert seen is not None
    assert seen.steps is not None
    assert seen.steps.resized is not None
    assert "Cut off" in view.place.text()
    assert told(view, 2) == [str(value) for value in seen.steps.resized[0, 0]]
    assert told(view, 3) == told(view, 4) == ["–", "–", "–"]


def test_the_very_pixel_of_the_frame_that_is_pointed_at(view: TensorView) -> None:
    seen = view._state.last
    assert seen is not None
    assert seen.steps is not None
    view.choose(FRAME)
    for column, row in ((0, 0), (639, 479), (300, 200), (301, 200)):
        view.picture.pointed.emit(column, row)
        assert told(view, 1) == [str(value) for value in seen.steps.frame[row, column]]
        assert view.picture._at == (column, row)


def test_the_mark_follows_to_the_other_steps(view: TensorView) -> None:
    view.choose(CUT)
    view.picture.pointed.emit(40, 50)
    view.choose(SCALED)
    assert view.picture._at == (40 + CORNER[0], 50 + CORNER[1])
    view.choose(TENSOR)
    assert view.picture._at == (40, 50)


@pytest.mark.parametrize("place", range(4))
def test_every_step_is_saved_as_it_was(
    view: TensorView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "step.npy"), ""))
    view.choose(place)
    QTest.mouseClick(view.save, Qt.MouseButton.LeftButton)
    seen = view._state.last
    assert seen is not None
    assert seen.input is not None
    assert seen.steps is not None
    wanted = (seen.steps.frame, seen.steps.resized, seen.input.pixels, seen.input.values)[place]
    read = np.load(tmp_path / "step.npy")
    assert read.dtype == (np.float32 if place == TENSOR else np.uint8)
    assert wanted is not None
    np.testing.assert_array_equal(read, wanted)


def test_why_so_many_pixels(view: TensorView) -> None:
    seen = view._state.last
    assert seen is not None
    assert seen.steps is not None
    words = why_this_size(seen, seen.steps)
    for part in ("224×224", "scaled to 256", "bilinear", "7×7"):
        assert part in words
    assert formula(seen.steps) == "(value ÷ 255 − mean) ÷ std, mean 0.5, 0.4, 0.3, std 0.25, 0.25, 0.2"


def test_other_networks_for_comparison() -> None:
    """By torchvision's own cards."""
    words = other_networks("vgg19")
    assert "inception_v3 299×299 of 342" in words
    assert "vgg19" not in words
    assert "vgg19 224×224 of 256" in other_networks(KEY)


def test_texts_grow_for_the_projector(program: Program, view: TensorView) -> None:
    program.window.resize(2560, 1440)  # as far as there is room
    QApplication.processEvents()
    before = view.why.font().pixelSize(), view.cards[0].sizeHint().height()
    program.window.set_projector(True)
    assert view.why.font().pixelSize() > before[0]
    assert view.cards[0].sizeHint().height() > before[1]
    program.window.set_projector(False)
    assert (view.why.font().pixelSize(), view.cards[0].sizeHint().height()) == before


def test_cards_are_chosen_by_click_and_key(view: TensorView) -> None:
    QTest.mouseClick(view.cards[FRAME], Qt.MouseButton.LeftButton)
    assert view._chosen == FRAME
    QTest.keyClick(view.cards[FRAME], Qt.Key.Key_Right)
    assert view._chosen == SCALED


class TestOrder:
    def test_nothing_is_asked_until_it_is_wanted(self, program: Program, view: TensorView) -> None:
        assert not wish(program).swap
        assert view.order.table.isHidden()

    def test_both_orders_side_by_side(self, program: Program, view: TensorView) -> None:
        view.order.ask.click()
        assert wish(program).swap
        for at in (2.0, 3.0):
            program.client.events.append(explained(wish(program).number, at, (Answer(5, 0.3, 4.0),)))
            program.tick()
        assert [name.full_text for name, _ in view.order.rows[1]][1:] == ["", ""]
        assert view.order.rows[0][0][1].text() == "0.80"
        assert view.order.rows[1][0][1].text() == "0.30"
        assert "Surer with red first: 0.80 against 0.30." in view.order.verdict.text()
        assert "2 of 2" in view.order.verdict.text()
        view.order.ask.click()
        assert not wish(program).swap
        assert view.order.table.isHidden()

    def test_the_mistake_shows(self, program: Program, view: TensorView) -> None:
        view.order.ask.click()
        program.client.events.append(explained(wish(program).number, 2.0, (Answer(5, 0.95, 9.0),)))
        program.tick()
        assert "Surer with blue first" in view.order.verdict.text()

    def test_an_answer_of_before_the_question_is_not_shown(self, program: Program, view: TensorView) -> None:
        old = wish(program).number
        view.order.ask.click()
        program.client.events.append(explained(old, 2.0))
        program.tick()
        assert view.order.table.isHidden()


class TestPicture:
    @pytest.fixture
    def picture(self, qtbot: QtBot) -> StepPicture:
        made = StepPicture()
        qtbot.addWidget(made)
        made.resize(600, 300)
        made.show()
        qtbot.waitExposed(made)
        return made

    def test_channels_apart_are_grey_pictures_of_their_values(self, picture: StepPicture) -> None:
        rgb = np.zeros((20, 20, 3), np.uint8)
        rgb[..., 0], rgb[..., 1], rgb[..., 2] = 250, 100, 5
        picture.show_values(rgb, 0, 255, None)
        picture.set_apart(True)
        picture.repaint()
        shown = picture.grab().toImage()
        part = (600 - 16) / 3
        for place, value in enumerate((250, 100, 5)):
            colour = shown.pixelColor(round(place * (part + 8) + part / 2) + 3, 160)
            assert (colour.red(), colour.green(), colour.blue()) == (value, value, value)

    def test_the_pointer_finds_the_same_pixel_in_each_of_them(self, picture: StepPicture) -> None:
        picture.show_values(np.zeros((20, 20, 3), np.uint8), 0, 255, None)
        picture.set_apart(True)
        found: list[tuple[int, int]] = []
        picture.pointed.connect(lambda x, y: found.append((x, y)))
        part = (600 - 16) / 3
        for place in range(3):
            point = QPointF(place * (part + 8) + part / 2 + 20, 150)
            QTest.mouseMove(picture, point.toPoint())
        assert len(set(found)) == 1
        assert found[0][0] > 10

    def test_a_tensor_comes_with_its_numbers(self, picture: StepPicture, qapp: QApplication) -> None:
        values = np.linspace(-2, 2, 12, dtype=np.float32).reshape(2, 2, 3)
        picture.show_values(values, -2, 2, None)
        with_numbers = picture.grab().toImage()
        assert picture._viewport.zoom > 46
        colours = {with_numbers.pixel(x, y) for x in range(160, 290, 2) for y in range(5, 140, 2)}
        assert len(colours) > 3

    def test_numbers_of_a_tensor_are_drawn_once(self, qapp: QApplication) -> None:
        numbers = FloatNumbers()
        values = np.linspace(-2, 2, 12, dtype=np.float32).reshape(2, 2, 3)
        squares = np.zeros((2, 2, 3), np.uint8)
        first = numbers.layer(values, squares, "RGB", 60, 1.0)
        assert numbers.layer(values.copy(), squares, "RGB", 60, 1.0) is first
        assert numbers.layer(values + 1, squares, "RGB", 60, 1.0) is not first
        colours = {
            first.pixelColor(x, y).name() for x in range(60) for y in range(60) if first.pixelColor(x, y).alpha() == 255
        }
        assert {"#ffb9b0", "#9bf0b0", "#bcd2ff"} <= colours

    def test_keys(self, picture: StepPicture) -> None:
        picture.show_values(np.zeros((100, 200, 3), np.uint8), 0, 255, None)
        found: list[tuple[int, int]] = []
        picture.pointed.connect(lambda x, y: found.append((x, y)))
        QTest.keyClick(picture, Qt.Key.Key_Return)
        assert not picture._viewport.fits
        QTest.keyClick(picture, Qt.Key.Key_Right)
        assert found[-1] == (101, 50)
        QTest.keyClick(picture, Qt.Key.Key_0)
        assert picture._viewport.fits

    def test_nothing_is_no_trouble(self, picture: StepPicture) -> None:
        picture.show_values(None, 0, 1, None)
        picture.grab()
        QTest.mouseMove(picture, QPoint(20, 20))
