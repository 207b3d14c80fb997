"""What the taught layer says of the live picture: a bar a class, and the example that is most like it."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy

from desktop_app.core.teaching import NONE
from desktop_app.gui import texts
from desktop_app.gui.painted import Painted
from desktop_app.gui.teach_state import TeachState
from desktop_app.gui.theme import theme
from desktop_app.gui.widgets import paint_bar
from desktop_app.i18n import tr, tr_class
from desktop_app.render.palette import PaletteName, chart_colour


def slot_colour(slot: int, palette: PaletteName) -> QColor:
    """Of a class that is taught; slot 0 is "none of these"."""
    if slot == 0:
        return theme().colour("muted")
    return chart_colour(slot - 1, palette, light=not theme().is_dark)


class AnswerBars(Painted):
    """Painted, since it changes with each frame."""

    class_chosen = Signal(int)
    """Its place in the layer; −1 for the class that is said."""

    def __init__(self, state: TeachState) -> None:
        super().__init__()
        self._state = state
        self.chosen = -1
        self.has_picture = False
        """There is something to take examples from."""
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        state.answered.connect(self._answered)
        state.learnt_changed.connect(self._resized)
        state.lesson_changed.connect(self.update)
        theme().changed.connect(self._resized)
        texts.follow_language(self, self.update)

    def choose(self, place: int) -> None:
        self.chosen = -1 if place == self.chosen else place
        self.class_chosen.emit(self.chosen)
        self.update()

    def _resized(self) -> None:
        if self.chosen >= len(self._state.learnt.slots):
            self.chosen = -1
        self.updateGeometry()
        self.update()

    def _answered(self) -> None:
        live, labels = self._state.live, self._state.labels()
        if live is not None and len(live.probabilities) == len(labels):
            spoken = zip(labels, live.probabilities, strict=True)
            listed = ", ".join(f"{tr_class(label)} {texts.percent(float(share))}" for label, share in spoken)
            self.setAccessibleName(tr("Taught classes: {list}", list=listed))
        self.update()

    def _row(self) -> int:
        return QFontMetrics(theme().font("strong", self._scale)).height() + round(14 * self._scale)

    def sizeHint(self) -> QSize:
        rows = max(2, len(self._state.labels()))
        return QSize(280, rows * self._row() + 4)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        live, labels = self._state.live, self._state.labels()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self._state.learnt.layer is None:
                painter.setFont(theme().font("body", self._scale))
                painter.setPen(theme().colour("muted"))
                painter.drawText(
                    self.rect(),
                    Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap,
                    _what_to_do(self._state, self.has_picture),
                )
                return
            known = live is not None and len(live.logits) == len(labels)
            strong, body = theme().font("strong", self._scale), theme().font("body", self._scale)
            logit_width = QFontMetrics(body).horizontalAdvance("−00.00") + 4
            share_width = QFontMetrics(strong).horizontalAdvance(texts.percent(1.0)) + 8
            slots = [*self._state.learnt.slots, 0]
            said = int(live.logits.argmax()) if known and live is not None else -1
            for place, label in enumerate(labels):
                top = place * self._row()
                line = QFontMetrics(strong).height()
                row = QRect(0, top, self.width(), line)
                if place == self.chosen:
                    painter.fillRect(QRect(0, top - 2, self.width(), self._row()), theme().colour("soft"))
                painter.setFont(strong if place == said else body)
                painter.setPen(theme().colour("text"))
                room = self.width() - logit_width - share_width - 8
                name = painter.fontMetrics().elidedText(
                    tr_class(label) if label == NONE else label, Qt.TextElideMode.ElideRight, room
                )
                painter.drawText(row, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
                share = 0.0
                if known and live is not None:
                    share = float(live.probabilities[place])
                    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                    painter.drawText(row.adjusted(0, 0, -logit_width, 0), right, texts.percent(share))
                    painter.setFont(body)
                    painter.setPen(theme().colour("muted"))
                    painter.drawText(row, right, texts.number(float(live.logits[place]), 2))
                bar = QRectF(0, top + line + 2, self.width(), 7 * self._scale)
                paint_bar(painter, bar, share, slot_colour(slots[place], self._palette))
            if self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(theme().colour("accent"), 2))
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down choose the class whose sum is shown, Enter the one that is said."""
        count = len(self._state.learnt.slots)
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        if step and count:
            wanted = (self.chosen + step) % count if self.chosen >= 0 else 0
            if wanted != self.chosen:
                self.choose(wanted)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.chosen >= 0:
            self.choose(self.chosen)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = int(event.position().y()) // self._row()
        if place < len(self._state.learnt.slots):
            self.choose(place)


def _what_to_do(state: TeachState, has_picture: bool) -> str:
    """What is missing before there is an answer."""
    if not has_picture and not state.lesson.examples:
        return tr("Start a camera and hold something up, or drop photographs on the classes below.")
    empty = [slot for slot, _ in state.lesson.classes if not any(e.slot == slot for e in state.lesson.examples)]
    if len(state.learnt.slots) == 1 and state.lesson.examples:
        key = next((slot for slot in empty), state.learnt.slots[0] + 1)
        return tr("Now show something else and press {key}.", key=key)
    return tr("Hold something up and press 1, then something else and press 2.")


class NearestCard(Painted):
    """The example that is most like the live picture, with how far apart they are."""

    def __init__(self, state: TeachState) -> None:
        super().__init__()
        self._state = state
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        state.answered.connect(self._answered)
        state.lesson_changed.connect(self.update)
        theme().changed.connect(self.updateGeometry)
        texts.follow_language(self, self.update)

    def sizeHint(self) -> QSize:
        return QSize(round(168 * self._scale), round(150 * self._scale))

    def minimumSizeHint(self) -> QSize:
        return QSize(round(140 * self._scale), round(120 * self._scale))

    def _facts(self) -> tuple[QImage, str, str, int] | None:
        live = self._state.live
        if live is None or live.nearest < 0:
            return None
        slot = self._state.slot_of(live.nearest)
        if not slot:
            return None
        far = self._state.learnt.far
        distance = tr("distance {value}", value=texts.number(live.distance, 3))
        if far is not None:
            distance = tr(
                "distance {value}, none of these from {far}",
                value=texts.number(live.distance, 3),
                far=texts.number(far, 3),
            )
        return self._state.pictures.get(live.nearest, QImage()), self._state.names.get(slot, ""), distance, slot

    def _answered(self) -> None:
        facts = self._facts()
        self.setAccessibleName(
            "" if facts is None else tr("Most like this example: {name}, {distance}", name=facts[1], distance=facts[2])
        )
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        facts = self._facts()
        with QPainter(self) as painter:
            painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
            caption, strong = theme().font("caption", self._scale), theme().font("strong", self._scale)
            painter.setFont(caption)
            painter.setPen(theme().colour("muted"))
            line = painter.fontMetrics().height()
            wrap = Qt.TextFlag.TextWordWrap
            painter.drawText(QRect(0, 0, self.width(), line), Qt.AlignmentFlag.AlignLeft, tr("Most like this example"))
            if facts is None:
                return
            image, name, distance, slot = facts
            below = QFontMetrics(strong).height() + 2 * line + 8
            room = QRectF(0, line + 4, self.width(), max(20, self.height() - line - 4 - below))
            top = line + 8
            if not image.isNull():
                scale = min(room.width() / image.width(), room.height() / image.height())
                area = QRectF(0, room.top(), image.width() * scale, image.height() * scale)
                outline = QPainterPath()
                outline.addRoundedRect(area, 6, 6)
                painter.save()
                painter.setClipPath(outline)
                painter.drawImage(area, image)
                painter.restore()
                top = round(area.bottom()) + 4
            painter.fillRect(QRectF(0, top + 2, 4, QFontMetrics(strong).height() - 4), slot_colour(slot, self._palette))
            painter.setFont(strong)
            painter.setPen(theme().colour("text"))
            shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, self.width() - 10)
            painter.drawText(
                QRect(10, top, self.width() - 10, painter.fontMetrics().height()), Qt.AlignmentFlag.AlignLeft, shown
            )
            painter.setFont(caption)
            painter.setPen(theme().colour("muted"))
            text = QRect(0, top + QFontMetrics(strong).height() + 2, self.width(), 2 * line + 2)
            painter.drawText(text, Qt.AlignmentFlag.AlignLeft | wrap, distance)
