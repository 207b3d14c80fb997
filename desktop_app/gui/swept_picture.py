"""The picture of one point of a sweep, as the model got it, with its answer."""

from __future__ import annotations

from PySide6.QtCore import QLocale, QRectF, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop_app.core.results import Classification
from desktop_app.core.stress import BY_KEY, NONE
from desktop_app.gui import stress_texts
from desktop_app.gui.batch_model import name_of
from desktop_app.gui.session import Session
from desktop_app.gui.stress_state import Sweep
from desktop_app.gui.texts import follow_language, percent
from desktop_app.gui.widgets import Label, button
from desktop_app.i18n import tr, tr_class
from desktop_app.recogniser import messages as m
from desktop_app.render.annotate import annotated_image
from desktop_app.render.overlay import OverlayOptions
from desktop_app.render.palette import PaletteName
from desktop_app.render.qimage import to_qimage

LEAST, LOW, MOST = 68, 190, (1 << 24) - 1
"""Heights of the picture in pixels."""
SMALL = 300
NAMED = 3
"""Classes of a classifier's answer that are listed."""


class Canvas(QWidget):
    """The picture, as large as there is room; `set_low` gives it no more height than it needs, and not much of that."""

    resized = Signal(int, int)
    """Pixels of the screen that there are."""

    def __init__(self) -> None:
        super().__init__()
        self._image = QImage()
        self._aspect = 9 / 16
        self._low = False
        self.setMinimumHeight(LEAST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_image(self, image: QImage) -> None:
        self._image = image
        if not image.isNull():
            self._aspect = image.height() / image.width()
        self._fit()
        self.update()

    def set_low(self, low: bool) -> None:
        self._low = low
        self._fit()

    def _fit(self) -> None:
        if self._low:
            self.setFixedHeight(max(LEAST, min(LOW, round(self.width() * self._aspect))))
        else:
            self.setMinimumHeight(LEAST)
            self.setMaximumHeight(MOST)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        ratio = self.devicePixelRatioF()
        self.resized.emit(round(self.width() * ratio), round(self.height() * ratio))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._image.isNull():
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
            left = (self.width() - size.width()) / 2
            painter.drawImage(QRectF(left, 0, size.width(), size.height()), self._image)


class SweptPicture(QWidget):
    """Hidden while no point is chosen."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._state = session.controller.stress
        self.canvas = Canvas()
        self.title, self.answer = Label("", "strong", wrap=True), Label("", "body", wrap=True)
        self.list = Label("", "small", "muted", wrap=True)
        self.use = button("", "link")
        self._shown: m.SpoiledPicture | None = None
        self._palette: PaletteName = "default"
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for part in (self.title, self.answer, self.list):
            column.addWidget(part)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.use)
        row.addStretch()
        column.addLayout(row)
        column.addWidget(self.canvas, 1)
        self.canvas.resized.connect(self._resized)
        self.use.clicked.connect(self._use)
        follow_language(self, self._retext)

    def _retext(self) -> None:
        self.use.setText(tr("Set the sliders to this"))
        self.canvas.setAccessibleName(tr("The changed picture"))
        self._shown = None
        self.show_sweep(self._state.sweep)

    def _resized(self, width: int, height: int) -> None:
        self._state.want_room(width, height)
        if self._shown is not None and self._state.sweep is not None:
            self._draw(self._state.sweep, self._shown)

    def _use(self) -> None:
        sweep = self._state.sweep
        if sweep is not None and sweep.chosen is not None:
            self._state.set_values(NONE.with_value(*sweep.chosen))

    def set_low(self, low: bool) -> None:
        """Where the curves follow below."""
        self.canvas.set_low(low)

    def set_scale(self, scale: float) -> None:
        for label in (self.title, self.answer, self.list):
            label.set_scale(scale)

    def show_sweep(self, sweep: Sweep | None) -> None:
        chosen = None if sweep is None else sweep.chosen
        self.setVisible(chosen is not None)
        if sweep is None or chosen is None:
            self._shown = None
            self.canvas.show_image(QImage())
            return
        key, strength = chosen
        clean = strength == BY_KEY[key].neutral
        self.use.setVisible(not clean)
        value = stress_texts.value_text(key, strength)
        words = tr("{name} {value}", name=stress_texts.title(key), value=value)
        self.title.setText(tr("The picture as it is") if clean else words)
        answer = next((one for one in sweep.curves.line(key) if one.strength == strength), None)
        self.answer.setText("" if answer is None else stress_texts.answer_text(sweep, answer))
        picture, palette = sweep.picture, self._session.preferences.values.palette
        if picture is not None and (picture is not self._shown or palette != self._palette):
            self._shown, self._palette = picture, palette
            self._draw(sweep, picture)

    def _draw(self, sweep: Sweep, picture: m.SpoiledPicture) -> None:
        result = picture.result.unpack()
        image = to_qimage(picture.bgr)
        prediction = result.prediction
        self.list.setVisible(isinstance(prediction, Classification))
        if isinstance(prediction, Classification):
            first = prediction.top(NAMED)
            parts = (f"{name_of(sweep.names, i)} {percent(float(prediction.probabilities[i]))}" for i in first)
            self.list.setText(" · ".join(parts))
        else:
            # As large as it is seen: labels that are made smaller with the picture cannot be read.
            room = self.canvas.size() * self.canvas.devicePixelRatioF()
            smooth = Qt.TransformationMode.SmoothTransformation
            if room.width() < image.width() or room.height() < image.height():
                image = image.scaled(room, Qt.AspectRatioMode.KeepAspectRatio, smooth)
            options = OverlayOptions(True, palette=self._palette, scale=_scale_of(image), locale=QLocale())
            annotated_image(image, [result], {sweep.model: sweep.names}, options, tr_class, result.frame_size)
        self.canvas.show_image(image)


def _scale_of(image: QImage) -> float:
    """Of labels: in a small picture they would cover what they name."""
    return 0.8 if min(image.width(), image.height()) < SMALL else 1.0
