"""The right panel while a batch is shown: the selected picture, its classes or boxes, and the most frequent labels."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPixmap
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from desktop_app.gui import texts
from desktop_app.gui.batch_grid import thumbnail
from desktop_app.gui.batch_model import BatchModel, Entry
from desktop_app.gui.score_bars import Score, ScoreBars
from desktop_app.gui.theme import theme
from desktop_app.gui.widgets import ElidedLabel, Label, ProgressBar, button
from desktop_app.i18n import tr, tr_class


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

    def __init__(self, model: BatchModel) -> None:
        super().__init__()
        self._model = model
        self._entry: Entry | None = None
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
        # Counting 10,000 labels for each of 10,000 pictures would take minutes.
        self._timer = QTimer(self, interval=400, singleShot=True)
        self._timer.timeout.connect(self._show_frequent)
        model.progressed.connect(lambda: None if self._timer.isActive() else self._timer.start())
        texts.follow_language(self, self._retext)

    def _retext(self) -> None:
        self.open_button.setText(tr("Open in view"))
        self.frequent_title.setText(tr("Most frequent labels"))
        self.show_entry(self._entry)
        self._show_frequent()

    def _open(self) -> None:
        if self._entry is not None:
            self.open_wanted.emit(self._entry.path)

    def show_entry(self, entry: Entry | None) -> None:
        self._entry = entry
        for part in (self.picture, self.name, self.caption, self.open_button):
            part.setVisible(entry is not None)
        fields: dict[str, Any] = entry.records[0] if entry is not None and entry.records else {}
        self.bars.setVisible("classes" in fields)
        self.found.setVisible("detections" in fields)
        if entry is None:
            return
        self.picture.pixmap = thumbnail(entry.jpeg)
        self.picture.update()
        self.name.set_full_text(entry.name)
        measured = [texts.milliseconds(entry.milliseconds)] if entry.records else []
        self.caption.set_full_text(" · ".join([texts.size(*entry.size), fields.get("model", ""), *measured]))
        if "classes" in fields:
            scores = [
                Score(c["class_id"], tr_class(c["label"]), c["probability"], c["logit"]) for c in fields["classes"][:5]
            ]
            others, share = entry.rests[0]
            rest = sum(c["probability"] for c in fields["classes"][5:])
            self.bars.show_scores(scores, others + len(fields["classes"][5:]), share + rest)
        found = fields.get("detections", [])
        lines = [f"{tr_class(d['label'])}  {texts.number(d['confidence'], 2)}" for d in found[:12]]
        self.found.setText("\n".join(lines) or tr("Nothing found above the confidence threshold."))

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
        self.different.setText(tr("{count} different first labels", count=texts.number(different)) if different else "")
        failures = self._model.failures
        self.failed.setVisible(bool(failures))
        self.failed.setText("\n".join(list(failures.values())[:5]))
