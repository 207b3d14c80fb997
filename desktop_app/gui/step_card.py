"""A step on the way to the network as a card: its picture, name, size, kind of numbers and range."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_app.gui.theme import theme

_PICTURE = 76


class StepCard(QWidget):
    chosen = Signal()
    moved = Signal(int)
    """To the next card, or the one before."""

    def __init__(self) -> None:
        super().__init__()
        self._image = QImage()
        self._frame: QRectF | None = None
        self._lines: tuple[str, ...] = ()
        self._on = False
        self._last = False
        self._scale = 1.0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(200, _PICTURE + 16 + 4 * self._line())

    def minimumSizeHint(self) -> QSize:
        return QSize(110, self.sizeHint().height())

    def _line(self) -> int:
        return round(self.fontMetrics().height() * self._scale) + 1

    def set_scale(self, scale: float) -> None:
        """For the projector."""
        self._scale = scale
        self.updateGeometry()
        self.update()

    def set_last(self) -> None:
        """No arrow leads on from it."""
        self._last = True

    def set_on(self, on: bool) -> None:
        self._on = on
        self.update()

    def show_step(self, image: QImage, frame: QRectF | None, lines: tuple[str, ...]) -> None:
        """`frame`: drawn round a part, in shares of the picture. `lines`: the title first."""
        self._image, self._frame, self._lines = image, frame, lines
        words = ", ".join(lines)
        self.setAccessibleName(words)
        self.setToolTip(words)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            area = QRectF(self.rect()).adjusted(1, 1, -15, -1)
            edge = "accent" if self.hasFocus() else "line2"
            painter.setPen(QPen(theme().colour(edge), 2 if self.hasFocus() else 1))
            painter.setBrush(theme().colour("soft" if self._on else "raised"))
            painter.drawRoundedRect(area, 8, 8)
            if not self._last:
                middle = area.top() + 8 + _PICTURE / 2
                painter.setPen(QPen(theme().colour("muted"), 1.6))
                right = self.width() - 3.0
                painter.drawPolyline(_arrow(right, middle))
            self._paint_picture(painter, QRectF(area.left() + 8, area.top() + 8, area.width() - 16, _PICTURE))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            top = area.top() + 8 + _PICTURE + 4
            for place, text in enumerate(self._lines):
                painter.setFont(theme().font("strong" if place == 0 else "caption", self._scale))
                painter.setPen(theme().colour("text" if place == 0 else "muted"))
                row = QRectF(area.left() + 10, top + place * self._line(), area.width() - 20, self._line())
                short = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(row.width()))
                painter.drawText(row, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, short)

    def _paint_picture(self, painter: QPainter, room: QRectF) -> None:
        if self._image.isNull():
            return
        scale = min(room.width() / self._image.width(), room.height() / self._image.height())
        where = QRectF(0, 0, self._image.width() * scale, self._image.height() * scale)
        where.moveCenter(room.center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(where, self._image)
        if self._frame is not None:
            part = self._frame
            shown = QRectF(
                where.x() + part.x() * where.width(),
                where.y() + part.y() * where.height(),
                part.width() * where.width(),
                part.height() * where.height(),
            ).intersected(where)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for pen in (QPen(QColor(11, 13, 16, 190), 3), QPen(theme().colour("on_stage_accent"), 1.5)):
                painter.setPen(pen)
                painter.drawRect(shown)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit()
        elif event.key() in steps:
            self.moved.emit(steps[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)


def _arrow(right: float, middle: float) -> list[QPointF]:
    return [QPointF(right - 6, middle - 5), QPointF(right, middle), QPointF(right - 6, middle + 5)]
