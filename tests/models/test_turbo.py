"""int8 networks: the seal, the places, removal; and a real one, made where NNCF is installed."""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from desktop_app.core.frame import Bgr
from desktop_app.core.model import ModelInfo, Placement, Thresholds, Tuning
from desktop_app.core.turbo import STAGES, Agreement, TurboReport, frames_needed
from desktop_app.errors import ModelError
from desktop_app.models import catalog, quantising, turbo, turbo_making
from desktop_app.models.engines import Network
from desktop_app.models.loading import load_model
from desktop_app.paths import cache_dir, models_dir

DIGEST = catalog.find("yolov3-tiny").sha256
needs_nncf = pytest.mark.skipif(importlib.util.find_spec("nncf") is None, reason="NNCF is not installed")


def network(digest: str = DIGEST, side: int = 416, *, dynamic: bool = False) -> Network:
    return Network("yolov3-tiny", digest, side, side, dynamic=dynamic)


def put_one(of: Network | None = None) -> Path:
    """A network that is whole as far as its seal goes."""
    of = of or network()
    folder = turbo.folder_of(of)
    folder.mkdir(parents=True)
    (folder / "network.xml").write_text("<net/>")
    (folder / "network.bin").write_bytes(b"\1\2\3")
    turbo.write_report(folder, TurboReport(of.key, "detect", of.digest, 16, Agreement(4, 0.97, 0.01, 0.98, 20)))
    turbo.seal(folder)
    return folder


def test_what_was_made_is_found_again() -> None:
    assert turbo.ir_of(network()) is None
    folder = put_one()
    assert turbo.ir_of(network()) == folder / "network.xml"
    assert folder.is_relative_to(models_dir())
    info = catalog.find("yolov3-tiny")
    assert turbo.is_ready(info)
    report = turbo.report_of(info)
    assert report is not None
    assert report.agreement == Agreement(4, 0.97, 0.01, 0.98, 20)
    assert turbo.reports() == (report,)
    assert not turbo.is_ready(catalog.find("efficientnet-lite0"))


@pytest.mark.parametrize("other", [network("0" * 64), network(side=320), network(dynamic=True)])
def test_other_weights_or_inputs_have_another_network(other: Network) -> None:
    put_one()
    assert turbo.ir_of(other) is None


def test_another_release_or_recipe_has_another_network(monkeypatch: pytest.MonkeyPatch) -> None:
    put_one()
    monkeypatch.setattr(turbo, "RECIPE", turbo.RECIPE + 1)
    assert turbo.ir_of(network()) is None
    assert turbo.reports() == ()
    assert turbo.remove("yolov3-tiny"), "what another release made can still be removed"


@pytest.mark.parametrize("name", ["network.xml", "network.bin", "report.json"])
def test_a_changed_file_breaks_the_seal(name: str) -> None:
    folder = put_one()
    (folder / name).write_bytes((folder / name).read_bytes() + b" ")
    assert turbo.ir_of(network()) is None


@pytest.mark.parametrize("seal", [b"", b"[]", b"{}", b"\xff", b'{"network.xml": 1}'])
def test_a_broken_seal_is_no_network(seal: bytes) -> None:
    folder = put_one()
    (folder / "seal.json").write_bytes(seal)
    assert turbo.ir_of(network()) is None


def test_a_missing_file_is_no_network() -> None:
    folder = put_one()
    (folder / "network.bin").unlink()
    assert turbo.ir_of(network()) is None
    (folder / "report.json").write_text("[1")
    assert not turbo.is_ready(catalog.find("yolov3-tiny"))


def test_removal_takes_the_network_and_nothing_else() -> None:
    folder = put_one()
    other = put_one(Network("efficientnet-lite0", "1" * 64, 224, 224))
    assert turbo.remove("yolov3-tiny")
    assert not folder.exists()
    assert other.is_dir()
    assert not turbo.remove("yolov3-tiny")


def test_every_fifth_frame_is_held_back() -> None:
    inputs = [turbo_making._Input(np.zeros((1, 1, 1, 3), np.uint8), (n,)) for n in range(frames_needed(128))]
    calibrating, held = turbo_making.split(inputs)
    assert (len(calibrating), len(held)) == (128, 32)
    assert [item.frame_shape[0] for item in held[:3]] == [4, 9, 14]


def test_without_nncf_it_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ModelError) as caught:
        turbo_making.make(catalog.find("yolov3-tiny"), [], 128, 0.25, lambda *_: None)
    assert "NNCF" in caught.value.message
    assert 'pip install "regard[turbo]"' in caught.value.hint


def test_the_input_is_normalised_as_in_the_network() -> None:
    tensor = np.array([[[[255, 0, 51]]]], np.uint8)
    seen = quantising.as_network_sees(tensor, Network("m", "", 1, 1, mean=(0.5, 0.5, 0.2), std=(0.5, 0.5, 0.1)))
    assert seen.shape == (1, 3, 1, 1)
    assert seen.reshape(-1).tolist() == pytest.approx([1.0, -1.0, 0.0], abs=1e-6)


# --- a real one -----------------------------------------------------------------------------------------------------


def crops(bus: Path, zidane: Path, count: int) -> Iterator[Bgr]:
    """Parts of the two photographs."""
    from desktop_app.sources.image_file import read_picture

    pictures = [read_picture(str(path)) for path in (bus, zidane)]
    for n in range(count):
        picture = pictures[n % 2]
        inset = 6 * n
        yield np.ascontiguousarray(
            picture[inset : picture.shape[0] - inset // 2, inset // 2 : picture.shape[1] - inset]
        )


@pytest.fixture
def own_models(starter_folders: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> ModelInfo:
    """The starter models in folders of this test: what is made here must not stay."""
    shutil.copytree(starter_folders["REGARD_MODELS_DIR"], models_dir(), dirs_exist_ok=True)
    ready = Path(starter_folders["REGARD_CACHE_DIR"]) / "ir"
    if ready.is_dir():
        shutil.copytree(ready, cache_dir() / "ir")
    return catalog.find("yolov3-tiny")


@needs_nncf
def test_a_real_network_agrees_and_runs(own_models: ModelInfo, bus: Path, zidane: Path) -> None:
    stages: list[tuple[str, int, int]] = []
    report = turbo_making.make(
        own_models, crops(bus, zidane, 100), 16, 0.25, lambda stage, done, total: stages.append((stage, done, total))
    )
    assert (report.frames, report.agreement.frames) == (16, 4)
    assert report.agreement.boxes >= 4
    assert report.agreement.share is not None
    assert report.agreement.share > 0.8
    assert report.agreement.overlap is not None
    assert report.agreement.overlap > 0.85
    assert report.ms.keys() >= {"fp32", "int8"}
    assert list(dict.fromkeys(stage for stage, _, _ in stages)) == list(STAGES)
    assert ("collect", 20, 20) in stages
    assert ("calibrate", 16, 16) in stages
    (folder,) = turbo.root().iterdir()
    assert folder.name.startswith(DIGEST[:32])
    assert report.bytes < 12e6 < own_models.bytes / 4

    model = load_model(own_models, Placement("openvino", "cpu", "int8"))
    assert model.precision == "int8"
    frame = next(crops(bus, zidane, 1))
    full = load_model(own_models, Placement("openvino", "cpu", "fp32"))
    for each in (full, model):
        each.tune(Tuning("still"))
    found = [
        sorted(each.postprocess(each.forward(each.preprocess(frame)), frame.shape, Thresholds(0.4)).class_id.tolist())  # type: ignore[union-attr]
        for each in (full, model)
    ]
    assert found[0] == found[1]
    assert len(found[0]) >= 3
    assert "nncf.telemetry.wrapper" in sys.modules
    assert type(sys.modules["nncf.telemetry.wrapper"].telemetry).__name__ == "MagicMock"


@needs_nncf
def test_the_arithmetic_of_boxes_stays_exact(own_models: ModelInfo) -> None:
    source = turbo_making._open(own_models)
    quantised = quantising.quantise(
        source.path,
        source.network,
        [np.full((1, 416, 416, 3), value, np.uint8) for value in (0, 90, 255)],
        lambda *_: None,
    )
    fake = [node for node in quantised.get_ordered_ops() if node.get_type_name() == "FakeQuantize"]
    assert len(fake) > 10
    readers = {target.get_node().get_type_name() for node in fake for target in node.output(0).get_target_inputs()}
    assert not readers & {"Sigmoid", "Exp", "Multiply", "Add"}, readers
    sources = {node.input(0).get_source_output().get_node().get_type_name() for node in fake}
    assert not sources & {"Sigmoid", "Exp"}, sources


@needs_nncf
def test_too_few_frames_leave_nothing_behind(own_models: ModelInfo, bus: Path, zidane: Path) -> None:
    with pytest.raises(ModelError, match="15 frames are too few"):
        turbo_making.make(own_models, crops(bus, zidane, 15), 128, 0.25, lambda *_: None)
    assert not turbo.root().exists()


def test_a_model_without_int8_network_runs_on(own_models: ModelInfo) -> None:
    told: list[str] = []
    model = load_model(own_models, Placement("openvino", "cpu", "int8"), notify=lambda message, _: told.append(message))
    assert model.precision in ("fp32", "bf16")
    assert len(told) == 1
    assert "int8" in told[0]


def test_only_what_agrees_may_be_stepped_down_to() -> None:
    assert not turbo.agrees(network())
    folder = put_one()
    assert turbo.agrees(network())
    turbo.write_report(folder, TurboReport("yolov3-tiny", "detect", DIGEST, 16, Agreement(4, 0.8, 0.1, 0.9, 20)))
    turbo.seal(folder)
    assert turbo.ir_of(network()) is not None
    assert not turbo.agrees(network())


def test_the_report_travels() -> None:
    folder = put_one()
    assert json.loads((folder / "report.json").read_text())["agreement"]["share"] == 0.97
