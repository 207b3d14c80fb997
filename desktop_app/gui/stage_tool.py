"""What a tool on the picture may do: it hears the pointer and the keys before the picture does."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter


class StageTool(Protocol):
    """Each answers whether the event was for it; what was not is zoom, pan and hover as ever."""

    def press(self, event: QMouseEvent) -> bool: ...

    def move(self, event: QMouseEvent) -> bool: ...

    def release(self, event: QMouseEvent) -> bool: ...

    def double_click(self, event: QMouseEvent) -> bool: ...

    def leave(self) -> None: ...

    def wants_key(self, event: QKeyEvent) -> bool:
        """Also of keys that are shortcuts of the window."""

    def key(self, event: QKeyEvent) -> bool: ...

    def cursor(self) -> Qt.CursorShape | None:
        """`None`: the picture's own."""

    def paint_under(self, painter: QPainter, picture: QRectF, stage: QRectF) -> None:
        """On the picture, under boxes, labels and chips."""

    def paint(self, painter: QPainter, picture: QRectF, stage: QRectF) -> None:
        """Over everything."""
