"""The place of a test picture: nothing yet, a wait, a picture, or what is wrong."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.gui.describe import source_caption
from desktop_app.gui.theme import theme
from desktop_app.gui.widgets import Label
from desktop_app.i18n import tr
from desktop_app.recogniser import messages as m
from desktop_app.render.qimage import to_qimage

_HEIGHT = 220


class TestPicture(QWidget):
    __test__ = False  # not one of pytest's

    def __init__(self) -> None:
        super().__init__()
        self._image: QImage | None = None
        self._title = Label("", "strong", wrap=True)
        self._text = Label("", "small", "muted", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(4)
        column.addStretch(1)
        for label in (self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(label)
        column.addStretch(1)
        self.setMinimumHeight(_HEIGHT)
        theme().changed.connect(self.update)
        self.clear()

    def clear(self) -> None:
        self._say(tr("No picture yet"), tr("“Test picture” shows whether the address is right."))

    def show_waiting(self) -> None:
        self._say(tr("Waiting for the first picture…"), "")

    def show_trouble(self, message: str, hint: str) -> None:
        self._say(message, hint)

    def show_picture(self, event: m.AddressTried) -> None:
        assert event.info is not None
        self._say("", "")
        self._image = to_qimage(np.frombuffer(event.bgr, np.uint8).reshape(*event.shape, 3))
        words = " · ".join(part for part in (source_caption(event.info), event.info.detail) if part)
        self.setAccessibleName(tr("Test picture: {what}", what=words))
        self._caption = words
        self.update()

    _caption = ""

    def _say(self, title: str, text: str) -> None:
        self._image, self._caption = None, ""
        self._title.setText(title)
        self._text.setText(text)
        self.setAccessibleName(" ".join(part for part in (title, text) if part))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.setPen(theme().colour("line"))
            painter.setBrush(theme().colour("stage" if self._image is not None else "panel"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
            if self._image is None:
                return
            painter.setFont(theme().font("small"))
            line = painter.fontMetrics().height() + 8
            room = self.rect().adjusted(8, 8, -8, -line)
            size = self._image.size().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
            target = QRectF(0, 0, size.width(), size.height())
            target.moveCenter(QRectF(room).center())
            painter.drawImage(target, self._image)
            painter.setPen(Qt.GlobalColor.white)
            below = self.rect().adjusted(8, self.height() - line, -8, -2)
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, self._caption)
