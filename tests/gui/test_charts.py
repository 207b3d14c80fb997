from __future__ import annotations

import random

import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.gui.charts import MOST_CURVES, SECONDS, HistoryChart, draw_curve, steps
from desktop_app.gui.theme import theme
from desktop_app.render.palette import chart_colour


@pytest.fixture
def chart(qtbot: QtBot, qapp: QApplication) -> HistoryChart:
    theme().apply(qapp, "dark")
    widget = HistoryChart()
    qtbot.addWidget(widget)
    widget.resize(300, 200)
    widget.set_names(("person", "bicycle", "car"))
    widget.show()
    return widget


def pixels_of(picture: QImage, class_id: int, light: bool = False) -> set[tuple[int, int]]:
    wanted = chart_colour(class_id, "default", light).rgb()
    width, height = picture.width(), picture.height() - 30  # not the legend
    return {(x, y) for x in range(width) for y in range(height) if picture.pixel(x, y) == wanted}


def test_only_the_last_half_minute_is_kept(chart: HistoryChart) -> None:
    for second in range(100):
        chart.add(float(second), {0: second})
    ((first, *_, last),) = chart.points(0)
    assert first[0] == pytest.approx(-SECONDS, abs=1)
    assert last == (0.0, 99.0)


def test_a_class_that_is_not_there_counts_zero(chart: HistoryChart) -> None:
    chart.add(0.0, {0: 2})
    chart.add(1.0, {})
    assert chart.points(0) == [[(-1.0, 2.0), (0.0, 0.0)]]


def test_a_lost_signal_is_a_gap_and_time_goes_on(chart: HistoryChart) -> None:
    chart.add(0.0, {0: 1})
    for tenth in range(10, 60):
        chart.add(tenth / 10, None)
    chart.add(6.0, {0: 2})
    assert chart.points(0) == [[(-6.0, 1.0)], [(0.0, 2.0)]]


def test_silence_is_a_gap_too(chart: HistoryChart) -> None:
    chart.add(0.0, {0: 1})
    chart.add(10.0, {0: 1})
    assert len(chart.points(0)) == 2


def test_five_curves_at_most_the_strongest(chart: HistoryChart) -> None:
    chart.add(0.0, {class_id: float(class_id) for class_id in range(9)})
    assert chart.curves() == [4, 5, 6, 7, 8]
    assert len(chart.curves()) == MOST_CURVES


@pytest.mark.parametrize(
    ("highest", "top"), [(0, 2), (1, 2), (3, 4), (5, 6), (7, 8), (25, 30), (300, 300), (12345, 20000)]
)
def test_the_axis_of_counts_ends_at_an_even_number(chart: HistoryChart, highest: int, top: int) -> None:
    chart.add(0.0, {0: highest})
    assert chart.top() == top


def test_probabilities_have_a_fixed_axis_and_a_new_kind_starts_anew(chart: HistoryChart) -> None:
    chart.add(0.0, {0: 3})
    chart.set_kind("probability")
    assert chart.points(0) == []
    chart.add(1.0, {0: 0.1})
    assert chart.top() == 1.0


def test_a_clock_that_jumps_back_starts_anew(chart: HistoryChart) -> None:
    chart.add(50.0, {0: 3})
    chart.add(1.0, {0: 1})
    assert chart.points(0) == [[(0.0, 1.0)]]


def test_counts_are_drawn_as_steps(chart: HistoryChart) -> None:
    for second in range(31):
        chart.add(float(second), {0: 1 if second < 15 else 3})
    drawn = pixels_of(chart.grab().toImage(), 0)
    rows = {y for _, y in drawn}
    low = [y for x, y in drawn if x < 120]
    high = [y for x, y in drawn if x > 220]
    assert max(low) - min(low) <= 2
    assert max(high) - min(high) <= 2
    assert min(low) > max(high) + 40
    assert len(rows) > 40  # the riser of the step


def test_the_gap_can_be_seen(chart: HistoryChart) -> None:
    for second in range(31):
        chart.add(float(second), None if 10 <= second < 20 else {0: 2})
    columns = {x for x, _ in pixels_of(chart.grab().toImage(), 0)}
    missing = [x for x in range(min(columns), max(columns)) if x not in columns]
    assert len(missing) > 60


def test_curves_are_dark_on_a_light_panel(chart: HistoryChart, qapp: QApplication) -> None:
    for second in range(31):
        chart.add(float(second), {0: 2})
    theme().apply(qapp, "light")
    picture = chart.grab().toImage()
    theme().apply(qapp, "dark")
    assert pixels_of(picture, 0, light=True)
    assert not pixels_of(picture, 0)


def test_it_repaints_at_most_fifteen_times_a_second(
    chart: HistoryChart, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(chart, "update", lambda: asked.append(True))
    chart._pending.stop()
    for hundredth in range(100):
        chart.add(hundredth / 100, {0: 1})
    assert len(asked) == 1  # the first at once; those after it wait
    assert chart._pending.interval() >= 66
    qtbot.waitUntil(lambda: len(asked) == 2)
    assert not chart._pending.isActive()


@pytest.mark.parametrize("changing", [0.05, 0.7])
@pytest.mark.parametrize("ratio", [1.0, 1.25, 2.0])
def test_a_line_looks_the_same_however_it_is_drawn(qapp: QApplication, changing: float, ratio: float) -> None:
    """Corners only and band by band, or all samples in one piece."""
    chance, value, samples = random.Random(3), 1.0, []
    for sample in range(300):
        if chance.random() < changing:
            value = float(chance.randrange(5))
        samples.append((0.9 * sample + 0.37, value))
    whole: list[QPointF] = []
    for at, value in samples:
        if whole and whole[-1].y() != 150 - 30 * value:
            whole.append(QPointF(at, whole[-1].y()))
        whole.append(QPointF(at, 150 - 30 * value))
    corners = [QPointF(at, 150 - 30 * value) for at, value in steps(samples)]
    pictures = []
    for in_bands in (False, True):
        picture = QImage(round(300 * ratio), round(200 * ratio), QImage.Format.Format_RGB32)
        picture.setDevicePixelRatio(ratio)
        picture.fill(0)
        with QPainter(picture) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor("white"), 1.8))
            painter.setClipRect(QRectF(4.2, 5.3, 262.5, 180))
            if in_bands:
                draw_curve(painter, corners, [corner.x() for corner in corners])
            else:
                painter.drawPolyline(whole)
        pictures.append(picture)
    assert pictures[0] == pictures[1]


def test_one_sample_is_no_line(chart: HistoryChart) -> None:
    chart.add(0.0, {0: 2})
    assert not pixels_of(chart.grab().toImage(), 0)


def test_what_is_behind_the_curves_follows_names_palette_and_size(chart: HistoryChart) -> None:
    for second in range(31):
        chart.add(float(second), {0: 2})
    first = chart.grab().toImage()
    chart.set_names(("Person", "bicycle", "car"))
    assert chart.grab().toImage() != first
    chart.set_names(("person", "bicycle", "car"))
    assert chart.grab().toImage() == first
    chart.set_palette("safe")
    assert chart.grab().toImage() != first
    chart.set_palette("default")
    chart.resize(301, 200)
    assert chart.grab().toImage().width() == 301
    chart.resize(300, 200)
    assert chart.grab().toImage() == first
