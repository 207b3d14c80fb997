"""Panes side by side, all of one size: as many columns as make the picture largest."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

GAP = 8
HEADER = 42
READABLE = 300
"""A narrower pane has no room for the name of its model."""


Fit = Callable[[float, float], float]
"""How large the picture becomes in a pane of this width and height below its header."""


def columns_for(count: int, width: int, height: int, fit: Fit) -> int:
    """No row is left nearly empty: three stand in one row, one column, or two and one."""

    def shown(columns: int) -> float:
        rows = math.ceil(count / columns)
        wide = (width - GAP * (columns - 1)) / columns
        return fit(wide, (height - GAP * (rows - 1)) / rows - HEADER) * min(1.0, wide / READABLE)

    choices = [columns for columns in range(1, count + 1) if count % columns == 0 or (count, columns) == (3, 2)]
    return max(choices, key=lambda columns: (shown(columns), columns), default=1)


class PaneGrid(QWidget):
    def __init__(self, fit: Fit) -> None:
        super().__init__()
        self._fit = fit
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
        columns = columns_for(count, self.width(), self.height(), self._fit)
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
