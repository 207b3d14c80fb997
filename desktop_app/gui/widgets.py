"""Small parts that panels share. They follow the theme; whoever makes them sets their texts, in each language."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop_app.gui.icons import icon, paint_icon
from desktop_app.gui.theme import FontRole, theme


class Label(QLabel):
    """Text in one of the theme's fonts and colours. Always plain: names of files and classes come from outside."""

    def __init__(
        self, text: str = "", role: FontRole = "body", colour: str = "text", *, wrap: bool = False, scale: float = 1.0
    ) -> None:
        super().__init__(text)
        self._role: FontRole = role
        self._colour, self._scale = colour, scale
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setForegroundRole(QPalette.ColorRole.WindowText)  # inside a button it would be the button's
        self.setWordWrap(wrap)
        self._restyle()
        theme().changed.connect(self._restyle)

    def set_colour(self, token: str) -> None:
        self._colour = token
        self._restyle()

    def set_scale(self, scale: float) -> None:
        """For the projector."""
        self._scale = scale
        self._restyle()

    def _restyle(self) -> None:
        self.setFont(theme().font(self._role, self._scale))
        palette = QPalette(self.palette())
        palette.setColor(QPalette.ColorRole.WindowText, theme().colour(self._colour))
        self.setPalette(palette)


class ElidedLabel(Label):
    """One line that is cut at the end where room is short; the tool tip then has all of it."""

    def __init__(self, text: str = "", role: FontRole = "body", colour: str = "text") -> None:
        self._full = ""  # before Label's constructor, whose font change elides
        super().__init__("", role, colour)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.set_full_text(text)

    def set_full_text(self, text: str) -> None:
        self._full = text
        self.setAccessibleName(text)
        self._elide()

    @property
    def full_text(self) -> str:
        return self._full

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self._full) + 2, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(24, super().minimumSizeHint().height())

    def _elide(self) -> None:
        shown = self.fontMetrics().elidedText(self._full, Qt.TextElideMode.ElideRight, max(24, self.width()))
        self.setText(shown)
        self.setToolTip(self._full if shown != self._full else "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._elide()


class IconButton(QToolButton):
    """A flat button with an icon: 28×28 with 16 px in titles, 34 with 20 px in the toolbar."""

    def __init__(self, name: str, text: str = "", size: int = 16, colour: str = "muted") -> None:
        super().__init__()
        self.setIcon(icon(name, colour, size))
        self.setIconSize(QSize(size, size))
        side = 34 if size >= 20 else 28
        self.setFixedSize(side, side)
        # Not by a click: Space would then press it again instead of pausing.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setStyleSheet("padding: 0;")
        self.set_text(text)

    def set_text(self, text: str) -> None:
        """What it does, as tool tip and for screen readers."""
        self.setToolTip(text)
        self.setAccessibleName(text)


class PanelTitle(QWidget):
    """Title at the left, at most two icons at the right. Its height comes from a strut, which docks need."""

    def __init__(self, title: str = "") -> None:
        super().__init__()
        self._label = Label(title, "title")
        self._label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(14, 5, 8, 5)
        self._row.setSpacing(4)
        self._row.addStrut(28)
        self._row.addWidget(self._label, 1)

    def set_title(self, title: str) -> None:
        self._label.setText(title)

    def add_button(self, name: str, text: str, clicked: Callable[[], None]) -> IconButton:
        """`text`: what it does. Later texts through `IconButton.set_text`."""
        button = IconButton(name, text)
        button.clicked.connect(lambda: clicked())  # noqa: PLW0108  (without the "checked" of the signal)
        self._row.addWidget(button)
        return button


class LabelledSlider(QWidget):
    """Name at the left, value at the right, slider below. Arrow keys move by `step`."""

    value_changed = Signal(float)

    def __init__(
        self, name: str, low: float, high: float, step: float, show: Callable[[float], str], *, margin: int = 14
    ) -> None:
        super().__init__()
        self._low, self._step, self._show = low, step, show
        self._name = Label(name)
        self._value = Label("", "strong")
        self._value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, round((high - low) / step))
        self.slider.setPageStep(max(1, self.slider.maximum() // 10))
        self.slider.valueChanged.connect(self._moved)
        row = QHBoxLayout()
        row.addWidget(self._name, 1)
        row.addWidget(self._value)
        column = QVBoxLayout(self)
        column.setContentsMargins(margin, 2, margin, 2)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.slider)
        self.setFocusProxy(self.slider)
        self.set_name(name)
        self._show_value()

    def set_name(self, name: str) -> None:
        """Also after a change of the language: the value is written anew."""
        self._name.setText(name)
        self.slider.setAccessibleName(name)
        self._show_value()

    def set_scale(self, scale: float) -> None:
        """Of the text, for the projector."""
        for label in (self._name, self._value):
            label.set_scale(scale)

    def value(self) -> float:
        return self._low + self.slider.value() * self._step

    def set_value(self, value: float) -> None:
        """Without `value_changed`: that is for what the user does."""
        blocked = self.slider.blockSignals(True)
        self.slider.setValue(round((value - self._low) / self._step))
        self.slider.blockSignals(blocked)
        self._show_value()

    def _show_value(self) -> None:
        text = self._show(self.value())
        self._value.setText(text)
        self.slider.setAccessibleDescription(text)

    def _moved(self) -> None:
        self._show_value()
        self.value_changed.emit(self.value())


class WheelToParent(QObject):
    """An event filter for sliders and pickers in something that scrolls: the wheel scrolls, and changes no value."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel:
            event.ignore()
            return True
        return super().eventFilter(watched, event)


class SearchField(QLineEdit):
    """A field with a magnifying glass; Escape empties it."""

    def __init__(self, placeholder: str = "", icon_name: str = "magnifying-glass") -> None:
        super().__init__()
        self.addAction(icon(icon_name, "muted", 16), QLineEdit.ActionPosition.LeadingPosition)
        self.setClearButtonEnabled(True)
        self.set_placeholder(placeholder)

    def set_placeholder(self, text: str) -> None:
        self.setPlaceholderText(text)
        self.setAccessibleName(text)

    def event(self, event: QEvent) -> bool:
        # To a field of text Ctrl+E is the end of its line; everywhere in the window it exports.
        if event.type() == QEvent.Type.ShortcutOverride and _is_export(event):
            event.ignore()
            return True
        # Escape is also a shortcut of the window; a field with text in it comes first.
        if event.type() == QEvent.Type.ShortcutOverride and self.text() and _is_escape(event):
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress and self.text() and _is_escape(event):
            self.clear()
            return True
        return super().event(event)


def _is_export(event: QEvent) -> bool:
    control = Qt.KeyboardModifier.ControlModifier
    return isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_E and event.modifiers() == control


def _is_escape(event: QEvent) -> bool:
    return getattr(event, "key", lambda: None)() == Qt.Key.Key_Escape


class EmptyState(QWidget):
    """What an empty panel says: an icon, one strong line, one muted sentence."""

    def __init__(self, icon_name: str, title: str = "", text: str = "") -> None:
        super().__init__()
        self._icon = icon_name
        self._picture = IconPlate(icon_name, "faint", 32)
        self._title = Label(title, "strong", wrap=True)
        self._text = Label(text, "small", "muted", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(4)
        column.addStretch(1)
        column.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(8)
        for label in (self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(label)
        column.addStretch(1)

    def set_texts(self, title: str, text: str) -> None:
        self._title.setText(title)
        self._text.setText(text)


class IconPlate(QWidget):
    """An icon that is only looked at: no focus, no name."""

    def __init__(self, name: str, colour: str, size: int) -> None:
        super().__init__()
        self._name, self._colour = name, colour
        self.setFixedSize(size, size)
        theme().changed.connect(self.update)

    def set_icon(self, name: str, colour: str) -> None:
        self._name, self._colour = name, colour
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_icon(painter, QRectF(self.rect()), self._name, theme().colour(self._colour))


class DropButton(QPushButton):
    """A button of the toolbar that opens a menu: icon, value, caret. The value is the label; its kind is the tool tip.

    A bar along the lower edge shows work on what was chosen (`set_progress`).
    """

    def __init__(self, icon_name: str, kind: str = "", maximum_width: int = 240) -> None:
        super().__init__()
        self._icon_name, self._kind, self._value = icon_name, kind, ""
        self._progress: float | None = None
        self.setMaximumWidth(maximum_width)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        theme().changed.connect(self.update)
        self.set_value("")

    def set_icon(self, name: str) -> None:
        self._icon_name = name
        self.update()

    def set_kind(self, kind: str) -> None:
        """ "Input", "Model": what the value is."""
        self._kind = kind
        self.set_value(self._value)

    def set_value(self, value: str) -> None:
        """Cut at the end where it is too long; the tool tip has all of it."""
        self._value = value
        self.setToolTip(f"{self._kind}: {value}" if value else self._kind)
        self.setAccessibleName(self.toolTip())
        self.updateGeometry()
        self.update()

    @property
    def value(self) -> str:
        return self._value

    def set_progress(self, fraction: float | None) -> None:
        """`None`: no bar."""
        self._progress = fraction
        self.update()

    def sizeHint(self) -> QSize:
        text = self.fontMetrics().horizontalAdvance(self._value)
        return QSize(min(self.maximumWidth(), text + 84), 34)

    def minimumSizeHint(self) -> QSize:
        return QSize(96, 34)

    def paintEvent(self, event: QPaintEvent) -> None:
        focus = self.hasFocus()
        fill = "soft" if self.isDown() else "hover" if self.underMouse() and self.isEnabled() else "raised"
        colour = "text" if self.isEnabled() else "faint"
        area = QRectF(self.rect())
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            inset = 1.0 if focus else 0.5
            painter.setPen(QPen(theme().colour("accent" if focus else "line2"), 2 * inset))
            painter.setBrush(theme().colour(fill))
            painter.drawRoundedRect(area.adjusted(inset, inset, -inset, -inset), 6, 6)
            top = area.center().y() - 10
            paint_icon(painter, QRectF(12, top, 20, 20), self._icon_name, theme().colour(colour))
            paint_icon(painter, QRectF(area.right() - 28, top + 3, 14, 14), "caret-down", theme().colour("muted"))
            text = area.adjusted(44, 0, -36, 0)
            shown = painter.fontMetrics().elidedText(self._value, Qt.TextElideMode.ElideRight, int(text.width()) + 1)
            painter.setPen(theme().colour(colour))
            painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, shown)
            if self._progress is not None:
                bar = area.adjusted(7, area.height() - 5, -7, -2)
                paint_bar(painter, bar, self._progress, theme().colour("accent"))


def paint_bar(painter: QPainter, area: QRectF, fraction: float, colour: QColor) -> None:
    """A bar with round ends, filled from the left to `fraction` of `area`; what is above zero can be seen."""
    radius = area.height() / 2
    whole = QPainterPath()
    whole.addRoundedRect(area, radius, radius)
    painter.fillPath(whole, theme().colour("track"))
    if fraction <= 0:
        return
    filled = QRectF(area)
    filled.setWidth(max(area.height() / 2, area.width() * min(1.0, fraction)))
    part = QPainterPath()
    part.addRoundedRect(filled, min(radius, filled.width() / 2), radius)
    painter.fillPath(part, colour)


class ProgressBar(QWidget):
    """6 pixels high. `None` is work whose end is not known: the bar is whole and pale."""

    def __init__(self, name: str = "") -> None:
        super().__init__()
        self._fraction: float | None = 0.0
        self.setFixedHeight(6)
        self.setMinimumWidth(48)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)
        theme().changed.connect(self.update)

    @property
    def fraction(self) -> float | None:
        return self._fraction

    def set_fraction(self, fraction: float | None) -> None:
        self._fraction = fraction
        self.setAccessibleDescription("" if fraction is None else f"{round(100 * fraction)} %")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            accent = theme().colour("accent", 0.5 if self._fraction is None else 1.0)
            paint_bar(painter, QRectF(self.rect()), 1.0 if self._fraction is None else self._fraction, accent)


def button(text: str = "", kind: str = "", icon_name: str = "") -> QPushButton:
    """`kind`: "primary" (the one main action), "link", or plain."""
    result = QPushButton(text)
    if kind:
        result.setProperty("kind", kind)
    if icon_name:
        result.setIcon(icon(icon_name, "on_accent" if kind == "primary" else "text", 16))
        result.setIconSize(QSize(20, 16))  # some air between icon and text
    return result
