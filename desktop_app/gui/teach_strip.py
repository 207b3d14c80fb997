"""The examples of one class as a strip of small pictures: the newest at the left, one can be chosen, moved, removed."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolTip, QWidget

from desktop_app.gui import texts
from desktop_app.gui.icons import paint_icon
from desktop_app.gui.teach_state import TeachState
from desktop_app.gui.theme import theme
from desktop_app.i18n import tr

WIDE, HIGH, GAP = 56, 42, 4


class ExampleStrip(QWidget):
    chosen = Signal(int)
    """The number of an example; 0 for none."""

    def __init__(self, state: TeachState, slot: int) -> None:
        super().__init__()
        self._state, self._slot = state, slot
        self._scale = 1.0
        self._first = 0
        self.selected = 0
        self.numbers: list[int] = []
        self._wrong: dict[int, int] = {}
        self._nearest = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)
        texts.follow_language(self, self.refresh)

    def set_scale(self, scale: float) -> None:
        self._scale = scale
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(3 * self._step, round(HIGH * self._scale) + 6)

    def minimumSizeHint(self) -> QSize:
        return QSize(2 * self._step, round(HIGH * self._scale) + 6)

    @property
    def _step(self) -> int:
        return round(WIDE * self._scale) + GAP

    def refresh(self) -> None:
        """What the lesson holds now."""
        before = len(self.numbers)
        shown = [example.number for example in self._state.lesson.examples if example.slot == self._slot]
        self.numbers = shown[::-1]
        if len(self.numbers) > before:
            self._first = 0  # the newest is seen
        self._first = max(0, min(self._first, len(self.numbers) - 1))
        if self.selected not in self.numbers:
            self.selected = 0
        count = len(self.numbers)
        name = self._state.names.get(self._slot, "")
        self.setAccessibleName(tr("Examples of {name}: {count}", name=name, count=count))
        self.update()

    def show_examined(self, said: dict[int, int]) -> None:
        """`said`: of the examples that were taken for another class when they were left out, for which."""
        self._wrong = {number: said[number] for number in self.numbers if said.get(number, self._slot) != self._slot}
        self.update()

    def show_nearest(self, number: int) -> None:
        if number != self._nearest:
            was = self._nearest in self.numbers
            self._nearest = number
            if was or number in self.numbers:
                self.update()

    def select(self, number: int) -> None:
        if number == self.selected:
            return
        self.selected = number if number in self.numbers else 0
        if self.selected:
            place = self.numbers.index(self.selected)
            fits = max(1, self.width() // self._step)
            self._first = min(max(self._first, place - fits + 1), place)
        self.update()

    def cell(self, place: int) -> QRectF:
        """Of the example at this place of `numbers`."""
        left = (place - self._first) * self._step
        return QRectF(left + 1, 3, self._step - GAP, round(HIGH * self._scale))

    def _at(self, x: float) -> int:
        """The number of the example there; 0 for none."""
        place = self._first + int(x // self._step)
        return self.numbers[place] if 0 <= place < len(self.numbers) else 0

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
            if not self.numbers:
                painter.setFont(theme().font("small", self._scale))
                painter.setPen(theme().colour("muted"))
                text = tr("Hold something up and press {key}, or drop photographs or a folder here.", key=self._slot)
                area = self.rect().adjusted(2, 0, -2, 0)
                painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap, text)
            for place in range(self._first, len(self.numbers)):
                cell = self.cell(place)
                if cell.left() >= self.width():
                    break
                self._paint_cell(painter, cell, self.numbers[place])

    def _paint_cell(self, painter: QPainter, cell: QRectF, number: int) -> None:
        image = self._state.pictures.get(number, QImage())
        outline = QPainterPath()
        outline.addRoundedRect(cell, 4, 4)
        painter.fillPath(outline, theme().colour("track"))
        if not image.isNull():
            painter.save()
            painter.setClipPath(outline)
            painter.drawImage(cell, image, _filling(image, cell))
            painter.restore()
        if number in self._wrong:
            badge = QRectF(cell.right() - 17, cell.top() + 1, 16, 16)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().colour("ink"))
            painter.drawEllipse(badge)
            paint_icon(painter, badge.adjusted(1, 1, -1, -1), "warning-circle-fill", theme().colour("on_stage_danger"))
        ring = "accent" if number == self.selected else "text" if number == self._nearest else ""
        if ring:
            width = 3.0 if self.hasFocus() and number == self.selected else 2.0
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme().colour(ring), width))
            painter.drawRoundedRect(cell.adjusted(1, 1, -1, -1), 4, 4)

    # --- hands --------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self._at(event.position().x())
        self.select(number)
        self.chosen.emit(number)
        self.setFocus(Qt.FocusReason.MouseFocusReason)

    def wheelEvent(self, event: QWheelEvent) -> None:
        fits = max(1, self.width() // self._step)
        if len(self.numbers) <= fits:
            event.ignore()
            return
        way = -1 if event.angleDelta().y() > 0 else 1
        self._first = max(0, min(self._first + way, len(self.numbers) - fits))
        self.update()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            number = self._at(event.pos().x())
            wrong = self._wrong.get(number)
            name = self._state.names.get(wrong, "") if wrong else ""
            tip = tr("Left out, it was taken for {name}.", name=name) if name else ""
            QToolTip.showText(event.globalPos(), tip, self)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and self.numbers:
            place = self.numbers.index(self.selected) if self.selected else -1
            place += 1 if key == Qt.Key.Key_Right else -1
            number = self.numbers[max(0, min(place, len(self.numbers) - 1))]
            self.select(number)
            self.chosen.emit(number)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self.selected:
            self._remove(self.selected)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self.selected and self.numbers and event.reason() != Qt.FocusReason.MouseFocusReason:
            self.select(self.numbers[0])
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def _remove(self, number: int) -> None:
        place = self.numbers.index(number)
        rest = [other for other in self.numbers if other != number]
        self.selected = rest[min(place, len(rest) - 1)] if rest else 0
        self._state.remove(number)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        number = self._at(event.pos().x()) if event.reason() == QContextMenuEvent.Reason.Mouse else self.selected
        if number:
            self.select(number)
            self.menu_for(number).popup(event.globalPos())

    def menu_for(self, number: int) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for slot, name in self._state.lesson.classes:
            if slot != self._slot:
                title = tr("Move to {name}", name=name).replace("&", "&&")
                menu.addAction(title, partial(self._state.move, number, slot))
        if not menu.isEmpty():
            menu.addSeparator()
        menu.addAction(tr("Remove this example"), lambda: self._remove(number))
        return menu


def _filling(image: QImage, cell: QRectF) -> QRectF:
    """The middle of the picture, in the shape of the cell."""
    scale = min(image.width() / cell.width(), image.height() / cell.height())
    wide, high = cell.width() * scale, cell.height() * scale
    return QRectF((image.width() - wide) / 2, (image.height() - high) / 2, wide, high)
