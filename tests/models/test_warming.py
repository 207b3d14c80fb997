"""A network is compiled for its next gear while frames go on in the one before."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from desktop_app.core.model import ModelInfo, Placement, Precision, Tuning
from desktop_app.models.engines import Network, start
from desktop_app.models.engines.openvino_engine import OpenVinoRunner
from desktop_app.models.yolo import Detector
from tests.models.test_engines import MEAN, STD, build, silent, unexpected

LIVE, SMALL = Tuning("live"), Tuning("live", "auto", 64)

pytestmark = pytest.mark.torch


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[tuple[tuple[int, int], str]]:
    """Shapes that were compiled, with the thread."""
    found: list[tuple[tuple[int, int], str]] = []
    compile_for = OpenVinoRunner._compile

    def noted(self: OpenVinoRunner, shape: tuple[int, int]) -> Any:
        found.append((shape, threading.current_thread().name))
        return compile_for(self, shape)

    monkeypatch.setattr(OpenVinoRunner, "_compile", noted)
    return found


def runner() -> OpenVinoRunner:
    net = Network("sums", "w" * 64, 128, 128, build=build, dynamic=True, mean=MEAN, std=STD)
    made = start(net, Placement("openvino", "cpu"), LIVE, silent, unexpected)
    assert isinstance(made, OpenVinoRunner)
    return made


def picture(height: int, width: int) -> Any:
    return np.random.default_rng(3).integers(0, 256, (1, height, width, 3), np.uint8)


def in_a_thread(work: Any) -> None:
    thread = threading.Thread(target=work, name="helper")
    thread.start()
    thread.join(60)


def test_a_warmed_shape_is_not_compiled_again(compiled: list[tuple[tuple[int, int], str]]) -> None:
    one = runner()
    pending = one.submit(picture(128, 128))
    compiled.clear()
    in_a_thread(lambda: one.warm(SMALL, (64, 64)))
    assert compiled == [((64, 64), "helper")]
    assert pending.wait()[0][1].shape == (1, 3, 128, 128), "what was under way is not disturbed"
    one.tune(SMALL)
    small = one.submit(picture(64, 64)).wait()[0]
    assert compiled == [((64, 64), "helper")]
    told = runner().submit(picture(64, 64)).wait()[0]
    np.testing.assert_array_equal(small[0], told[0])


def test_what_was_warmed_for_another_precision_is_not_used(compiled: list[tuple[tuple[int, int], str]]) -> None:
    one = runner()
    in_a_thread(lambda: one.warm(SMALL, (64, 64)))
    one.tune(Tuning("still", "fp32"))
    compiled.clear()
    one.submit(picture(64, 64)).wait()
    assert [shape for shape, _ in compiled if shape == (64, 64)] == [(64, 64)]
    assert one.precision == "fp32"


def test_warming_raises_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    one = runner()

    def broken(self: OpenVinoRunner, shape: tuple[int, int]) -> Any:
        raise RuntimeError("no memory")

    monkeypatch.setattr(OpenVinoRunner, "_compile", broken)
    one.warm(SMALL, (64, 64))


def test_a_detector_warms_for_the_shape_that_its_frames_will_have(
    compiled: list[tuple[tuple[int, int], str]],
) -> None:
    info = ModelInfo("sums", "Sums", "detect", "yolo", 128, "", "file", "")
    model = Detector(info, ("a",), runner())
    bgr = np.zeros((72, 128, 3), np.uint8)
    model.forward(model.preprocess(bgr))
    compiled.clear()
    warm = model.warm(SMALL, bgr)
    assert model.preprocess(bgr).shape[2] == 128, "the tuning at hand stays"
    in_a_thread(warm)
    model.tune(SMALL)
    model.forward(model.preprocess(bgr))
    assert [thread for _, thread in compiled] == ["helper"]


@pytest.mark.parametrize("precision", ["fp32", "auto"])
def test_a_use_that_changes_the_graph_compiles_again(
    precision: Precision, compiled: list[tuple[tuple[int, int], str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the precision stays: a network is loaded for single pictures, and then sees a camera."""
    changed: list[str] = []
    monkeypatch.setattr("desktop_app.models.engines.openvino_engine.platform.machine", lambda: "x86_64")
    monkeypatch.setattr(
        "desktop_app.models.engines.openvino_engine.with_fewer_products", lambda *_, **__: changed.append("changed")
    )
    net = Network("sums", "w" * 64, 128, 128, build=build, dynamic=True, mean=MEAN, std=STD)
    one = start(net, Placement("openvino", "cpu", precision), Tuning("still"), silent, unexpected)
    assert not changed
    for tuning, expected in ((Tuning("live"), 1), (Tuning("still"), 1), (Tuning("video"), 2)):
        compiled.clear()
        one.tune(tuning)
        one.submit(picture(128, 128)).wait()
        assert len(compiled) == 1
        assert len(changed) == expected
