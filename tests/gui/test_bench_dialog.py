from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.core.bench import Measured, Setup
from desktop_app.core.results import Task
from desktop_app.gui import texts
from desktop_app.gui.bench_dialog import DRAWINGS, BenchDialog
from desktop_app.gui.bench_table import COLUMNS, LIVE
from desktop_app.gui.speed_memory import SpeedMemory
from desktop_app.gui.theme import theme
from desktop_app.recogniser import bench_client
from desktop_app.recogniser import messages as m
from tests.gui.conftest import Program
from tests.gui.fake_client import COCO, detections, result

BF16 = Setup("yolov3-tiny", "openvino", "cpu", "bf16")
FP32 = Setup("yolov3-tiny", "openvino", "cpu", "fp32")
TORCH = Setup("efficientnet-lite0", "torch", "cpu", "fp32")


class FakeBench:
    """The `BenchClient` protocol without a process."""

    def __init__(self) -> None:
        self.events: list[m.Event] = []
        self.started: list[tuple[str, float]] = []
        self.stops = 0
        self.ended = False

    def start(self, spec: str, seconds: float) -> None:
        self.started.append((spec, seconds))
        self.ended = False

    def poll(self) -> list[m.Event]:
        events, self.events = self.events, []
        # What cannot travel must fail here too.
        return [m.decode_event(m.encode(event)) for event in events]

    def stop(self) -> None:
        self.stops += 1


def row(setup: Setup, forward: float, task: Task = "detect", file_fps: float | None = None) -> Measured:
    stages = {"grab": 29.0, "decode": 2.0, "preprocess": 1.0, "forward": forward, "postprocess": 0.5}
    return Measured(setup, task, None, (416, 416), 30, stages, dict.fromkeys(stages, 0.1), file_fps, 2)


def sample() -> m.BenchSample:
    packed = m.PackedResult.of(result(detections((5, 5, 30, 40, 0.9, 0))))
    return m.BenchSample(np.zeros((48, 64, 3), np.uint8).tobytes(), (48, 64), packed, COCO)


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> FakeBench:
    fake = FakeBench()
    monkeypatch.setattr(bench_client, "BenchProcess", lambda: fake)
    return fake


@pytest.fixture
def dialog(program: Program, bench: FakeBench) -> BenchDialog:
    program.window.actions_.by_key["measure"].trigger()
    found = program.window.findChild(BenchDialog)
    assert isinstance(found, BenchDialog)
    found._timer.setInterval(10_000)  # the test says when it looks
    return found


def finish(dialog: BenchDialog, bench: FakeBench, *events: m.Event) -> None:
    bench.events += [*events, m.BenchProgress(22, 22, "done")]
    for _ in range(DRAWINGS + 1):
        dialog.tick()


def cells(dialog: BenchDialog, place: int) -> list[Any]:
    model = dialog.table.bench
    return [model.data(model.index(place, column)) for column in range(len(COLUMNS))]


def test_it_opens_beside_the_window_and_measures_when_told(dialog: BenchDialog, bench: FakeBench) -> None:
    assert not dialog.isModal()
    assert bench.started == []
    QTest.mouseClick(dialog._start, Qt.MouseButton.LeftButton)
    assert bench.started == [("demo:", 3.0)]
    assert dialog._cancel.isVisible()
    assert not dialog._start.isVisible()


def test_there_is_one_at_a_time(program: Program, dialog: BenchDialog) -> None:
    program.window.actions_.by_key["measure"].trigger()
    assert program.window.findChildren(BenchDialog) == [dialog]


def test_rows_come_while_it_measures(dialog: BenchDialog, bench: FakeBench) -> None:
    dialog.start()
    bench.events += [m.BenchProgress(5, 22, "live", BF16), m.BenchRow(row(BF16, 9.0)), m.BenchRow(row(TORCH, 30.0))]
    dialog.tick()
    assert cells(dialog, 0)[:3] == ["yolov3-tiny", "OpenVINO, CPU", "bf16"]
    assert cells(dialog, 0)[3:] == ["29.0", "2.0", "1.0", "9.0", "0.5", "–", "80.0", "–"]
    assert dialog.bar.fraction == pytest.approx(5 / 22)
    assert "yolov3-tiny, OpenVINO on CPU, bf16" in dialog.status.text()
    assert dialog.uses == []
    bench.events.append(m.BenchRow(row(BF16, 7.5, file_fps=120.0)))
    dialog.tick()
    assert dialog.table.bench.rowCount() == 2
    assert cells(dialog, 0)[LIVE + 1] == "120.0"


def test_drawing_is_measured_in_the_window_and_counts(dialog: BenchDialog, bench: FakeBench) -> None:
    dialog.start()
    bench.events += [sample(), m.BenchRow(row(BF16, 9.0))]
    dialog.tick()
    assert "draw" in dialog.table.bench.rows[0].ms
    assert dialog.table.bench.rows[0].live_ms > 12.5
    finish(dialog, bench, m.BenchRow(row(BF16, 9.0)))
    assert "draw" in dialog.table.bench.rows[0].ms
    assert not dialog.running


def test_one_click_uses_what_is_recommended(program: Program, dialog: BenchDialog, bench: FakeBench) -> None:
    dialog.start()
    finish(
        dialog, bench, m.BenchRow(row(BF16, 5.0)), m.BenchRow(row(FP32, 60.0)), m.BenchRow(row(TORCH, 9.0, "classify"))
    )
    assert dialog.table.bench.best == {BF16, TORCH}
    assert [use.text() for use in dialog.uses] == ["Use this", "Use this"]
    assert [use.property("kind") for use in dialog.uses] == ["primary", None]
    assert bench.stops == 1
    QTest.mouseClick(dialog.uses[0], Qt.MouseButton.LeftButton)
    values = program.window.preferences.values
    assert (values.engine, values.device, values.precision) == ("openvino", "cpu", "bf16")
    sent = program.client.last(m.SetModels)
    assert sent.keys == ("yolov3-tiny",)
    assert (sent.placement.engine, sent.placement.device, sent.placement.precision) == ("openvino", "cpu", "bf16")
    assert not dialog.isVisible()


def test_another_rate_recommends_anew_without_measuring(dialog: BenchDialog, bench: FakeBench) -> None:
    dialog.start()
    finish(dialog, bench, m.BenchRow(row(BF16, 5.0)), m.BenchRow(row(FP32, 25.0)))
    assert dialog.table.bench.best == {FP32} if dialog.rate.value() < 30 else {BF16}
    dialog.rate.setValue(10)
    assert dialog.table.bench.best == {FP32}
    dialog.rate.setValue(400)
    assert dialog.table.bench.best == set()
    assert not dialog.recommended[0].holds
    assert len(dialog.uses) == 1
    assert len(bench.started) == 1


def test_the_wanted_rate_is_the_one_that_is_held(program: Program, bench: FakeBench) -> None:
    program.window.preferences.change(live_target_fps=25.0)
    program.window.actions_.by_key["measure"].trigger()
    found = program.window.findChild(BenchDialog)
    assert isinstance(found, BenchDialog)
    assert found.rate.value() == 25


def test_what_is_live_is_paused_meanwhile_and_goes_on(program: Program, dialog: BenchDialog, bench: FakeBench) -> None:
    program.show_demo()
    dialog.start()
    assert program.client.last(m.Pause).paused
    request = program.client.last(m.OpenSource).request
    program.client.push(m.SourceState(request, "paused"))
    program.tick()
    finish(dialog, bench, m.BenchRow(row(BF16, 5.0)))
    assert not program.client.last(m.Pause).paused


def test_what_the_user_paused_stays_paused(program: Program, dialog: BenchDialog, bench: FakeBench) -> None:
    program.show_demo()
    program.client.push(m.SourceState(program.client.last(m.OpenSource).request, "paused"))
    program.tick()
    dialog.start()
    finish(dialog, bench, m.BenchRow(row(BF16, 5.0)))
    assert program.client.sent(m.Pause) == []


def test_cancelled_it_ends_the_process_and_keeps_what_was_measured(
    program: Program, dialog: BenchDialog, bench: FakeBench
) -> None:
    dialog.start()
    bench.events.append(m.BenchRow(row(BF16, 5.0)))
    dialog.tick()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    assert bench.stops == 1
    assert not dialog.running
    assert dialog.table.bench.best == {BF16}
    assert "Cancelled" in dialog.status.text()
    assert program.controller.milliseconds("yolov3-tiny") == pytest.approx(6.5)
    assert SpeedMemory().of("yolov3-tiny", program.controller.placement) == pytest.approx(6.5)


def test_closing_the_dialog_or_the_window_ends_the_process(
    program: Program, dialog: BenchDialog, bench: FakeBench, qtbot: QtBot
) -> None:
    dialog.start()
    program.window.close()
    assert bench.stops == 1


def test_a_setup_that_fails_is_told_and_leaves_the_table(
    program: Program, dialog: BenchDialog, bench: FakeBench
) -> None:
    dialog.start()
    bench.events += [m.BenchRow(row(BF16, 5.0)), m.BenchFailed(BF16, "It broke.", "Mend it.")]
    dialog.tick()
    assert dialog.table.bench.rowCount() == 0
    assert any("It broke." in title for title in program.toast_titles())


@pytest.mark.parametrize("event", [m.Notice("No model is on this machine yet.", "Choose one."), None])
def test_a_measurement_that_ends_early_says_so(dialog: BenchDialog, bench: FakeBench, event: m.Event | None) -> None:
    dialog.start()
    bench.events += [event] if event else []
    bench.ended = True
    dialog.tick()
    assert not dialog.running
    assert dialog.status.text() != ""
    assert dialog._start.isVisible()


@pytest.mark.logs_warnings
def test_a_bug_of_the_measurement_is_in_the_error_log(program: Program, dialog: BenchDialog, bench: FakeBench) -> None:
    dialog.start()
    bench.events.append(m.Failure("ZeroDivisionError: 0", "Traceback"))
    dialog.tick()
    assert not dialog.running
    assert program.window.notifier.troubles[-1].details == "Traceback"


def test_it_follows_the_language_and_the_theme(
    program: Program, dialog: BenchDialog, bench: FakeBench, qapp: QApplication
) -> None:
    dialog.start()
    finish(dialog, bench, m.BenchRow(row(BF16, 5.0)))
    texts.change_language("fr")
    assert dialog.windowTitle() == "Mesurer cette machine"
    assert dialog.uses[0].text() == "Utiliser"
    assert dialog.table.bench.headerData(0, Qt.Orientation.Horizontal) == "Modèle"
    assert cells(dialog, 0)[LIVE] == "117,6"
    before = dialog.table.grab().toImage()
    theme().apply(qapp, "light" if theme().is_dark else "dark")
    assert dialog.table.grab().toImage() != before
    theme().apply(qapp, "system")


def test_the_table_is_read_aloud(dialog: BenchDialog, bench: FakeBench) -> None:
    dialog.start()
    finish(dialog, bench, m.BenchRow(row(BF16, 5.0)))
    model = dialog.table.bench
    spoken = model.data(model.index(0, 0), int(Qt.ItemDataRole.AccessibleTextRole))
    assert spoken == "Model: yolov3-tiny (recommended)"
    tip = model.data(model.index(0, 6), int(Qt.ItemDataRole.ToolTipRole))
    assert tip.startswith("30 frames · network 5.0 ± 0.1 ms")
