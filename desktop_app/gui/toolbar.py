"""The tool bar: transport, the three drop-downs whose label is their value, and what can be on or off."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from desktop_app.gui.actions import TOOLBAR
from desktop_app.gui.commands import Commands
from desktop_app.gui.describe import models_text, placed, source_icon, source_title
from desktop_app.gui.menus import Actions, refill
from desktop_app.gui.record_button import RecordButton
from desktop_app.gui.session import Session
from desktop_app.gui.texts import follow_language
from desktop_app.gui.widgets import DropButton
from desktop_app.i18n import tr


class ToolBar(QToolBar):
    def __init__(self, session: Session, commands: Commands, actions: Actions) -> None:
        super().__init__()
        self._session, self._commands, self._actions = session, commands, actions
        self.setObjectName("toolbar")
        self.setMovable(False)
        self.setFloatable(False)
        self.setIconSize(QSize(20, 20))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.input, self.model, self.device = DropButton("video-camera"), DropButton("cube"), DropButton("cpu")
        drops = {
            "input:": (self.input, self._fill_input),
            "model:": (self.model, self._fill_models),
            "device:": (self.device, actions.fill_devices),
        }
        for key in TOOLBAR:
            if key == "|":
                self.addSeparator()
            elif key == ">":
                stretch = QWidget()
                stretch.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
                self.addWidget(stretch)
            elif key in drops:
                button, fill = drops[key]
                menu = QMenu(button)
                menu.aboutToShow.connect(partial(refill, menu, fill))
                button.setMenu(menu)
                self.addWidget(button)
                self._gap()
            else:
                self.addAction(actions.by_key[key])
        for tool in self.findChildren(QToolButton):
            tool.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            tool.setFixedSize(34, 34)
        record = self.widgetForAction(actions.by_key["record"])
        assert isinstance(record, QToolButton)
        self.record = RecordButton(session, actions.by_key["record"], record, actions.by_key["recording_options"])
        controller = session.controller
        controller.source_changed.connect(self.refresh)
        controller.models_changed.connect(self.refresh)
        controller.progressed.connect(lambda _: self._show_progress())
        session.preferences.changed.connect(lambda _: self.refresh())
        follow_language(self, self._retext)

    def _gap(self) -> None:
        gap = QWidget()
        gap.setFixedWidth(4)
        self.addWidget(gap)

    def _retext(self) -> None:
        self.setWindowTitle(tr("Tool bar"))
        self.input.set_kind(tr("Input"))
        self.model.set_kind(tr("Model"))
        self.device.set_kind(tr("Device"))
        self.refresh()
        for tool in self.findChildren(QToolButton):
            tool.setAccessibleName(tool.toolTip())
        self.record.refresh()

    def refresh(self) -> None:
        controller, values = self._session.controller, self._session.preferences.values
        info = controller.info
        if info is not None:
            text = source_title(info)
            if info.kind == "images" and info.frame_count:
                text = tr("{title} ({count} files)", title=text, count=info.frame_count)
            self.input.set_icon(source_icon(info.kind))
            self.input.set_value(text)
        else:
            self.input.set_icon("video-camera")
            self.input.set_value(tr("Opening…") if controller.opening else tr("Choose an input"))
        self.model.set_value(models_text(controller))
        running = next(iter(controller.running.values()), None)
        device = dict(controller.devices).get(values.device, values.device)
        asked = tr("Automatic") if values.device == "auto" else device
        self.device.set_value(placed(running) if running is not None else asked)
        self._show_progress()

    def _show_progress(self) -> None:
        controller = self._session.controller
        loading = [key for key in controller.asked if key in controller.progress]
        self.model.set_progress((controller.work.share(loading[0]) or 0.0) if loading else None)

    def _fill_input(self, menu: QMenu) -> None:
        self._actions.fill_cameras(menu)
        menu.addAction(self._actions.by_key["demo"])
        menu.addSeparator()
        if self._session.preferences.values.recent_sources:
            self._actions.fill_recent(menu)
            menu.addSeparator()
        for key in ("open", "open_folder", "open_address", "screen", "paste"):
            menu.addAction(self._actions.by_key[key])

    def _fill_models(self, menu: QMenu) -> None:
        """What runs, what was used last and what is on this computer; all others are in the panel."""
        controller = self._session.controller
        ready = [info.key for info in controller.catalogue() if controller.on_disk(info.key)]
        keys = dict.fromkeys((*controller.asked, *self._session.preferences.values.recent_models, *ready))
        for key in list(keys)[:16]:
            act = menu.addAction(key)
            act.setCheckable(True)
            act.setChecked(key in controller.asked)
            act.triggered.connect(lambda _=False, key=key: self._commands.use_model(key))
        menu.addSeparator()
        beside = menu.addMenu(tr("Run beside"))
        self._actions.fill_beside(beside)
        for name in ("find_model", "import_model"):
            menu.addAction(self._actions.by_key[name])
