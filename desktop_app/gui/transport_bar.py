"""Under the stage while a video file is open: the timeline, and below it everything that moves in it."""

from __future__ import annotations

import time
from collections import deque
from pathlib import Path

from PySide6.QtCore import QPoint, QSize, Qt, QTimer
from PySide6.QtGui import QActionGroup, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from desktop_app.core.media import file_of, time_of
from desktop_app.gui import texts
from desktop_app.gui.analysis_state import AnalysisState
from desktop_app.gui.icons import icon
from desktop_app.gui.session import Session
from desktop_app.gui.theme import theme
from desktop_app.gui.thumbnails import Thumbnails
from desktop_app.gui.timeline import Timeline, exact_clock
from desktop_app.gui.widgets import IconButton, Label
from desktop_app.i18n import tr

SPEEDS = (0.25, 0.5, 1.0, 1.5, 2.0, 4.0, 8.0)
HEIGHT = 44
_THUMBNAILS_AFTER_MS = 400
"""The first frames of a video go before its small pictures."""
_SLOW = 0.9
"""Below this share of the speed that was asked for the real one is told."""


class TransportBar(QWidget):
    def __init__(self, session: Session, analysis: AnalysisState, thumbnails: Thumbnails) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._controller, self._preferences = session.controller, session.preferences
        self._playback, self._analysis, self._thumbnails = session.controller.playback, analysis, thumbnails
        self._pace: deque[tuple[float, float]] = deque(maxlen=90)
        self._spec = ""
        self._reached: float | None = None
        self.slider = Timeline(self._playback, analysis, thumbnails)
        self.to_start = IconButton("skip-back", size=20, colour="text")
        self.back = IconButton("caret-left", size=20, colour="text")
        self.play = IconButton("play", size=20, colour="text")
        self.on = IconButton("caret-right", size=20, colour="text")
        self.time, self.duration = Label("00:00", "strong"), Label("", "body", "muted")
        self.range_first = IconButton("bracket-left", size=20, colour="text")
        self.range_last = IconButton("bracket-right", size=20, colour="text")
        self.range_none = IconButton("x", size=16, colour="text")
        self.find_button = IconButton("magnifying-glass", size=20, colour="text")
        self.strip = IconButton("film-strip", size=20, colour="text")
        self.loop = IconButton("repeat", size=20, colour="text")
        for check in (self.loop, self.strip):
            check.setCheckable(True)
        self.speed_button = QPushButton()
        self.speed_button.setProperty("kind", "drop")
        self.speed_button.setIcon(icon("gauge", "muted", 16))
        self.speed_button.setIconSize(QSize(16, 16))
        self.speed_button.setMenu(self._speed_menu())
        self._assemble()
        self._connect()
        texts.follow_language(self, self._retext)
        self._follow_settings(frozenset({"loop", "filmstrip", "palette"}))
        self.hide()

    def _assemble(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(8, 0, 10, 4)
        row.setSpacing(4)
        for part in (self.to_start, self.back, self.play, self.on):
            row.addWidget(part)
        row.addSpacing(8)
        row.addWidget(self.time)
        row.addWidget(self.duration)
        row.addStretch(1)
        for part in (self.range_first, self.range_last, self.range_none):
            row.addWidget(part)
        row.addSpacing(8)
        row.addWidget(self.speed_button)
        for part in (self.loop, self.strip, self.find_button):
            row.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 5, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.slider)
        column.addLayout(row)

    def _connect(self) -> None:
        controller, playback = self._controller, self._playback
        self.to_start.clicked.connect(lambda: controller.seek(playback.first or 0))
        self.back.clicked.connect(lambda: controller.step(-1))
        self.back.setAutoRepeat(True)
        self.on.clicked.connect(lambda: controller.step(1))
        self.on.setAutoRepeat(True)
        self.play.clicked.connect(controller.toggle_pause)
        self.range_first.clicked.connect(lambda: playback.set_first(self.slider.value()))
        self.range_last.clicked.connect(lambda: playback.set_last(self.slider.value()))
        self.range_none.clicked.connect(playback.forget_range)
        self.slider.valueChanged.connect(self._moved)
        self.slider.menu_wanted.connect(self._range_menu)
        self.loop.toggled.connect(lambda on: self._preferences.change(loop=on))
        self.strip.toggled.connect(lambda on: self._preferences.change(filmstrip=on))
        self._preferences.changed.connect(self._follow_settings)
        theme().changed.connect(self._fix_time)  # after the label, whose font follows the theme too
        playback.changed.connect(self._show_playback)
        controller.views.append(self.show_position)
        controller.source_changed.connect(self.show_source)

    def _follow_settings(self, names: frozenset[str]) -> None:
        values = self._preferences.values
        self.loop.setChecked(values.loop)
        self.strip.setChecked(values.filmstrip)
        if "filmstrip" in names:
            self.slider.set_strip(values.filmstrip)
        if "palette" in names:
            self.slider.set_palette(values.palette)

    def _speed_menu(self) -> QMenu:
        menu = QMenu(self)
        group = QActionGroup(menu)
        for speed in SPEEDS:
            action = menu.addAction(_speed_text(speed))
            action.triggered.connect(lambda _=False, speed=speed: self.set_speed(speed))
            action.setCheckable(True)
            action.setChecked(speed == 1.0)
            group.addAction(action)
        menu.addSeparator()
        self._every = menu.addAction("")
        self._every.setCheckable(True)
        self._every.triggered.connect(self._playback.set_every)
        return menu

    def _range_menu(self, place: QPoint, number: int) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(tr("The range begins here"), lambda: self._playback.set_first(number))
        menu.addAction(tr("The range ends here"), lambda: self._playback.set_last(number))
        menu.addAction(tr("The whole video"), self._playback.forget_range).setEnabled(self._playback.has_range)
        menu.popup(place)

    def _retext(self) -> None:
        for part, text in (
            (self.to_start, tr("To the start")),
            (self.back, tr("One frame back (,)")),
            (self.on, tr("One frame on (.)")),
            (self.play, tr("Play")),
            (self.range_first, tr("The range begins here ([)")),
            (self.range_last, tr("The range ends here (])")),
            (self.range_none, tr("The whole video")),
            (self.loop, tr("Start again at the end")),
            (self.strip, tr("Small pictures along the timeline")),
            (self.find_button, tr("Find in the video (Ctrl+F)")),
        ):
            part.set_text(text)
        self.slider.setAccessibleName(tr("Place in the video"))
        self.speed_button.setAccessibleName(tr("Speed"))
        self._every.setText(tr("Recognise every frame, even if that is slower"))
        self._show_speed()
        self.show_source()

    @property
    def speed(self) -> float:
        return self._playback.speed

    def set_speed(self, speed: float) -> None:
        self._pace.clear()
        self._playback.set_speed(speed)

    def _show_playback(self) -> None:
        self.range_none.setEnabled(self._playback.has_range)
        self._rest_thumbnails()
        self._show_speed()

    def _rest_thumbnails(self) -> None:
        self._thumbnails.rest(self._controller.phase == "playing" and self.speed > 1.0)

    def _show_speed(self, real: float | None = None) -> None:
        """`real`: where the machine does not reach what was asked for."""
        self._reached = real
        text = _speed_text(self.speed)
        reached = _speed_text(real) if real is not None else ""
        if reached:
            text = f"{text} ({reached})"
        if self.speed_button.text() != text:  # a new text lays out the whole bar
            self.speed_button.setText(text)
        self.speed_button.setToolTip(tr("The machine reaches {speed} only.", speed=reached) if reached else tr("Speed"))
        for action, speed in zip(self.speed_button.menu().actions(), SPEEDS, strict=False):
            action.setText(_speed_text(speed))
            action.setChecked(speed == self.speed)
        self._every.setChecked(self._playback.every)

    def show_source(self) -> None:
        """Absent for everything that is no video file."""
        info = self._controller.info
        shown = self._controller.is_file and not self._hidden
        self.setVisible(shown)
        if info is None or not self._controller.is_file:
            self._show_video("")
            return
        self._show_video(info.spec if info.seekable else "")
        self._rest_thumbnails()
        paused = self._controller.phase in ("paused", "ended")
        self.play.setIcon(icon("play-fill" if paused else "pause-fill", "text", 20))
        self.play.set_text(tr("Play") if paused else tr("Pause"))
        self.slider.set_video(info)
        self._pace.clear()
        for part in (self.to_start, self.back, self.on, self.range_first, self.range_last, self.find_button):
            part.setEnabled(self.slider.isEnabled())
        self.duration.setText(f"/ {texts.clock(info.duration)}" if info.duration else "")
        self._fix_time()
        self._show_playback()
        self.show_position()

    def _fix_time(self) -> None:
        """Room for the longest time: a label of fixed size may change with each picture, and lays out nothing anew."""
        info = self._controller.info
        widest = exact_clock(max(3600.0, (info.duration if info is not None else None) or 0))
        metrics = QFontMetrics(self.time.font())
        self.time.setFixedSize(metrics.horizontalAdvance(widest) + 2, max(self.play.height(), metrics.height()))

    def _show_video(self, spec: str) -> None:
        if spec != self._spec:
            self._spec = spec
            self._thumbnails.show_video("")
            if spec and Path(file_of(spec)).is_file():
                QTimer.singleShot(_THUMBNAILS_AFTER_MS, self, lambda: self._make_thumbnails(spec))

    def _make_thumbnails(self, spec: str) -> None:
        if spec == self._spec:
            self._thumbnails.show_video(spec)

    _hidden = False

    def set_hidden(self, hidden: bool) -> None:
        """In full screen."""
        self._hidden = hidden
        self.show_source()

    def show_position(self) -> None:
        frame = self._controller.frame
        if frame is None or not self._controller.is_file:
            return
        self._watch_pace(frame.media_time)
        if self.slider.isSliderDown():
            return
        blocked = self.slider.blockSignals(True)
        self.slider.setValue(frame.index)
        self.slider.blockSignals(blocked)
        self.time.setText(exact_clock(frame.media_time or 0.0))

    def _watch_pace(self, media_time: float | None) -> None:
        """How quickly the video really plays, over about two seconds."""
        if media_time is None or self._controller.phase != "playing":
            self._pace.clear()
            return
        now = time.perf_counter()
        if self._pace and not 0 < media_time - self._pace[-1][1] < 2.0 * max(1.0, self.speed):
            self._pace.clear()
        self._pace.append((now, media_time))
        while now - self._pace[0][0] > 2.5:
            self._pace.popleft()
        wall = now - self._pace[0][0]
        if wall > 1.5:
            real = (media_time - self._pace[0][1]) / wall
            reached = round(real, 1) if real < _SLOW * self.speed else None
            if reached != self._reached:
                self._show_speed(reached)

    def _moved(self, frame_index: int) -> None:
        self._controller.seek(frame_index)
        info = self._controller.info
        if info is not None:
            self.time.setText(exact_clock(time_of(info, frame_index)))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme().colour("window"))
            painter.fillRect(0, 0, self.width(), 1, theme().colour("line"))


def _speed_text(speed: float) -> str:
    decimals = 0 if speed == round(speed) else 1 if speed * 10 == round(speed * 10) else 2
    return f"{texts.number(speed, decimals)}{texts.TIMES}"
