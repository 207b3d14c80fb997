"""The right panel while a batch is shown: the selected picture, its classes or boxes, and the most frequent labels."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPixmap
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from desktop_app.core.results import Detections
from desktop_app.gui import texts
from desktop_app.gui.batch_model import BatchModel, Entry
from desktop_app.gui.batch_table import DONE
from desktop_app.gui.batch_thumbnails import Thumbnails
from desktop_app.gui.score_bars import Score, ScoreBars
from desktop_app.gui.theme import theme
from desktop_app.gui.widgets import ElidedLabel, Label, ProgressBar, button
from desktop_app.i18n import tr, tr_class
from desktop_app.recogniser.answers import Answer

BOXES_SHOWN = 12


class _Picture(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.pixmap = QPixmap()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(240, 190)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme().colour("stage"))
            if self.pixmap.isNull():
                return
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            size = self.pixmap.size().scaled(self.size() - QSize(16, 16), Qt.AspectRatioMode.KeepAspectRatio)
            place = QRectF(0, 0, size.width(), size.height())
            place.moveCenter(QRectF(self.rect()).center())
            painter.drawPixmap(place, self.pixmap, QRectF(self.pixmap.rect()))


class BatchDetail(QScrollArea):
    open_wanted = Signal(str)

    def __init__(self, model: BatchModel, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._model, self._thumbnails = model, thumbnails
        self._entry: Entry | None = None
        self._shown: tuple[object, ...] | None = None
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.picture, self.bars = _Picture(), ScoreBars(coloured=False)
        self.name, self.caption = ElidedLabel("", "strong"), ElidedLabel("", "caption", "muted")
        self.found = Label("", "body", wrap=True)
        self.open_button = button("", "", "corners-out")
        self.open_button.clicked.connect(self._open)
        self.frequent_title = Label("", "title")
        self.frequent = QGridLayout()
        self.frequent.setVerticalSpacing(8)
        self.different = Label("", "small", "muted")
        self.failed = Label("", "small", "warning", wrap=True)
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 14)
        column.setSpacing(8)
        for part in (self.picture, self.name, self.caption, self.bars, self.found):
            column.addWidget(part)
        column.addWidget(self.open_button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addSpacing(14)
        column.addWidget(self.frequent_title)
        column.addLayout(self.frequent)
        column.addWidget(self.different)
        column.addWidget(self.failed)
        column.addStretch()
        for label in (self.name, self.caption, self.found, self.frequent_title, self.different, self.failed):
            label.setContentsMargins(14, 0, 14, 0)
        self.frequent.setContentsMargins(14, 0, 14, 0)
        self.open_button.setStyleSheet("margin-left: 14px;")
        self.setWidget(box)
        for surface in (self, box, self.viewport()):
            surface.setBackgroundRole(QPalette.ColorRole.AlternateBase)
        # Several times a second would be too often to read.
        self._timer = QTimer(self, interval=400, singleShot=True)
        self._timer.timeout.connect(self._show_frequent)
        model.progressed.connect(lambda: None if self._timer.isActive() else self._timer.start())
        thumbnails.came.connect(self._show_picture)
        texts.follow_language(self, self._retext)

    def _retext(self) -> None:
        self.open_button.setText(tr("Open by itself"))
        self.frequent_title.setText(tr("Most frequent labels"))
        self._shown = None
        self._show(self._entry)
        self._show_frequent()

    def _open(self) -> None:
        if self._entry is not None:
            self.open_wanted.emit(self._entry.path)

    def show_number(self, number: int | None) -> None:
        """The picture of this number in the batch."""
        there = number is not None and number < self._model.found
        self._show(self._model.entry_of(number) if there and number is not None else None)

    def _show(self, entry: Entry | None) -> None:
        shown = (entry, self._model.table.thresholds)
        if entry is not None and shown == self._shown:
            return
        self._entry, self._shown = entry, shown
        for part in (self.picture, self.name, self.caption, self.open_button):
            part.setVisible(entry is not None)
        self.bars.setVisible(entry is not None and any(not answer.detects for answer in entry.answers))
        self.found.setVisible(entry is not None and (entry.state != DONE or any(a.detects for a in entry.answers)))
        if entry is None:
            return
        self._show_picture()
        self.name.set_full_text(entry.name)
        models = [f"{a.model} {texts.milliseconds(sum(a.ms))}" for a in entry.answers]
        parts = [texts.size(*entry.size)] if entry.answers else []
        still = [tr("first frame of an animation")] if entry.animated else []
        self.caption.set_full_text(" · ".join([*parts, *models, *still]))
        classified = next((answer for answer in entry.answers if not answer.detects), None)
        if classified is not None:
            self._show_classes(classified)
        lines = [entry.failed] if entry.failed else [] if entry.state == DONE else [tr("not recognised yet")]
        for answer in entry.answers:
            if answer.detects:
                lines += self._boxes(entry.index, answer.model)
        self.found.setText("\n".join(lines))

    def _show_classes(self, answer: Answer) -> None:
        table, label = answer.boxes, self._model.table.label
        scores = [
            Score(
                int(row["class_id"]),
                tr_class(label(answer.model, int(row["class_id"]))),
                float(row["probability"]),
                float(row["logit"]),
            )
            for row in table[:5]
        ]
        rest = max(0.0, 1.0 - sum(score.probability for score in scores))
        self.bars.show_scores(scores, answer.others + len(table) - len(scores), rest)

    def _boxes(self, number: int, model: str) -> list[str]:
        result = next((r for r in self._model.results(number) if r.model_key == model), None)
        prediction = None if result is None else result.prediction
        if not isinstance(prediction, Detections) or len(prediction) == 0:
            return [tr("Nothing found above the confidence threshold.")]
        lines = [
            f"{tr_class(self._model.table.label(model, int(class_id)))}  {texts.number(float(confidence), 2)}"
            for class_id, confidence in zip(prediction.class_id, prediction.confidence, strict=True)
        ]
        more = len(lines) - BOXES_SHOWN
        return [*lines[:BOXES_SHOWN], *([tr("and {count} more", count=more)] if more > 0 else [])]

    def _show_picture(self) -> None:
        if self._entry is None:
            return
        self._thumbnails.want_also(self._entry.path)
        size = self.picture.sizeHint() * self.devicePixelRatioF()
        self.picture.pixmap = self._thumbnails.pixmap(self._entry.path, size) or QPixmap()
        self.picture.update()

    def _show_frequent(self) -> None:
        rows, different = self._model.frequent()
        while (item := self.frequent.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()
        for place, (label, count) in enumerate(rows):
            bar = ProgressBar(tr_class(label))
            bar.set_fraction(count / rows[0][1])
            number = Label(texts.number(count), "strong")
            number.setAlignment(Qt.AlignmentFlag.AlignRight)
            self.frequent.addWidget(ElidedLabel(tr_class(label)), place, 0)
            self.frequent.addWidget(bar, place, 1)
            self.frequent.addWidget(number, place, 2)
        self.frequent.setColumnStretch(0, 1)
        self.frequent.setColumnStretch(1, 1)
        self.different.setText(
            tr("{count} different first labels", count=texts.number(different)) if different > 1 else ""
        )
        failures = self._model.failures
        self.failed.setVisible(bool(failures))
        self.failed.setText("\n".join(list(failures.values())[:5]))
