"""The pixel inspector on the picture: crosshair, selection, squares with numbers, and a plate with values."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPen

from desktop_app.core.pixels import Area, grey_of
from desktop_app.gui import texts
from desktop_app.gui.inspector_state import InspectorState, Pixel
from desktop_app.gui.inspector_texts import value_lines
from desktop_app.gui.pixel_numbers import NumberWall, least_cell
from desktop_app.gui.plate import Plate
from desktop_app.gui.theme import theme
from desktop_app.gui.toasts import announce
from desktop_app.gui.video_view import VideoView

GRID_FROM = 12.0
"""Screen pixels a pixel of the frame from which a grid parts them."""
ROOMY = 1.25
"""How much larger than the least a square is when it is shown with its numbers at once."""
_DRAG_FROM = 5.0
_TICK = 14.0
_FAR = 10
_SHIFT, _CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_MOVES = (Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton)


class InspectorTool(QObject):
    """On `view` while the inspector is open. `busy`: another tool wants the pointer. `copy`: of the selection."""

    def __init__(
        self, view: VideoView, state: InspectorState, busy: Callable[[], bool], copy: Callable[[], None]
    ) -> None:
        super().__init__(view)
        self._view, self._state, self._busy, self._copy = view, state, busy, copy
        self._wall = NumberWall()
        self._pressed: tuple[QPointF, Pixel] | None = None
        self._dragging = False
        self._pan_from: QPointF | None = None
        self._inside = False
        self._on = False
        state.toggled.connect(self._toggle)
        state.changed.connect(self._changed)
        state.measured.connect(self._measured)
        state.zoom_wanted.connect(self.toggle_numbers)
        view.view_changed.connect(lambda width, _: state.set_shown(width > 0))
        state.set_shown(view.isVisible())
        self._toggle()

    def _toggle(self) -> None:
        if self._state.on == self._on:
            return
        self._on = self._state.on
        if self._on:
            self._view.add_tool(self)
        else:
            self._view.remove_tool(self)
            self._pressed = self._pan_from = None
            self._wall.forget()
        self._changed()

    def _changed(self) -> None:
        self._view.set_in_grey(self._on and self._state.grey)
        if self._on or self._state.at is not None:
            self._view.update()

    def _measured(self) -> None:
        """Another frame repaints itself; the plate may lie beside it."""
        if self._on and self._state.at is not None:
            self._view.update()

    # --- the pointer ------------------------------------------------------------------------------------------------

    def press(self, event: QMouseEvent) -> bool:
        if self._busy():
            return False
        moves = event.button() in _MOVES or bool(event.modifiers() & _CONTROL)
        if moves and not self._view.viewport.fits:
            self._pan_from = event.position()
            self._view.show_cursor()
            return True
        at = self._view.viewport.pixel(event.position())
        if event.button() != Qt.MouseButton.LeftButton or at is None:
            return False
        self._pressed, self._dragging = (event.position(), at), False
        return True

    def move(self, event: QMouseEvent) -> bool:
        if self._busy():
            return False
        self._inside = True
        if self._pan_from is not None:
            self._view.pan(event.position() - self._pan_from)
            self._pan_from = event.position()
            return True
        if self._pressed is not None:
            self._drag(event.position())
            return True
        at = self._view.viewport.pixel(event.position())
        if at is not None:
            self._state.point(at)
        return True

    def _drag(self, point: QPointF) -> None:
        assert self._pressed is not None
        begun, corner = self._pressed
        if not self._dragging and (point - begun).manhattanLength() < _DRAG_FROM:
            return
        self._dragging = True
        place = self._view.picture_rect()
        held = QPointF(
            min(max(point.x(), place.left()), place.right() - 0.01),
            min(max(point.y(), place.top()), place.bottom() - 0.01),
        )
        other = self._view.viewport.pixel(held)
        if other is not None:
            self._state.held = False
            self._state.select(corner, other)
            self._state.point(other)

    def release(self, event: QMouseEvent) -> bool:
        if self._pan_from is not None:
            self._pan_from = None
            self._view.show_cursor()
            return True
        if self._pressed is None:
            return False
        (_, at), dragged = self._pressed, self._dragging
        self._pressed, self._dragging = None, False
        if not dragged:
            self._state.hold(at)
        return True

    def double_click(self, event: QMouseEvent) -> bool:
        """Two quick clicks are two clicks here: who measures does not want the picture to jump."""
        return not self._busy() and self.press(event)

    def leave(self) -> None:
        self._inside = False
        self._view.update()

    def cursor(self) -> Qt.CursorShape | None:
        if self._pan_from is not None:
            return Qt.CursorShape.ClosedHandCursor
        return None if self._busy() else Qt.CursorShape.CrossCursor

    # --- the keyboard -----------------------------------------------------------------------------------------------

    def wants_key(self, event: QKeyEvent) -> bool:
        if self._busy():
            return False
        key, state = event.key(), self._state
        if event.modifiers() & _CONTROL:
            return key == Qt.Key.Key_A or (key == Qt.Key.Key_C and state.selection is not None)
        if key == Qt.Key.Key_Escape:
            return state.selection is not None or state.held
        return key in _ARROWS or key in _ENTER

    def key(self, event: QKeyEvent) -> bool:
        if not self.wants_key(event):
            return False
        key, state = event.key(), self._state
        if key == Qt.Key.Key_A:
            state.select_all()
        elif key == Qt.Key.Key_C:
            self._copy()
        elif key == Qt.Key.Key_Escape:
            state.back()
        elif key in _ENTER:
            self.toggle_numbers()
        else:
            x, y = _ARROWS[Qt.Key(key)]
            far = _FAR if event.modifiers() & Qt.KeyboardModifier.AltModifier else 1
            state.step(far * x, far * y, extend=bool(event.modifiers() & _SHIFT))
            self._follow()
            if state.at is not None:
                announce(self._view, ", ".join(value_lines(state.at, state.value())))
        return True

    def _follow(self) -> None:
        """The picture moves so far that the crosshair stays in sight."""
        if self._state.at is None or self._view.viewport.fits:
            return
        square, stage = self._square(self._state.at), QRectF(self._view.rect()).adjusted(24, 24, -24, -24)
        right = max(0.0, square.right() - stage.right()) or min(0.0, square.left() - stage.left())
        down = max(0.0, square.bottom() - stage.bottom()) or min(0.0, square.top() - stage.top())
        if right or down:
            self._view.pan(QPointF(-right, -down))

    def toggle_numbers(self) -> None:
        """To where the numbers of the pixels round the crosshair can be read, and back."""
        view, state = self._view, self._state
        size = view.frame_size
        if size is None:
            return
        least = least_cell(grey=state.grey) / view.devicePixelRatioF()
        if view.zoom >= least and not view.viewport.fits:
            view.fit()
            return
        column, row = state.at or (size[0] // 2, size[1] // 2)
        view.show_place(max(least * ROOMY * view.scale, view.zoom), column + 0.5, row + 0.5)

    # --- painting ---------------------------------------------------------------------------------------------------

    def _square(self, at: Pixel) -> QRectF:
        return self._place((at[0], at[1], at[0] + 1, at[1] + 1))

    def _place(self, area: Area) -> QRectF:
        picture, zoom = self._view.picture_rect(), self._view.zoom
        left, top, right, bottom = area
        return QRectF(picture.x() + left * zoom, picture.y() + top * zoom, (right - left) * zoom, (bottom - top) * zoom)

    def paint_under(self, painter: QPainter, picture: QRectF, stage: QRectF) -> None:
        seen = self._view.viewport.seen()
        self._state.set_seen(seen)
        if seen is not None and self._view.zoom >= GRID_FROM:
            painter.save()
            self._paint_squares(painter, seen)
            painter.restore()

    def paint(self, painter: QPainter, picture: QRectF, stage: QRectF) -> None:
        state = self._state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if state.selection is not None:
            self._paint_selection(painter, state.selection, stage)
        if state.at is not None:
            self._paint_crosshair(painter, state.at, picture.intersected(stage))
            if self._inside or state.held:
                self._paint_plate(painter, state.at, stage)
        painter.restore()

    def _paint_squares(self, painter: QPainter, seen: Area) -> None:
        """Grid, and numbers where they find room; not while only a small copy of the frame is here."""
        picture = self._state.picture
        if picture is None or picture is not self._view.frame or not picture.whole:
            return
        rgb = self._state.part(seen)
        if rgb is None:
            return
        ratio = self._view.devicePixelRatioF()
        layer = self._wall.layer(rgb, round(self._view.zoom * ratio), grey=self._state.grey)
        layer.setDevicePixelRatio(ratio)
        place = self._place(seen)
        place.moveTo(round(place.x() * ratio) / ratio, round(place.y() * ratio) / ratio)
        if self._state.grey:  # Qt weighs the colours in its own way
            grey = grey_of(rgb)
            height, width = grey.shape
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
            painter.drawImage(place, QImage(grey.tobytes(), width, height, width, QImage.Format.Format_Grayscale8))
        painter.drawImage(place.topLeft(), layer)

    def _paint_selection(self, painter: QPainter, selection: Area, stage: QRectF) -> None:
        place = self._place(selection)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in (QPen(QColor(11, 13, 16, 190), 4), QPen(theme().colour("on_stage_accent"), 2)):
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            painter.drawRect(place)
        size = texts.size(selection[2] - selection[0], selection[3] - selection[1])
        shown = place.intersected(stage)
        if not shown.isEmpty():
            chip = Plate(painter, [size], self._view.scale)
            above = shown.top() - chip.size.height() - 4
            at = QPointF(shown.left(), above if above >= stage.top() else shown.top() + 4)
            chip.paint(painter, at)

    def _paint_crosshair(self, painter: QPainter, at: Pixel, area: QRectF) -> None:
        """Hairlines to the edges, which leave the pixel itself free; across numbers only their ends."""
        square, middle = self._square(at), self._square(at).center()
        wide = QRectF(middle.x() - 7, middle.y() - 7, 14, 14)
        if square.width() >= GRID_FROM:
            wide = area.adjusted(_TICK, _TICK, -_TICK, -_TICK)
        lines = (
            (QPointF(area.left(), middle.y()), QPointF(wide.left(), middle.y())),
            (QPointF(wide.right(), middle.y()), QPointF(area.right(), middle.y())),
            (QPointF(middle.x(), area.top()), QPointF(middle.x(), wide.top())),
            (QPointF(middle.x(), wide.bottom()), QPointF(middle.x(), area.bottom())),
        )
        for pen in (QPen(QColor(11, 13, 16, 130), 3), QPen(QColor(255, 255, 255, 170), 1)):
            painter.setPen(pen)
            for start, end in lines:
                if start.x() <= end.x() and start.y() <= end.y():
                    painter.drawLine(start, end)
        ring = square if square.width() >= 6 else QRectF(middle.x() - 4, middle.y() - 4, 8, 8)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in (QPen(QColor(11, 13, 16, 220), 4), QPen(QColor("white"), 2)):
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            painter.drawRect(ring.adjusted(-1, -1, 1, 1))

    def _paint_plate(self, painter: QPainter, at: Pixel, stage: QRectF) -> None:
        """Beside the pixel and its neighbours, on the side where there is room."""
        value = self._state.value()
        plate = Plate(painter, value_lines(at, value), self._view.scale, value)
        square = self._square(at)
        off = max(18.0, 1.6 * square.width())
        x, y = square.right() + off, square.bottom() + off
        if x + plate.size.width() > stage.right() - 4:
            x = square.left() - off - plate.size.width()
        if y + plate.size.height() > stage.bottom() - 4:
            y = square.top() - off - plate.size.height()
        room = stage.adjusted(4, 4, -4, -4)
        x = min(max(x, room.left()), room.right() - plate.size.width())
        y = min(max(y, room.top()), room.bottom() - plate.size.height())
        plate.paint(painter, QPointF(x, y))
