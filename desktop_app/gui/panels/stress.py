"""The panel that spoils the picture: how steady answers are, a slider for each corruption, and the sweep."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QAbstractSlider, QComboBox, QFrame, QScrollArea, QVBoxLayout, QWidget

from desktop_app.core.stress import NONE
from desktop_app.gui.commands import Commands
from desktop_app.gui.session import Session
from desktop_app.gui.stability_view import StabilityView
from desktop_app.gui.stress_sliders import StressSliders
from desktop_app.gui.sweep_view import SweepView
from desktop_app.gui.texts import follow_language
from desktop_app.gui.widgets import Label, PanelTitle, WheelToParent
from desktop_app.i18n import tr


class StressPanel(QWidget):
    """While it is open, the sliders act; full screen hides it and lets them act on."""

    def __init__(self, session: Session, commands: Commands, title: PanelTitle) -> None:
        super().__init__()
        self._controller, self._commands, self._title = session.controller, commands, title
        self._state = session.controller.stress
        self._reset = title.add_button("arrow-counter-clockwise", "", lambda: self._state.set_values(NONE))
        self.notice = Label("", "caption", "muted", wrap=True)
        self.notice.setContentsMargins(14, 0, 14, 0)
        self.sliders = StressSliders(self._state)
        self.stability = StabilityView(session)
        self.sweep = SweepView(session, commands.export_sweep, commands.enlarge_sweep)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 12)
        column.setSpacing(10)
        for part in (self.notice, self.sliders, self.stability, self.sweep):
            column.addWidget(part)
        column.addStretch(1)
        # Who scrolls past a slider does not mean to move it.
        self._wheel = WheelToParent(self)
        for turned in (*inside.findChildren(QAbstractSlider), *inside.findChildren(QComboBox)):
            turned.installEventFilter(self._wheel)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inside)
        for surface in (inside, scroll.viewport()):
            surface.setAutoFillBackground(False)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scroll)
        self._state.changed.connect(self._show_state)
        self._controller.source_changed.connect(self._show_state)
        follow_language(self, self._retext)

    def _retext(self) -> None:
        self._title.set_title(tr("Stress test"))
        self._reset.set_text(tr("Back to the picture as it is"))
        self._show_state()

    def _show_state(self) -> None:
        self._reset.setEnabled(self._state.values != NONE)
        if self._controller.is_batch:
            self.notice.setText(tr("The pictures of a batch are left as they are."))
        else:
            self.notice.setText(tr("Shown, recognised and saved alike. Closing this panel ends it."))

    def set_scale(self, scale: float) -> None:
        """For the projector."""
        for part in (self.notice, self.sliders, self.stability, self.sweep):
            part.set_scale(scale)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._state.set_open(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous() and not self._commands.put_away("stress"):
            self._state.set_open(False)
