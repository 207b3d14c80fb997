"""The record button of the tool bar: a red disc and the running time while it records."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QToolButton

from desktop_app.gui import texts
from desktop_app.gui.actions import record_reason
from desktop_app.gui.icons import icon
from desktop_app.gui.session import Session
from desktop_app.gui.theme import theme
from desktop_app.i18n import tr

_SIDE = 34


class RecordButton:
    """Keeps the action and its button as the recording is. `button`: the tool bar's; `options` are in its menu."""

    def __init__(self, session: Session, action: QAction, button: QToolButton, options: QAction) -> None:
        self._session, self._state = session, session.controller.recording
        self._action, self._button = action, button
        button.setFont(theme().font("strong"))
        button.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        button.addAction(options)
        self._state.changed.connect(self.refresh)
        self._state.ticked.connect(self._show_time)
        session.controller.source_changed.connect(self.refresh)
        texts.follow_language(button, self.refresh)

    def refresh(self) -> None:
        recording = self._state.runs
        name = tr("Stop recording") if recording else tr("Record")
        reason = record_reason(self._session)
        self._action.setEnabled(not reason)
        self._action.setText(name)
        self._action.setIcon(icon("record-fill", "danger") if recording else icon("record"))
        self._action.setToolTip(f"{name}: {reason}" if reason else f"{name} (R)")
        self._button.setAccessibleName(self._action.toolTip())
        beside = Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        self._button.setToolButtonStyle(beside if recording else Qt.ToolButtonStyle.ToolButtonIconOnly)
        self._show_time()

    def _show_time(self) -> None:
        recording = self._state.runs
        text = texts.clock(self._state.seconds) if recording else ""
        if recording and text == self._action.iconText():
            return
        self._action.setIconText(text)
        # As wide as the widest time of this length: the buttons beside it stand still.
        wide = self._button.fontMetrics().horizontalAdvance("0" * len(text))
        self._button.setFixedSize(QSize(_SIDE + (wide + 12 if recording else 0), _SIDE))
