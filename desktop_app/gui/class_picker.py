"""A button that opens a list to be searched: what the heat map shows the evidence of."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtCore import QSortFilterProxyModel as Filter
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QPushButton,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from desktop_app.gui.class_choices import Choice
from desktop_app.gui.icons import paint_icon
from desktop_app.gui.theme import theme
from desktop_app.gui.widgets import SearchField
from desktop_app.i18n import tr

CHOICE = Qt.ItemDataRole.UserRole
WORDS = Qt.ItemDataRole.UserRole + 1
HEIGHT, ROW = 420, 28


class _Row(QStyledItemDelegate):
    """The note stands at the right, in muted; a title that would run into it is cut."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        size = super().sizeHint(option, index)
        return QSize(size.width(), max(ROW, size.height()))

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().initStyleOption(option, index)
        choice: Choice = index.data(CHOICE)
        room = option.rect.width() - option.fontMetrics.horizontalAdvance(choice.note) - 28
        option.text = option.fontMetrics.elidedText(choice.title, Qt.TextElideMode.ElideRight, room)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        choice: Choice = index.data(CHOICE)
        if choice.note:
            painter.save()
            painter.setPen(theme().colour("muted"))
            area = option.rect.adjusted(0, 0, -8, 0)
            painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, choice.note)
            painter.restore()


class ClassChooser(QFrame):
    """The popup. Typing searches; Down goes to the list, Enter takes the first or the one that is marked."""

    chosen = Signal(object)
    """A `Choice`."""

    def __init__(self, parent: QWidget, choices: list[Choice]) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        items = QStandardItemModel(self)
        for choice in choices:
            item = QStandardItem(choice.title)
            item.setData(choice, CHOICE)
            item.setData(f"{choice.title} {choice.also}", WORDS)
            items.appendRow(item)
        self._filter = Filter(self)
        self._filter.setSourceModel(items)
        self._filter.setFilterRole(WORDS)
        self._filter.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.search = SearchField(tr("Search classes"))
        self.search.textChanged.connect(self._search)
        self.search.installEventFilter(self)
        self.view = QListView()
        self.view.setModel(self._filter)
        self.view.setItemDelegate(_Row(self.view))
        self.view.setUniformItemSizes(True)
        self.view.setAccessibleName(tr("Classes"))
        self.view.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setCurrentIndex(self._filter.index(0, 0))
        self.view.clicked.connect(self._take)
        self.view.activated.connect(self._take)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self.search)
        layout.addWidget(self.view)
        self.setFocusProxy(self.search)

    def _search(self, text: str) -> None:
        self._filter.setFilterFixedString(text)
        # "cat" means the cats, not communication.
        rows = [self._filter.index(row, 0) for row in range(self._filter.rowCount())]
        begins = (index for index in rows if str(index.data()).casefold().startswith(text.casefold()))
        self.view.setCurrentIndex(next(begins, self._filter.index(0, 0)))

    def _take(self, index: QModelIndex) -> None:
        if index.isValid():
            self.chosen.emit(index.data(CHOICE))
            self.close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys of the list, while the pointer to it is in the field."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._take(self.view.currentIndex())
                return True
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
                self.view.keyPressEvent(event)
                return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)


class ClassPicker(QPushButton):
    """`choices` is asked when the list is opened."""

    chosen = Signal(object)
    """A `Choice`."""

    def __init__(self, choices: Callable[[], list[Choice]]) -> None:
        super().__init__()
        self.setProperty("kind", "drop")
        self._choices, self._full = choices, ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.popup: ClassChooser | None = None
        self.clicked.connect(self._open)

    def show_text(self, text: str) -> None:
        """What is chosen; cut at the end where it is too long, the tool tip has all of it."""
        self._full = text
        self._elide()

    @property
    def full_text(self) -> str:
        return self._full

    def _elide(self) -> None:
        room = max(40, self.width() - 44)
        shown = self.fontMetrics().elidedText(self._full, Qt.TextElideMode.ElideRight, room)
        self.setText(shown)
        self.setToolTip(self._full if shown != self._full else "")
        self.setAccessibleDescription(self._full)

    def resizeEvent(self, event: QEvent) -> None:
        self._elide()

    def sizeHint(self) -> QSize:
        return QSize(120, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        with QPainter(self) as painter:
            caret = QRectF(self.width() - 24, self.height() / 2 - 7, 14, 14)
            paint_icon(painter, caret, "caret-down", theme().colour("muted"))

    def _open(self) -> None:
        popup = ClassChooser(self, self._choices())
        popup.chosen.connect(self.chosen)
        popup.setFont(self.font())
        popup.resize(max(260, self.width()), HEIGHT)
        below = self.mapToGlobal(QPoint(0, self.height() + 4))
        window = self.window().geometry()
        if below.y() + popup.height() > min(window.bottom(), self.screen().availableGeometry().bottom()):
            below = self.mapToGlobal(QPoint(0, -popup.height() - 4))
        popup.move(below)
        self.popup = popup
        popup.show()
        popup.search.setFocus()
