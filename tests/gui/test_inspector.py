"""The pixel inspector: key I, crosshair, region, squares with numbers, histogram, and what is copied."""

from __future__ import annotations

import gc
import itertools
import time
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from desktop_app.core.picture import Picture
from desktop_app.core.pixels import Area, grey_of
from desktop_app.gui.histogram import Histogram
from desktop_app.gui.inspector_panel import InspectorPanel
from desktop_app.gui.inspector_state import InspectorState
from desktop_app.gui.made_when_shown import MadeWhenShown
from desktop_app.gui.pixel_numbers import (
    DARK,
    HALO,
    LIGHT,
    TURNS_AT,
    NumberWall,
    font_for,
    least_cell,
    luminance,
)
from desktop_app.gui.video_view import VideoView
from desktop_app.recogniser import messages as m
from desktop_app.render.qimage import from_qimage
from tests.gui.conftest import Program

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
NONE = Qt.KeyboardModifier.NoModifier
WIDTH, HEIGHT = 320, 240
RGB = np.random.default_rng(2).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
NUMBERS = itertools.count(5000)


def picture(rgb: np.ndarray = RGB, shrunk: int = 1) -> Picture:
    small = rgb[::shrunk, ::shrunk]
    pixels = np.full((*small.shape[:2], 4), 255, np.uint8)
    pixels[:, :, :3] = small[:, :, ::-1]
    return Picture(pixels, rgb.shape[1], rgb.shape[0], next(NUMBERS), time.perf_counter(), number=next(NUMBERS))


def show(program: Program, shown: Picture) -> None:
    program.client.frame = shown
    program.tick()


@pytest.fixture
def open_(program: Program) -> Program:
    """The inspector over a picture whose pixels are all there."""
    program.show_demo()
    show(program, picture())
    press_i(program)
    program.tick()
    return program


def press_i(program: Program) -> None:
    action = program.window.actions_.by_key["inspect"]
    assert action.shortcut().toString() == "I"
    action.trigger()


def state_of(program: Program) -> InspectorState:
    return program.controller.inspector


def view_of(program: Program) -> VideoView:
    return program.window.stage.video


def panel_of(program: Program) -> InspectorPanel:
    holder = program.window.docks.panels["inspector"]
    assert isinstance(holder, MadeWhenShown)
    assert isinstance(holder.content, InspectorPanel)
    holder.content.refresh()
    return holder.content


def at(program: Program, column: int, row: int) -> QPoint:
    """In the middle of that pixel of the frame."""
    view = view_of(program)
    place = view.picture_rect()
    return QPointF(place.x() + (column + 0.5) * view.zoom, place.y() + (row + 0.5) * view.zoom).toPoint()


def hover(program: Program, column: int, row: int) -> None:
    QTest.mouseMove(view_of(program), at(program, column, row))


def drag(program: Program, start: tuple[int, int], end: tuple[int, int]) -> None:
    view = view_of(program)
    QTest.mousePress(view, LEFT, NONE, at(program, *start))
    for column, row in ((start[0] + end[0]) // 2, (start[1] + end[1]) // 2), end:
        QTest.mouseMove(view, at(program, column, row))
    QTest.mouseRelease(view, LEFT, NONE, at(program, *end))


def wish(program: Program) -> m.Inspect:
    program.tick()
    return program.client.last(m.Inspect)


def answer(program: Program, region: Area, rgb: np.ndarray = RGB) -> None:
    left, top, right, bottom = region
    part = rgb[top:bottom, left:right]
    channels = [part[..., 0], part[..., 1], part[..., 2], grey_of(part)]
    counts = np.stack([np.bincount(channel.ravel(), minlength=256) for channel in channels]).astype(np.int64)
    program.client.push(m.Inspected(wish(program).number, 1.0, None, None, region, counts))
    program.tick()


class TestOpening:
    def test_closed_it_asks_and_hears_nothing(self, program: Program) -> None:
        program.show_demo()
        views = len(program.controller.views)
        show(program, picture())
        hover(program, 5, 5)
        assert program.client.sent(m.Inspect) == []
        assert state_of(program).picture is None
        assert len(program.controller.views) == views
        assert len(view_of(program)._tools) == 1

    def test_i_opens_it_with_its_panel_and_closes_it(self, open_: Program) -> None:
        assert state_of(open_).on
        assert not open_.window.docks.docks["inspector"].isHidden()
        assert open_.window.actions_.by_key["inspect"].isChecked()
        assert wish(open_).on
        assert view_of(open_).hasFocus()
        press_i(open_)
        assert not state_of(open_).on
        assert open_.window.docks.docks["inspector"].isHidden()
        assert not wish(open_).on

    def test_without_a_picture_there_is_nothing_to_inspect(self, program: Program) -> None:
        assert not program.window.actions_.by_key["inspect"].isEnabled()

    def test_the_panel_says_how_to_begin(self, program: Program) -> None:
        program.show_demo()
        show(program, picture())
        program.window.docks.show("inspector")
        panel = panel_of(program)
        assert panel._stack.currentIndex() == 0
        QTest.mouseClick(panel.begin, LEFT)
        assert state_of(program).on
        assert panel._stack.currentIndex() == 1

    def test_on_another_page_it_rests(self, open_: Program) -> None:
        view_of(open_).hide()
        assert not wish(open_).on
        view_of(open_).show()
        assert wish(open_).on

    def test_in_full_screen_the_panel_waits(self, program: Program) -> None:
        program.show_demo()
        show(program, picture())
        dock = program.window.docks.docks["inspector"]
        program.window.set_fullscreen(True)
        press_i(program)
        assert state_of(program).on
        assert dock.isHidden()
        program.window.set_fullscreen(False)
        assert not dock.isHidden()
        program.window.set_fullscreen(True)
        press_i(program)
        program.window.set_fullscreen(False)
        assert dock.isHidden()

    def test_from_a_view_that_hides_the_picture_it_comes_back(self, program: Program) -> None:
        program.show_demo()
        show(program, picture())
        program.window.stage.toggle_view("compare")
        press_i(program)
        assert state_of(program).on
        assert program.window.stage.view_shown == ""

    def test_a_new_recogniser_hears_of_it(self, open_: Program) -> None:
        before = wish(open_)
        open_.client.commands.clear()
        state_of(open_)._again(None)
        assert open_.client.last(m.Inspect) == before

    def test_opened_and_closed_two_hundred_times(self, open_: Program, qtbot: QtBot) -> None:
        def turn() -> None:
            open_.window.commands.inspect()
            QApplication.processEvents()
            open_.tick()

        def objects() -> int:
            gc.collect()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
            return len(open_.window.findChildren(QObject))

        for _ in range(4):
            turn()
        before = objects(), len(open_.controller.views), len(view_of(open_)._tools)
        open_.client.commands.clear()
        for _ in range(400):
            turn()
        assert (objects(), len(open_.controller.views), len(view_of(open_)._tools)) == before
        assert len(open_.client.sent(m.Inspect)) <= 800
        turn()
        open_.client.commands.clear()
        for _ in range(20):
            show(open_, picture())
        assert open_.client.sent(m.Inspect) == []


class TestPixel:
    def test_the_value_under_the_pointer(self, open_: Program) -> None:
        for column, row in ((0, 0), (WIDTH - 1, HEIGHT - 1), (123, 221)):
            hover(open_, column, row)
            assert state_of(open_).at == (column, row)
            assert state_of(open_).value() == tuple(RGB[row, column])
        panel = panel_of(open_)
        red, green, blue = (int(value) for value in RGB[221, 123])
        assert panel.values["place"].text() == "123, 221"
        assert [panel.values[name].text() for name in "RGB"] == [str(red), str(green), str(blue)]
        assert panel.values["hex"].text() == f"#{red:02X}{green:02X}{blue:02X}"
        assert panel.values["grey"].text() == str(int(grey_of(RGB[221, 123])))

    def test_it_changes_with_the_frame(self, open_: Program) -> None:
        hover(open_, 10, 20)
        other = RGB[::-1].copy()
        show(open_, picture(other))
        assert state_of(open_).value() == tuple(other[20, 10])

    def test_a_small_copy_is_not_taken_for_the_frame(self, open_: Program) -> None:
        show(open_, picture(shrunk=4))
        hover(open_, 101, 183)
        state = state_of(open_)
        assert state.value() is None
        asked = wish(open_)
        assert asked.around is not None
        left, top, right, bottom = asked.around
        assert left <= 101 < right
        assert top <= 183 < bottom
        open_.client.push(m.Inspected(asked.number, 1.0, asked.around, RGB[top:bottom, left:right]))
        open_.tick()
        assert state.value() == tuple(RGB[183, 101])
        hover(open_, 104, 185)  # near by, known already
        assert state.value() == tuple(RGB[185, 104])

    def test_whole_frames_are_not_asked_for(self, open_: Program) -> None:
        hover(open_, 10, 20)
        assert wish(open_).around is None

    def test_arrow_keys_go_pixel_by_pixel(self, open_: Program) -> None:
        hover(open_, 50, 60)
        for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left):
            QTest.keyClick(view_of(open_), key)
        assert state_of(open_).at == (51, 61)
        QTest.keyClick(view_of(open_), Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
        assert state_of(open_).at == (51, 51)

    def test_the_crosshair_stays_in_the_frame_and_in_sight(self, open_: Program) -> None:
        view = view_of(open_)
        view.show_place(64, 5.5, 5.5)
        state_of(open_).point((5, 5))
        for _ in range(30):
            QTest.keyClick(view, Qt.Key.Key_Right)
        assert state_of(open_).at == (35, 5)
        assert view.rect().contains(at(open_, 35, 5))
        for _ in range(60):
            QTest.keyClick(view, Qt.Key.Key_Left)
        assert state_of(open_).at == (0, 5)

    def test_a_click_holds_the_pixel(self, open_: Program) -> None:
        hover(open_, 40, 40)
        QTest.mouseClick(view_of(open_), LEFT, NONE, at(open_, 40, 40))
        hover(open_, 200, 200)
        assert state_of(open_).at == (40, 40)
        QTest.keyClick(view_of(open_), Qt.Key.Key_Escape)
        hover(open_, 210, 210)
        assert state_of(open_).at == (210, 210)

    def test_another_size_forgets_the_place(self, open_: Program) -> None:
        hover(open_, 300, 200)
        drag(open_, (10, 10), (200, 200))
        show(open_, picture(RGB.transpose(1, 0, 2).copy()))
        assert state_of(open_).selection is None
        assert state_of(open_).at is None


class TestRegion:
    def test_what_is_seen_is_counted(self, open_: Program) -> None:
        view_of(open_).repaint()
        assert wish(open_).region == (0, 0, WIDTH, HEIGHT)
        view_of(open_).show_place(40, 100.5, 100.5)
        view_of(open_).repaint()
        seen = wish(open_).region
        assert seen is not None
        assert seen[0] > 50
        assert seen[2] < 160

    def test_a_region_is_dragged_out(self, open_: Program) -> None:
        drag(open_, (50, 70), (99, 89))
        assert wish(open_).region == (50, 70, 100, 90)
        answer(open_, (50, 70, 100, 90))
        panel, part = panel_of(open_), RGB[70:90, 50:100]
        assert panel.region.text() == "50\u00d720 at 50, 70"
        for index, name in enumerate("RGB"):
            low, mean, high, std = (cell.text() for cell in panel.rows[name][1:])
            assert (int(low), int(high)) == (part[..., index].min(), part[..., index].max())
            assert float(mean) == pytest.approx(part[..., index].mean(), abs=0.06)
            assert float(std) == pytest.approx(part[..., index].std(), abs=0.06)

    def test_backwards_and_beyond_the_edge(self, open_: Program) -> None:
        drag(open_, (300, 200), (-30, -30))
        assert state_of(open_).selection == (0, 0, 301, 201)

    def test_with_the_keyboard(self, open_: Program) -> None:
        hover(open_, 20, 20)
        for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down):
            QTest.keyClick(view_of(open_), key, Qt.KeyboardModifier.ShiftModifier)
        assert state_of(open_).selection == (20, 20, 23, 22)
        QTest.keyClick(view_of(open_), Qt.Key.Key_Escape)
        assert state_of(open_).selection is None
        QTest.keyClick(view_of(open_), Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        assert state_of(open_).selection == (0, 0, WIDTH, HEIGHT)

    def test_counts_of_another_region_are_not_shown(self, open_: Program) -> None:
        drag(open_, (50, 70), (99, 89))
        answer(open_, (0, 0, 20, 20))
        assert state_of(open_).counts is None

    def test_the_right_button_moves_a_zoomed_picture(self, open_: Program) -> None:
        view = view_of(open_)
        view.show_place(20, 150.5, 100.5)
        before = view.picture_rect().topLeft()
        QTest.mousePress(view, RIGHT, NONE, QPoint(200, 200))
        QTest.mouseMove(view, QPoint(230, 210))
        QTest.mouseRelease(view, RIGHT, NONE, QPoint(230, 210))
        assert view.picture_rect().topLeft() - before == QPointF(30, 10)
        assert state_of(open_).selection is None

    def test_lines_can_still_be_drawn(self, open_: Program) -> None:
        open_.window.actions_.by_key["count_line"].trigger()
        drag(open_, (100, 100), (200, 200))
        assert state_of(open_).selection is None
        assert len(open_.controller.counting.shapes) == 1


class TestCopying:
    def test_as_numpy(self, open_: Program) -> None:
        drag(open_, (5, 6), (14, 11))
        QTest.mouseClick(panel_of(open_).numpy, LEFT)
        read = eval(QGuiApplication.clipboard().text(), {"np": np})
        np.testing.assert_array_equal(read, RGB[6:12, 5:15])

    def test_as_csv_in_grey(self, open_: Program) -> None:
        drag(open_, (5, 6), (14, 11))
        panel = panel_of(open_)
        QTest.mouseClick(panel.grey, LEFT)
        QTest.mouseClick(panel.csv, LEFT)
        lines = QGuiApplication.clipboard().text().splitlines()
        np.testing.assert_array_equal([[int(v) for v in line.split(",")] for line in lines], grey_of(RGB[6:12, 5:15]))

    def test_control_c_copies_the_region_not_the_picture(self, open_: Program) -> None:
        drag(open_, (5, 6), (14, 11))
        QTest.keyClick(view_of(open_), Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        assert QGuiApplication.clipboard().text().startswith("np.array([[[")

    def test_true_pixels_are_fetched_where_the_picture_is_a_small_copy(self, open_: Program) -> None:
        shown = picture(shrunk=4)
        show(open_, shown)
        drag(open_, (5, 6), (24, 31))
        QTest.mouseClick(panel_of(open_).numpy, LEFT)
        assert open_.client.last(m.GetFrame).number == shown.number
        bgr = np.ascontiguousarray(RGB[:, :, ::-1])
        open_.client.push(m.WholeFrame(shown.number, bgr.tobytes(), (HEIGHT, WIDTH)))
        open_.tick()
        area = state_of(open_).selection
        assert area is not None
        read = eval(QGuiApplication.clipboard().text(), {"np": np})
        np.testing.assert_array_equal(read, RGB[area[1] : area[3], area[0] : area[2]])

    def test_saved_as_npy(self, open_: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "part"), ""))
        drag(open_, (5, 6), (14, 11))
        QTest.mouseClick(panel_of(open_).save, LEFT)
        np.testing.assert_array_equal(np.load(tmp_path / "part.npy"), RGB[6:12, 5:15])

    def test_too_much_for_the_clipboard_is_told(self, open_: Program, monkeypatch: pytest.MonkeyPatch) -> None:
        QGuiApplication.clipboard().setText("before")
        monkeypatch.setattr("desktop_app.gui.inspector_copy.MOST_AS_TEXT", 1000)
        view_of(open_).repaint()
        QTest.mouseClick(panel_of(open_).csv, LEFT)
        assert QGuiApplication.clipboard().text() == "before"
        assert any("too many" in title for title in open_.toast_titles())

    def test_a_frame_that_is_gone_is_told(self, open_: Program) -> None:
        show(open_, picture(shrunk=4))
        drag(open_, (5, 6), (24, 31))
        QTest.mouseClick(panel_of(open_).csv, LEFT)
        open_.client.push(m.WholeFrame(open_.client.last(m.GetFrame).number))
        open_.tick()
        assert "This frame is gone." in open_.toast_titles()


class TestNumbers:
    def test_the_wheel_goes_to_where_numbers_are(self, open_: Program) -> None:
        view = view_of(open_)
        place = QPointF(at(open_, 160, 120))
        for _ in range(40):
            event = QWheelEvent(
                place, view.mapToGlobal(place), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, NONE,
                Qt.ScrollPhase.NoScrollPhase, False,
            )  # fmt: skip
            QApplication.sendEvent(view, event)
        assert view.zoom >= 2 * least_cell(grey=False)
        assert view.viewport.pixel(place) == (160, 120)

    def test_enter_goes_there_at_once_and_back(self, open_: Program) -> None:
        view = view_of(open_)
        hover(open_, 100, 90)
        QTest.keyClick(view, Qt.Key.Key_Return)
        assert font_for(view.zoom * view.devicePixelRatioF(), grey=False)
        assert view.rect().contains(at(open_, 100, 90))
        QTest.keyClick(view, Qt.Key.Key_Return)
        assert view.viewport.fits

    def test_squares_are_the_colour_of_their_pixel_with_numbers_on_them(self, open_: Program) -> None:
        view = view_of(open_)
        view.show_place(60, 100.5, 100.5)
        state_of(open_).at = None
        view.repaint()
        shown = from_qimage(view.grab().toImage())
        column, row = 97, 102
        place = at(open_, column, row)
        square = shown[place.y() - 29 : place.y() + 29, place.x() - 29 : place.x() + 29]
        same = (square[:, :, ::-1] == RGB[row, column]).all(axis=2)
        assert same.mean() > 0.2  # the colour round the numbers
        assert same.mean() < 0.95  # and numbers on it

    def test_grey_shows_grey_squares(self, open_: Program) -> None:
        view = view_of(open_)
        panel = panel_of(open_)
        view.show_place(60, 100.5, 100.5)
        QTest.mouseClick(panel.grey, LEFT)
        shown = from_qimage(view.grab().toImage()).astype(int)
        place = at(open_, 97, 102)
        corner = shown[place.y() - 25, place.x() - 25]
        assert corner.max() == corner.min()
        assert abs(corner[0] - int(grey_of(RGB[102, 97]))) <= 1
        press_i(open_)
        corner = from_qimage(view.grab().toImage())[place.y() - 25, place.x() - 25]
        assert corner[::-1].tolist() == RGB[102, 97].tolist()

    def test_no_numbers_of_a_small_copy(self, open_: Program) -> None:
        """Until the whole frame is there, its pixels are not known."""
        view = view_of(open_)
        show(open_, picture(np.full((HEIGHT, WIDTH, 3), 90, np.uint8), shrunk=4))
        view.show_place(60, 100.5, 100.5)
        place = at(open_, 97, 102)
        shown = from_qimage(view.grab().toImage())
        assert (shown[place.y() - 25 : place.y() + 25, place.x() - 25 : place.x() + 25] == 90).all()

    def test_each_number_looks_like_itself(self, qapp: QApplication) -> None:
        wall = NumberWall()
        values = np.arange(256, dtype=np.uint8).reshape(16, 16)
        rgb = np.stack([values] * 3, axis=2)
        layer = wall.layer(rgb, 40, grey=True)
        pixels = np.frombuffer(layer.constBits(), np.uint32).reshape(16, 40, 16, 40).copy()
        seen = {pixels[row, :, column].tobytes() for row in range(16) for column in range(16)}
        assert len(seen) == 256

    def test_the_three_numbers_stand_below_each_other(self, qapp: QApplication) -> None:
        wall = NumberWall()
        rgb = np.array([[[10, 10, 10], [200, 10, 10], [10, 200, 10], [10, 10, 200]]], np.uint8)
        layer = wall.layer(rgb, 60, grey=False)
        pixels = np.frombuffer(layer.constBits(), np.uint32).reshape(60, 4, 60).copy()
        for changed in range(1, 4):
            rows = np.flatnonzero((pixels[:, changed, 1:] != pixels[:, 0, 1:]).any(axis=1))
            third = (rows.min() + rows.max()) / 2 / 20
            assert int(third) == changed - 1

    def test_numbers_are_legible_on_every_square(self) -> None:
        """At least 4.5:1 against the square under the seam of the number (WCAG 2, AA)."""
        steps = np.arange(0, 256, 15, dtype=np.uint8)
        squares = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 3)
        dark = luminance(squares) < TURNS_AT
        for name in ("R", "G", "B", "grey"):
            for mine, words, halo in ((dark, LIGHT, (11, 13, 16)), (~dark, DARK, (255, 255, 255))):
                share = 0.0 if name == "grey" else HALO
                under = (squares[mine] * (1 - share) + np.array(halo) * share).round().astype(np.uint8)
                text = np.array([int(words[name][i : i + 2], 16) for i in (1, 3, 5)], np.uint8)
                one, other = luminance(text[None])[0], luminance(under)
                contrast = (np.maximum(one, other) + 0.05) / (np.minimum(one, other) + 0.05)
                assert contrast.min() >= 4.5, (name, contrast.min())

    def test_numbers_find_room_in_their_squares(self) -> None:
        for grey in (False, True):
            least = least_cell(grey=grey)
            assert font_for(least, grey=grey) >= 11
            assert font_for(least - 1, grey=grey) == 0


class TestHistogram:
    @pytest.fixture
    def histogram(self, qtbot: QtBot) -> Histogram:
        made = Histogram()
        qtbot.addWidget(made)
        made.resize(260, 128)
        return made

    def test_the_highest_fills_the_height(self, histogram: Histogram) -> None:
        counts = np.zeros((4, 256), np.int64)
        counts[0, 100], counts[1, 50], counts[2, 0] = 40, 20, 900
        histogram.show_counts(counts)
        heights = histogram.heights()
        assert heights[0, 100] == 1
        assert heights[1, 50] == 0.5
        assert heights[2, 0] == 1  # cut off

    def test_a_picture_in_one_colour(self, histogram: Histogram) -> None:
        counts = np.zeros((4, 256), np.int64)
        counts[:, 255] = 7
        histogram.show_counts(counts)
        assert histogram.heights()[3, 255] == 1
        histogram.grab()

    def test_small_counts_are_seen_in_logarithms(self, histogram: Histogram) -> None:
        counts = np.zeros((4, 256), np.int64)
        counts[0, 100], counts[0, 50] = 1_000_000, 10
        histogram.show_counts(counts)
        assert histogram.heights()[0, 50] < 0.001
        histogram.set_logarithmic(True)
        assert histogram.heights()[0, 50] > 0.1

    def test_in_grey_there_is_one_curve(self, histogram: Histogram) -> None:
        assert len(histogram.channels) == 4
        histogram.set_grey(True)
        assert len(histogram.channels) == 1
