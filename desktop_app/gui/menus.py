"""QActions from the table, the menu bar, and the submenus that are filled when they open."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMainWindow, QMenu, QMenuBar

from desktop_app.core.model import EngineName, Precision
from desktop_app.gui.actions import ACTIONS, MENUS, Action
from desktop_app.gui.commands import Commands
from desktop_app.gui.describe import ENGINES, camera_icon, place_of, recent_row
from desktop_app.gui.icons import icon
from desktop_app.gui.session import Session
from desktop_app.gui.settings_dialog import CHOICES
from desktop_app.gui.texts import follow_language
from desktop_app.gui.trackers import TRACKERS
from desktop_app.i18n import tr

ENGINE_NAMES: tuple[EngineName, ...] = ("auto", "openvino", "torch")
PRECISIONS: tuple[Precision, ...] = ("auto", "fp32", "fp16", "bf16", "int8")


class Actions:
    """The `QAction` of each line of `ACTIONS`, by key, with texts, states and menus."""

    def __init__(self, window: QMainWindow, session: Session, commands: Commands) -> None:
        self._window, self._session, self._commands = window, session, commands
        self.by_key = {action.key: self._make(action) for action in ACTIONS}
        self.checks: dict[str, Callable[[], bool]] = {}
        """Of actions whose state the window knows: full screen, projector, batch."""
        self._menus: list[tuple[QMenu, Callable[[], str]]] = []
        self._fill_bar(window.menuBar())
        session.controller.source_changed.connect(self.refresh)
        session.controller.counting.shapes_changed.connect(self.refresh)
        session.controller.models_changed.connect(self.refresh)
        session.controller.explain.heated.connect(self.refresh)
        session.controller.stress.changed.connect(self.refresh)
        session.controller.teaching.shown_changed.connect(self.refresh)
        session.cameras.changed.connect(self.refresh)
        session.preferences.changed.connect(lambda _: self.refresh())
        follow_language(window, self.retext)

    def _make(self, action: Action) -> QAction:
        made = QAction(self._window)
        made.setShortcuts(action.sequences())
        made.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        made.setCheckable(action.checked is not None)
        made.setAutoRepeat(action.handler in ("step", "zoom"))
        if action.icon:
            made.setIcon(icon(action.icon))
        handler = getattr(self._commands, action.handler)
        if action.argument is None:
            made.triggered.connect(lambda: handler())  # noqa: PLW0108  (without "checked")
        else:
            made.triggered.connect(lambda: handler(action.argument))
        self._window.addAction(made)
        return made

    def retext(self) -> None:
        for action in ACTIONS:
            made = self.by_key[action.key]
            made.setText(action.text())
            keys = made.shortcut().toString(made.shortcut().SequenceFormat.NativeText)
            name = action.text().rstrip("…")
            made.setToolTip(f"{name} ({keys})" if keys else name)
        for menu, text in self._menus:
            menu.setTitle(text())
        self.refresh()

    def refresh(self) -> None:
        session = self._session
        for action in ACTIONS:
            made = self.by_key[action.key]
            made.setEnabled(action.enabled(session))
            if action.checked is not None:
                check = self.checks.get(action.key)
                with QSignalBlocker(made):
                    made.setChecked(check() if check is not None else action.checked(session))
        self._refresh_play()
        recent = session.preferences.values.recent_models
        for place in range(9):
            made = self.by_key[f"recent{place + 1}"]
            made.setVisible(place < len(recent))
            if place < len(recent):
                made.setText(recent[place])

    def _refresh_play(self) -> None:
        play, controller = self.by_key["play"], self._session.controller
        runs = controller.alive and controller.phase not in ("paused", "ended")
        info = controller.info
        runs = runs and info is not None and info.kind != "image"
        play.setIcon(icon("pause-fill" if runs else "play-fill"))
        play.setText(tr("Pause") if runs else tr("Play"))
        play.setToolTip(tr("Pause (Space)") if runs else tr("Play (Space)"))

    # --- menus --------------------------------------------------------------------------------------------------

    def _fill_bar(self, bar: QMenuBar) -> None:
        for text, keys in MENUS:
            menu = bar.addMenu(text())
            self._menus.append((menu, text))
            for key in keys:
                if key is None:
                    menu.addSeparator()
                elif key.endswith(":"):
                    self._add_submenu(menu, key)
                else:
                    menu.addAction(self.by_key[key])

    def _add_submenu(self, menu: QMenu, key: str) -> None:
        titles: dict[str, Callable[[], str]] = {
            "recent_sources:": lambda: tr("Open again"),
            "cameras:": lambda: tr("Cameras"),
            "device:": lambda: tr("Device"),
            "beside:": lambda: tr("Run beside"),
            "tracking:": lambda: tr("Tracking"),
            "panels:": lambda: tr("Panels"),
            "theme:": lambda: tr("Theme"),
            "palette:": lambda: tr("Colours of classes"),
            "language:": lambda: tr("Language"),
        }
        fill: dict[str, Callable[[QMenu], None]] = {
            "recent_sources:": self.fill_recent,
            "cameras:": self.fill_cameras,
            "device:": self.fill_devices,
            "beside:": self.fill_beside,
            "tracking:": self.fill_tracking,
            "panels:": self._fill_panels,
        }
        submenu = menu.addMenu(titles[key]())
        self._menus.append((submenu, titles[key]))
        name = key.rstrip(":")
        filler = fill.get(key) or partial(self._fill_choice, name=name)
        submenu.aboutToShow.connect(lambda: refill(submenu, filler))
        # Not empty before it is first opened: an empty submenu cannot be opened.
        filler(submenu)

    def fill_recent(self, menu: QMenu) -> None:
        for spec in self._session.preferences.values.recent_sources:
            row = recent_row(spec)
            act = menu.addAction(icon(row.icon, "text", 16), row.title.replace("&", "&&"))
            act.setToolTip(spec)
            act.triggered.connect(lambda _=False, spec=spec: self._commands.open((spec,)))
        if menu.isEmpty():
            menu.addAction(tr("Nothing yet")).setEnabled(False)

    def fill_cameras(self, menu: QMenu) -> None:
        for camera in self._session.controller.cameras:
            spec = f"camera:{camera.stable_id}"
            place = place_of(camera, self._session.controller.cameras)
            title = f"{camera.name} ({place})" if place else camera.name
            act = menu.addAction(icon(camera_icon(camera), "text", 16), title.replace("&", "&&"))
            act.triggered.connect(lambda _=False, spec=spec: self._commands.open((spec,)))
        if menu.isEmpty():
            menu.addAction(tr("No camera found")).setEnabled(False)

    def fill_devices(self, menu: QMenu) -> None:
        preferences = self._session.preferences
        values = preferences.values
        devices = (("auto", tr("Automatic")), *self._session.controller.devices)
        self._choices(menu, devices, values.device, lambda v: preferences.change(device=v))
        menu.addSection(tr("Engine"))
        engines = tuple((name, ENGINES.get(name, tr("Automatic"))) for name in ENGINE_NAMES)
        self._choices(menu, engines, values.engine, lambda v: preferences.change(engine=v))
        menu.addSection(tr("Precision"))
        controller = self._session.controller
        made = any(key in controller.turbo.reports for key in controller.asked)
        captions = {"auto": tr("Automatic"), "int8": "int8" if made else tr("Turbo (int8)…")}
        precisions = tuple((name, captions.get(name, name)) for name in PRECISIONS)
        self._choices(menu, precisions, values.precision, self._commands.set_precision)

    def fill_beside(self, menu: QMenu) -> None:
        """Models that run on the same frames; those on this computer, each to be switched on and off."""
        controller = self._session.controller
        ready = [info.key for info in controller.catalogue() if controller.on_disk(info.key)]
        for key in dict.fromkeys((*controller.asked, *ready)):
            act = menu.addAction(key.replace("&", "&&"))
            act.setCheckable(True)
            act.setChecked(key in controller.asked)
            act.setEnabled(controller.asked != (key,))  # one always stays
            act.triggered.connect(lambda _=False, key=key: self._commands.toggle_beside(key))
        if menu.isEmpty():
            menu.addAction(tr("Nothing yet")).setEnabled(False)

    def fill_tracking(self, menu: QMenu) -> None:
        preferences = self._session.preferences
        pairs = tuple((name, text()) for name, text in TRACKERS)
        self._choices(menu, pairs, preferences.values.tracking, lambda v: preferences.change(tracking=v))

    def _fill_choice(self, menu: QMenu, name: str) -> None:
        choices = next(values for setting, _, values in CHOICES if setting == name)
        pairs = tuple((value, text()) for value, text in choices)
        preferences = self._session.preferences
        self._choices(menu, pairs, getattr(preferences.values, name), lambda v: preferences.change(**{name: v}))

    def _choices(
        self, menu: QMenu, pairs: tuple[tuple[str, str], ...], chosen: str, choose: Callable[[str], None]
    ) -> None:
        group = QActionGroup(menu)
        for value, text in pairs:
            act = menu.addAction(text.replace("&", "&&"))
            act.setCheckable(True)
            act.setChecked(value == chosen)
            act.triggered.connect(lambda _=False, value=value: choose(value))
            group.addAction(act)

    def _fill_panels(self, menu: QMenu) -> None:
        for act in self._window.panel_actions():  # type: ignore[attr-defined]
            menu.addAction(act)


def refill(menu: QMenu, fill: Callable[[QMenu], None]) -> None:
    """What a menu holds is asked for when it opens."""
    menu.clear()
    fill(menu)
