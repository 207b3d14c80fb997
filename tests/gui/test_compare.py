"""Models on the same frames, side by side or split by a line."""

from __future__ import annotations

import gc
import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QRectF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QMenu
from pytestqt.qtbot import QtBot

from desktop_app.core.comparing import Side, Verdict
from desktop_app.core.frame import Frame
from desktop_app.core.model import Placement
from desktop_app.core.results import Detections, Prediction, Result, Timings
from desktop_app.gui.compare_choices import Choice
from desktop_app.gui.compare_grid import columns_for
from desktop_app.gui.compare_page import ComparePage
from desktop_app.gui.compare_words import difference_lines
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.frame_ring import FrameRingWriter
from desktop_app.recogniser.scaling import paint_bgrx
from tests.gui.conftest import Program
from tests.gui.fake_client import COCO, classification, detections, frame

PERSON = (10, 10, 200, 300, 0.9, 0)
CAR = (300, 100, 500, 300, 0.8, 2)
IDENTICAL = Verdict(1, "boxes", 1, 1, 1, 1.0)
ONLY_A = Verdict(1, "boxes", 1, 2, 1, 0.9, (1,), ())
_rings = itertools.count()


@dataclass
class Recogniser:
    """What the recogniser would say to the wish of the window."""

    program: Program
    ring: FrameRingWriter = field(default_factory=lambda: FrameRingWriter(f"regard-test-page-{next(_rings)}", 640, 480))
    number: int = 0

    @property
    def wish(self) -> m.Compare:
        return self.program.client.last(m.Compare)

    def load(self, *names: tuple[str, ...]) -> None:
        """All sides; `names`: of each, COCO where not given."""
        for place, side in enumerate(self.wish.sides):
            self.program.client.push(m.SideChanged(side, "ready", names[place] if place < len(names) else COCO))
        self.program.tick()

    def write(self, index: int) -> int:
        """A frame whose pixels are its number, into the ring."""
        self.number += 1
        bgr = np.full((480, 640, 3), index, np.uint8)
        self.ring.write(self.number, Frame(bgr, index, float(index)), (640, 480), lambda room: paint_bgrx(bgr, room))
        return self.number

    def compared(
        self,
        index: int,
        *predictions: Prediction | None,
        verdicts: tuple[Verdict, ...] = (IDENTICAL,),
        picture: int = 0,
    ) -> m.Compared:
        sides = self.wish.sides
        packed = tuple(
            None if prediction is None else m.PackedResult.of(result_of(prediction, index, side.key, place))
            for place, (side, prediction) in enumerate(zip(sides, predictions, strict=True))
        )
        troubles = ("",) * len(sides)
        return m.Compared(
            self.wish.number, self.ring.name, picture, index, float(index), sides, packed, troubles, verdicts
        )

    def answer(self, index: int, *predictions: Prediction, verdicts: tuple[Verdict, ...] = (IDENTICAL,)) -> None:
        picture = self.write(index)
        self.program.client.push(self.compared(index, *predictions, verdicts=verdicts, picture=picture))
        self.program.tick()

    def disagree(
        self, index: int, *predictions: Prediction, verdict: Verdict = ONLY_A, **fields: float
    ) -> NDArray[np.uint8]:
        bgr = np.random.default_rng(index).integers(0, 256, (480, 640, 3), np.uint8)
        event = self.compared(index, *predictions, verdicts=(verdict,))
        png, jpeg = (cv2.imencode(suffix, bgr)[1].tobytes() for suffix in (".png", ".jpg"))
        self.program.client.push(
            m.Disagreed(png, jpeg, (640, 480), index, float(index), event.sides, event.results, (verdict,), **fields)
        )
        self.program.tick()
        return bgr


def result_of(prediction: Prediction, index: int, key: str, place: int) -> Result:
    timings = Timings(1.0, 10.0 * (place + 1), 1.0)
    return Result(
        index, float(index), key, prediction, timings, "openvino", "CPU", "bf16", (416, 416), None, (640, 480)
    )


@pytest.fixture
def program(make_program: Callable[..., Program]) -> Program:
    made = make_program()
    made.client.push(m.ModelStates(("efficientnet-lite0", "yolov3-tiny")))
    made.controller.set_models(["yolov3-tiny"])
    made.client.push_loaded()
    made.window.commands.open_demo()
    made.client.push_opened("demo")
    made.client.frame = frame()
    made.tick()
    return made


@pytest.fixture
def page(program: Program) -> ComparePage:
    program.window.commands.compare()
    found = program.window.stage.views["compare"]
    assert isinstance(found, ComparePage)
    return found


@pytest.fixture
def recogniser(program: Program, page: ComparePage) -> Iterator[Recogniser]:
    made = Recogniser(program)
    yield made
    made.ring.close()


def boxes(*rows: tuple[float, float, float, float, float, int]) -> Detections:
    return detections(*rows)


class TestOpenAndClosed:
    def test_costs_nothing_until_it_is_opened(self, program: Program) -> None:
        assert not program.client.sent(m.Compare)
        assert "compare" not in program.controller.__dict__

    def test_opens_with_the_running_model_and_another(self, program: Program, recogniser: Recogniser) -> None:
        assert [side.key for side in recogniser.wish.sides] == ["yolov3-tiny", "efficientnet-lite0"]
        assert program.window.stage.view_shown == "compare"
        assert program.window.actions_.by_key["compare"].isChecked()
        recogniser.load()
        assert min(recogniser.wish.width, recogniser.wish.height) > 0

    def test_takes_the_whole_width_and_gives_it_back(self, program: Program, page: ComparePage) -> None:
        docks = program.window.docks.docks
        assert not any(dock.isVisible() for dock in docks.values())
        program.window.commands.compare()
        assert docks["results"].isVisible()
        assert docks["input"].isVisible()

    def test_closed_nothing_is_wanted_any_more(self, program: Program, recogniser: Recogniser) -> None:
        recogniser.load()
        recogniser.answer(1, boxes(PERSON), boxes(PERSON))
        program.window.commands.compare()
        assert recogniser.wish.sides == ()
        state = program.controller.compare
        assert state.shot is None
        assert state._ring is None

    def test_opened_and_closed_two_hundred_times(
        self, program: Program, page: ComparePage, recogniser: Recogniser
    ) -> None:
        def counts() -> tuple[int, int]:
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
            gc.collect()
            return len(program.window.findChildren(QObject)), threading.active_count()

        def once(index: int) -> None:
            recogniser.load()
            recogniser.answer(index % 200, boxes(PERSON), boxes(PERSON))
            program.window.commands.compare()
            program.window.commands.compare()

        for index in range(3):
            once(index)
        before, sent = counts(), len(program.client.commands)
        for index in range(200):
            once(index)
        assert counts() == before
        assert len(program.client.sent(m.Compare)) < 4 * 210
        assert len(program.client.commands) - sent < 8 * 200
        assert len(page.panes.panes) == 2

    def test_the_page_stays_when_another_source_is_opened(
        self, program: Program, recogniser: Recogniser, page: ComparePage
    ) -> None:
        recogniser.load()
        recogniser.answer(1, boxes(PERSON), boxes(PERSON))
        program.window.commands.open(("/a.mp4",))
        program.client.push_opened("video", frame_count=90, fps=30.0)
        program.tick()
        assert program.window.stage.view_shown == "compare"
        assert recogniser.wish.sides
        assert page.shot is None
        assert program.controller.compare.agreements.share(1) is None

    def test_a_recogniser_that_was_started_again_hears_of_it(self, program: Program, recogniser: Recogniser) -> None:
        from desktop_app.recogniser.client import Restarting

        recogniser.load()
        sent = len(program.client.sent(m.Compare))
        program.client.push(Restarting("died"))
        program.tick()
        assert len(program.client.sent(m.Compare)) == sent + 1
        assert {state.stage for state in program.controller.compare.sides.values()} == {"loading"}


class TestSynchronised:
    def test_every_pane_shows_the_same_frame(self, page: ComparePage, recogniser: Recogniser) -> None:
        recogniser.load()
        for index in range(1, 6):
            recogniser.answer(index, boxes(PERSON), boxes(PERSON, CAR), verdicts=(ONLY_A,))
            shots = {id(pane.view.shot) for pane in page.panes.panes}
            assert shots == {id(page.state.shot)}
            shot = page.state.shot
            assert shot is not None
            assert {result.frame_index for result in shot.results if result is not None} == {index}
            assert shot.frame_index == index
            assert shot.image.pixelColor(5, 5).red() == index

    def test_a_picture_waits_for_its_answers(self, program: Program, page: ComparePage, recogniser: Recogniser) -> None:
        recogniser.load()
        recogniser.answer(1, boxes(PERSON), boxes(PERSON))
        early = recogniser.write(2)  # its answers come later
        late = recogniser.compared(1, boxes(PERSON), boxes(PERSON), picture=early - 1)
        program.client.push(late)
        program.tick()
        assert page.state.shot is not None
        assert page.state.shot.frame_index == 1
        program.client.push(recogniser.compared(2, boxes(PERSON), boxes(PERSON), picture=early))
        program.tick()
        assert page.state.shot.frame_index == 2
        assert page.state.shot.image.pixelColor(5, 5).red() == 2

    def test_answers_to_another_wish_are_not_shown(
        self, program: Program, page: ComparePage, recogniser: Recogniser
    ) -> None:
        recogniser.load()
        old = recogniser.compared(1, boxes(PERSON), boxes(PERSON), picture=recogniser.write(1))
        page.models.add("yolov3-tiny")
        program.client.push(old)
        program.tick()
        assert page.state.shot is None


class TestPanes:
    def test_say_who_how_fast_and_where(self, page: ComparePage, recogniser: Recogniser) -> None:
        recogniser.load()
        recogniser.answer(1, boxes(PERSON), boxes(PERSON))
        page._refresh_numbers()
        headers = [pane.header for pane in page.panes.panes]
        assert [header.model.value for header in headers] == ["yolov3-tiny", "efficientnet-lite0"]
        assert [header.ms.text() for header in headers] == ["12\u00a0ms", "22\u00a0ms"]
        assert headers[0].where.full_text == "OpenVINO, CPU · bf16 · 416×416"

    def test_a_frame_that_comes_again_is_measured_once(
        self, program: Program, page: ComparePage, recogniser: Recogniser
    ) -> None:
        recogniser.load()
        for _ in range(3):
            recogniser.answer(1, boxes(PERSON), boxes(PERSON))
        assert page.state.agreements.frames(1) == 1

    def test_a_model_that_loads_shows_its_progress(
        self, program: Program, page: ComparePage, recogniser: Recogniser
    ) -> None:
        from desktop_app.core.progress import Progress

        program.client.push(m.ModelProgress(Progress("efficientnet-lite0", "fetch", 5_000_000, 17_000_000)))
        program.tick()
        status = page.panes.panes[1].status
        assert status.isVisible()
        assert "5 of 17" in status.text.text()

    def test_one_that_fails_says_why_and_the_others_go_on(
        self, program: Program, page: ComparePage, recogniser: Recogniser
    ) -> None:
        recogniser.load()
        failed = recogniser.wish.sides[1]
        program.client.push(m.SideChanged(failed, "failed", (), "It is damaged.", "Fetch it again."))
        picture = recogniser.write(1)
        program.client.push(recogniser.compared(1, boxes(PERSON), None, verdicts=(), picture=picture))
        program.tick()
        first, second = page.panes.panes
        assert first.view.isVisible()
        assert first.view.shot is not None
        assert (second.status.title.text(), second.status.text.text()) == ("It is damaged.", "Fetch it again.")
        QTest.mouseClick(second.status.retry, Qt.MouseButton.LeftButton)
        assert recogniser.wish.sides == (recogniser.wish.sides[0], Side(failed.key, failed.placement, 1))

    def test_zoom_is_shared(self, page: ComparePage, recogniser: Recogniser) -> None:
        recogniser.load()
        recogniser.answer(1, boxes(PERSON), boxes(PERSON))
        first, second = (pane.view for pane in page.panes.panes)
        assert first.picture() == second.picture()
        before = first.picture().width()
        page.zoom(1)
        assert second.picture().width() > before
        assert first.picture() == second.picture()
        QTest.keyClick(first, Qt.Key.Key_Left)
        assert first.picture() == second.picture()
        page.zoom(0)
        assert first.picture().width() == pytest.approx(before)

    def test_only_differences(self, page: ComparePage, recogniser: Recogniser) -> None:
        from desktop_app.gui.compare_painting import boxes_of

        recogniser.load()
        recogniser.answer(1, boxes(PERSON, CAR), boxes(PERSON), verdicts=(ONLY_A,))
        page.bar.only.click()
        shot = page.shot
        assert shot is not None
        drawn = [boxes_of(shot, place, page.look.only_differences) for place in (0, 1)]
        assert [len(each.prediction) for each in drawn if each and isinstance(each.prediction, Detections)] == [1, 0]

    @pytest.mark.parametrize(
        ("count", "width", "height", "columns"),
        [(2, 980, 420, 2), (2, 400, 900, 1), (3, 1200, 300, 3), (3, 900, 700, 2), (4, 980, 460, 2), (4, 1100, 420, 2)],
    )
    def test_as_many_columns_as_make_the_picture_largest(
        self, count: int, width: int, height: int, columns: int
    ) -> None:
        assert columns_for(count, width, height, lambda wide, high: min(wide / 16, high / 9)) == columns

    def test_the_list_stands_where_the_picture_stays_larger(self) -> None:
        from desktop_app.gui.compare_painting import arranged

        picture, answers = arranged(QRectF(0, 0, 900, 300), (640, 480), 5, 1.0)
        assert answers.left() == picture.right()
        picture, answers = arranged(QRectF(0, 0, 300, 600), (640, 480), 5, 1.0)
        assert answers.top() == picture.bottom()
        assert picture.width() == 300


class TestModels:
    def test_the_same_model_again_comes_in_another_precision(self, page: ComparePage, recogniser: Recogniser) -> None:
        page.models.add("yolov3-tiny")
        assert recogniser.wish.sides[2] == Side("yolov3-tiny", Placement(precision="fp32"))
        page.models.add("yolov3-tiny")
        assert len(set(recogniser.wish.sides)) == 4
        assert not page.bar.add.isEnabled()

    def test_taken_out_and_remembered(self, program: Program, page: ComparePage, recogniser: Recogniser) -> None:
        page.models.add("yolov3-tiny")
        assert not page.bar.split.isEnabled()
        page.panes.panes[1].header.remove.click()
        assert [side.key for side in recogniser.wish.sides] == ["yolov3-tiny", "yolov3-tiny"]
        stored = program.window.preferences.values.compare_models
        assert stored == (("yolov3-tiny", "auto", "auto"), ("yolov3-tiny", "auto", "fp32"))
        page.models.choices = []
        page.models.begin()
        assert [choice.row() for choice in page.models.choices] == list(stored)

    def test_two_always_stay(self, page: ComparePage, recogniser: Recogniser) -> None:
        page.models.remove(0)
        assert len(recogniser.wish.sides) == 2
        assert not page.panes.panes[0].header.remove.isVisible()

    def test_the_menu_of_a_pane_chooses_another(self, page: ComparePage, recogniser: Recogniser) -> None:
        menu = QMenu()
        header = page.panes.panes[1].header
        header.fill(menu)
        act = next(act for act in menu.actions() if act.text() == "yolov3-tiny")
        act.trigger()
        assert recogniser.wish.sides[1] == Side("yolov3-tiny", Placement(precision="fp32"))
        menu.deleteLater()

    def test_a_setting_that_was_edited_is_left_out(self) -> None:
        assert Choice.stored(("a", "auto", "fp32")) == Choice("a", "auto", "fp32")
        assert Choice.stored(("a", "magic", "fp32")) is None
        assert Choice.stored(("a",)) is None

    def test_the_placement_of_all_models_holds_here_too(
        self, program: Program, page: ComparePage, recogniser: Recogniser
    ) -> None:
        program.window.preferences.change(precision="fp32")
        assert {side.placement.precision for side in recogniser.wish.sides} == {"fp32"}


class TestSplit:
    @pytest.fixture
    def split(self, page: ComparePage, recogniser: Recogniser) -> ComparePage:
        recogniser.load()
        page.bar.split.click()
        recogniser.answer(1, boxes(PERSON), boxes(PERSON, CAR))
        return page

    def test_both_are_of_one_shot(self, split: ComparePage) -> None:
        assert split.panes.is_split
        view = split.panes.split.view
        assert view.isVisible()
        assert view.shot is split.state.shot
        assert (view.place, view.other) == (0, 1)

    def test_keys_move_the_line(self, split: ComparePage) -> None:
        view = split.panes.split.view
        QTest.keyClick(view, Qt.Key.Key_Right)
        assert view.fraction == pytest.approx(0.55)
        QTest.keyClick(view, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
        assert view.fraction == pytest.approx(0.54)
        assert "54" in view.accessibleDescription()

    def test_the_mouse_drags_the_line(self, split: ComparePage) -> None:
        view = split.panes.split.view
        seen = view.picture()
        at = QPoint(round(view.line()), view.height() // 2)
        to = QPoint(round(seen.left() + 0.25 * seen.width()), at.y())
        QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=at)
        QTest.mouseMove(view, to)
        QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=to)
        assert view.fraction == pytest.approx(0.25, abs=0.01)
        QTest.mouseDClick(view, Qt.MouseButton.LeftButton, pos=QPoint(round(view.line()), 50))
        assert view.fraction == 0.5

    def test_each_side_of_the_line_has_its_own_boxes(self, split: ComparePage, qtbot: QtBot) -> None:
        """The car is right of the line, where the second model is; left of it nothing of the second is drawn."""
        view = split.panes.split.view
        with_car = view.grab().toImage()
        view.move_line(1.0)
        without = view.grab().toImage()
        x = round(view.picture().left() + view.picture().width() * 500 / 640)
        column = range(round(view.picture().top()), round(view.picture().bottom()))
        assert any(with_car.pixel(x, y) != without.pixel(x, y) for y in column)

    def test_remembered(self, program: Program, split: ComparePage) -> None:
        assert program.window.preferences.values.compare_view == "split"
        split.bar.beside.click()
        assert not split.panes.is_split


class TestAgreement:
    def test_a_number_and_what_it_means(self, page: ComparePage, recogniser: Recogniser) -> None:
        recogniser.load()
        recogniser.answer(1, boxes(PERSON, CAR), boxes(PERSON), verdicts=(ONLY_A,))
        recogniser.answer(2, boxes(PERSON), boxes(PERSON))
        page._refresh_numbers()
        row = page.agreement.rows[0]
        assert row.share.text() == "80\u00a0%"  # twice 2 of 2 + 1 + 1 + 1 boxes
        assert row.second.text().startswith("95\u00a0%")
        assert "IoU ≥ 0.5" in page.agreement.definition.text()
        assert page.agreement.chart.curves() == [1]

    def test_classifiers_by_first_answer_and_first_five(self, page: ComparePage, recogniser: Recogniser) -> None:
        recogniser.load(("cat", "dog"), ("cat", "dog"))
        for index, same in enumerate((1, 1, 0, 1)):
            verdict = Verdict(1, "classes", same, 1, 1, 0.6)
            recogniser.answer(index, classification(2, 1), classification(2 * same, 1), verdicts=(verdict,))
        page._refresh_numbers()
        assert page.agreement.rows[0].share.text() == "75\u00a0%"
        assert page.agreement.rows[0].second.text().startswith("60\u00a0%")
        assert len(page.agreement.chart.curves()) == 2
        assert page.look.rows > 0

    def test_a_classifier_beside_a_detector_is_honest(self, page: ComparePage, recogniser: Recogniser) -> None:
        recogniser.load(COCO, ("cat", "dog"))
        recogniser.answer(1, boxes(PERSON), classification(2, 1), verdicts=(Verdict(1, "labels", 0, 0, 0),))
        page._refresh_numbers()
        assert page.agreement.rows[0].share.text() == "–"
        assert "only this is compared" in page.agreement.definition.text()


class TestDisagreements:
    def test_who_said_what(self, page: ComparePage, recogniser: Recogniser) -> None:
        recogniser.load()
        recogniser.disagree(7, boxes(PERSON, CAR), boxes(PERSON))
        (difference,) = page.state.differences
        assert difference_lines(difference) == [("A", "only here: car"), ("B", "nothing of its own")]
        assert difference_lines(difference, short=True) == [("A", "+ car"), ("B", "–")]
        assert page.strip.list.model().rowCount() == 1
        assert page.strip.export.isVisible()

    def test_a_live_one_is_shown_as_it_was(self, program: Program, page: ComparePage, recogniser: Recogniser) -> None:
        recogniser.load()
        bgr = recogniser.disagree(7, boxes(PERSON, CAR), boxes(PERSON))
        recogniser.answer(9, boxes(PERSON), boxes(PERSON))
        page.strip.list.picked.emit(page.state.differences[0])
        assert page.banner.isVisible()
        shot = page.shot
        assert shot is not None
        assert shot.frame_index == 7
        assert {id(pane.view.shot) for pane in page.panes.panes} == {id(shot)}
        colour = shot.image.pixelColor(3, 2)
        assert [colour.blue(), colour.green(), colour.red()] == bgr[2, 3].tolist()
        recogniser.answer(10, boxes(PERSON), boxes(PERSON))
        assert page.panes.panes[0].view.shot is shot
        page.banner.back.click()
        assert page.panes.panes[0].view.shot is page.state.shot
        assert not page.banner.isVisible()

    def test_one_of_other_models_names_those(self, page: ComparePage, recogniser: Recogniser) -> None:
        recogniser.load()
        recogniser.disagree(7, boxes(PERSON, CAR), boxes(PERSON))
        page.models.add("yolov3-tiny")
        page.look_at(page.state.differences[0])
        assert [pane.header.model.value for pane in page.panes.panes if pane.isVisible()] == [
            "yolov3-tiny",
            "efficientnet-lite0",
        ]
        assert not page.panes.panes[0].header.model.isEnabled()
        page.leave_kept()
        assert len([pane for pane in page.panes.panes if pane.isVisible()]) == 3

    def test_in_a_file_it_goes_there(self, program: Program, page: ComparePage, recogniser: Recogniser) -> None:
        program.window.commands.open(("/a.mp4",))
        program.client.push_opened("video", frame_count=90, fps=30.0)
        program.tick()
        recogniser.load()
        recogniser.disagree(7, boxes(PERSON, CAR), boxes(PERSON), media_time=0.25)
        page.look_at(page.state.differences[0])
        program.tick()
        assert program.client.last(m.Pause).paused
        assert program.client.last(m.Seek).frame_index == 7
        assert not page.banner.isVisible()

    def test_exported_and_read_back(
        self,
        program: Program,
        page: ComparePage,
        recogniser: Recogniser,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        qtbot: QtBot,
    ) -> None:
        recogniser.load()
        pictures = [
            recogniser.disagree(index, boxes(PERSON, CAR), boxes(PERSON), media_time=index / 10) for index in (3, 8)
        ]
        monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
        page.strip.export.click()
        qtbot.waitUntil(lambda: "Disagreements exported" in program.toast_titles())
        (folder,) = tmp_path.glob("disagreements-*")
        rows = [json.loads(line) for line in (folder / "disagreements.jsonl").read_text("utf-8").splitlines()]
        assert [(row["frame"], row["side"], row["model"]) for row in rows] == [
            (3, "A", "yolov3-tiny"),
            (3, "B", "efficientnet-lite0"),
            (8, "A", "yolov3-tiny"),
            (8, "B", "efficientnet-lite0"),
        ]
        assert rows[0]["source"] == "Demo"
        assert (rows[0]["time_s"], rows[0]["width"], rows[0]["height"]) == (0.3, 640, 480)
        assert rows[0]["detections"][1] == {
            "class_id": 2,
            "label": "car",
            "confidence": pytest.approx(0.8),
            "xyxy": [300, 100, 500, 300],
        }
        assert rows[1]["agreement"] == {
            "with": "A",
            "measure": "boxes",
            "agrees": False,
            "same": 1,
            "of": [2, 1],
            "overlap": 0.9,
        }
        for bgr, row in zip(pictures, rows[::2], strict=True):
            np.testing.assert_array_equal(cv2.imread(str(folder / row["picture"])), bgr)
        assert not list(tmp_path.glob(".disagreements-*"))

    def test_a_folder_that_cannot_be_written_to_is_told(
        self,
        program: Program,
        page: ComparePage,
        recogniser: Recogniser,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        qtbot: QtBot,
    ) -> None:
        recogniser.load()
        recogniser.disagree(3, boxes(PERSON, CAR), boxes(PERSON))
        (tmp_path / "file").touch()
        monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "file" / "in"))
        page.strip.export.click()
        qtbot.waitUntil(lambda: any("file" in title for title in program.toast_titles()))
        assert page.strip.export.isEnabled()

    def test_forgotten(self, page: ComparePage, recogniser: Recogniser) -> None:
        recogniser.load()
        recogniser.disagree(3, boxes(PERSON, CAR), boxes(PERSON))
        page.strip.clear.click()
        assert not page.state.differences
        assert page.strip.nothing.isVisible()

    def test_the_oldest_go_where_room_is_short(
        self, page: ComparePage, recogniser: Recogniser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from desktop_app.gui import compare_state

        recogniser.load()
        monkeypatch.setattr(compare_state, "KEPT_BYTES", 2_000_000)
        for index in range(5):
            recogniser.disagree(index, boxes(PERSON, CAR), boxes(PERSON))
        assert page.state.differences[-1].frame_index == 4
        assert page.state.dropped == 5 - len(page.state.differences) > 0
        assert "older" in page.strip.count.text()


def test_time_goes_on_in_the_chart(page: ComparePage, recogniser: Recogniser) -> None:
    """0 % is a curve too, and where nothing can be compared there is a gap."""
    chart = page.agreement.chart
    now = time.monotonic()
    chart.add(now, {1: 0.0})
    chart.add(now + 1, None)
    chart.add(now + 2, {1: 1.0})
    assert chart.curves() == [1]
    assert [len(stretch) for stretch in chart.points(1)] == [1, 1]


@pytest.mark.parametrize("view", ["beside", "split"])
def test_a_snapshot_is_of_what_is_seen(
    program: Program, page: ComparePage, recogniser: Recogniser, qtbot: QtBot, tmp_path: Path, view: str
) -> None:
    recogniser.load()
    recogniser.answer(200, boxes(PERSON), boxes(PERSON))
    getattr(page.bar, view).click()
    program.window.preferences.change(snapshot_folder=str(tmp_path))
    program.window.commands.snapshot()
    qtbot.waitUntil(lambda: "Snapshot saved" in program.toast_titles())
    (path,) = tmp_path.glob("compare-Demo*.png")
    saved = np.asarray(cv2.imread(str(path)))
    assert (saved == 200).all(axis=2).sum() > 10_000


def test_pictures_go_on_behind_it_tiny(program: Program, recogniser: Recogniser) -> None:
    """By them it is known where a file is."""
    program.tick()
    view = program.client.last(m.SetView)
    assert 0 < max(view.width, view.height) <= 64
    program.window.commands.compare()
    program.tick()
    view = program.client.last(m.SetView)
    assert min(view.width, view.height) > 64


def test_the_projector_makes_everything_larger(program: Program, page: ComparePage, recogniser: Recogniser) -> None:
    recogniser.load()
    recogniser.answer(1, boxes(PERSON), boxes(PERSON))
    recogniser.disagree(7, boxes(PERSON, CAR), boxes(PERSON))
    header = page.panes.panes[0].header

    def sizes() -> tuple[int, ...]:
        parts = (header.ms, page.agreement.title, page.strip.title, page.bar.pace)
        return (header.model.height(), page.strip.list.height(), *(part.fontInfo().pixelSize() for part in parts))

    before = sizes()
    program.window.set_projector(True)
    assert all(large > small for large, small in zip(sizes(), before, strict=True))
    assert not program.window.docks.docks["results"].isVisible()
    program.window.set_projector(False)
    assert sizes() == before


def test_a_lost_signal_is_not_shown_as_live(program: Program, page: ComparePage, recogniser: Recogniser) -> None:
    recogniser.load()
    recogniser.answer(200, boxes(), boxes())
    view = page.panes.panes[0].view
    middle = view.picture().center().toPoint()
    bright = view.grab().toImage().pixelColor(middle).lightness()
    request = program.client.last(m.OpenSource).request
    program.client.push(m.SourceState(request, "lost", "It was unplugged.", retry_at=time.perf_counter() + 5))
    program.tick()
    assert page.bar.pace.text() == "Signal lost"
    assert view.grab().toImage().pixelColor(middle).lightness() < 0.7 * bright
    program.client.push(m.SourceState(request, "live"))
    program.tick()
    assert view.grab().toImage().pixelColor(middle).lightness() == bright
