"""The docks round the stage: made from `PANELS`, sized, hidden for full screen and batch, brought back as they were."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QPalette
from PySide6.QtWidgets import QDockWidget, QMainWindow, QMenu, QTabBar, QTabWidget, QWidget

from desktop_app.gui import geometry
from desktop_app.gui.commands import Commands
from desktop_app.gui.panels import LEFT, PANELS, RIGHT
from desktop_app.gui.session import Session
from desktop_app.gui.texts import follow_language
from desktop_app.gui.widgets import PanelTitle
from desktop_app.i18n import tr

NARROW, MEDIUM = 1100, 1360


class Docks:
    def __init__(self, window: QMainWindow, session: Session, commands: Commands) -> None:
        self._window = window
        self.docks: dict[str, QDockWidget] = {}
        self.panels: dict[str, QWidget] = {}
        self._titles: dict[str, PanelTitle] = {}
        self._class: str | None = None
        self._hidden: list[QDockWidget] = []
        for panel in PANELS:
            dock = QDockWidget(window)
            dock.setObjectName(panel.key)
            title = PanelTitle()
            content = panel.build(session, commands, title)
            dock.setTitleBarWidget(title)
            dock.setWidget(content)
            for part in (title, content):
                part.setBackgroundRole(QPalette.ColorRole.AlternateBase)
                part.setAutoFillBackground(True)
            title.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            title.customContextMenuRequested.connect(lambda at, dock=dock, title=title: _menu(dock, title, at))
            self.docks[panel.key], self.panels[panel.key] = dock, content
            self._titles[panel.key] = title
            window.addDockWidget(panel.area, dock)
            if panel.tab_of:
                window.tabifyDockWidget(self.docks[panel.tab_of], dock)
                dock.hide()
        window.setTabPosition(LEFT | RIGHT, QTabWidget.TabPosition.North)
        follow_language(window, self._retext)

    def _retext(self) -> None:
        for panel in PANELS:
            self.docks[panel.key].setWindowTitle(panel.text())
            self.docks[panel.key].toggleViewAction().setText(panel.text())

    def actions(self) -> list[QAction]:
        return [dock.toggleViewAction() for dock in self.docks.values()]

    def left(self) -> list[QDockWidget]:
        return self.in_area(LEFT)

    def in_area(self, area: Qt.DockWidgetArea) -> list[QDockWidget]:
        return [self.docks[panel.key] for panel in PANELS if panel.area == area]

    def show_title(self, key: str, title: str) -> None:
        """The results make room for the selected picture of a batch, and for scores."""
        self._titles[key].set_title(title)

    def show(self, key: str) -> None:
        self.docks[key].show()
        self.docks[key].raise_()

    def is_behind(self, key: str) -> bool:
        """Whether another tab lies over it."""
        title = self.docks[key].windowTitle()
        for bar in self._window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
            if title in (bar.tabText(place) for place in range(bar.count())):
                return bar.tabText(bar.currentIndex()) != title
        return False

    # --- width --------------------------------------------------------------------------------------------------

    def fit(self, width: int) -> None:
        """Sizes of the docks by the width of the window; narrow, the results become a tab of the models."""
        size = "narrow" if width < NARROW else "medium" if width < MEDIUM else "wide"
        if size == self._class:
            return
        was_narrow, self._class = self._class == "narrow", size
        results, model = self.docks["results"], self.docks["model"]
        if size == "narrow" and not results.isFloating():
            self._window.tabifyDockWidget(model, results)
            self._bring_tabs()
            model.raise_()
        elif was_narrow and not results.isFloating():
            self._window.addDockWidget(RIGHT, results)
            results.show()
            self._bring_tabs()
            results.raise_()
        self.fit_height()
        left, right = (264, 316) if size == "wide" else (240, 284)
        horizontal = Qt.Orientation.Horizontal
        self._window.resizeDocks(self.in_area(LEFT)[:1], [left], horizontal)
        if size != "narrow":
            self._window.resizeDocks([results], [right], horizontal)

    def _bring_tabs(self) -> None:
        """What is a tab of a panel goes where that goes."""
        for panel in PANELS:
            dock = self.docks[panel.key]
            if panel.tab_of and not dock.isFloating():
                hidden = dock.isHidden()
                self._window.tabifyDockWidget(self.docks[panel.tab_of], dock)
                dock.setHidden(hidden)

    def fit_height(self) -> None:
        """The inputs get what their rows need, up to a third of the height; the models get the rest."""
        docks = self.in_area(LEFT)
        if all(not dock.isFloating() and dock.isVisible() for dock in docks):
            wanted = min(self.panels["input"].maximumHeight(), self._window.height() // 3) + 38
            low = self.panels["thresholds"].maximumHeight() + 38
            rest = max(120, self._window.height() - wanted - low - 120)
            self._window.resizeDocks(docks, [wanted, rest, low], Qt.Orientation.Vertical)

    # --- full screen, projector, batch --------------------------------------------------------------------------

    def hide(self, docks: list[QDockWidget]) -> None:
        """Until `bring_back`."""
        for dock in docks:
            if not dock.isHidden() and dock not in self._hidden:
                self._hidden.append(dock)
                dock.hide()

    def put_away(self, key: str) -> bool:
        """Hidden until `bring_back`, not closed."""
        return self.docks[key] in self._hidden

    def set_scale(self, scale: float) -> None:
        """Of the text of the panels that the projector shows."""
        for panel in self.panels.values():
            set_scale = getattr(panel, "set_scale", None)
            if set_scale is not None:
                set_scale(scale)

    def bring_back(self, docks: list[QDockWidget] | None = None) -> None:
        """Of those that `hide` hid all, or these only."""
        back = [dock for dock in self._hidden if docks is None or dock in docks]
        self._hidden = [dock for dock in self._hidden if dock not in back]
        for dock in back:
            dock.show()

    def restore(self) -> None:
        """As they were the last time, if that is known."""
        if geometry.restore_docks(self._window):
            self._class = "narrow" if self._window.width() < NARROW else "restored"


def _menu(dock: QDockWidget, title: QWidget, at: QPoint) -> None:
    menu = QMenu(title)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    text = tr("Dock again") if dock.isFloating() else tr("Float")
    menu.addAction(text, lambda: dock.setFloating(not dock.isFloating()))
    menu.addAction(tr("Hide"), dock.hide)
    menu.popup(title.mapToGlobal(at))
