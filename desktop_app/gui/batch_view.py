"""Many pictures at once: filter, sort, progress, grid or list, export, and the selected one at the right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QMenu, QSlider, QVBoxLayout, QWidget

from desktop_app.gui import texts
from desktop_app.gui.batch_grid import BatchGrid
from desktop_app.gui.batch_model import BatchModel, Entry, Sort, make_entry
from desktop_app.gui.pipeline_controller import PipelineController
from desktop_app.gui.session import Session
from desktop_app.gui.theme import theme
from desktop_app.gui.widgets import IconButton, Label, ProgressBar, SearchField, button
from desktop_app.i18n import tr
from desktop_app.recogniser.messages import BatchItem, SourceTrouble

SORTS: tuple[tuple[Sort, Callable[[], str]], ...] = (
    ("high", lambda: tr("Sort: confidence, high first")),
    ("low", lambda: tr("Sort: confidence, low first")),
    ("name", lambda: tr("Sort: file name")),
    ("order", lambda: tr("Sort: as they came")),
)


class BatchView(QWidget):
    open_wanted = Signal(str)
    selected = Signal(object)
    """The `Entry` that is selected, or `None`."""

    def __init__(self, session: Session, model: BatchModel) -> None:
        super().__init__()
        self._session, self.model = session, model
        self._controller: PipelineController = session.controller
        self.search = SearchField(icon_name="funnel")
        self.search.setMaximumWidth(240)
        self.least_caption, self.least_value = Label("", "body", "muted"), Label("", "strong")
        self.least = QSlider(Qt.Orientation.Horizontal)
        self.least.setRange(0, 99)
        self.least.setMaximumWidth(110)
        self.sort = QComboBox()
        self.sort.addItems([text() for _, text in SORTS])
        self.as_grid, self.as_list = (
            IconButton("squares-four", size=20, colour="text"),
            IconButton("list-bullets", size=20, colour="text"),
        )
        for each in (self.as_grid, self.as_list):
            each.setCheckable(True)
        self.as_grid.setChecked(True)
        self.export = button("", "primary", "export")
        self.export.setMenu(self._export_menu())
        self.grid = BatchGrid(model)
        self.bar = ProgressBar()
        self.done, self.left = Label("", "strong"), Label("", "small", "muted")
        self.cancel = button("", "link")
        self.setFocusProxy(self.grid)
        self._arrange()
        self._connect()
        texts.follow_language(self, self._retext)
        self._source_changed()  # it is made when the first batch is there already

    def _arrange(self) -> None:
        tools = QHBoxLayout()
        tools.setSpacing(8)
        for part in (self.search, self.least_caption, self.least, self.least_value):
            tools.addWidget(part)
        tools.addStretch()
        for tool in (self.sort, self.as_grid, self.as_list, self.export):
            tools.addWidget(tool)
        self.progress = QWidget()
        line = QHBoxLayout(self.progress)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(10)
        line.addWidget(self.bar, 1)
        for each in (self.done, self.left, self.cancel):
            line.addWidget(each)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 12, 0)
        layout.setSpacing(8)
        layout.addLayout(tools)
        layout.addWidget(self.progress)
        layout.addWidget(self.grid, 1)

    def _connect(self) -> None:
        self.search.textChanged.connect(lambda _: self._filter())
        self.least.valueChanged.connect(lambda _: self._filter())
        self.sort.currentIndexChanged.connect(lambda row: self.model.sort_by(SORTS[row][0]))
        self.as_grid.clicked.connect(lambda: self._show_list(False))
        self.as_list.clicked.connect(lambda: self._show_list(True))
        self.cancel.clicked.connect(self._cancel)
        self.grid.doubleClicked.connect(self._open)
        self.grid.activated.connect(self._open)
        self.grid.selectionModel().currentChanged.connect(lambda index, _: self.selected.emit(self.model.entry(index)))
        self.model.progressed.connect(self._show_progress)
        self.model.layoutChanged.connect(self._select_something)
        self._controller.batch_sinks.append(self._add)
        self._controller.source_changed.connect(self._source_changed)
        self._controller.trouble.connect(self._trouble)

    def _retext(self) -> None:
        self.search.set_placeholder(tr("Filter by label or file name"))
        self.least_caption.setText(tr("At least"))
        self.least.setAccessibleName(tr("At least this confidence"))
        self.sort.setAccessibleName(tr("Order"))
        for row, (_, text) in enumerate(SORTS):
            self.sort.setItemText(row, text())
        self.as_grid.set_text(tr("As a grid"))
        self.as_list.set_text(tr("As a list"))
        self.export.setText(tr("Export…"))
        for action, name in zip(self.export.menu().actions(), _formats(), strict=True):
            action.setText(name)
        self.cancel.setText(tr("Cancel"))
        self.grid.setAccessibleName(tr("Pictures of the batch"))
        self._filter()
        self._show_progress()
        self.grid.doItemsLayout()

    def _export_menu(self) -> QMenu:
        menu = QMenu(self)
        for suffix, text in zip((".jsonl", ".csv"), _formats(), strict=True):
            menu.addAction(text).triggered.connect(lambda _=False, suffix=suffix: self._ask_export(suffix))
        return menu

    # --- the batch that runs ------------------------------------------------------------------------------------

    def _source_changed(self) -> None:
        info = self._controller.info
        if info is None or info.kind != "images":
            return
        if self._controller.phase in ("ended", "closed"):
            self.model.end()
        elif info is not self._begun:
            self._begun = info
            if self.model.finished or self._controller.specs != self._specs:
                self._specs = self._controller.specs
                self.model.begin(info.title, info.frame_count)

    _begun: object = None
    _specs: tuple[str, ...] = ()

    def _add(self, item: BatchItem) -> None:
        self.model.add(make_entry(item, self._controller.names))

    def _trouble(self, event: SourceTrouble) -> None:
        if self._controller.is_batch and event.path is not None:
            self.model.fail(event.path, event.message)

    def _cancel(self) -> None:
        self._controller.close()
        self.model.end()

    def _show_progress(self) -> None:
        model = self.model
        self.progress.setVisible(not model.finished and bool(model.title))
        self.bar.set_fraction(model.done / model.total if model.total else None)
        if model.total is None:
            self.done.setText(texts.number(model.done))
        else:
            self.done.setText(tr("{done} of {total}", done=texts.number(model.done), total=texts.number(model.total)))
        left = model.seconds_left
        self.left.setText("" if left is None else tr("{time} left", time=texts.duration(left)))
        self.export.setEnabled(bool(model.entries))

    def _select_something(self) -> None:
        if not self.grid.currentIndex().isValid() and self.model.rowCount():
            self.grid.setCurrentIndex(self.model.index(0))

    # --- what the user does -------------------------------------------------------------------------------------

    def _filter(self) -> None:
        self.least_value.setText(texts.percent(self.least.value() / 100, 0))
        self.model.filter(self.search.text(), self.least.value() / 100)

    def _show_list(self, as_list: bool) -> None:
        self.as_list.setChecked(as_list)
        self.as_grid.setChecked(not as_list)
        self.grid.set_list(as_list)

    def _open(self, index: QModelIndex) -> None:
        entry = self.model.entry(index)
        if isinstance(entry, Entry):
            self.open_wanted.emit(entry.path)

    def _ask_export(self, suffix: str) -> None:
        name = f"{Path(self.model.title or 'regard').stem}{suffix}"
        path, _ = QFileDialog.getSaveFileName(self, tr("Export"), str(Path.home() / name), f"*{suffix}")
        if path:
            self.export_to(Path(path))

    def export_to(self, path: Path) -> None:
        """What the grid shows, in its order; JSON lines, or CSV where the name ends so."""
        text = self.model.as_csv() if path.suffix == ".csv" else self.model.as_json_lines()
        try:
            path.write_text(text, encoding="utf-8", newline="")
        except OSError as error:
            self._session.notifier.error(
                tr("{file} could not be written: {reason}.", file=path.name, reason=error.strerror or error),
                tr("Choose another folder."),
            )
            return
        count = self.model.rowCount()
        self._session.notifier.tell(
            "success", tr("Results exported"), f"{path.name} · {_pictures(count)}", key="export"
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme().colour("window"))


def _formats() -> tuple[str, str]:
    return tr("JSON, a line a picture (.jsonl)"), tr("Table (.csv)")


def _pictures(count: int) -> str:
    return tr("{count} pictures", count=texts.number(count))
