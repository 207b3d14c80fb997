"""One step on the way to the network: its array as a picture, or its channels apart, which come so close that their
numbers can be read."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_app.core.pixels import Bytes
from desktop_app.gui.float_numbers import FROM, FloatNumbers
from desktop_app.gui.pixel_numbers import LIGHT, NumberWall
from desktop_app.gui.theme import theme
from desktop_app.gui.viewport import Viewport

Values = NDArray[np.uint8] | NDArray[np.float32]
"""(h, w, 3), red-green-blue."""

_STEP = 1.25
_SMOOTH_UP_TO = 3.0
_GRID_FROM = 12.0
_BETWEEN = 8.0
_NAMES = ("R", "G", "B")
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


def as_bytes(values: Values, low: float, high: float) -> Bytes:
    """To be looked at: bytes as they are, everything else with `low` black and `high` white."""
    if values.dtype == np.uint8:
        return values.astype(np.uint8, copy=False)
    span = high - low if high > low else 1.0
    shown: Bytes = np.clip((values - low) / span * 255 + 0.5, 0, 255).astype(np.uint8)
    return shown


def rgb_image(rgb: Bytes) -> QImage:
    """A picture of its own of uint8 (h, w, 3)."""
    height, width = rgb.shape[:2]
    data = np.ascontiguousarray(rgb).tobytes()
    return QImage(data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


class StepPicture(QWidget):
    pointed = Signal(int, int)
    """Column and row under the pointer. The last one stays marked: who talks about it points elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self._values: Values | None = None
        self._shown: Bytes | None = None
        self._images: list[QImage] = []
        self._apart = False
        self._frame: QRectF | None = None
        self._at: tuple[int, int] | None = None
        self._viewport = Viewport(0)
        self._walls = [NumberWall() for _ in range(3)]
        self._floats = [FloatNumbers() for _ in range(3)]
        self._pan_from: QPointF | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(200, 160)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(480, 320)

    # --- what is shown ----------------------------------------------------------------------------------------------

    def show_values(self, values: Values | None, low: float, high: float, frame: QRectF | None) -> None:
        """`low`, `high`: what is black and white. `frame`: drawn round a part, in pixels of the array."""
        self._values, self._frame = values, frame
        self._shown = None if values is None else as_bytes(values, low, high)
        self._make_images()
        size = None if values is None else (int(values.shape[1]), int(values.shape[0]))
        if size != self._viewport.frame:
            self._viewport.frame = size
            self._viewport.fit()
        self.update()

    def set_apart(self, apart: bool) -> None:
        self._apart = apart
        self._make_images()
        self._fit_room()
        self.update()

    def mark(self, at: tuple[int, int] | None) -> None:
        """The crosshair, where the pointer of another step is."""
        if at != self._at:
            self._at = at
            self.update()

    def _make_images(self) -> None:
        shown = self._shown
        if shown is None:
            self._images = []
        elif self._apart:
            self._images = [rgb_image(np.repeat(shown[..., channel, None], 3, axis=2)) for channel in range(3)]
        else:
            self._images = [rgb_image(shown)]

    # --- where ------------------------------------------------------------------------------------------------------

    @property
    def _count(self) -> int:
        return 3 if self._apart else 1

    def _room(self) -> QSizeF:
        return QSizeF((self.width() - (self._count - 1) * _BETWEEN) / self._count, self.height())

    def _fit_room(self) -> None:
        self._viewport.ratio = self.devicePixelRatioF()
        self._viewport.size = self._room()
        self._viewport.keep_in_sight()

    def _left_of(self, place: int) -> float:
        return place * (self._room().width() + _BETWEEN)

    def _in_part(self, point: QPointF) -> QPointF:
        """The point within the one of the pictures that it is in."""
        place = min(self._count - 1, max(0, int(point.x() / (self._room().width() + _BETWEEN))))
        return QPointF(point.x() - self._left_of(place), point.y())

    # --- pointer and keys -------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit_room()

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / 120
        if notches:
            self._viewport.zoom_by(_STEP**notches, self._in_part(event.position()))
            self.update()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self._viewport.fits:
            self._pan_from = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pan_from is not None:
            self._viewport.pan(event.position() - self._pan_from)
            self._pan_from = event.position()
            self.update()
            return
        self._point(self._viewport.pixel(self._in_part(event.position())))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pan_from = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._viewport.fit()
        self.update()

    def _point(self, at: tuple[int, int] | None) -> None:
        if at is not None:
            self.mark(at)
            self.pointed.emit(*at)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        size = self._viewport.frame
        if size is None:
            return super().keyPressEvent(event)
        x, y = self._at or (size[0] // 2, size[1] // 2)
        middle = self._viewport.middle()
        if event.key() in _ARROWS:
            right, down = _ARROWS[Qt.Key(event.key())]
            x, y = min(max(x + right, 0), size[0] - 1), min(max(y + down, 0), size[1] - 1)
            if not self._viewport.fits:
                self._viewport.show(self._viewport.zoom, x + 0.5, y + 0.5)
            self._point((x, y))
        elif event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._viewport.zoom_by(_STEP, middle)
        elif event.key() in (Qt.Key.Key_Minus, Qt.Key.Key_Underscore):
            self._viewport.zoom_by(1 / _STEP, middle)
        elif event.key() == Qt.Key.Key_0:
            self._viewport.fit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._viewport.zoom >= FROM and not self._viewport.fits:
                self._viewport.fit()
            else:
                self._viewport.show(FROM * 1.2, x + 0.5, y + 0.5)
        else:
            return super().keyPressEvent(event)
        self.update()
        return None

    # --- painting ---------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            room = self._room()
            for place, image in enumerate(self._images):
                painter.save()
                painter.translate(self._left_of(place), 0)
                painter.setClipRect(QRectF(QPointF(0, 0), room))
                self._paint_part(painter, image, place)
                painter.restore()
            if self.hasFocus() and self._images:
                painter.setPen(QPen(theme().colour("accent"), 2))
                painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    def _paint_part(self, painter: QPainter, image: QImage, place: int) -> None:
        view = self._viewport
        where, zoom = view.picture(), view.zoom
        ratio = self.devicePixelRatioF()
        if zoom >= _GRID_FROM:
            where.moveTo(round(where.x() * ratio) / ratio, round(where.y() * ratio) / ratio)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, zoom <= _SMOOTH_UP_TO)
        painter.drawImage(where, image)
        if zoom >= _GRID_FROM:
            self._paint_numbers(painter, where, place)
        if self._frame is not None:
            part = self._frame
            shown = QRectF(
                where.x() + part.x() * zoom, where.y() + part.y() * zoom, part.width() * zoom, part.height() * zoom
            )
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for pen in (QPen(QColor(11, 13, 16, 190), 4), QPen(theme().colour("on_stage_accent"), 2)):
                painter.setPen(pen)
                painter.drawRect(shown.adjusted(1, 1, -1, -1))
        if self._at is not None:
            self._paint_cross(painter, where, zoom, *self._at)
        if self._apart:
            self._paint_name(painter, where, place)

    def _paint_numbers(self, painter: QPainter, where: QRectF, place: int) -> None:
        seen, shown, values = self._viewport.seen(), self._shown, self._values
        if seen is None or shown is None or values is None:
            return
        left, top, right, bottom = seen
        part, ratio, zoom = shown[top:bottom, left:right], self.devicePixelRatioF(), self._viewport.zoom
        if self._apart:
            part = np.repeat(part[..., place, None], 3, axis=2)
        bytes_ = values.dtype == np.uint8
        layer = self._walls[place].layer(part, round(zoom * ratio), grey=self._apart, numbers=bytes_)
        layer.setDevicePixelRatio(ratio)
        painter.drawImage(QPointF(where.x() + left * zoom, where.y() + top * zoom), layer)
        if bytes_ or zoom < FROM:
            return
        wanted = values[top:bottom, left:right].astype(np.float32, copy=False)
        names = ("grey",) if self._apart else _NAMES
        if self._apart:
            wanted = wanted[..., place : place + 1]
        numbers = self._floats[place].layer(wanted, part, names, zoom, ratio)
        painter.drawImage(QPointF(where.x() + left * zoom, where.y() + top * zoom), numbers)

    def _paint_cross(self, painter: QPainter, where: QRectF, zoom: float, column: int, row: int) -> None:
        square = QRectF(where.x() + column * zoom, where.y() + row * zoom, zoom, zoom)
        if zoom < 6:
            square = QRectF(square.center().x() - 4, square.center().y() - 4, 8, 8)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in (QPen(QColor(11, 13, 16, 220), 4), QPen(QColor("white"), 2)):
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            painter.drawRect(square.adjusted(-1, -1, 1, 1))

    def _paint_name(self, painter: QPainter, where: QRectF, place: int) -> None:
        painter.setFont(theme().font("strong"))
        ink = theme().colour("ink", 0.75)
        chip = QRectF(max(0.0, where.x()) + 6, max(0.0, where.y()) + 6, 26, 24)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawRoundedRect(chip, 4, 4)
        painter.setPen(QColor(LIGHT[_NAMES[place]]))
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, _NAMES[place])
