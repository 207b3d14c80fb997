"""Layer by layer: a row a station, from the first convolution to the last, each with its most active maps."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from desktop_app.core.explain import Station
from desktop_app.gui import texts
from desktop_app.gui.theme import theme
from desktop_app.i18n import tr
from desktop_app.recogniser import messages as m
from desktop_app.render.heat import tile_image

TILES = 7
CAPTION = 176
"""Width of what stands left of the tiles."""
GAP = 6
HARD_UP_TO = 28
"""Maps of at most so many cells a side are drawn with hard pixels."""


def station_title(stations: tuple[Station, ...], place: int) -> str:
    """The first is the stem, the last the head, blocks are counted between them."""
    if place == 0:
        return tr("Stem")
    return tr("Head") if place == len(stations) - 1 else tr("Block {n}", n=place)


def station_caption(station: Station) -> str:
    return tr("{count} maps of {size}", count=station.channels, size=texts.size(station.width, station.height))


class LadderView(QWidget):
    chosen = Signal(int, int)
    """Station and channel of a map."""
    opened = Signal(int)
    """All maps of a station are wanted; -1: of none."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: m.Explained | None = None
        self._images: dict[tuple[int, int], QImage] = {}
        self._current: tuple[int, int] | None = None
        self._opened: int | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.MinimumExpanding)
        theme().changed.connect(self.update)
        texts.follow_language(self, self._retext)

    def _retext(self) -> None:
        self.setAccessibleName(tr("Layer by layer"))
        self.setAccessibleDescription(tr("Arrow keys choose a map, Enter opens all maps of a layer."))
        self.update()

    def show_maps(self, seen: m.Explained | None, current: tuple[int, int] | None, opened: int | None) -> None:
        taller = self._opened != opened or (seen is None) != (self._seen is None)
        self._seen, self._current, self._opened = seen, current, opened
        self._images = {}
        if seen is not None:
            for tiles in seen.tiles:
                for channel, pixels in zip(tiles.channels, tiles.pixels, strict=True):
                    self._images[tiles.station, int(channel)] = tile_image(pixels)
        if taller:
            self.updateGeometry()
        self.update()

    # --- where things lie ---------------------------------------------------------------------------------------

    def _tile(self) -> int:
        """Side of a tile: all stations fit where the window is high enough."""
        rows = len(self._seen.stations) if self._seen is not None else 8
        wide = (self.width() - CAPTION - 60) // TILES - GAP
        high = (self.height() // max(1, rows)) - 18
        return max(34, min(wide, high, 96)) if self._opened is None else max(34, min(wide, 64))

    def _columns(self) -> int:
        return max(1, (self.width() - CAPTION - 60) // (self._tile() + GAP))

    def _row_height(self, place: int) -> int:
        tile = self._tile()
        if place == self._opened and self._seen is not None:
            lines = math.ceil(self._seen.stations[place].channels / self._columns())
            return lines * (tile + GAP) + 14
        return tile + 16

    def _row(self, place: int) -> QRect:
        top = sum(self._row_height(before) for before in range(place))
        return QRect(0, top, self.width(), self._row_height(place))

    def _channels(self, place: int) -> list[int]:
        if self._seen is None:
            return []
        found = next((tiles for tiles in self._seen.tiles if tiles.station == place), None)
        if found is None:
            return []
        most = len(found.channels) if place == self._opened else min(TILES, self._columns())
        return [int(channel) for channel in found.channels[:most]]

    def _tile_rect(self, place: int, index: int) -> QRect:
        tile, columns = self._tile(), self._columns()
        row = self._row(place)
        line, column = divmod(index, columns)
        return QRect(CAPTION + column * (tile + GAP), row.top() + 8 + line * (tile + GAP), tile, tile)

    def _more_rect(self, place: int) -> QRect:
        row = self._row(place)
        return QRect(self.width() - 56, row.top(), 52, min(row.height(), self._tile() + 16))

    def tile_rect(self, station: int, channel: int) -> QRect:
        """Where the tile of a map lies; empty where it is not shown."""
        channels = self._channels(station)
        return self._tile_rect(station, channels.index(channel)) if channel in channels else QRect()

    def more_rect(self, station: int) -> QRect:
        """Where a click shows all maps of a station."""
        return self._more_rect(station)

    def sizeHint(self) -> QSize:
        rows = len(self._seen.stations) if self._seen is not None else 8
        if self._opened is None:
            return QSize(CAPTION + 60 + TILES * 60, rows * 52)
        return QSize(CAPTION + 60 + TILES * 60, sum(self._row_height(place) for place in range(rows)))

    def minimumSizeHint(self) -> QSize:
        return QSize(CAPTION + 60 + 4 * 44, self.sizeHint().height())

    def _at(self, point: QPoint) -> tuple[int, int | None] | None:
        """Station and channel under a point; the channel is `None` on the number of the others, -1 beside all."""
        if self._seen is None:
            return None
        for place in range(len(self._seen.stations)):
            if not self._row(place).contains(point):
                continue
            for index, channel in enumerate(self._channels(place)):
                if self._tile_rect(place, index).contains(point):
                    return place, channel
            return place, None if self._more_rect(place).contains(point) else -1
        return None

    # --- pointer and keys ---------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        hit = self._at(event.position().toPoint())
        if hit is None:
            return
        place, channel = hit
        if channel is None:
            self.opened.emit(-1 if place == self._opened else place)
        elif channel >= 0:
            self.chosen.emit(place, channel)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._seen is None or not self._seen.stations:
            super().keyPressEvent(event)
            return
        place, channel = self._current or (0, -1)
        channels = self._channels(place)
        index = channels.index(channel) if channel in channels else 0
        key = event.key()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            place = min(max(place + (1 if key == Qt.Key.Key_Down else -1), 0), len(self._seen.stations) - 1)
            channels = self._channels(place)
            index = min(index, len(channels) - 1)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            index = min(max(index + (1 if key == Qt.Key.Key_Right else -1), 0), len(channels) - 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit(-1 if place == self._opened else place)
            return
        else:
            super().keyPressEvent(event)
            return
        if channels:
            self.chosen.emit(place, channels[index])

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self._tip(event.pos()), self)
            return True
        return super().event(event)

    def _tip(self, point: QPoint) -> str:
        hit = self._at(point)
        if hit is None or self._seen is None:
            return ""
        place, channel = hit
        station = self._seen.stations[place]
        if channel is None:
            return tr("Show fewer maps") if place == self._opened else tr("Show all maps")
        if channel < 0:
            return station.layer
        tiles = next(tiles for tiles in self._seen.tiles if tiles.station == place)
        index = [int(one) for one in tiles.channels].index(channel)
        return tr(
            "Map {n} of {layer}, coloured from {low} to {high}: its own range.",
            n=channel,
            layer=station.layer,
            low=texts.number(float(tiles.low[index]), 2),
            high=texts.number(float(tiles.high[index]), 2),
        )

    # --- painting -----------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self._seen is None:
                return
            self._paint_rail(painter)
            for place in range(len(self._seen.stations)):
                if self._row(place).intersects(event.rect()):
                    self._paint_row(painter, place)
            if self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(theme().colour("accent"), 2))
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)

    def _paint_rail(self, painter: QPainter) -> None:
        assert self._seen is not None
        middles = [self._dot(place) for place in range(len(self._seen.stations))]
        painter.setPen(QPen(theme().colour("line2"), 2))
        if middles:
            painter.drawLine(middles[0], middles[-1])

    def _dot(self, place: int) -> QPoint:
        return QPoint(16, self._row(place).top() + (self._tile() + 16) // 2)

    def _paint_row(self, painter: QPainter, place: int) -> None:
        assert self._seen is not None
        row, station = self._row(place), self._seen.stations[place]
        here = self._current is not None and self._current[0] == place
        if here:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().colour("soft"))
            painter.drawRoundedRect(QRectF(row).adjusted(0, 1, 0, -1), 6, 6)
        painter.setPen(QPen(theme().colour("accent" if here else "muted"), 2))
        painter.setBrush(theme().colour("accent" if here else "window"))
        painter.drawEllipse(self._dot(place), 5, 5)
        middle = row.top() + (self._tile() + 16) // 2
        words = QRect(32, middle - 18, CAPTION - 40, 18)
        self._text(painter, words, station_title(self._seen.stations, place), "strong", "text")
        self._text(painter, words.translated(0, 18), station_caption(station), "caption", "muted")
        channels = self._channels(place)
        for index, channel in enumerate(channels):
            self._paint_tile(painter, station, (place, channel), self._tile_rect(place, index))
        others = station.channels - len(channels)
        if others or place == self._opened:
            painter.setPen(theme().colour("accent" if place == self._opened else "muted"))
            painter.setFont(theme().font("small"))
            text = tr("fewer") if place == self._opened else f"+{others}"
            painter.drawText(self._more_rect(place), Qt.AlignmentFlag.AlignCenter, text)

    def _paint_tile(self, painter: QPainter, station: Station, key: tuple[int, int], area: QRect) -> None:
        image = self._images.get(key)
        if image is None:
            return
        hard = max(station.width, station.height) <= HARD_UP_TO
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not hard)
        side = max(image.width(), image.height())
        wide = round(area.width() * image.width() / side)
        high = round(area.height() * image.height() / side)
        place = QRect(area.x() + (area.width() - wide) // 2, area.y() + (area.height() - high) // 2, wide, high)
        painter.drawImage(place, image)
        if key == self._current:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme().colour("accent")), 2))
            painter.drawRoundedRect(QRectF(place).adjusted(-2, -2, 2, 2), 4, 4)

    @staticmethod
    def _text(painter: QPainter, area: QRect, text: str, role: str, colour: str) -> None:
        painter.setFont(theme().font(role))  # type: ignore[arg-type]
        painter.setPen(theme().colour(colour))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
