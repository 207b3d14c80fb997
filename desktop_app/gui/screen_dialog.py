"""Chooses a screen or window as the input, all of it or a part, and how often it is looked at."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPoint, QSize, Qt, QTimer
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QWidget,
)

from desktop_app.core.screen_spec import Region, ScreenSpec, parse_screen
from desktop_app.gui import texts
from desktop_app.gui.dialog import button, button_row, make_dialog, sentence
from desktop_app.gui.icons import icon
from desktop_app.gui.region_overlay import RegionOverlay
from desktop_app.gui.session import Session
from desktop_app.gui.widgets import Label
from desktop_app.i18n import tr
from desktop_app.recogniser import messages as m
from desktop_app.render.qimage import to_qimage

RATES = (1, 5, 10, 15, 30, 60)
_PICTURE = QSize(200, 125)
_HIDDEN_MS = 350
"""So long the desktop takes to paint what was behind Regard's windows."""
_number = 1_000_000_000


class ScreenDialog(QDialog):
    """Accepted: `spec` is what to open."""

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self.spec = ""
        self._controller, self._main = session.controller, window
        self._region: Region | None = None
        self._overlay: RegionOverlay | None = None
        self._wanted = 0
        layout = make_dialog(self, tr("Screen or window"))
        layout.addWidget(
            sentence(tr("Slides, a game, a video call. Regard’s own windows are left out of the picture."))
        )
        self.list = QListWidget()
        self.list.setViewMode(QListWidget.ViewMode.IconMode)
        self.list.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.list.setMovement(QListWidget.Movement.Static)
        self.list.setIconSize(_PICTURE)
        self.list.setGridSize(QSize(_PICTURE.width() + 20, _PICTURE.height() + 48))
        self.list.setWordWrap(True)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setUniformItemSizes(True)
        self.list.setAccessibleName(tr("Screens and windows"))
        self.list.itemDoubleClicked.connect(lambda _: self._open())
        self.list.currentItemChanged.connect(lambda *_: self._chosen())
        layout.addWidget(self.list, 1)
        self._said = sentence(tr("Looking for screens and windows…"), muted=True)
        layout.addWidget(self._said)
        layout.addLayout(self._choices())
        self._select = button(tr("Select a region…"), self._begin_region)
        self._open_button = button(tr("Open"), self._open, primary=True)
        again = button(tr("Look again"), self._look)
        layout.addLayout(button_row(again, self._select, button(tr("Cancel"), self.reject), self._open_button))
        self._chosen()
        self.resize(740, 560)
        self._controller.screens_listed.connect(self._show)
        self._controller.address_tried.connect(self._grabbed)
        self._look()

    def _choices(self) -> QHBoxLayout:
        self.rate = QComboBox()
        for rate in RATES:
            self.rate.addItem(tr("{rate} fps", rate=texts.number(rate)), rate)
        self.rate.setCurrentIndex(RATES.index(30))
        self.rate.setAccessibleName(tr("Rate"))
        self.pointer = QCheckBox(tr("With the pointer"))
        self.pointer.setChecked(True)
        self._part = Label("", "small", "muted")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(Label(tr("Rate")))
        row.addWidget(self.rate)
        row.addSpacing(12)
        row.addWidget(self.pointer)
        row.addStretch()
        row.addWidget(self._part)
        return row

    # --- the list -----------------------------------------------------------------------------------------------

    def _look(self) -> None:
        self._controller.list_screens()

    def _show(self, event: m.ScreensListed) -> None:
        before = self._item()
        self.list.clear()
        for item in event.items:
            row = QListWidgetItem(_picture_of(item), item.title)
            row.setData(Qt.ItemDataRole.UserRole, item)
            size = texts.size(*item.size) if item.size[0] else tr("minimised")
            row.setToolTip(f"{item.title}\n{size}")
            row.setData(Qt.ItemDataRole.AccessibleTextRole, f"{item.title}, {size}")
            self.list.addItem(row)
            if before is not None and item.spec == before.spec:
                self.list.setCurrentItem(row)
        if self.list.currentItem() is None and self.list.count():
            self.list.setCurrentRow(0)
        self._said.setText(" ".join(part for part in (event.message, event.hint) if part))
        self._said.setVisible(bool(event.message))
        self.list.setFocus()
        self._chosen()

    def _item(self) -> m.ScreenItem | None:
        row = self.list.currentItem()
        item = row.data(Qt.ItemDataRole.UserRole) if row is not None else None
        return item if isinstance(item, m.ScreenItem) else None

    def _chosen(self) -> None:
        """A region belongs to the screen on which it was drawn."""
        self._region = None
        item = self._item()
        for each in (self._select, self._open_button):
            each.setEnabled(item is not None)
        # A window is seen without what lies on it.
        self.pointer.setEnabled(item is not None and item.spec.startswith("screen:"))
        self._show_part()

    def _show_part(self) -> None:
        region = self._region
        self._part.setText("" if region is None else tr("Region {size}", size=texts.size(region[2], region[3])))

    # --- the region ---------------------------------------------------------------------------------------------

    def _begin_region(self) -> None:
        """Regard gets out of the way, so that the desktop can be chosen from as it is."""
        item = self._item()
        if item is None:
            return
        if item.spec.startswith("screen:"):
            self._main_place, self._own_place = (self._main.geometry(), self._main.windowState()), self.geometry()
            self.hide()
            self._main.hide()
            QTimer.singleShot(_HIDDEN_MS, self, lambda: self._grab(item))
        else:
            self._grab(item)

    def _grab(self, item: m.ScreenItem) -> None:
        global _number
        _number += 1
        self._wanted = _number
        spec = replace(parse_screen(item.spec), cursor=False)
        self._controller.try_address(_number, str(spec), whole=True)

    def _grabbed(self, event: m.AddressTried) -> None:
        if event.number != self._wanted:
            return
        self._wanted = 0
        item = self._item()
        if event.info is None or item is None:
            self._come_back()
            self._said.setText(f"{event.message} {event.hint}".strip())
            self._said.show()
            return
        image = to_qimage(np.frombuffer(event.bgr, np.uint8).reshape(*event.shape, 3))
        self._overlay = RegionOverlay(image, (item.place[2], item.place[3]), QPoint(item.place[0], item.place[1]))
        self._overlay.done.connect(self._region_drawn)
        self._overlay.begin()

    def _region_drawn(self, region: Region | None) -> None:
        self._come_back()
        if self._overlay is not None:
            self._overlay.hide()
            self._overlay.deleteLater()
            self._overlay = None
        if region is not None:
            self._region = region
            self._show_part()
            self._open_button.setFocus()

    def _come_back(self) -> None:
        if self._main.isHidden():
            geometry, state = self._main_place
            self._main.setGeometry(geometry)
            self._main.setWindowState(state)
            self._main.show()
            self.setGeometry(self._own_place)  # a window manager would put it lower by its title
        self.show()
        self.raise_()
        self.activateWindow()

    # --- the end ------------------------------------------------------------------------------------------------

    def _open(self) -> None:
        item = self._item()
        if item is not None:
            spec: ScreenSpec = replace(
                parse_screen(item.spec),
                region=self._region,
                fps=float(self.rate.currentData()),
                cursor=self.pointer.isChecked(),
            )
            self.spec = str(spec)
            self.accept()


def _picture_of(item: m.ScreenItem) -> QIcon:
    if not item.thumbnail:
        return icon("app-window", "muted", 48)
    image = to_qimage(np.frombuffer(item.thumbnail, np.uint8).reshape(*item.shape, 3))
    made = QIcon()
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):  # chosen, it keeps its colours
        made.addPixmap(QPixmap.fromImage(image), mode)
    return made
