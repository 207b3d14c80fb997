"""Content that few people look at: made when it is first seen, so that the start does not wait for it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget


class MadeWhenShown(QWidget):
    """`content` is `None` until then."""

    def __init__(self, make: Callable[[], QWidget]) -> None:
        super().__init__()
        self._make = make
        self.content: QWidget | None = None
        self._scale = 1.0
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)

    def showEvent(self, event: QShowEvent) -> None:
        if self.content is None:
            self.content = self._make()
            self._layout.addWidget(self.content)
            self.content.show()  # now: the layout would do so a moment later
            self.set_scale(self._scale)
        super().showEvent(event)

    def set_scale(self, scale: float) -> None:
        """Of the text, where the content knows of it."""
        self._scale = scale
        set_scale = getattr(self.content, "set_scale", None)
        if set_scale is not None:
            set_scale(scale)
