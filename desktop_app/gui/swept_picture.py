"""The picture of one point of a sweep, as the model got it, with its answer."""

from __future__ import annotations

from PySide6.QtCore import QLocale, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop_app.core.results import Classification
from desktop_app.core.stress import BY_KEY, NONE
from desktop_app.gui import stress_texts
from desktop_app.gui.batch_model import name_of
from desktop_app.gui.session import Session
from desktop_app.gui.stress_state import Sweep
from desktop_app.gui.texts import follow_language, percent
from desktop_app.gui.theme import theme
from desktop_app.gui.widgets import Label, button
from desktop_app.i18n import tr, tr_class
from desktop_app.recogniser import messages as m
from desktop_app.render.annotate import annotated_image
from desktop_app.render.overlay import OverlayOptions
from desktop_app.render.palette import PaletteName
from desktop_app.render.qimage import to_qimage

LOW, MOST = 190, (1 << 24) - 1
"""Height of the picture in pixels."""
NAMED = 3
"""Classes of a classifier's answer that are listed."""


class Canvas(QWidget):
    """As large as there is room, in the shape of the picture."""

    resized = Signal(int, int)
    """Pixels of the screen that there are."""

    def __init__(self) -> None:
        super().__init__()
        self._image = QImage()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_image(self, image: QImage) -> None:
        changed = image.size() != self._image.size()
        self._image = image
        if changed:
            self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        if self._image.isNull():
            return round(width * 9 / 16)
        return min(round(width * self._image.height() / self._image.width()), 2 * width)

    def sizeHint(self) -> QSize:
        return QSize(220, self.heightForWidth(220))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 68)

    def resizeEvent(self, event: QResizeEvent) -> None:
        ratio = self.devicePixelRatioF()
        self.resized.emit(round(self.width() * ratio), round(self.height() * ratio))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._image.isNull():
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
            painter.fillRect(self.rect(), theme().colour("stage"))
            place = QRectF(0, 0, size.width(), size.height())
            place.moveCenter(QRectF(self.rect()).center())
            painter.drawImage(place, self._image)


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
        column.addWidget(self.canvas)
        for part in (self.title, self.answer, self.list):
            column.addWidget(part)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.use)
        row.addStretch()
        column.addLayout(row)
        column.addStretch(1)
        self.canvas.resized.connect(self._state.want_room)
        self.use.clicked.connect(self._use)
        follow_language(self, self._retext)

    def _retext(self) -> None:
        self.use.setText(tr("Set the sliders to this"))
        self.canvas.setAccessibleName(tr("The changed picture"))
        self._shown = None
        self.show_sweep(self._state.sweep)

    def _use(self) -> None:
        sweep = self._state.sweep
        if sweep is not None and sweep.chosen is not None:
            self._state.set_values(NONE.with_value(*sweep.chosen))

    def set_low(self, low: bool) -> None:
        """Where the curves follow below."""
        self.canvas.setMaximumHeight(LOW if low else MOST)

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
            options = OverlayOptions(True, palette=self._palette, locale=QLocale())
            annotated_image(image, [result], {sweep.model: sweep.names}, options, tr_class, result.frame_size)
        self.canvas.show_image(image)
