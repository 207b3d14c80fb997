"""Cells of the batch: small picture, label, probability and file name, as grid or as list."""

from __future__ import annotations

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QFontMetrics,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyleOptionViewItem

from desktop_app.gui import texts
from desktop_app.gui.batch_model import BatchModel
from desktop_app.gui.batch_table import DONE, FAILED, WAITING
from desktop_app.gui.batch_thumbnails import Thumbnails, middle_of
from desktop_app.gui.icons import paint_icon
from desktop_app.gui.theme import theme
from desktop_app.gui.widgets import paint_bar
from desktop_app.i18n import tr, tr_class

Index = QModelIndex | QPersistentModelIndex
LOWEST_WIDTH, ROW = 170, 56
SURE = 0.5
Move = QAbstractItemView.CursorAction
State = QStyle.StateFlag


class BatchGrid(QListView):
    """Where a cell lies is computed from its number, so that 100,000 are laid out as quickly as ten; only what is in
    sight is painted, and only of that small pictures are asked for."""

    copy_wanted = Signal()
    menu_wanted = Signal(QPoint)
    """In pixels of the screen."""

    def __init__(self, model: BatchModel, thumbnails: Thumbnails) -> None:
        super().__init__()
        self.as_list = False
        self._batch, self._thumbnails = model, thumbnails
        self.setModel(model)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setStyleSheet("QListView { background: transparent; }")
        theme().changed.connect(self._look_changed)
        thumbnails.came.connect(self.viewport().update)

    def _look_changed(self) -> None:
        self.doItemsLayout()

    def set_list(self, as_list: bool) -> None:
        """What was in the middle stays in sight."""
        at = self.currentIndex()
        self.as_list = as_list
        self.doItemsLayout()
        if at.isValid():
            self.scrollTo(at, QListView.ScrollHint.PositionAtCenter)

    # --- where things are -------------------------------------------------------------------------------------------

    def columns(self) -> int:
        width = max(LOWEST_WIDTH, self.viewport().width() - 2)
        return 1 if self.as_list else max(1, min(5 if width < 1400 else 9, width // LOWEST_WIDTH))

    def cell_size(self) -> QSize:
        width = max(LOWEST_WIDTH, self.viewport().width() - 2)
        if self.as_list:
            return QSize(width, max(ROW, QFontMetrics(theme().font("strong")).height() + 24))
        cell = width // self.columns()
        return QSize(cell, round(cell * 0.66) + 2 * QFontMetrics(theme().font("strong")).height() + 30)

    def _count(self) -> int:
        return self._batch.rowCount()

    def _cell(self, row: int) -> QRect:
        """In pixels of the viewport."""
        size, columns = self.cell_size(), self.columns()
        corner = QPoint(row % columns * size.width(), row // columns * size.height() - self.verticalOffset())
        return QRect(corner, size)

    def _row_at(self, point: QPoint) -> int:
        """The nearest cell; -1 where there is none at all."""
        size, columns = self.cell_size(), self.columns()
        line = max(0, (point.y() + self.verticalOffset()) // size.height())
        column = max(0, min(columns - 1, point.x() // size.width()))
        return min(self._count() - 1, line * columns + column)

    def visualRect(self, index: Index) -> QRect:
        return self._cell(index.row()) if index.isValid() else QRect()

    def indexAt(self, point: QPoint) -> QModelIndex:
        row = self._row_at(point)
        return self._batch.index(row) if row >= 0 and self._cell(row).contains(point) else QModelIndex()

    def verticalOffset(self) -> int:
        return self.verticalScrollBar().value()

    def horizontalOffset(self) -> int:
        return 0

    def doItemsLayout(self) -> None:
        """Nothing is laid out: see `_cell`."""
        self.updateGeometries()
        self.viewport().update()

    def updateGeometries(self) -> None:
        size, bar = self.cell_size(), self.verticalScrollBar()
        lines = -(-self._count() // self.columns())
        bar.setSingleStep(max(20, size.height() // 3))
        bar.setPageStep(self.viewport().height())
        bar.setRange(0, max(0, lines * size.height() - self.viewport().height()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The cell at the top stays there when the columns become more or fewer."""
        first = self._first
        super().resizeEvent(event)
        self.updateGeometries()
        if first:
            self.verticalScrollBar().setValue(self._cell(first).top() + self.verticalOffset())

    _first = 0

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self._first = max(0, self._row_at(QPoint(0, 0)))
        self.viewport().update()

    def scrollTo(self, index: Index, hint: QListView.ScrollHint = QListView.ScrollHint.EnsureVisible) -> None:
        if not index.isValid():
            return
        cell, height, bar = self._cell(index.row()), self.viewport().height(), self.verticalScrollBar()
        if hint == QListView.ScrollHint.PositionAtCenter:
            bar.setValue(bar.value() + cell.center().y() - height // 2)
        elif cell.top() < 0 or hint == QListView.ScrollHint.PositionAtTop:
            bar.setValue(bar.value() + cell.top())
        elif cell.bottom() > height:
            bar.setValue(bar.value() + cell.bottom() - height + 1)

    # --- keys and pointer -------------------------------------------------------------------------------------------

    def moveCursor(self, action: Move, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        row, count, columns = self.currentIndex().row(), self._count(), self.columns()
        if count == 0:
            return QModelIndex()
        if row < 0:
            return self._batch.index(0)
        page = max(1, self.viewport().height() // self.cell_size().height()) * columns
        steps = {
            Move.MoveLeft: -1,
            Move.MovePrevious: -1,
            Move.MoveRight: 1,
            Move.MoveNext: 1,
            Move.MoveUp: -columns,
            Move.MoveDown: columns,
            Move.MovePageUp: -page,
            Move.MovePageDown: page,
            Move.MoveHome: -count,
            Move.MoveEnd: count,
        }
        to = row + steps[action]
        if action in (Move.MoveUp, Move.MoveDown) and not 0 <= to < count:
            # Down from the last line but one, where the last one is shorter.
            to = count - 1 if action == Move.MoveDown and row // columns < (count - 1) // columns else row
        return self._batch.index(max(0, min(count - 1, to)))

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """From the cell under one corner to the cell under the other, in reading order."""
        if self._count() == 0:
            return
        first, last = sorted((self._row_at(rect.topLeft()), self._row_at(rect.bottomRight())))
        one = rect.width() == 1 and rect.height() == 1
        chosen = QItemSelection()
        if not one or self._cell(first).contains(rect.topLeft()):
            chosen.select(self._batch.index(first), self._batch.index(last))
        self.selectionModel().select(chosen, command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        return QRegion(self.viewport().rect())

    def numbers(self) -> list[int]:
        """Of the selected pictures in the batch, in the order shown."""
        parts = self.selectionModel().selection().toList()
        rows = sorted(row for part in parts for row in range(part.top(), part.bottom() + 1))
        return [int(self._batch.rows[row]) for row in rows if row < self._count()]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        current = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and current.isValid():
            self.activated.emit(current)
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy_wanted.emit()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        # Ctrl+C is also a shortcut of the window.
        override = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Copy):
            event.accept()
            return True
        return super().event(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        at = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            at = self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).center())
        self.menu_wanted.emit(at)

    # --- painting ---------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        count, columns, height = self._count(), self.columns(), self.cell_size().height()
        first = self.verticalOffset() // height * columns
        last = min(count, ((self.verticalOffset() + self.viewport().height()) // height + 1) * columns)
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        under = self.indexAt(self.viewport().mapFromGlobal(self.cursor().pos())).row() if self.underMouse() else -1
        with QPainter(self.viewport()) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            for row in range(first, last):
                self._paint(painter, row, hover=row == under)
        self._thumbnails.want([self._batch.table.path(int(self._batch.rows[row])) for row in range(first, last)])

    def _paint(self, painter: QPainter, row: int, *, hover: bool) -> None:
        index = self._batch.index(row)
        number = int(self._batch.rows[row])
        selected = self.selectionModel().isSelected(index)
        current = index == self.currentIndex() and self.hasFocus()
        area = QRectF(self._cell(row))
        inset = (4, 2) if self.as_list else (4, 4)
        area = area.adjusted(*inset, -inset[0], -inset[1])
        painter.setBrush(theme().colour("soft" if selected else "hover" if hover else "panel"))
        painter.setPen(QPen(theme().colour("accent" if selected or current else "line"), 2 if current else 1))
        painter.drawRoundedRect(area, 8, 8)
        if self.as_list:
            self._paint_row(painter, area, number)
        else:
            self._paint_card(painter, area, number)

    def _paint_card(self, painter: QPainter, area: QRectF, number: int) -> None:
        inner = area.adjusted(6, 6, -6, -6)
        line = QFontMetrics(theme().font("strong")).height()
        text_height = 2 * line + 14
        self._picture(painter, QRectF(inner.left(), inner.top(), inner.width(), inner.height() - text_height), number)
        label = QRectF(inner.left() + 2, inner.bottom() - text_height + 4, inner.width() - 4, line)
        self._label(painter, label, number)
        painter.setFont(theme().font("caption"))
        painter.setPen(theme().colour("muted"))
        _elided(painter, label.translated(0, line), self._batch.shown_name(number))
        bar = QRectF(inner.left() + 2, inner.bottom() - 4, inner.width() - 4, 3)
        paint_bar(painter, bar, self._batch.table.best(number)[1], theme().colour("accent"))

    def _paint_row(self, painter: QPainter, area: QRectF, number: int) -> None:
        inner = area.adjusted(6, 4, -10, -4)
        self._picture(painter, QRectF(inner.left(), inner.top(), 1.5 * inner.height(), inner.height()), number)
        left = inner.left() + 1.5 * inner.height() + 12
        third = (inner.right() - left) * 0.45
        painter.setFont(theme().font("body"))
        painter.setPen(theme().colour("muted"))
        name = QRectF(left + third + 12, inner.top(), inner.right() - left - third - 12, inner.height())
        _elided(painter, name, self._batch.shown_name(number))
        self._label(painter, QRectF(left, inner.top(), third, inner.height()), number)

    def _label(self, painter: QPainter, area: QRectF, number: int) -> None:
        table = self._batch.table
        state, (label, value) = table.state[number], table.best(number)
        text = texts.percent(value, 0) if label else ""
        painter.setFont(theme().font("strong"))
        painter.setPen(theme().colour("text" if value >= SURE else "muted"))
        painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        room = area.adjusted(0, 0, -painter.fontMetrics().horizontalAdvance(text) - 8, 0)
        if state == DONE and label:
            painter.setPen(theme().colour("text"))
            _elided(painter, room, tr_class(label))
            return
        painter.setFont(theme().font("small"))
        painter.setPen(theme().colour("danger" if state == FAILED else "muted"))
        words = {WAITING: tr("not recognised yet"), FAILED: tr("failed")}
        _elided(painter, room, words.get(int(state), tr("nothing found")))

    def _picture(self, painter: QPainter, area: QRectF, number: int) -> None:
        clip = QPainterPath()
        clip.addRoundedRect(area, 4, 4)
        painter.fillPath(clip, theme().colour("stage"))
        ratio = self.devicePixelRatioF()
        size = QSize(round(area.width() * ratio), round(area.height() * ratio))
        pixmap = self._thumbnails.pixmap(self._batch.table.path(number), size)
        if pixmap is None or pixmap.isNull():
            side = min(24.0, area.height() - 4)
            place = QRectF(0, 0, side, side)
            place.moveCenter(area.center())
            paint_icon(painter, place, "image" if pixmap is None else "warning-circle-fill", theme().colour("faint"))
            return
        painter.save()
        painter.setClipPath(clip)
        painter.drawPixmap(area, pixmap, middle_of(pixmap, area))
        painter.restore()


def _elided(painter: QPainter, area: QRectF, text: str) -> None:
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, int(area.width()))
    painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
