"""One map large: its numbers, and what of the picture it answered to most in the last minute."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop_app.core.explain import Map, Place, Station
from desktop_app.gui import texts
from desktop_app.gui.explain_parts import save_array, value_texts
from desktop_app.gui.ladder_texts import station_title
from desktop_app.gui.map_picture import MapPicture
from desktop_app.gui.session import Session
from desktop_app.gui.widgets import IconButton, Label, button
from desktop_app.i18n import tr
from desktop_app.recogniser import messages as m
from desktop_app.render.heat import map_image

PATCH, GAP = 40, 4
"""Side of a small picture in the strip."""


class Strip(QWidget):
    """The places of the picture that a map answered to most, the strongest first."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: list[tuple[float, QImage]] = []
        self._scale = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_scale(self, scale: float) -> None:
        """For the projector."""
        self._scale = scale
        self.updateGeometry()

    def show_places(self, places: list[Place]) -> None:
        self._seen = []
        for place in places:
            height, width = place.patch.shape[:2]
            data = np.ascontiguousarray(place.patch).tobytes()
            image = QImage(data, width, height, 3 * width, QImage.Format.Format_BGR888).copy()
            self._seen.append((place.value, image))
        spoken = ", ".join(value_texts(*(value for value, _ in self._seen))) if self._seen else ""
        self.setToolTip(spoken)
        self.setAccessibleDescription(spoken)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, round((PATCH + 2) * self._scale))

    def minimumSizeHint(self) -> QSize:
        return QSize(100, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        side = round(PATCH * self._scale)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            for place, (_, image) in enumerate(self._seen):
                left = place * (side + GAP)
                if left + side <= self.width():
                    painter.drawImage(QRectF(left, 0, side, side), image)


class MapCard(QWidget):
    on_picture = Signal(bool)
    compares = Signal(bool)
    """The next map that is chosen is to be compared with this one; or no longer."""
    pointed = Signal(int, int)
    """Row and column of the cell under the pointer; (-1, -1) when it left."""
    closed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session, self._state = session, session.controller.explain
        self._found: Map | None = None
        self.picture, self.strip = MapPicture(), Strip()
        self.title, self.cells = Label("", "strong", wrap=True), Label("", "small", "muted", wrap=True)
        self.numbers, self.strongest = Label("", "small", wrap=True), Label("", "caption", "muted", wrap=True)
        self.over, self.compare = button("", "", "tree-structure"), button("", "", "arrows-left-right")
        for switch in (self.over, self.compare):
            switch.setCheckable(True)
        self.save, self.close_ = IconButton("export"), IconButton("x")
        self._assemble()
        self.over.toggled.connect(self.on_picture)
        self.compare.toggled.connect(self.compares)
        self.picture.pointed.connect(self.pointed)
        self.picture.clicked.connect(self.over.toggle)
        self.save.clicked.connect(self._save)
        self.close_.clicked.connect(self.closed)
        texts.follow_language(self, self._retext)
        self.hide()

    def _assemble(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self.title, 1)
        for icon in (self.save, self.close_):
            head.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        side = QVBoxLayout()
        side.setSpacing(4)
        side.addLayout(head)
        for part in (self.cells, self.numbers):
            side.addWidget(part)
        side.addStretch()
        for switch in (self.over, self.compare):
            side.addWidget(switch, 0, Qt.AlignmentFlag.AlignLeft)
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(side, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 4, 0, 4)
        whole.addLayout(top)
        whole.addWidget(self.strongest)
        whole.addWidget(self.strip)

    def _retext(self) -> None:
        self.over.setText(tr("Show on picture"))
        self.compare.setText(tr("Compare with…"))
        self.compare.setToolTip(tr("Then choose another map; or hold Shift while you choose it."))
        self.save.set_text(tr("Save this map…"))
        self.close_.set_text(tr("Close"))
        self.strongest.setText(tr("What it answered to most in the last minute"))
        self.strip.setAccessibleName(self.strongest.text())
        self.picture.setAccessibleName(tr("The chosen map"))

    def show_map(self, seen: m.Explained | None, found: Map | None, over: bool, compares: bool) -> None:
        """`over`: it lies on the picture too. `compares`: another one is, or is to be, compared with it."""
        self._found = found
        if seen is None or found is None:
            self.hide()
            return
        station = seen.stations[found.station]
        self.title.setText(map_title(seen, found))
        self.cells.setText(_words_of(station))
        values = found.values
        low, mean, high = value_texts(float(values.min()), float(values.mean()), float(values.max()))
        self.numbers.setText(tr("min {low}   mean {mean}   max {high}", low=low, mean=mean, high=high))
        self.picture.show_values(found.values, map_image(found.values))
        self.strip.show_places(self._state.strongest(found.station, found.channel))
        for switch, on in ((self.over, over), (self.compare, compares)):
            blocked = switch.blockSignals(True)
            switch.setChecked(on)
            switch.blockSignals(blocked)
        self.show()

    def _save(self) -> None:
        if self._found is None or self._state.last is None:
            return
        found = self._found
        name = f"{self._state.last.model}-{found.station}-{found.channel}.npy"
        path, _ = QFileDialog.getSaveFileName(self, tr("Save this map"), name, "NumPy (*.npy)")
        if path:
            save_array(self._session, path, found.values)


def map_title(seen: m.Explained, found: Map) -> str:
    return tr("{layer}, map {n}", layer=station_title(seen.stations, found.station), n=found.channel)


def _words_of(station: Station) -> str:
    step = texts.number(station.stride, 0 if station.stride == round(station.stride) else 1)
    sees = (
        tr("each sees the whole input")
        if math.isinf(station.field)
        else tr("each sees {field} pixels", field=texts.size(round(station.field), round(station.field)))
    )
    size = texts.size(station.width, station.height)
    return tr("{size} values, {step} pixels of the input apart; {sees}", size=size, step=step, sees=sees)
