"""What can be done with a row of the panel of inputs, on the right mouse button and the menu key."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QListView, QMenu

from desktop_app.core import passwords
from desktop_app.core.address import is_network, place_of
from desktop_app.gui.background import in_background
from desktop_app.gui.commands import Commands
from desktop_app.gui.icons import icon
from desktop_app.gui.network_cameras import NetworkCamera, remove_camera, saved_cameras
from desktop_app.gui.rows import ROW_ROLE, Row
from desktop_app.gui.session import Session
from desktop_app.i18n import tr


class InputMenu:
    def __init__(self, view: QListView, session: Session, commands: Commands) -> None:
        self._view, self._session, self._commands = view, session, commands
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(self._show)

    def _show(self, place: QPoint) -> None:
        row = self._view.indexAt(place).data(ROW_ROLE)
        menu = self.menu_of(row) if isinstance(row, Row) else None
        if menu is not None:
            menu.popup(self._view.viewport().mapToGlobal(place))

    def menu_of(self, row: Row) -> QMenu | None:
        """`None` for rows that stand for no address or file."""
        session, spec = self._session, row.value
        camera = next((each for each in saved_cameras(session.preferences) if each.address == spec), None)
        recent = spec in session.preferences.values.recent_sources
        if camera is None and not recent:
            return None
        menu = QMenu(self._view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(tr("Open"), lambda: self._commands.open((spec,)))
        if camera is not None:
            menu.addAction(tr("Edit…"), lambda: self._commands.edit_address(camera))
            menu.addAction(icon("trash", "text", 16), tr("Remove"), lambda: self._remove(camera))
            return menu
        if is_network(spec):
            menu.addAction(tr("Keep as a camera…"), lambda: self._commands.edit_address(NetworkCamera("", spec)))
        menu.addAction(icon("trash", "text", 16), tr("Remove from this list"), lambda: self._forget(spec))
        return menu

    def _remove(self, camera: NetworkCamera) -> None:
        """Its login goes too, unless another camera at the same host and port needs it."""
        preferences, place = self._session.preferences, place_of(camera.address)
        remove_camera(preferences, camera.address)
        self._forget(camera.address)
        if place not in {place_of(each.address) for each in saved_cameras(preferences)}:
            self._session.controller.access.forget(place)
            in_background(lambda: passwords.forget(place), lambda _: None, self._session.controller)

    def _forget(self, spec: str) -> None:
        preferences = self._session.preferences
        preferences.change(recent_sources=tuple(s for s in preferences.values.recent_sources if s != spec))
