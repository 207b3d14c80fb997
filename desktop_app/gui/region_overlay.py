"""A rectangle drawn with the mouse over a dimmed picture of the screen, or moved and sized with the keys."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QScreen
from PySide6.QtWidgets import QWidget

from desktop_app.core.screen_spec import Region
from desktop_app.gui import texts
from desktop_app.gui.theme import theme
from desktop_app.i18n import tr

_LEAST = 8
_STEP, _FINE = 10.0, 1.0


class RegionOverlay(QWidget):
    """Fills the screen. `done` carries the region in the units of what was grabbed, `None` when it was given up."""

    done = Signal(object)

    def __init__(self, image: QImage, units: tuple[int, int], corner: QPoint) -> None:
        """`units`: width and height of what the picture shows; `corner`: where it lies on the desktop."""
        super().__init__(None, Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint)
        self._image, self._units = image, units
        self._start: QPointF | None = None
        self._box = QRectF()
        self._screen = _screen_at(corner)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setMouseTracking(True)
        self.setWindowTitle(tr("Select a region"))
        self.setAccessibleName(tr("Select a region"))
        self.setAccessibleDescription(self._help())

    def begin(self) -> None:
        self.setGeometry(self._screen.geometry())
        self.showFullScreen()
        self.raise_()
        self.activateWindow()
        self.setFocus()

    @staticmethod
    def _help() -> str:
        return tr("Drag a rectangle. Enter takes it, Esc gives up; arrow keys move it, with Shift they size it.")

    def target(self) -> QRectF:
        """Where the picture is painted: all of the overlay, or in its middle."""
        room, size = QRectF(self.rect()), self._image.size().toSizeF()
        scale = min(room.width() / size.width(), room.height() / size.height())
        area = QRectF(0, 0, size.width() * scale, size.height() * scale)
        area.moveCenter(room.center())
        return area

    def region(self) -> Region | None:
        """What is drawn, in units of the screen; `None` where it is too small to be meant."""
        area, box = self.target(), self._box.normalized()
        if box.width() < _LEAST or box.height() < _LEAST:
            return None
        across, down = self._units[0] / area.width(), self._units[1] / area.height()
        left, top = round((box.left() - area.left()) * across), round((box.top() - area.top()) * down)
        right, bottom = round((box.right() - area.left()) * across), round((box.bottom() - area.top()) * down)
        return left, top, max(1, right - left), max(1, bottom - top)

    # --- the mouse ----------------------------------------------------------------------------------------------

    def _inside(self, at: QPointF) -> QPointF:
        area = self.target()
        return QPointF(min(max(at.x(), area.left()), area.right()), min(max(at.y(), area.top()), area.bottom()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._start = self._inside(event.position())
            self._box = QRectF(self._start, self._start)
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._start is not None:
            self._box = QRectF(self._start, self._inside(event.position())).normalized()
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._start is not None:
            self._start = None
            if self.region() is not None:
                self.done.emit(self.region())
            else:
                self._box = QRectF()
                self.update()

    # --- the keys -----------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.done.emit(None)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.done.emit(self.region())
        else:
            self._arrow(event)

    def _arrow(self, event: QKeyEvent) -> None:
        ways = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, -1),
            Qt.Key.Key_Down: (0, 1),
        }
        way = ways.get(Qt.Key(event.key()))
        if way is None:
            return
        if self._box.isEmpty():  # a rectangle to begin with
            area = self.target()
            self._box = QRectF(0, 0, area.width() / 2, area.height() / 2)
            self._box.moveCenter(area.center())
        step = _FINE if event.modifiers() & Qt.KeyboardModifier.ControlModifier else _STEP
        x, y = way[0] * step, way[1] * step
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._box.adjust(0, 0, x, y)
        else:
            self._box.translate(x, y)
        self._box = self._box.intersected(self.target())
        self.update()

    # --- painting -----------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        area = self.target()
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), Qt.GlobalColor.black)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(area, self._image)
            painter.fillRect(self.rect(), QColor(0, 0, 0, 140))
            box = self._box.normalized()
            if not box.isEmpty():
                painter.setClipRect(box)
                painter.drawImage(area, self._image)
                painter.setClipping(False)
                painter.setPen(QPen(theme().colour("accent"), 2))
                painter.drawRect(box)
            region = self.region()
            words = self._help() if region is None else texts.size(region[2], region[3])
            self._say(painter, words, box if region is not None else None)

    def _say(self, painter: QPainter, words: str, box: QRectF | None) -> None:
        painter.setFont(theme().font("strong"))
        size = painter.fontMetrics().boundingRect(words).size()
        plate = QRect(0, 0, size.width() + 24, size.height() + 14)
        if box is None:
            plate.moveCenter(self.rect().center())
        else:
            plate.moveTopLeft(box.bottomLeft().toPoint() + QPoint(0, 6))
            if plate.bottom() > self.height():
                plate.moveBottomLeft(box.bottomLeft().toPoint() - QPoint(-6, 6))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(11, 13, 16, 220))
        painter.drawRoundedRect(plate, 6, 6)
        painter.setPen(Qt.GlobalColor.white)
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, words)


def _screen_at(corner: QPoint) -> QScreen:
    """The screen whose upper left corner this is, in the units of the system or of Qt."""
    screens = QGuiApplication.screens()
    for screen in screens:
        place, ratio = screen.geometry().topLeft(), screen.devicePixelRatio()
        if corner in (place, QPoint(round(place.x() * ratio), round(place.y() * ratio))):
            return screen
    found = QGuiApplication.screenAt(corner)
    return found if found is not None else screens[0]
