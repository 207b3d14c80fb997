"""How well it is taught: each example left out once, how many were told right, and what was taken for what."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip

from desktop_app.core.linear_layer import Ints
from desktop_app.gui import texts
from desktop_app.gui.painted import Painted
from desktop_app.gui.teach_answer import slot_colour
from desktop_app.gui.teach_state import TeachState
from desktop_app.gui.theme import theme
from desktop_app.i18n import tr

CELL = 26


class TeachCheck(Painted):
    """A sentence, and below it a table: a row what it is, a column what was said."""

    def __init__(self, state: TeachState) -> None:
        super().__init__()
        self._state = state
        self._slots: list[int] = []
        self._table: Ints = np.zeros((0, 0), np.int64)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        state.examined_changed.connect(self._refresh)
        state.learnt_changed.connect(self._refresh)
        theme().changed.connect(self.update)
        texts.follow_language(self, self._refresh)

    def sentence(self) -> str:
        found = self._state.examined
        if self._state.learnt.layer is None:
            return ""
        if found is None:
            return tr("Leaving each example out once…")
        if not len(found.examples):
            return tr("Two examples of a class are needed to try it.")
        right, count = int((found.truth == found.said).sum()), len(found.truth)
        return tr(
            "Left out one by one: {right} of {count} right ({share})",
            right=right,
            count=count,
            share=texts.percent(right / count, 0),
        )

    def title(self) -> str:
        """Short, for a tab."""
        found = self._state.examined
        if found is None or not len(found.examples) or self._state.learnt.layer is None:
            return tr("Left out one by one")
        right, count = int((found.truth == found.said).sum()), len(found.truth)
        return tr("Left out one by one: {right} of {count}", right=right, count=count)

    def _refresh(self) -> None:
        found = self._state.examined
        self._slots = [] if found is None else sorted({int(slot) for slot in (*found.truth, *found.said)})
        self._table = np.zeros((len(self._slots), len(self._slots)), np.int64)
        if found is not None and len(found.truth):
            rows = [self._slots.index(int(slot)) for slot in found.truth]
            columns = [self._slots.index(int(slot)) for slot in found.said]
            np.add.at(self._table, (rows, columns), 1)
        self.setAccessibleName(self.sentence())
        self.updateGeometry()
        self.update()

    def _cell(self) -> int:
        return round(CELL * self._scale)

    def sizeHint(self) -> QSize:
        line = round(20 * self._scale)
        return QSize(round(216 * self._scale), 2 * line + 8 + (len(self._slots) + 1) * self._cell())

    def minimumSizeHint(self) -> QSize:
        return QSize(round(160 * self._scale), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(theme().font("small", self._scale))
            painter.setPen(theme().colour("text"))
            high = 2 * painter.fontMetrics().height() + 4
            wrap = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft
            painter.drawText(QRect(0, 0, self.width(), high), wrap, self.sentence())
            if len(self._slots) < 2:
                return
            for place, slot in enumerate(self._slots):
                for across in (True, False):
                    spot = self._spot(place + 1, 0, high) if across else self._spot(0, place + 1, high)
                    painter.setPen(Qt.PenStyle.NoPen)
                    painter.setBrush(slot_colour(slot, self._palette))
                    inner = spot.adjusted(5, 5, -5, -5)
                    painter.drawRoundedRect(inner, 4, 4)
                    painter.setPen(theme().colour("ink") if theme().is_dark else theme().colour("raised"))
                    painter.setFont(theme().font("caption", self._scale))
                    painter.drawText(inner, Qt.AlignmentFlag.AlignCenter, str(slot))
            painter.setFont(theme().font("small", self._scale))
            for row in range(len(self._slots)):
                for column in range(len(self._slots)):
                    count = int(self._table[row, column])
                    spot = self._spot(column + 1, row + 1, high).adjusted(1, 1, -1, -1)
                    tone = "soft" if row == column else "raised"
                    painter.fillRect(spot, theme().colour(tone))
                    if count:
                        painter.setPen(theme().colour("text" if row == column else "danger"))
                        painter.drawText(spot, Qt.AlignmentFlag.AlignCenter, str(count))

    def _spot(self, column: int, row: int, top: int) -> QRect:
        side = self._cell()
        return QRect(column * side, top + row * side, side, side)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            tip = tr(
                "The layer is learnt again without each example in turn and asked what that one is. "
                "A row is what it is, a column what was said."
            )
            QToolTip.showText(event.globalPos(), tip, self)
            return True
        return super().event(event)
