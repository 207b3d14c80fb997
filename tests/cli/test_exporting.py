"""`regard run --export` as a user types it, with the real starter models."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from desktop_app.exporting.formats import DATA_SETS
from tests.cli.test_run import labels, regard, rows
from tests.exporting.samples import names_in
from tests.sources.corpus import write_video

pytestmark = pytest.mark.usefixtures("starter_models")


def test_yolo_of_the_photographs(bus: Path, tmp_path: Path) -> None:
    """What is printed and what is written are the same boxes."""
    command = ("run", bus.parent, "--format", "jsonl", "--export", "yolo", "--export-dir", tmp_path / "out")
    done = regard(*command)
    assert done.returncode == 0, done.stderr
    assert "pictures: 2, labels:" in done.stderr
    root = tmp_path / "out"
    assert names_in(root / "images") == {"train/bus.jpg", "train/zidane.jpg"}
    for row in rows(done):
        name = Path(row["source"]).stem
        written = [line.split() for line in (root / f"labels/train/{name}.txt").read_text().splitlines()]
        assert [int(line[0]) for line in written] == [found["class_id"] for found in row["detections"]]
        for line, found in zip(written, row["detections"], strict=True):
            x1, y1, x2, y2 = found["xyxy"]
            x1, x2 = max(x1, 0), min(x2, row["width"])
            assert float(line[1]) * row["width"] == pytest.approx((x1 + x2) / 2, abs=0.01)
            assert float(line[4]) * row["height"] == pytest.approx(min(y2, row["height"]) - max(y1, 0), abs=0.01)
    again = regard(*command)
    assert again.returncode == 0, again.stderr
    assert "there already: 2" in again.stderr
    assert names_in(root / "images") == {"train/bus.jpg", "train/zidane.jpg"}


def test_frames_of_a_video(tmp_path: Path) -> None:
    video = write_video(tmp_path / "film.mkv", "mpeg4", 31)
    done = regard("run", video, "--every", "10", "--export", "coco", "--export-dir", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    data = json.loads((tmp_path / "out/annotations/instances_train.json").read_text())
    assert [image["file_name"] for image in data["images"]] == [f"film-{n:06}.jpg" for n in (0, 10, 20, 30)]
    assert {(image["width"], image["height"]) for image in data["images"]} == {(320, 240)}


def test_classes_become_folders(bus: Path, tmp_path: Path) -> None:
    done = regard(
        *("run", bus, "--model", "efficientnet-lite0", "--format", "jsonl"),
        *("--export", "imagefolder", "--export-dir", tmp_path / "out", "--export-pictures", "hardlink"),
    )
    assert done.returncode == 0, done.stderr
    first = labels(rows(done)[0])[0]
    assert (tmp_path / "out" / first / "bus.jpg").is_file()


def test_two_models_make_two_data_sets(bus: Path, tmp_path: Path) -> None:
    done = regard(
        *("run", bus, "--model", "efficientnet-lite0,yolov3-tiny"),
        *("--export", "labelme", "--export-dir", tmp_path / "out"),
    )
    assert done.returncode == 0, done.stderr
    boxes = json.loads((tmp_path / "out/yolov3-tiny/bus.json").read_text())
    assert {shape["label"] for shape in boxes["shapes"]} >= {"person", "bus"}
    flags = json.loads((tmp_path / "out/efficientnet-lite0/bus.json").read_text())
    assert list(flags["flags"].values()) == [True]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--export", "yolo"), "--export-dir"),
        (("--model", "efficientnet-lite0", "--export", "yolo", "--export-dir", "out"), "do not fit"),
        (("--export", "tfrecord", "--export-dir", "out"), "imagefolder"),
        (("--export", "yolo", "--export-dir", "out", "--export-val", "100"), "percentage below 100"),
    ],
)
def test_wrong_usage(bus: Path, tmp_path: Path, options: tuple[str, ...], says: str) -> None:
    done = regard("run", bus, *options, cwd=tmp_path)
    assert done.returncode == 2
    assert says in done.stderr
    assert not list(tmp_path.glob("*out*"))


def test_a_folder_with_something_else_is_left_alone(bus: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    done = regard("run", bus, "--export", "coco", "--export-dir", tmp_path)
    assert done.returncode == 1
    assert "holds no data set" in done.stderr
    assert done.stdout == ""
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} == {"mine.txt"}


def test_a_source_that_gives_nothing_makes_no_data_set(tmp_path: Path) -> None:
    done = regard("run", tmp_path / "none.jpg", "--export", "coco", "--export-dir", tmp_path / "out")
    assert done.returncode == 1
    assert not list(tmp_path.glob("*out*"))


def test_interrupted_what_was_done_is_whole(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "desktop_app", "run", "demo:", "--format", "jsonl"]
    root = str(Path(__file__).resolve().parents[2])
    target = tmp_path / "out"
    with subprocess.Popen(
        [*command, "--export", "coco", "--export-dir", str(target)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": root},
    ) as running:
        assert running.stdout is not None
        for _ in range(3):
            assert running.stdout.readline()
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=60)
    assert running.returncode == 130
    data = json.loads((target / "annotations/instances_train.json").read_text())
    pictures = {path.name for path in (target / "images/train").iterdir()}
    assert {image["file_name"] for image in data["images"]} == pictures
    assert len(pictures) >= 3


def test_every_data_set_can_be_asked_for() -> None:
    done = regard("run", "--help")
    assert all(key in done.stdout for key in DATA_SETS)
