"""What an analysis keeps: all of it, through crashes, and found again by class."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from desktop_app.core.analysis import CLASSES_KEPT, Analysis, AnalysisWriter, Head, Way, analysis_path
from desktop_app.core.results import Classification, Detections, Result, Timings

HEAD = Head(
    "clip.mp4", "yolo", "detect", ("person", "dog", "cat"), 640, 480, 30.0, 900, "openvino", "CPU", "fp32", (416, 416)
)


def _boxes(*rows: tuple[int, float]) -> Detections:
    n = len(rows)
    return Detections(
        np.arange(4 * n, dtype=np.float32).reshape(n, 4),
        np.array([confidence for _, confidence in rows], np.float32),
        np.array([class_id for class_id, _ in rows], np.int64),
    )


def _result(number: int, prediction: Detections | Classification) -> Result:
    return Result(number, 1.0, "yolo", prediction, Timings(1.0, 2.0, 3.0), "openvino", "CPU", "fp32", (416, 416))


def _write(path: Path, *numbers: int, head: Head = HEAD) -> None:
    """A person always; a dog at 0.3 in frames 10 to 19, at 0.6 in 15 and in 100."""
    writer = AnalysisWriter(path, head)
    for number in numbers:
        rows = [(0, 0.9), (2, 0.01)]
        if 10 <= number < 20 or number == 100:
            rows.insert(1, (1, 0.6 if number in (15, 100) else 0.3))
        writer.add(number, number / 30, _result(number, _boxes(*rows)))
    writer.close()


def test_results_come_back_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "a" / "x.regard"
    _write(path, *range(130))
    analysis = Analysis(path)
    assert analysis.head == HEAD
    found = list(analysis.frames())
    assert [(number, seconds) for number, seconds, _ in found] == [(n, n / 30) for n in range(130)]
    result = found[15][2][0]
    assert isinstance(result.prediction, Detections)
    assert result.prediction.class_id.tolist() == [0, 1]  # what is below the least confidence is not kept
    assert result.prediction.confidence.tolist() == pytest.approx([0.9, 0.6])
    assert result.prediction.xyxy.tolist() == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert (result.model_key, result.timings, result.engine) == ("yolo", Timings(1.0, 2.0, 3.0), "openvino")
    assert [number for number, _, _ in analysis.frames(5, 7)] == [5, 6, 7]


def test_what_is_missing_and_going_on_later(tmp_path: Path) -> None:
    path = tmp_path / "x.regard"
    _write(path, *range(50, 60))
    assert Analysis(path).missing(0, 99) == [(0, 49), (60, 99)]
    _write(path, *range(20), *range(55, 65))
    analysis = Analysis(path)
    assert analysis.missing(0, 99) == [(20, 49), (65, 99)]
    assert analysis.missing(52, 58) == []
    assert analysis.done.tolist() == [*range(20), *range(50, 65)]
    assert [number for number, _, _ in analysis.frames()] == [*range(20), *range(50, 65)]
    assert len(analysis.find([1], 0.25)) == 1


def test_a_file_cut_short_anywhere_keeps_what_came_before(tmp_path: Path) -> None:
    path = tmp_path / "x.regard"
    _write(path, *range(200))
    whole = path.read_bytes()
    lengths = set()
    for cut in range(len(HEAD.line()), len(whole), 311):
        path.write_bytes(whole[:cut])
        done = Analysis(path).done.tolist()
        assert done == list(range(len(done)))
        lengths.add(len(done))
        _write(path, *range(len(done), 200))
        assert Analysis(path).done.tolist() == list(range(200))
    assert lengths == {0, 64, 128, 192}
    path.write_bytes(whole[:-3] + b"xyz")
    assert len(Analysis(path).done) == 192
    path.write_bytes(b"something else\n")
    with pytest.raises(ValueError, match="Expecting value"):
        Analysis(path)
    _write(path, 1)
    assert Analysis(path).done.tolist() == [1]


def test_a_reader_follows_a_writer(tmp_path: Path) -> None:
    path = tmp_path / "x.regard"
    writer = AnalysisWriter(path, HEAD)
    analysis = Analysis(path)
    assert len(analysis.done) == 0
    assert not analysis.refresh()
    writer.add(0, 0.0, _result(0, _boxes((1, 0.5))))
    assert not analysis.refresh()
    writer.flush()
    assert analysis.refresh()
    assert analysis.done.tolist() == [0]
    writer.close()


def test_where_is_a_dog(tmp_path: Path) -> None:
    path = tmp_path / "x.regard"
    _write(path, *range(200))
    analysis = Analysis(path)
    one, two = analysis.find([1], 0.25)
    assert (one.first, one.last, one.best) == (10, 19, 15)
    assert one.start == pytest.approx(1 / 3)
    assert (two.first, two.last) == (100, 100)
    assert two.confidence == pytest.approx(0.6)
    assert [hit.first for hit in analysis.find([1], 0.5)] == [15, 100]
    assert len(analysis.find([1], 0.25, gap=3.0)) == 1  # a break that short is passed over
    assert [(hit.first, hit.last) for hit in analysis.find([0, 1], 0.25)] == [(0, 199)]
    assert analysis.find([2], 0.05) == []
    assert analysis.classes(0.25) == [(0, 200), (1, 11)]
    assert analysis.classes(0.5) == [(0, 200), (1, 2)]


def test_a_classifier_is_searched_by_its_surest_classes(tmp_path: Path) -> None:
    path = tmp_path / "x.regard"
    head = replace(HEAD, task="classify", names=tuple(f"class {n}" for n in range(100)))
    writer = AnalysisWriter(path, head)
    for number in range(30):
        logits = np.zeros(100, np.float32)
        logits[[7, 8, 9]] = 5, 4, 3
        if number == 12:
            logits[42] = 4.5
        probabilities = (np.exp(logits) / np.exp(logits).sum()).astype(np.float32)
        writer.add(number, number / 30, _result(number, Classification(logits, probabilities)))
    writer.close()
    analysis = Analysis(path)
    (hit,) = analysis.find([42], 0.1, top=2)
    assert (hit.first, hit.last) == (12, 12)
    assert analysis.find([42], 0.1, top=1) == []
    assert analysis.find([42], 0.9, top=5) == []
    assert analysis.classes(0.05, top=3) == [(7, 30), (8, 30), (9, 29), (42, 1)]
    prediction = list(analysis.frames())[12][2][0].prediction
    assert isinstance(prediction, Classification)
    assert prediction.top(3) == [7, 42, 8]
    assert np.isfinite(prediction.logits).sum() == CLASSES_KEPT


def test_each_way_of_analysing_has_a_file_of_its_own(tmp_path: Path) -> None:
    video = tmp_path / "a.mp4"
    video.write_bytes(b"video" * 1000)
    copy = tmp_path / "b.mp4"
    copy.write_bytes(video.read_bytes())
    ways = [Way("yolo"), Way("yolo", iou=0.3), Way("yolo", rotation=90), Way("yolo", precision="int8"), Way("../x y")]
    paths = [analysis_path(str(video), way) for way in ways]
    assert len(set(paths)) == len(ways)
    assert len({path.parent for path in paths}) == 1
    assert [analysis_path(str(copy), way) for way in ways] == paths
