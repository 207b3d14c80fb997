"""Many pictures at once: filter, sort, progress, grid or list, export, and one of them large."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QSlider,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from desktop_app.gui import texts
from desktop_app.gui.batch_grid import BatchGrid
from desktop_app.gui.batch_menu import copy_paths, picture_menu
from desktop_app.gui.batch_model import BatchModel
from desktop_app.gui.batch_progress import BatchProgress
from desktop_app.gui.batch_table import DONE, Show, Sort
from desktop_app.gui.batch_thumbnails import Thumbnails
from desktop_app.gui.batch_viewer import BatchViewer
from desktop_app.gui.session import Session
from desktop_app.gui.theme import theme
from desktop_app.gui.widgets import IconButton, Label, SearchField, button
from desktop_app.i18n import tr
from desktop_app.render.overlay import OverlayOptions

SORTS: tuple[tuple[Sort, Callable[[], str]], ...] = (
    ("high", lambda: tr("Sort: confidence, high first")),
    ("low", lambda: tr("Sort: confidence, low first")),
    ("label", lambda: tr("Sort: label")),
    ("name", lambda: tr("Sort: file name")),
    ("order", lambda: tr("Sort: as they came")),
)
SHOWN: tuple[tuple[Show, Callable[[], str]], ...] = (
    ("all", lambda: tr("All pictures")),
    ("found", lambda: tr("Something found")),
    ("nothing", lambda: tr("Nothing found")),
    ("failed", lambda: tr("Failed")),
    ("waiting", lambda: tr("Not recognised yet")),
)


class BatchView(QWidget):
    open_wanted = Signal(str)
    export_wanted = Signal()
    selected = Signal(object)
    """The number of the current picture, or `None`."""

    def __init__(self, session: Session, model: BatchModel, options: Callable[[], OverlayOptions]) -> None:
        super().__init__()
        self._session, self.model = session, model
        self._controller, self._run = session.controller, session.controller.batch
        self.search = SearchField(icon_name="funnel")
        self.search.setMinimumWidth(150)
        self.search.setMaximumWidth(320)
        self.least_caption, self.least_value = Label("", "body", "muted"), Label("", "strong")
        self.least = QSlider(Qt.Orientation.Horizontal)
        self.least.setRange(0, 99)
        self.least.setMaximumWidth(110)
        self.shown, self.sort = QComboBox(), QComboBox()
        self.shown.addItems([text() for _, text in SHOWN])
        self.sort.addItems([text() for _, text in SORTS])
        self.as_grid, self.as_list = (
            IconButton("squares-four", size=20, colour="text"),
            IconButton("list-bullets", size=20, colour="text"),
        )
        for each in (self.as_grid, self.as_list):
            each.setCheckable(True)
        self.as_grid.setChecked(True)
        self.export = button("", "primary", "export")
        self.thumbnails = Thumbnails(self._run, self)
        self.grid = BatchGrid(model, self.thumbnails)
        self.viewer = BatchViewer(model, self._run, options)
        self.progress = BatchProgress(model, self._run, self._controller)
        self.nothing = Label("", "body", "muted", wrap=True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._current: int | None = None
        self._arrange()
        self._connect()
        texts.follow_language(self, self._retext)
        self._take_over()  # it is made when the first batch is there already

    def _arrange(self) -> None:
        self._tools = QWidget()
        tools = QHBoxLayout(self._tools)
        tools.setContentsMargins(0, 0, 0, 0)
        tools.setSpacing(8)
        tools.addWidget(self.search, 100)
        for part in (self.shown, self.least_caption, self.least, self.least_value):
            tools.addWidget(part)
        tools.addStretch(1)
        for tool in (self.sort, self.as_grid, self.as_list, self.export):
            tools.addWidget(tool)
        many = QWidget()
        column = QVBoxLayout(many)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.nothing)
        column.addWidget(self.grid, 1)
        pages = QWidget()
        self._pages = QStackedLayout(pages)
        self._pages.addWidget(many)
        self._pages.addWidget(self.viewer)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 12, 0)
        layout.setSpacing(8)
        layout.addWidget(self._tools)
        layout.addWidget(self.progress)
        layout.addWidget(pages, 1)
        self.setFocusProxy(self.grid)

    def _connect(self) -> None:
        self.search.textChanged.connect(lambda _: self._filter())
        self.least.valueChanged.connect(lambda _: self._filter())
        self.shown.currentIndexChanged.connect(lambda _: self._filter())
        self.sort.currentIndexChanged.connect(lambda row: self.model.sort_by(SORTS[row][0]))
        self.as_grid.clicked.connect(lambda: self._show_list(False))
        self.as_list.clicked.connect(lambda: self._show_list(True))
        self.export.clicked.connect(self.export_wanted)
        self.grid.doubleClicked.connect(self._open)
        self.grid.activated.connect(self._open)
        self.grid.menu_wanted.connect(self._menu)
        self.grid.copy_wanted.connect(lambda: copy_paths(self._paths()))
        self.grid.selectionModel().currentChanged.connect(lambda index, _: self._current_changed(index))
        self.viewer.back_wanted.connect(self.leave_viewer)
        self.viewer.step_wanted.connect(self._step)
        self.viewer.alone_wanted.connect(self.open_wanted)
        self.model.progressed.connect(self._show_progress)
        self.model.arranged.connect(self._arranged)
        self._run.begun.connect(self._begun)
        self._controller.models_changed.connect(self._take_over)
        self._controller.wishes_changed.connect(self._take_over)
        self._controller.restarting.connect(lambda _: self._recogniser_lost())

    def _retext(self) -> None:
        self.search.set_placeholder(tr("Filter"))  # the whole sentence has no room in a small window
        self.search.setToolTip(tr("Filter by label or file name"))
        self.search.setAccessibleName(self.search.toolTip())
        self.least_caption.setText(tr("At least"))
        self.least.setAccessibleName(tr("At least this confidence"))
        self.sort.setAccessibleName(tr("Order"))
        self.shown.setAccessibleName(tr("Which pictures"))
        for box, choices in ((self.sort, SORTS), (self.shown, SHOWN)):
            for row, (_, text) in enumerate(choices):
                box.setItemText(row, text())
        self.as_grid.set_text(tr("As a grid"))
        self.as_list.set_text(tr("As a list"))
        self.export.setText(tr("Export…"))
        self.grid.setAccessibleName(tr("Pictures of the batch"))
        self._filter()
        self._show_progress()
        self.grid.doItemsLayout()

    def show_options(self) -> None:
        self.viewer.show_options()

    # --- the batch that runs ------------------------------------------------------------------------------------

    def _begun(self, same: bool) -> None:
        self._take_over()
        if not same:
            self.leave_viewer()
            self.grid.scrollToTop()
            self._current = None

    def _take_over(self) -> None:
        """Names and thresholds, which come from the models and the settings."""
        self.model.names_changed(self._controller.names)
        self.model.thresholds_changed(self._controller.thresholds)
        self.viewer.show_results()

    def _recogniser_lost(self) -> None:
        self.thumbnails.lost()
        self.viewer.lost()

    def _show_progress(self) -> None:
        self.export.setEnabled(self.model.done > len(self.model.failures))

    def _arranged(self) -> None:
        self._select_something()
        self.grid.doItemsLayout()
        nothing = self.model.found > 0 and self.model.rowCount() == 0
        self.nothing.setVisible(nothing)
        self.nothing.setText(tr("No picture of this batch passes the filter.") if nothing else "")
        # What is known of the current picture may be new.
        self.selected.emit(self._current)

    def _select_something(self) -> None:
        current = self.grid.currentIndex()
        if not current.isValid() and self.model.rowCount() and self._current is None:
            self.grid.setCurrentIndex(self.model.index(0))
        elif not current.isValid() and self._current is not None:
            again = self.model.place(self._current)
            if again.isValid():  # hidden by a filter for a while
                self.grid.setCurrentIndex(again)

    def _current_changed(self, index: QModelIndex) -> None:
        if index.isValid():
            self._current = int(self.model.rows[index.row()])
            self.selected.emit(self._current)

    # --- what the user does -------------------------------------------------------------------------------------

    def _filter(self) -> None:
        self.least_value.setText(texts.percent(self.least.value() / 100, 0))
        self.model.filter(self.search.text(), self.least.value() / 100, SHOWN[max(0, self.shown.currentIndex())][0])

    def _show_list(self, as_list: bool) -> None:
        self.as_list.setChecked(as_list)
        self.as_grid.setChecked(not as_list)
        self.grid.set_list(as_list)

    def _open(self, index: QModelIndex) -> None:
        if index.isValid():
            self.viewer.show_number(int(self.model.rows[index.row()]))
            self._pages.setCurrentWidget(self.viewer)
            self._tools.hide()
            self.setFocusProxy(self.viewer)
            self.viewer.setFocus()

    @property
    def viewing(self) -> bool:
        return self._pages.currentWidget() is self.viewer

    def leave_viewer(self) -> None:
        """Back to where one was."""
        if not self.viewing:
            return
        self.viewer.leave()
        self._pages.setCurrentIndex(0)
        self._tools.show()
        self.setFocusProxy(self.grid)
        self.grid.setFocus()
        self.grid.scrollTo(self.grid.currentIndex())

    def _step(self, by: int) -> None:
        """In the order shown; from a picture that the filter hides by now to the first."""
        if self.viewer.number is None:
            return
        row = self.model.place(self.viewer.number).row()
        to = self.model.index(row + by if row >= 0 else 0)
        if to.isValid():
            self.grid.setCurrentIndex(to)
            self.viewer.show_number(int(self.model.rows[to.row()]))

    def _numbers(self) -> list[int]:
        """What is selected, the current picture first."""
        numbers = self.grid.numbers()
        if self._current in numbers:
            numbers.remove(self._current)
            numbers.insert(0, self._current)
        return numbers

    def _paths(self) -> list[str]:
        return [self.model.table.path(number) for number in self._numbers()]

    def _menu(self, at: QPoint) -> None:
        done = any(self.model.table.state[number] == DONE for number in self.grid.numbers())
        menu = picture_menu(
            self,
            self._paths(),
            lambda: self._open(self.grid.currentIndex()),
            self.open_wanted.emit,
            self.export_wanted.emit if done else None,
            self._run.anew if self._run.specs else None,
            self.grid.selectAll,
        )
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme().colour("window"))
