"""Which classes are shown: a drop-down with a searchable list of check boxes."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QFrame, QHBoxLayout, QListView, QPushButton, QVBoxLayout, QWidget

from desktop_app.gui.batch_model import name_of
from desktop_app.gui.icons import paint_icon
from desktop_app.gui.texts import follow_language
from desktop_app.gui.theme import theme
from desktop_app.gui.widgets import SearchField, button
from desktop_app.i18n import tr

CHECKED = Qt.CheckState.Checked
UNCHECKED = Qt.CheckState.Unchecked


class ClassList(QFrame):
    """The popup. `changed` carries the ids to keep, `None` for all."""

    changed = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._items = QStandardItemModel(self)
        self._filter = QSortFilterProxyModel(self)
        self._filter.setSourceModel(self._items)
        self._filter.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.search = SearchField(tr("Search classes"))
        self.search.textChanged.connect(self._filter.setFilterFixedString)
        self.view = QListView()
        self.view.setModel(self._filter)
        self.view.setAccessibleName(tr("Classes"))
        self.view.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self._items.itemChanged.connect(self._emit)
        row = QHBoxLayout()
        for text, state in ((tr("All"), CHECKED), (tr("None"), UNCHECKED)):
            both = button(text)
            both.clicked.connect(lambda _=False, state=state: self._check_shown(state))
            row.addWidget(both)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self.search)
        layout.addWidget(self.view)
        layout.addLayout(row)
        self._quiet = False

    def fill(self, names: tuple[str, ...], kept: tuple[int, ...] | None) -> None:
        self._quiet = True
        self._items.clear()
        order = sorted(range(len(names)), key=lambda i: name_of(names, i).casefold())
        for class_id in order:
            item = QStandardItem(name_of(names, class_id))
            item.setData(class_id, Qt.ItemDataRole.UserRole)
            item.setCheckable(True)
            item.setCheckState(CHECKED if kept is None or class_id in kept else UNCHECKED)
            self._items.appendRow(item)
        self._quiet = False

    def _check_shown(self, state: Qt.CheckState) -> None:
        """What the search left: "None", a search for one name and "All" is the quick way to one class."""
        self._quiet = True
        for row in range(self._filter.rowCount()):
            self._items.itemFromIndex(self._filter.mapToSource(self._filter.index(row, 0))).setCheckState(state)
        self._quiet = False
        self._emit()

    def _emit(self) -> None:
        if self._quiet:
            return
        items = [self._items.item(row) for row in range(self._items.rowCount())]
        kept = tuple(sorted(item.data(Qt.ItemDataRole.UserRole) for item in items if item.checkState() == CHECKED))
        self.changed.emit(None if len(kept) == len(items) else kept)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)


class ClassFilter(QPushButton):
    """Says "All 80 classes" or "3 of 80 classes"; `changed` as of `ClassList`."""

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "drop")
        self._names: tuple[str, ...] = ()
        self._kept: tuple[int, ...] | None = None
        self.popup: ClassList | None = None
        self.clicked.connect(self._open)
        follow_language(self, self._show)

    def set_classes(self, names: tuple[str, ...], kept: tuple[int, ...] | None) -> None:
        self._names, self._kept = names, kept
        self._show()

    def _show(self) -> None:
        count = len(self._names)
        if self._kept is None:
            text = tr("All {count} classes", count=count)
        elif len(self._kept) == 1:
            text = tr("Only {name}", name=name_of(self._names, self._kept[0]))
        else:
            text = tr("{kept} of {count} classes", kept=len(self._kept), count=count)
        self.setText(text)
        self.setAccessibleName(tr("Class filter: {text}", text=text))
        self.setEnabled(count > 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        with QPainter(self) as painter:
            caret = QRectF(self.width() - 24, self.height() / 2 - 7, 14, 14)
            paint_icon(painter, caret, "caret-down", theme().colour("muted"))

    def _open(self) -> None:
        popup = ClassList(self)
        popup.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        popup.fill(self._names, self._kept)
        popup.changed.connect(self._changed)
        popup.resize(max(220, self.width()), 360)
        below = self.mapToGlobal(QPoint(0, self.height() + 4))
        window = self.window().geometry()
        if below.y() + popup.height() > min(window.bottom(), self.screen().availableGeometry().bottom()):
            below = self.mapToGlobal(QPoint(0, -popup.height() - 4))
        popup.move(below)
        self.popup = popup
        popup.show()
        popup.search.setFocus()

    def _changed(self, kept: tuple[int, ...] | None) -> None:
        self._kept = kept
        self._show()
        self.changed.emit(kept)
