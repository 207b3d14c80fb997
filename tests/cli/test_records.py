from __future__ import annotations

import json
from dataclasses import replace

import numpy as np

from desktop_app.core.records import CSV_COLUMNS, csv_rows, json_line, record
from desktop_app.core.results import Classification, Detections, Result, Timings


def detections() -> Result:
    boxes = Detections(np.array([[48.123, 398.9, 241, 903.2]], np.float32), np.array([0.97], np.float32), np.array([0]))
    return Result(0, 0.0, "yolov3-tiny", boxes, Timings(2.1, 14.0, 0.6), "openvino", "CPU")


def test_a_detection_reads_as_promised() -> None:
    row = record("bus.jpg", 0, None, (810, 1080), detections(), ("person",))
    line = json.loads(json_line(row))
    assert {key: line[key] for key in ("source", "frame", "time_s", "width", "height", "model", "task")} == {
        "source": "bus.jpg",
        "frame": 0,
        "time_s": None,
        "width": 810,
        "height": 1080,
        "model": "yolov3-tiny",
        "task": "detect",
    }
    assert line["engine"] == "openvino"
    assert line["ms"] == {"preprocess": 2.1, "forward": 14.0, "postprocess": 0.6}
    (box,) = line["detections"]
    assert box == {"class_id": 0, "label": "person", "confidence": 0.97, "xyxy": [48.12, 398.9, 241.0, 903.2]}


def test_tracks_are_told_where_things_are_followed() -> None:
    found = detections()
    assert isinstance(found.prediction, Detections)
    followed = replace(found.prediction, track_id=np.array([7]))
    new = replace(found.prediction, track_id=np.array([-1]))
    results = (found, replace(found, prediction=followed), replace(found, prediction=new))
    rows = [record("a.mp4", 0, 0.0, (810, 1080), result, ("person",)) for result in results]
    assert [row["detections"][0].get("track_id", "none") for row in rows] == ["none", 7, None]
    assert [dict(zip(CSV_COLUMNS, csv_rows(row)[0], strict=True))["track_id"] for row in rows] == [None, 7, None]


def test_classes_come_most_probable_first_with_probability_and_logit() -> None:
    logits = np.array([1.0, 9.41, 3.0], np.float32)
    prediction = Classification(logits, np.array([0.1, 0.7, 0.2], np.float32))
    result = Result(3, 0.0, "resnet50", prediction, Timings(1, 1, 1), "torch", "cuda:0", "fp16")
    row = record("a.mp4", 3, 0.1, (4, 3), result, ("a", "minibus", "c"), top=2)
    assert [c["label"] for c in row["classes"]] == ["minibus", "c"]
    assert row["classes"][0] == {"class_id": 1, "label": "minibus", "probability": 0.7, "logit": 9.41}
    assert (row["task"], row["device"], row["time_s"]) == ("classify", "cuda:0", 0.1)


def test_a_name_that_is_no_text_still_makes_a_line_of_json() -> None:
    row = record("b\udcff.jpg", 0, None, (1, 1), detections(), ("person",))
    line = json_line(row)
    assert json.loads(line.encode("utf-8"))["source"] == "b\udcff.jpg"


def test_csv_rows_have_a_value_for_every_column() -> None:
    for row in csv_rows(record("bus.jpg", 0, None, (810, 1080), detections(), ("person",))):
        assert len(row) == len(CSV_COLUMNS)
