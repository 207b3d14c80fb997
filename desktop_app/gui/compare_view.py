"""A frame with the answers of one side. All views of a comparison look through one lens: zoom and place are shared."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from desktop_app.gui import texts
from desktop_app.gui.compare_painting import (
    answers_of,
    arranged,
    nothing_found,
    paint_answers,
    paint_frame,
    paint_side,
    spoken_answers,
)
from desktop_app.gui.compare_state import Shot
from desktop_app.gui.theme import theme
from desktop_app.gui.viewport import Viewport
from desktop_app.i18n import tr
from desktop_app.render.overlay import OverlayOptions

DIMMED = 0.5
_STEP = 1.25


class Lens(QObject):
    """Which part of the frame is seen, in every pane the same."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.viewport = Viewport(0)

    def take(self, size: QSizeF, frame: tuple[int, int] | None) -> None:
        """The room that a picture has in each pane, and the size of the frame."""
        viewport = self.viewport
        if size == viewport.size and frame == viewport.frame:
            return
        if frame != viewport.frame:
            viewport.frame = frame
            viewport.fit()
        viewport.size = size
        viewport.keep_in_sight()
        self.changed.emit()

    def zoom_by(self, factor: float, about: QPointF | None = None) -> None:
        """`about`: in the area of the picture, its middle where `None`."""
        self.viewport.zoom_by(factor, self.viewport.middle() if about is None else about)
        self.changed.emit()

    def fit(self) -> None:
        self.viewport.fit()
        self.changed.emit()

    def pan(self, by: QPointF) -> None:
        if not self.viewport.fits:
            self.viewport.pan(by)
            self.changed.emit()


@dataclass(slots=True)
class Look:
    """How a comparison is drawn. `rows`: of the list of answers that each pane has room for, 0 for none."""

    options: OverlayOptions = field(default_factory=OverlayOptions)
    scale: float = 1.0
    rows: int = 0
    only_differences: bool = False
    dimmed: bool = False
    """What is seen is not of now: no signal comes."""


class CompareView(QWidget):
    """Shows the side `place` of a shot."""

    def __init__(self, lens: Lens, look: Look) -> None:
        super().__init__()
        self._lens, self._look = lens, look
        self.shot: Shot | None = None
        self.place = 0
        self.names: tuple[str, ...] = ()
        self._pan_from: QPointF | None = None
        self._ring = False
        self.setMinimumSize(160, 90)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        lens.changed.connect(self._lens_changed)
        theme().changed.connect(self.update)
        texts.follow_language(self, self._retext)

    def _retext(self) -> None:
        self.setAccessibleDescription(
            tr("Plus and minus zoom all panes, 0 fits, the arrow keys move a zoomed picture.")
        )
        self.speak()
        self.update()

    def show_shot(self, shot: Shot | None, place: int, names: tuple[str, ...]) -> None:
        """`names`: the class names of the side."""
        self.shot, self.place, self.names = shot, place, names
        self.measure()
        self.update()

    def speak(self) -> None:
        """What a screen reader hears of it; not at each frame."""
        said = spoken_answers(self.shot, self.place, self.names) if self.shot is not None else ""
        self.setAccessibleName(f"{tr('Picture')}: {said}" if said else tr("Picture"))

    def rooms(self) -> tuple[QRectF, QRectF]:
        """Of the picture, and of the list of answers."""
        size = self.shot.size if self.shot is not None else (16, 9)
        return arranged(QRectF(self.rect()), size, self._look.rows, self._look.scale)

    def measure(self) -> None:
        if self.isVisible():
            frame = self.shot.size if self.shot is not None else None
            self._lens.take(self.rooms()[0].size(), frame)

    def picture(self) -> QRectF:
        """Where the whole frame lies, in pixels of the widget; beyond it when zoomed."""
        return self._lens.viewport.picture().translated(self.rooms()[0].topLeft())

    def _lens_changed(self) -> None:
        if not self._lens.viewport.fits:
            self.setCursor(Qt.CursorShape.OpenHandCursor)
        elif self._pan_from is None:
            self.unsetCursor()
        self.update()

    # --- pointer and keys ---------------------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / 120
        if notches:
            self._lens.zoom_by(_STEP**notches, event.position() - self.rooms()[0].topLeft())
            event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self._lens.viewport.fits:
            self._pan_from = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pan_from is not None:
            self._lens.pan(event.position() - self._pan_from)
            self._pan_from = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pan_from = None
        self._lens_changed()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._lens.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        arrows = {
            Qt.Key.Key_Left: QPointF(1, 0),
            Qt.Key.Key_Right: QPointF(-1, 0),
            Qt.Key.Key_Up: QPointF(0, 1),
            Qt.Key.Key_Down: QPointF(0, -1),
        }
        if event.key() in arrows and not self._lens.viewport.fits:
            self._lens.pan(arrows[Qt.Key(event.key())] * min(self.width(), self.height()) / 10)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """No ring where the focus came without being asked for, as on the stage."""
        if event.reason() not in (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason):
            self._ring = event.reason() != Qt.FocusReason.OtherFocusReason
        super().focusInEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.measure()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.measure()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.measure()

    # --- painting -----------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme().colour("stage"))
            if self.shot is not None:
                self.paint_shot(painter, self.shot)
            self.paint_ring(painter)

    def paint_shot(self, painter: QPainter, shot: Shot) -> None:
        room, list_room = self.rooms()
        picture = self.picture()
        clip = picture.intersected(room)
        look = self._look
        painter.setOpacity(DIMMED if look.dimmed else 1.0)
        paint_frame(painter, shot.image, picture, clip, self.devicePixelRatioF())
        paint_side(painter, shot, self.place, self.names, picture, clip, look.options, look.only_differences)
        if look.rows:
            answers = answers_of(shot, self.place, self.names, look.rows)
            nothing = nothing_found(shot.results[self.place])
            paint_answers(painter, list_room, answers, look.options, look.scale, nothing)
        if shot.troubles and shot.troubles[self.place]:
            self._paint_trouble(painter, clip, shot.troubles[self.place])

    def _paint_trouble(self, painter: QPainter, area: QRectF, text: str) -> None:
        plate = theme().colour("ink", 0.8)
        painter.fillRect(area, plate)
        painter.setFont(theme().font("body", self._look.scale))
        painter.setPen(theme().colour("on_stage_warning"))
        wrap = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(area.adjusted(16, 8, -16, -8), wrap, text)

    def paint_ring(self, painter: QPainter) -> None:
        painter.setOpacity(1.0)
        if self.hasFocus() and self._ring:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme().colour("on_stage_accent"), 2))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))
