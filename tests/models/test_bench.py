from __future__ import annotations

from typing import Any

import pytest

from desktop_app.core.bench import Setup
from desktop_app.core.model import ModelInfo, Placement
from desktop_app.models import bench
from desktop_app.models.bench import Spot

MACHINE = (
    Spot("torch", "cuda:0", ("fp16", "bf16", "fp32")),
    Spot("openvino", "cpu", ("bf16", "fp32")),
    Spot("openvino", "gpu.1", ("fp16", "fp32")),
    Spot("torch", "cpu", ("bf16", "fp32")),
)


def info(key: str, file_name: str = "a.pt", size: int = 1000) -> ModelInfo:
    return ModelInfo(key, key, "detect", "yolo", 640, "coco", "ultralytics", file_name, bytes=size)


def setups(*infos: ModelInfo, turbo: bool = False, wanted: dict[str, Any] | None = None) -> list[tuple[str, ...]]:
    found = bench.setups(infos, MACHINE, Placement(**(wanted or {})), lambda _: turbo)
    return [(s.model, s.engine, s.device, s.precision) for s in found]


def test_every_place_in_every_precision_that_it_has() -> None:
    found = setups(info("a"), info("b"))
    assert len(found) == 2 * 9
    assert found[0] == ("a", "torch", "cuda:0", "fp16")
    assert [s[1:] for s in found[:9]] == [s[1:] for s in found[9:]]


@pytest.mark.parametrize(
    ("wanted", "places"),
    [
        ({"engine": "openvino"}, {("openvino", "cpu"), ("openvino", "gpu.1")}),
        ({"device": "cpu"}, {("openvino", "cpu"), ("torch", "cpu")}),
        ({"device": "cuda"}, {("torch", "cuda:0")}),
        ({"device": "GPU"}, {("openvino", "gpu.1")}),
        ({"device": "npu"}, set()),
        ({"precision": "fp16"}, {("torch", "cuda:0"), ("openvino", "gpu.1")}),
        ({"precision": "int8"}, set()),
    ],
)
def test_only_what_is_asked_for(wanted: dict[str, str], places: set[tuple[str, str]]) -> None:
    assert {(engine, device) for _, engine, device, _ in setups(info("a"), wanted=wanted)} == places


def test_int8_where_the_user_made_it() -> None:
    assert setups(info("a"), turbo=True, wanted={"precision": "int8"}) == [("a", "openvino", "cpu", "int8")]


def test_an_onnx_file_does_not_run_on_torch() -> None:
    assert {engine for _, engine, _, _ in setups(info("a", "a.onnx"))} == {"openvino"}


def test_what_a_device_says_of_itself() -> None:
    assert bench.native_precisions(["FP32", "BF16", "INT8", "EXPORT_IMPORT"]) == ("bf16", "fp32")
    assert bench.native_precisions(["FP32"]) == ("fp32",)
    assert bench.native_precisions([]) == ("fp32",)


def test_this_machine_has_a_processor_with_openvino() -> None:
    found = bench.spots()
    cpu = next(spot for spot in found if (spot.engine, spot.device) == ("openvino", "cpu"))
    assert "fp32" in cpu.precisions
    assert len({(spot.engine, spot.device) for spot in found}) == len(found)


def test_setups_of_a_model_stay_together_and_groups_are_small() -> None:
    infos = [info(key) for key in "abcde"]
    wanted = [Setup(i.key, "openvino", "cpu", p) for i in infos for p in ("bf16", "fp32", "int8")]
    found = bench.groups(wanted, infos)
    assert [sorted({s.model for s in group}) for group in found] == [["a", "b"], ["c", "d"], ["e"]]
    assert [s for group in found for s in group] == wanted


def test_large_models_are_loaded_one_after_the_other() -> None:
    infos = [info("a", size=600 << 20), info("b", size=600 << 20)]
    wanted = [Setup(i.key, "openvino", "cpu", "fp32") for i in infos]
    assert [len(group) for group in bench.groups(wanted, infos)] == [1, 1]
