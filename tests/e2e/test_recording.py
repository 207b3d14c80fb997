"""A recording through the real window, recogniser and recorder, with a starter model."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from desktop_app.app import create_app
from desktop_app.gui.main_window import MainWindow
from desktop_app.recording import messages as m
from tests.recording.media import frame_times, pictures

pytestmark = pytest.mark.usefixtures("starter_models")

PATIENCE = 60_000


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    _, window = create_app()
    qtbot.addWidget(window)
    window.controller.open(["demo:"])
    qtbot.waitUntil(lambda: bool(window.controller.results), timeout=PATIENCE)
    yield window
    window.close()
    qtbot.waitUntil(lambda: window.controller.client_pid is None, timeout=20_000)


def press_record(window: MainWindow) -> float:
    """Returns when."""
    at = time.perf_counter()
    window.actions_.by_key["record"].trigger()
    return at


def record_until(window: MainWindow, qtbot: QtBot, frames: int) -> None:
    def enough() -> bool:
        progress = window.controller.recording.progress
        return progress is not None and progress.frames >= frames

    qtbot.waitUntil(enough, timeout=PATIENCE)


def stop(window: MainWindow, qtbot: QtBot) -> tuple[m.Done, float]:
    with qtbot.waitSignal(window.controller.recording.done, timeout=PATIENCE) as signal:
        at = press_record(window)
    assert signal.args is not None
    done = signal.args[0]
    assert isinstance(done, m.Done)
    return done, at


def test_a_recording_lasts_as_long_as_life_and_shows_what_the_screen_showed(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    began = press_record(window)
    record_until(window, qtbot, 20)
    window.controller.toggle_pause()
    qtbot.waitUntil(lambda: window.controller.phase == "paused", timeout=PATIENCE)
    record_until(window, qtbot, window.controller.recording.progress.frames + 3)  # type: ignore[union-attr]
    window.actions_.by_key["snapshot"].trigger()
    qtbot.waitUntil(lambda: any(t.title == "Snapshot saved" for t in window.toasts.toasts), timeout=PATIENCE)
    done, ended = stop(window, qtbot)
    assert (done.reason, done.message) == ("stopped", "")
    times = frame_times(Path(done.path))
    assert times[-1] / 1000 == pytest.approx(ended - began, rel=0.01, abs=0.05)
    with Image.open(next((tmp_path / "pictures").glob("*.png"))) as opened:
        snapshot = np.asarray(opened.convert("RGB"))[:, :, ::-1].astype(int)
    # The colours of thin lines are half as fine in a video.
    assert np.abs(pictures(Path(done.path))[-1].astype(int) - snapshot).mean() < 4
    rows = [json.loads(line) for line in Path(done.path).with_suffix(".jsonl").read_text().splitlines()]
    assert {row["model"] for row in rows} == {"yolov3-tiny"}
    assert all(0 <= row["recording_s"] <= times[-1] / 1000 for row in rows)


@pytest.mark.logs_warnings
def test_a_recording_outlives_the_recogniser(window: MainWindow, qtbot: QtBot) -> None:
    began = press_record(window)
    record_until(window, qtbot, 5)
    pid = window.controller.client_pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: window.controller.client_pid not in (None, pid), timeout=PATIENCE)
    shown = window.controller.frame
    qtbot.waitUntil(lambda: window.controller.frame is not shown, timeout=PATIENCE)
    before = window.controller.recording.progress
    assert before is not None
    record_until(window, qtbot, before.frames + 20)
    done, ended = stop(window, qtbot)
    assert done.reason == "stopped"
    assert frame_times(Path(done.path))[-1] / 1000 == pytest.approx(ended - began, rel=0.01, abs=0.05)


def test_another_input_ends_it_and_says_so(window: MainWindow, qtbot: QtBot, bus: Path) -> None:
    press_record(window)
    record_until(window, qtbot, 5)
    with qtbot.waitSignal(window.controller.recording.done, timeout=PATIENCE) as signal:
        window.controller.open([str(bus)])
    assert signal.args is not None
    assert signal.args[0].reason == "source"
    assert frame_times(Path(signal.args[0].path))
    assert any(toast.title == "Recording saved" for toast in window.toasts.toasts)


def test_closing_the_window_makes_it_whole(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    press_record(window)
    record_until(window, qtbot, 5)
    window.close()
    qtbot.waitUntil(lambda: window.controller.client_pid is None, timeout=20_000)
    (path,) = (tmp_path / "pictures").glob("*.mp4")
    assert len(frame_times(path)) >= 5
