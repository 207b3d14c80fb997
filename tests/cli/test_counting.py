"""`regard run --count-line … --zone …` on a film with a photographed person who walks through it."""

from __future__ import annotations

import csv
import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from desktop_app.cli.counting import _line, _zone
from tests.cli.test_run import regard, rows

SIZE = (640, 360)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory, bus: Path) -> Path:
    """2 s in which a person of the photograph walks from left to right, their feet at 92 % of the height."""
    import av
    import cv2

    photograph = np.asarray(cv2.imread(str(bus)), np.uint8)
    person = cv2.resize(photograph[395:905, 45:245], (110, 280), interpolation=cv2.INTER_AREA)
    street = cv2.GaussianBlur(cv2.resize(photograph[:456], SIZE), (0, 0), 12)
    path = tmp_path_factory.mktemp("films") / "walk.mkv"
    container = av.open(str(path), "w")
    track = container.add_stream("mpeg4", rate=Fraction(30))
    track.width, track.height, track.pix_fmt = *SIZE, "yuv420p"
    track.codec_context.bit_rate = 4_000_000
    for index in range(60):
        picture = street.copy()
        left = round(40 + 440 * index / 59)
        picture[50:330, left : left + 110] = person
        for packet in track.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="bgr24")):
            container.mux(packet)
    for packet in track.encode():
        container.mux(packet)
    container.close()
    return path


@pytest.mark.usefixtures("starter_models")
def test_a_walker_crosses_a_line_once_and_stays_in_a_zone(film: Path, tmp_path: Path) -> None:
    events, summary = tmp_path / "events.csv", tmp_path / "summary.csv"
    done = regard(
        *("run", film, "--classes", "person", "--conf", "0.5", "--format", "jsonl"),
        *("--count-line", "Middle=0.5,1,0.5,0", "--zone", "Right=384,0,640,0,640,360,384,360"),
        *("--count-csv", events, "--count-summary", summary, "--save", tmp_path / "saved"),
    )
    assert done.returncode == 0, done.stderr
    lines = rows(done)
    assert len(lines) == 60
    tracks = {d["track_id"] for line in lines for d in line["detections"]}
    assert len(tracks - {None}) >= 1
    assert "Middle: in 1 · out 0" in done.stderr
    with events.open(encoding="utf-8", newline="") as file:
        crossed = [row for row in csv.DictReader(file) if row["shape"] == "Middle"]
    assert [(row["direction"], row["label"], row["time"]) for row in crossed] == [("in", "person", "")]
    # The middle of the person is over that of the picture at frame 30.
    assert abs(int(crossed[0]["frame"]) - 30) <= 6
    assert float(crossed[0]["media_time_s"]) == pytest.approx(int(crossed[0]["frame"]) / 30, abs=0.05)
    with summary.open(encoding="utf-8", newline="") as file:
        totals = {(row["shape"], row["label"]): row for row in csv.DictReader(file)}
    assert totals["Middle", ""]["in"] == totals["Middle", "person"]["in"] == "1"
    assert totals["Right", ""]["entered"] == "1"
    assert (tmp_path / "saved" / "walk.mkv").is_file()


@pytest.mark.usefixtures("starter_models")
def test_people_read_the_counts_and_the_numbers(film: Path) -> None:
    done = regard("run", film, "--classes", "person", "--conf", "0.5", "--zone", "0,0,1,0,1,1,0,1", "--every", "3")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "#1" in done.stdout
    assert done.stdout.splitlines()[-1].startswith(f"{film}: zone 1: inside ")


@pytest.mark.usefixtures("starter_models")
def test_pictures_have_no_tracks(bus: Path) -> None:
    done = regard("run", bus, "--track", "bytetrack", "--format", "jsonl", "--count-line", "0,0,1,1")
    assert done.returncode == 0, done.stderr
    assert all("track_id" not in found for line in done.stdout.splitlines() for found in json.loads(line)["detections"])


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--count-line", "1,2,3"),
        ("--count-line", "a,b,c,d"),
        ("--count-line", "1,2,1,2"),
        ("--count-line", "0,0,1,1,2,2"),
        ("--zone", "0,0,1,1"),
        ("--zone", "0,0,1,0,-1,1"),
        ("--track", "sort"),
    ],
)
def test_wrong_shapes_are_wrong_usage(option: str, value: str) -> None:
    done = regard("run", "a.mp4", f"{option}={value}")
    assert done.returncode == 2
    assert option in done.stderr


def test_names_pixels_and_shares() -> None:
    door = _line("Front = door=10,20,30,40").shape(1, (100, 200))
    assert (door.name, door.points) == ("Front = door", ((0.1, 0.1), (0.3, 0.2)))
    assert _line("0,0.5,1,0.5").shape(3, (100, 200)).points == ((0.0, 0.5), (1.0, 0.5))
    assert _zone("0,0,1,0,1,1").shape(2, (100, 200)).name == "zone 2"
