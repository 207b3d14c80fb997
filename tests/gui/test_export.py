"""Export as the user meets it: the dialog, what it finds at the target, the toasts, and one frame at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from pytestqt.qtbot import QtBot

from desktop_app.exporting.item import ExportItem, ExportJob, ExportReport
from desktop_app.gui import texts
from desktop_app.gui.export_commands import ExportCommands
from desktop_app.gui.export_dialog import ExportDialog
from desktop_app.gui.export_offer import Choice, ModelResults, Offer
from desktop_app.gui.export_place import look_at
from desktop_app.gui.export_state import ExportState, summary
from desktop_app.gui.widgets import SearchField
from desktop_app.recogniser import export_wire as wire
from desktop_app.recogniser import messages as m
from tests.exporting import samples
from tests.gui.conftest import Program
from tests.gui.fake_client import COCO, classification, detections, frame, result

DETECTOR = ModelResults("yolov3-tiny", "detect", COCO)
CLASSIFIER = ModelResults("efficientnet-lite0", "classify", ("cat", "dog"))


class FakeExport:
    """The `ExportClient` protocol without a process: keeps what comes, says what the test pushes."""

    def __init__(self) -> None:
        self.job: ExportJob | None = None
        self.items: list[ExportItem] = []
        self.finished = self.cancelled = self.stopped = False
        self.events: list[wire.Event] = []
        self.room = True

    def start(self, job: ExportJob) -> None:
        self.job = job

    def send(self, items: Sequence[ExportItem]) -> None:
        # What cannot travel must fail here too.
        wire.decode_command(wire.encode(wire.Items(tuple(items))))
        self.items += items

    def finish(self) -> None:
        self.finished = True

    def cancel(self) -> None:
        self.cancelled = True

    def poll(self) -> list[wire.Event]:
        events, self.events = self.events, []
        return events

    def stop(self) -> None:
        self.stopped = True


def items(count: int) -> Iterable[ExportItem]:
    return (ExportItem(({"model": "yolov3-tiny", "n": n},), f"/p/{n}.jpg") for n in range(count))


def offer(*models: ModelResults, frames: bool = False) -> Offer:
    choices = (
        Choice("all", lambda: "All 40 pictures", 40, lambda: items(40), frames),
        Choice("selected", lambda: "3 pictures selected", 3, lambda: items(3), frames),
    )
    return Offer("photos", choices, models or (DETECTOR,))


@pytest.fixture
def dialog(program: Program, qtbot: QtBot, tmp_path: Path) -> Callable[..., ExportDialog]:
    program.window.preferences.change(export_folder=str(tmp_path / "out"))

    def make(wanted: Offer | None = None, target: str = "", least: float = 0.25) -> ExportDialog:
        made = ExportDialog(wanted or offer(), program.window.preferences, least, program.window, target)
        made.show()
        return made

    return make


# --- the dialog -------------------------------------------------------------------------------------------------------


def test_a_new_folder_is_proposed_for_each_format(dialog: Callable[..., ExportDialog], tmp_path: Path) -> None:
    shown = dialog()
    assert shown.target() == tmp_path / "out" / "photos-yolo"
    shown._choose_format("coco")
    assert shown.target() == tmp_path / "out" / "photos-coco"
    (tmp_path / "out" / "photos-voc").mkdir(parents=True)
    (tmp_path / "out" / "photos-voc" / "mine").touch()
    shown._choose_format("voc")
    assert shown.target() == tmp_path / "out" / "photos-voc-2"
    shown._choose_format("csv")
    assert shown.target() == tmp_path / "out" / "photos.csv"
    assert not shown.pictures.isVisible()


def test_the_job_is_what_was_chosen(dialog: Callable[..., ExportDialog], program: Program, tmp_path: Path) -> None:
    shown = dialog()
    shown._what[1].setChecked(True)
    shown.least.setValue(60)
    shown.empty.setChecked(False)
    shown.pictures.setCurrentIndex(1)
    shown.val.setValue(20)
    shown.seed.setValue(7)
    assert shown._export.text() == "Export 3 pictures"
    shown._export.click()
    job = shown.job
    assert (job.target, job.format, job.model) == (str(tmp_path / "out/photos-yolo"), "yolo", "yolov3-tiny")
    assert (job.least, job.empty, job.pictures) == (0.6, False, "hardlink")
    assert (job.val_share, job.seed, job.total, job.add, job.names) == (0.2, 7, 3, False, COCO)
    assert len(list(shown.items())) == 3
    values = program.window.preferences.values
    assert (values.export_val_percent, values.export_seed, values.export_pictures) == (20, 7, "hardlink")
    again = dialog()
    assert (again.val.value(), again.seed.value(), again.empty.isChecked()) == (20, 7, False)


def test_formats_are_those_that_hold_what_the_model_says(dialog: Callable[..., ExportDialog]) -> None:
    shown = dialog(offer(DETECTOR, CLASSIFIER))

    def keys() -> list[str]:
        return [shown.format.itemData(place) for place in range(shown.format.count())]

    assert keys() == ["yolo", "coco", "voc", "labelme", "imagefolder", "jsonl", "csv"]
    shown._choose_format("imagefolder")
    assert "cut out" in shown._opens.text()
    assert not shown.pictures.isVisible()
    shown._choose_format("labelme")
    shown.model.setCurrentIndex(1)
    assert keys() == ["labelme", "imagefolder", "jsonl", "csv"]
    assert not shown.empty.isVisible()
    assert shown.job.task == "classify"
    assert shown.target().name == "photos-labelme"


def test_one_model_is_not_asked_for(dialog: Callable[..., ExportDialog]) -> None:
    assert not dialog().model.isVisible()


def test_every_nth_frame_of_a_video(dialog: Callable[..., ExportDialog]) -> None:
    shown = dialog(offer(frames=True))
    shown.every.setValue(15)
    assert shown._export.text() == "Export 3 pictures"
    assert [item.records[0]["n"] for item in shown.items()] == [0, 15, 30]
    assert shown.job.total == 3
    assert not dialog().every.isVisible()


def test_a_data_set_that_is_there_is_added_to(dialog: Callable[..., ExportDialog], tmp_path: Path) -> None:
    target = tmp_path / "set"
    picture = samples.picture(tmp_path / "in/a.jpg")
    samples.write(target, "yolo", [samples.item(picture)], names=COCO, model="m")
    shown = dialog()
    shown.folder.setText(str(target))
    shown._folder_typed()
    assert shown._export.text() == "Add 40 pictures"
    assert shown.job.add
    assert not shown.val.isEnabled()
    shown._choose_format("coco")
    assert not shown._export.isEnabled()
    assert "YOLO" in shown._hint.text()


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda path: path.mkdir(), "new"),
        (lambda path: (path.mkdir(), (path / "mine").touch()), "no"),
        (lambda path: path.touch(), "no"),
        (lambda path: None, "new"),
    ],
)
def test_what_lies_at_the_target(make: Callable[[Path], object], kind: str, tmp_path: Path) -> None:
    target = tmp_path / "x"
    make(target)
    assert look_at(target, samples.job(target, "yolo")).kind == kind


def test_a_file_that_exists_is_replaced_knowingly(dialog: Callable[..., ExportDialog], tmp_path: Path) -> None:
    shown = dialog()
    shown._choose_format("jsonl")
    (tmp_path / "old.jsonl").write_text("old")
    shown.folder.setText(str(tmp_path / "old.jsonl"))
    shown._folder_typed()
    assert shown._export.text() == "Replace the file"
    shown.folder.setText("old.jsonl")
    shown._folder_typed()
    assert not shown._export.isEnabled()
    shown.folder.setText("")
    shown._folder_typed()
    assert not shown._export.isEnabled()


def test_it_speaks_french_and_fits(dialog: Callable[..., ExportDialog]) -> None:
    shown = dialog()
    texts.change_language("fr")
    assert shown.windowTitle() == "Exporter les résultats"
    assert shown._export.text() == "Exporter 40 images"
    for button in (shown._export, shown._cancel):
        assert button.width() >= button.minimumSizeHint().width()
    for field in (shown.format, shown.least, shown.pictures, shown.val, shown.seed, shown.folder, shown._browse):
        assert field.accessibleName()


# --- while it runs ----------------------------------------------------------------------------------------------------


@pytest.fixture
def made() -> list[FakeExport]:
    return []


@pytest.fixture
def state(program: Program, made: list[FakeExport]) -> ExportState:
    def make() -> FakeExport:
        made.append(FakeExport())
        return made[-1]

    state = ExportState(program.window.notifier, make, program.window)
    state._timer.setInterval(10**6)  # the test says when
    return state


def job(tmp_path: Path, **fields: object) -> ExportJob:
    return samples.job(tmp_path / "photos-yolo", "yolo", total=70, **fields)


def test_items_are_fed_bit_by_bit_as_there_is_room(state: ExportState, made: list[FakeExport], tmp_path: Path) -> None:
    state.start(job(tmp_path), lambda: items(70))
    made[0].room = False
    state.tick()
    assert made[0].items == []
    made[0].room = True
    while not made[0].finished:
        state.tick()
    assert [item.records[0]["n"] for item in made[0].items] == list(range(70))


def test_progress_done_and_the_next(
    state: ExportState, made: list[FakeExport], program: Program, tmp_path: Path
) -> None:
    state.start(job(tmp_path), lambda: items(70))
    state.start(job(tmp_path, add=True), lambda: items(1))
    assert len(made) == 1
    state._began -= 10
    made[0].events = [wire.Progress(20)]
    state.tick()
    toast = program.window.toasts.find("export")
    assert toast is not None
    assert toast.title == "Exporting to photos-yolo"
    done, rate, left = toast.detail.split(" · ")
    assert done == "20 of 70 pictures"
    assert rate.endswith("a second")
    assert left.endswith("left")
    assert toast.bar is not None
    assert toast.bar.fraction == pytest.approx(20 / 70)
    made[0].events = [wire.Done(ExportReport("x", 70, 90, all_pictures=70))]
    state.tick()
    assert program.toast_titles() == ["Results exported"]
    assert len(made) == 2
    made[1].events = [wire.Done(ExportReport("x", 1, 2, all_pictures=71))]
    state.tick()
    assert program.toast_titles() == ["Added to photos-yolo"]
    assert state.running is None


def test_cancel_from_the_toast(state: ExportState, made: list[FakeExport], program: Program, tmp_path: Path) -> None:
    state.start(job(tmp_path), lambda: items(10**9))
    state._began -= 10
    made[0].events = [wire.Progress(1)]
    state.tick()
    toast = program.window.toasts.find("export")
    assert toast is not None
    toast._close.click()
    assert made[0].cancelled
    before = len(made[0].items)
    state.tick()
    assert len(made[0].items) == before
    made[0].events = [wire.Cancelled()]
    state.tick()
    assert program.toast_titles() == ["Export cancelled"]


def test_failures_are_told(state: ExportState, made: list[FakeExport], program: Program, tmp_path: Path) -> None:
    state.start(job(tmp_path), lambda: items(1))
    made[0].events = [wire.Failed("The disk is full.", "Free some space.")]
    state.tick()
    assert program.toast_titles() == ["The disk is full."]
    state.start(job(tmp_path), lambda: items(1))
    made[1].events = [wire.Done(ExportReport("x", 1, 1, failed=[("a.jpg", "is damaged"), ("b", "c"), ("d", "e")]))]
    state.tick()
    told = program.window.toasts.find("export")
    assert told is not None
    assert told.kind == "warning"
    assert "a.jpg: is damaged" in told.detail
    assert "More that failed: 1" in told.detail


@pytest.mark.logs_warnings
def test_a_crash_is_a_bug(state: ExportState, made: list[FakeExport], program: Program, tmp_path: Path) -> None:
    state.start(job(tmp_path), lambda: items(1))
    made[0].events = [wire.Crashed("the export ended with exit status -11")]
    state.tick()
    assert program.toast_titles() == ["Something went wrong inside Regard"]


def test_a_window_that_closes_ends_it(
    state: ExportState, made: list[FakeExport], program: Program, tmp_path: Path
) -> None:
    state.start(job(tmp_path), lambda: items(1))
    program.window.close()
    assert made[0].stopped


def test_the_summary_has_a_line_for_what_is_other_than_asked_for() -> None:
    text = summary(ExportReport("x", 5, 9, known=2, empty=3, copied=5, all_pictures=12), "set")
    assert text.splitlines() == [
        "12 pictures in all",
        "There already: 2",
        "Left out, for nothing was found: 3",
        "Copied, for they cannot be linked there: 5",
    ]
    assert summary(ExportReport("x", 1, 1, all_pictures=1), "set") == "set · 1 picture"


# --- what is on the screen --------------------------------------------------------------------------------------------


@pytest.fixture
def commands(program: Program, made: list[FakeExport]) -> ExportCommands:
    commands = program.window.commands._exports

    def make() -> FakeExport:
        made.append(FakeExport())
        return made[-1]

    commands.state._make_client = make
    commands.state._timer.setInterval(10**6)
    return commands


def shown_dialog(program: Program) -> ExportDialog:
    found = [d for d in program.window.findChildren(ExportDialog) if d.isVisible()]
    assert len(found) == 1
    return found[0]


def send(made: FakeExport, commands: ExportCommands) -> ExportItem:
    while not made.finished:
        commands.state.tick()
    return made.items[0]


def test_without_results_there_is_nothing_to_export(program: Program, commands: ExportCommands) -> None:
    commands.export()
    assert program.toast_titles() == ["Nothing to export yet"]


def show_still(program: Program, path: str = "/photos/a.jpg") -> None:
    program.client.push_loaded()
    program.window.commands.open((path,))
    program.client.push_opened("image", spec=path, title="a.jpg")
    program.client.frame = frame()
    program.client.push_result(result(detections((10, 20, 200, 300, 0.9, 1))))
    program.tick()


def test_a_still_is_exported_from_its_file(program: Program, commands: ExportCommands, made: list[FakeExport]) -> None:
    show_still(program)
    program.window.actions_.by_key["export"].trigger()
    dialog = shown_dialog(program)
    assert dialog._only.text() == "This picture"
    assert not dialog.val.isVisible()
    assert dialog.pictures.isVisible()
    dialog._export.click()
    assert made[0].job is not None
    assert made[0].job.names == COCO
    item = send(made[0], commands)
    assert (item.path, item.frame, item.bgr) == ("/photos/a.jpg", None, None)
    assert item.records[0]["detections"][0]["label"] == "bicycle"


def test_a_turned_still_says_how_it_was_turned(
    program: Program, commands: ExportCommands, made: list[FakeExport]
) -> None:
    program.controller.set_orientation(True, 90)
    show_still(program)
    commands.export()
    shown_dialog(program)._export.click()
    item = send(made[0], commands)
    assert (item.rotation, item.mirror) == (90, True)


def test_a_frame_of_a_video_is_named_by_its_number(
    program: Program, commands: ExportCommands, made: list[FakeExport]
) -> None:
    program.client.push_loaded()
    program.window.commands.open(("/films/f.mkv",))
    program.client.push_opened("video", spec="/films/f.mkv", title="f.mkv", live=False)
    program.client.frame = frame(42)
    program.client.push_result(result(detections((10, 20, 200, 300, 0.9, 1)), 42))
    program.tick()
    commands.export()
    shown_dialog(program)._export.click()
    item = send(made[0], commands)
    assert (item.path, item.frame) == ("/films/f.mkv", 42)


def test_a_live_frame_waits_for_its_own_results(
    program: Program, commands: ExportCommands, made: list[FakeExport]
) -> None:
    """In preview the boxes are those of a frame before."""
    program.show_demo()
    program.client.frame = frame(5)
    program.client.push_result(result(detections((1, 2, 30, 40, 0.9, 1)), 3))
    program.tick()
    commands.export()
    assert not [d for d in program.window.findChildren(ExportDialog) if d.isVisible()]
    program.tick()
    assert program.client.last(m.SetSynced).synced
    program.client.frame = frame(7, value=33)
    program.client.push_result(result(detections((1, 2, 30, 40, 0.8, 2)), 7))
    program.tick()
    dialog = shown_dialog(program)
    program.tick()
    assert not program.client.last(m.SetSynced).synced
    dialog._export.click()
    item = send(made[0], commands)
    assert item.bgr is not None
    assert int(item.bgr[0, 0, 0]) == 33
    assert item.records[0]["detections"][0]["label"] == "car"


def test_frames_are_added_one_by_one_to_the_same_data_set(
    program: Program, commands: ExportCommands, made: list[FakeExport], tmp_path: Path
) -> None:
    """The first time it is asked where to."""
    target = tmp_path / "set"
    program.show_demo()
    program.client.frame = frame(3)
    program.client.push_result(result(detections((1, 2, 30, 40, 0.9, 1)), 3))
    program.tick()
    program.window.actions_.by_key["add_frame"].trigger()
    dialog = shown_dialog(program)
    dialog.folder.setText(str(target))
    dialog._folder_typed()
    dialog._export.click()
    first = made[0].job
    assert first is not None
    item = send(made[0], commands)
    from desktop_app.exporting.export import export

    report = export(first, [item])
    assert report is not None
    made[0].events = [wire.Done(report)]
    commands.state.tick()
    assert program.window.preferences.values.data_set == str(target)
    program.window.actions_.by_key["add_frame"].trigger()
    second = made[1].job
    assert second is not None
    assert (second.target, second.format, second.add) == (str(target), "yolo", True)
    assert export(second, [send(made[1], commands)]) is not None
    rows = [json.loads(line) for line in (target / "results.jsonl").read_text().splitlines()]
    assert [row["file"] for row in rows] == ["images/train/Demo.jpg", "images/train/Demo-2.jpg"]


def test_a_classifier_asks_anew_for_it_does_not_fit(
    program: Program, commands: ExportCommands, made: list[FakeExport], tmp_path: Path
) -> None:
    target = tmp_path / "set"
    samples.write(target, "yolo", [samples.item(samples.picture(tmp_path / "in/a.jpg"))], names=COCO)
    program.window.preferences.change(data_set=str(target))
    program.controller.set_models(("efficientnet-lite0",))
    program.client.push_loaded("efficientnet-lite0", "classify", ("cat", "dog"))
    program.window.commands.open_demo()
    program.client.push_opened("demo")
    program.client.frame = frame(3)
    program.client.push_result(result(classification(3.0, 1.0), 3, "efficientnet-lite0"))
    program.tick()
    commands.add_frame()
    assert made == []
    assert shown_dialog(program).target() != target


def test_keys(program: Program) -> None:
    keys: Callable[[str], set[str]] = lambda key: {  # noqa: E731
        sequence.toString() for sequence in program.window.actions_.by_key[key].shortcuts()
    }
    assert keys("export") == {"Ctrl+E"}
    assert keys("add_frame") == {"D"}


def test_the_key_works_while_text_is_searched(program: Program, commands: ExportCommands, qtbot: QtBot) -> None:
    """A line of text would take it for its own."""
    show_still(program)
    search = program.window.findChild(SearchField)
    assert search is not None
    search.setFocus()
    search.setText("yolo")
    override = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    override.accept()
    search.event(override)
    assert not override.isAccepted()


def test_a_bottomless_offer_does_not_hold_the_window(
    state: ExportState, made: list[FakeExport], tmp_path: Path, qtbot: QtBot
) -> None:
    state.start(job(tmp_path), lambda: items(10**9))
    state.tick()
    assert made[0].items
    assert not made[0].finished
    assert np.isfinite(len(made[0].items))
    state.stop()
    qtbot.waitUntil(partial(getattr, made[0], "stopped"))
