"""The view of batches: rows from what the recogniser says, filter, order, selection, the large picture, going on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from desktop_app.core.model import Thresholds
from desktop_app.core.results import Classification, Detections
from desktop_app.gui.batch_export import batch_offer
from desktop_app.gui.batch_grid import BatchGrid
from desktop_app.gui.batch_model import BatchModel
from desktop_app.gui.batch_view import BatchView
from desktop_app.gui.describe import engine_text
from desktop_app.gui.export_dialog import ExportDialog
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.answers import Row, answer_of, encode_answer
from tests.gui.conftest import Program
from tests.gui.fake_client import classification, detections, result

NAMES = ("cat", "dog", "=cmd")
LOGITS = ((4.0, 0.0, 0.0), (0.0, 2.0, 0.0), (0.0, 3.0, 0.0), (0.1, 0.0, 0.0))


def row(index: int, *predictions: Classification | Detections, keys: Sequence[str] = ("efficientnet-lite0",)) -> Row:
    answers = (
        encode_answer(answer_of(result(prediction, index, key), (640, 480)))
        for key, prediction in zip(keys, predictions, strict=True)
    )
    return Row(index, tuple(answers))


def listing(count: int, request: int = 1, first: int = 0, *, complete: bool = True) -> m.BatchListed:
    names = tuple(f"p{index:05}.jpg" for index in range(first, first + count))
    return m.BatchListed(request, first, (("/photos", names),), complete)


@pytest.fixture
def model(qapp: QApplication) -> BatchModel:
    model = BatchModel()
    model.names_changed({"efficientnet-lite0": NAMES})
    model.take_list(listing(4))
    model.take_rows(m.BatchRows(1, tuple(row(i, classification(*logits)) for i, logits in enumerate(LOGITS))))
    model.arrange()
    return model


def best(model: BatchModel, number: int) -> tuple[str, float]:
    label, value = model.table.best(number)
    return label, round(value, 5)


def shown(model: BatchModel) -> list[int]:
    return [int(number) for number in model.rows]


def test_the_surest_come_first_and_other_orders_can_be_had(model: BatchModel) -> None:
    assert shown(model) == [0, 2, 1, 3]
    model.sort_by("low")
    assert shown(model) == [3, 1, 2, 0]
    model.sort_by("order")
    assert shown(model) == [0, 1, 2, 3]
    model.sort_by("label")
    assert shown(model) == [0, 3, 2, 1]


def test_what_waits_and_what_failed_stand_last(model: BatchModel) -> None:
    model.take_list(listing(2, first=4))
    model.take_rows(m.BatchRows(1, (Row(4, (), "p00004.jpg is damaged."),)))
    model.arrange()
    assert shown(model) == [0, 2, 1, 3, 4, 5]
    assert [model.said(number) for number in (0, 4, 5)] == ["cat 0.96", "failed", "not recognised yet"]
    model.sort_by("low")
    assert shown(model)[-2:] == [4, 5]
    for wish, numbers in (("failed", [4]), ("waiting", [5]), ("found", [3, 1, 2, 0]), ("nothing", [])):
        model.filter("", 0.0, wish)  # type: ignore[arg-type]
        assert shown(model) == numbers


def test_filter_by_label_by_name_and_by_confidence(model: BatchModel) -> None:
    model.filter("dog", 0.0)
    assert shown(model) == [2, 1]
    model.filter("p00003", 0.0)
    assert shown(model) == [3]
    model.filter("", 0.85)
    assert shown(model) == [0, 2]


def test_names_are_sorted_as_people_number_them(qapp: QApplication) -> None:
    model = BatchModel()
    model.take_list(m.BatchListed(1, 0, (("/a", ("p10.jpg", "p2.jpg")), ("/b", ("P1.jpg",))), complete=True))
    model.sort_by("name")
    assert shown(model) == [2, 1, 0]


def test_files_that_come_and_go_between_two_openings(model: BatchModel) -> None:
    """Rows before the first difference stay, with what is known of them."""
    names = ("p00000.jpg", "p00001.jpg", "new.jpg", "p00002.jpg")
    model.take_list(m.BatchListed(1, 0, (("/photos", names),), complete=True))
    assert [model.table.path(number) for number in range(4)] == [f"/photos/{name}" for name in names]
    assert [model.said(number) for number in range(4)][2:] == ["not recognised yet"] * 2
    assert model.done == 2
    model.take_list(m.BatchListed(1, 0, (("/photos", names[:1]),), complete=True))
    model.arrange()
    assert shown(model) == [0]
    assert model.done == 1


def test_records_are_those_of_the_command_line(model: BatchModel) -> None:
    first = next(iter(model.records([0])))
    assert first["source"] == "/photos/p00000.jpg"
    assert (first["frame"], first["width"], first["task"], first["model"]) == (0, 640, "classify", "efficientnet-lite0")
    assert first["classes"][0]["label"] == "cat"
    assert first["classes"][0]["logit"] == 4.0
    assert sum(c["probability"] for c in first["classes"]) == pytest.approx(1.0, abs=1e-5)
    assert first["ms"] == {"preprocess": 2.0, "forward": 14.0, "postprocess": 0.6}


@pytest.fixture
def boxes(qapp: QApplication) -> BatchModel:
    """A picture with three boxes, below and above the usual threshold."""
    model = BatchModel()
    model.names_changed({"yolov3-tiny": NAMES})
    model.take_list(listing(2))
    found = detections((0, 0, 9, 9, 0.8, 1), (0, 0, 5, 5, 0.4, 0), (1, 1, 2, 2, 0.1, 2))
    model.take_rows(m.BatchRows(1, (row(0, found, keys=["yolov3-tiny"]),)))
    model.take_rows(m.BatchRows(1, (row(1, detections((0, 0, 1, 1, 0.06, 1)), keys=["yolov3-tiny"]),)))
    model.arrange()
    return model


def test_a_detector_counts_by_its_surest_box(boxes: BatchModel) -> None:
    assert best(boxes, 0) == ("dog", 0.8)
    assert boxes.said(1) == "nothing found"
    boxes.filter("cat", 0.0)
    assert shown(boxes) == [0]
    boxes.filter("=cmd", 0.0)
    assert shown(boxes) == []


def test_thresholds_act_without_another_inference(boxes: BatchModel) -> None:
    boxes.thresholds_changed(Thresholds(confidence=0.05))
    boxes.filter("=cmd", 0.0)
    assert shown(boxes) == [0]
    assert boxes.table.best(1)[0] == "dog"
    boxes.thresholds_changed(Thresholds(confidence=0.05, classes=(0,)))
    assert best(boxes, 0) == ("cat", 0.4)
    found = boxes.results(0)[0].prediction
    assert isinstance(found, Detections)
    assert found.class_id.tolist() == [0]
    np.testing.assert_allclose(found.xyxy, [[0, 0, 5, 5]])


def test_several_models_answer_one_after_the_other(model: BatchModel) -> None:
    """The first that runs stands for the picture, in whatever order they answered."""
    model.names_changed({"yolov3-tiny": NAMES, "efficientnet-lite0": NAMES})
    model.take_rows(m.BatchRows(1, (row(0, detections((0, 0, 9, 9, 0.7, 1)), keys=["yolov3-tiny"]),)))
    assert best(model, 0) == ("dog", 0.7)
    assert [answer.model for answer in model.table.answers(0)] == ["yolov3-tiny", "efficientnet-lite0"]
    assert len(list(model.records([0]))) == 2


def test_a_picture_that_comes_twice_is_kept_once(model: BatchModel) -> None:
    model.take_rows(m.BatchRows(1, (row(1, classification(0.0, 0.0, 9.0)),)))
    assert model.done == 4
    assert model.table.best(1)[0] == "=cmd"
    model.filter("dog", 0.0)
    assert shown(model) == [2]


def test_damaged_answers_and_rows_of_no_file_are_left_out(model: BatchModel) -> None:
    model.take_rows(m.BatchRows(1, (Row(99, (b"x",)), Row(0, (b"no answer",)))))
    assert model.done == 4


def test_twenty_thousand_pictures_are_sorted_and_filtered(qapp: QApplication) -> None:
    model = BatchModel()
    model.names_changed({"efficientnet-lite0": NAMES})
    model.take_list(listing(20_000))
    answer = row(0, classification(3.0, 0.0, 0.0)).answers
    model.take_rows(m.BatchRows(1, tuple(Row(index, answer) for index in range(20_000))))
    model.arrange()
    assert model.rowCount() == 20_000
    model.filter("p0999", 0.0)
    assert model.rowCount() == 10
    model.filter("cat", 0.5)
    assert model.rowCount() == 20_000


# --- in the window --------------------------------------------------------------------------------------------------


class Batch:
    """A batch that is open in the window, and what the recogniser says of it."""

    def __init__(self, program: Program, qtbot: QtBot) -> None:
        self.program, self.client, self.window = program, program.client, program.window
        self._qtbot = qtbot

    def open(self, count: int = 3, *specs: str) -> None:
        self.program.controller.set_models(("efficientnet-lite0",))
        self.client.push_loaded("efficientnet-lite0", "classify", NAMES)
        self.program.tick()
        self.window.commands.open(specs or ("/photos",))
        self.opened(count)

    def opened(self, count: int = 3) -> None:
        """As the recogniser does: files are found before the source counts as open."""
        self.client.push(listing(count, self.request))
        self.client.push_opened("images", spec="/photos", title="photos", live=False)
        self.program.tick()
        self._qtbot.waitUntil(lambda: self.model.found == count)

    @property
    def request(self) -> int:
        return self.client.last(m.OpenSource).request

    @property
    def model(self) -> BatchModel:
        return self.window.batch

    @property
    def view(self) -> BatchView:
        return self.window.stage.batch

    @property
    def grid(self) -> BatchGrid:
        return self.view.grid

    def say(self, *rows: Row, known: bool = False) -> None:
        self.client.push(m.BatchRows(self.request, rows, known))
        self.program.tick()
        self._qtbot.waitUntil(lambda: not self.program.controller.batch._waiting)
        self.model.arrange()

    def recognise(self, count: int, first: int = 0) -> None:
        self.say(*(row(index, classification(float(index), 0.0, 0.0)) for index in range(first, first + count)))

    def end(self) -> None:
        self.client.push(m.SourceState(self.request, "ended"))
        self.program.tick()

    def shows(self) -> bool:
        return self.window.stage.batch_shown

    def viewing(self) -> bool:
        return self.view.viewing


@pytest.fixture
def batch(program: Program, qtbot: QtBot) -> Batch:
    return Batch(program, qtbot)


def test_the_batch_takes_the_stage_and_gives_it_back(batch: Batch) -> None:
    batch.open()
    window = batch.window
    assert batch.shows()
    assert window.docks.docks["input"].isHidden()
    assert not batch.view.progress.bar.isHidden()
    batch.recognise(3)
    batch.end()
    assert batch.view.progress._line.isHidden()
    assert window.batch_detail is not None
    assert window.batch_detail.isVisible()

    batch.view.open_wanted.emit("/photos/p00001.jpg")
    batch.client.push_opened("image", spec="/photos/p00001.jpg", title="p00001.jpg")
    batch.program.tick()
    assert not batch.shows()
    assert not window.docks.docks["input"].isHidden()
    window.actions_.by_key["batch"].trigger()
    assert batch.shows()
    assert batch.model.done == 3


def test_a_file_that_fails_is_counted_not_shouted(batch: Batch) -> None:
    batch.open()
    batch.say(Row(1, (), "p00001.jpg is damaged."))
    assert batch.model.failures == {1: "p00001.jpg is damaged."}
    assert batch.program.toast_titles() == []


def test_a_folder_that_cannot_be_read_is_told(batch: Batch) -> None:
    batch.open()
    batch.client.push(m.SourceTrouble(batch.request, "private cannot be opened.", "Check the path."))
    batch.program.tick()
    assert batch.program.toast_titles() == ["private cannot be opened."]


def test_cancel_keeps_what_is_done_and_one_can_go_on(batch: Batch) -> None:
    batch.open(100)
    batch.recognise(1)
    batch.view.progress.cancel.click()
    assert batch.client.sent(m.CloseSource)
    assert batch.model.finished
    assert batch.model.done == 1
    assert batch.shows()
    assert not batch.view.progress.go_on.isHidden()
    request = batch.request
    batch.view.progress.go_on.click()
    again = batch.client.last(m.OpenSource)
    assert again.specs == ("/photos",)
    assert again.request > request


def test_what_was_known_is_said_and_can_be_done_anew(batch: Batch) -> None:
    batch.open(3)
    batch.say(row(0, classification(1.0, 0.0, 0.0)), row(1, classification(1.0, 0.0, 0.0)), known=True)
    progress = batch.view.progress
    assert progress.known.text() == "2 of 3 were known from before."
    request = batch.request
    progress.anew.click()
    assert batch.client.last(m.ForgetBatch).request == request
    batch.opened(3)
    assert batch.model.done == 0
    assert progress._past.isHidden()


def test_a_batch_that_was_left_goes_on_when_one_comes_back(batch: Batch) -> None:
    batch.open(3)
    batch.recognise(1)
    batch.view.open_wanted.emit("/photos/p00000.jpg")
    batch.client.push_opened("image", spec="/photos/p00000.jpg", title="p00000.jpg")
    batch.program.tick()
    batch.window.actions_.by_key["batch"].trigger()
    again = batch.client.last(m.OpenSource)
    assert (again.specs, again.seek_to) == (("/photos",), 0)
    batch.opened(3)
    batch.say(row(0, classification(0.0, 0.0, 0.0)), known=True)
    assert batch.model.done == 1
    batch.recognise(2, 1)
    assert batch.model.done == 3


def test_a_recogniser_that_was_started_again_loses_nothing(batch: Batch) -> None:
    batch.open(3)
    batch.recognise(2)
    batch.client.push_opened("images", spec="/photos", title="photos", live=False)
    batch.client.push(listing(3, batch.request))
    batch.program.tick()
    assert batch.model.done == 2
    batch.say(row(0, classification(0.0, 0.0, 0.0)), known=True)
    assert batch.model.known == 0  # it was recognised in this session
    batch.recognise(1, 2)
    assert batch.model.done == 3


def test_another_model_opens_the_batch_again(batch: Batch, qtbot: QtBot) -> None:
    batch.open(3)
    batch.recognise(3)
    batch.end()
    opened = len(batch.client.sent(m.OpenSource))
    batch.program.controller.set_models(("yolov3-tiny",))
    batch.client.push_loaded()
    batch.program.tick()
    qtbot.waitUntil(lambda: len(batch.client.sent(m.OpenSource)) == opened + 1)
    batch.opened(3)
    assert batch.model.done == 0
    assert batch.shows()


def test_events_of_another_batch_are_not_heard(batch: Batch) -> None:
    batch.open(3)
    batch.client.push(m.BatchRows(batch.request - 1, (row(0, classification(1.0, 0.0, 0.0)),)))
    batch.program.tick()
    batch.recognise(1, 1)
    assert batch.model.done == 1


def test_small_pictures_are_asked_for_only_where_they_are_seen(batch: Batch, qtbot: QtBot) -> None:
    batch.open(5000)
    qtbot.waitUntil(lambda: bool(batch.client.sent(m.GetThumbnails)))
    asked = batch.client.last(m.GetThumbnails).paths
    assert asked[0] == "/photos/p00000.jpg"
    assert len(asked) < 60
    before = len(batch.client.sent(m.GetThumbnails))
    batch.grid.verticalScrollBar().setValue(batch.grid.verticalScrollBar().maximum())
    qtbot.waitUntil(lambda: len(batch.client.sent(m.GetThumbnails)) > before)
    assert "/photos/p04999.jpg" in batch.client.last(m.GetThumbnails).paths
    assert len(batch.client.last(m.GetThumbnails).paths) < 60


def test_keys_move_select_and_open(batch: Batch, qtbot: QtBot) -> None:
    batch.open(50)
    batch.recognise(50)
    batch.view.sort.setCurrentIndex(4)
    grid = batch.grid
    grid.setCurrentIndex(batch.model.index(0))
    columns = grid.columns()
    QTest.keyClick(grid, Qt.Key.Key_Down)
    assert grid.currentIndex().row() == columns
    QTest.keyClick(grid, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert grid.numbers() == [columns, columns + 1]
    QTest.keyClick(grid, Qt.Key.Key_End)
    assert grid.currentIndex().row() == 49
    assert grid.visualRect(grid.currentIndex()).bottom() <= grid.viewport().height()
    QTest.keyClick(grid, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(grid.numbers()) == 50
    QTest.keyClick(grid, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().mimeData()
    assert len(copied.text().splitlines()) == 50
    assert len(copied.urls()) == 50
    QTest.keyClick(grid, Qt.Key.Key_Return)
    assert batch.viewing()


def test_a_click_and_shift_click_select_what_lies_between(batch: Batch, qtbot: QtBot) -> None:
    batch.open(50)
    grid = batch.grid
    centre = [grid.visualRect(batch.model.index(number)).center() for number in range(8)]
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=centre[1])
    shift, control = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, shift, centre[6])
    assert grid.numbers() == [1, 2, 3, 4, 5, 6]
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, control, centre[3])
    assert grid.numbers() == [1, 2, 4, 5, 6]
    assert not grid.indexAt(QPoint(grid.viewport().width() - 1, grid.viewport().height() * 50)).isValid()


def test_a_selection_survives_another_order(batch: Batch) -> None:
    batch.open(50)
    batch.recognise(50)
    grid = batch.grid
    only = QItemSelectionModel.SelectionFlag.ClearAndSelect
    grid.selectionModel().setCurrentIndex(batch.model.index(0), only)
    grid.selectionModel().select(batch.model.index(4), QItemSelectionModel.SelectionFlag.Select)
    chosen = set(grid.numbers())
    assert len(chosen) == 2
    batch.view.sort.setCurrentIndex(1)
    assert set(grid.numbers()) == chosen
    assert int(batch.model.rows[grid.currentIndex().row()]) in chosen


def test_the_large_picture_with_its_neighbours_and_back(batch: Batch, qtbot: QtBot) -> None:
    batch.open(10)
    batch.recognise(10)
    batch.view.sort.setCurrentIndex(4)
    batch.grid.setCurrentIndex(batch.model.index(2))
    batch.grid.activated.emit(batch.model.index(2))
    viewer = batch.view.viewer
    assert batch.viewing()
    qtbot.waitUntil(lambda: bool(batch.client.sent(m.GetPicture)))
    asked = batch.client.last(m.GetPicture)
    assert asked.path == "/photos/p00002.jpg"
    pixels = np.zeros((24, 32, 4), np.uint8).tobytes()
    batch.client.push(m.PictureOfFile(asked.path, pixels, (24, 32), (640, 480)))
    batch.program.tick()
    frame = viewer.video.frame
    assert frame is not None
    assert (frame.width, frame.height, frame.index) == (640, 480, 2)
    assert viewer.video._results[0].model_key == "efficientnet-lite0"
    QTest.keyClick(viewer.video, Qt.Key.Key_Right)
    assert viewer.place.text() == "4 of 10"
    QTest.keyClick(viewer.video, Qt.Key.Key_Left)
    QTest.keyClick(viewer.video, Qt.Key.Key_Left)
    assert viewer.place.text() == "2 of 10"
    assert batch.grid.currentIndex().row() == 1
    # An answer on a picture that was left does not come back.
    batch.client.push(m.PictureOfFile("/photos/p00002.jpg", pixels, (24, 32), (640, 480)))
    batch.program.tick()
    assert viewer.number == 1
    qtbot.waitUntil(lambda: batch.client.last(m.GetPicture).path == "/photos/p00001.jpg")
    batch.client.push(m.PictureOfFile("/photos/p00001.jpg", message="p00001.jpg is damaged."))
    batch.program.tick()
    assert viewer.nothing.isVisible()
    QTest.keyClick(viewer.nothing, Qt.Key.Key_Escape)
    assert not batch.viewing()
    assert batch.grid.currentIndex().row() == 1


def test_the_menu_of_a_picture(batch: Batch) -> None:
    batch.open(3)
    batch.recognise(2)
    batch.grid.selectAll()
    batch.grid.menu_wanted.emit(batch.grid.mapToGlobal(QPoint(20, 20)))
    menu = next(each for each in batch.view.findChildren(QMenu) if each.isVisible())
    texts = {action.text(): action for action in menu.actions() if action.text()}
    assert list(texts) == [
        "Open",
        "Open by itself",
        "Show in folder",
        "Copy 3 paths",
        "Export selection…",
        "Select all",
        "Recognise all anew",
    ]
    assert all(action.isEnabled() for action in texts.values())
    texts["Open by itself"].trigger()
    assert batch.client.last(m.OpenSource).specs == ("/photos/p00000.jpg",)
    menu.close()


def test_a_filter_that_nothing_passes_says_so(batch: Batch) -> None:
    batch.open(3)
    batch.recognise(3)
    batch.view.search.setText("zebra")
    assert batch.model.rowCount() == 0
    assert not batch.view.nothing.isHidden()
    batch.view.search.clear()
    assert batch.view.nothing.isHidden()


def test_the_list_shows_the_same_pictures(batch: Batch) -> None:
    batch.open(30)
    batch.grid.setCurrentIndex(batch.model.index(20))
    batch.view.as_list.click()
    assert batch.grid.columns() == 1
    assert batch.grid.viewport().rect().intersects(batch.grid.visualRect(batch.model.index(20)))
    batch.view.as_grid.click()
    assert batch.grid.columns() > 1


def test_the_selection_what_is_shown_or_all_can_be_exported(batch: Batch) -> None:
    batch.open(6)
    batch.recognise(4)
    batch.say(Row(4, (), "p00004.jpg is damaged."))
    only = QItemSelectionModel.SelectionFlag.ClearAndSelect
    batch.grid.selectionModel().setCurrentIndex(batch.model.index(0), only)
    offer = batch_offer(batch.window)
    assert offer is not None
    assert offer.name == "photos"
    assert [(c.key, c.count) for c in offer.choices] == [("all", 4)]
    assert [(each.key, each.task, each.names) for each in offer.models] == [("efficientnet-lite0", "classify", NAMES)]

    batch.view.least.setValue(70)
    seen = {int(number) for number in batch.model.rows}
    batch.grid.selectAll()
    offer = batch_offer(batch.window)
    assert offer is not None
    assert {c.key: c.count for c in offer.choices} == {"selected": len(seen), "seen": len(seen), "all": 4}
    items = list(offer.choices[0].items())
    assert {item.path for item in items} == {f"/photos/p{number:05}.jpg" for number in seen}
    assert items[0].records[0]["classes"][0]["label"] == "cat"


def test_boxes_below_the_threshold_of_the_window_may_be_exported(batch: Batch) -> None:
    """The dialog has a threshold of its own."""
    batch.open(1)
    batch.say(row(0, detections((0, 0, 9, 9, 0.8, 1), (0, 0, 5, 5, 0.1, 0)), keys=["yolov3-tiny"]))
    offer = batch_offer(batch.window)
    assert offer is not None
    item = next(iter(offer.choices[0].items()))
    assert [box["confidence"] for box in item.records[0]["detections"]] == [0.8, 0.1]


def test_the_button_opens_the_dialog(batch: Batch) -> None:
    batch.open(2)
    assert not batch.view.export.isEnabled()
    batch.recognise(2)
    batch.view.export.click()
    dialog = batch.window.findChild(ExportDialog)
    assert dialog is not None
    assert dialog.job.total == 2
    dialog.reject()


def test_the_precision_is_that_of_the_answers(batch: Batch) -> None:
    """The model was loaded for what moves, which may be less exact."""
    batch.client.push(m.ModelLoaded("efficientnet-lite0", "classify", NAMES, "openvino", "CPU", "bf16"))
    batch.open(1)
    batch.recognise(1)
    assert engine_text(batch.program.controller).endswith("fp32")


def test_the_panels_are_there_the_next_time(batch: Batch, make_program: Callable[..., Program]) -> None:
    """The batch takes their room only as long as it is shown."""
    batch.open(3)
    assert batch.window.docks.docks["input"].isHidden()
    batch.window.close()
    again = make_program()
    assert not again.window.docks.docks["input"].isHidden()
    assert not again.window.docks.docks["model"].isHidden()
