from __future__ import annotations

import csv
import io
import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from desktop_app.gui.batch_model import BatchModel, make_entry
from desktop_app.recogniser import messages as m
from tests.gui.conftest import Program
from tests.gui.fake_client import classification, detections, result

NAMES = ("cat", "dog", "=cmd")


def item(index: int, *logits: float, request: int = 1, name: str = "") -> m.BatchItem:
    packed = m.PackedResult.of(result(classification(*logits), index, "efficientnet-lite0"))
    small = np.zeros((15, 24, 3), np.uint8)
    path = f"/photos/{name or f'p{index:05}.jpg'}"
    return m.BatchItem(request, index, path, 640, 480, (packed,), small.tobytes(), (15, 24))


@pytest.fixture
def model(qapp: QApplication) -> BatchModel:
    model = BatchModel()
    model.begin("photos", 4)
    for index, logits in enumerate(((4.0, 0.0, 0.0), (0.0, 2.0, 0.0), (0.0, 3.0, 0.0), (0.1, 0.0, 0.0))):
        model.add(make_entry(item(index, *logits), {"efficientnet-lite0": NAMES}))
    model.end()
    return model


def shown(model: BatchModel) -> list[int]:
    return [model.entries[row].index for row in model.rows]


def test_the_surest_come_first_and_other_orders_can_be_had(model: BatchModel) -> None:
    assert shown(model) == [0, 2, 1, 3]
    model.sort_by("low")
    assert shown(model) == [3, 1, 2, 0]
    model.sort_by("order")
    assert shown(model) == [0, 1, 2, 3]


def test_filter_by_label_by_name_and_by_confidence(model: BatchModel) -> None:
    model.filter("dog", 0.0)
    assert shown(model) == [2, 1]
    model.filter("p00003", 0.0)
    assert shown(model) == [3]
    model.filter("", 0.85)
    assert shown(model) == [0, 2]


def test_json_lines_are_those_of_the_command_line(model: BatchModel) -> None:
    rows = [json.loads(line) for line in model.as_json_lines().splitlines()]
    assert [row["source"] for row in rows][:2] == ["/photos/p00000.jpg", "/photos/p00002.jpg"]
    first = rows[0]
    assert (first["frame"], first["width"], first["task"], first["model"]) == (0, 640, "classify", "efficientnet-lite0")
    assert first["classes"][0]["label"] == "cat"
    assert first["classes"][0]["logit"] == 4.0
    assert sum(c["probability"] for c in first["classes"]) == pytest.approx(1.0, abs=1e-5)


def test_csv_holds_no_formulas(model: BatchModel) -> None:
    rows = list(csv.DictReader(io.StringIO(model.as_csv())))
    assert len(rows) == 4 * 3
    assert {row["label"] for row in rows} == {"cat", "dog", "'=cmd"}


def test_a_detector_counts_by_its_surest_box(qapp: QApplication) -> None:
    packed = m.PackedResult.of(result(detections((0, 0, 9, 9, 0.8, 1), (0, 0, 5, 5, 0.4, 0))))
    entry = make_entry(m.BatchItem(1, 0, "/x.jpg", 10, 10, (packed,), b"", (0, 0)), {"yolov3-tiny": NAMES})
    assert entry.best[0] == "dog"
    assert entry.best[1] == pytest.approx(0.8)
    assert entry.labels() == {"cat", "dog"}


def test_ten_thousand_pictures_are_sorted_and_filtered(qapp: QApplication) -> None:
    model = BatchModel()
    model.begin("many", 10_000)
    for index in range(10_000):
        model.add(make_entry(item(index, float(index % 7), 0.0, 0.0), {"efficientnet-lite0": NAMES}))
    model.end()
    assert model.rowCount() == 10_000
    model.filter("p0999", 0.0)
    assert model.rowCount() == 10


def _open_batch(program: Program, count: int = 3) -> None:
    program.controller.set_models(("efficientnet-lite0",))
    program.client.push_loaded("efficientnet-lite0", "classify", NAMES)
    program.window.commands.open(("/photos",))
    program.client.push_opened("images", spec="/photos", title="photos", live=False, frame_count=count)
    program.tick()


def test_the_batch_takes_the_stage_and_gives_it_back(program: Program, tmp_path: Path) -> None:
    window = program.window
    _open_batch(program)
    request = program.client.last(m.OpenSource).request
    batch_shown = partial(getattr, window.stage, "batch_shown")
    assert batch_shown()
    assert window.docks.docks["input"].isHidden()
    for index in range(3):
        program.client.push(item(index, float(index), 0.0, 0.0, request=request))
    program.client.push(m.SourceState(request, "ended"))
    program.tick()
    assert window.batch.done == 3
    assert window.stage.batch.progress.isHidden()
    assert window.batch_detail is not None
    assert window.batch_detail.isVisible()

    target = tmp_path / "out.jsonl"
    window.stage.batch.export_to(target)
    assert len(target.read_text().splitlines()) == 3

    window.stage.batch.open_wanted.emit("/photos/p00001.jpg")
    program.client.push_opened("image", spec="/photos/p00001.jpg", title="p00001.jpg")
    program.tick()
    assert not batch_shown()
    assert not window.docks.docks["input"].isHidden()
    window.actions_.by_key["batch"].trigger()
    assert batch_shown()
    assert window.batch.done == 3


def test_a_file_that_fails_is_counted_not_shouted(program: Program) -> None:
    _open_batch(program)
    request = program.client.last(m.OpenSource).request
    program.client.push(m.SourceTrouble(request, "broken.jpg is damaged.", "", "/photos/broken.jpg"))
    program.tick()
    assert program.window.batch.failures == {"/photos/broken.jpg": "broken.jpg is damaged."}
    assert program.toast_titles() == []


def test_cancel_keeps_what_is_done(program: Program) -> None:
    _open_batch(program, 100)
    program.client.push(item(0, 1.0, 0.0, 0.0, request=program.client.last(m.OpenSource).request))
    program.tick()
    program.window.stage.batch.cancel.click()
    assert program.client.sent(m.CloseSource)
    assert program.window.batch.finished
    assert program.window.batch.done == 1
    assert program.window.stage.batch_shown


def test_a_batch_that_was_left_goes_on_where_it_was(program: Program) -> None:
    """To a picture of the batch and back: nothing is lost, nothing is done twice."""
    _open_batch(program, 3)
    request = program.client.last(m.OpenSource).request
    program.client.push(item(0, 1.0, 0.0, 0.0, request=request))
    program.client.push(m.SourceTrouble(request, "broken.jpg is damaged.", "", "/photos/broken.jpg"))
    program.tick()
    program.window.stage.batch.open_wanted.emit("/photos/p00000.jpg")
    program.client.push_opened("image", spec="/photos/p00000.jpg", title="p00000.jpg")
    program.tick()
    program.window.actions_.by_key["batch"].trigger()
    again = program.client.last(m.OpenSource)
    assert (again.specs, again.seek_to) == (("/photos",), 2)
    program.client.push_opened("images", spec="/photos", title="photos", live=False, frame_count=3)
    program.tick()
    assert program.window.batch.done == 2
    program.client.push(item(2, 2.0, 0.0, 0.0, request=again.request))
    program.tick()
    assert [entry.index for entry in program.window.batch.entries] == [0, 2]


def test_a_picture_that_comes_twice_is_kept_once(model: BatchModel) -> None:
    model.add(make_entry(item(1, 0.0, 0.0, 9.0), {"efficientnet-lite0": NAMES}))
    assert model.done == 4
    assert model.entries[1].best[0] == "=cmd"
