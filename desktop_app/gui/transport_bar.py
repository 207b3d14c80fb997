"""Under the stage while a video file plays: to start, play, time, slider, duration, speed, loop."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QActionGroup, QFontMetrics, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QSlider, QStyle, QStyleOptionSlider, QWidget

from desktop_app.gui import texts
from desktop_app.gui.icons import icon
from desktop_app.gui.session import Session
from desktop_app.gui.theme import theme
from desktop_app.gui.widgets import IconButton, Label
from desktop_app.i18n import tr

SPEEDS = (0.25, 0.5, 1.0, 1.5, 2.0, 4.0)
HEIGHT = 44
_SLIDER = QStyle.ComplexControl.CC_Slider


class SeekSlider(QSlider):
    """A click on the groove goes there, as in every player, instead of a page on."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        knob = self.style().subControlRect(_SLIDER, option, QStyle.SubControl.SC_SliderHandle, self)
        if event.button() == Qt.MouseButton.LeftButton and not knob.contains(event.position().toPoint()):
            room = max(1, self.width() - knob.width())
            along = round(event.position().x() - knob.width() / 2)
            self.setValue(self.style().sliderValueFromPosition(self.minimum(), self.maximum(), along, room))
        super().mousePressEvent(event)


class TransportBar(QWidget):
    def __init__(self, session: Session) -> None:
        super().__init__()
        self._controller, self._preferences = session.controller, session.preferences
        self.speed = 1.0
        self.setFixedHeight(HEIGHT)
        self.to_start = IconButton("skip-back", size=20, colour="text")
        self.play = IconButton("play", size=20, colour="text")
        self.time, self.duration = Label("00:00", "strong"), Label("00:00", "body", "muted")
        self.time.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.slider = SeekSlider(Qt.Orientation.Horizontal)
        self.slider.setPageStep(30)
        self.speed_button = QPushButton()
        self.speed_button.setProperty("kind", "drop")
        self.speed_button.setIcon(icon("gauge", "muted", 16))
        self.speed_button.setIconSize(QSize(16, 16))
        self.speed_button.setMenu(self._speed_menu())
        self.loop = IconButton("repeat", size=20, colour="text")
        self.loop.setCheckable(True)
        self.loop.setChecked(session.preferences.values.loop)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 10, 0)
        row.setSpacing(8)
        parts = (self.to_start, self.play, self.time, self.slider, self.duration, self.speed_button, self.loop)
        for part in parts:
            row.addWidget(part, 1 if part is self.slider else 0)
        self.to_start.clicked.connect(lambda: self._controller.seek(0))
        self.play.clicked.connect(self._controller.toggle_pause)
        self.slider.valueChanged.connect(self._moved)
        self.loop.toggled.connect(lambda on: self._preferences.change(loop=on))
        self._preferences.changed.connect(lambda names: self._send() if "loop" in names else None)
        self._controller.views.append(self.show_position)
        self._controller.source_changed.connect(self.show_source)
        texts.follow_language(self, self._retext)
        self.hide()

    def _speed_menu(self) -> QMenu:
        menu = QMenu(self)
        group = QActionGroup(menu)
        for speed in SPEEDS:
            action = menu.addAction(_speed_text(speed))
            action.triggered.connect(lambda _=False, speed=speed: self.set_speed(speed))
            action.setCheckable(True)
            action.setChecked(speed == 1.0)
            group.addAction(action)
        return menu

    def _retext(self) -> None:
        self.to_start.set_text(tr("To the start"))
        self.play.set_text(tr("Play"))
        self.loop.set_text(tr("Start again at the end"))
        self.slider.setAccessibleName(tr("Place in the video"))
        self.speed_button.setAccessibleName(tr("Speed"))
        self.speed_button.setToolTip(tr("Speed"))
        self._show_speed()
        self.show_source()

    def _show_speed(self) -> None:
        self.speed_button.setText(_speed_text(self.speed))
        for action, speed in zip(self.speed_button.menu().actions(), SPEEDS, strict=True):
            action.setText(_speed_text(speed))
            action.setChecked(speed == self.speed)

    def set_speed(self, speed: float) -> None:
        self.speed = speed
        self._show_speed()
        self._send()

    def _send(self) -> None:
        self._controller.set_playback(self.speed, self._preferences.values.loop)

    def show_source(self) -> None:
        """Absent for everything that is no video file."""
        info = self._controller.info
        self.setVisible(self._controller.is_file and not self._hidden)
        if info is None or not self._controller.is_file:
            return
        paused = self._controller.phase in ("paused", "ended")
        self.play.setIcon(icon("play-fill" if paused else "pause-fill", "text", 20))
        self.play.set_text(tr("Play") if paused else tr("Pause"))
        self.slider.setEnabled(info.seekable and bool(info.frame_count))
        blocked = self.slider.blockSignals(True)
        self.slider.setMaximum(max(0, (info.frame_count or 1) - 1))
        self.slider.blockSignals(blocked)
        self.duration.setText(texts.clock(info.duration) if info.duration else "")
        width = QFontMetrics(self.time.font()).horizontalAdvance(texts.clock(max(3600.0, info.duration or 0))) + 2
        self.time.setMinimumWidth(width)
        self.show_position()

    _hidden = False

    def set_hidden(self, hidden: bool) -> None:
        """In full screen."""
        self._hidden = hidden
        self.show_source()

    def show_position(self) -> None:
        frame = self._controller.frame
        if frame is None or not self._controller.is_file or self.slider.isSliderDown():
            return
        blocked = self.slider.blockSignals(True)
        self.slider.setValue(frame.index)
        self.slider.blockSignals(blocked)
        self.time.setText(texts.clock(frame.media_time or 0.0))

    def _moved(self, frame_index: int) -> None:
        self._controller.seek(frame_index)
        info = self._controller.info
        if info is not None and info.fps:
            self.time.setText(texts.clock(frame_index / info.fps))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme().colour("window"))
            painter.fillRect(0, 0, self.width(), 1, theme().colour("line"))


def _speed_text(speed: float) -> str:
    decimals = 0 if speed == round(speed) else 1 if speed * 10 == round(speed * 10) else 2
    return f"{texts.number(speed, decimals)}{texts.TIMES}"
