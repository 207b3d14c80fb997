"""The panel that spoils the picture: sliders, warnings, stability, sweep; and that it leaves nothing behind."""

from __future__ import annotations

import csv
import gc
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from desktop_app.core.stress import CORRUPTIONS, NONE, CorruptionName, Stress
from desktop_app.core.sweep import ALL, NOTHING, Answer, Subject
from desktop_app.gui import hud, texts
from desktop_app.gui.made_when_shown import MadeWhenShown
from desktop_app.gui.panels.stress import StressPanel
from desktop_app.gui.stress_sliders import StressSlider
from desktop_app.gui.sweep_window import SweepWindow
from desktop_app.recogniser import messages as m
from tests.gui.conftest import Program
from tests.gui.fake_client import classification, detections, frame, result

KEY = "efficientnet-lite0"
NAMES = ("tabby", "tiger cat", "lynx")


@pytest.fixture
def program(make_program: Callable[..., Program]) -> Program:
    made = make_program()
    made.controller.set_models([KEY])
    made.client.push_loaded(KEY, "classify", NAMES)
    made.window.commands.open_demo()
    made.client.push_opened("demo")
    made.client.frame = frame()
    made.tick()
    return made


@pytest.fixture
def panel(program: Program) -> StressPanel:
    return open_panel(program)


def open_panel(program: Program) -> StressPanel:
    program.window.commands.stress()
    holder = program.window.docks.panels["stress"]
    assert isinstance(holder, MadeWhenShown)
    assert isinstance(holder.content, StressPanel)
    return holder.content


def slider(panel: StressPanel, key: str) -> StressSlider:
    return next(row for row in panel.sliders.rows if row.corruption.key == key)


def sent(program: Program) -> Stress:
    """What the recogniser was told last."""
    program.tick()
    return program.client.last(m.SetStress).stress


def left_chips(program: Program) -> list[str]:
    return [chip.text for chip in hud.left_chips(program.window.stage.video._state)]


class TestSliders:
    def test_nothing_is_sent_until_something_is_changed(self, program: Program, panel: StressPanel) -> None:
        program.tick()
        assert program.controller.stress.open
        assert not program.client.sent(m.SetStress)
        assert not any("changed" in chip for chip in left_chips(program))

    def test_each_slider_tells_the_recogniser_and_is_reset_alone(self, program: Program, panel: StressPanel) -> None:
        for corruption in CORRUPTIONS:
            row = slider(panel, corruption.key)
            assert not row.reset.isEnabled()
            value = corruption.sweep[-1]
            row.value.set_value(value)
            row.value.value_changed.emit(row.value.value())
            assert sent(program) == NONE.with_value(corruption.key, value)
            assert row.reset.isEnabled()
            row.reset.click()
            assert sent(program) == NONE
            assert row.value.value() == corruption.neutral

    def test_keys_move_them_to_where_the_picture_gets_worse(self, program: Program, panel: StressPanel) -> None:
        for key in ("blur", "jpeg", "resolution"):
            row = slider(panel, key)
            QTest.keyClick(row.value.slider, Qt.Key.Key_Right)
            assert program.controller.stress.values.changes.keys() == {key}
            row.reset.click()

    def test_all_are_reset_at_once(self, program: Program, panel: StressPanel) -> None:
        program.controller.stress.set_values(Stress(blur=3, noise=20, hue=30))
        assert sent(program) == Stress(blur=3, noise=20, hue=30)
        panel._reset.click()
        assert sent(program) == NONE
        assert not panel._reset.isEnabled()

    def test_each_value_has_its_unit(self, panel: StressPanel) -> None:
        values = {
            "blur": (3.5, "3.5 px"),
            "noise": (20, "σ 20"),
            "brightness": (15, "+15 %"),
            "contrast": (80, "80 %"),
            "jpeg": (40, "40"),
            "rotation": (-30, "−30°"),
            "occlusion": (25, "25 %"),
            "hue": (90, "+90°"),
            "resolution": (4, "1/4"),
        }
        for key, (value, text) in values.items():
            row = slider(panel, key)
            row.value.set_value(value)
            assert row.value._value.text().replace(texts.NBSP, " ") == text
        assert {row.corruption.key for row in panel.sliders.rows} == set(values)

    def test_the_wheel_scrolls_and_changes_nothing(self, program: Program, panel: StressPanel) -> None:
        for part in (slider(panel, "blur").value.slider, panel.stability.span):
            middle = QPointF(part.rect().center())
            down = QPoint(0, -120)
            none, scrolls = Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
            wheel = QWheelEvent(
                middle, part.mapToGlobal(middle), QPoint(), down, Qt.MouseButton.NoButton, none, scrolls, False
            )
            QCoreApplication.sendEvent(part, wheel)
        assert program.controller.stress.values == NONE
        assert panel.stability.span.currentIndex() == 0

    def test_two_columns_where_there_is_room(self, panel: StressPanel) -> None:
        panel.sliders.resize(700, 400)
        assert panel.sliders._columns == 2
        panel.sliders.resize(280, 400)
        assert panel.sliders._columns == 1


class TestWarnings:
    def test_the_picture_and_the_status_say_what_is_changed(self, program: Program, panel: StressPanel) -> None:
        program.controller.stress.set_values(Stress(blur=3))
        assert "Input changed: blur 3 px" in [text.replace(texts.NBSP, " ") for text in left_chips(program)]
        found = program.window.status.line.numbers[0]
        assert (found.number, found.unit.replace(texts.NBSP, " "), found.tone) == (
            "Input changed:",
            "blur 3 px",
            "warning",
        )
        assert "Input changed" in program.window.status.line.accessibleName()

    def test_many_changes_stay_short(self, program: Program, panel: StressPanel) -> None:
        program.controller.stress.set_values(Stress(blur=3, noise=20, hue=30, jpeg=40))
        assert any(text.endswith("+2") for text in left_chips(program))

    def test_it_stands_on_a_still_which_has_no_other_chip(self, program: Program, panel: StressPanel) -> None:
        program.window.commands.open(["a.jpg"])
        program.client.push_opened("image", spec="a.jpg", title="a.jpg", live=False)
        program.client.frame = frame()
        program.tick()
        assert left_chips(program) == []
        program.controller.stress.set_values(Stress(jpeg=40))
        assert len(left_chips(program)) == 1
        assert "JPEG quality 40" in left_chips(program)[0]

    def test_a_batch_is_left_alone_and_says_nothing(self, program: Program, panel: StressPanel) -> None:
        program.controller.stress.set_values(Stress(jpeg=40))
        program.window.commands.open(["folder"])
        program.client.push_opened("images", spec="folder", title="folder", live=False)
        program.tick()
        assert not any("changed" in chip for chip in left_chips(program))
        assert "batch" in panel.notice.text()

    def test_in_full_screen_the_warning_does_not_fade(self, program: Program, panel: StressPanel) -> None:
        video = program.window.stage.video
        program.window.set_fullscreen(True)
        assert video._hud_clock.isActive()
        program.controller.stress.set_values(Stress(jpeg=40))
        assert not video._hud_clock.isActive()

    def test_a_snapshot_says_so_inside(self, program: Program, panel: StressPanel) -> None:
        from desktop_app.gui.snapshot_facts import _sentence

        program.controller.stress.set_values(Stress(blur=3))
        spoiled = replace(result(classification(1, 5, 2), key=KEY), stress=Stress(blur=3))
        program.client.push_result(spoiled)
        program.client.frame = frame(1)
        program.tick()
        seen = program.window.commands.snapshots._seen(True)
        assert seen is not None
        assert seen.facts["stress"] == {"blur": 3.0}
        assert "blur 3" in _sentence(seen.facts)

    def test_a_recording_says_so(self, program: Program, panel: StressPanel) -> None:
        program.controller.stress.set_values(Stress(blur=3))
        job = program.window.commands.recording._metadata(program.controller.info)  # type: ignore[arg-type]
        assert "blur 3" in job["comment"]

    def test_who_records_is_warned_once(
        self, program: Program, panel: StressPanel, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        warned: list[str] = []
        monkeypatch.setattr(program.window.session.notifier, "tell", lambda kind, title, *_, **__: warned.append(title))
        program.controller.stress.set_values(Stress(blur=3))
        assert not warned  # nothing is recorded
        monkeypatch.setattr(type(program.controller.recording), "runs", property(lambda _: True))
        program.controller.stress.set_values(Stress(blur=4))
        program.controller.stress.set_values(Stress(blur=5))
        assert [title.replace(texts.NBSP, " ") for title in warned] == ["Input changed: blur 4 px"]

    def test_a_frame_for_a_data_set_goes_along_as_it_was_recognised(self, program: Program, panel: StressPanel) -> None:
        """Not as it lies in the file, which shows something else."""
        from desktop_app.gui.take_frame import TakeFrame

        program.window.commands.open(["a.jpg"])
        program.client.push_opened("image", spec="a.jpg", title="a.jpg", live=False)
        program.client.push_result(replace(result(classification(1, 5, 2), key=KEY), stress=Stress(blur=3)))
        program.client.frame = frame(shrunk=2)
        program.tick()
        TakeFrame(program.controller, lambda item: None)
        assert program.client.sent(m.GetFrame)


class TestOpenAndClosed:
    def test_closed_nothing_is_spoiled_any_more(self, program: Program, panel: StressPanel) -> None:
        program.controller.stress.set_values(Stress(blur=3))
        assert sent(program) == Stress(blur=3)
        program.window.commands.stress()
        assert sent(program) == NONE
        assert not program.controller.stress.open
        assert not any("changed" in chip for chip in left_chips(program))
        open_panel(program)
        assert program.controller.stress.values == NONE

    def test_the_menu_shows_whether_it_is_open(self, program: Program) -> None:
        action = program.window.actions_.by_key["stress"]
        assert not action.isChecked()
        open_panel(program)
        assert action.isChecked()
        program.window.docks.docks["stress"].hide()
        assert not action.isChecked()

    def test_full_screen_hides_the_panel_and_the_sliders_act_on(self, program: Program, panel: StressPanel) -> None:
        program.controller.stress.set_values(Stress(blur=3))
        program.window.set_fullscreen(True)
        assert program.window.docks.docks["stress"].isHidden()
        assert sent(program) == Stress(blur=3)
        program.window.set_fullscreen(False)
        assert not program.window.docks.docks["stress"].isHidden()
        assert sent(program) == Stress(blur=3)

    def test_closed_no_result_is_measured(self, program: Program) -> None:
        program.client.push_result(result(classification(1, 5, 2), key=KEY))
        program.tick()
        assert program.controller.stress.meters == {}

    def test_two_hundred_times_leave_nothing(self, program: Program, qtbot: QtBot) -> None:
        """No thread, no object, no timer, and each time the same few messages."""
        open_panel(program)  # its parts are made once
        program.window.commands.stress()
        program.tick()

        def objects() -> int:
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
            gc.collect()
            return len(program.window.findChildren(QObject))

        threads, before, messages = threading.active_count(), objects(), len(program.client.commands)
        for _ in range(200):
            program.window.commands.stress()
            program.controller.stress.set_values(Stress(blur=3))
            begin_sweep(program)
            program.tick()
            program.window.commands.stress()
            program.tick()
        assert threading.active_count() == threads
        assert objects() == before
        new = program.client.commands[messages:]
        kinds = [type(command) for command in new if not isinstance(command, m.SetView)]
        assert kinds.count(m.SetStress) == 400
        assert kinds.count(m.Sweep) == 400  # begun, and forgotten
        assert len(kinds) == 800
        assert program.controller.stress.sweep is None
        program.tick()
        assert len(program.client.commands) == len(new) + messages

    def test_a_recogniser_that_was_started_again_spoils_on(self) -> None:
        from desktop_app.recogniser.client import _Memory

        memory = _Memory()
        memory.keep(m.SetStress(Stress(blur=3)))
        memory.keep(m.OpenSource(1, ("demo:",)))
        assert memory.replay()[0] == m.SetStress(Stress(blur=3))


class TestStability:
    def run(self, program: Program, tops: list[int], fps: float = 10) -> None:
        for index, top in enumerate(tops):
            logits = [0.0, 0.0, 0.0]
            logits[top] = 9.0
            program.client.push_result(result(classification(*logits), index, KEY, captured_at=index / fps))
        program.tick()

    def test_flips_a_minute(self, program: Program, panel: StressPanel) -> None:
        self.run(program, [0] * 100 + [1] * 51)
        panel.stability.refresh()
        cards = panel.stability.models[KEY].cards
        assert cards._numbers == [("flips/min", "4.0")]
        assert panel.stability.models[KEY].chart._flips == [pytest.approx(-5.0)]

    def test_the_span_can_be_chosen_and_measuring_begun_anew(self, program: Program, panel: StressPanel) -> None:
        self.run(program, [0] * 100 + [1] * 400)
        panel.stability.refresh()
        assert panel.stability.models[KEY].cards._numbers[0][1] == "0.0"
        panel.stability.span.setCurrentIndex(1)
        panel.stability.span.activated.emit(1)
        assert panel.stability.models[KEY].cards._numbers[0][1] == "1.2"
        panel.stability.anew.click()
        assert panel.stability.models[KEY].cards._numbers[0][1] == "–"

    def test_boxes_have_jitter_too(self, program: Program, panel: StressPanel) -> None:
        program.controller.set_models(["yolov3-tiny"])
        program.client.push_loaded()
        for index in range(60):
            x = 100 + 4 * (index % 2)
            found = detections((x, 50, x + 100, 150, 0.9, 0))
            program.client.push_result(result(found, index, captured_at=index / 10))
        program.tick()
        panel.stability.refresh()
        numbers = dict(panel.stability.models["yolov3-tiny"].cards._numbers)
        assert numbers["jitter"].replace(texts.NBSP, " ") == "4.0 px"
        assert numbers["flips/min"] == "0.0"
        assert numbers["blinks/min"] == "0"

    def test_a_paused_picture_is_not_measured(self, program: Program, panel: StressPanel) -> None:
        program.client.push(m.SourceState(program.controller.shown_request, "paused"))
        program.tick()
        self.run(program, [0, 1, 0, 1])
        assert program.controller.stress.meters == {}

    def test_another_input_begins_anew(self, program: Program, panel: StressPanel) -> None:
        self.run(program, [0] * 30)
        program.window.commands.open_demo()
        program.client.push_opened("demo")
        program.tick()
        assert program.controller.stress.meters == {}


def begin_sweep(program: Program) -> m.Sweep:
    holder = program.window.docks.panels["stress"]
    assert isinstance(holder, MadeWhenShown)
    assert isinstance(holder.content, StressPanel)
    holder.content.sweep.refresh()
    holder.content.sweep.start.click()
    return program.client.last(m.Sweep)


def answer_all(program: Program, number: int) -> None:
    """A classifier that is 90 % sure of “tiger cat”, less with each step, and says “lynx” from the fifth on."""
    total = sum(len(corruption.sweep) for corruption in CORRUPTIONS)
    program.client.push(m.SweepBegun(number, (Subject(1, 0.9),), total, 7, (640, 480)))
    for corruption in CORRUPTIONS:
        for place, strength in enumerate(corruption.outwards()):
            held = 0.9 - 0.08 * place
            answer = Answer(strength, (held,), (1 if place < 4 else 2,), (max(held, 0.55),))
            program.client.push(m.SweepAnswered(number, corruption.key, answer))
    program.client.push(m.SweepEnded(number))
    program.tick()


class TestSweep:
    @pytest.fixture
    def swept(self, program: Program, panel: StressPanel) -> m.Sweep:
        command = begin_sweep(program)
        answer_all(program, command.number)
        panel.sweep.refresh()
        return command

    def test_asks_with_the_model_and_thresholds_of_the_window(self, program: Program, panel: StressPanel) -> None:
        command = begin_sweep(program)
        assert (command.model, command.stop) == (KEY, False)
        assert command.thresholds == program.controller.thresholds
        assert command.placement == program.controller.placement

    def test_progress_and_cancel(self, program: Program, panel: StressPanel) -> None:
        command = begin_sweep(program)
        panel.sweep.refresh()
        assert not panel.sweep._work.isHidden()
        assert panel.sweep.start.isHidden()
        program.client.push(m.SweepBegun(command.number, (Subject(1, 0.9),), 100, 7, (640, 480)))
        for place in range(25):
            program.client.push(m.SweepAnswered(command.number, "blur", Answer(place + 1, (0.5,), (1,), (0.5,))))
        program.tick()
        panel.sweep.refresh()
        assert panel.sweep.progress.fraction == pytest.approx(0.25)
        assert "25 of 100" in panel.sweep.progress_text.full_text
        panel.sweep.cancel.click()
        stop = program.client.last(m.Sweep)
        assert stop.stop
        assert stop.number > command.number
        panel.sweep.refresh()
        assert not panel.sweep.start.isHidden()
        assert not panel.sweep._plots.isHidden()  # what came until then stays

    def test_a_curve_for_each_corruption_with_the_place_where_it_flips(
        self, program: Program, panel: StressPanel, swept: m.Sweep
    ) -> None:
        for corruption in CORRUPTIONS:
            plot = panel.sweep.plots[corruption.key]
            assert len(plot.dots) == len(corruption.sweep) + 1
            assert plot.flips
            clean = next(dot for dot in plot.dots if dot.strength == corruption.neutral)
            assert (clean.confidence, clean.differs) == (0.9, False)
        assert panel.sweep.plots["blur"].flips == [5]
        assert panel.sweep.plots["blur"].verdict().replace(texts.NBSP, " ") == "flips at 5 px"
        assert panel.sweep.plots["jpeg"].flips == [20]
        assert "tiger cat" in panel.sweep.explanation.text()

    def test_strong_lies_at_the_right(self, panel: StressPanel, swept: m.Sweep) -> None:
        for key in ("blur", "jpeg", "resolution"):
            plot = panel.sweep.plots[key]
            clean = next(dot for dot in plot.dots if dot.strength == plot.corruption.neutral)
            strong = next(dot for dot in plot.dots if dot.strength == plot.corruption.outwards()[-1])
            assert plot.place_of(clean).x() < plot.place_of(strong).x()
            assert plot.place_of(clean).y() < plot.place_of(strong).y()

    def test_a_click_on_a_point_shows_its_picture(self, program: Program, panel: StressPanel, swept: m.Sweep) -> None:
        plot = panel.sweep.plots["blur"]
        plot.resize(160, 120)
        dot = next(dot for dot in plot.dots if dot.strength == 6)
        QTest.mouseClick(plot, Qt.MouseButton.LeftButton, pos=plot.place_of(dot).toPoint())
        wanted = program.client.last(m.GetSpoiled)
        assert (wanted.number, wanted.stress) == (swept.number, Stress(blur=6))
        spoiled = replace(result(classification(1.0, 2.0, 5.0), key=KEY), stress=wanted.stress)
        bgr = np.full((48, 64, 3), 77, np.uint8)
        program.client.push(m.SpoiledPicture(swept.number, wanted.stress, bgr, m.PackedResult.of(spoiled)))
        program.tick()
        panel.sweep.refresh()
        picture = panel.sweep.picture
        assert not picture.isHidden()
        assert picture.title.text().replace(texts.NBSP, " ") == "Blur 6 px"
        assert "lynx" in picture.answer.text()
        assert "instead of tiger cat" in picture.answer.text()
        assert picture.list.text().startswith("lynx")
        assert picture.canvas._image.pixelColor(3, 3).red() == 77
        picture.use.click()
        assert sent(program) == Stress(blur=6)

    def test_it_begins_with_the_clean_picture(self, program: Program, panel: StressPanel, swept: m.Sweep) -> None:
        assert program.client.last(m.GetSpoiled).stress == NONE
        assert panel.sweep.picture.title.text() == "The picture as it is"
        assert panel.sweep.picture.use.isHidden()

    def test_a_picture_of_another_point_is_not_shown(
        self, program: Program, panel: StressPanel, swept: m.Sweep
    ) -> None:
        program.controller.stress.choose_point("blur", 6)
        old = m.PackedResult.of(result(classification(1, 2, 5), key=KEY))
        program.client.push(m.SpoiledPicture(swept.number, Stress(blur=3), np.zeros((4, 4, 3), np.uint8), old))
        program.tick()
        sweep = program.controller.stress.sweep
        assert sweep is not None
        assert sweep.picture is None

    def test_keys_walk_along_a_curve(self, program: Program, panel: StressPanel, swept: m.Sweep) -> None:
        sweep = program.controller.stress.sweep
        assert sweep is not None
        walks: tuple[tuple[CorruptionName, tuple[float, ...]], ...] = (("blur", (1, 2, 1)), ("jpeg", (80, 60, 80)))
        for key, expected in walks:
            plot = panel.sweep.plots[key]
            for press, strength in zip((Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left), expected, strict=True):
                QTest.keyClick(plot, press)
                panel.sweep.refresh()
                assert sweep.chosen == (key, strength)

    def test_of_a_detector_each_box_or_all(self, program: Program, panel: StressPanel) -> None:
        program.controller.set_models(["yolov3-tiny"])
        program.client.push_loaded()
        program.tick()
        command = begin_sweep(program)
        subjects = (Subject(0, 0.9, (0, 0, 9, 9)), Subject(5, 0.6, (20, 0, 60, 90)))
        program.client.push(m.SweepBegun(command.number, subjects, 98, 7, (640, 480)))
        answer = Answer(1, (0.8, 0.1), (0, NOTHING), (0.8, 0.0), 0.4)
        program.client.push(m.SweepAnswered(command.number, "blur", answer))
        program.tick()
        panel.sweep.refresh()
        assert [panel.sweep.subject.itemData(i) for i in range(panel.sweep.subject.count())] == [0, 1, ALL]
        plot = panel.sweep.plots["blur"]
        assert plot.flips == []
        for subject, held in ((1, 0.1), (ALL, 0.4)):
            panel.sweep.subject.setCurrentIndex(panel.sweep.subject.findData(subject))
            panel.sweep.subject.activated.emit(panel.sweep.subject.currentIndex())
            panel.sweep.refresh()
            assert plot.dots[-1].confidence == held
            assert plot.flips == [1]
        assert "F1" in panel.sweep.explanation.text()

    def test_trouble_is_told_in_the_panel(self, program: Program, panel: StressPanel) -> None:
        command = begin_sweep(program)
        program.client.push(m.SweepEnded(command.number, "Nothing is found.", "Lower the confidence."))
        program.tick()
        panel.sweep.refresh()
        assert panel.sweep.trouble.text() == "Nothing is found. Lower the confidence."
        assert not panel.sweep.start.isHidden()

    def test_a_recogniser_that_dies_ends_it_in_words(self, program: Program, panel: StressPanel) -> None:
        begin_sweep(program)
        program.controller.stress.lost()
        panel.sweep.refresh()
        assert "interrupted" in panel.sweep.trouble.text()

    def test_saved_as_a_table(
        self, program: Program, panel: StressPanel, swept: m.Sweep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "sweep"
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
        panel.sweep.export.click()
        with (tmp_path / "sweep.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        sweep = program.controller.stress.sweep
        assert sweep is not None
        assert len(rows) == sum(len(corruption.sweep) + 1 for corruption in CORRUPTIONS)
        shown = {(dot.strength, dot.confidence) for dot in panel.sweep.plots["hue"].dots}
        written = {(float(r["strength"]), float(r["confidence"])) for r in rows if r["corruption"] == "hue"}
        assert {(s, round(c, 6)) for s, c in shown} == written
        assert {row["label"] for row in rows} == {"tiger cat"}
        assert {row["frame"] for row in rows} == {"7"}

    def test_a_folder_that_cannot_be_written_to_is_told(
        self, program: Program, panel: StressPanel, swept: m.Sweep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "no" / "a.csv"), ""))
        panel.sweep.export.click()
        assert any("a.csv" in title for title in program.toast_titles())

    def test_large_for_a_lecture_hall(self, program: Program, panel: StressPanel, swept: m.Sweep, qtbot: QtBot) -> None:
        panel.sweep.enlarge.click()
        window = program.window.findChild(SweepWindow)
        assert window is not None
        assert window.height() <= window.screen().availableGeometry().height()
        window.resize(1700, 900)
        qtbot.waitUntil(lambda: window.view._scale > 1.3)
        assert window.view._columns == 3
        assert window.view.plots["blur"].flips == [5]
        panel.sweep.enlarge.click()
        assert len(program.window.findChildren(SweepWindow)) == 1
        window.close()

    def test_the_words_follow_the_language(self, program: Program, panel: StressPanel, swept: m.Sweep) -> None:
        program.window.preferences.change(language="fr")
        panel.sweep.refresh()
        assert panel.sweep.plots["blur"].verdict().startswith("bascule")
        assert panel.sweep.start.text() == "Balayer cette image"
        assert slider(panel, "blur").value._name.text() == "Flou"
