"""The lists of the search: where a class is to be seen, and which classes there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop_app.gui import texts
from desktop_app.gui.analysis_state import Hit
from desktop_app.gui.theme import theme
from desktop_app.gui.thumbnails import Thumbnails
from desktop_app.gui.timeline import exact_clock
from desktop_app.i18n import tr, tr_class
from desktop_app.render.palette import PaletteName, class_colour

ROW = 62
_PICTURE = QSize(88, 50)
HIT = int(Qt.ItemDataRole.UserRole)
Index = QModelIndex | QPersistentModelIndex


class HitModel(QAbstractListModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._hits: tuple[Hit, ...] = ()

    def put(self, hits: Sequence[Hit]) -> None:
        """Those that stay keep their rows, so that the list does not jump while an analysis goes on."""
        if tuple(hits) == self._hits:
            return
        self.beginResetModel()
        self._hits = tuple(hits)
        self.endResetModel()

    def hit(self, row: int) -> Hit:
        return self._hits[row]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._hits)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        if not index.isValid():
            return None
        hit = self._hits[index.row()]
        if role == HIT:
            return hit
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{tr_class(hit.label)}, {span_text(hit)}, {texts.percent(hit.where.confidence, 0)}"
        return None


class ClassRows(QAbstractListModel):
    """Before anything is searched for: the classes that were seen."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._rows: list[tuple[str, int]] = []

    def put(self, rows: list[tuple[str, int]]) -> None:
        if rows != self._rows:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()

    def label(self, row: int) -> str:
        return self._rows[row][0]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        if not index.isValid():
            return None
        label, frames = self._rows[index.row()]
        if role == HIT:
            return label, frames
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return tr("{label}, in {count} frames", label=tr_class(label), count=texts.number(frames))
        return None


def span_text(hit: Hit) -> str:
    """ "00:12.30 – 00:15.00", or one time for a single frame."""
    start, end = exact_clock(hit.where.start), exact_clock(hit.where.end)
    return start if hit.where.first == hit.where.last else f"{start} – {end}"


class HitDelegate(QStyledItemDelegate):
    """Rows of both models."""

    def __init__(self, parent: QObject, thumbnails: Thumbnails, palette: Callable[[], PaletteName]) -> None:
        super().__init__(parent)
        self._thumbnails, self._palette = thumbnails, palette

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, ROW if isinstance(index.data(HIT), Hit) else 30)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        area: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        fill = "soft" if state & QStyle.StateFlag.State_Selected else None
        if fill is None and state & QStyle.StateFlag.State_MouseOver:
            fill = "hover"
        if fill is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().colour(fill))
            painter.drawRoundedRect(QRectF(area).adjusted(1, 1, -1, -1), 6, 6)
        found = index.data(HIT)
        if isinstance(found, Hit):
            self._paint_hit(painter, area, found)
        elif found is not None:
            self._paint_class(painter, area, *found)
        painter.restore()

    def _paint_hit(self, painter: QPainter, area: QRect, hit: Hit) -> None:
        picture = QRect(area.left() + 6, area.top() + (ROW - _PICTURE.height()) // 2, *_PICTURE.toTuple())
        painter.fillRect(picture, theme().colour("stage"))
        image = self._thumbnails.exact(hit.where.best) or self._thumbnails.nearest(hit.where.best)
        if image is not None:
            size = image.size().scaled(_PICTURE, Qt.AspectRatioMode.KeepAspectRatio)
            inside = QRect(picture.topLeft(), size)
            inside.moveCenter(picture.center())
            painter.drawImage(inside, image)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(class_colour(hit.class_id, self._palette()))
        painter.drawRoundedRect(QRectF(picture.right() + 6, picture.top(), 4, picture.height()), 2, 2)
        words = QRect(picture.right() + 18, area.top() + 8, area.right() - picture.right() - 26, 22)
        painter.setFont(theme().font("strong"))
        painter.setPen(theme().colour("text"))
        sure = texts.percent(hit.where.confidence, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, sure)
        room = words.width() - painter.fontMetrics().horizontalAdvance(sure) - 8
        name = painter.fontMetrics().elidedText(tr_class(hit.label), Qt.TextElideMode.ElideRight, room)
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
        painter.setFont(theme().font("small"))
        painter.setPen(theme().colour("muted"))
        painter.drawText(
            words.translated(0, 23), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, span_text(hit)
        )

    def _paint_class(self, painter: QPainter, area: QRect, label: str, frames: int) -> None:
        words = area.adjusted(8, 0, -8, 0)
        painter.setFont(theme().font("body"))
        count = texts.number(frames)
        painter.setPen(theme().colour("muted"))
        painter.drawText(words, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, count)
        room = words.width() - painter.fontMetrics().horizontalAdvance(count) - 12
        painter.setPen(theme().colour("text"))
        name = painter.fontMetrics().elidedText(tr_class(label), Qt.TextElideMode.ElideRight, room)
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
