"""The left panel of inputs: cameras, the demo, what was opened before, and the way to anything else."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QListView, QMenu, QSizePolicy, QVBoxLayout, QWidget

from desktop_app.gui.actions import ACTIONS
from desktop_app.gui.commands import Commands
from desktop_app.gui.describe import (
    camera_caption,
    camera_icon,
    place_of,
    recent_row,
    source_caption,
    source_icon,
    source_title,
)
from desktop_app.gui.icons import icon
from desktop_app.gui.input_menu import InputMenu
from desktop_app.gui.network_cameras import camera_rows
from desktop_app.gui.rows import ROW_ROLE, Row, RowDelegate, on_pick
from desktop_app.gui.session import Session
from desktop_app.gui.texts import follow_language
from desktop_app.gui.theme import theme
from desktop_app.gui.widgets import PanelTitle
from desktop_app.i18n import tr

MORE = "more:"
RECENT = 4
KEPT = {"recent_sources", "network_cameras"}
"""The settings that make up the list."""


class InputPanel(QWidget):
    def __init__(self, session: Session, commands: Commands, title: PanelTitle) -> None:
        super().__init__()
        self._session, self._commands = session, commands
        self._model = QStandardItemModel(self)
        self.view = QListView()
        self.view.setModel(self._model)
        self.view.setItemDelegate(RowDelegate(self.view))
        self.view.setMouseTracking(True)
        self.view.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        on_pick(self.view, self._choose)
        self._menu = InputMenu(self.view, session, commands)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 4)
        layout.addWidget(self.view)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._title = title
        self._refresh = title.add_button("arrow-clockwise", "", commands.find_cameras)
        self._settings = title.add_button("sliders-horizontal", "", commands.camera_settings)
        session.cameras.changed.connect(self.fill)
        session.controller.source_changed.connect(self.fill)
        session.preferences.changed.connect(lambda names: self.fill() if names & KEPT else None)
        theme().changed.connect(self._fit)
        follow_language(self, self._retext)

    def _retext(self) -> None:
        self._title.set_title(tr("Input"))
        self._refresh.set_text(tr("Look for cameras"))
        self._settings.set_text(tr("Camera settings"))
        self.view.setAccessibleName(tr("Input"))
        self.fill()

    def rows(self) -> list[Row]:
        controller = self._session.controller
        info = controller.info if controller.alive else None
        rows = self._camera_rows()
        is_demo = info is not None and info.kind == "demo"
        rows.append(
            Row(
                tr("Demo"),
                "demo:",
                tr("Photographs, slowly panned"),
                "play-circle",
                "play-circle-fill",
                chosen=is_demo,
            )
        )
        kept = camera_rows(self._session.preferences, info)
        rows += kept
        addresses = {row.value for row in kept}
        recent = [s for s in self._session.preferences.values.recent_sources if s not in addresses][:RECENT]
        shown = controller.specs[0] if info and controller.specs else ""
        if info and info.kind not in ("camera", "demo") and shown not in (*recent, *addresses):
            kind = source_icon(info.kind)
            rows.append(Row(source_title(info), shown, source_caption(info), kind, f"{kind}-fill", chosen=True))
        for each in recent:
            row = recent_row(each)
            if info and each == shown:
                kind = source_icon(info.kind)
                row = Row(source_title(info), each, source_caption(info), kind, f"{kind}-fill", chosen=True)
            rows.append(row)
        rows.append(Row(tr("Add file or address…"), MORE, icon="plus"))
        return rows

    def _camera_rows(self) -> list[Row]:
        """Those that are plugged in, and one that is not: that which runs, or else was used last."""
        controller, cameras = self._session.controller, self._session.cameras
        running, info = cameras.running, controller.info
        rows = []
        for camera in controller.cameras:
            chosen = camera.stable_id == running
            name = camera_icon(camera)
            caption = source_caption(info) if chosen and info is not None else camera_caption(camera)
            place = place_of(camera, controller.cameras)
            caption = " · ".join(part for part in (place, caption) if part)
            spec = f"camera:{camera.stable_id}"
            rows.append(Row(camera.name, spec, caption, name, f"{name}-fill", chosen=chosen))
        if running and info is not None and running not in {camera.stable_id for camera in controller.cameras}:
            rows.append(_absent_row(info.title, running, chosen=True))
        absent = cameras.absent()
        if absent is not None:
            rows.append(_absent_row(absent.name or absent.stable_id, absent.stable_id, chosen=False))
        return rows

    def fill(self) -> None:
        current = self.view.currentIndex().row()
        rows = self.rows()
        self._settings.setEnabled(bool(self._session.cameras.current()))
        if rows == [self._model.item(i).data(ROW_ROLE) for i in range(self._model.rowCount())]:
            return
        self._model.clear()
        for row in rows:
            item = QStandardItem(row.title)
            item.setData(row, ROW_ROLE)
            item.setData(row.spoken(), Qt.ItemDataRole.AccessibleTextRole)
            item.setToolTip(row.value if "/" in row.value and "://" not in row.value else row.spoken())
            self._model.appendRow(item)
        self.view.setCurrentIndex(self._model.index(min(max(current, 0), len(rows) - 1), 0))
        self._fit()

    def _fit(self) -> None:
        """As high as its rows; with many, two of them at least and a scroll bar."""
        heights = [self.view.sizeHintForRow(i) for i in range(self._model.rowCount())]
        self.setMaximumHeight(sum(heights) + 12)
        limit = max(96, round(0.2 * self.window().height()))
        self.setMinimumHeight(min(limit, self.maximumHeight()))

    def _choose(self, row: Row, beside: bool) -> None:
        if row.value == MORE:
            self._more()
        else:
            self._commands.open((row.value,))

    def _more(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for key in ("open", "open_folder", "open_address", "screen", "paste"):
            action = next(a for a in ACTIONS if a.key == key)
            menu.addAction(icon(action.icon, "text", 16), action.text(), getattr(self._commands, action.handler))
        menu.popup(self.view.viewport().mapToGlobal(self.view.visualRect(self.view.currentIndex()).bottomLeft()))


def _absent_row(name: str, stable_id: str, *, chosen: bool) -> Row:
    icon_name = "video-camera-slash"
    return Row(name, f"camera:{stable_id}", tr("Not connected"), icon_name, icon_name, chosen=chosen)
