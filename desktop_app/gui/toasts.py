"""Messages at the lower right of the stage: they tell, offer one action, and never take the focus."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QEasingCurve, QEvent, QObject, QPropertyAnimation, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QEnterEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGraphicsOpacityEffect, QGridLayout, QSizePolicy, QWidget

from desktop_app.gui import texts
from desktop_app.gui.theme import animation_ms, theme
from desktop_app.gui.widgets import IconButton, IconPlate, Label, ProgressBar, button
from desktop_app.i18n import tr

Kind = Literal["info", "success", "warning", "error", "progress"]
Action = tuple[str, Callable[[], None]]

WIDTH = 372
MOST = 3
_EDGE = 16
_BETWEEN = 8
_STAYS_MS = 6000
_ICONS: dict[Kind, tuple[str, str]] = {
    "info": ("info", "muted"),
    "success": ("check-circle-fill", "success"),
    "warning": ("warning-fill", "warning"),
    "error": ("warning-circle-fill", "danger"),
    "progress": ("download-simple", "accent"),
}
# These say something that must be read, or are not done yet.
_STAY: frozenset[Kind] = frozenset({"error", "progress"})


class Toast(QWidget):
    """One message. `closed` comes once, when it is to go."""

    closed = Signal()

    def __init__(
        self,
        parent: QWidget,
        kind: Kind,
        title: str,
        detail: str,
        action: Action | None,
        *,
        key: str | None,
        timeout_ms: int,
        icon_name: str,
        cancel: Callable[[], None] | None,
    ) -> None:
        super().__init__(parent)
        self.key, self.kind, self.title, self.detail = key, kind, title, detail
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName(title)
        self.setAccessibleDescription(detail)
        name, colour = _ICONS[kind]
        self._detail = Label(detail, "small", "muted", wrap=True)
        self._detail.setVisible(bool(detail))
        self._title = Label(title, "strong", wrap=True)
        self._title.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        close = IconButton("x", "", 14)
        self._close = close
        self._cancel = cancel
        close.clicked.connect(self._close_clicked)
        grid = QGridLayout(self)
        grid.setContentsMargins(14, 10, 8, 10)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        grid.addWidget(IconPlate(icon_name or name, colour, 20), 0, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self._title, 0, 1)
        grid.addWidget(close, 0, 3, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self._detail, 1, 1)
        self.bar: ProgressBar | None = None
        if kind == "progress":
            self.bar = ProgressBar(title)
            grid.addWidget(self.bar, 2, 0, 1, 4)
            grid.setVerticalSpacing(6)
            grid.setContentsMargins(14, 10, 14, 14)
        if action is not None:
            text, run = action
            link = button(text, "link")
            link.clicked.connect(run)
            link.clicked.connect(self.closed)
            grid.addWidget(link, 0, 2, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        self._clock = QTimer(self, interval=timeout_ms, singleShot=True)
        self._clock.timeout.connect(self.closed)
        for child in self.findChildren(QWidget):
            child.installEventFilter(self)
        self._start_clock()
        texts.follow_language(self, self._retranslate)

    def _retranslate(self) -> None:
        self._close.set_text(tr("Close") if self._cancel is None else tr("Cancel"))

    def _close_clicked(self) -> None:
        if self._cancel is not None:
            self._cancel()
        self.closed.emit()

    def set_progress(self, fraction: float | None, detail: str) -> None:
        """Of a toast of kind "progress"."""
        self.detail = detail
        self._detail.setText(detail)
        self._detail.setVisible(bool(detail))
        self.setAccessibleDescription(detail)
        if self.bar is not None:
            self.bar.set_fraction(fraction)

    def _start_clock(self) -> None:
        if self._clock.interval() > 0 and not self.underMouse() and not self._has_focus():
            self._clock.start()

    def _has_focus(self) -> bool:
        return any(child.hasFocus() for child in self.findChildren(QWidget))

    @property
    def clock_runs(self) -> bool:
        return self._clock.isActive()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._clock.stop()

    def leaveEvent(self, event: QEvent) -> None:
        self._start_clock()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusIn:
            self._clock.stop()
        elif event.type() == QEvent.Type.FocusOut:
            self._start_clock()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme().colour("line2"), 1))
            painter.setBrush(theme().colour("raised"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)


class ToastStack(QObject):
    """The messages over `stage`, newest lowest, at most three."""

    def __init__(self, stage: QWidget) -> None:
        super().__init__(stage)
        self._stage = stage
        self.toasts: list[Toast] = []
        stage.installEventFilter(self)

    def show(
        self,
        kind: Kind,
        title: str,
        detail: str = "",
        action: Action | None = None,
        key: str | None = None,
        *,
        timeout_ms: int | None = None,
        icon_name: str = "",
        cancel: Callable[[], None] | None = None,
    ) -> Toast:
        """Shows a message. One with the same `key` is replaced.

        Errors and progress stay until closed or done; others go after 6 s, or `timeout_ms` (0: they stay).
        `cancel` is called when a progress toast is closed by hand.
        """
        if timeout_ms is None:
            timeout_ms = 0 if kind in _STAY else _STAYS_MS
        old = self.find(key)
        toast = Toast(
            self._stage,
            kind,
            title,
            detail,
            action,
            key=key,
            timeout_ms=timeout_ms,
            icon_name=icon_name,
            cancel=cancel,
        )
        toast.closed.connect(lambda: self._remove(toast))
        if old is not None:
            self.toasts[self.toasts.index(old)] = toast
            _drop(old)
        else:
            self.toasts.append(toast)
            self._make_room()
        self.arrange()  # before it is shown: where it is made, a pointer might rest and would stop its clock
        toast.show()
        toast.raise_()
        if old is None:
            _fade_in(toast)
        announce(toast, f"{title}. {detail}" if detail else title, assertive=kind == "error")
        return toast

    def progress(
        self,
        key: str,
        title: str,
        fraction: float | None,
        detail: str = "",
        *,
        cancel: Callable[[], None] | None = None,
        icon_name: str = "",
    ) -> None:
        """Shows how far long work is; the same `key` again moves the bar, `close(key)` ends it."""
        toast = self.find(key)
        if toast is None or toast.kind != "progress":
            toast = self.show("progress", title, detail, key=key, cancel=cancel, icon_name=icon_name)
        height = toast.height()
        toast.set_progress(fraction, detail)
        if toast.heightForWidth(toast.width()) != height:
            self.arrange()

    def find(self, key: str | None) -> Toast | None:
        return next((toast for toast in self.toasts if key is not None and toast.key == key), None)

    def close(self, key: str) -> None:
        toast = self.find(key)
        if toast is not None:
            self._remove(toast)

    def clear(self) -> None:
        for toast in list(self.toasts):
            self._remove(toast)

    def _make_room(self) -> None:
        """The oldest goes, work in progress last: it would come back with its next step."""
        while len(self.toasts) > MOST:
            oldest = next((toast for toast in self.toasts[:-1] if toast.kind != "progress"), self.toasts[0])
            self.toasts.remove(oldest)
            _drop(oldest)

    def _remove(self, toast: Toast) -> None:
        if toast in self.toasts:
            self.toasts.remove(toast)
            _drop(toast)
            self.arrange()

    def arrange(self) -> None:
        """Stacks them upwards from the lower right corner of the stage."""
        width = max(1, min(WIDTH, self._stage.width() - 2 * _EDGE))
        bottom = self._stage.height() - _EDGE
        for toast in reversed(self.toasts):
            toast.setFixedWidth(width)
            height = max(52, toast.layout().heightForWidth(width))  # type: ignore[union-attr]
            toast.setGeometry(self._stage.width() - _EDGE - width, bottom - height, width, height)
            bottom -= height + _BETWEEN

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.arrange()
        return False


def _drop(toast: Toast) -> None:
    toast.hide()
    toast.setParent(None)
    toast.deleteLater()


def _fade_in(toast: Toast) -> None:
    duration = animation_ms()
    if duration == 0:
        return
    effect = QGraphicsOpacityEffect(toast)
    toast.setGraphicsEffect(effect)
    fade = QPropertyAnimation(effect, b"opacity", toast)
    fade.setDuration(duration)
    fade.setStartValue(0.0)
    fade.setEndValue(1.0)
    fade.setEasingCurve(QEasingCurve.Type.OutCubic)
    # An effect that stays would repaint the toast through a pixmap for ever.
    fade.finished.connect(lambda: toast.setGraphicsEffect(None))  # type: ignore[arg-type]
    fade.start(QPropertyAnimation.DeletionPolicy.DeleteWhenStopped)


def announce(widget: QWidget, text: str, *, assertive: bool = False) -> None:
    """Lets a screen reader speak `text`."""
    event = QAccessibleAnnouncementEvent(widget, text)
    politeness = QAccessible.AnnouncementPoliteness
    event.setPoliteness(politeness.Assertive if assertive else politeness.Polite)
    QAccessible.updateAccessibility(event)
