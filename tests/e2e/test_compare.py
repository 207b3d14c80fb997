"""Comparing models in the real window, with the real recogniser and the starter models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.app import create_app
from desktop_app.core.results import Classification, Detections
from desktop_app.gui.compare_page import ComparePage
from desktop_app.gui.compare_state import Shot
from desktop_app.gui.main_window import MainWindow

pytestmark = pytest.mark.usefixtures("starter_models")
PATIENCE = 60_000


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    _, window = create_app()
    qtbot.addWidget(window)
    yield window
    window.close()
    qtbot.waitUntil(lambda: window.controller.client_pid is None, timeout=5000)


def opened(window: MainWindow, qtbot: QtBot, spec: str) -> ComparePage:
    window.controller.open([spec])
    qtbot.waitUntil(lambda: bool(window.controller.results) and window.controller.frame is not None, timeout=PATIENCE)
    window.commands.compare()
    page = window.stage.views["compare"]
    assert isinstance(page, ComparePage)
    return page


def whole(page: ComparePage) -> Shot | None:
    """What is shown, once all have answered."""
    shot = page.shot
    return shot if shot is not None and len(shot.results) > 1 and None not in shot.results else None


def test_a_photograph(window: MainWindow, qtbot: QtBot, bus: Path) -> None:
    page = opened(window, qtbot, str(bus))
    qtbot.waitUntil(lambda: whole(page) is not None, timeout=PATIENCE)
    shot = whole(page)
    assert shot is not None
    found, named = (result.prediction for result in shot.results if result is not None)
    assert isinstance(found, Detections)
    assert len(found) >= 5
    assert isinstance(named, Classification)
    assert page.panes.panes[1].view.names[named.top(1)[0]] == "minibus"
    assert [verdict.agrees for verdict in shot.verdicts] == [True]  # a minibus is a bus
    window.preferences.change(confidence=0.9)
    qtbot.waitUntil(lambda: _boxes(page) == 1, timeout=PATIENCE)


def _boxes(page: ComparePage) -> int:
    shot = whole(page)
    result = shot.results[0] if shot is not None else None
    return len(result.prediction) if result is not None and isinstance(result.prediction, Detections) else -1


def test_every_frame_with_all_its_answers_and_nothing_afterwards(window: MainWindow, qtbot: QtBot) -> None:
    page = opened(window, qtbot, "demo:")
    seen: set[int] = set()

    def look() -> None:
        shot = page.shot
        if shot is None:
            return
        indexes = {result.frame_index for result in shot.results if result is not None}
        assert indexes <= {shot.frame_index}
        assert {id(pane.view.shot) for pane in page.panes.panes if pane.view.isVisible()} <= {id(shot)}
        if None not in shot.results:
            seen.add(shot.frame_index)

    page.state.compared.connect(look)
    qtbot.waitUntil(lambda: len(seen) >= 5, timeout=PATIENCE)
    window.commands.compare()
    before = window.controller.compare.agreements.frames(1)
    index = window.controller.frame.index if window.controller.frame is not None else 0
    qtbot.waitUntil(
        lambda: window.controller.frame is not None and window.controller.frame.index > index + 5, timeout=PATIENCE
    )
    assert window.controller.compare.shot is None
    assert window.controller.compare.agreements.frames(1) == before == 0
