"""Lines and zones under pointer and keyboard: a `StageTool` over a `ShapeEditor`, with handles and hints."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen, QPolygonF

from desktop_app.gui import hud
from desktop_app.gui.counting_state import CountingState
from desktop_app.gui.theme import theme
from desktop_app.gui.video_view import VideoView
from desktop_app.i18n import tr

_DOT, _DOT_HOVERED = 5.0, 8.0
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_CONTROL = Qt.KeyboardModifier.ControlModifier
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_FAR = 10


class ShapeTool(QObject):
    """Lives on `view` for as long as that does."""

    def __init__(self, view: VideoView, state: CountingState) -> None:
        super().__init__(view)
        self._view = view
        self.editor = state.editor
        self.editor.changed.connect(self._changed)
        self.editor.mode_changed.connect(self._changed)
        view.add_tool(self)

    def _changed(self) -> None:
        self._view.show_cursor()
        self._view.update()

    def _sync(self) -> None:
        self.editor.picture = self._view.picture_rect()

    # --- the pointer ------------------------------------------------------------------------------------------------

    def press(self, event: QMouseEvent) -> bool:
        self._sync()
        if event.button() == Qt.MouseButton.RightButton and self.editor.drawing is not None:
            self.editor.take_back()
            return True
        if event.button() != Qt.MouseButton.LeftButton:
            return False
        return self.editor.press(event.position(), straight=bool(event.modifiers() & _SHIFT))

    def move(self, event: QMouseEvent) -> bool:
        self._sync()
        return self.editor.move(event.position(), straight=bool(event.modifiers() & _SHIFT))

    def release(self, event: QMouseEvent) -> bool:
        if event.button() != Qt.MouseButton.LeftButton:
            return False
        return self.editor.release(event.position(), straight=bool(event.modifiers() & _SHIFT))

    def double_click(self, event: QMouseEvent) -> bool:
        return event.button() == Qt.MouseButton.LeftButton and self.editor.double_click(event.position())

    def leave(self) -> None:
        self.editor.leave()

    def cursor(self) -> Qt.CursorShape | None:
        if self.editor.drawing is not None:
            return Qt.CursorShape.CrossCursor
        hovered = self.editor.hovered
        if hovered is None:
            return None
        return Qt.CursorShape.PointingHandCursor if hovered[1] == "handle" else Qt.CursorShape.SizeAllCursor

    # --- the keyboard -----------------------------------------------------------------------------------------------

    def wants_key(self, event: QKeyEvent) -> bool:
        key, editor = event.key(), self.editor
        if event.modifiers() & _CONTROL:
            return editor.active and key in (Qt.Key.Key_Z, Qt.Key.Key_Y)
        if editor.drawing is not None:
            return key in (Qt.Key.Key_Escape, Qt.Key.Key_Backspace, *_ENTER)
        if editor.active and key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            return bool(editor.state.shapes)
        return editor.selected is not None and (
            key in (Qt.Key.Key_Escape, Qt.Key.Key_Delete, Qt.Key.Key_Backspace) or key in _ARROWS
        )

    def key(self, event: QKeyEvent) -> bool:
        if not self.wants_key(event):
            return False
        self._sync()
        key, editor, far = event.key(), self.editor, bool(event.modifiers() & _SHIFT)
        if key == Qt.Key.Key_Z and not far:
            editor.state.undo()
        elif key in (Qt.Key.Key_Z, Qt.Key.Key_Y):
            editor.state.redo()
        elif key in _ENTER:
            editor.finish()
        elif key == Qt.Key.Key_Escape:
            if not editor.cancel():
                editor.select(None)
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            editor.next_handle(1 if key == Qt.Key.Key_PageDown else -1)
        elif key == Qt.Key.Key_Delete:
            editor.remove_selected()
        elif key == Qt.Key.Key_Backspace:
            if editor.drawing is not None:
                editor.take_back()
            elif not editor.remove_corner():
                editor.remove_selected()
        else:
            x, y = _ARROWS[Qt.Key(key)]
            step = _FAR if far else 1
            editor.nudge(step * x, step * y, whole=bool(event.modifiers() & Qt.KeyboardModifier.AltModifier))
        return True

    # --- painting ---------------------------------------------------------------------------------------------------

    def paint_under(self, painter: QPainter, picture: QRectF, stage: QRectF) -> None:
        """Lines and zones themselves are marks of the overlay."""

    def paint(self, painter: QPainter, picture: QRectF, stage: QRectF) -> None:
        editor = self.editor
        editor.picture = picture
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if editor.drawing is not None:
            self._paint_drawing(painter)
        elif editor.active:
            self._paint_handles(painter)
        hint = self.hint()
        if hint:
            self._paint_hint(painter, stage, hint)

    def hint(self) -> str:
        editor = self.editor
        if editor.drawing == "line":
            if not editor.points:
                return tr("Click or drag to draw a line · Shift: straight · Enter: in the middle · Esc: cancel")
            return tr("Click the end of the line · Backspace: point back · Esc: cancel")
        if editor.drawing == "zone":
            if not editor.points:
                return tr("Click the corners of the zone · Enter: in the middle · Esc: cancel")
            if len(editor.points) < 3:
                return tr("Click the next corner · Backspace: point back · Esc: cancel")
            return tr("Close: Enter, double click or the first corner · Backspace: point back · Esc: cancel")
        if editor.selected is not None and self._view.hasFocus():
            return tr("Arrow keys: move the corner · Alt: all · Page keys: next corner · Del: delete · Ctrl+Z: undo")
        return ""

    def _paint_drawing(self, painter: QPainter) -> None:
        editor = self.editor
        points = [editor.place(point) for point in editor.points]
        if editor.pointer is not None:
            points.append(editor.place(editor.pointer))
        accent = theme().colour("on_stage_accent")
        for pen in (QPen(QColor(11, 13, 16, 150), 5), QPen(accent, 2.4)):
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            painter.drawPolyline(QPolygonF(points))
            if editor.drawing == "zone" and len(points) > 2:
                pen.setStyle(Qt.PenStyle.DashLine)
                painter.setPen(pen)
                painter.drawLine(points[-1], points[0])
        for number, point in enumerate(editor.points):
            closes = number == 0 and editor.drawing == "zone" and len(editor.points) >= 3
            near = closes and editor.pointer is not None
            large = near and _near(editor.place(point), editor.place(editor.pointer or point))
            self._paint_dot(painter, editor.place(point), _DOT_HOVERED if large else _DOT, filled=True)

    def _paint_handles(self, painter: QPainter) -> None:
        """Of the selected shape all, of the others while the pointer is on them."""
        editor = self.editor
        hovered = editor.hovered
        for shape in editor.state.shapes:
            selected = shape.key == editor.selected
            if not selected and (hovered is None or hovered[0] != shape.key):
                continue
            preview = editor.state.preview
            points = preview.points if preview is not None and preview.key == shape.key else shape.points
            places = [editor.place(point) for point in points]
            if selected:
                pen = QPen(theme().colour("on_stage_accent"), 2)
                painter.setPen(pen)
                painter.drawPolyline(QPolygonF([*places, places[0]] if shape.kind == "zone" else places))
            for number, at in enumerate(places):
                under = hovered == (shape.key, "handle", number)
                self._paint_dot(
                    painter, at, _DOT_HOVERED if under else _DOT + 1, filled=selected and number == editor.handle
                )

    def _paint_dot(self, painter: QPainter, at: QPointF, radius: float, *, filled: bool) -> None:
        painter.setPen(QPen(QColor(11, 13, 16, 200), 4))
        painter.drawEllipse(at, radius, radius)
        painter.setPen(QPen(QColor("white"), 2))
        painter.setBrush(theme().colour("on_stage_accent") if filled else QColor(11, 13, 16, 160))
        painter.drawEllipse(at, radius, radius)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_hint(self, painter: QPainter, stage: QRectF, text: str) -> None:
        """At the lower edge, in the look of the chips; in two lines where it is too long."""
        font = hud.hud_font()
        painter.setFont(font)
        room = stage.adjusted(hud.MARGIN + 12, 0, -hud.MARGIN - 12, -hud.MARGIN - 7)
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom | Qt.TextFlag.TextWordWrap
        words = painter.boundingRect(room, flags, text)
        painter.setPen(Qt.PenStyle.NoPen)
        ink = theme().colour("ink", 0.85)
        painter.setBrush(ink)
        painter.drawRoundedRect(words.adjusted(-12, -6, 12, 6), 6, 6)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(theme().colour("on_stage"))
        painter.drawText(words, flags, text)


def _near(a: QPointF, b: QPointF) -> bool:
    return (a - b).manhattanLength() <= 20
