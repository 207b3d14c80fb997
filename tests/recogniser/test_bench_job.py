from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from desktop_app.core.bench import Measured, Setup
from desktop_app.core.frame import Bgr
from desktop_app.core.model import ModelInfo
from desktop_app.core.progress import Progress
from desktop_app.core.results import Result
from desktop_app.errors import AppError, ModelLoadFailed, SourceUnreadable, WeightsUnavailable
from desktop_app.models import loading
from desktop_app.recogniser import bench_job as job
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.bench_client import BenchProcess
from tests.core.fakes import FakeModel

FINITE = "demo:?frames=6&size=64x48"


class Heard:
    """Implements `Listener`."""

    def __init__(self) -> None:
        self.order: list[tuple[str, str]] = []
        self.shares: list[tuple[int, int]] = []
        self.rows: dict[Setup, Measured] = {}
        self.failures: dict[Setup, AppError] = {}
        self.samples: list[str] = []

    def progress(self, done: int, total: int, what: m.BenchStage, setup: Setup | None) -> None:
        self.order.append((what, setup.precision if setup else ""))
        self.shares.append((done, total))

    def row(self, row: Measured) -> None:
        self.rows[row.setup] = row

    def failed(self, setup: Setup, error: AppError) -> None:
        self.failures[setup] = error

    def sample(self, bgr: Bgr, result: Result, names: tuple[str, ...]) -> None:
        self.samples.append(result.model_key)


def setup(precision: Any, key: str = "yolov3-tiny") -> Setup:
    return Setup(key, "openvino", "cpu", precision)


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> dict[str, FakeModel]:
    """By precision; what is not in it cannot be loaded."""
    made: dict[str, FakeModel] = {}

    def load(info: ModelInfo, placement: Any, *_: Any, **__: Any) -> FakeModel:
        if placement.precision not in made:
            raise ModelLoadFailed("no such precision")
        return made[placement.precision]

    monkeypatch.setattr(loading, "load_model", load)
    for precision, depth in (("fp32", 1), ("bf16", 2)):
        made[precision] = FakeModel(engine="openvino", precision=precision, depth=depth)
    return made


def test_setups_take_turns_and_each_has_all_stages(models: dict[str, FakeModel]) -> None:
    heard = Heard()
    info = job.measure(FINITE, [[setup("fp32"), setup("bf16")]], 0.01, heard, lambda *_: 1.5)
    assert (info.width, info.height) == (64, 48)
    live = [precision for what, precision in heard.order if what == "live"]
    assert live == ["fp32", "bf16"] * job.ROUNDS
    assert [p for what, p in heard.order if what == "files"] == ["fp32", "bf16"] * job.ROUNDS
    for row in heard.rows.values():
        assert set(row.ms) == {"grab", "decode", "preprocess", "forward", "postprocess", "draw"}
        assert row.frames >= 3 * job.ROUNDS
        assert row.file_fps
    assert heard.rows[setup("bf16")].in_flight == 2
    assert models["bf16"].most_under_way == 2
    done = [done for done, _ in heard.shares]
    assert done == sorted(done)
    assert heard.shares[-1] == (22, 22)
    assert heard.samples == ["yolov3-tiny"] * 2


def test_what_fails_is_left_out_and_the_others_go_on(models: dict[str, FakeModel]) -> None:
    heard = Heard()
    job.measure(FINITE, [[setup("int8"), setup("fp32")]], 0.01, heard)
    assert list(heard.failures) == [setup("int8")]
    assert list(heard.rows) == [setup("fp32")]
    assert "draw" not in heard.rows[setup("fp32")].ms


def test_what_would_run_otherwise_than_asked_is_no_row(models: dict[str, FakeModel]) -> None:
    models["bf16"].precision = "fp32"
    heard = Heard()
    job.measure(FINITE, [[setup("bf16")]], 0.01, heard)
    assert not heard.rows
    assert "bf16" in str(heard.failures[setup("bf16")])


@pytest.mark.parametrize(
    ("asked", "engine", "device", "precision", "same"),
    [
        (setup("fp32"), "openvino", "CPU", "fp32", True),
        (setup("bf16"), "openvino", "CPU", "fp32", False),
        (Setup("a", "openvino", "gpu", "fp16"), "openvino", "GPU.0", "fp16", True),
        (Setup("a", "openvino", "gpu", "fp16"), "openvino", "CPU", "fp16", False),
        (Setup("a", "torch", "cuda:0", "fp16"), "torch", "cuda:0", "fp16", True),
        (Setup("a", "torch", "cpu", "fp32"), "openvino", "CPU", "fp32", False),
    ],
)
def test_what_really_runs(asked: Setup, engine: str, device: str, precision: str, same: bool) -> None:
    assert job.really(asked, engine, device, precision) is same


def test_a_file_makes_nobody_wait_and_the_live_demo_does(zidane: Path) -> None:
    finite = job.read(FINITE)
    assert len(finite.frames) == 6
    assert set(finite.times["grab"]) == {0.0}
    live = job.read("demo:?size=64x48")
    assert max(live.times["grab"]) > 5 * max(finite.times["decode"][1:])
    still = job.read(str(zidane))
    assert len(still.frames) == 1
    assert still.times["decode"][0] > 0.5


def test_a_source_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadable):
        job.read(str(tmp_path / "absent.mp4"))


def test_a_file_begins_again_when_it_ends() -> None:
    footage = job.read(FINITE)
    with job.endless(FINITE, footage) as stream:
        frames = [next(stream) for _ in range(15)]
    assert (frames[0] == frames[6]).all()
    assert (frames[1] != frames[0]).any()


def test_measuring_fetches_nothing() -> None:
    with pytest.raises(WeightsUnavailable, match="regard models fetch yolo26n"):
        job._never_fetch(Progress("yolo26n", "fetch"))
    job._never_fetch(Progress("yolo26n", "convert"))


def _events(process: BenchProcess, wanted: type[m.Event]) -> list[m.Event]:
    import time

    found: list[m.Event] = []
    deadline = time.monotonic() + 120
    while not any(isinstance(event, wanted) for event in found):
        found += process.poll()
        assert not (process.ended and not any(isinstance(event, wanted) for event in found)), found
        assert time.monotonic() < deadline
    return found


def test_the_process_without_models_says_so() -> None:
    process = BenchProcess()
    process.start(FINITE, 0.1)
    (notice,) = [event for event in _events(process, m.Notice) if isinstance(event, m.Notice)]
    assert "No model" in notice.message
    process.stop()


@pytest.mark.usefixtures("starter_models")
def test_the_process_measures_and_can_be_stopped_at_once() -> None:
    process = BenchProcess()
    process.start(FINITE, 0.1)
    events = _events(process, m.BenchSample)
    (sample, *_) = [event for event in events if isinstance(event, m.BenchSample)]
    (begun, *_) = [event for event in events if isinstance(event, m.BenchProgress) and event.setup is not None]
    assert begun.what == "load"
    assert len(sample.bgr) == sample.shape[0] * sample.shape[1] * 3
    assert sample.result.unpack().model_key in ("efficientnet-lite0", "yolov3-tiny")
    process.stop()
    assert process.ended
    process.stop()


def test_a_process_that_dies_is_told() -> None:
    process = BenchProcess()
    process.start(FINITE, 0.1)
    assert process._process is not None
    process._process.kill()
    events = _events(process, m.Failure)
    assert isinstance(events[-1], m.Failure)
    assert process.ended
    process.stop()
