from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from desktop_app.core.model import Placement
from desktop_app.core.results import Result, Timings
from desktop_app.gui.speed_memory import FEW, Place, SpeedMemory, cpu_name, speeds_file
from desktop_app.recogniser import messages as m
from tests.gui.conftest import Program
from tests.gui.fake_client import detections, result

AUTO = Placement()
BF16 = Place("yolov3-tiny", "openvino", "cpu", "bf16")
FP32 = Place("yolov3-tiny", "openvino", "cpu", "fp32")
TORCH = Place("yolov3-tiny", "torch", "cpu", "fp32")


def said(milliseconds: float, precision: str = "bf16", side: int = 416) -> Result:
    timings = Timings(0.0, milliseconds, 0.0)
    return Result(0, 0.0, "yolov3-tiny", detections(), timings, "openvino", "CPU", precision, (side, side // 2))


def test_times_come_back_in_the_next_run() -> None:
    memory = SpeedMemory()
    assert memory.of("yolov3-tiny", AUTO) is None
    memory.measured(BF16, 15.25)
    memory.measured(TORCH, 40.0)
    memory.save()
    again = SpeedMemory()
    assert again.of("yolov3-tiny", AUTO) == 15.25
    assert again.of("yolov3-tiny", Placement("torch", "cpu", "fp32")) == 40.0
    assert again.of("yolov3-tiny", Placement(device="cuda:0")) is None
    assert again.of("resnet50", AUTO) is None


def test_another_machine_has_its_own() -> None:
    here, there = SpeedMemory("A, 8"), SpeedMemory("B, 2")
    here.measured(BF16, 5.0)
    here.save()
    there.measured(BF16, 50.0)
    there.save()
    assert SpeedMemory("A, 8").of("yolov3-tiny", AUTO) == 5.0
    assert SpeedMemory("B, 2").of("yolov3-tiny", AUTO) == 50.0
    assert SpeedMemory("C, 2").of("yolov3-tiny", AUTO) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00\xff",
        "[]",
        "[" * 100_000,
        '{"MACHINE": 7}',
        '{"MACHINE": [[]]}',
        '{"MACHINE": [["a", "b", "c", "d", "e"], ["a", "b", "c", "d", true], ["a", "b", "c", "d", -4]]}',
        '{"MACHINE": [["a", "b", "c", "d", NaN]]}',
    ],
)
def test_a_damaged_file_is_ignored_and_replaced(text: str) -> None:
    speeds_file().write_text(text.replace("MACHINE", cpu_name()), encoding="latin-1")
    memory = SpeedMemory()
    assert memory.of("a", AUTO) is None
    memory.measured(BF16, 9.0)
    memory.save()
    assert SpeedMemory().of("yolov3-tiny", AUTO) == 9.0


def test_good_rows_beside_bad_ones_stay() -> None:
    speeds_file().write_text(json.dumps({cpu_name(): [["a"], ["a", "openvino", "cpu", "fp32", 7]]}), encoding="utf-8")
    assert SpeedMemory().of("a", AUTO) == 7.0


def test_a_folder_that_cannot_be_written_loses_only_the_times() -> None:
    memory = SpeedMemory()
    memory.measured(BF16, 9.0)
    speeds_file().mkdir()
    memory.save()
    assert memory.of("yolov3-tiny", AUTO) == 9.0


def test_where_it_ran_last_comes_first() -> None:
    memory = SpeedMemory()
    memory.measured(BF16, 15.0)
    memory.measured(FP32, 30.0)
    for _ in range(FEW):
        memory.add(said(31.0, "fp32"))
    memory.save()
    assert SpeedMemory().of("yolov3-tiny", AUTO) == 31.0
    assert SpeedMemory().of("yolov3-tiny", Placement(precision="bf16")) == 15.0


def test_a_median_of_some_recognitions_with_the_whole_input() -> None:
    memory = SpeedMemory()
    for ms in (5.0, 100.0):
        memory.add(said(ms, side=256))
    for ms in (20.0, 21.0, 500.0, 19.0, 20.0):
        memory.add(said(ms))
        memory.add(said(5.0, side=256))
    memory.save()
    assert SpeedMemory().of("yolov3-tiny", AUTO) == 20.0


def test_a_few_recognitions_tell_nothing() -> None:
    memory = SpeedMemory()
    for _ in range(FEW - 1):
        memory.add(said(31.0))
    memory.save()
    assert not speeds_file().exists()


def test_a_model_row_shows_the_time_of_the_last_run(make_program: Callable[..., Program]) -> None:
    first = make_program()
    first.show_demo()
    for index in range(FEW):
        first.client.push_result(result(detections(), index))
    first.tick()
    first.window.close()
    first.controller.stop()
    second = make_program()
    second.client.push(m.ModelStates(("yolov3-tiny",)))
    second.tick()
    assert second.controller.milliseconds("yolov3-tiny") == pytest.approx(16.6)
    from desktop_app.gui.model_tree import state_of

    info = second.controller.model_info("yolov3-tiny")
    assert info is not None
    assert state_of(second.controller, info)[0].startswith("17")
