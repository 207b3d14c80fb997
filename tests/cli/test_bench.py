"""`regard bench` with the real starter models."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from desktop_app.cli.bench import json_recommendation, table
from desktop_app.core.bench import Measured, Setup, recommend
from desktop_app.gui.speed_memory import SpeedMemory
from tests.cli.test_run import regard

QUICK = ("--engine", "openvino", "--precision", "fp32", "--source", "demo:?frames=8&size=320x240", "--seconds", "0.1")


@pytest.fixture
def models(starter_folders: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The weights of the starters; what is kept in the cache is this test's own, but for the converted networks."""
    from pathlib import Path

    monkeypatch.setenv("REGARD_MODELS_DIR", starter_folders["REGARD_MODELS_DIR"])
    own = Path(os.environ["REGARD_CACHE_DIR"])
    own.mkdir(parents=True, exist_ok=True)
    shared = Path(starter_folders["REGARD_CACHE_DIR"]) / "ir"
    shared.mkdir(parents=True, exist_ok=True)
    (own / "ir").symlink_to(shared)


@pytest.mark.usefixtures("models")
def test_a_row_for_each_setup_then_the_recommendation() -> None:
    done = regard("bench", *QUICK, "--format", "jsonl", "--fps", "1")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    *rows, last = map(json.loads, done.stdout.splitlines())
    assert {row["model"] for row in rows} == {"efficientnet-lite0", "yolov3-tiny"}
    for row in rows:
        assert set(row["ms"]) == {"grab", "decode", "preprocess", "forward", "postprocess", "draw"}
        assert row["frames"] >= 15
        work = sum(ms for stage, ms in row["ms"].items() if stage != "grab")
        assert row["live_fps"] == pytest.approx(1000 / work, rel=0.01)
        assert row["file_fps"] > 0
    assert len({(row["model"], row["device"], row["precision"]) for row in rows}) == len(rows)
    assert last["fps"] == 1
    assert [(r["task"], r["model"], r["precision"], r["holds"]) for r in last["recommendation"]] == [
        ("detect", "yolov3-tiny", "fp32", True),
        ("classify", "efficientnet-lite0", "fp32", True),
    ]
    memory = SpeedMemory()
    for row in rows:
        from desktop_app.core.model import Placement

        assert memory.of(row["model"], Placement("openvino", "cpu", row["precision"])) is not None


@pytest.mark.usefixtures("models")
def test_a_model_that_is_not_here_is_named_and_the_others_are_measured() -> None:
    done = regard("bench", *QUICK, "--model", "yolo26n,yolov3-tiny", "--fps", "1")
    assert done.returncode == 1
    assert "regard models fetch yolo26n" in done.stderr
    heading, row = done.stdout.splitlines()[:2]
    assert heading.split()[:3] == ["model", "engine", "device"]
    assert row.startswith("→  yolov3-tiny  OpenVINO  CPU     fp32")
    assert "For 1 frames/s here: yolov3-tiny, OpenVINO on CPU, fp32" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        ((), 1, "regard models fetch yolov3-tiny"),
        (("--model", "yolov3-tini"), 2, "yolov3-tiny"),
        (("--fps", "0"), 2, "number above 0"),
        (("--seconds", "0"), 2, "number between 0.1 and 600"),
        (("--model", "yolo26n"), 1, "regard models fetch yolo26n"),
    ],
)
def test_what_cannot_be_measured_is_said(arguments: tuple[str, ...], status: int, says: str) -> None:
    done = regard("bench", *arguments)
    assert done.returncode == status
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.usefixtures("models")
def test_a_place_that_is_not_here_is_wrong_usage() -> None:
    done = regard("bench", "--device", "npu")
    assert done.returncode == 2
    assert "openvino, cpu: " in done.stderr


@pytest.mark.usefixtures("models")
def test_a_source_that_is_not_there_is_said() -> None:
    done = regard("bench", "--source", "absent.mp4")
    assert done.returncode == 1
    assert "absent.mp4" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.usefixtures("models")
def test_an_interrupted_measurement_prints_what_there_is() -> None:
    import pty
    import signal

    master, slave = pty.openpty()
    command = [sys.executable, "-m", "desktop_app", "bench", *QUICK[:-1], "60", "--model", "yolov3-tiny"]
    command += ["--format", "jsonl"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=slave, text=True) as process:
        os.close(slave)
        seen = b""
        while b" 9 %" not in seen:  # the first round has begun
            seen += os.read(master, 1000)
        process.send_signal(signal.SIGINT)
        assert process.stdout is not None
        rows: list[dict[str, Any]] = [json.loads(line) for line in process.stdout]
        assert process.wait(20) == 130
    os.close(master)
    assert "yolov3-tiny, OpenVINO on CPU, fp32" in seen.decode()
    assert list(rows[-1]) == ["recommendation", "fps"]


def measured(model: str, forward: float, precision: Any = "fp32") -> Measured:
    stages = {"grab": 29.0, "decode": 2.0, "preprocess": 1.0, "forward": forward, "postprocess": 0.5, "draw": 1.5}
    spread = dict.fromkeys(stages, 0.25)
    return Measured(Setup(model, "openvino", "cpu", precision), "detect", None, (416, 416), 50, stages, spread, 71.0, 2)


def test_the_columns_are_aligned_and_the_best_is_marked() -> None:
    rows = [measured("yolov3-tiny", 9.0, "bf16"), measured("yolov3-tiny", 15.0)]
    lines = table(rows, {rows[1].setup})
    assert lines[1].split() == [
        "yolov3-tiny", "OpenVINO", "CPU", "bf16", "416×416", "29.0", "2.0", "1.0", "9.0", "0.2", "0.5", "1.5",
        "71.4", "71.0",
    ]  # fmt: skip
    assert lines[2].startswith("→")
    assert len({line.index("OpenVINO") for line in lines[1:]}) == 1
    assert len({len(line) for line in lines[1:]}) == 1


def test_the_recommendation_as_json_says_what_the_sentence_says() -> None:
    found = recommend([measured("yolov3-tiny", 15.0)], 30)
    (row,) = json_recommendation(found, 30)["recommendation"]
    assert row["holds"]
    assert row["live_fps"] == 50
    assert row["text"] == "For 30 frames/s here: yolov3-tiny, OpenVINO on CPU, fp32: 50 frames/s."
