"""The disagreements that are kept, the newest first: a small picture, when, and who said what."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from desktop_app.gui import texts
from desktop_app.gui.compare_state import CompareState, Difference
from desktop_app.gui.compare_words import difference_lines, difference_time
from desktop_app.gui.theme import theme
from desktop_app.gui.widgets import IconButton, Label, button
from desktop_app.i18n import tr

DIFFERENCE = int(Qt.ItemDataRole.UserRole)
_CELL, _PICTURE = QSize(250, 70), QSize(104, 58)
_AROUND = 14
"""Room for the bar to scroll with."""
Index = QModelIndex | QPersistentModelIndex


class _Differences(QAbstractListModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._items: list[Difference] = []

    def put(self, differences: list[Difference]) -> None:
        """The newest first. What is only added to keeps its rows, so that a selection stays."""
        items = differences[::-1]
        fresh = len(items) - len(self._items)
        if fresh > 0 and items[fresh:] == self._items:
            self.beginInsertRows(QModelIndex(), 0, fresh - 1)
            self._items = items
            self.endInsertRows()
        elif items != self._items:
            self.beginResetModel()
            self._items = items
            self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._items)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        if not index.isValid():
            return None
        difference = self._items[index.row()]
        if role == DIFFERENCE:
            return difference
        said = "\n".join(f"{letter}: {text}" for letter, text in difference_lines(difference))
        whole = f"{difference_time(difference)}\n{said}"
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return whole.replace("\n", ", ")
        return whole if role == Qt.ItemDataRole.ToolTipRole else None


class _Delegate(QStyledItemDelegate):
    scale = 1.0

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return _CELL * self.scale

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        area, state = QRect(option.rect), option.state
        difference: Difference = index.data(DIFFERENCE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        chosen = state & QStyle.StateFlag.State_Selected
        fill = "soft" if chosen else "hover" if state & QStyle.StateFlag.State_MouseOver else "raised"
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().colour(fill))
        painter.drawRoundedRect(QRectF(area).adjusted(2, 1, -2, -1), 8, 8)
        room = _PICTURE * self.scale
        top = area.center().y() - room.height() // 2
        picture = QRect(QPoint(area.left() + 8, top), room)
        painter.fillRect(picture, theme().colour("stage"))
        size = difference.thumbnail.size().scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
        inside = QRect(picture.topLeft(), size)
        inside.moveCenter(picture.center())
        painter.drawImage(inside, difference.thumbnail)
        words = QRect(picture.right() + 10, top, area.right() - picture.right() - 18, room.height())
        self._paint_words(painter, words, difference)
        painter.restore()

    def _paint_words(self, painter: QPainter, area: QRect, difference: Difference) -> None:
        painter.setFont(theme().font("small", self.scale))
        high = painter.fontMetrics().height()
        painter.setPen(theme().colour("muted"))
        painter.drawText(area, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, difference_time(difference))
        painter.setPen(theme().colour("text"))
        lines = difference_lines(difference, short=True)
        room = max(1, area.height() // high - 1)
        if len(lines) > room:  # the last line takes the rest
            rest = "  ".join(f"{letter} {text}" for letter, text in lines[room - 1 :])
            shown = [f"{letter} {text}" for letter, text in lines[: room - 1]] + [rest]
        else:
            shown = [f"{letter} {text}" for letter, text in lines]
        for number, text in enumerate(shown, 1):
            line = QRect(area.left(), area.top() + number * high, area.width(), high)
            cut = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, line.width())
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, cut)


class _List(QListView):
    """One row, left to right. Enter opens."""

    picked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFixedHeight(_CELL.height() + _AROUND)
        self.clicked.connect(lambda index: self.picked.emit(index.data(DIFFERENCE)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.picked.emit(self.currentIndex().data(DIFFERENCE))
        else:
            super().keyPressEvent(event)


class CompareStrip(QWidget):
    picked = Signal(object)
    """The `Difference` to be looked at."""
    export_wanted = Signal()

    def __init__(self, state: CompareState) -> None:
        super().__init__()
        self._state = state
        self._model = _Differences(self)
        self.list = _List()
        self.list.setModel(self._model)
        self._delegate = _Delegate(self.list)
        self.list.setItemDelegate(self._delegate)
        self.title, self.count = Label("", "section"), Label("", "small", "muted")
        self.nothing = Label("", "small", "muted", wrap=True)
        self.nothing.setFixedHeight(self.list.height())
        self.export = button("", "", "export")
        self.clear = IconButton("trash")
        head = QHBoxLayout()
        head.setSpacing(8)
        for part in (self.title, self.count):
            head.addWidget(part)
        head.addStretch(1)
        head.addWidget(self.export)
        head.addWidget(self.clear)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self.nothing)
        column.addWidget(self.list)
        self.list.picked.connect(self.picked)
        self.export.clicked.connect(self.export_wanted)
        self.clear.clicked.connect(state.forget_differences)
        state.disagreed.connect(self.refresh)
        theme().changed.connect(self.list.viewport().update)
        texts.follow_language(self, self._retext)

    def _retext(self) -> None:
        self.title.setText(tr("Disagreements"))
        self.export.setText(tr("Export…"))
        self.export.setToolTip(tr("Pictures and results of all disagreements, into a folder"))
        self.clear.set_text(tr("Forget these disagreements"))
        self.list.setAccessibleName(tr("Disagreements, the newest first"))
        self.nothing.setText(tr("None yet. Where the models say different things of a frame, it is kept here."))
        self.refresh()
        self.list.viewport().update()

    def set_scale(self, scale: float) -> None:
        """For the projector."""
        self._delegate.scale = scale
        for part in (self.list, self.nothing):
            part.setFixedHeight(round(_CELL.height() * scale) + _AROUND)
        for label in (self.title, self.count, self.nothing):
            label.set_scale(scale)
        self.list.doItemsLayout()

    def refresh(self) -> None:
        differences = self._state.differences
        bar = self.list.horizontalScrollBar()
        at_start = bar.value() == 0
        self._model.put(differences)
        if at_start:  # who has scrolled looks at something
            bar.setValue(0)
        some = bool(differences)
        for part in (self.list, self.export, self.clear):
            part.setVisible(some)
        self.nothing.setVisible(not some)
        count = texts.number(len(differences))
        if self._state.dropped:
            self.count.setText(tr("the last {count}; older ones were let go", count=count))
        else:
            self.count.setText(count if some else "")
