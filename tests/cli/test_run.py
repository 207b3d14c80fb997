"""The command as a user types it, with the real starter models."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.recording.media import frame_times, make_film, sound_packets

pytestmark = pytest.mark.usefixtures("starter_models")


def regard(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).resolve().parents[2]
    return subprocess.run(
        [sys.executable, "-m", "desktop_app", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(root)},
        check=False,
    )


def rows(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def labels(row: dict[str, Any]) -> list[str]:
    return [found["label"] for found in row.get("detections", row.get("classes", ()))]


def test_the_photographs_show_a_bus_and_persons(bus: Path, zidane: Path) -> None:
    done = regard("run", "bus.jpg", "zidane.jpg", "--model", "yolov3-tiny", "--format", "jsonl", cwd=bus.parent)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    first, second = rows(done)
    assert (first["source"], second["source"]) == ("bus.jpg", "zidane.jpg")
    assert labels(first).count("person") >= 4
    assert "bus" in labels(first)
    assert labels(second).count("person") >= 2
    assert (first["width"], first["height"], first["frame"], first["time_s"]) == (810, 1080, 0, None)


def test_two_models_answer_for_each_frame_in_the_order_asked(bus: Path) -> None:
    done = regard("run", bus, "--model", "efficientnet-lite0,yolov3-tiny", "--format", "jsonl", "--top", "3")
    assert [row["model"] for row in rows(done)] == ["efficientnet-lite0", "yolov3-tiny"]
    classified = rows(done)[0]
    assert labels(classified)[0] == "minibus"
    assert len(classified["classes"]) == 3
    assert 0.5 < classified["classes"][0]["probability"] < 0.7


def test_a_folder_is_run_in_order_and_a_damaged_picture_costs_only_itself(tmp_path: Path, bus: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for name in ("1.jpg", "10.jpg", "2.jpg"):
        (folder / name).write_bytes(bus.read_bytes())
    (folder / "3.jpg").write_bytes(b"not a picture")
    done = regard("run", folder, "--model", "efficientnet-lite0", "--format", "jsonl")
    assert done.returncode == 1
    assert [Path(row["source"]).name for row in rows(done)] == ["1.jpg", "2.jpg", "10.jpg"]
    assert {row["frame"] for row in rows(done)} == {0}
    assert "3.jpg" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_source_is_named_and_the_others_are_done(bus: Path) -> None:
    done = regard("run", "absent.jpg", bus, "--format", "jsonl")
    assert done.returncode == 1
    assert len(rows(done)) == 1
    assert "absent.jpg" in done.stderr


def test_the_demo_ends_after_the_frames_asked_for_and_is_saved(tmp_path: Path) -> None:
    done = regard("run", "demo:?frames=12", "--format", "jsonl", "--save", tmp_path / "out", "--every", "3")
    assert done.returncode == 0, done.stderr
    assert [row["frame"] for row in rows(done)] == [0, 3, 6, 9]
    (video,) = (tmp_path / "out").iterdir()
    import av

    with av.open(str(video)) as container:
        times = [float(frame.time) for frame in container.decode(video=0) if frame.time is not None]
    assert times == pytest.approx([row["time_s"] for row in rows(done)], abs=0.002)


def test_a_saved_film_keeps_its_sound_and_times_and_has_its_results_beside_it(tmp_path: Path) -> None:
    times = [0, 40, 80, 500, 510, 900]
    film = make_film(tmp_path / "film.mp4", times, size=(320, 240))
    done = regard("run", film, "--save", tmp_path / "out", "--sidecar", "--subtitles", "--format", "jsonl")
    assert done.returncode == 0, done.stderr
    saved = tmp_path / "out" / "film.mkv"
    assert frame_times(saved) == times
    assert sound_packets(saved) == sound_packets(film)
    beside = [json.loads(line) for line in saved.with_suffix(".jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row.pop("recording_s") for row in beside] == [at / 1000 for at in times]
    assert beside == rows(done)
    assert saved.with_suffix(".vtt").read_text(encoding="utf-8").startswith("WEBVTT")


def test_saved_pictures_have_the_size_of_the_frame_and_boxes_in_them(tmp_path: Path, bus: Path) -> None:
    done = regard("run", bus, bus, "--model", "yolov3-tiny", "--save", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    from PIL import Image

    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["bus-2.jpg", "bus.jpg"]
    with Image.open(tmp_path / "out" / "bus.jpg") as drawn, Image.open(bus) as plain:
        assert drawn.size == plain.size
        difference = sum(a != b for a, b in zip(drawn.tobytes()[::997], plain.tobytes()[::997], strict=True))
        assert difference > 50


def test_csv_has_one_line_a_box(bus: Path) -> None:
    done = regard("run", bus, "--format", "csv")
    table = list(csv.DictReader(io.StringIO(done.stdout)))
    assert {row["label"] for row in table} == {"person", "bus"}
    assert all(float(row["x2"]) > float(row["x1"]) for row in table)


def test_only_the_classes_asked_for(bus: Path) -> None:
    (row,) = rows(regard("run", bus, "--classes", "bus", "--format", "jsonl"))
    assert set(labels(row)) == {"bus"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("run", "x.jpg", "--model", "yolov3-tini"), "yolov3-tiny"),
        (("run", "x.jpg", "--classes", "persn"), "person"),
        (("run", "x.jpg", "--conf", "7"), "number between 0 and 1"),
        (("run",), "SOURCE"),
        (("run", "x.jpg", "--sidecar"), "--save"),
        (("models", "show", "resnet5"), "resnet50"),
    ],
)
def test_wrong_usage_is_status_2_and_says_what_would_be_right(arguments: tuple[str, ...], says: str) -> None:
    done = regard(*arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_an_interrupted_run_is_status_130_and_what_was_done_is_complete(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "desktop_app", "run", "demo:", "--format", "jsonl", "--save", str(tmp_path / "o")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(5):
            assert json.loads(process.stdout.readline())["model"] == "yolov3-tiny"
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        assert process.wait(20) == 130
    for line in rest.splitlines():
        json.loads(line)
    import av

    (video,) = (tmp_path / "o").iterdir()
    with av.open(str(video)) as container:
        assert sum(1 for _ in container.decode(video=0)) >= 5


def test_a_reader_that_goes_away_ends_the_run_quietly() -> None:
    command = [sys.executable, "-m", "desktop_app", "run", "demo:", "--format", "jsonl"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(30) in (1, 141)
        assert process.stderr.read() == ""


def test_starter_models_never_import_torch(bus: Path) -> None:
    script = (
        "import sys; from desktop_app.__main__ import main\n"
        f"status = main(['run', {str(bus)!r}, '--model', 'yolov3-tiny,efficientnet-lite0'])\n"
        "heavy = {'torch', 'torchvision', 'timm', 'ultralytics', 'PySide6'} & set(sys.modules)\n"
        "sys.exit(f'imported: {heavy}' if heavy or status else 0)\n"
    )
    regard("run", bus, "--model", "yolov3-tiny,efficientnet-lite0")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_json_is_utf8_whatever_the_locale_says(tmp_path: Path, bus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "café ×.jpg").write_bytes(bus.read_bytes())
    monkeypatch.setenv("PYTHONIOENCODING", "latin-1")
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "desktop_app", "run", str(tmp_path), "--format", "jsonl"],
        capture_output=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(root)},
        check=True,
    )
    assert Path(json.loads(done.stdout.decode("utf-8"))["source"]).name == "café ×.jpg"
