"""`regard models`, `cameras` and `doctor` as a user types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from desktop_app.models import catalog
from tests.cli.test_run import regard

NOWHERE = "http://127.0.0.1:9"
"""The discard port: refuses connections at once."""


def test_the_list_holds_every_model_with_what_is_known_of_it() -> None:
    done = regard("models", "list", "--format", "jsonl")
    assert done.returncode == 0, done.stderr
    rows = {row["key"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert set(rows) == {info.key for info in catalog.CATALOG}
    assert rows["resnet50"]["classes"] == 1000
    assert rows["yolo26n"]["classes"] == 80
    assert not rows["vgg19"]["ready"]


def test_without_a_command_models_are_listed_for_people() -> None:
    done = regard("models")
    assert done.returncode == 0
    assert any(line.startswith("inception_v3 ") for line in done.stdout.splitlines())


def test_show_takes_the_format_at_the_end() -> None:
    row = json.loads(regard("models", "show", "resnet50@IMAGENET1K_V1", "--format", "jsonl").stdout)
    assert row["file_name"] == "resnet50-0676ba61.pth"


def test_weights_that_cannot_be_had_are_told_in_words(monkeypatch: pytest.MonkeyPatch, bus: Path) -> None:
    monkeypatch.setenv("REGARD_MODEL_MIRROR", NOWHERE)
    for command in (("models", "fetch", "resnet50"), ("run", bus, "--model", "yolo26n")):
        done = regard(*command)
        assert done.returncode == 1
        assert done.stdout == ""
        assert "127.0.0.1" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "empty"), (b"\x80\x04N.", ""), (b"hello", ""), (b"\xff\xd8\xff\xe0" + bytes(99), "")],
)
def test_what_is_no_model_is_refused_in_words(tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "model.onnx"
    file.write_bytes(content)
    for command in (("models", "import", file), ("run", "x.jpg", "--model", file)):
        done = regard(*command)
        assert done.returncode == 1
        assert "model.onnx" in done.stderr
        assert says in done.stderr
        assert "Traceback" not in done.stderr


def test_a_removed_starter_model_is_gone_and_says_so(tmp_path: Path) -> None:
    done = regard("models", "remove", "yolov3-tiny", "--format", "jsonl")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"key": "yolov3-tiny", "removed": True}


def test_cameras_prints_nothing_but_json_to_standard_output() -> None:
    done = regard("cameras", "--format", "jsonl")
    assert done.returncode == 0
    for line in done.stdout.splitlines():
        assert {"source", "index", "stable_id", "name", "formats"} <= set(json.loads(line))


def test_doctor_names_versions_folders_and_models() -> None:
    done = regard("doctor")
    for word in ("PySide6", "openvino", "torch", "yolov3-tiny", "Regard"):
        assert word in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
