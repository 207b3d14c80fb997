"""The card over the stage when nothing comes from the source: cause, what to do, when it is tried again."""

from __future__ import annotations

import math
import time

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, QTimer, Signal
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from desktop_app.gui import texts
from desktop_app.gui.theme import theme
from desktop_app.gui.widgets import IconPlate, Label, button
from desktop_app.i18n import tr

_WIDTH = 420


class SignalCard(QWidget):
    """Stays in the middle of its parent, the stage. Hidden until `show_trouble`."""

    retry_requested = Signal()
    other_requested = Signal()

    def __init__(self, stage: QWidget) -> None:
        super().__init__(stage)
        self._message, self._hint = "", ""
        self._retry_at: float | None = None
        self._icon = IconPlate("video-camera-slash", "warning", 28)
        self._title = Label("", "section", wrap=True)
        self._text = Label("", "body", "muted", wrap=True)
        self._retry = button("", "primary", "arrow-clockwise")
        self._other = button()
        self._retry.clicked.connect(self.retry_requested)
        self._other.clicked.connect(self.other_requested)
        self._buttons = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._buttons.setSpacing(8)
        self._buttons.addWidget(self._retry)
        self._buttons.addWidget(self._other)
        self._buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(4)
        column.addWidget(self._icon)
        column.addSpacing(6)
        column.addWidget(self._title)
        column.addWidget(self._text)
        column.addSpacing(12)
        column.addLayout(self._buttons)
        self._clock = QTimer(self, interval=250)
        self._clock.timeout.connect(self._show_text)
        stage.installEventFilter(self)
        theme().changed.connect(self.update)
        self.hide()
        texts.follow_language(self, self._retranslate)

    def _retranslate(self) -> None:
        self._retry.setText(tr("Try now"))
        self._other.setText(tr("Choose another input"))
        self._show_text()

    def show_trouble(
        self, message: str, hint: str, retry_at: float | None = None, icon_name: str = "video-camera-slash"
    ) -> None:
        """`retry_at`: time of `time.perf_counter()` of the next try, `None` where none comes by itself."""
        self._message, self._hint, self._retry_at = message, hint, retry_at
        self._icon.set_icon(icon_name, "warning")
        self.setAccessibleName(message)
        self._show_text()
        self._place()
        self.show()
        self.raise_()

    def countdown(self) -> int | None:
        """Whole seconds to the next try, `None` where none comes by itself or its time is over."""
        if self._retry_at is None:
            return None
        left = self._retry_at - time.perf_counter()
        return math.ceil(left) if left > 0 else None

    def _show_text(self) -> None:
        parts = [self._hint]
        left = self.countdown()
        if left is not None:
            parts.append(tr("Regard tries again by itself in {time}.", time=texts.duration(left)))
        elif self._retry_at is not None:
            parts.append(tr("Regard is trying again now."))
        text = " ".join(part for part in parts if part)
        if (self._title.text(), self._text.text()) == (self._message, text):
            return
        self._title.setText(self._message)
        self._text.setText(text)
        self.setAccessibleDescription(text)
        self._place()

    def _place(self) -> None:
        stage = self.parentWidget()
        layout = self.layout()
        if stage is None or layout is None:
            return
        margins = layout.contentsMargins().left() + layout.contentsMargins().right()
        beside = self._retry.sizeHint().width() + 8 + self._other.sizeHint().width() + margins
        width = max(1, min(max(_WIDTH, beside), stage.width() - 32))
        # In a narrow stage the buttons stand one below the other.
        direction = QBoxLayout.Direction.LeftToRight if beside <= width else QBoxLayout.Direction.TopToBottom
        self._buttons.setDirection(direction)
        size = QSize(width, layout.heightForWidth(width))
        self.setGeometry((stage.width() - width) // 2, (stage.height() - size.height()) // 2, width, size.height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def showEvent(self, event: QShowEvent) -> None:
        self._clock.start()

    def hideEvent(self, event: QHideEvent) -> None:
        self._clock.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme().colour("line2"), 1))
            painter.setBrush(theme().colour("raised"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
