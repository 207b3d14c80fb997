"""`regard models turbo` as a user types it."""

from __future__ import annotations

import importlib.util
import json

import pytest

from desktop_app.cli.turbo import sentence
from desktop_app.core.model import ModelInfo
from desktop_app.core.turbo import Agreement, TurboReport
from desktop_app.models import catalog, turbo
from tests.cli.test_run import regard

needs_nncf = pytest.mark.skipif(importlib.util.find_spec("nncf") is None, reason="NNCF is not installed")
KEY = "yolov3-tiny"


@pytest.fixture
def made() -> TurboReport:
    """An int8 network as far as `show` and `--remove` look at it."""
    info: ModelInfo = catalog.find(KEY)
    ms = {"fp32": 65.4, "bf16": 33.5, "int8": 19.0}
    report = TurboReport(KEY, "detect", info.sha256, 128, Agreement(32, 0.978, 0.015, 0.98, 93), ms)
    folder = turbo.root() / f"{info.sha256[:32]}-any{turbo._suffix()}"
    folder.mkdir(parents=True)
    for name in ("network.xml", "network.bin"):
        (folder / name).write_bytes(b"x")
    turbo.write_report(folder, report)
    turbo.seal(folder)
    return report


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((KEY,), "--frames"),
        ((KEY, "--frames", "demo:", "--count", "15"), "16"),
        (("yolov3-tinny", "--frames", "demo:"), "yolov3-tiny"),
    ],
)
def test_wrong_usage_is_told(arguments: tuple[str, ...], says: str) -> None:
    done = regard("models", "turbo", *arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@needs_nncf
def test_too_few_frames_are_told(starter_models: None) -> None:
    done = regard("models", "turbo", "efficientnet-lite0", "--frames", "demo:?frames=9")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "9 frames are too few" in done.stderr


def test_show_says_what_was_measured(made: TurboReport) -> None:
    text = regard("models", "show", KEY).stdout
    assert "97.8 % of 93 boxes" in text
    assert "19.0 ms a frame instead of 33.5 ms (bf16)" in text
    row = json.loads(regard("models", "show", KEY, "--format", "jsonl").stdout)
    assert row["turbo"]["agreement"]["share"] == 0.978
    assert json.loads(regard("models", "show", "vgg19", "--format", "jsonl").stdout)["turbo"] is None


def test_removal_takes_it_once(made: TurboReport) -> None:
    assert json.loads(regard("models", "turbo", KEY, "--remove", "--format", "jsonl").stdout)["removed"]
    assert not json.loads(regard("models", "turbo", KEY, "--remove", "--format", "jsonl").stdout)["removed"]
    assert json.loads(regard("models", "show", KEY, "--format", "jsonl").stdout)["turbo"] is None


def test_removing_the_model_takes_its_int8_network_along(made: TurboReport) -> None:
    assert regard("models", "remove", KEY).returncode == 0
    assert not list(turbo.root().iterdir())


def test_where_nothing_was_found_nothing_is_claimed() -> None:
    text = sentence(TurboReport(KEY, "detect", "", 16, Agreement(4, None, None), {"fp32": 2.0, "int8": 1.0}))
    assert "%" not in text
    assert "nothing can be said" in text
