"""The parts of the start page: a large button, and the row of a model that gets ready."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop_app.core.progress import Progress
from desktop_app.core.results import Task
from desktop_app.gui import texts
from desktop_app.gui.theme import theme
from desktop_app.gui.widgets import IconPlate, Label, ProgressBar, button
from desktop_app.i18n import tr

CARD = QSize(216, 138)


class Card(QAbstractButton):
    """A large button: icon and key above, title and one sentence below. Enter and Space press it."""

    def __init__(self, icon_name: str, shortcut: str = "") -> None:
        super().__init__()
        self._icon = IconPlate(icon_name, "accent", 24)
        self._shortcut = Label(shortcut, "strong", "muted")
        self._title = Label("", "section", wrap=True)
        self._text = Label("", "small", "muted", wrap=True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        head = QHBoxLayout()
        head.addWidget(self._icon)
        head.addStretch(1)
        head.addWidget(self._shortcut)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 18)
        column.setSpacing(4)
        column.addLayout(head)
        column.addSpacing(10)
        column.addWidget(self._title)
        column.addWidget(self._text)
        column.addStretch(1)
        for part in (self._icon, self._shortcut, self._title, self._text):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme().changed.connect(self.update)

    def set_texts(self, title: str, text: str) -> None:
        self._title.setText(title)
        self._text.setText(text)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)

    def set_icon(self, name: str) -> None:
        self._icon.set_icon(name, "accent" if self.isEnabled() else "faint")

    def heightForWidth(self, width: int) -> int:
        layout = self.layout()
        least = CARD.height() if width <= 300 else 0  # a wide card needs no height for its looks
        return max(least, layout.heightForWidth(width) if layout is not None else 0)

    def sizeHint(self) -> QSize:
        return QSize(CARD.width(), self.heightForWidth(CARD.width()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.EnabledChange:
            on = self.isEnabled()
            self._title.set_colour("text" if on else "muted")
            self._shortcut.setVisible(on)

    def paintEvent(self, event: QPaintEvent) -> None:
        focus, hover = self.hasFocus(), self.underMouse() and self.isEnabled()
        fill = "soft" if focus or self.isDown() else "hover" if hover else "panel" if self.isEnabled() else "window"
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            width = 2 if focus else 1
            painter.setPen(QPen(theme().colour("accent" if focus else "line2"), width))
            painter.setBrush(theme().colour(fill))
            inset = width / 2
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), 10, 10)


class StarterRow(QWidget):
    """One starter model: what it does, and how far it is."""

    retry = Signal()

    def __init__(self, key: str, task: Task) -> None:
        super().__init__()
        self._task: Task = task
        self.progress = Progress(key, "fetch")
        self.share: float | None = None
        self._icon = IconPlate("hourglass", "muted", 16)
        self._name = Label(key)
        self._does = Label("", "body", "muted", wrap=True)
        self._bar = ProgressBar(key)
        self._bar.setMaximumWidth(180)
        self._state = Label("", "strong")
        self._wide = True
        self._state.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._retry: QPushButton = button("", "link")
        self._retry.clicked.connect(self.retry)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 0, 4)
        row.setSpacing(8)
        row.addWidget(self._icon)
        row.addWidget(self._name)
        row.addWidget(self._does, 3)
        row.addWidget(self._bar, 2)
        row.addWidget(self._state)
        row.addWidget(self._retry)

    def set_wide(self, wide: bool) -> None:
        """A narrow row leaves out what the model does and the bar; icon and number say how far it is."""
        self._wide = wide
        self._does.setVisible(wide)
        self._name.setMinimumWidth(140 if wide else 0)
        self.show_progress(self.progress, self.share)

    def show_progress(self, progress: Progress, share: float | None = None) -> None:
        self.progress = progress
        self.share = progress.fraction if share is None else share
        stage = progress.stage
        icon = {"ready": ("check-circle-fill", "success"), "failed": ("warning-circle-fill", "danger")}
        self._icon.set_icon(*icon.get(stage, ("hourglass", "muted")))
        self._bar.setVisible(self._wide and stage in ("fetch", "convert", "load"))
        self._state.setVisible(self._wide or stage != "failed")
        self._icon.setToolTip(self._state_text())
        self._bar.set_fraction(self.share)
        self._retry.setVisible(stage == "failed")
        self._state.set_colour({"ready": "success", "failed": "danger"}.get(stage, "text"))
        self.retranslate()

    def retranslate(self) -> None:
        does = {
            "classify": tr("names what is in the picture"),
            "detect": tr("finds and boxes 80 kinds of object"),
        }
        self._does.setText(does.get(self._task, ""))
        self._retry.setText(tr("Retry"))
        self._state.setText(self._state_text())

    def _state_text(self) -> str:
        progress = self.progress
        if progress.stage == "ready":
            return tr("ready")
        if progress.stage == "failed":
            return tr("could not be prepared")
        if self.share is None or progress.stage == "load":
            return {"convert": tr("converting"), "load": tr("loading")}.get(progress.stage, tr("waiting"))
        left = progress.seconds_left
        share = texts.percent(self.share, 0)
        return share if left is None else f"{share} · {texts.duration(left)}"
