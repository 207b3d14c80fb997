"""The panel of counts: numbers, stays, chart, tables, and what resets them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from desktop_app.gui.count_chart import CountChart, curves_of, per_minute, steps
from desktop_app.gui.made_when_shown import MadeWhenShown
from desktop_app.gui.panels.counting import CountingPanel, seconds_text
from desktop_app.gui.texts import NBSP
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.client import Restarting
from tests.gui.conftest import Program
from tests.gui.walking import walk


@pytest.fixture
def film(program: Program) -> Program:
    program.client.push_loaded()
    program.window.controller.open(("/film.mp4",))
    program.client.push_opened("video", spec="/film.mp4", frame_count=100, seekable=True)
    program.tick()
    program.window.preferences.change(tracking="bytetrack")
    counting = program.controller.counting
    counting.add_shape("line", ((0.0, 0.5), (1.0, 0.5)))
    counting.add_shape("zone", ((0.0, 0.5), (1.0, 0.5), (1.0, 1.0), (0.0, 1.0)))
    program.window.show_panel("counting")
    return program


def panel_of(program: Program) -> CountingPanel:
    """Once it was shown."""
    holder = program.window.docks.panels["counting"]
    assert isinstance(holder, MadeWhenShown)
    assert isinstance(holder.content, CountingPanel)
    return holder.content


def play(program: Program, frames: range = range(20), track: int = 1, class_id: int = 0) -> None:
    """Somebody walks down through the line, which they cross at frame 10."""
    for index in frames:
        walk(program, index, (track, 320.0, 45.0 + 20 * index), class_id=class_id)
    panel_of(program).refresh()


def test_the_panel_is_hidden_until_it_is_wanted(program: Program) -> None:
    dock = program.window.docks.docks["counting"]
    assert dock.isHidden()
    holder = program.window.docks.panels["counting"]
    assert isinstance(holder, MadeWhenShown)
    assert holder.content is None
    program.window.show_panel("counting")
    assert not dock.isHidden()
    assert panel_of(program)._stack.currentIndex() == 0  # nothing that moves


def test_counts_and_stays_are_shown(film: Program) -> None:
    play(film)
    panel, counting = panel_of(film), film.controller.counting
    assert [(c.arrived(), c.departed()) for c in counting.counting.counters.values()] == [(1, 0), (1, 0)]
    assert panel.cards.accessibleName() == "In 1, Out 0"
    counting.editor.select(2)
    assert panel.cards.accessibleName() == "Inside 1, Entered 1, Exited 0"
    assert panel.present.text() == f"Now: #1{NBSP}0.9{NBSP}s"
    assert panel.dwell.text() == f"Stay: 0.9{NBSP}s on average, 0.9{NBSP}s at most"
    marks = film.window.stage.marks()
    assert marks is not None
    assert [mark.caption[1] for mark in marks.shapes] == ["in 1 · out 0", "inside 1 · entered 1 · exited 0"]


def test_a_loop_counts_nothing_twice_and_reset_begins_anew(film: Program) -> None:
    play(film)
    play(film, track=2)
    assert film.controller.counting.counting.counters[1].arrived() == 1
    film.window.actions_.by_key["reset_counts"].trigger()
    assert film.controller.counting.counting.counters[1].arrived() == 0
    play(film, track=3)
    assert film.controller.counting.counting.counters[1].arrived() == 1


def test_another_point_of_the_box_counts_anew(film: Program) -> None:
    play(film)
    panel = panel_of(film)
    panel.anchor.setCurrentIndex(2)
    panel.anchor.activated.emit(2)
    assert film.controller.counting.counting.counters[1].arrived() == 0
    play(film)
    (event,) = film.controller.counting.counting.counters[1].events
    assert event.frame == 12  # the upper edge is two frames behind the lower one


def test_switching_the_tracker_forgets_who_was_who(film: Program) -> None:
    walk(film, 0, (1, 320.0, 200.0))
    film.window.preferences.change(tracking="botsort")
    film.tick()
    assert film.client.last(m.SetTracking).tracker == "botsort"
    walk(film, 1, (1, 320.0, 300.0))  # another thing with the same number
    assert film.controller.counting.counting.counters[1].arrived() == 0


def test_counts_outlive_the_recogniser(film: Program) -> None:
    play(film, range(12))
    film.client.push(Restarting("it died"))
    film.client.push_opened("video", spec="/film.mp4", frame_count=100, seekable=True)
    film.tick()
    assert film.controller.counting.counting.counters[1].arrived() == 1
    play(film, range(12, 20), track=2)
    assert film.controller.counting.counting.counters[1].arrived() == 1


def test_the_panel_stays_a_tab_of_the_results_wherever_they_go(film: Program) -> None:
    window, docks = film.window, film.window.docks.docks
    for width in (1300, 1050, 1300):
        window.docks.fit(width)
        assert docks["counting"] in window.tabifiedDockWidgets(docks["results"])
        assert window.dockWidgetArea(docks["counting"]) == window.dockWidgetArea(docks["results"])


def test_a_class_is_chosen_where_there_are_several(film: Program) -> None:
    play(film)
    panel = panel_of(film)
    assert not panel.classes.isVisibleTo(panel)
    play(film, range(20, 21))
    film.controller.counting.reset()
    for index in range(20):
        walk(film, index, (1, 100.0, 45.0 + 20 * index))
    for index in range(20, 40):
        walk(film, index, (2, 500.0, 45.0 + 20 * (index - 20)), class_id=2)
    panel.refresh()
    assert panel.classes.isVisibleTo(panel)
    assert [panel.classes.itemText(i) for i in range(panel.classes.count())] == ["All classes", "person", "car"]
    assert panel.by_class.text() == "person 1/0 · car 1/0"
    panel.classes.activated.emit(2)
    assert panel.cards.accessibleName() == "In 1, Out 0"


def test_without_tracking_the_panel_says_why_nothing_is_counted(film: Program) -> None:
    panel = panel_of(film)
    film.window.preferences.change(tracking="off")
    assert panel.notice.text() == "Nothing is counted while tracking is off."
    panel.turn_on.click()
    assert film.window.preferences.values.tracking == "bytetrack"
    assert not panel.notice.isVisibleTo(panel)


def test_a_shape_is_renamed_and_deleted_in_the_list(film: Program) -> None:
    panel, counting = panel_of(film), film.controller.counting
    play(film)
    index = panel.shapes.rows.index(0)
    assert panel.shapes.rows.setData(index, "Front door")
    assert counting.shapes[0].name == "Front door"
    assert counting.counting.counters[1].arrived() == 1
    panel.shapes.setCurrentIndex(index)
    QTest.keyClick(panel.shapes, Qt.Key.Key_Delete)
    assert [shape.kind for shape in counting.shapes] == ["zone"]
    QTest.keyClick(panel.shapes, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert [shape.name for shape in counting.shapes] == ["Front door", "Zone 1"]


def test_swapping_turns_in_into_out(film: Program) -> None:
    film.controller.counting.turn_round(1)
    play(film)
    assert film.controller.counting.counting.counters[1].departed() == 1


def test_the_tables_hold_events_and_totals(film: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    play(film)
    path = tmp_path / "kept"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (str(path), ""))
    film.window.actions_.by_key["export_counts"].trigger()
    with (tmp_path / "kept.csv").open(encoding="utf-8", newline="") as file:
        events = list(csv.DictReader(file))
    assert [(e["shape"], e["direction"], e["label"], e["track_id"], e["media_time_s"]) for e in events] == [
        ("Line 1", "in", "person", "1", "1.0"),
        ("Zone 1", "entered", "person", "1", "1.0"),
    ]
    with (tmp_path / "kept-summary.csv").open(encoding="utf-8", newline="") as file:
        totals = {(row["shape"], row["label"]): row for row in csv.DictReader(file)}
    assert (totals["Line 1", ""]["in"], totals["Line 1", ""]["out"]) == ("1", "0")
    assert (totals["Zone 1", "person"]["inside"], totals["Zone 1", "person"]["longest_dwell_s"]) == ("1", "0.9")
    assert "Counts exported" in film.toast_titles()


def test_a_folder_that_cannot_be_written_is_told(
    film: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (str(tmp_path / "absent" / "a.csv"), ""))
    film.window.actions_.by_key["export_counts"].trigger()
    assert any("could not be written" in title for title in film.toast_titles())


# --- the chart ------------------------------------------------------------------------------------------------------


def test_steps_and_minutes() -> None:
    assert steps([3.0, 1.0], 1.0, 5.0) == ((0.0, 0.0), (0.0, 1.0), (2.0, 2.0), (4.0, 2.0))
    assert per_minute([0.0, 59.9, 60.0, 130.0], 0.0, 150.0) == ((0.0, 2.0), (60.0, 1.0), (120.0, 1.0), (180.0, 1.0))
    assert per_minute([], 0.0, 0.0) == ((0.0, 0.0), (60.0, 0.0))


def test_a_curve_of_days_has_no_more_points_than_a_chart_has_pixels() -> None:
    curve = steps([float(i) for i in range(100_000)], 0.0, 100_000.0)
    assert len(curve) <= 602
    assert curve[-1] == (100_000.0, 100_000.0)


def test_curves_follow_the_counts(film: Program) -> None:
    play(film)
    counters = film.controller.counting.counting.counters
    arrived, departed = curves_of(counters[1], "sum", None)
    assert (arrived.points[-1], departed.points[-1]) == ((1.9, 1.0), (1.9, 0.0))
    assert [curve.name for curve in curves_of(counters[2], "sum", None)] == ["Entered", "Exited", "Inside"]
    assert curves_of(counters[1], "sum", 5)[0].points[-1] == (1.9, 0.0)
    chart = CountChart()
    chart.resize(300, 170)
    chart.show_curves(curves_of(counters[2], "minute", None))
    assert chart.accessibleDescription() == "Entered 1, Exited 0"
    assert (chart.span(), chart.top()) == (60.0, 2.0)
    assert not chart.grab().isNull()
    chart.deleteLater()


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.84, "0.8 s"), (12.4, "12 s"), (185, "3 min 5 s"), (3725, "1 h 2 min")]
)
def test_stays_are_told_as_people_say_them(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text.replace(" s", f"{NBSP}s").replace(" min", f"{NBSP}min").replace(
        " h", f"{NBSP}h"
    )
