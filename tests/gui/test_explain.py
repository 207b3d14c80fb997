"""What the network sees: the page of layers, and the heat map over the picture."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from desktop_app.core.explain import Heat, Input, Map, Station, Tiles
from desktop_app.core.results import Classification, Result, Timings
from desktop_app.core.scores import softmax
from desktop_app.gui.explain_page import ExplainPage
from desktop_app.gui.scores_panel import ScoresPanel
from desktop_app.paths import resource_path
from desktop_app.recogniser import messages as m
from desktop_app.render.heat import colour_table, heat_image, map_image, tile_image
from tests.gui.conftest import Program
from tests.gui.fake_client import frame

KEY = "efficientnet-lite0"
IMAGENET = tuple(resource_path("class_names", "imagenet.txt").read_text(encoding="utf-8").splitlines())
STATIONS = (
    Station("bn1.act", 32, 112, 112, 2, 3, 1.5),
    Station("blocks.1", 24, 56, 56, 4, 19, 3.5),
    Station("bn2.act", 64, 7, 7, 32, 851, 31.5),
)


def wish(program: Program) -> m.Explain:
    return [command for command in program.client.commands if isinstance(command, m.Explain)][-1]


def explained(number: int, index: int = 1, **changes: object) -> m.Explained:
    rng = np.random.default_rng(index)
    tiles = tuple(
        Tiles(
            place,
            np.arange(7),
            rng.integers(0, 256, (7, 7, 7), np.uint8),
            np.zeros(7, np.float32),
            np.ones(7, np.float32),
        )
        for place in range(len(STATIONS))
    )
    pixels = rng.integers(0, 256, (224, 224, 3), np.uint8)
    shown = Input(pixels, (pixels.transpose(2, 0, 1) / np.float32(255)).astype(np.float32))
    values: dict[str, object] = {"tiles": tiles, "input": shown, "methods": ("influence", "occlusion"), **changes}
    region = (10.0, 20.0, 234.0, 244.0)
    return m.Explained(number, KEY, index, float(index), STATIONS, region, (224, 224), 12.0, **values)  # type: ignore[arg-type]


@pytest.fixture
def program(make_program: Callable[..., Program]) -> Program:
    made = make_program()
    made.controller.set_models([KEY])
    made.client.push_loaded(KEY, "classify")
    made.window.commands.open_demo()
    made.client.push_opened("demo")
    made.client.frame = frame()
    made.tick()
    return made


@pytest.fixture
def page(program: Program) -> ExplainPage:
    program.window.commands.explain()
    found = program.window.stage.views["explain"]
    assert isinstance(found, ExplainPage)
    program.client.events.append(explained(wish(program).number))
    program.tick()
    return found


def test_asks_for_nothing_until_it_is_opened(program: Program) -> None:
    assert not [command for command in program.client.commands if isinstance(command, m.Explain)]


def test_opens_with_the_classifier_and_its_heat_map(program: Program, page: ExplainPage) -> None:
    asked = wish(program)
    assert (asked.model, asked.heat, asked.input) == (KEY, "influence", True)
    assert asked.tiles > 0
    assert program.window.stage.explain_shown
    assert [page.method.itemData(place) for place in range(page.method.count())] == ["influence", "occlusion", None]


def test_closing_costs_nothing_any_more(program: Program, page: ExplainPage) -> None:
    program.window.commands.explain()
    assert wish(program).model == ""
    assert not program.window.stage.explain_shown


def test_a_map_is_shown_large_with_its_numbers(program: Program, page: ExplainPage) -> None:
    QTest.mouseClick(page.ladder, Qt.MouseButton.LeftButton, pos=page.ladder.tile_rect(1, 2).center())
    assert wish(program).maps == ((1, 2),)
    values = np.linspace(-2, 5, 56 * 56, dtype=np.float32).reshape(56, 56)
    found = Map(1, 2, values, (55, 55), np.zeros((8, 8, 3), np.uint8))
    program.client.events.append(explained(wish(program).number, 2, maps=(found,)))
    program.tick()
    assert not page.card.isHidden()
    assert "5.00" in page.card.numbers.text()
    assert page.picture._field is not None
    assert len(program.controller.explain.strongest[1, 2]) == 1
    QTest.mouseClick(page.card.close_, Qt.MouseButton.LeftButton)
    assert wish(program).maps == ()
    assert page.card.isHidden()


def test_keys_walk_over_the_maps(program: Program, page: ExplainPage) -> None:
    QTest.keyClick(page.ladder, Qt.Key.Key_Down)
    QTest.keyClick(page.ladder, Qt.Key.Key_Right)
    assert wish(program).maps == ((1, 1),)
    QTest.keyClick(page.ladder, Qt.Key.Key_Return)
    assert wish(program).opened == 1
    QTest.keyClick(page.ladder, Qt.Key.Key_Return)
    assert wish(program).opened is None


def test_all_maps_of_a_layer(program: Program, page: ExplainPage) -> None:
    before = page.ladder.sizeHint().height()
    QTest.mouseClick(page.ladder, Qt.MouseButton.LeftButton, pos=page.ladder.more_rect(0).center())
    assert wish(program).opened == 0
    program.client.events.append(explained(wish(program).number))
    program.tick()
    assert page.ladder.sizeHint().height() > before


def test_the_heat_map_lies_where_it_belongs(program: Program, page: ExplainPage) -> None:
    heat = Heat("influence", 3, np.ones((7, 7), np.float32), (122.0, 132.0, 234.0, 244.0), 9.0, 5.0)
    program.client.events.append(m.HeatReady(wish(program).number, KEY, 1, heat))
    program.tick()
    place = page.picture._over_at
    assert (place.x(), place.y(), place.width(), place.height()) == (112, 112, 112, 112)


def test_a_heat_map_that_was_asked_for_before_is_not_shown(program: Program, page: ExplainPage) -> None:
    old = wish(program).number
    page._state.ask(class_id=4)
    heat = Heat("influence", 3, np.ones((7, 7), np.float32), (0, 0, 9, 9), 9.0, 5.0)
    program.client.events.append(m.HeatReady(old, KEY, 1, heat))
    program.tick()
    assert page._state.heat is None


def test_g_lays_the_heat_map_over_the_picture(program: Program) -> None:
    program.window.commands.heat()
    asked = wish(program)
    assert (asked.model, asked.heat, asked.tiles) == (KEY, "influence", 0)
    heat = Heat("influence", 3, np.ones((7, 7), np.float32), (1.0, 2.0, 101.0, 102.0), 9.0, 5.0)
    program.client.events.append(m.HeatReady(asked.number, KEY, 1, heat))
    program.tick()
    assert program.window.actions_.by_key["heat"].isChecked()
    assert not program.window.stage.video._heat.isNull()
    program.window.commands.heat()
    assert wish(program).model == ""
    assert program.window.stage.video._heat.isNull()


def test_the_tensor_is_saved_as_it_was_inferred(
    program: Program, page: ExplainPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "tensor.npy"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    page.save_input.click()
    seen = program.controller.explain.last
    assert seen is not None
    assert seen.input is not None
    np.testing.assert_array_equal(np.load(path), seen.input.values)


def test_a_folder_that_cannot_be_written_to_is_told(
    program: Program, page: ExplainPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "no" / "tensor.npy"), ""))
    page.save_input.click()
    assert any("tensor.npy" in title for title in program.toast_titles())


def test_the_pointer_reads_values(program: Program, page: ExplainPage) -> None:
    page._show_values(3, 5)
    seen = program.controller.explain.last
    assert seen is not None
    assert seen.input is not None
    for value in seen.input.pixels[5, 3]:
        assert str(int(value)) in page.values.full_text


def test_a_recogniser_that_was_started_again_hears_of_it(program: Program, page: ExplainPage) -> None:
    program.controller.explain.again()
    assert wish(program) == program.controller.explain.wish


def test_trouble_is_told_on_the_page(program: Program, page: ExplainPage) -> None:
    program.client.events.append(m.ExplainFailed(wish(program).number, "It has no layers.", "Choose another."))
    program.tick()
    assert page.trouble.text() == "It has no layers. Choose another."


class TestColours:
    def test_the_scale_gets_lighter_all_the_way(self) -> None:
        lightness = [0.3 * (c >> 16 & 255) + 0.59 * (c >> 8 & 255) + 0.11 * (c & 255) for c in colour_table()]
        assert len(lightness) == 256
        assert all(b >= a for a, b in itertools.pairwise(lightness))

    def test_a_tile_shows_each_value_in_its_colour(self) -> None:
        image = tile_image(np.array([[0, 255], [128, 64]], np.uint8))
        assert image.pixelColor(1, 0).rgb() == colour_table()[255]
        assert image.pixelColor(1, 1).rgb() == colour_table()[64]

    def test_a_map_uses_its_own_range(self) -> None:
        image = map_image(np.array([[-3, 7]], np.float32))
        assert (image.pixelColor(0, 0).rgb(), image.pixelColor(1, 0).rgb()) == (colour_table()[0], colour_table()[255])

    def test_heat_is_the_more_opaque_the_more_it_counts(self) -> None:
        image = heat_image(np.array([[-1, 0.5, 1]], np.float32), 0.8)
        alphas = [image.pixelColor(x, 0).alphaF() for x in range(3)]
        assert alphas[0] < alphas[1] < alphas[2]
        assert alphas[2] == pytest.approx(0.8, abs=0.01)


class TestScores:
    @pytest.fixture
    def panel(self, program: Program, page: ExplainPage) -> ScoresPanel:
        logits = np.zeros(1000, np.float32)
        logits[258], logits[157] = 16.0, 5.7
        program.client.push(m.ModelLoaded(KEY, "classify", IMAGENET, "openvino", "CPU", "fp32"))
        program.tick()
        result = Result(0, 1.0, KEY, Classification(logits, softmax(logits)), Timings(1, 2, 3), "openvino", "CPU")
        program.client.push_result(result)
        program.client.frame = frame(2)
        program.tick()
        panel = program.window.side.currentWidget()
        assert isinstance(panel, ScoresPanel)
        panel._refresh(anew=True)
        return panel

    def test_as_in_the_lecture(self, panel: ScoresPanel) -> None:
        assert panel.lecture.text().startswith("Samoyed (16.0); papillon (5.7)")

    def test_the_temperature_changes_probabilities_and_no_logit(self, panel: ScoresPanel) -> None:
        before = panel.bars._scores[0]
        panel.temperature.slider.setValue(panel.temperature.slider.maximum())
        after = panel.bars._scores[0]
        assert after.logit == before.logit
        assert after.probability < before.probability

    def test_the_way_up_the_tree(self, panel: ScoresPanel) -> None:
        words = [node.word for node in panel.tree._path]
        assert words[-1] == "Samoyed"
        assert "dog" in words
        assert panel.tree._path[0].probability == pytest.approx(1, abs=1e-4)

    def test_leaving_brings_the_results_back(self, program: Program, panel: ScoresPanel) -> None:
        program.window.commands.explain()
        assert program.window.side.currentWidget() is program.window.results
