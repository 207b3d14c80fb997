"""One map large: its numbers, and what of the picture it answered to most in the last minute."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from desktop_app.core.explain import Map
from desktop_app.gui import texts
from desktop_app.gui.explain_state import ExplainState
from desktop_app.gui.ladder_view import HARD_UP_TO, station_title
from desktop_app.gui.widgets import IconButton, Label, button
from desktop_app.i18n import tr
from desktop_app.recogniser import messages as m
from desktop_app.render.heat import map_image

SIDE = 140


class MapPicture(QWidget):
    """The whole map; the pointer reads its numbers."""

    def __init__(self) -> None:
        super().__init__()
        self._values: NDArray[np.float32] | None = None
        self._image = QImage()
        self.setFixedSize(SIDE, SIDE)
        self.setMouseTracking(True)

    def show_values(self, values: NDArray[np.float32]) -> None:
        self._values, self._image = values, map_image(values)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._values is None:
            return
        with QPainter(self) as painter:
            smooth = max(self._values.shape) > HARD_UP_TO
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
            painter.drawImage(self._area(), self._image)

    def _area(self) -> QRectF:
        height, width = self._values.shape if self._values is not None else (1, 1)
        scale = SIDE / max(height, width)
        return QRectF((SIDE - width * scale) / 2, (SIDE - height * scale) / 2, width * scale, height * scale)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        area, point = self._area(), event.position()
        if self._values is None or not area.contains(point):
            return
        height, width = self._values.shape
        row = min(height - 1, int((point.y() - area.y()) / area.height() * height))
        column = min(width - 1, int((point.x() - area.x()) / area.width() * width))
        value = texts.number(float(self._values[row, column]), 3)
        where = tr("row {row}, column {column}: {value}", row=row, column=column, value=value)
        QToolTip.showText(event.globalPosition().toPoint(), where, self)


class Strip(QWidget):
    """The places of the picture that a map answered to most, the strongest first."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: list[tuple[float, QImage]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_seen(self, seen: list[tuple[float, float, NDArray[np.uint8]]]) -> None:
        self._seen = []
        for _, value, patch in seen:
            height, width = patch.shape[:2]
            image = QImage(patch.tobytes(), width, height, 3 * width, QImage.Format.Format_BGR888).copy()
            self._seen.append((value, image))
        self.setToolTip(", ".join(texts.number(value, 2) for value, _ in self._seen))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, 38)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            for place, (_, image) in enumerate(self._seen):
                if (place + 1) * 40 - 4 <= self.width():
                    painter.drawImage(QRectF(place * 40, 0, 36, 36), image)


class MapCard(QWidget):
    on_picture = Signal(bool)
    closed = Signal()

    def __init__(self, state: ExplainState) -> None:
        super().__init__()
        self._state = state
        self.picture, self.strip = MapPicture(), Strip()
        self.title, self.cells = Label("", "strong"), Label("", "small", "muted", wrap=True)
        self.numbers, self.strongest = Label("", "small", wrap=True), Label("", "caption", "muted", wrap=True)
        self.over = button("", "", "tree-structure")
        self.over.setCheckable(True)
        self.over.toggled.connect(self.on_picture)
        self.close_ = IconButton("x")
        self.close_.clicked.connect(self.closed)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.close_)
        side = QVBoxLayout()
        side.setSpacing(4)
        side.addLayout(head)
        for part in (self.cells, self.numbers):
            side.addWidget(part)
        side.addStretch()
        side.addWidget(self.over, 0, Qt.AlignmentFlag.AlignLeft)
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(side, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 4, 0, 4)
        whole.addLayout(top)
        whole.addWidget(self.strongest)
        whole.addWidget(self.strip)
        texts.follow_language(self, self._retext)
        self.hide()

    def _retext(self) -> None:
        self.over.setText(tr("Show on picture"))
        self.close_.set_text(tr("Close"))
        self.strongest.setText(tr("What it answered to most in the last minute"))
        self.picture.setAccessibleName(tr("The chosen map"))

    def show_map(self, seen: m.Explained | None, found: Map | None, over: bool) -> None:
        if seen is None or found is None:
            self.hide()
            return
        station = seen.stations[found.station]
        self.title.setText(tr("{layer}, map {n}", layer=station_title(seen.stations, found.station), n=found.channel))
        step = texts.number(station.stride, 0 if station.stride == round(station.stride) else 1)
        sees = (
            tr("each sees the whole input")
            if math.isinf(station.field)
            else tr("each sees {field} pixels", field=texts.size(round(station.field), round(station.field)))
        )
        size = texts.size(station.width, station.height)
        self.cells.setText(
            tr("{size} values, {step} pixels of the input apart; {sees}", size=size, step=step, sees=sees)
        )
        low, mean, high = (float(value) for value in (found.values.min(), found.values.mean(), found.values.max()))
        self.numbers.setText(
            tr(
                "min {low}   mean {mean}   max {high}",
                low=texts.number(low, 2),
                mean=texts.number(mean, 2),
                high=texts.number(high, 2),
            )
        )
        self.picture.show_values(found.values)
        self.strip.show_seen(self._state.strongest.get((found.station, found.channel), []))
        blocked = self.over.blockSignals(True)
        self.over.setChecked(over)
        self.over.blockSignals(blocked)
        self.show()
