"""Layer by layer: a row a station, from the first convolution to the last, each with its most active maps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetrics,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from desktop_app.gui import texts
from desktop_app.gui.ladder_layout import FILTERS, GAP, MOST_TILES, TILES, LadderLayout
from desktop_app.gui.ladder_texts import filter_tip, map_tip, station_caption, station_title
from desktop_app.gui.theme import FontRole, theme
from desktop_app.i18n import tr
from desktop_app.recogniser import messages as m
from desktop_app.render.heat import filter_image, tile_image

HARD_UP_TO = 28
"""Maps of at most so many cells a side are drawn with hard pixels."""
CHOSEN = ("accent", "warning")
"""Colours of the frames round the map that is looked at and the one that it is compared with."""

Key = tuple[int, int]
"""Station and channel."""


class LadderView(QWidget):
    chosen = Signal(int, int, bool)
    """Station and channel of a map; whether it is to be compared with the one that was chosen before."""
    opened = Signal(int)
    """All maps of a station are wanted; -1: of none."""
    room_changed = Signal()
    """`tiles` is another number."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: m.Explained | None = None
        self._pixels: dict[Key, NDArray[np.uint8]] = {}
        """Of each tile. They become pictures when they are seen: there may be thousands."""
        self._filters: list[QImage] = []
        self._filters_of: object = None
        self._chosen: tuple[Key, ...] = ()
        self._layout = LadderLayout()
        self._filters_opened = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.MinimumExpanding)
        theme().changed.connect(self._lay_out)
        texts.follow_language(self, self._retext)

    def _retext(self) -> None:
        self.setAccessibleName(tr("Layer by layer"))
        self.setAccessibleDescription(
            tr(
                "Arrow keys choose a map, with Shift another to compare it with; Enter shows all maps of a layer, "
                "Shift+Enter all filters."
            )
        )
        self._lay_out()

    @property
    def tiles(self) -> int:
        """How many maps of each station there is room for."""
        return max(TILES, min(self._layout.columns(), MOST_TILES))

    def set_scale(self, scale: float) -> None:
        """For the projector."""
        self._layout.scale = scale
        self._lay_out()

    def show_maps(self, seen: m.Explained | None, chosen: tuple[Key, ...], opened: int | None) -> None:
        """`chosen`: the map that is looked at, and the one that it is compared with."""
        self._seen, self._chosen = seen, chosen
        self._pixels = {}
        if seen is not None:
            for tiles in seen.tiles:
                channels = ((tiles.station, channel) for channel in tiles.channels.tolist())
                self._pixels.update(zip(channels, tiles.pixels, strict=True))
        filters = None if seen is None else seen.filters
        if filters is not self._filters_of:
            self._filters_of = filters
            self._filters = [] if filters is None else [filter_image(weights) for weights in filters]
        row = FILTERS if self._filters_opened and opened is None else opened
        wanted = (() if seen is None else seen.stations, len(self._filters), row)
        if wanted != (self._layout.stations, self._layout.filters, self._layout.opened):
            self._layout.stations, self._layout.filters, self._layout.opened = wanted
            self._lay_out()
        self.update()

    def _lay_out(self) -> None:
        """Captions need room, in each language and size of text."""
        strong, caption = (QFontMetrics(theme().font(role, self._layout.scale)) for role in ("strong", "caption"))
        words = [max(strong.horizontalAdvance(title), caption.horizontalAdvance(text)) for title, text in self._words()]
        self._layout.caption = 32 + max(words, default=120) + 14
        self.updateGeometry()
        self.update()

    def _words(self) -> list[tuple[str, str]]:
        return [self._words_of(row) for row in self._layout.rows()]

    def _words_of(self, row: int) -> tuple[str, str]:
        title = station_title(self._layout.stations, row)
        if row != FILTERS:
            return title, station_caption(self._layout.stations[row])
        size = texts.size(self._filters[0].width(), self._filters[0].height())
        return title, tr("{count} of {size} pixels", count=len(self._filters), size=size)

    # --- where things lie ---------------------------------------------------------------------------------------

    def _channels(self, row: int) -> list[int]:
        """Of the tiles that are shown. Filters stand above the maps that they make."""
        if self._seen is None:
            return []
        found = next((tiles for tiles in self._seen.tiles if tiles.station == max(row, 0)), None)
        channels = [] if found is None else [int(channel) for channel in found.channels]
        if row == FILTERS:
            if not self._makes_stem():
                channels = []
            channels += [channel for channel in range(len(self._filters)) if channel not in set(channels)]
        return channels[: self._layout.shown(row, len(channels))]

    def _makes_stem(self) -> bool:
        """Each filter makes the map of the same number."""
        return bool(self._layout.stations) and self._layout.stations[0].channels == len(self._filters)

    def tile_rect(self, station: int, channel: int) -> QRect:
        """Where the tile of a map lies; empty where it is not shown."""
        channels = self._channels(station)
        return self._layout.tile_rect(station, channels.index(channel)) if channel in channels else QRect()

    def more_rect(self, station: int) -> QRect:
        """Where a click shows all maps of a station."""
        return self._layout.more_rect(station)

    def sizeHint(self) -> QSize:
        return QSize(self._layout.caption + self._layout.more + TILES * 60, self._layout.needed_height())

    def minimumSizeHint(self) -> QSize:
        tiles = 4 * (round(34 * self._layout.scale) + GAP)
        return QSize(self._layout.caption + self._layout.more + tiles, self._layout.needed_height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        before = self._layout.needed_height()
        tiles = self.tiles
        self._layout.width, self._layout.height = self.width(), self.height()
        if self.tiles != tiles:
            self.room_changed.emit()
        if self._layout.needed_height() != before:
            self.updateGeometry()

    def _at(self, point: QPoint) -> tuple[int, int | None] | None:
        """Row and channel under a point; the channel is `None` on the number of the others, -1 beside all."""
        for row in self._layout.rows():
            if not self._layout.row(row).contains(point):
                continue
            index, channels = self._layout.index_at(row, point), self._channels(row)
            if index is not None and index < len(channels):
                return row, channels[index]
            return row, None if self._layout.more_rect(row).contains(point) else -1
        return None

    # --- pointer and keys ---------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        hit = self._at(event.position().toPoint())
        if hit is None:
            return
        row, channel = hit
        if channel is None:
            self._open(row)
        elif channel >= 0:
            keys = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier
            self._choose(row, channel, bool(event.modifiers() & keys))

    def _choose(self, row: int, channel: int, second: bool) -> None:
        if row != FILTERS:
            self.chosen.emit(row, channel, second)
        elif self._makes_stem():
            self.chosen.emit(0, channel, second)

    def _open(self, row: int) -> None:
        shut = row == self._layout.opened
        station = None if shut or row == FILTERS else row
        self._filters_opened = row == FILTERS and not shut
        self.opened.emit(-1 if station is None else station)
        self.show_maps(self._seen, self._chosen, station)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        rows, key = self._layout.rows(), event.key()
        second = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier) and bool(self._chosen)
        row, channel = self._chosen[-1 if second else 0] if self._chosen else (0, -1)
        channels = self._channels(row)
        index = channels.index(channel) if channel in channels else 0
        if not rows or key not in _KEYS:
            super().keyPressEvent(event)
            return
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(FILTERS if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and self._filters else row)
            return
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            row = min(max(row + (1 if key == Qt.Key.Key_Down else -1), 0), len(self._layout.stations) - 1)
            channels = self._channels(row)
            index = min(index, len(channels) - 1)
        else:
            index = min(max(index + (1 if key == Qt.Key.Key_Right else -1), 0), len(channels) - 1)
        if channels:
            self.chosen.emit(row, channels[index], second)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self._tip(event.pos()), self)
            return True
        return super().event(event)

    def _tip(self, point: QPoint) -> str:
        hit = self._at(point)
        if hit is None or self._seen is None:
            return ""
        row, channel = hit
        if channel is None:
            return tr("Show fewer") if row == self._layout.opened else tr("Show all")
        return filter_tip(self._seen, channel) if row == FILTERS else map_tip(self._seen, row, channel)

    # --- painting -----------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            rows = self._layout.rows()
            if rows:
                painter.setPen(QPen(theme().colour("line2"), 2))
                painter.drawLine(self._layout.dot(rows[0]), self._layout.dot(rows[-1]))
            for row in rows:
                if self._layout.row(row).intersects(event.rect()):
                    self._paint_row(painter, row, event.rect())
            if self._seen is None:
                painter.setFont(theme().font("small", self._layout.scale))
                painter.setPen(theme().colour("muted"))
                top = self.rect().adjusted(0, 24, 0, 0)
                painter.drawText(top, Qt.AlignmentFlag.AlignHCenter, tr("The network is being opened…"))
            if self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(theme().colour("accent"), 2))
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)

    def _paint_row(self, painter: QPainter, row: int, seen: QRect) -> None:
        area, layout = self._layout.row(row), self._layout
        here = any(station == row for station, _ in self._chosen)
        if here:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().colour("soft"))
            painter.drawRoundedRect(QRectF(area).adjusted(0, 1, 0, -1), 6, 6)
        painter.setPen(QPen(theme().colour("accent" if here else "muted"), 2))
        painter.setBrush(theme().colour("accent" if here else "window"))
        painter.drawEllipse(layout.dot(row), 5, 5)
        title, caption = self._words_of(row)
        line = QFontMetrics(theme().font("strong", layout.scale)).height()
        words = QRect(32, layout.dot(row).y() - line, layout.caption - 40, line)
        self._text(painter, words, title, "strong", "text")
        self._text(painter, words.translated(0, line), caption, "caption", "muted")
        channels = self._channels(row)
        for index in layout.indices_in(row, seen, len(channels)):
            self._paint_tile(painter, row, channels[index], layout.tile_rect(row, index))
        others = layout.count(row) - len(channels)
        if others or row == layout.opened:
            painter.setPen(theme().colour("accent" if row == layout.opened else "muted"))
            painter.setFont(theme().font("small", layout.scale))
            text = tr("fewer") if row == layout.opened else f"+{others}"
            painter.drawText(layout.more_rect(row), Qt.AlignmentFlag.AlignCenter, text)

    def _paint_tile(self, painter: QPainter, row: int, channel: int, area: QRect) -> None:
        if row == FILTERS:
            image = self._filters[channel]
        elif (row, channel) in self._pixels:
            image = tile_image(self._pixels[row, channel])
        else:
            return
        hard = row == FILTERS or max(image.width(), image.height()) <= HARD_UP_TO
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not hard)
        side = max(image.width(), image.height())
        wide = round(area.width() * image.width() / side)
        high = round(area.height() * image.height() / side)
        place = QRect(area.x() + (area.width() - wide) // 2, area.y() + (area.height() - high) // 2, wide, high)
        painter.drawImage(place, image)
        makes = row == FILTERS and self._makes_stem()
        for token, key in zip(CHOSEN, self._chosen, strict=False):
            if key == (0 if makes else row, channel):
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(theme().colour(token), 2))
                painter.drawRoundedRect(QRectF(place).adjusted(-2, -2, 2, 2), 4, 4)

    def _text(self, painter: QPainter, area: QRect, text: str, role: FontRole, colour: str) -> None:
        painter.setFont(theme().font(role, self._layout.scale))
        painter.setPen(theme().colour(colour))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)


_KEYS = {
    *(Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right),
    *(Qt.Key.Key_Return, Qt.Key.Key_Enter),
}
