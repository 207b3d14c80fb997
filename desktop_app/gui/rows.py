"""Rows of lists, painted and not made of widgets: icon, title, caption, two right-aligned columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QGuiApplication, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop_app.gui.icons import paint_icon
from desktop_app.gui.theme import theme

ROW_ROLE = int(Qt.ItemDataRole.UserRole) + 1
ONE_LINE, TWO_LINES = 30, 44


@dataclass(frozen=True, slots=True)
class Row:
    """`icon`: at rest; its `-fill` sister when `chosen`. `middle`: a muted column left of `right`.

    `heading`: a group, whose caret the delegate draws. `value` is what choosing the row means.
    """

    title: str
    value: str = ""
    caption: str = ""
    icon: str = ""
    chosen_icon: str = ""
    right: str = ""
    right_icon: str = ""
    middle: str = ""
    chosen: bool = False
    heading: bool = False
    fraction: float | None = None

    def spoken(self) -> str:
        return ", ".join(part for part in (self.title, self.caption, self.middle, self.right) if part)


class RowDelegate(QStyledItemDelegate):
    """Paints the `Row` that an index holds in `ROW_ROLE`."""

    middle_width = 0
    """Room for the column `middle`; 0 where no row has one."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        row = index.data(ROW_ROLE)
        font = QFontMetrics(theme().font("body"))
        if isinstance(row, Row) and row.caption:
            return QSize(100, max(TWO_LINES, round(2.4 * font.height()) + 6))
        return QSize(100, max(ONE_LINE, font.height() + 12))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        row = index.data(ROW_ROLE)
        if not isinstance(row, Row):
            return
        state = option.state
        area = QRect(option.rect).adjusted(6, 1, -6, -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._background(painter, area, row, state)
        inner = area.adjusted(8, 0, -8, 0)
        if row.heading:
            self._heading(painter, inner, row, bool(state & QStyle.StateFlag.State_Open))
        else:
            self._row(painter, inner, row)
        painter.restore()

    def _background(self, painter: QPainter, area: QRect, row: Row, state: QStyle.StateFlag) -> None:
        colour = QColor(Qt.GlobalColor.transparent)
        if row.chosen:
            colour = theme().colour("soft")
        elif state & QStyle.StateFlag.State_MouseOver:
            colour = theme().colour("hover")
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(area, 6, 6)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(theme().colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(area).adjusted(1, 1, -1, -1), 6, 6)

    def _heading(self, painter: QPainter, area: QRect, row: Row, is_open: bool) -> None:
        caret = QRectF(area.left() - 2, area.center().y() - 6, 13, 13)
        paint_icon(painter, caret, "caret-down" if is_open else "caret-right", theme().colour("muted"))
        painter.setFont(theme().font("strong"))
        painter.setPen(theme().colour("muted"))
        painter.drawText(area.adjusted(17, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, row.title)
        painter.setFont(theme().font("caption"))
        room = area.adjusted(0, 0, 0, 0)
        if row.middle and is_open:
            room.setRight(area.right() - self._right_width(painter))
            painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, row.middle)

    def _right_width(self, painter: QPainter) -> int:
        return QFontMetrics(theme().font("small")).horizontalAdvance("000 MB") + 26 if self.middle_width else 0

    def _row(self, painter: QPainter, area: QRect, row: Row) -> None:
        left = area.left()
        if row.icon:
            side = 18
            place = QRectF(left, area.center().y() - side / 2, side, side)
            name = (row.chosen_icon or row.icon) if row.chosen else row.icon
            paint_icon(painter, place, name, theme().colour("accent" if row.chosen else "muted"))
            left += side + 10
        elif self.middle_width:
            left += 17
        title_font = theme().font("strong" if row.chosen else "body")
        title_width = QFontMetrics(title_font).horizontalAdvance(row.title)
        right = self._right(painter, area, row, left + title_width + 6)
        text = QRect(left, area.top(), max(0, right - left - 6), area.height())
        painter.setFont(title_font)
        painter.setPen(theme().colour("text"))
        if not row.caption:
            _elided(painter, text, row.title)
            return
        line = painter.fontMetrics().height()
        top = area.top() + (area.height() - line - round(0.95 * line)) // 2
        _elided(painter, QRect(left, top, text.width(), line), row.title)
        painter.setFont(theme().font("caption"))
        painter.setPen(theme().colour("muted"))
        _elided(painter, QRect(left, top + line, text.width(), line), row.caption)

    def _right(self, painter: QPainter, area: QRect, row: Row, title_end: int) -> int:
        """Paints the right columns; where the title has to end. The middle one gives way to the name of what runs."""
        painter.setFont(theme().font("small"))
        painter.setPen(theme().colour("muted"))
        align = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        right = area.right()
        if row.right_icon:
            paint_icon(
                painter, QRectF(right - 14, area.center().y() - 7, 15, 15), row.right_icon, painter.pen().color()
            )
            right -= 20
        if row.right:
            painter.drawText(QRect(area.left(), area.top(), right - area.left(), area.height()), align, row.right)
            right -= painter.fontMetrics().horizontalAdvance(row.right) + 4
        if not self.middle_width or not row.middle:
            return right
        edge = min(area.right() - self._right_width(painter), right - 6)
        start = edge - painter.fontMetrics().horizontalAdvance(row.middle) - 4
        if row.chosen and start < title_end:
            return right
        painter.drawText(QRect(area.left(), area.top(), edge - area.left(), area.height()), align, row.middle)
        return start


def _elided(painter: QPainter, area: QRect, text: str) -> None:
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, area.width())
    painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


class _Picker(QObject):
    def __init__(self, view: QAbstractItemView, act: Callable[[Row, bool], None]) -> None:
        super().__init__(view)
        self._view, self._act = view, act
        view.clicked.connect(self._pick)
        view.installEventFilter(self)

    def _pick(self, index: QModelIndex) -> None:
        row = index.data(ROW_ROLE)
        if isinstance(row, Row):
            beside = bool(QGuiApplication.keyboardModifiers() & Qt.KeyboardModifier.ControlModifier)
            self._act(row, beside)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            keys = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            row = self._view.currentIndex().data(ROW_ROLE)
            if event.key() in keys and isinstance(row, Row):
                self._act(row, bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
                return True
        return False


def on_pick(view: QAbstractItemView, act: Callable[[Row, bool], None]) -> None:
    """A click and Enter choose a row (Space pauses); the second argument of `act` says whether Ctrl was held."""
    _Picker(view, act)
