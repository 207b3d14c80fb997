"""Two sides over one picture, parted by a line that is dragged, or moved with the arrow keys."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPen

from desktop_app.core.results import Classification
from desktop_app.gui import texts
from desktop_app.gui.compare_choices import LETTERS
from desktop_app.gui.compare_painting import Answer, answers_of, list_height, paint_answers, paint_frame, paint_side
from desktop_app.gui.compare_state import Shot
from desktop_app.gui.compare_view import DIMMED, CompareView, Lens, Look
from desktop_app.gui.icons import paint_icon
from desktop_app.gui.theme import theme
from desktop_app.i18n import tr
from desktop_app.render.scene import ink

_NEAR = 12.0
_STEP, _FINE = 0.05, 0.01
_KNOB = 15.0


class SplitView(CompareView):
    """Left of the line `place` of the shot, right of it `other`. `fraction`: where the line is, of the width."""

    def __init__(self, lens: Lens, look: Look) -> None:
        self.fraction = 0.5
        self.other = 1
        self.other_names: tuple[str, ...] = ()
        self._dragging = False
        super().__init__(lens, look)

    def _retext(self) -> None:
        super()._retext()
        self._tell_line()

    def _tell_line(self) -> None:
        self.setAccessibleDescription(
            tr("Dividing line at {share}. The arrow keys move it.", share=texts.percent(self.fraction, 0))
        )

    def show_sides(
        self, shot: Shot | None, places: tuple[int, int], names: tuple[tuple[str, ...], tuple[str, ...]]
    ) -> None:
        self.other, self.other_names = places[1], names[1]
        self.show_shot(shot, places[0], names[0])

    def move_line(self, fraction: float) -> None:
        self.fraction = min(1.0, max(0.0, fraction))
        self._tell_line()
        self.update()

    def rooms(self) -> tuple[QRectF, QRectF]:
        """The answers lie on the picture, each on its side of the line."""
        return QRectF(self.rect()), QRectF()

    def line(self) -> float:
        """In pixels of the widget: between the edges of what is seen of the picture."""
        seen = self.picture().intersected(QRectF(self.rect()))
        return seen.left() + seen.width() * self.fraction

    # --- pointer and keys ---------------------------------------------------------------------------------------

    def _is_near(self, at: QPointF) -> bool:
        return abs(at.x() - self.line()) <= _NEAR

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._is_near(event.position()):
            self._dragging = True
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragging:
            seen = self.picture().intersected(QRectF(self.rect()))
            self.move_line((event.position().x() - seen.left()) / max(1.0, seen.width()))
            return
        super().mouseMoveEvent(event)
        if self._pan_from is None:
            if self._is_near(event.position()):
                self.setCursor(Qt.CursorShape.SplitHCursor)
            else:
                self._lens_changed()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._dragging:
            self._dragging = False
        else:
            super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._is_near(event.position()):
            self.move_line(0.5)
        else:
            super().mouseDoubleClickEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        ways = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.key() in ways:
            fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.move_line(self.fraction + ways[Qt.Key(event.key())] * (_FINE if fine else _STEP))
        else:
            super().keyPressEvent(event)

    # --- painting -----------------------------------------------------------------------------------------------

    def paint_shot(self, painter: QPainter, shot: Shot) -> None:
        picture = self.picture()
        seen = picture.intersected(QRectF(self.rect()))
        look, x = self._look, self.line()
        left, right = QRectF(seen), QRectF(seen)
        left.setRight(x)
        right.setLeft(x)
        painter.setOpacity(DIMMED if look.dimmed else 1.0)
        paint_frame(painter, shot.image, picture, seen, self.devicePixelRatioF())
        halves = ((self.place, self.names, left, True), (self.other, self.other_names, right, False))
        for place, names, half, is_left in halves:
            letter = self._letter_place(seen, is_left)
            paint_side(painter, shot, place, names, picture, half, look.options, look.only_differences, (letter,))
            painter.save()
            painter.setClipRect(half)
            self._paint_letter(painter, letter, LETTERS[place])
            result = shot.results[place]
            if result is not None and isinstance(result.prediction, Classification):
                self._paint_list(painter, seen, answers_of(shot, place, names, look.rows), is_left)
            painter.restore()
        self._paint_line(painter, seen, x)

    def _letter_place(self, seen: QRectF, left: bool) -> QRectF:
        side = 26 * self._look.scale
        return QRectF(seen.left() + 10 if left else seen.right() - 10 - side, seen.top() + 10, side, side)

    def _paint_letter(self, painter: QPainter, plate: QRectF, letter: str) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink(0.75))
        painter.drawRoundedRect(plate, 6, 6)
        painter.setFont(theme().font("strong", self._look.scale))
        painter.setPen(theme().colour("on_stage"))
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, letter)

    def _paint_list(self, painter: QPainter, seen: QRectF, answers: Sequence[Answer], left: bool) -> None:
        """On the picture, at the lower corner of its side."""
        look = self._look
        wide = min(240 * look.scale, 0.42 * seen.width())
        high = min(list_height(len(answers), look.scale), seen.height() - 20)
        x = seen.left() + 10 if left else seen.right() - 10 - wide
        plate = QRectF(x, seen.bottom() - 10 - high, wide, high)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink(0.75))
        painter.drawRoundedRect(plate, 8, 8)
        paint_answers(painter, plate, answers, look.options, look.scale, "")

    def _paint_line(self, painter: QPainter, seen: QRectF, x: float) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(ink(0.55), 5))
        painter.drawLine(QPointF(x, seen.top()), QPointF(x, seen.bottom()))
        painter.setPen(QPen(theme().colour("on_stage"), 2))
        painter.drawLine(QPointF(x, seen.top()), QPointF(x, seen.bottom()))
        knob = QRectF(x - _KNOB, seen.center().y() - _KNOB, 2 * _KNOB, 2 * _KNOB)
        painter.setPen(QPen(theme().colour("on_stage_accent" if self.hasFocus() else "ink"), 2))
        painter.setBrush(theme().colour("on_stage"))
        painter.drawEllipse(knob)
        paint_icon(painter, knob.adjusted(6, 6, -6, -6), "arrows-left-right", theme().colour("ink"))
