"""One class that is taught: its key, its name, its examples, a button that takes one; what is dropped joins it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QFocusEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QSizePolicy, QWidget

from desktop_app.gui import texts
from desktop_app.gui.icons import icon
from desktop_app.gui.teach_answer import slot_colour
from desktop_app.gui.teach_state import TeachState
from desktop_app.gui.teach_strip import ExampleStrip
from desktop_app.gui.theme import theme
from desktop_app.gui.widgets import IconButton, Label
from desktop_app.i18n import tr
from desktop_app.render.palette import PaletteName

REPEAT = 250
"""Milliseconds between two examples while the button is held."""


class KeyPlate(QWidget):
    """The key of a class, in its colour; lights up when an example was taken."""

    def __init__(self, slot: int) -> None:
        super().__init__()
        self._slot = slot
        self._palette: PaletteName = "default"
        self._scale = 1.0
        self.set_scale(1.0)
        theme().changed.connect(self.update)

    def set_palette(self, palette: PaletteName) -> None:
        self._palette = palette
        self.update()

    def set_scale(self, scale: float) -> None:
        self._scale = scale
        self.setFixedSize(QSize(round(28 * scale), round(28 * scale)))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            area = QRectF(self.rect()).adjusted(1, 1, -1, -1)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(slot_colour(self._slot, self._palette))
            painter.drawRoundedRect(area, 6, 6)
            painter.setPen(theme().colour("ink") if theme().is_dark else theme().colour("raised"))
            painter.setFont(theme().font("section", self._scale))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, str(self._slot))


class NameField(QLineEdit):
    """The name is given when Enter is pressed or the field is left; Escape leaves it as it was."""

    named = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._name = ""
        self.setMaxLength(64)
        self.editingFinished.connect(self._finish)

    def show_name(self, name: str) -> None:
        self._name = name
        if not self.hasFocus():
            self.setText(name)
            self.setCursorPosition(0)

    def _finish(self) -> None:
        text = self.text().strip()
        if text and text != self._name:
            self._name = text
            self.named.emit(text)
        else:
            self.setText(self._name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.setText(self._name)
            self.clearFocus()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.clearFocus()  # so that the next 1, 2, 3 takes an example
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.selectAll()


class ClassRow(QWidget):
    example_chosen = Signal(int)

    def __init__(self, state: TeachState, slot: int) -> None:
        super().__init__()
        self._state, self.slot = state, slot
        self._over = False
        self._scale = 1.0
        self.setAcceptDrops(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.plate, self.name, self.strip = KeyPlate(slot), NameField(), ExampleStrip(state, slot)
        self.count = Label("", "strong", "muted")
        self.count.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.take = QPushButton()
        self.take.setIcon(icon("plus", "text", 16))
        self.take.setAutoRepeat(True)
        self.take.setAutoRepeatDelay(2 * REPEAT)
        self.take.setAutoRepeatInterval(REPEAT)
        self.take.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.away = IconButton("x")
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 4, 4)
        row.setSpacing(8)
        for part in (self.plate, self.name, self.count, self.take):
            row.addWidget(part)
        row.addWidget(self.strip, 1)
        row.addWidget(self.away)
        self.name.named.connect(lambda name: state.name(slot, name))
        self.take.clicked.connect(lambda: state.take(slot))
        self.away.clicked.connect(lambda: state.remove_class(slot))
        self.strip.chosen.connect(self.example_chosen)
        self.set_scale(1.0)
        theme().changed.connect(self.update)
        texts.follow_language(self, self._retext)

    def _retext(self) -> None:
        self.take.setText(tr("Take"))
        self.take.setToolTip(tr("Take the live picture as an example ({key}); hold it for several", key=self.slot))
        self.take.setAccessibleName(tr("Take an example of class {key}", key=self.slot))
        self.away.set_text(tr("Remove this class"))
        self.name.setPlaceholderText(tr("Thing {number}", number=self.slot))
        self.name.setAccessibleName(tr("Name of class {key}", key=self.slot))
        self.refresh()

    def set_scale(self, scale: float) -> None:
        self._scale = scale
        self.plate.set_scale(scale)
        self.strip.set_scale(scale)
        self.count.set_scale(scale)
        self.name.setFont(theme().font("strong", scale))
        self.name.setFixedWidth(round(124 * scale))
        self.count.setFixedWidth(round(24 * scale))

    def set_palette(self, palette: PaletteName) -> None:
        self.plate.set_palette(palette)

    def refresh(self) -> None:
        name = self._state.names.get(self.slot)
        self.name.show_name(name or "")
        self.away.setVisible(name is not None)
        self.strip.refresh()
        count = len(self.strip.numbers)
        said = tr("1 example") if count == 1 else tr("{count} examples", count=count)
        self.count.setText(str(count) if count else "")
        self.count.setToolTip(said)
        self.count.setAccessibleName(said)

    # --- drops --------------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if paths_of(event):
            self._over = True
            self.update()
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._over = False
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        self._over = False
        self.update()
        paths = paths_of(event)
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        if paths:
            self._state.add(self.slot, paths)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            edge = "accent" if self._over else "line"
            painter.setPen(QPen(theme().colour(edge), 2 if self._over else 1))
            painter.setBrush(theme().colour("soft" if self._over else "panel"))
            painter.drawRoundedRect(area, 8, 8)


def paths_of(event: QDropEvent) -> tuple[str, ...]:
    """Files and folders that lie under the pointer."""
    return tuple(url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile())
