"""How far the models agree: a number a pair, the last half minute as curves, and what is counted."""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from desktop_app.core.comparing import MOST_SIDES, SMOOTHED, Measure
from desktop_app.gui import texts
from desktop_app.gui.charts import HistoryChart
from desktop_app.gui.compare_choices import LETTERS
from desktop_app.gui.compare_state import CompareState
from desktop_app.gui.compare_words import definition, measure_title, overlap_title
from desktop_app.gui.widgets import Label
from desktop_app.i18n import tr
from desktop_app.render.palette import PaletteName

_OVERLAP = MOST_SIDES
"""Added to the number of a side: the second curve of a pair."""


class AgreementChart(HistoryChart):
    """A curve a pair. Where a pair has nothing to compare its curve has a gap, and 0 % is drawn as any other."""

    def __init__(self) -> None:
        super().__init__("probability")

    def sizeHint(self) -> QSize:
        return QSize(240, 150)

    def curves(self) -> list[int]:
        return sorted({curve for _, values in self._samples for curve in values or {}})

    def points(self, class_id: int) -> list[list[tuple[float, float]]]:
        stretches: list[list[tuple[float, float]]] = [[]]
        for at, values in self._samples:
            if values is None or class_id not in values:
                stretches.append([])
            else:
                stretches[-1].append((at - self._now, float(values[class_id])))
        return [stretch for stretch in stretches if stretch]


class _PairRow:
    """Of the first side and another one."""

    def __init__(self, grid: QGridLayout, place: int) -> None:
        self.place = place
        self.pair, self.share = Label("", "strong"), Label("", "count")
        self.title, self.second = Label("", "small", "muted", wrap=True), Label("", "small", "muted", wrap=True)
        self.share.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = 3 * (place - 1)
        grid.addWidget(self.pair, row, 0)
        grid.addWidget(self.share, row, 1)
        grid.addWidget(self.title, row + 1, 0, 1, 2)
        grid.addWidget(self.second, row + 2, 0, 1, 2)

    def parts(self) -> tuple[Label, ...]:
        return self.pair, self.share, self.title, self.second

    def set_visible(self, on: bool) -> None:
        for part in self.parts():
            part.setVisible(on)

    def show_numbers(self, state: CompareState, measure: Measure | None) -> None:
        share = state.agreements.share(self.place)
        overlap = state.agreements.overlap(self.place)
        self.pair.setText(pair_title(self.place))
        self.share.setText("–" if share is None else texts.percent(share, 0))
        self.title.setText("" if measure is None else measure_title(measure))
        second = overlap_title(measure) if measure is not None and overlap is not None else ""
        self.second.setText(f"{texts.percent(overlap or 0.0, 0)} {second}" if second else "")
        self.second.setVisible(bool(second))
        self.share.setAccessibleName(f"{self.pair.text()}, {self.title.text()}: {self.share.text()}")


class AgreementCard(QWidget):
    def __init__(self, state: CompareState) -> None:
        super().__init__()
        self._state = state
        self._measures: dict[int, Measure] = {}
        self._scale = 1.0
        self.title, self.span = Label("", "section"), Label("", "small", "muted")
        grid = QGridLayout()
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(0, 1)
        self.rows = [_PairRow(grid, place) for place in range(1, MOST_SIDES)]
        self.chart = AgreementChart()
        self.definition = Label("", "small", "muted", wrap=True)
        self.nothing = Label("", "small", "muted", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.title)
        column.addWidget(self.span)
        column.addWidget(self.nothing)
        column.addLayout(grid)
        column.addWidget(self.chart)
        column.addWidget(self.definition)
        texts.follow_language(self, self._retext)

    def _retext(self) -> None:
        self.title.setText(tr("Agreement"))
        self.nothing.setText(tr("Nothing has been compared yet."))
        self._name_curves()
        self.refresh()

    def set_palette(self, palette: PaletteName) -> None:
        self.chart.set_palette(palette)

    def set_scale(self, scale: float) -> None:
        """For the projector."""
        self._scale = scale
        for label in (self.title, self.span, self.nothing, self.definition, *(p for r in self.rows for p in r.parts())):
            label.set_scale(scale)

    def begin(self) -> None:
        """Other sides, or another source."""
        self._measures = {}
        self.chart.clear()
        self.refresh()

    def add(self) -> None:
        """The shot that has just come."""
        shot = self._state.shot
        if shot is None:
            return
        measures = {verdict.place: verdict.measure for verdict in shot.verdicts}
        if measures != self._measures:
            self._measures = measures
            self._name_curves()
        agreements = self._state.agreements
        values: dict[int, float] = {}
        for place, measure in measures.items():
            share, overlap = agreements.share(place, SMOOTHED), agreements.overlap(place, SMOOTHED)
            if share is not None:
                values[place] = share
            if overlap is not None and measure == "classes" and len(measures) == 1:
                values[place + _OVERLAP] = overlap
        self.chart.add(time.monotonic(), values or None)

    def refresh(self) -> None:
        """What is read: twice a second is enough."""
        some = bool(self._measures)
        frames = max((self._state.agreements.frames(place) for place in self._measures), default=0)
        count = tr("1 frame") if frames == 1 else tr("{count} frames", count=texts.number(frames))
        self.span.setText(f"{tr('Last 30 s')} · {count}" if some else "")
        self.span.setVisible(some)
        self.nothing.setVisible(not some)
        self.chart.setVisible(some)
        for row in self.rows:
            row.set_visible(row.place in self._measures)
            if row.place in self._measures:
                row.show_numbers(self._state, self._measures[row.place])
        self.definition.setText("\n\n".join(_definitions(list(self._measures.values()))))

    def _name_curves(self) -> None:
        alone = len(self._measures) == 1
        names = ["", *(pair_title(place) for place in range(1, MOST_SIDES))]
        if alone and "classes" in self._measures.values():
            names = ["", *[tr("first answer")] * (MOST_SIDES - 1), "", *[tr("first five")] * (MOST_SIDES - 1)]
        self.chart.set_names(names)


def pair_title(place: int) -> str:
    return f"{LETTERS[0]}{texts.NBSP}–{texts.NBSP}{LETTERS[place]}"


def _definitions(measures: Sequence[Measure]) -> list[str]:
    found = [definition(measure) for measure in dict.fromkeys(measures)]
    if found:
        found.append(tr("Each point of a curve is of the last {seconds} s.", seconds=texts.number(SMOOTHED)))
    return found
