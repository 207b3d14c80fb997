"""A line that is laid out once looks as if it were laid out each time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from desktop_app.gui.line_text import draw_line
from desktop_app.gui.theme import FontRole, theme

AREA = QRect(10, 4, 90, 30)


@pytest.fixture(autouse=True)
def dark(qapp: QApplication) -> Iterator[None]:
    theme().apply(qapp, "dark")
    yield
    theme().apply(qapp, "dark")


def drawn(draw: Callable[[QPainter], object]) -> QImage:
    image = QImage(300, 40, QImage.Format.Format_RGB32)
    image.fill(0)
    with QPainter(image) as painter:
        painter.setPen(QColor("white"))
        draw(painter)
    return image


@pytest.mark.parametrize("role", ["small", "body", "strong", "count"])
@pytest.mark.parametrize("text", ["car", "a very long name of a class", "0.84"])
@pytest.mark.parametrize("right", [False, True])
def test_it_looks_as_qt_lays_it_out(role: FontRole, text: str, right: bool) -> None:
    def as_usual(painter: QPainter) -> None:
        painter.setFont(theme().font(role))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, AREA.width())
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        painter.drawText(AREA, side | Qt.AlignmentFlag.AlignVCenter, shown)

    once = drawn(lambda painter: draw_line(painter, AREA, text, role, right=right, elide=True))
    again = drawn(lambda painter: draw_line(painter, AREA, text, role, right=right, elide=True))
    assert once == again == drawn(as_usual)


def test_it_follows_the_size_of_the_text(qapp: QApplication) -> None:
    small = drawn(lambda painter: draw_line(painter, AREA, "car", "body"))
    theme().apply(qapp, "dark", 1.5)
    large = drawn(lambda painter: draw_line(painter, AREA, "car", "body"))
    theme().apply(qapp, "dark")
    assert large != small
    assert drawn(lambda painter: draw_line(painter, AREA, "car", "body")) == small
