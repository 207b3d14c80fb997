"""Where the tiles of the ladder lie: a row for the filters of the first layer, and one for each station."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect

from desktop_app.core.explain import Station

FILTERS = -1
"""The row of the filters; those of the stations are counted from 0."""
TILES, MOST_TILES = 7, 16
"""Most active maps that are shown of each station: so many at least where there is room, and at most."""
GAP = 6
SMALLEST, LARGEST, OPENED = 34, 144, 64
"""Sides of a tile; at most `OPENED` where all maps of a layer are shown."""


@dataclass(slots=True)
class LadderLayout:
    """`filters`: how many there are. `opened`: the row of which all tiles are shown. `caption`: room for the words at
    the left. All in pixels of the screen; `scale` is for the projector."""

    width: int = 0
    height: int = 0
    caption: int = 176
    scale: float = 1.0
    stations: tuple[Station, ...] = ()
    filters: int = 0
    opened: int | None = None

    def rows(self) -> list[int]:
        return [*([FILTERS] if self.filters else []), *range(len(self.stations))]

    def count(self, row: int) -> int:
        """How many tiles there could be."""
        return self.filters if row == FILTERS else self.stations[row].channels

    @property
    def more(self) -> int:
        """Room for the number of the others, at the right."""
        return round(60 * self.scale)

    def tile(self) -> int:
        """Side of a tile: all rows fit where the window is high enough."""
        smallest = round(SMALLEST * self.scale)
        wide = (self.width - self.caption - self.more) // TILES - GAP
        if self.opened is not None:
            return max(smallest, min(wide, round(OPENED * self.scale)))
        high = self.height // max(1, len(self.rows())) - 18
        return max(smallest, min(wide, high, round(LARGEST * self.scale)))

    def columns(self) -> int:
        """Of a row, and of the lines of one that is opened, which takes all the room."""
        fit = max(1, (self.width - self.caption - self.more) // (self.tile() + GAP))
        return fit if self.opened is not None else min(fit, MOST_TILES)

    def shown(self, row: int, known: int) -> int:
        """How many of `known` tiles are shown."""
        return known if row == self.opened else min(known, self.columns(), MOST_TILES)

    def row_height(self, row: int) -> int:
        tile = self.tile()
        if row != self.opened:
            return tile + 16
        return math.ceil(self.count(row) / self.columns()) * (tile + GAP) + 14

    def row(self, row: int) -> QRect:
        top = 0
        for before in self.rows():
            if before == row:
                break
            top += self.row_height(before)
        return QRect(0, top, self.width, self.row_height(row))

    def tile_rect(self, row: int, index: int) -> QRect:
        tile = self.tile()
        line, column = divmod(index, self.columns())
        left = self.caption + column * (tile + GAP)
        return QRect(left, self.row(row).top() + 8 + line * (tile + GAP), tile, tile)

    def index_at(self, row: int, point: QPoint) -> int | None:
        """Of the tile under a point of a row, whether there is one or not; `None` between tiles."""
        first, step = self.tile_rect(row, 0), self.tile() + GAP
        column, x = divmod(point.x() - first.left(), step)
        line, y = divmod(point.y() - first.top(), step)
        inside = 0 <= column < self.columns() and line >= 0 and max(x, y) < self.tile()
        return line * self.columns() + column if inside else None

    def indices_in(self, row: int, area: QRect, count: int) -> range:
        """Of the tiles whose lines meet an area: of thousands only a few are seen."""
        first, step = self.tile_rect(row, 0), self.tile() + GAP
        top = max(0, (area.top() - first.top()) // step)
        bottom = max(0, (area.bottom() - first.top()) // step + 1)
        return range(min(count, top * self.columns()), min(count, bottom * self.columns()))

    def more_rect(self, row: int) -> QRect:
        area, left = self.row(row), self.caption + self.columns() * (self.tile() + GAP)
        return QRect(left, area.top(), self.more - 8, min(area.height(), self.tile() + 16))

    def dot(self, row: int) -> QPoint:
        return QPoint(16, self.row(row).top() + (self.tile() + 16) // 2)

    def needed_height(self) -> int:
        """So that all rows can be seen, scrolled or not."""
        rows = self.rows() or list(range(8))
        if self.opened is None:
            return len(rows) * (round(SMALLEST * self.scale) + 18)
        return sum(self.row_height(row) for row in rows)
