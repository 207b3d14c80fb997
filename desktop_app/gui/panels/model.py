"""The left panel of models: search, groups, one click to run, Ctrl and a click to run beside the others."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QTreeView, QVBoxLayout, QWidget

from desktop_app.core.teaching import TAUGHT
from desktop_app.gui.commands import Commands
from desktop_app.gui.hold_rate import HoldRate
from desktop_app.gui.model_tree import GROUP, MORE, ModelFilter, ModelTree
from desktop_app.gui.rows import ROW_ROLE, Row, RowDelegate, on_pick
from desktop_app.gui.session import Session
from desktop_app.gui.texts import follow_language
from desktop_app.gui.theme import theme
from desktop_app.gui.widgets import EmptyState, PanelTitle, SearchField
from desktop_app.i18n import tr


class _Delegate(RowDelegate):
    middle_width = 44


class ModelPanel(QWidget):
    def __init__(self, session: Session, commands: Commands, title: PanelTitle) -> None:
        super().__init__()
        self._controller, self._commands = session.controller, commands
        self._title = title
        self._about = title.add_button("info", "", commands.about_model)
        self._known: set[tuple[str, bool]] = set()
        self._before_search: set[str] = set()
        self.search = SearchField()
        self.tree = ModelTree(session.controller)
        self.tree.setParent(self)
        self._filter = ModelFilter(self.tree)
        self.view = QTreeView()
        self.view.setModel(self._filter)
        self.view.setItemDelegate(_Delegate(self.view))
        self.view.setHeaderHidden(True)
        self.view.setRootIsDecorated(False)
        self.view.setIndentation(0)
        self.view.setUniformRowHeights(True)
        self.view.setMouseTracking(True)
        self.view.setExpandsOnDoubleClick(False)
        self.view.setEditTriggers(QTreeView.EditTrigger.NoEditTriggers)
        self.view.setVerticalScrollMode(QTreeView.ScrollMode.ScrollPerPixel)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._menu)
        on_pick(self.view, self._choose)
        field = QHBoxLayout()
        field.setContentsMargins(12, 0, 12, 6)
        field.addWidget(self.search)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(field)
        layout.addWidget(self.view)
        self._nothing = EmptyState("magnifying-glass")
        self._nothing.hide()
        layout.addWidget(self._nothing, 1)
        self.hold_rate = HoldRate(session.preferences)
        layout.addWidget(self.hold_rate)
        self.setMinimumHeight(96)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.search.textChanged.connect(self._search)
        self.search.returnPressed.connect(self._choose_first)
        controller = session.controller
        controller.catalogue_changed.connect(self.fill)
        controller.models_changed.connect(self._models_changed)
        controller.progressed.connect(lambda _: self.tree.refresh())
        # Only the measured times of those that run change with time; all rows would take 5 ms twice a second.
        controller.stats_changed.connect(lambda: self.tree.refresh(controller.running))
        theme().changed.connect(self.view.doItemsLayout)
        follow_language(self, self._retext)

    def _retext(self) -> None:
        self._title.set_title(tr("Model"))
        self._about.set_text(tr("About this model"))
        self.search.set_placeholder(tr("Search models"))
        self.view.setAccessibleName(tr("Models"))
        self._nothing.set_texts(tr("No such model"), tr("Search for a part of its name or a task."))
        # The first list before the first word of the recogniser; later only what changed.
        self.fill()

    def _models_changed(self) -> None:
        self._about.setEnabled(bool(self._controller.running))
        self.tree.refresh()

    def fill(self) -> None:
        """Builds the groups anew where the list of models changed; else only the rows."""
        infos = self._controller.catalogue()
        open_groups = self._open_groups()
        known = {(info.key, self._controller.on_disk(info.key)) for info in infos}
        if known == self._known:
            self.tree.rebuild_headings()
            self.tree.refresh()
            return
        self._known = known
        place = self.view.verticalScrollBar().value()
        self.tree.rebuild(infos)
        for index in self._groups():
            group = index.data(ROW_ROLE).value
            self.view.setExpanded(index, group in open_groups if open_groups else not group.endswith(MORE))
        self.view.verticalScrollBar().setValue(place)

    def _groups(self) -> list[QModelIndex]:
        """Tasks, and within them what is folded away."""
        tasks = [self._filter.index(row, 0) for row in range(self._filter.rowCount())]
        inner = [self._filter.index(self._filter.rowCount(task) - 1, 0, task) for task in tasks]
        return [*tasks, *(index for index in inner if index.data(ROW_ROLE).heading)]

    def _open_groups(self) -> set[str]:
        return {index.data(ROW_ROLE).value for index in self._groups() if self.view.isExpanded(index)}

    def focus_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _search(self, text: str) -> None:
        if text and not self._before_search:
            self._before_search = self._open_groups()
        self._filter.search(text)
        found = self._filter.rowCount() > 0
        self.view.setVisible(found)
        self._nothing.setVisible(not found)
        if text:
            self.view.expandAll()
            return
        for index in self._groups():
            self.view.setExpanded(index, index.data(ROW_ROLE).value in self._before_search)
        self._before_search = set()

    def _choose_first(self) -> None:
        """Enter in the search field takes the first model that is left."""
        index = self._filter.index(0, 0)
        while index.isValid() and index.data(ROW_ROLE).heading:
            index = self._filter.index(0, 0, index)
        first = index.data(ROW_ROLE)
        if isinstance(first, Row):
            self._choose(first, False)
            self.search.clear()

    def _choose(self, row: Row, beside: bool) -> None:
        if row.value.startswith(GROUP):
            self._toggle(row.value)
        elif beside:
            self._commands.toggle_beside(row.value)
        else:
            self._commands.use_model(row.value)

    def _toggle(self, group: str) -> None:
        for index in self._groups():
            if index.data(ROW_ROLE).value == group:
                self.view.setExpanded(index, not self.view.isExpanded(index))

    def _menu(self, at: QPoint) -> None:
        row = self.view.indexAt(at).data(ROW_ROLE)
        if isinstance(row, Row) and not row.heading:
            menu = self.menu_for(row.value)
            menu.popup(self.view.viewport().mapToGlobal(at))

    def menu_for(self, key: str) -> QMenu:
        controller, commands = self._controller, self._commands
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(tr("Run"), lambda: commands.use_model(key))
        others = [k for k in controller.asked if k != key]
        if others and key in controller.asked:
            menu.addAction(tr("Stop running beside the others"), lambda: commands.toggle_beside(key))
        elif others:
            menu.addAction(
                tr("Run beside {models}\tCtrl+click", models=", ".join(others)), lambda: commands.toggle_beside(key)
            )
        menu.addAction(tr("Turbo (int8)…"), lambda: commands.turbo(key)).setEnabled(controller.on_disk(key))
        menu.addAction(tr("About this model"), lambda: commands.about_model(key))
        info = controller.imported.get(key)
        if info is not None and info.family == TAUGHT:
            menu.addAction(tr("Go on teaching"), lambda: commands.go_on_teaching(info))
        menu.addSeparator()
        remove = menu.addAction(tr("Remove from this computer…"), lambda: commands.remove_model(key))
        remove.setEnabled(controller.on_disk(key) and key not in controller.asked)
        menu.addAction(tr("Import a model…"), commands.choose_model_file)
        return menu
