"""The lines and zones of the source as rows: chosen here or on the picture, renamed and deleted."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QMenu, QSizePolicy

from desktop_app.gui.counting_state import CountingState, count_text
from desktop_app.gui.icons import icon
from desktop_app.gui.rows import ROW_ROLE, TWO_LINES, Row, RowDelegate
from desktop_app.gui.shape_editor import ShapeEditor
from desktop_app.i18n import tr

Index = QModelIndex | QPersistentModelIndex
ICONS = {"line": "line-segment", "zone": "polygon"}
_MOST_ROWS = 5


class _Shapes(QAbstractListModel):
    def __init__(self, state: CountingState, editor: ShapeEditor) -> None:
        super().__init__(state)
        self._state, self._editor = state, editor
        state.shapes_changed.connect(self._anew)
        editor.mode_changed.connect(self.refresh)

    def _anew(self) -> None:
        self.beginResetModel()
        self.endResetModel()

    def refresh(self) -> None:
        """Counts and what is chosen; the rows are the same."""
        if self.rowCount():
            self.dataChanged.emit(self.index(0), self.index(self.rowCount() - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._state.shapes)

    def key(self, row: int) -> int | None:
        shapes = self._state.shapes
        return shapes[row].key if 0 <= row < len(shapes) else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        key = self.key(index.row()) if index.isValid() else None
        counter = self._state.counter(key) if key is not None else None
        if counter is None:
            return None
        shape = counter.shape
        row = Row(shape.name, str(key), count_text(counter), ICONS[shape.kind], chosen=key == self._editor.selected)
        if role == ROW_ROLE:
            return row
        if role == int(Qt.ItemDataRole.EditRole):
            return shape.name
        if role in (int(Qt.ItemDataRole.AccessibleTextRole), int(Qt.ItemDataRole.ToolTipRole)):
            return row.spoken()
        return None

    def setData(self, index: Index, value: Any, role: int = int(Qt.ItemDataRole.EditRole)) -> bool:
        key = self.key(index.row())
        if key is None or role != int(Qt.ItemDataRole.EditRole):
            return False
        self._state.rename(key, str(value))
        return True


class ShapeList(QListView):
    def __init__(self, state: CountingState, editor: ShapeEditor) -> None:
        super().__init__()
        self._state, self._editor = state, editor
        self.rows = _Shapes(state, editor)
        self.setModel(self.rows)
        self.setItemDelegate(RowDelegate(self))
        self.setMouseTracking(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)
        self.viewport().setAutoFillBackground(False)
        self.clicked.connect(lambda index: self._choose(index.row()))
        self.rows.modelReset.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        """As high as its rows; from the sixth on it scrolls."""
        count = self.rows.rowCount()
        policy = Qt.ScrollBarPolicy.ScrollBarAsNeeded if count > _MOST_ROWS else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(policy)
        height = max(TWO_LINES, self.sizeHintForRow(0)) if count else 0
        self.setFixedHeight(min(_MOST_ROWS, count) * height + 2 * self.frameWidth() + 4)

    def _choose(self, row: int) -> None:
        self._editor.select(self.rows.key(row))

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        if self.hasFocus() and current.isValid():
            self._choose(current.row())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = self.rows.key(self.currentIndex().row())
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and key is not None:
            self._state.remove(key)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and key is not None:
            self._editor.select(key)
        else:
            super().keyPressEvent(event)

    def _menu(self, at: QPoint) -> None:
        index = self.indexAt(at)
        key = self.rows.key(index.row())
        if key is None:
            return
        self._editor.select(key)
        menu = shape_menu(self, self._state, key)
        rename = menu.addAction(tr("Rename"), lambda: self.edit(index))
        menu.insertAction(menu.actions()[0], rename)
        menu.popup(self.viewport().mapToGlobal(at))


def shape_menu(parent: QListView, state: CountingState, key: int) -> QMenu:
    """What can be done with a shape."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    counter = state.counter(key)
    if counter is not None and counter.shape.kind == "line":
        menu.addAction(icon("arrows-left-right", "text", 16), tr("Swap in and out"), lambda: state.turn_round(key))
    menu.addAction(icon("trash", "text", 16), tr("Delete"), lambda: state.remove(key))
    return menu
