"""What the stage says when there is no picture: three large buttons, and how far the starter models are."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop_app.core.progress import Progress
from desktop_app.core.results import Task
from desktop_app.gui import texts
from desktop_app.gui.start_cards import CARD, Card, StarterRow
from desktop_app.gui.theme import theme
from desktop_app.gui.video_view import paint_drop_hint
from desktop_app.gui.widgets import Label
from desktop_app.i18n import tr

_BETWEEN = 14
_FRAME = 20
# Left and right of the column: some air, and a scroll bar where the stage is low.
_SIDE = 30


class StartPage(QWidget):
    """Covers the stage until there is a picture."""

    camera_requested = Signal()
    demo_requested = Signal()
    files_requested = Signal()
    retry_requested = Signal(str)
    """A starter model, by key, whose preparation failed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._camera: str | None = None
        self._rows: dict[str, StarterRow] = {}
        self._veil = _Veil(self)
        self._heading = Label("", "display", wrap=True)
        self._sentence = Label("", "body", "muted", wrap=True)
        self._sentence.set_scale(14 / 13)
        self.camera_card = Card("video-camera-fill", "C")
        self.demo_card = Card("play-circle")
        self.files_card = Card("folder-open", "Ctrl+O")
        self._cards = (self.camera_card, self.demo_card, self.files_card)
        self.camera_card.clicked.connect(self.camera_requested)
        self.demo_card.clicked.connect(self.demo_requested)
        self.files_card.clicked.connect(self.files_requested)
        for label in (self._heading, self._sentence):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._grid = QGridLayout()
        self._grid.setSpacing(_BETWEEN)
        self._columns = 3
        for place, card in enumerate(self._cards):
            self._grid.addWidget(card, 0, place)
        self._starter = self._starter_section()
        self._body = QWidget()
        column = QVBoxLayout(self._body)
        column.setContentsMargins(0, 24, 0, 24)
        column.setSpacing(0)
        column.addStretch(1)
        column.addWidget(self._heading)
        column.addSpacing(8)
        column.addWidget(self._sentence)
        column.addSpacing(28)
        column.addLayout(self._grid)
        column.addSpacing(36)
        column.addWidget(self._starter)
        column.addStretch(1)
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.viewport().setAutoFillBackground(False)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        centred = QWidget()
        centred.setAutoFillBackground(False)
        row = QHBoxLayout(centred)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(self._body)
        row.addStretch(1)
        self._scroll.setWidget(centred)
        self.setFocusProxy(self.camera_card)
        theme().changed.connect(self._fit)
        texts.follow_language(self, self._retranslate)

    def _starter_section(self) -> QWidget:
        section = QWidget()
        self._starter_title = Label("", "strong", wrap=True)
        self._starter_note = Label("", "small", "muted", wrap=True)
        self._starter_note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        line = _Line()
        head = QHBoxLayout()
        head.addWidget(self._starter_title, 1)
        head.addWidget(self._starter_note, 1)
        self._starter_rows = QVBoxLayout()
        self._starter_rows.setSpacing(0)
        column = QVBoxLayout(section)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(line)
        column.addSpacing(8)
        column.addLayout(head)
        column.addLayout(self._starter_rows)
        section.hide()
        return section

    def _retranslate(self) -> None:
        self.setAccessibleName(tr("Start"))
        self._heading.setText(tr("What shall we look at?"))
        self._sentence.setText(
            tr("Start a camera, or drop a picture, a video or a model anywhere in this window. Ctrl+V pastes one.")
        )
        self.demo_card.set_texts(tr("Try the demo"), tr("Moving photographs. No camera needed."))
        self.files_card.set_texts(tr("Open files…"), tr("Pictures, videos, a folder or a model."))
        self._starter_note.setText(tr("Once only · afterwards no network is needed"))
        self._show_camera()
        for row in self._rows.values():
            row.retranslate()
        self._show_starter()

    def set_camera(self, name: str | None) -> None:
        """The camera that the first card starts; `None` where there is none."""
        self._camera = name
        self._show_camera()

    def _show_camera(self) -> None:
        found = self._camera is not None
        self.camera_card.setEnabled(found)
        self.camera_card.set_icon("video-camera-fill" if found else "video-camera-slash")
        if found:
            text = tr("{camera}. The picture stays on this computer.", camera=self._camera)
        else:
            text = tr("No camera found. Plug one in: it appears here by itself.")
        self.camera_card.set_texts(tr("Start the camera"), text)
        self.setFocusProxy(self.camera_card if found else self.demo_card)
        self._fit()

    def set_starter_models(self, models: Sequence[tuple[str, Task]]) -> None:
        """Key and task of the models that get ready; empty hides the section."""
        for row in self._rows.values():
            self._starter_rows.removeWidget(row)
            row.deleteLater()
        self._rows = {key: StarterRow(key, task) for key, task in models}
        for key, row in self._rows.items():
            row.retry.connect(lambda key=key: self.retry_requested.emit(key))
            row.set_wide(self._columns == 3)
            row.show_progress(row.progress, row.share)
            self._starter_rows.addWidget(row)
        self._starter.setVisible(bool(models))
        self._show_starter()

    def set_progress(self, progress: Progress, share: float | None = None) -> None:
        """Of one of the starter models; others are ignored. `share`: of all the work on it, where that is known."""
        row = self._rows.get(progress.key)
        if row is not None:
            row.show_progress(progress, share)
            self._show_starter()

    def _show_starter(self) -> None:
        done = all(row.progress.stage == "ready" for row in self._rows.values())
        self._starter_title.setText(
            tr("The starter models are ready") if done else tr("Getting the starter models ready")
        )
        self._starter_note.setVisible(not done)

    def set_drop_hint(self, text: str | None) -> None:
        """While something is dragged over the window: what will happen when it is dropped."""
        self._veil.show_text(text)

    def _fit(self) -> None:
        """Cards side by side, or one below the other where the stage is narrow; all as high as the highest.

        Widths are set, not asked for: heights follow from them, and a scroll area does not settle on its own.
        """
        wide = 3 * CARD.width() + 2 * _BETWEEN
        room = max(1, min(wide, self.width() - 2 * _FRAME - _SIDE))
        columns = 3 if room >= wide - 60 else 1
        room = room if columns == 3 else min(room, 420)
        card_width = (room - (columns - 1) * _BETWEEN) // columns
        height = max(card.heightForWidth(card_width) for card in self._cards)
        for place, card in enumerate(self._cards):
            card.setFixedSize(card_width, height)
            if columns != self._columns:
                self._grid.addWidget(card, place // columns, place % columns)
        if columns != self._columns:
            self._columns = columns
            for row in self._rows.values():
                row.set_wide(columns == 3)
        self._body.setFixedWidth(room)
        self._balance(room)

    def _balance(self, room: int) -> None:
        """Where the sentence needs two lines they are about equally long; no word is left alone."""
        needed = self._sentence.fontMetrics().horizontalAdvance(self._sentence.text()) + 8
        lines = -(-needed // room)
        side = 0 if lines == 1 else max(0, (room - round(1.12 * needed / lines)) // 2)
        self._sentence.setContentsMargins(side, 0, side, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._scroll.setGeometry(self.rect().adjusted(_FRAME + 1, _FRAME + 1, -_FRAME - 1, -_FRAME - 1))
        self._veil.setGeometry(self.rect())
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme().colour("window"))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            pen = QPen(theme().colour("line2"), 1.5)
            pen.setDashPattern([5, 4])
            painter.setPen(pen)
            frame = QRectF(self.rect()).adjusted(_FRAME, _FRAME, -_FRAME, -_FRAME)
            painter.drawRoundedRect(frame, 10, 10)


class _Line(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(1)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme().colour("line"))


class _Veil(QWidget):
    """Over the whole page while something is dragged."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._text = ""
        self.hide()

    def show_text(self, text: str | None) -> None:
        self._text = text or ""
        self.setVisible(text is not None)
        self.raise_()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            paint_drop_hint(painter, QRectF(self.rect()), self._text, "accent")
