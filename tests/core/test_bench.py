from __future__ import annotations

import itertools
import threading

import numpy as np
import pytest

from desktop_app import i18n
from desktop_app.core.bench import Measured, Setup, recommend, restless, sentence
from desktop_app.core.model import EngineName, Precision, Tuning
from desktop_app.core.results import Result, Task
from desktop_app.core.trial import Trial, median_and_spread
from tests.core.fakes import FakeModel

FRAMES = [np.full((6, 8, 3), n, np.uint8) for n in range(4)]


def row(
    model: str,
    forward: float,
    precision: Precision = "fp32",
    accuracy: float | None = None,
    task: Task = "detect",
    engine: EngineName = "openvino",
) -> Measured:
    setup = Setup(model, engine, "cpu", precision)
    return Measured(setup, task, accuracy, (416, 416), 20, {"grab": 30.0, "forward": forward}, {"forward": 0.1})


def test_the_most_accurate_that_holds_the_rate_at_its_highest_precision() -> None:
    rows = [
        row("small", 5.0, accuracy=30.0),
        row("middle", 30.0, "fp32", 40.0),
        row("middle", 25.0, "bf16", 40.0),
        row("middle", 20.0, "int8", 40.0),
        row("large", 90.0, accuracy=50.0),
        row("unknown", 4.0),
    ]
    (found,) = recommend(rows, 30)
    assert (found.row.setup.model, found.row.setup.precision, found.holds) == ("middle", "fp32", True)
    (found,) = recommend(rows, 34)
    assert (found.row.setup.model, found.row.setup.precision) == ("middle", "bf16")
    (found,) = recommend(rows, 10)
    assert found.row.setup.model == "large"
    (found,) = recommend(rows, 200)
    assert found.row.setup.model == "unknown"


def test_a_rate_is_held_with_a_tenth_to_spare() -> None:
    rows = [row("a", 1000 / 33.1)]
    assert recommend(rows, 30)[0].holds
    assert not recommend(rows, 30.2)[0].holds


def test_where_nothing_holds_the_rate_the_fastest_is_named_with_its_own() -> None:
    (found,) = recommend([row("good", 120.0, accuracy=50.0), row("quick", 50.0, "bf16", accuracy=20.0)], 30)
    assert not found.holds
    assert sentence(found) == (
        "Nothing measured here holds 30 frames/s. The fastest: quick, OpenVINO on CPU, bf16: 20 frames/s."
    )


def test_of_equals_the_faster_place_wins() -> None:
    rows = [row("a", 10.0, engine="torch"), row("a", 9.0)]
    assert recommend(rows, 30)[0].row.setup.engine == "openvino"


def test_each_task_has_its_own_and_an_unmeasured_row_none() -> None:
    rows = [row("c", 5.0, task="classify"), row("d", 5.0), Measured(Setup("p", "torch", "cpu", "fp32"), "pose")]
    assert [(found.row.task, found.row.setup.model) for found in recommend(rows, 30)] == [
        ("detect", "d"),
        ("classify", "c"),
    ]
    assert recommend([], 30) == []


def test_waiting_for_the_source_is_no_work_and_drawing_is() -> None:
    measured = row("a", 10.0)
    assert measured.live_fps == pytest.approx(100)
    assert measured.with_drawing(10.0, 0.5).live_fps == pytest.approx(50)
    assert measured.with_drawing(10.0, 0.5).model_ms == pytest.approx(10)


def test_the_sentence_in_both_languages() -> None:
    (found,) = recommend([row("yolov3-tiny", 17.3, "bf16")], 30)
    assert sentence(found) == "For 30 frames/s here: yolov3-tiny, OpenVINO on CPU, bf16: 58 frames/s."
    i18n.set_language("fr")
    assert sentence(found) == "Pour 30 images/s ici\u00a0: yolov3-tiny, OpenVINO sur CPU, bf16\u00a0: 58 images/s."
    i18n.set_language("en")


def test_times_that_differ_much_are_told() -> None:
    calm = row("a", 10.0)
    wild = Measured(calm.setup, "detect", None, (0, 0), 9, {"forward": 10.0}, {"forward": 4.0})
    assert not restless([calm, calm, wild])
    assert restless([wild, wild, calm])
    assert not restless([])


def test_one_hiccup_moves_neither_median_nor_spread() -> None:
    middle, spread = median_and_spread([10.0, 10.2, 9.8, 10.0, 900.0, 10.1, 9.9, 10.0, 10.0])
    assert middle == pytest.approx(10.0)
    assert spread < 0.2


def trial(model: FakeModel) -> Trial:
    return Trial(Setup("fake", "openvino", "cpu", "fp32"), model)


def test_live_is_one_frame_at_a_time_and_every_stage_is_timed() -> None:
    model = FakeModel(depth=3)
    measuring = trial(model)
    drawn: list[Result] = []
    measuring.draw = lambda bgr, result, names: _draw(drawn, result)
    measuring.begin_live(FRAMES)
    warm = len(model.forwards)
    assert warm > 0
    assert "forward" not in measuring.samples
    measuring.live_round(FRAMES, 0.0)
    assert model.most_under_way == 1
    assert model.forwards[warm:] == [0, 1, 2]
    measured = measuring.measured({"grab": [30.0, 31.0], "decode": []})
    assert set(measured.ms) == {"grab", "preprocess", "forward", "postprocess", "draw"}
    assert measured.ms["forward"] == 1.0
    assert measured.ms["draw"] == 2.5
    assert measured.frames == 3
    assert len(drawn) == warm + 3
    assert measured.input_size == (8, 6)
    assert measured.file_fps is None
    assert model.tunings == [Tuning("live")]


def _draw(drawn: list[Result], result: Result) -> float:
    drawn.append(result)
    return 2.5


def test_files_keep_as_many_under_way_as_the_model_takes() -> None:
    model = FakeModel(depth=3)
    measuring = trial(model)
    measuring.begin_live(FRAMES)
    stream = itertools.cycle(FRAMES)
    measuring.begin_file(stream)
    measuring.file_round(stream, 0.0)
    assert model.most_under_way == 3
    assert model.under_way == 0
    measured = measuring.measured({})
    assert measured.in_flight == 3
    assert measured.file_fps is not None
    assert measured.file_fps > 0
    assert model.tunings == [Tuning("live"), Tuning("video")]


def test_a_slow_model_is_measured_on_a_few_frames_at_least() -> None:
    model = FakeModel(gate=threading.Semaphore(100))
    measuring = trial(model)
    measuring.begin_live(FRAMES)
    measuring.live_round(FRAMES, 0.0)
    measuring.live_round(FRAMES, 0.0)
    assert measuring.measured({}).frames == 6
