"""Icons of the window: Phosphor outlines from `resources/icons`, in the colours of the theme.

The outlines are files of this project because importing qtawesome at the start costs 0.15 to 0.3 s.
"""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from desktop_app.gui.theme import theme
from desktop_app.paths import resource_path


@cache
def _outline(name: str) -> str:
    """The SVG text. A missing icon is a mistake of the program and raises `FileNotFoundError`."""
    return resource_path("icons", f"{name}.svg").read_text(encoding="utf-8")


@cache
def _filled(name: str) -> str:
    """The filled sister of a regular icon where there is one."""
    return f"{name}-fill" if resource_path("icons", f"{name}-fill.svg").is_file() else name


@cache
def _renderer(name: str, colour: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(_outline(name).replace("#000", colour).encode()))


def paint_icon(painter: QPainter, rect: QRectF, name: str, colour: QColor) -> None:
    """Draws an icon in the middle of `rect`, for delegates and widgets that paint themselves."""
    side = min(rect.width(), rect.height())
    centred = QRectF(0, 0, side, side)
    centred.moveCenter(rect.center())
    opacity = painter.opacity()
    painter.setOpacity(opacity * colour.alphaF())
    _renderer(name, colour.name()).render(painter, centred)
    painter.setOpacity(opacity)


class _Engine(QIconEngine):
    """Asks the theme for its colour whenever it paints, so that icons follow a change by themselves."""

    def __init__(self, name: str, colour_token: str, size: int) -> None:
        super().__init__()
        self._name, self._colour, self._size = name, colour_token, size

    def _look(self, mode: QIcon.Mode, state: QIcon.State) -> tuple[str, QColor]:
        on = state == QIcon.State.On
        token = "faint" if mode == QIcon.Mode.Disabled else "accent" if on and self._colour == "text" else self._colour
        return _filled(self._name) if on else self._name, theme().colour(token)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        name, colour = self._look(mode, state)
        paint_icon(painter, QRectF(rect), name, colour)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        picture = QPixmap(size)
        picture.fill(Qt.GlobalColor.transparent)
        with QPainter(picture) as painter:
            self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        return picture

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:
        picture = self.pixmap(size, mode, state)
        picture.setDevicePixelRatio(scale)
        return picture

    def actualSize(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QSize:
        return size.boundedTo(QSize(self._size, self._size))

    def clone(self) -> QIconEngine:
        return _Engine(self._name, self._colour, self._size)


def icon(name: str, colour_token: str = "text", size: int = 20) -> QIcon:  # noqa: S107
    """A Phosphor icon by name ("camera", "record-fill").

    Checked: filled where there is a filled sister, and in accent. Disabled: faint.
    """
    _outline(name)
    return QIcon(_Engine(name, colour_token, size))


def pixmap(name: str, colour_token: str = "text", size: int = 20, ratio: float = 1.0) -> QPixmap:  # noqa: S107
    """An icon as pixels, `size` logical pixels wide on a screen of `ratio`. Does not follow the theme."""
    picture = QPixmap(round(size * ratio), round(size * ratio))
    picture.fill(Qt.GlobalColor.transparent)
    with QPainter(picture) as painter:
        paint_icon(painter, QRectF(picture.rect()), name, theme().colour(colour_token))
    picture.setDevicePixelRatio(ratio)
    return picture
