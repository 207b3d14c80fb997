"""Results as one file: JSON Lines and CSV."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from desktop_app.core.records import CSV_COLUMNS
from desktop_app.errors import AppError
from desktop_app.exporting.item import ExportItem
from desktop_app.exporting.table import Table
from tests.exporting import samples


def item(name: str, *rows: samples.Row) -> ExportItem:
    return ExportItem((samples.record_of(samples.detections(*rows), f"/photos/{name}"),), f"/photos/{name}")


ITEMS = (item("a.jpg", (1, 2, 3, 4, 0.9, 0), (1, 2, 3, 4, 0.3, 3)), item("b.jpg"))


def test_json_lines_are_the_records(tmp_path: Path) -> None:
    report = samples.write(tmp_path / "r.jsonl", "jsonl", ITEMS)
    rows = [json.loads(line) for line in (tmp_path / "r.jsonl").read_text(encoding="utf-8").splitlines()]
    assert rows == [record for each in ITEMS for record in each.records]
    assert (report.pictures, report.labels) == (2, 2)


def test_the_least_confidence(tmp_path: Path) -> None:
    report = samples.write(tmp_path / "r.jsonl", "jsonl", ITEMS, least=0.5, empty=False)
    (row,) = [json.loads(line) for line in (tmp_path / "r.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [found["label"] for found in row["detections"]] == ["person"]
    assert report.empty == 1


def test_csv_holds_no_formulas(tmp_path: Path) -> None:
    samples.write(tmp_path / "r.csv", "csv", ITEMS)
    with (tmp_path / "r.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == CSV_COLUMNS
    assert [row["label"] for row in rows] == ["person", "'=cmd"]


def test_all_models_are_in_it(tmp_path: Path) -> None:
    both = replace(ITEMS[0], records=(*ITEMS[0].records, samples.record_of(samples.classification(0.7, 0.1, 0.1, 0.1))))
    samples.write(tmp_path / "r.jsonl", "jsonl", [both])
    rows = [json.loads(line) for line in (tmp_path / "r.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["task"] for row in rows] == ["detect", "classify"]


def test_a_name_that_is_not_unicode(tmp_path: Path) -> None:
    record = samples.record_of(samples.detections((1, 2, 3, 4, 0.9, 0)), "/photos/\udcff.jpg")
    for key in ("csv", "jsonl"):
        samples.write(tmp_path / f"r.{key}", key, [ExportItem((record,), "/photos/\udcff.jpg")])
        assert "udcff" in (tmp_path / f"r.{key}").read_text(encoding="utf-8")


def test_the_file_that_was_there_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "r.csv"
    target.write_text("old")
    made = Table(samples.job(target, "csv"))
    made.add(ITEMS[0])
    assert target.read_text() == "old"
    made.discard()
    assert target.read_text() == "old"
    assert samples.names_in(tmp_path) == {"r.csv"}


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(AppError, match="could not be written"):
        Table(samples.job(tmp_path / "file" / "r.csv", "csv"))
