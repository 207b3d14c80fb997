"""The table of what was measured on this machine: a row a setup, milliseconds by stage, rates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from desktop_app.core.bench import ENGINES, Measured, Setup
from desktop_app.gui import texts
from desktop_app.gui.theme import theme
from desktop_app.gui.widgets import paint_bar
from desktop_app.i18n import tr

Index = QModelIndex | QPersistentModelIndex
ROW = 30
PADDING = 10
BAR = 36
"""Width of the bar in the column of the rate."""


@dataclass(frozen=True, slots=True)
class Column:
    """`widest`: a text that it must have room for. `hint`: the tool tip of the heading."""

    title: Callable[[], str]
    text: Callable[[Measured], str]
    widest: str
    hint: Callable[[], str]
    number: bool = True


def _ms(stage: str) -> Callable[[Measured], str]:
    return lambda row: texts.number(row.ms[stage], 1) if stage in row.ms else "–"


def _rate(value: float | None) -> str:
    return "–" if not value else texts.fps(value)


COLUMNS: tuple[Column, ...] = (
    Column(lambda: tr("Model"), lambda r: r.setup.model, "efficientnet-lite0", lambda: tr("Model"), False),
    Column(
        lambda: tr("Engine, device"),
        lambda r: f"{ENGINES.get(r.setup.engine, r.setup.engine)}, {r.setup.device_title}",
        "OpenVINO, CPU",
        lambda: tr("Where the network runs"),
        False,
    ),
    Column(lambda: tr("Precision"), lambda r: r.setup.precision, "bf16", lambda: tr("Numbers of the network"), False),
    Column(lambda: tr("Wait"), _ms("grab"), "000.0", lambda: tr("Until the source gives the next frame: no work")),
    Column(lambda: tr("Decode"), _ms("decode"), "000.0", lambda: tr("From the source to a picture")),
    Column(lambda: tr("Prepare"), _ms("preprocess"), "000.0", lambda: tr("From the picture to the network's input")),
    Column(lambda: tr("Network"), _ms("forward"), "0000.0", lambda: tr("The network alone")),
    Column(lambda: tr("Read"), _ms("postprocess"), "000.0", lambda: tr("From the network's output to the answer")),
    Column(lambda: tr("Draw"), _ms("draw"), "000.0", lambda: tr("The answer over the picture, at its size")),
    Column(
        lambda: tr("Live, per s"),
        lambda r: _rate(r.live_fps if r.frames else None),
        "0000.0",
        lambda: tr("Frames a second, one after the other: every stage but the wait"),
    ),
    Column(
        lambda: tr("Files, per s"),
        lambda r: _rate(r.file_fps),
        "0000.0",
        lambda: tr("Frames a second of a file, several at once, without drawing"),
    ),
)
LIVE = 9


class BenchModel(QAbstractTableModel):
    """Rows in the order in which they came; `best` are the recommended ones, `fps` the rate that is wanted."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[Measured] = []
        self.best: frozenset[Setup] = frozenset()
        self.most = 1.0
        self._places: dict[Setup, int] = {}

    def put(self, row: Measured) -> None:
        place = self._places.get(row.setup)
        if place is None:
            self.beginInsertRows(QModelIndex(), len(self.rows), len(self.rows))
            self._places[row.setup] = len(self.rows)
            self.rows.append(row)
            self.endInsertRows()
        else:
            self.rows[place] = row
        self.most = max((r.live_fps for r in self.rows), default=1.0)
        self.changed()

    def remove(self, setup: Setup) -> None:
        if setup in self._places:
            self.beginResetModel()
            self.rows = [row for row in self.rows if row.setup != setup]
            self._places = {row.setup: place for place, row in enumerate(self.rows)}
            self.endResetModel()

    def clear(self) -> None:
        self.beginResetModel()
        self.rows, self._places, self.best = [], {}, frozenset()
        self.endResetModel()

    def set_best(self, best: frozenset[Setup]) -> None:
        self.best = best
        self.changed()

    def changed(self) -> None:
        if self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, len(COLUMNS) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        if not index.isValid():
            return None
        row, column = self.rows[index.row()], COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            said = f"{column.title()}: {column.text(row)}"
            return tr("{text} (recommended)", text=said) if row.setup in self.best and index.column() == 0 else said
        if role == Qt.ItemDataRole.ToolTipRole and "forward" in row.spread:
            return tr(
                "{count} frames · network {ms} ± {spread} ms · input {size} · {flight} at once in files",
                count=row.frames,
                ms=texts.number(row.ms["forward"], 1),
                spread=texts.number(row.spread["forward"], 1),
                size=texts.size(*row.input_size),
                flight=row.in_flight,
            )
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = int(Qt.ItemDataRole.DisplayRole)
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = COLUMNS[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title()
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.hint()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.number else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None


class _Delegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(40, row_height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        assert isinstance(model, BenchModel)
        row, column = model.rows[index.row()], COLUMNS[index.column()]
        best = row.setup in model.best
        area = QRect(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if best:
            painter.fillRect(area, theme().colour("soft"))
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(theme().colour("accent"))
            painter.drawRect(area.adjusted(0, 0, -1, -1))
        inner = area.adjusted(PADDING, 0, -PADDING, 0)
        if index.column() == LIVE and row.frames:
            bar = QRectF(inner.left(), area.center().y() - 2.5, BAR, 6)
            paint_bar(painter, bar, row.live_fps / model.most, theme().colour("accent"))
        strong = best and index.column() in (0, LIVE)
        painter.setFont(theme().font("strong" if strong else "body"))
        painter.setPen(theme().colour("text" if index.column() in (0, LIVE) or not column.number else "muted"))
        side = Qt.AlignmentFlag.AlignRight if column.number else Qt.AlignmentFlag.AlignLeft
        text = column.text(row)
        if not column.number:
            text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, side | Qt.AlignmentFlag.AlignVCenter, text)
        painter.restore()


def row_height() -> int:
    return max(ROW, QFontMetrics(theme().font("body")).height() + 12)


class BenchTable(QTableView):
    def __init__(self) -> None:
        super().__init__()
        self.bench = BenchModel(self)
        self._widths = [0] * len(COLUMNS)
        self.setModel(self.bench)
        self.setItemDelegate(_Delegate(self))
        self.setShowGrid(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().setHighlightSections(False)
        theme().changed.connect(self.fit)
        self.fit()

    def sizeHint(self) -> QSize:
        return QSize(sum(self._widths) + self.verticalScrollBar().sizeHint().width() + 24, 9 * row_height())

    def fit(self) -> None:
        """Room for each heading and for the widest number, in the language and font in use."""
        self.verticalHeader().setDefaultSectionSize(row_height())
        body, head = QFontMetrics(theme().font("strong")), self.horizontalHeader().fontMetrics()
        for place, column in enumerate(COLUMNS):
            bar = BAR + 8 if place == LIVE else 0
            width = max(body.horizontalAdvance(column.widest) + bar, head.horizontalAdvance(column.title()) + 4)
            self._widths[place] = width + 2 * PADDING
            self.setColumnWidth(place, self._widths[place])
        self.bench.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)
        self.bench.changed()
