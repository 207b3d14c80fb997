"""One picture of a batch, large, with what was recognised; the arrow keys go to the next one. The batch goes on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from desktop_app.core.picture import Picture
from desktop_app.gui import texts
from desktop_app.gui.batch_model import BatchModel
from desktop_app.gui.batch_run import BatchRun
from desktop_app.gui.video_view import VideoView
from desktop_app.gui.widgets import ElidedLabel, EmptyState, IconButton, Label, button
from desktop_app.i18n import tr
from desktop_app.recogniser import messages as m
from desktop_app.render.overlay import OverlayOptions

ASK_MS = 30
"""Who holds an arrow key down does not have every picture decoded that flies by."""


class BatchViewer(QWidget):
    back_wanted = Signal()
    step_wanted = Signal(int)
    """To the next (1) or the one before (-1)."""
    alone_wanted = Signal(str)
    """To open this file as an input of its own."""

    def __init__(self, model: BatchModel, run: BatchRun, options: Callable[[], OverlayOptions]) -> None:
        super().__init__()
        self._model, self._run, self._options = model, run, options
        self._number: int | None = None
        self._path = ""
        self._asked: tuple[str, int, int] | None = None
        self._room = (0, 0)
        self.back = button("", "link")
        self.name, self.place = ElidedLabel("", "strong"), Label("", "body", "muted")
        self.before, self.next = IconButton("caret-left", colour="text"), IconButton("caret-right", colour="text")
        self.alone = button("", "", "corners-out")
        self.video = VideoView()
        self.nothing = EmptyState("warning-circle-fill")
        self._pages = QStackedLayout()
        for page in (self.video, self.nothing):
            self._pages.addWidget(page)
        bar = QHBoxLayout()
        bar.setContentsMargins(0, 0, 0, 8)
        bar.setSpacing(8)
        for part, stretch in ((self.back, 0), (self.name, 1), (self.place, 0), (self.before, 0), (self.next, 0)):
            bar.addWidget(part, stretch)
        bar.addWidget(self.alone)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addLayout(self._pages, 1)
        self.setFocusProxy(self.video)
        self._ask_soon = QTimer(self, singleShot=True, interval=ASK_MS)
        self._ask_soon.timeout.connect(self._ask)
        self.back.clicked.connect(self.back_wanted)
        self.before.clicked.connect(lambda: self.step_wanted.emit(-1))
        self.next.clicked.connect(lambda: self.step_wanted.emit(1))
        self.alone.clicked.connect(lambda: self.alone_wanted.emit(self._path))
        self.video.view_changed.connect(self._view_changed)
        run.picture_sinks.append(self._arrived)
        model.arranged.connect(self._show_place)
        texts.follow_language(self, self._retext)

    def _retext(self) -> None:
        self.back.setText(tr("‹ All pictures"))
        self.back.setToolTip(tr("Back to all pictures (Esc)"))
        self.before.set_text(tr("The picture before (Left arrow)"))
        self.next.set_text(tr("The next picture (Right arrow)"))
        self.alone.setText(tr("Open by itself"))
        self.alone.setToolTip(tr("As an input of its own, for snapshots and all panels"))
        self.show_options()
        if self._number is not None:
            self.show_number(self._number)

    def show_options(self) -> None:
        self.video.set_options(self._options())

    @property
    def number(self) -> int | None:
        return self._number

    def show_number(self, number: int) -> None:
        """The picture of this number in the batch; the one before stays until it is here."""
        path = self._model.table.path(number)
        another = path != self._path
        self._number, self._path = number, path
        self.name.set_full_text(self._model.shown_name(number))
        if another:
            self._asked = None
            self.video.set_results((), {})
        self._show_place()
        self._ask_soon.start()

    def leave(self) -> None:
        self._number, self._path, self._asked = None, "", None
        self.video.set_frame(None)

    def show_results(self) -> None:
        """They may have come, or look otherwise under other thresholds."""
        if self._number is not None and self._asked is None and self._number < len(self._model.table):
            self.video.set_results(self._model.results(self._number), dict(self._model.table.class_names))  # type: ignore[arg-type]

    def _show_place(self) -> None:
        if self._number is None:
            return
        row = self._model.place(self._number).row()
        count = self._model.rowCount()
        here = texts.number(row + 1) if row >= 0 else "–"
        self.place.setText(tr("{place} of {count}", place=here, count=texts.number(count)))
        self.before.setEnabled(row > 0 or row < 0)
        self.next.setEnabled(row < count - 1)
        self.show_results()

    def _view_changed(self, width: int, height: int) -> None:
        self._room = (width, height)
        if self._path and width:
            self._ask_soon.start()

    def _ask(self) -> None:
        """Not for less than what is here already."""
        frame = self.video.frame
        have = frame is not None and self._asked is None and frame.index == self._number
        if not self._path or self._room == (0, 0):
            return
        if have and frame is not None and (frame.whole or frame.pixels.shape[1] >= self._room[0]):
            return
        wish = (self._path, *self._room)
        if wish != self._asked:
            self._asked = wish
            self._run.ask_picture(*wish)

    def lost(self) -> None:
        """The recogniser was started again."""
        if self._asked is not None:
            self._asked = None
            self._ask_soon.start()

    def _arrived(self, event: m.PictureOfFile) -> None:
        if event.path != self._path or self._number is None:
            return
        self._asked = None
        if event.message:
            self.nothing.set_texts(self.name.full_text, event.message)
            self._pages.setCurrentWidget(self.nothing)
            self.video.set_frame(None)
            return
        pixels = np.frombuffer(event.pixels, np.uint8).reshape(*event.shape, 4)
        self._pages.setCurrentWidget(self.video)
        self.video.set_frame(Picture(pixels, *event.size, self._number, 0.0))
        self.show_results()

    # --- keys -------------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        # Escape is also a shortcut of the window, which is for full screen.
        override = event.type() == QEvent.Type.ShortcutOverride and not self.window().isFullScreen()
        if override and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What a zoomed picture does not need to be moved."""
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_PageUp: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_PageDown: 1,
        }
        key = event.key()
        if key in steps:
            self.step_wanted.emit(steps[Qt.Key(key)])
        elif key in (Qt.Key.Key_Escape, Qt.Key.Key_Backspace, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.back_wanted.emit()
        else:
            super().keyPressEvent(event)
