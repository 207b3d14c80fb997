"""The sweep as large as the screen, for a lecture hall: curves at the left, the picture of the chosen point beside."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from desktop_app.gui.session import Session
from desktop_app.gui.sweep_view import SweepView
from desktop_app.gui.texts import follow_language
from desktop_app.i18n import tr

USUAL_WIDTH = 1100
LARGEST = 1.6
"""Of the text, as in the projector."""


class SweepWindow(QDialog):
    """Beside the window, which stays usable; text grows with it."""

    def __init__(self, session: Session, export: Callable[[], None], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self.setSizeGripEnabled(True)
        self.view = SweepView(session, export)
        room = parent.screen().availableGeometry()
        width = min(USUAL_WIDTH, room.width() - 80)
        self.view.fit(width)  # one below the other the parts would ask for more height than there is
        column = QVBoxLayout(self)
        column.setContentsMargins(2, 16, 6, 16)
        column.addWidget(self.view)
        self.resize(width, min(760, room.height() - 80))
        self._state = session.controller.stress
        self._state.changed.connect(self._end_with_panel)
        follow_language(self, self._retext)

    def _end_with_panel(self) -> None:
        if not self._state.open:
            self.close()

    def _retext(self) -> None:
        self.setWindowTitle(tr("Stress test: sweep"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.view.set_scale(max(1.0, min(LARGEST, self.width() / USUAL_WIDTH)))
