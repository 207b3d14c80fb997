"""The panel that finds classes in a video: an empty place until it is first shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.gui.commands import Commands
from desktop_app.gui.session import Session
from desktop_app.gui.texts import follow_language
from desktop_app.gui.widgets import PanelTitle
from desktop_app.i18n import tr

if TYPE_CHECKING:
    from desktop_app.gui.find_view import FindView


class FindPanel(QWidget):
    def __init__(self, session: Session, commands: Commands, title: PanelTitle) -> None:
        super().__init__()
        self._session = session
        self._view: FindView | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        follow_language(self, lambda: title.set_title(tr("Find in the video")))

    @property
    def view(self) -> FindView:
        if self._view is None:
            from desktop_app.gui.find_view import FindView

            self._view = FindView(self._session)
            layout = self.layout()
            assert layout is not None
            layout.addWidget(self._view)
        return self._view

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.view.show()
