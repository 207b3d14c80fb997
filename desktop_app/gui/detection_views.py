"""The answer of a detector: cards that count, and a table of boxes that glow with the picture."""

from __future__ import annotations

from collections import Counter
from itertools import zip_longest
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QAccessible, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from desktop_app.core.results import Detections
from desktop_app.gui import texts
from desktop_app.gui.batch_model import name_of
from desktop_app.gui.line_text import draw_line
from desktop_app.gui.theme import FontRole, theme
from desktop_app.gui.widgets import paint_bar
from desktop_app.i18n import tr
from desktop_app.render.palette import PaletteName, class_colour

MARGIN = 14
CARD, GAP, MOST_CARDS = 44, 8, 8
Index = QModelIndex | QPersistentModelIndex


class CountCards(QWidget):
    """A card a class, most frequent first, in two columns (one where `columns` says so)."""

    def __init__(self) -> None:
        super().__init__()
        self._counts: list[tuple[int, str, int]] = []
        self._palette: PaletteName = "default"
        self._scale, self.columns = 1.0, 2
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setBackgroundRole(QPalette.ColorRole.AlternateBase)
        self.setAutoFillBackground(True)  # what lies behind needs not be painted too
        theme().changed.connect(self.updateGeometry)

    def set_palette(self, palette: PaletteName) -> None:
        self._palette = palette
        self.update()

    def set_scale(self, scale: float) -> None:
        self._scale, self.columns = scale, 1 if scale > 1 else 2
        self.updateGeometry()
        self.update()

    def show_counts(self, detections: Detections, names: tuple[str, ...]) -> None:
        found = Counter(int(i) for i in detections.class_id)
        order = sorted(found.items(), key=lambda item: (-item[1], item[0]))
        counts = [(i, name_of(names, i), count) for i, count in order[:MOST_CARDS]]
        if counts == self._counts:
            return
        before, self._counts = self._counts, counts
        self.setAccessibleName(tr("Counts: {list}", list=", ".join(f"{name} {count}" for _, name, count in counts)))
        if self._rows(len(counts)) != self._rows(len(before)):
            self.updateGeometry()
        for place, (was, now) in enumerate(zip_longest(before, counts)):
            if was != now:
                self.update(self._card(place).toAlignedRect().adjusted(-1, -1, 1, 1))

    def _card(self, place: int) -> QRectF:
        width = (self.width() - 2 * MARGIN - GAP * (self.columns - 1)) / self.columns
        height = self._card_height()
        row, column = divmod(place, self.columns)
        return QRectF(MARGIN + column * (width + GAP), row * (height + GAP), width, height)

    def _card_height(self) -> int:
        return round(max(CARD, QFontMetrics(theme().font("count")).height() + 16) * (2 if self._scale > 1 else 1))

    def _rows(self, cards: int) -> int:
        return -(-cards // self.columns)

    def sizeHint(self) -> QSize:
        return QSize(240, self._rows(len(self._counts)) * (self._card_height() + GAP))

    def minimumSizeHint(self) -> QSize:
        return QSize(180, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        changed = event.region()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for place, (class_id, name, count) in enumerate(self._counts):
                card = self._card(place)
                if not changed.intersects(card.toAlignedRect()):
                    continue
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme().colour("raised"))
                painter.drawRoundedRect(card, 8, 8)
                painter.setBrush(class_colour(class_id, self._palette))
                bar = 22 * (1.8 if self._scale > 1 else 1)
                middle = card.top() + (card.height() - bar) / 2
                painter.drawRoundedRect(QRectF(card.left() + 10, middle, 6 * self._scale, bar), 3, 3)
                self._texts(painter, card, name, str(count))

    def _texts(self, painter: QPainter, card: QRectF, name: str, count: str) -> None:
        painter.setPen(theme().colour("text"))
        inner = card.adjusted(16 + 10 * self._scale, 0, -14, 0)
        width = draw_line(painter, inner, count, "count", self._scale, right=True)
        inner.setRight(inner.right() - round(width) - 6)
        draw_line(painter, inner, name, "body", self._scale, elide=True)


class _Boxes(QAbstractListModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.detections = Detections.empty()
        self.names: tuple[str, ...] = ()

    def show(self, detections: Detections, names: tuple[str, ...]) -> None:
        before, now = len(self.detections), len(detections)
        if now < before:
            self.beginRemoveRows(QModelIndex(), now, before - 1)
        elif now > before:
            self.beginInsertRows(QModelIndex(), before, now - 1)
        self.detections, self.names = detections, names
        if now < before:
            self.endRemoveRows()
        elif now > before:
            self.endInsertRows()
        if now and QAccessible.isActive():
            # For who reads the screen to somebody. The table itself is painted anew at once, and lays out nothing.
            self.dataChanged.emit(self.index(0), self.index(now - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.detections)

    def cells(self, row: int) -> tuple[int, str, float, str]:
        """Class id, name, confidence and size as shown."""
        d = self.detections
        box = d.xyxy[row]
        size = texts.size(round(float(box[2] - box[0])), round(float(box[3] - box[1])))
        name = name_of(self.names, int(d.class_id[row]))
        track = d.track_of(row)
        if track is not None:
            name = f"{name} #{track}"
        return d.colour_id(row), name, float(d.confidence[row]), size

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        if not index.isValid() or index.row() >= len(self.detections):
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            _, name, confidence, size = self.cells(index.row())
            return f"{name} {texts.number(confidence, 2)} {size}"
        return None


class _BoxDelegate(QStyledItemDelegate):
    """Columns as of `BoxTable.columns`."""

    def __init__(self, table: BoxTable) -> None:
        super().__init__(table)
        self._table = table

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        font = QFontMetrics(theme().font("body", self._table.scale))
        return QSize(180, max(round((30 if self._table.scale == 1 else 34) * self._table.scale), font.height() + 12))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        table = self._table
        if index.row() >= len(table.boxes.detections):
            return
        colour, name, confidence, size = table.boxes.cells(index.row())
        area = QRect(option.rect)
        state = option.state
        glowing = index.row() == table.glowing
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if glowing:
            painter.fillRect(area, theme().colour("soft"))
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(theme().colour("accent"), 2))
            painter.drawRect(QRectF(area).adjusted(1, 1, -1, -1))
        label, bar, number, last = table.columns(area)
        side = 10 * table.scale
        swatch = QRectF(label.left(), area.center().y() - side / 2 + 1, side, side)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(class_colour(colour, table.palette_name))
        painter.drawRoundedRect(swatch, 3, 3)
        paint_bar(painter, QRectF(bar), confidence, theme().colour("accent"))
        role: FontRole = "strong" if glowing else "body"
        painter.setPen(theme().colour("text"))
        text = label.adjusted(round(18 * table.scale), 0, -4, 0)
        draw_line(painter, text, name, role, table.scale, elide=True)
        draw_line(painter, number, texts.number(confidence, 2), role, table.scale, right=True)
        if last.width():
            painter.setFont(theme().font("small", table.scale))
            painter.setPen(theme().colour("muted"))
            painter.drawText(last, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, size)
        painter.restore()


class BoxTable(QListView):
    """Class, confidence and size of each box. `hovered` is the row under pointer or keyboard, -1 for none."""

    hovered = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.boxes = _Boxes(self)
        self.glowing = -1
        self.scale = 1.0
        self.palette_name: PaletteName = "default"
        self.setModel(self.boxes)
        self.setItemDelegate(_BoxDelegate(self))
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setUniformItemSizes(True)
        self._widths: tuple[int, int] | None = None
        self._opaque = True
        self.entered.connect(lambda index: self._hover(index.row()))
        theme().changed.connect(self._restyle)

    def _restyle(self) -> None:
        self._widths = None
        self._fill_behind()
        self.doItemsLayout()

    def set_opaque(self, opaque: bool) -> None:
        """Opaque, what lies behind needs not be painted too."""
        self._opaque = opaque
        self._fill_behind()

    def _fill_behind(self) -> None:
        """The style sheet takes this away whenever it is applied."""
        self.viewport().setAutoFillBackground(self._opaque)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fill_behind()

    def show_boxes(self, detections: Detections, names: tuple[str, ...]) -> None:
        self.boxes.show(detections, names)
        if self.glowing >= len(detections):
            self._hover(-1)
        self.executeDelayedItemsLayout()  # now, or the rows would be painted twice
        self.viewport().update()

    def set_glowing(self, row: int) -> None:
        """From the picture: no signal, and the row comes into sight."""
        self.glowing = row
        if 0 <= row < self.boxes.rowCount() and not self.underMouse():
            self.scrollTo(self.boxes.index(row))
        self.viewport().update()

    def set_scale(self, scale: float) -> None:
        self.scale = scale
        self._restyle()

    def columns(self, area: QRect) -> tuple[QRect, QRect, QRect, QRect]:
        """Label, bar, number and size; without size in the projector, where room is for large text."""
        if self._widths is None:
            size = 0 if self.scale > 1 else QFontMetrics(theme().font("small")).horizontalAdvance("0000×0000") + 6
            number = QFontMetrics(theme().font("strong", self.scale)).horizontalAdvance("0,00") + 6
            self._widths = number, size
        number, size = self._widths
        left, right = area.left() + MARGIN, area.right() - MARGIN + 2
        bar = max(36, round((right - left) * (0.23 if right - left > 270 else 0.17)))
        last = QRect(right - size, area.top(), size, area.height())
        third = QRect(last.left() - number, area.top(), number, area.height())
        height = round(6 * self.scale)
        second = QRect(third.left() - bar - 4, area.center().y() - height // 2, bar, height)
        return QRect(left, area.top(), second.left() - left - 6, area.height()), second, third, last

    def _hover(self, row: int) -> None:
        if row != self.glowing:
            self.glowing = row
            self.viewport().update()
            self.hovered.emit(row)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(self.indexAt(event.position().toPoint()).row())

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(-1)

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        if self.hasFocus() and current.isValid():
            self._hover(current.row())

    def row_height(self) -> int:
        return max(round(30 * self.scale), self.sizeHintForRow(0))

    def sizeHint(self) -> QSize:
        return QSize(180, max(1, self.boxes.rowCount()) * self.row_height() + 4)


class TableHead(QWidget):
    """Captions over the columns of a `BoxTable`."""

    def __init__(self, table: BoxTable) -> None:
        super().__init__()
        self._table = table
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(180, round(30 * self._table.scale))

    def paintEvent(self, event: QPaintEvent) -> None:
        label, bar, number, size = self._table.columns(self.rect())
        with QPainter(self) as painter:
            painter.setFont(theme().font("caption", self._table.scale))
            painter.setPen(theme().colour("muted"))
            middle = Qt.AlignmentFlag.AlignVCenter
            both = QRect(bar.left(), label.top(), number.right() - bar.left(), label.height())
            painter.drawText(label, middle | Qt.AlignmentFlag.AlignLeft, tr("Class"))
            painter.drawText(both, middle | Qt.AlignmentFlag.AlignLeft, tr("Confidence"))
            if size.width():
                painter.drawText(size, middle | Qt.AlignmentFlag.AlignRight, tr("Size"))
            painter.setPen(theme().colour("line"))
            painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)
