"""The window: puts the parts together. What they do lies in the parts."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QMainWindow

from desktop_app.gui import geometry
from desktop_app.gui.theme import theme
from desktop_app.i18n import tr

if TYPE_CHECKING:
    from PySide6.QtGui import (
        QAction,
        QCloseEvent,
        QDragEnterEvent,
        QDragLeaveEvent,
        QDropEvent,
        QPaintEvent,
        QResizeEvent,
    )
    from PySide6.QtWidgets import QDockWidget, QWidget

    from desktop_app.gui.batch_detail import BatchDetail
    from desktop_app.gui.preferences import Preferences
    from desktop_app.gui.scores_panel import ScoresPanel
    from desktop_app.recogniser.client import Client
    from desktop_app.render.overlay import OverlayOptions

FIRST_SIZE = QSize(1440, 900)
FRAME = 60
"""Room for a title bar and borders, in logical pixels."""


class MainWindow(QMainWindow):
    """At first an empty frame, which takes hardly longer than Qt itself: nothing else is imported. Then `fill` it."""

    painted = Signal()
    """At each painting of the frame, which is rare."""
    filled = False

    def __init__(self, preferences: Preferences) -> None:
        super().__init__()
        preferences.setParent(self)
        self.preferences = preferences
        self.setWindowTitle("Regard")
        self.setMinimumSize(1024, 640)
        if not geometry.restore_geometry(self):
            self._take_room()

    def fill(self, client: Client) -> None:
        """Puts everything in and starts to hear the recogniser."""
        from PySide6.QtGui import QKeySequence, QShortcut
        from PySide6.QtWidgets import QStackedWidget

        from desktop_app.gui.access_flow import AccessFlow
        from desktop_app.gui.batch_model import BatchModel
        from desktop_app.gui.camera_wiring import follow_cameras
        from desktop_app.gui.cameras_state import CamerasState
        from desktop_app.gui.commands import Commands
        from desktop_app.gui.docks import Docks
        from desktop_app.gui.icons import icon
        from desktop_app.gui.inspector_wiring import follow_inspector
        from desktop_app.gui.menus import Actions
        from desktop_app.gui.notifications import Notifier
        from desktop_app.gui.pack_flow import PackFlow
        from desktop_app.gui.panels.model import ModelPanel
        from desktop_app.gui.panels.results import ResultsPanel
        from desktop_app.gui.pipeline_controller import PipelineController
        from desktop_app.gui.session import Session
        from desktop_app.gui.stage import Stage
        from desktop_app.gui.status_bar import StatusBar
        from desktop_app.gui.texts import follow_language
        from desktop_app.gui.toasts import ToastStack
        from desktop_app.gui.toolbar import ToolBar
        from desktop_app.gui.updates import UpdateCheck
        from desktop_app.gui.wiring import follow_events, follow_settings

        self.setWindowIcon(icon("eye", "accent"))
        pages = QStackedWidget()
        self.toasts = ToastStack(pages)
        self.controller, self.notifier = PipelineController(client, self), Notifier(self.toasts, self)
        cameras = CamerasState(self.controller, self.preferences, self)
        self.session = Session(self.controller, self.preferences, self.notifier, cameras)
        self.batch = BatchModel(self)
        self.batch.follow(self.controller.batch)
        self.commands = Commands(self, self.session)
        self.stage = Stage(pages, self.session, self.batch)
        self.status = StatusBar(self.session, self.batch)
        self.docks = Docks(self, self.session, self.commands)
        self.actions_ = Actions(self, self.session, self.commands)
        self.toolbar = ToolBar(self.session, self.commands, self.actions_)
        results, model = self.docks.panels["results"], self.docks.panels["model"]
        assert isinstance(results, ResultsPanel)
        assert isinstance(model, ModelPanel)
        self.results, self._models = results, model
        self.batch_detail: BatchDetail | None = None
        self.side = QStackedWidget()
        self.in_projector = False
        self._assemble()
        self._connect()
        QShortcut(QKeySequence("Esc"), self, self._leave)
        follow_events(self.session, lambda: self.stage.start_shown, self.commands.use_model)
        follow_settings(self.session)
        AccessFlow(self.session, self)
        follow_cameras(self.session, self)
        follow_inspector(self.session, self)
        self.pack_flow = PackFlow(self.session, self)
        self.updates = UpdateCheck(self.session, self)
        follow_language(self, self._retext)
        self.filled = True
        self.docks.restore()
        if self.isVisible():
            self._settle()
        self.controller.start()

    def _settle(self) -> None:
        """Into a frame that is on the screen Qt puts docks later; only what is shown already can be given its size."""
        for dock in self.docks.docks.values():
            if not dock.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide):
                dock.show()
        for part in (self.stage, self.toolbar, self.status):
            part.show()
        layout = self.layout()
        if layout is not None:
            layout.activate()
        self.docks.fit(self.width())

    def _assemble(self) -> None:
        self.setAcceptDrops(True)
        self.setDockNestingEnabled(True)
        self.setAnimated(False)  # docks do not slide
        self.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea)
        self.setCentralWidget(self.stage)
        self.addToolBar(self.toolbar)
        self.setStatusBar(self.status)
        self.side.addWidget(self.results)
        self.docks.docks["results"].setWidget(self.side)

    def _take_room(self) -> None:
        """The first size: the usual one, or all of a screen that has no more room than that."""
        room = self.screen().availableGeometry()
        self.resize(FIRST_SIZE.boundedTo(room.size()))
        if room.width() < FIRST_SIZE.width() + FRAME or room.height() < FIRST_SIZE.height() + FRAME:
            self.setWindowState(Qt.WindowState.WindowMaximized)

    def _connect(self) -> None:
        from desktop_app.gui.stage_views import VIEWS

        freshness = self.stage.freshness
        freshness.changed.connect(lambda: self.status.show_stale(freshness.stale))
        stage, commands = self.stage, self.commands
        stage.start.camera_requested.connect(commands.open_camera)
        stage.start.demo_requested.connect(commands.open_demo)
        stage.start.files_requested.connect(commands.open_files)
        for card in (stage.card, stage.trouble):
            card.other_requested.connect(self.toolbar.input.showMenu)
        stage.page_changed.connect(self._page_changed)
        stage.video.hovered.connect(self.results.set_glowing)
        self.results.glow = stage.video.set_hovered
        stage.transport.find_button.clicked.connect(commands.find_video)
        stage.batch_made.connect(self._make_batch_detail)
        stage.picking.hint.connect(lambda text: self.notifier.tell("info", text))
        self.notifier.details_wanted.connect(commands.show_errors)
        self.actions_.checks.update(
            fullscreen=self.isFullScreen,
            projector=lambda: self.in_projector,
            batch=lambda: stage.batch_shown,
            **{key: partial(self._shows_view, key) for key in VIEWS},
            stress=lambda: self.controller.stress.open,
        )
        self.controller.explain.changed.connect(self._side_changed)
        self.preferences.changed.connect(self._look_changed)
        self.controller.source_changed.connect(self._retext)

    def _make_batch_detail(self) -> None:
        from desktop_app.gui.batch_detail import BatchDetail

        detail = self.batch_detail = BatchDetail(self.batch, self.stage.batch.thumbnails)
        self.side.addWidget(detail)
        self.stage.batch.selected.connect(detail.show_number)
        self.stage.batch.export_wanted.connect(self.commands.export)
        for view in (self.stage.batch, detail):
            view.open_wanted.connect(lambda path: self.controller.open((path,)))

    def begin(self, sources: tuple[str, ...]) -> None:
        """Sends the recogniser the first commands; `sources` are opened."""
        from desktop_app.gui.wiring import begin

        self.stage.start.setFocus()
        begin(self.session, sources)

    def _retext(self) -> None:
        from desktop_app.gui.describe import source_title

        info = self.controller.info
        self.setWindowTitle("Regard" if info is None else f"{source_title(info)} – Regard")

    def _look_changed(self, names: frozenset[str]) -> None:
        app = QApplication.instance()
        if names & {"theme", "ui_scale"} and isinstance(app, QApplication):
            theme().apply(app, self.preferences.values.theme, self.preferences.values.ui_scale)

    def _page_changed(self) -> None:
        """The batch takes the room of the left docks and shows its selected picture at the right."""
        self._side_changed()
        self._fit_docks()
        self.status.batch_shown = self.stage.batch_shown
        self.status.refresh()
        self.actions_.refresh()
        for toast in self.toasts.toasts:
            toast.raise_()

    def _fit_docks(self) -> None:
        """Hides those whose room the page takes; the others come back."""
        from desktop_app.gui.stage_views import WHOLE_WIDTH

        view = self.stage.view_shown
        if self.in_projector:
            self.docks.bring_back([self.docks.docks["results"]])
        elif not self.isFullScreen():
            self.docks.bring_back()
        if view in WHOLE_WIDTH:
            self.docks.hide(list(self.docks.docks.values()))
        elif view or self.stage.batch_shown:
            self.docks.hide(self.docks.left())

    def _shows_view(self, key: str) -> bool:
        return self.stage.view_shown == key

    def _side_changed(self) -> None:
        detail = self.batch_detail if self.stage.batch_shown else None
        side: QWidget = self.results if detail is None else detail
        self.side.setCurrentWidget(self._scores_panel() if self._shows_scores() else side)
        self.docks.show_title("results", self._side_title())

    def _side_title(self) -> str:
        if self.stage.batch_shown:
            return tr("Selected picture")
        return tr("Scores") if self._shows_scores() else tr("Results")

    def _shows_scores(self) -> bool:
        """Where a classifier is looked into; of a detector the results stay."""
        running = self.controller.running.get(self.controller.explain.wish.model)
        return self.stage.explain_shown and running is not None and running.task == "classify"

    def _scores_panel(self) -> QWidget:
        if self._scores is None:
            from desktop_app.gui.scores_panel import ScoresPanel

            self._scores = ScoresPanel(self.session)
            self.side.addWidget(self._scores)
            self._scale_panels()
        return self._scores

    _scores: ScoresPanel | None = None

    def _scale_panels(self) -> None:
        from desktop_app.gui.projecting import PROJECTOR_SCALE

        scale = PROJECTOR_SCALE if self.in_projector else 1.0
        self.docks.set_scale(scale)
        if self._scores is not None:
            self._scores.set_scale(scale)

    # --- what commands ask for ----------------------------------------------------------------------------------

    def overlay_options(self) -> OverlayOptions:
        return self.stage.overlay_options()

    def show_panel(self, key: str) -> None:
        self.docks.show(key)
        if key == "model":
            self._models.focus_search()
        elif key == "find":
            self.docks.panels["find"].view.focus_search()  # type: ignore[attr-defined]

    def panel_actions(self) -> list[QAction]:
        return self.docks.actions()

    def set_fullscreen(self, on: bool) -> None:
        """Picture and overlay only."""
        if on == self.isFullScreen():
            return
        self._hide_frame(on, list(self.docks.docks.values()))
        self.stage.transport.set_hidden(on)
        self.stage.video.set_immersive(on)
        if on:
            self._was_maximized = self.isMaximized()
            self.showFullScreen()
        elif self._was_maximized:
            self.showMaximized()
        else:
            self.showNormal()
        self.stage.setFocus()
        self.actions_.refresh()

    _was_maximized = False

    def set_projector(self, on: bool) -> None:
        """Large text for the last row: picture and results only."""
        if on == self.in_projector:
            return
        if self.isFullScreen():
            self.set_fullscreen(False)
        self.in_projector = on
        self._hide_frame(on, self.docks.left())
        self.stage.set_projector(on)
        self._scale_panels()
        results = self.docks.docks["results"]
        if on:
            self.docks.show("results")
        results.show()
        width = round(self.width() * 380 / 1440) if on else 316
        self.resizeDocks([results], [width], Qt.Orientation.Horizontal)
        self._fit_docks()
        page = self.stage.pages.currentWidget()
        if page is not None:
            page.setFocus()  # what had it may be hidden now
        self.actions_.refresh()

    def toggle_results_in_projector(self) -> None:
        results = self.docks.docks["results"]
        results.setVisible(results.isHidden())

    def _hide_frame(self, hidden: bool, docks: list[QDockWidget]) -> None:
        for part in (self.menuBar(), self.toolbar, self.status):
            part.setVisible(not hidden)
        if hidden:
            self.docks.hide(docks)
        else:
            self.docks.bring_back()
            self._fit_docks()

    def _leave(self) -> None:
        if self.isFullScreen():
            self.set_fullscreen(False)
        elif self.in_projector:
            self.set_projector(False)

    # --- Qt -----------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        # A shortcut of one key must not take Space from a focused button, nor Home from a list.
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and self._focus_needs(event):
            event.accept()
            return True
        return super().event(event)

    def _focus_needs(self, event: QKeyEvent) -> bool:
        from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QAbstractSlider, QComboBox

        focus = self.focusWidget()
        if event.modifiers() not in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier):
            return False
        if event.key() == Qt.Key.Key_Space:
            return isinstance(focus, QAbstractButton | QComboBox)
        if event.key() == Qt.Key.Key_Home:
            return isinstance(focus, QAbstractItemView | QAbstractSlider | QComboBox)
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.filled and not self.isFullScreen() and not self.in_projector:
            self.docks.fit(self.width())

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self.painted.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        from desktop_app.gui.drop import offer_of

        offer = offer_of(event.mimeData())
        self.stage.set_drop_hint(offer.hint())
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.stage.set_drop_hint(None)

    def dropEvent(self, event: QDropEvent) -> None:
        from desktop_app.gui.drop import Offer, offer_of, save_picture

        self.stage.set_drop_hint(None)
        mime = event.mimeData()
        offer = offer_of(mime)
        if offer.kind == "picture" and not offer.specs:
            path = save_picture(mime.imageData())
            offer = Offer("picture", (str(path),)) if path else Offer("nothing")
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        # After the drag has ended: a dialog that opens now would hold the other program.
        QTimer.singleShot(0, self, lambda: self.commands.accept(offer))

    def raise_and_open(self, specs: tuple[str, ...]) -> None:
        """What a second start hands over."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.raise_()
        self.activateWindow()
        if specs:
            from desktop_app.gui.drop import offer_of_specs

            self.commands.accept(offer_of_specs(specs))

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.filled:
            self._leave()
            if self.stage.batch_shown or self.stage.view_shown:
                self.docks.bring_back()  # they are hidden for the page only, not the next time
            geometry.save(self)
        self.preferences.save()
        event.accept()
        self.hide()
        if self.filled:
            # The window is gone first; the recogniser may take its second.
            QTimer.singleShot(0, self.controller.stop)
