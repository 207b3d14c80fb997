"""Panes side by side, all of one size: as many columns as make the picture largest."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

GAP = 8
HEADER = 42


def columns_for(count: int, width: int, height: int, aspect: float) -> int:
    """`aspect`: width by height of what is shown below the header of each pane."""

    def shown(columns: int) -> float:
        rows = math.ceil(count / columns)
        wide = (width - GAP * (columns - 1)) / columns
        high = (height - GAP * (rows - 1)) / rows - HEADER
        return min(wide, high * aspect)

    return max(range(1, count + 1), key=lambda columns: (round(shown(columns)), columns)) if count else 1


class PaneGrid(QWidget):
    """`aspect` is asked for at each arrangement."""

    def __init__(self, aspect: Callable[[], float]) -> None:
        super().__init__()
        self._aspect = aspect
        self._panes: tuple[QWidget, ...] = ()
        self.setMinimumSize(320, 180)

    def show_panes(self, panes: Sequence[QWidget]) -> None:
        """These, in their order; all others of before are hidden."""
        if tuple(panes) != self._panes:
            for pane in self._panes:
                pane.setVisible(pane in panes)
            self._panes = tuple(panes)
            for pane in self._panes:
                pane.setParent(self)
                pane.show()
        self.arrange()

    def arrange(self) -> None:
        count = len(self._panes)
        if not count:
            return
        columns = columns_for(count, self.width(), self.height(), self._aspect())
        rows = math.ceil(count / columns)
        wide = (self.width() - GAP * (columns - 1)) // columns
        high = (self.height() - GAP * (rows - 1)) // rows
        for place, pane in enumerate(self._panes):
            row, column = divmod(place, columns)
            pane.setGeometry(column * (wide + GAP), row * (high + GAP), wide, high)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arrange()

    def sizeHint(self) -> QSize:
        return QSize(900, 500)
