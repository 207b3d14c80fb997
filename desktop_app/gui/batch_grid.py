"""Cells of the batch: small picture, label, probability and file name, as grid or as list."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop_app.gui import texts
from desktop_app.gui.batch_model import BatchModel, Entry
from desktop_app.gui.theme import theme
from desktop_app.gui.widgets import paint_bar
from desktop_app.i18n import tr, tr_class

Index = QModelIndex | QPersistentModelIndex
CELL, LOWEST_WIDTH, ROW = 184, 170, 56
SURE = 0.5


@lru_cache(maxsize=400)
def thumbnail(jpeg: bytes) -> QPixmap:
    """A null pixmap where there is no picture; only what is near the eye is kept decoded."""
    pixmap = QPixmap()
    pixmap.loadFromData(jpeg)
    return pixmap


class CellDelegate(QStyledItemDelegate):
    def __init__(self, view: BatchGrid) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return self._view.cell_size()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        entry = index.data(BatchModel.ENTRY)
        if not isinstance(entry, Entry):
            return
        area = QRectF(option.rect)
        state = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if self._view.as_list:
            self._row(painter, area, entry, state)
        else:
            self._card(painter, area.adjusted(4, 4, -4, -4), entry, state)
        painter.restore()

    def _background(self, painter: QPainter, area: QRectF, state: QStyle.StateFlag) -> None:
        selected = bool(state & QStyle.StateFlag.State_Selected)
        hover = bool(state & QStyle.StateFlag.State_MouseOver)
        painter.setBrush(theme().colour("soft" if selected else "hover" if hover else "panel"))
        painter.setPen(QPen(theme().colour("accent" if selected else "line"), 2 if selected else 1))
        painter.drawRoundedRect(area, 8, 8)

    def _card(self, painter: QPainter, area: QRectF, entry: Entry, state: QStyle.StateFlag) -> None:
        self._background(painter, area, state)
        inner = area.adjusted(6, 6, -6, -6)
        line = QFontMetrics(theme().font("strong")).height()
        text_height = 2 * line + 14
        _picture(painter, QRectF(inner.left(), inner.top(), inner.width(), inner.height() - text_height), entry)
        label = QRectF(inner.left() + 2, inner.bottom() - text_height + 4, inner.width() - 4, line)
        self._label(painter, label, entry)
        painter.setFont(theme().font("caption"))
        painter.setPen(theme().colour("muted"))
        _elided(painter, label.translated(0, line), entry.name)
        bar = QRectF(inner.left() + 2, inner.bottom() - 4, inner.width() - 4, 3)
        paint_bar(painter, bar, entry.best[1], theme().colour("accent"))

    def _row(self, painter: QPainter, area: QRectF, entry: Entry, state: QStyle.StateFlag) -> None:
        self._background(painter, area.adjusted(4, 2, -4, -2), state)
        inner = area.adjusted(10, 6, -14, -6)
        _picture(painter, QRectF(inner.left(), inner.top(), 1.5 * inner.height(), inner.height()), entry)
        left = inner.left() + 1.5 * inner.height() + 12
        third = (inner.right() - left) * 0.45
        painter.setFont(theme().font("body"))
        painter.setPen(theme().colour("muted"))
        _elided(
            painter,
            QRectF(left + third + 12, inner.top(), inner.right() - left - third - 12, inner.height()),
            entry.name,
        )
        self._label(painter, QRectF(left, inner.top(), third, inner.height()), entry)

    def _label(self, painter: QPainter, area: QRectF, entry: Entry) -> None:
        label, value = entry.best
        number = texts.percent(value, 0) if label else ""
        painter.setFont(theme().font("strong"))
        painter.setPen(theme().colour("text" if value >= SURE else "muted"))
        painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, number)
        painter.setPen(theme().colour("text" if label else "muted"))
        room = area.adjusted(0, 0, -painter.fontMetrics().horizontalAdvance(number) - 8, 0)
        _elided(painter, room, tr_class(label) if label else tr("nothing found"))


def _picture(painter: QPainter, area: QRectF, entry: Entry) -> None:
    """Fills `area`, cut where the shapes differ."""
    clip = QPainterPath()
    clip.addRoundedRect(area, 4, 4)
    painter.fillPath(clip, theme().colour("stage"))
    pixmap = thumbnail(entry.jpeg)
    if pixmap.isNull():
        return
    scale = max(area.width() / pixmap.width(), area.height() / pixmap.height())
    source = QRectF(0, 0, area.width() / scale, area.height() / scale)
    source.moveCenter(QRectF(pixmap.rect()).center())
    painter.save()
    painter.setClipPath(clip)
    painter.drawPixmap(area, pixmap, source)
    painter.restore()


def _elided(painter: QPainter, area: QRectF, text: str) -> None:
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, int(area.width()))
    painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)


class BatchGrid(QListView):
    """Columns stretch to the width; only what is in sight is painted."""

    def __init__(self, model: BatchModel) -> None:
        super().__init__()
        self.as_list = False
        self.setModel(model)
        self.setItemDelegate(CellDelegate(self))
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setStyleSheet("QListView { background: transparent; }")
        self.set_list(False)
        theme().changed.connect(self.doItemsLayout)

    def set_list(self, as_list: bool) -> None:
        self.as_list = as_list
        self.setViewMode(QListView.ViewMode.ListMode if as_list else QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setWrapping(not as_list)
        self.setFlow(QListView.Flow.TopToBottom if as_list else QListView.Flow.LeftToRight)
        self.doItemsLayout()

    def cell_size(self) -> QSize:
        width = max(LOWEST_WIDTH, self.viewport().width() - 2)
        if self.as_list:
            return QSize(width, ROW)
        columns = max(1, min(5 if width < 1400 else 9, width // LOWEST_WIDTH))
        cell = width // columns
        return QSize(cell, round(cell * 0.66) + 2 * QFontMetrics(theme().font("strong")).height() + 30)
