"""Cards over the stage; that of a source from which nothing comes: cause, what to do, when it is tried again."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, QTimer, Signal
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop_app.gui import texts
from desktop_app.gui.privacy import open_privacy_settings
from desktop_app.gui.theme import theme
from desktop_app.gui.toasts import announce
from desktop_app.gui.widgets import IconPlate, Label, button
from desktop_app.i18n import tr

_WIDTH = 420


class StageCard(QWidget):
    """Stays in the middle of its parent, the stage: an icon, a strong line, a sentence, buttons. Hidden at first."""

    def __init__(self, stage: QWidget, icon_name: str, colour: str, buttons: Sequence[QPushButton]) -> None:
        super().__init__(stage)
        self._icon = IconPlate(icon_name, colour, 28)
        self._title = Label("", "section", wrap=True)
        self._text = Label("", "body", "muted", wrap=True)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._row.setSpacing(8)
        self._shown_buttons = list(buttons)
        for each in buttons:
            self._row.addWidget(each)
        self._row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(4)
        column.addWidget(self._icon)
        column.addSpacing(6)
        column.addWidget(self._title)
        column.addWidget(self._text)
        column.addSpacing(12)
        column.addLayout(self._row)
        stage.installEventFilter(self)
        theme().changed.connect(self.update)
        self.hide()

    def set_texts(self, title: str, text: str) -> None:
        if (self._title.text(), self._text.text()) == (title, text):
            return
        self._title.setText(title)
        self._text.setText(text)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        self._place()

    def appear(self) -> None:
        news = self.isHidden()
        self._place()
        self.show()
        self.raise_()
        if news:
            announce(self, f"{self._title.text()}. {self._text.text()}")

    def _place(self) -> None:
        stage = self.parentWidget()
        layout = self.layout()
        if stage is None or layout is None:
            return
        margins = layout.contentsMargins().left() + layout.contentsMargins().right()
        shown = [each.sizeHint().width() for each in self._shown_buttons if not each.isHidden()]
        beside = sum(shown) + 8 * (len(shown) - 1) + margins
        width = max(1, min(max(_WIDTH, beside), stage.width() - 32))
        # In a narrow stage the buttons stand one below the other.
        direction = QBoxLayout.Direction.LeftToRight if beside <= width else QBoxLayout.Direction.TopToBottom
        self._row.setDirection(direction)
        size = QSize(width, layout.heightForWidth(width))
        self.setGeometry((stage.width() - width) // 2, (stage.height() - size.height()) // 2, width, size.height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme().colour("line2"), 1))
            painter.setBrush(theme().colour("raised"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)


class SignalCard(StageCard):
    """Hidden until `show_trouble`."""

    retry_requested = Signal()
    other_requested = Signal()

    def __init__(self, stage: QWidget) -> None:
        self._message, self._hint = "", ""
        self._retry_at: float | None = None
        self._clock = QTimer(interval=250)  # before the widget is made: that hides it, which stops the clock
        self._clock.timeout.connect(self._show_text)
        self._retry = button("", "primary", "arrow-clockwise")
        self._other = button()
        self._privacy: QPushButton | None = None
        super().__init__(stage, "video-camera-slash", "warning", [self._retry, self._other])
        self._retry.clicked.connect(self.retry_requested)
        self._other.clicked.connect(self.other_requested)
        texts.follow_language(self, self._retranslate)

    def _retranslate(self) -> None:
        self._retry.setText(tr("Try now"))
        if self._privacy is not None:
            self._privacy.setText(tr("Privacy settings"))
        self._other.setText(tr("Choose another input"))
        self._show_text()

    def show_trouble(
        self,
        message: str,
        hint: str,
        retry_at: float | None = None,
        icon_name: str = "video-camera-slash",
        *,
        privacy: bool = False,
    ) -> None:
        """`retry_at`: time of `time.perf_counter()` of the next try, `None` where none comes by itself. `privacy`: with
        the way to the system's page where cameras are allowed."""
        self._message, self._hint, self._retry_at = message, hint, retry_at
        self._icon.set_icon(icon_name, "warning")
        self._show_privacy(privacy)
        self._show_text()
        self.appear()

    def _show_privacy(self, shown: bool) -> None:
        if self._privacy is None and shown:
            self._privacy = button(tr("Privacy settings"))
            self._privacy.clicked.connect(lambda: open_privacy_settings())  # noqa: PLW0108  (without "checked")
            self._row.insertWidget(1, self._privacy)
            self._shown_buttons.insert(1, self._privacy)
        if self._privacy is not None:
            self._privacy.setVisible(shown)

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
        self.set_texts(self._message, " ".join(part for part in parts if part))

    def showEvent(self, event: QShowEvent) -> None:
        self._clock.start()

    def hideEvent(self, event: QHideEvent) -> None:
        self._clock.stop()
