"""The real window with the real recogniser and the starter models."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.app import create_app
from desktop_app.core.results import Classification, Detections, Result
from desktop_app.gui.main_window import MainWindow

pytestmark = pytest.mark.usefixtures("starter_models")

PATIENCE = 60_000
"""Milliseconds; a machine that is busy with other things must not fail a test."""


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    _, window = create_app()
    qtbot.addWidget(window)
    yield window
    pid = window.controller.client_pid
    window.close()
    qtbot.waitUntil(lambda: window.controller.client_pid is None, timeout=5000)
    assert pid is None or not Path(f"/proc/{pid}/cmdline").exists()


def result_of(window: MainWindow, key: str) -> Result | None:
    return window.controller.results.get(key)


def labels(window: MainWindow, key: str) -> list[str]:
    result = result_of(window, key)
    if result is None:
        return []
    names = window.controller.running[key].names
    if isinstance(result.prediction, Classification):
        return [names[i] for i in result.prediction.top(3)]
    assert isinstance(result.prediction, Detections)
    return [names[int(i)] for i in result.prediction.class_id]


def test_a_photograph_is_recognised_then_classified(window: MainWindow, qtbot: QtBot, bus: Path) -> None:
    window.controller.open([str(bus)])
    qtbot.waitUntil(lambda: "bus" in labels(window, "yolov3-tiny"), timeout=PATIENCE)
    assert labels(window, "yolov3-tiny").count("person") >= 4
    window.controller.set_models(["efficientnet-lite0"])
    qtbot.waitUntil(lambda: labels(window, "efficientnet-lite0")[:1] == ["minibus"], timeout=PATIENCE)
    qtbot.waitUntil(lambda: list(window.controller.running) == ["efficientnet-lite0"], timeout=PATIENCE)


def test_a_classifier_beside_a_detector_on_the_demo(window: MainWindow, qtbot: QtBot) -> None:
    window.controller.open(["demo:"])
    window.controller.set_models(["yolov3-tiny", "efficientnet-lite0"])
    qtbot.waitUntil(
        lambda: (
            result_of(window, "yolov3-tiny") is not None
            and result_of(window, "efficientnet-lite0") is not None
            and window.controller.frame is not None
        ),
        timeout=PATIENCE,
    )


def test_thresholds_act_on_a_still_without_a_second_inference(window: MainWindow, qtbot: QtBot, bus: Path) -> None:
    window.controller.open([str(bus)])
    qtbot.waitUntil(lambda: len(labels(window, "yolov3-tiny")) >= 5, timeout=PATIENCE)
    before = result_of(window, "yolov3-tiny")
    assert before is not None
    window.preferences.change(confidence=0.9)
    qtbot.waitUntil(lambda: labels(window, "yolov3-tiny") == ["person"], timeout=PATIENCE)
    after = result_of(window, "yolov3-tiny")
    assert after is not None
    assert after.timings == before.timings


@pytest.mark.logs_warnings
def test_a_killed_recogniser_is_back_with_source_and_model(window: MainWindow, qtbot: QtBot) -> None:
    window.controller.open(["demo:"])
    window.controller.set_models(["efficientnet-lite0"])
    qtbot.waitUntil(lambda: result_of(window, "efficientnet-lite0") is not None, timeout=PATIENCE)
    pid = window.controller.client_pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: window.controller.client_pid not in (None, pid), timeout=PATIENCE)
    shown = result_of(window, "efficientnet-lite0")
    assert shown is not None
    qtbot.waitUntil(
        lambda: (result_of(window, "efficientnet-lite0") or shown).captured_at > shown.captured_at + 0.5,
        timeout=PATIENCE,
    )
    assert window.controller.info is not None
    assert window.controller.info.kind == "demo"


def _descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts descriptors through /proc")
def test_fifty_switches_of_the_source_leak_nothing(window: MainWindow, qtbot: QtBot, bus: Path, zidane: Path) -> None:
    controller = window.controller
    specs = [["demo:"], [str(bus)], [str(zidane)]]

    def switch(times: int) -> None:
        for number in range(times):
            controller.open(specs[number % 3])
            request = controller._request
            qtbot.waitUntil(
                lambda: controller._shown_request == request and controller.frame is not None,  # noqa: B023
                timeout=PATIENCE,
            )

    switch(9)
    child = controller.client_pid
    assert child is not None
    before = (_descriptors(os.getpid()), _descriptors(child), threading.active_count())
    switch(50)
    after = (_descriptors(os.getpid()), _descriptors(child), threading.active_count())
    assert all(now <= then + 3 for then, now in zip(before, after, strict=True)), (before, after)
    assert controller.client_pid == child


def test_closing_ends_every_process_with_status_0(tmp_path: Path) -> None:
    """As a user starts it: `regard demo:`, then the window is closed from outside."""
    process = subprocess.Popen(
        [sys.executable, "-m", "desktop_app", "demo:"],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        stderr=subprocess.PIPE,
        text=True,
    )
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    try:
        for _ in range(400):
            if process.poll() is not None or len(children.read_text().split()) >= 2:
                break
            signal.sigtimedwait([], 0.05)
        started = [int(pid) for pid in children.read_text().split()]
        assert len(started) >= 2, "the recogniser and the resource tracker"
        signal.sigtimedwait([], 1.5)
        process.terminate()
        assert process.wait(10) == 0
        for _ in range(100):
            if not any(Path(f"/proc/{pid}").exists() for pid in started):
                break
            signal.sigtimedwait([], 0.05)
        assert not any(Path(f"/proc/{pid}").exists() for pid in started)
    finally:
        process.kill()
        _, complaints = process.communicate()
    assert complaints == ""
