"""Where in the video: small pictures along it, what was found, the range, the place; one under the pointer too.

The axis is time, the value the number of the frame.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget

from desktop_app.core.media import frame_at, time_of
from desktop_app.core.source import SourceInfo
from desktop_app.gui import texts
from desktop_app.gui.analysis_state import AnalysisState
from desktop_app.gui.playback_state import PlaybackState
from desktop_app.gui.theme import theme
from desktop_app.gui.thumbnails import Thumbnails
from desktop_app.i18n import tr
from desktop_app.render.palette import PaletteName, class_colour

STRIP_HEIGHT = 42
MARKS_HEIGHT = 8
TRACK_HEIGHT = 22
_EDGE = 10
_KNOB = 14


class HoverCard(QWidget):
    """The frame under the pointer with its time, above the timeline."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._image: QImage | None = None
        self._text = ""
        self.hide()

    def show_frame(self, image: QImage | None, text: str, bottom: QPoint) -> None:
        """`bottom`: the middle of its lower edge, in the parent's coordinates."""
        self._image, self._text = image, text
        self.setFont(theme().font("small"))
        size = image.size() if image is not None else QSize(0, 0)
        width = max(size.width(), self.fontMetrics().horizontalAdvance(text)) + 12
        height = (size.height() + 6 if image is not None else 0) + self.fontMetrics().height() + 10
        parent = self.parentWidget()
        assert parent is not None
        left = max(4, min(bottom.x() - width // 2, parent.width() - width - 4))
        self.setGeometry(left, bottom.y() - height, width, height)
        self.show()
        self.raise_()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme().colour("line2"), 1))
            painter.setBrush(theme().colour("raised"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
            if self._image is not None:
                painter.drawImage(QPoint((self.width() - self._image.width()) // 2, 6), self._image)
            painter.setPen(theme().colour("text"))
            foot = QRect(0, self.height() - self.fontMetrics().height() - 6, self.width(), self.fontMetrics().height())
            painter.drawText(foot, Qt.AlignmentFlag.AlignCenter, self._text)


class Timeline(QSlider):
    """A slider by keyboard and for screen readers; drawn and pointed at by time."""

    menu_wanted = Signal(QPoint, int)
    """Of the pointer (global), and the frame there."""

    def __init__(self, playback: PlaybackState, analysis: AnalysisState, thumbnails: Thumbnails) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._playback, self._analysis, self._thumbnails = playback, analysis, thumbnails
        self._info: SourceInfo | None = None
        self._palette: PaletteName = "default"
        self._hover: int | None = None
        self._card: HoverCard | None = None
        self._strip = True
        self._backdrop: QPixmap | None = None
        self._drawn_at = 0
        self.setMouseTracking(True)
        self.setPageStep(30)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_strip(True)
        playback.changed.connect(self._redraw)
        analysis.changed.connect(self._redraw)
        analysis.hits_changed.connect(self._redraw)
        theme().changed.connect(self._redraw)
        thumbnails.changed.connect(self._thumbnail_came)
        self.valueChanged.connect(lambda _: self._describe())

    def set_strip(self, on: bool) -> None:
        self._strip = on
        height = (STRIP_HEIGHT if on else 0) + MARKS_HEIGHT + TRACK_HEIGHT
        # The style sheet of the program gives sliders a height, which only another style sheet overrides.
        self.setStyleSheet(f"min-height: {height}px; max-height: {height}px;")
        self._redraw()

    def set_palette(self, palette: PaletteName) -> None:
        self._palette = palette
        self._redraw()

    def set_video(self, info: SourceInfo | None) -> None:
        """Without telling that the place has changed."""
        self._info = info
        self.setEnabled(info is not None and info.seekable and bool(info.frame_count))
        blocked = self.blockSignals(True)
        self.setMaximum(max(0, ((info.frame_count if info is not None else 0) or 1) - 1))
        self.blockSignals(blocked)
        self._redraw()

    def _describe(self) -> None:
        """What a screen reader says of the place."""
        if self._info is not None:
            self.setAccessibleDescription(place_text(self._info, self.value()))

    # --- time and place -------------------------------------------------------------------------------------------

    @property
    def _seconds(self) -> float:
        info = self._info
        return time_of(info, self.maximum()) if info is not None and self.maximum() else 1.0

    def x_of(self, number: int) -> float:
        if self._info is None:
            return float(_EDGE)
        share = time_of(self._info, number) / max(1e-9, self._seconds)
        return _EDGE + min(1.0, share) * (self.width() - 2 * _EDGE)

    def frame_at_x(self, x: float) -> int:
        if self._info is None:
            return 0
        share = min(1.0, max(0.0, (x - _EDGE) / max(1, self.width() - 2 * _EDGE)))
        # The frame whose place is nearest, not the one that is on the screen at that time.
        before = frame_at(self._info, share * self._seconds)
        after = min(before + 1, self.maximum())
        moment = share * self._seconds
        nearer = abs(time_of(self._info, after) - moment) < abs(time_of(self._info, before) - moment)
        return after if nearer else before

    # --- the pointer ------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self.frame_at_x(event.position().x())
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self.setValue(number)
        elif event.button() == Qt.MouseButton.RightButton and self.isEnabled():
            self.menu_wanted.emit(event.globalPosition().toPoint(), number)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        number = self.frame_at_x(event.position().x())
        if self.isSliderDown():
            self.setValue(number)
        self._show_hover(number)
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.setSliderDown(False)
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = None
        if self._card is not None:
            self._card.hide()
        self.update()

    def hideEvent(self, event: QHideEvent) -> None:
        if self._card is not None:
            self._card.hide()

    def _show_hover(self, number: int) -> None:
        if self._info is None or not self.isEnabled():
            return
        self._hover = number
        if self._card is None or self._card.parentWidget() is not self.window():
            self._card = HoverCard(self.window())
        image = self._thumbnails.exact(number) or self._thumbnails.nearest(number)
        top = self.mapTo(self.window(), QPoint(round(self.x_of(number)), -4))
        self._card.show_frame(image, place_text(self._info, number), top)
        self.update()

    def _thumbnail_came(self) -> None:
        if self._hover is not None and self._card is not None and self._card.isVisible():
            self._show_hover(self._hover)
        self._redraw()

    # --- painting ---------------------------------------------------------------------------------------------------

    def _redraw(self) -> None:
        """What does not move with the place is drawn once."""
        self._backdrop = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        top = STRIP_HEIGHT if self._strip else 0
        if self._backdrop is None:
            self._backdrop = self._draw_backdrop(top)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.drawPixmap(0, 0, self._backdrop)
            self._paint_played(painter, top + MARKS_HEIGHT + TRACK_HEIGHT // 2 - 2)
            if self._hover is not None:
                painter.fillRect(QRectF(self.x_of(self._hover) - 0.5, 0, 1, self.height()), theme().colour("muted"))
            self._paint_place(painter, top)

    def _draw_backdrop(self, top: int) -> QPixmap:
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(self.size() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        with QPainter(pixmap) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            if self._strip:
                self._paint_strip(painter, QRect(_EDGE, 0, self.width() - 2 * _EDGE, STRIP_HEIGHT - 4))
            self._paint_hits(painter, top, MARKS_HEIGHT)
            self._paint_track(painter, top + MARKS_HEIGHT + TRACK_HEIGHT // 2 - 2)
        return pixmap

    def _paint_strip(self, painter: QPainter, area: QRect) -> None:
        painter.fillRect(area, theme().colour("stage"))
        first = self._thumbnails.nearest(0)  # of the size of all
        if first is None:
            return
        wide = max(8, round(area.height() * first.width() / max(1, first.height())))
        count = max(1, round(area.width() / wide))
        for slot in range(count):
            left = area.left() + slot * area.width() // count
            right = area.left() + (slot + 1) * area.width() // count
            # One from elsewhere would tell a lie.
            a, middle, b = (self.frame_at_x(x) for x in (left - wide / 2, (left + right) / 2, right + wide / 2))
            image = self._thumbnails.nearest(middle, within=(a, b))
            if image is not None:
                painter.drawImage(QRect(left, area.top(), right - left - 1, area.height()), image)
        shade = theme().colour("window", 0.72)
        for left_of, right_of in self._outside(area):
            painter.fillRect(QRectF(left_of, area.top(), right_of - left_of, area.height()), shade)

    def _outside(self, area: QRect) -> list[tuple[float, float]]:
        """What of the width lies outside the range."""
        found = []
        if self._playback.first is not None:
            found.append((float(area.left()), self.x_of(self._playback.first)))
        if self._playback.last is not None:
            found.append((self.x_of(self._playback.last), float(area.right())))
        return found

    def _paint_hits(self, painter: QPainter, top: float, height: float) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        for hit in self._analysis.hits:
            left, right = self.x_of(hit.where.first), self.x_of(hit.where.last)
            painter.setBrush(class_colour(hit.class_id, self._palette))
            painter.drawRoundedRect(QRectF(left, top + 1, max(3.0, right - left), height - 2), 2, 2)

    def _paint_track(self, painter: QPainter, top: float) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().colour("track"))
        painter.drawRoundedRect(QRectF(_EDGE, top, self.width() - 2 * _EDGE, 4), 2, 2)
        if self._info is not None and self._analysis.analyses:
            # A thin line under what was analysed.
            painter.setBrush(theme().colour("success"))
            for first, last in self._analysis.analysed(self.maximum()):
                left, right = self.x_of(first), self.x_of(last)
                painter.drawRect(QRectF(left, top + 9, max(1.0, right - left), 2))
        for number, turn in ((self._playback.first, 1), (self._playback.last, -1)):
            if number is not None:
                self._paint_bracket(painter, self.x_of(number), turn)

    def _paint_played(self, painter: QPainter, top: float) -> None:
        begin, here = self.x_of(self._playback.first or 0), self.x_of(self.value())
        if here > begin:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().colour("accent" if self.isEnabled() else "faint"))
            painter.drawRoundedRect(QRectF(begin, top, here - begin, 4), 2, 2)

    def _paint_bracket(self, painter: QPainter, x: float, turn: int) -> None:
        painter.setBrush(theme().colour("accent"))
        painter.drawRect(QRectF(x - 1, 0, 2, self.height()))
        for y in (0.0, self.height() - 3.0):
            painter.drawRect(QRectF(x if turn > 0 else x - 6, y, 6, 3))

    def _paint_place(self, painter: QPainter, top: float) -> None:
        x, y = self.x_of(self.value()), top + MARKS_HEIGHT + TRACK_HEIGHT / 2
        if self._strip:
            painter.fillRect(QRectF(x - 1, 0, 2, y), theme().colour("text"))
        if not self.isEnabled():
            return
        painter.setBrush(theme().colour("accent"))
        painter.setPen(QPen(theme().colour("window"), 2))
        painter.drawEllipse(QRectF(x - _KNOB / 2, y - _KNOB / 2, _KNOB, _KNOB))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme().colour("accent"), 2))
            painter.drawEllipse(QRectF(x - _KNOB / 2 - 3, y - _KNOB / 2 - 3, _KNOB + 6, _KNOB + 6))

    def sliderChange(self, change: QSlider.SliderChange) -> None:
        """Only what the place has left and where it is now is painted anew: it moves with every picture."""
        if change != QSlider.SliderChange.SliderValueChange:
            super().sliderChange(change)
            return
        here = round(self.x_of(self.value()))
        first, last = sorted((self._drawn_at, here))
        self.update(first - _KNOB, 0, last - first + 2 * _KNOB, self.height())
        self._drawn_at = here

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._redraw()


def place_text(info: SourceInfo, number: int) -> str:
    """ "00:12.36 · frame 371"."""
    return tr("{time} · frame {n}", time=exact_clock(time_of(info, number)), n=number)


def exact_clock(seconds: float) -> str:
    """ "00:12.36", with the decimal mark of the locale."""
    rest = texts.number(seconds % 1, 2)[1:] if seconds % 1 < 0.995 else texts.number(0.99, 2)[1:]
    return f"{texts.clock(seconds)}{rest}"
