"""The inspector in the real window with the real recogniser: numbers on the screen against those of the file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_app.app import create_app
from desktop_app.core.pixels import grey_of, summary_of
from desktop_app.gui.explain_page import ExplainPage
from desktop_app.gui.main_window import MainWindow

PATIENCE = 60_000
WIDTH, HEIGHT = 3840, 2160


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    _, window = create_app()
    qtbot.addWidget(window)
    yield window
    window.close()
    qtbot.waitUntil(lambda: window.controller.client_pid is None, timeout=5000)
    QGuiApplication.clipboard().clear()


@pytest.fixture
def known(tmp_path: Path) -> tuple[Path, np.ndarray]:
    """A 4K picture of noise, in a file that says it lies on its side."""
    upright = np.random.default_rng(1).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "known.png"
    Image.fromarray(np.ascontiguousarray(np.rot90(upright, 1))).save(path, exif=exif, compress_level=0)
    return path, upright


def test_the_numbers_are_those_of_the_file(window: MainWindow, qtbot: QtBot, known: tuple[Path, np.ndarray]) -> None:
    path, rgb = known
    controller, view = window.controller, window.stage.video
    state = controller.inspector
    controller.open([str(path)])
    qtbot.waitUntil(lambda: controller.frame is not None and controller.frame.width == WIDTH, timeout=PATIENCE)
    window.actions_.by_key["inspect"].trigger()

    def at(column: int, row: int) -> QPoint:
        place = view.picture_rect()
        return QPointF(place.x() + (column + 0.5) * view.zoom, place.y() + (row + 0.5) * view.zoom).toPoint()

    # The whole picture, of which the screen has a small copy.
    qtbot.waitUntil(lambda: controller.frame is not None and not controller.frame.whole, timeout=PATIENCE)
    for column, row in ((100, 100), (3700, 2100), (1234, 567)):
        QTest.mouseMove(view, at(column, row))
        qtbot.waitUntil(lambda: state.value() is not None, timeout=PATIENCE)
        assert state.at is not None
        x, y = state.at
        assert abs(x - column) <= 1 / view.zoom
        assert abs(y - row) <= 1 / view.zoom
        assert state.value() == tuple(rgb[y, x])
    qtbot.waitUntil(lambda: state.counts is not None and state.counted == (0, 0, WIDTH, HEIGHT), timeout=PATIENCE)
    assert state.counts is not None
    for index, values in enumerate((*np.moveaxis(rgb, 2, 0), grey_of(rgb))):
        np.testing.assert_array_equal(state.counts[index], np.bincount(values.ravel(), minlength=256))
        found = summary_of(state.counts, index)
        assert found is not None
        assert found.std == pytest.approx(values.std())

    # A region of it, for NumPy.
    state.select((1000, 500), (1059, 539))
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: QGuiApplication.clipboard().text().startswith("np.array"), timeout=PATIENCE)
    read = eval(QGuiApplication.clipboard().text(), {"np": np})
    np.testing.assert_array_equal(read, rgb[500:540, 1000:1060])

    # Close by, where all pixels are here.
    view.show_place(60, 2000.5, 1000.5)
    qtbot.waitUntil(lambda: controller.frame is not None and controller.frame.whole, timeout=PATIENCE)
    for column, row in ((2000, 1000), (1997, 1002)):
        QTest.mouseMove(view, at(column, row))
        assert state.at == (column, row)
        assert state.value() == tuple(rgb[row, column])


@pytest.mark.usefixtures("starter_models")
def test_the_steps_are_those_of_the_photograph(window: MainWindow, qtbot: QtBot, bus: Path) -> None:
    """Recomputed by Pillow and NumPy from the file itself."""
    controller = window.controller
    controller.set_models(["efficientnet-lite0"])
    controller.open([str(bus)])
    qtbot.waitUntil(lambda: "efficientnet-lite0" in controller.results, timeout=PATIENCE)
    window.actions_.by_key["explain"].trigger()
    window.actions_.by_key["inspect"].trigger()
    page = window.stage.views["explain"]
    assert isinstance(page, ExplainPage)
    assert page.steps_shown

    def told() -> bool:
        last = controller.explain.last
        return last is not None and last.steps is not None and last.steps.whole and last.input is not None

    qtbot.waitUntil(told, timeout=PATIENCE)
    seen = controller.explain.last
    assert seen is not None
    assert seen.steps is not None
    assert seen.input is not None
    photograph = Image.open(bus).convert("RGB")
    np.testing.assert_array_equal(seen.steps.frame, np.asarray(photograph))
    scaled = photograph.resize((256, 341), Image.Resampling.BICUBIC)
    np.testing.assert_array_equal(seen.steps.resized, np.asarray(scaled))
    cut = np.asarray(scaled.crop((16, 58, 16 + 224, 58 + 224)))
    np.testing.assert_array_equal(seen.input.pixels, cut)
    tensor = (cut.transpose(2, 0, 1) / np.float32(255) - np.float32(0.5)) / np.float32(0.5)
    np.testing.assert_allclose(seen.input.values, tensor, atol=1e-5)
    assert page._tensors is not None
    page._tensors.order.ask.click()
    qtbot.waitUntil(
        lambda: bool((last := controller.explain.last) and last.steps and last.steps.swapped), timeout=PATIENCE
    )
