"""The stage: the frame, what was recognised on it, zoom and pan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt, QTimer, QVariantAnimation, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QHideEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QRegion,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from desktop_app.core.marks import Marks
from desktop_app.core.picture import Picture
from desktop_app.core.results import Result
from desktop_app.gui import hud, texts
from desktop_app.gui.stage_tool import StageTool
from desktop_app.gui.theme import animation_ms, theme
from desktop_app.gui.viewport import Viewport
from desktop_app.i18n import tr, tr_class
from desktop_app.render.overlay import Names, OverlayOptions, box_at, paint_overlay
from desktop_app.render.qimage import image_of_picture

MARGIN = 12
HARD_PIXELS_FROM = 3.0
_STEP = 1.25
# Below this Qt's bilinear painting skips pixels; a cached, averaged copy is painted instead.
_AVERAGE_BELOW = 0.6
_HUD_STAYS_MS = 3000


class VideoView(QWidget):
    """Shows frames and results. Frames come as large as they are seen and are painted pixel by pixel; until the view
    has said a new size, and while it grows, the old picture is scaled."""

    hovered = Signal(str, int)
    """Model key and row of the box under the pointer; ("", -1) when there is none."""
    zoomed = Signal(str)
    """`zoom_text`, when it changed."""
    view_changed = Signal(int, int)
    """The room that the whole picture has, in pixels of the screen; 0 × 0 when it is not seen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumSize(320, 240)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._frame: Picture | None = None
        self._image = QImage()
        self._grey = QImage()
        self._averaged = QImage()
        self._heat, self._heat_at = QImage(), QRectF()
        self._results: tuple[Result, ...] = ()
        self._names: Names = {}
        self._options = OverlayOptions()
        self._state = hud.HudState()
        self._drop_hint: str | None = None
        self._viewport = Viewport(MARGIN)
        self._picture_rect: QRectF | None = None
        self._chips: tuple[object, list[tuple[hud.Chip, QRectF]]] | None = None
        self._seen = False
        self._view: tuple[int, int] | None = None
        self._pan_from: QPointF | None = None
        self._pointer: QPointF | None = None
        self._tools: list[StageTool] = []
        self._in_grey = False
        self._immersive = False
        self._ring = False
        self._hud_opacity = 1.0
        self._hud_clock = QTimer(self, interval=_HUD_STAYS_MS, singleShot=True)
        self._hud_clock.timeout.connect(self._fade_hud)
        self._hud_fade = QVariantAnimation(self, startValue=1.0, endValue=0.0)
        self._hud_fade.valueChanged.connect(self._set_hud_opacity)
        theme().changed.connect(self._restyle)
        texts.follow_language(self, self._retranslate)

    def _retranslate(self) -> None:
        self.setAccessibleName(tr("Picture"))
        self.setAccessibleDescription(tr("Plus and minus zoom, 0 fits, the arrow keys move a zoomed picture."))
        self._restyle()

    def _restyle(self) -> None:
        self._chips = None
        self.update()

    # What is shown

    def set_frame(self, frame: Picture | None) -> None:
        """`None` empties the stage. The same frame again costs nothing."""
        if frame is self._frame:
            return
        # The image lies in the pixels of the picture: it goes first.
        self._image = QImage() if frame is None else image_of_picture(frame)
        self._frame = frame
        self._grey = QImage()
        self._averaged = QImage()
        if self.frame_size != self._viewport.frame:
            self._viewport.frame = self.frame_size
            self.fit()
        self._follow_pointer()
        self._update_picture()

    def set_results(self, results: Sequence[Result], names: Names) -> None:
        """What to draw over the frame; `names`: class names by model key."""
        self._results, self._names = tuple(results), names
        self._follow_pointer()
        self._update_picture()

    def set_heat(self, heat: QImage, region: QRectF) -> None:
        """What counts for an answer, laid over `region` of the frame (in its pixels); a null image takes it away."""
        self._heat, self._heat_at = heat, region
        self._update_picture()

    def set_options(self, options: OverlayOptions) -> None:
        """The hovered box stays what `set_hovered` or the pointer said."""
        self._options = replace(options, hovered=self._options.hovered, marks=self._options.marks)
        self.update()

    def set_state(self, state: hud.HudState) -> None:
        if state == self._state:
            return
        chips = self._chips_region()
        if (state.phase == "lost") != (self._state.phase == "lost"):
            self.update()  # grey, or in colour again
        self._state = state
        if state.phase == "lost" or state.changed:
            self._wake_hud()  # warnings stay
        # Labels make room for chips: where they move, labels may too.
        if self._chips_region() != chips:
            self._update_picture()
        self.update(chips + self._chips_region())

    def set_marks(self, marks: Marks | None) -> None:
        """What is drawn beside the results, of the frame that was set last."""
        if marks != self._options.marks:
            self._options = replace(self._options, marks=marks)
            self._update_picture()

    def set_hovered(self, model_key: str, row: int) -> None:
        """Lets a box glow, from a table say; row -1 lets none."""
        hovered = (model_key, row) if row >= 0 else None
        if hovered != self._options.hovered:
            self._options = replace(self._options, hovered=hovered)
            self._update_picture()

    def add_tool(self, tool: StageTool) -> None:
        """Hears pointer and keys before all that was there, and paints over everything."""
        self._tools.insert(0, tool)
        self.show_cursor()
        self.update()

    def remove_tool(self, tool: StageTool) -> None:
        self._tools.remove(tool)
        self.show_cursor()
        self.update()

    def set_in_grey(self, in_grey: bool) -> None:
        """The picture without its colours."""
        if in_grey != self._in_grey:
            self._in_grey = in_grey
            self._update_picture()

    def set_drop_hint(self, text: str | None) -> None:
        """While something is dragged over the window: what will happen when it is dropped."""
        self._drop_hint = text
        self.update()

    def set_immersive(self, immersive: bool) -> None:
        """Full screen: the picture takes the whole stage, the chips fade when the pointer rests."""
        self._immersive = immersive
        self._viewport.margin = 0 if immersive else MARGIN
        self._wake_hud()
        self._zoom_changed()

    @property
    def frame_size(self) -> tuple[int, int] | None:
        """Width and height of the frame."""
        return None if self._frame is None else (self._frame.width, self._frame.height)

    @property
    def frame(self) -> Picture | None:
        return self._frame

    # Zoom and pan

    @property
    def zoom(self) -> float:
        """Screen pixels a frame pixel."""
        return self._viewport.zoom

    @property
    def zoom_text(self) -> str:
        share = texts.percent(self.zoom, 0)
        return tr("Fit {share}", share=share) if self._viewport.fits else share

    def picture_rect(self) -> QRectF:
        """Where the whole frame lies, in pixels of the widget; beyond it when zoomed."""
        if self._picture_rect is None:
            self._picture_rect = self._viewport.picture()
        return self._picture_rect

    @property
    def viewport(self) -> Viewport:
        """Where the frame lies; to be changed through the view only."""
        return self._viewport

    @property
    def scale(self) -> float:
        """Of texts over the picture: larger for a projector."""
        return self._options.scale

    def show_place(self, zoom: float, column: float, row: float) -> None:
        """That place of the frame in the middle, `zoom` screen pixels a frame pixel."""
        self._viewport.show(zoom, column, row)
        self._zoom_changed()

    def pan(self, by: QPointF) -> None:
        """Moves a zoomed picture by so many pixels of the widget."""
        self._viewport.pan(by)
        self._picture_rect = None
        self.update()

    def fit(self) -> None:
        self._viewport.fit()
        self._pan_from = None
        self._zoom_changed()

    def zoom_by(self, factor: float, about: QPointF | None = None) -> None:
        """The point of the frame under `about` (middle of the stage where `None`) stays where it is."""
        self._viewport.zoom_by(factor, self._viewport.middle() if about is None else about)
        self._zoom_changed()

    def _zoom_changed(self) -> None:
        self._picture_rect = None
        self.show_cursor()
        self.zoomed.emit(self.zoom_text)
        self._tell_view()
        self.update()

    def show_cursor(self) -> None:
        """The tool's, or a hand where there is something to move."""
        shape = next((shape for tool in self._tools if (shape := tool.cursor()) is not None), None)
        if self._pan_from is not None:
            shape = Qt.CursorShape.ClosedHandCursor
        elif shape is None and not self._viewport.fits:
            shape = Qt.CursorShape.OpenHandCursor
        if shape is None:
            self.unsetCursor()
        else:
            self.setCursor(shape)

    def tell_view_again(self) -> None:
        """Where somebody else said another size meanwhile."""
        self._view = None
        self._tell_view()

    def _tell_view(self) -> None:
        """Says how many pixels of the screen the whole picture takes; beyond its edges too when zoomed in."""
        view = (0, 0)
        if self._seen:
            room, ratio = self._viewport.room(), self.devicePixelRatioF()
            self._viewport.ratio = ratio
            self._picture_rect = None
            view = (max(1, round(room.width() * ratio)), max(1, round(room.height() * ratio)))
            if self._viewport.frame is not None and not self._viewport.fits:
                view = (min(view[0], self._viewport.frame[0]), min(view[1], self._viewport.frame[1]))
        if view != self._view:
            self._view = view
            self.view_changed.emit(*view)

    # Pointer and keys

    def _follow_pointer(self) -> None:
        """The box under a resting pointer changes when the results do."""
        if self._pointer is None or self._pan_from is not None:
            return
        size = self.frame_size
        hit = None
        if size is not None and self._options.visible and self._state.phase != "lost":
            hit = box_at(self._pointer, self.picture_rect(), size, self._results)
        if hit != self._options.hovered:
            self.set_hovered(*(hit or ("", -1)))
            self.hovered.emit(*(hit or ("", -1)))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer = event.position()
        self._wake_hud()
        if self._pan_from is not None:
            self.pan(event.position() - self._pan_from)
            self._pan_from = event.position()
        elif any(tool.move(event) for tool in self._tools):
            self._let_go()  # what is under the tool is the tool's
        else:
            self._follow_pointer()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if any(tool.press(event) for tool in self._tools):
            return
        if event.button() == Qt.MouseButton.LeftButton and not self._viewport.fits:
            self._pan_from = event.position()
            self.show_cursor()
        else:
            super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pan_from is not None:
            self._pan_from = None
            self.show_cursor()
        elif not any(tool.release(event) for tool in self._tools):
            super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if not any(tool.double_click(event) for tool in self._tools):
            self.fit()

    def leaveEvent(self, event: QEvent) -> None:
        for tool in self._tools:
            tool.leave()
        self._let_go()

    def _let_go(self) -> None:
        """No box is under the pointer until it moves again."""
        self._pointer = None
        if self._options.hovered is not None:
            self.set_hovered("", -1)
            self.hovered.emit("", -1)

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / 120
        if notches:
            self.zoom_by(_STEP**notches, event.position())
            event.accept()

    def showEvent(self, event: QShowEvent) -> None:
        """Also when the window comes back from the task bar."""
        self._seen = True
        self._tell_view()

    def hideEvent(self, event: QHideEvent) -> None:
        self._seen = False
        self._tell_view()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._tell_view()
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and self._tool_wants(event):
            event.accept()
            return True
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.zoom_by(1 + event.value(), event.position())
            return True
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            at = QPointF(event.pos())
            tip = next((chip.tip for chip, place in self._hud_places() if place.contains(at)), "")
            QToolTip.showText(event.globalPos(), tip, self)
            return True
        return super().event(event)

    def _tool_wants(self, event: QKeyEvent) -> bool:
        return any(tool.wants_key(event) for tool in self._tools)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """No ring round the picture when the window handed the focus on by itself: nobody asked where it is."""
        if event.reason() not in (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason):
            self._ring = event.reason() != Qt.FocusReason.OtherFocusReason
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        arrows = {
            Qt.Key.Key_Left: QPointF(1, 0),
            Qt.Key.Key_Right: QPointF(-1, 0),
            Qt.Key.Key_Up: QPointF(0, 1),
            Qt.Key.Key_Down: QPointF(0, -1),
        }
        key = event.key()
        if any(tool.key(event) for tool in self._tools):
            return
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_by(_STEP)
        elif key in (Qt.Key.Key_Minus, Qt.Key.Key_Underscore):
            self.zoom_by(1 / _STEP)
        elif key == Qt.Key.Key_0:
            self.fit()
        elif not self._viewport.fits and key in arrows:
            self.pan(arrows[Qt.Key(key)] * min(self.width(), self.height()) / 10)
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._viewport.size = QSizeF(event.size())
        self._viewport.keep_in_sight()
        self._zoom_changed()

    # HUD

    def _wake_hud(self) -> None:
        self._hud_fade.stop()
        self._set_hud_opacity(1.0)
        if self._immersive and self._state.phase != "lost" and not self._state.changed:
            self._hud_clock.start()
        else:
            self._hud_clock.stop()

    def _fade_hud(self) -> None:
        self._hud_fade.setDuration(animation_ms())
        self._hud_fade.start()

    def _set_hud_opacity(self, opacity: float) -> None:
        if opacity != self._hud_opacity:
            self._hud_opacity = opacity
            self.update()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            self._paint_bare(painter, event.region())
            chips = self._hud_places()
            if self._frame is not None:
                self._paint_picture(painter)
                for tool in reversed(self._tools):
                    tool.paint_under(painter, self.picture_rect(), QRectF(self.rect()))
                if self._state.phase != "lost":
                    self._paint_heat(painter)
                    self._paint_overlay(painter, [place for _, place in chips])
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setOpacity(self._hud_opacity)
            changed = event.region()
            seen = [(chip, place) for chip, place in chips if changed.intersects(place.toAlignedRect())]
            hud.paint(painter, seen, self._options.scale)
            painter.setOpacity(1.0)
            if self._frame is not None:
                for tool in reversed(self._tools):
                    tool.paint(painter, self.picture_rect(), QRectF(self.rect()))
            if self._drop_hint is not None:
                paint_drop_hint(painter, QRectF(self.rect()), self._drop_hint)
            if self._ring and self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(theme().colour("on_stage_accent"), 2))
                painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    def _hud_places(self) -> list[tuple[hud.Chip, QRectF]]:
        if self._hud_opacity == 0:
            return []
        scale, viewport = self._options.scale, self._viewport
        key = self._state, self.frame_size, viewport.zoom, viewport.fits, self.width(), self.height(), scale
        if self._chips is None or self._chips[0] != key:
            left = hud.left_chips(self._state)
            right = hud.right_chips(self._state, self.frame_size, self.zoom_text)
            self._chips = key, hud.lay_out(left, right, QRectF(self.rect()), scale)
        return self._chips[1]

    def _paint_overlay(self, painter: QPainter, occupied: Sequence[QRectF]) -> None:
        size = self.frame_size
        if size is not None:
            paint_overlay(
                painter,
                self.picture_rect(),
                size,
                self._results,
                self._names,
                self._options,
                occupied,
                tr_class,
                visible=QRectF(self.rect()),
            )

    def _update_picture(self) -> None:
        self.update(self.picture_rect().toAlignedRect())

    def _chips_region(self) -> QRegion:
        region = QRegion()
        for _, place in self._hud_places():
            region += place.toAlignedRect().adjusted(-1, -1, 1, 1)
        return region

    def _paint_bare(self, painter: QPainter, region: QRegion) -> None:
        """The stage around the picture, which hides the rest of it unless it is dimmed."""
        if self._frame is not None and self._state.phase != "lost":
            region = region - QRegion(self.picture_rect().toAlignedRect().adjusted(2, 2, -2, -2))
        if not region.isEmpty():
            painter.setClipRegion(region)
            painter.fillRect(region.boundingRect(), theme().colour("stage"))
            painter.setClipping(False)

    def _paint_picture(self, painter: QPainter) -> None:
        picture, ratio = self.picture_rect(), self.devicePixelRatioF()
        image = self._image
        lost = self._state.phase == "lost"
        if lost or self._in_grey:
            if self._grey.isNull():
                self._grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
            image = self._grey
            painter.setOpacity(0.5 if lost else 1.0)
        pixels = picture.size() * ratio
        if max(abs(pixels.width() - image.width()), abs(pixels.height() - image.height())) < 1:
            corner = QPointF(round(picture.x() * ratio) / ratio, round(picture.y() * ratio) / ratio)
            image.setDevicePixelRatio(ratio)
            painter.drawImage(corner, image)
            image.setDevicePixelRatio(1.0)
            painter.setOpacity(1.0)
            return
        if pixels.width() < _AVERAGE_BELOW * image.width():
            image = self._average(image, pixels)
        smooth = self.zoom <= HARD_PIXELS_FROM
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        # Only the part that is seen: a picture at 32× is larger than any screen.
        seen = picture.intersected(QRectF(self.rect()))
        wide, high = image.width() / picture.width(), image.height() / picture.height()
        source = QRectF(
            (seen.x() - picture.x()) * wide, (seen.y() - picture.y()) * high, seen.width() * wide, seen.height() * high
        )
        painter.drawImage(seen, image, source)
        painter.setOpacity(1.0)

    def _paint_heat(self, painter: QPainter) -> None:
        if self._heat.isNull() or self._frame is None:
            return
        picture, at = self.picture_rect(), self._heat_at
        scale = picture.width() / self._frame.width
        where = QRectF(
            picture.x() + at.x() * scale, picture.y() + at.y() * scale, at.width() * scale, at.height() * scale
        )
        painter.save()
        painter.setClipRect(picture)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(where, self._heat)
        painter.restore()

    def _average(self, image: QImage, pixels: QSizeF) -> QImage:
        size = pixels.toSize().expandedTo(QSize(1, 1))
        if self._averaged.size() != size or self._averaged.format() != image.format():
            self._averaged = image.scaled(
                size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
            )
        return self._averaged


def paint_drop_hint(painter: QPainter, area: QRectF, text: str, frame: str = "on_stage_accent") -> None:
    """The look of a stage that something is dragged over. `frame`: colour token."""
    veil = theme().colour("soft", 0.4)
    painter.fillRect(area, veil)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme().colour(frame), 2))
    painter.drawRoundedRect(area.adjusted(20, 20, -20, -20), 10, 10)
    font = theme().font("section")
    painter.setFont(font)
    wrap = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
    words = painter.boundingRect(area.adjusted(60, 40, -60, -40), wrap, text)
    plate = words.adjusted(-20, -12, 20, 12)
    ink = theme().colour("ink", 0.95)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    painter.drawRoundedRect(plate, 8, 8)
    painter.setPen(theme().colour("on_stage"))
    painter.drawText(words, wrap, text)
