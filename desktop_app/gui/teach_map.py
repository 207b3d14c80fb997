"""The map of what is taught: the examples, the regions in which the layer says each class, and the live picture as a
dot that moves."""

from __future__ import annotations

from collections import deque
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from desktop_app.core.example_map import Plane
from desktop_app.core.linear_layer import Floats
from desktop_app.gui import texts
from desktop_app.gui.teach_state import TeachState
from desktop_app.gui.theme import theme
from desktop_app.i18n import tr
from desktop_app.render.palette import PaletteName, chart_colour

CELL = 4
"""Pixels of the screen for which the layer is asked once, where regions are shaded."""
TRAIL = 24
ROOM = 0.18
"""Free space round the examples, as a share of how far they reach."""
NEAR = 10.0
Point = tuple[float, float]


def line_of(weights: Floats, bias: Floats, first: int, second: int) -> tuple[float, float, float]:
    """(a, b, c) of the line a·x + b·y + c = 0 on which two classes are as likely."""
    a, b = (float(value) for value in weights[first] - weights[second])
    return a, b, float(bias[first] - bias[second])


def equation(weights: Floats, bias: Floats, names: tuple[str, str] | None = None) -> str:
    """Of two classes: "3.10·x + 0.42·y − 1.07 = 0"."""
    a, b, c = line_of(weights, bias, 0, 1)
    x, y = names or ("x", "y")
    text = ""
    for value, name in ((a, f"·{x}"), (b, f"·{y}"), (c, "")):
        if abs(value) >= 0.005:  # else it would be written as 0.00
            sign = ("− " if value < 0 else "+ ") if text else texts.MINUS if value < 0 else ""
            text += f"{sign}{texts.number(abs(value), 2)}{name} "
    return f"{text}= 0"


class TeachMap(QWidget):
    example_chosen = Signal(int)
    """The number of an example that was clicked."""

    def __init__(self, state: TeachState) -> None:
        super().__init__()
        self._state = state
        self._palette: PaletteName = "default"
        self._scale = 1.0
        self._regions = QImage()
        self._regions_of: object = None
        self._trail: deque[Point] = deque(maxlen=TRAIL)
        self.setMouseTracking(True)
        self.setMinimumSize(200, 150)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        state.mapped.connect(self._new_map)
        state.answered.connect(self._move)
        state.lesson_changed.connect(self.update)
        theme().changed.connect(self._forget_regions)
        texts.follow_language(self, self._retext)

    def sizeHint(self) -> QSize:
        return QSize(360, 260)

    def set_palette(self, palette: PaletteName) -> None:
        self._palette = palette
        self._forget_regions()

    def set_scale(self, scale: float) -> None:
        self._scale = scale
        self.update()

    def _retext(self) -> None:
        self.setAccessibleName(tr("Map of the examples"))
        self.update()

    def _forget_regions(self) -> None:
        self._regions_of = None
        self.update()

    def _new_map(self) -> None:
        self._trail.clear()
        self._forget_regions()

    def _move(self) -> None:
        live, plane = self._state.live, self._plane
        if live is not None and plane is not None and len(live.x) == plane.axes.shape[1]:
            x, y = plane.place(live.x)
            self._trail.append((float(x), float(y)))
            self.update()

    # --- where things lie ---------------------------------------------------------------------------------------

    @property
    def _plane(self) -> Plane | None:
        return None if self._state.plane is None else self._state.plane.plane

    def _view(self) -> QRectF:
        """What of the plane is seen: all examples and the live dot, with both directions in one scale unless they are
        two features."""
        plane = self._plane
        assert plane is not None
        points = plane.points
        if self._trail:
            points = np.vstack([points, np.array(self._trail[-1], np.float32)])
        low, high = points.min(axis=0), points.max(axis=0)
        span = np.maximum(high - low, 1e-3 * max(float((high - low).max()), 1e-6))
        middle, half = (low + high) / 2, span * (0.5 + ROOM)
        area = self._area()
        if plane.kind != "features":
            scale = max(float(half[0]) / area.width(), float(half[1]) / area.height())
            half = np.array([scale * area.width(), scale * area.height()])
        x, y, dx, dy = (float(value) for value in (middle[0], middle[1], half[0], half[1]))
        return QRectF(x - dx, y - dy, 2 * dx, 2 * dy)

    def _area(self) -> QRectF:
        line = QFontMetricsF(theme().font("caption", self._scale)).height()
        return QRectF(self.rect()).adjusted(line + 8, 4, -4, -(line + 6))

    def _on_screen(self, point: Point, view: QRectF) -> QPointF:
        area = self._area()
        return QPointF(
            area.left() + (point[0] - view.left()) / view.width() * area.width(),
            area.bottom() - (point[1] - view.top()) / view.height() * area.height(),
        )

    # --- painting -----------------------------------------------------------------------------------------------

    def colour(self, slot: int) -> QColor:
        return chart_colour(slot - 1, self._palette, light=not theme().is_dark)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            area = self._area()
            painter.fillRect(area, theme().colour("raised"))
            if self._plane is None:
                painter.setPen(theme().colour("muted"))
                painter.setFont(theme().font("small", self._scale))
                text = tr("The map appears when two things have been shown.")
                painter.drawText(area.adjusted(12, 0, -12, 0), Qt.AlignmentFlag.AlignCenter | _WRAP, text)
                return
            view = self._view()
            painter.save()
            painter.setClipRect(area)
            self._paint_regions(painter, self._plane, view)
            self._paint_lines(painter, self._plane, view)
            self._paint_examples(painter, view)
            self._paint_live(painter, view)
            painter.restore()
            painter.setPen(QPen(theme().colour("line2"), 1))
            painter.drawRect(area)
            self._paint_axes(painter, area, self._plane)

    def _paint_regions(self, painter: QPainter, plane: Plane, view: QRectF) -> None:
        area = self._area()
        columns, rows = max(1, int(area.width() / CELL)), max(1, int(area.height() / CELL))
        key = (id(plane), columns, rows, view.getRect(), theme().is_dark)
        if self._regions_of != key:
            self._regions_of = key
            self._regions = self._shade(plane, view, columns, rows)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(area, self._regions)

    def _shade(self, plane: Plane, view: QRectF, columns: int, rows: int) -> QImage:
        """The colour of the class that is said at each place, the fuller the surer."""
        xs = view.left() + (np.arange(columns) + 0.5) / columns * view.width()
        ys = view.bottom() - (np.arange(rows) + 0.5) / rows * view.height()
        grid = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
        logits = grid @ plane.weights.T.astype(np.float64) + plane.bias
        said = logits.argmax(axis=1)
        sure = _sureness(logits, plane)
        shades = [self.colour(slot) for slot in self._state.learnt.slots]
        colours = np.array([(shade.red(), shade.green(), shade.blue()) for shade in shades], np.float64)
        if len(colours) < len(plane.weights):
            return QImage()
        alpha = (0.08 + 0.30 * sure)[:, None]
        rgb = (colours[said] * alpha).astype(np.uint32)
        argb = (alpha[:, 0] * 255).astype(np.uint32) << 24 | rgb[:, 0] << 16 | rgb[:, 1] << 8 | rgb[:, 2]
        data = np.ascontiguousarray(argb, np.uint32)
        form = QImage.Format.Format_ARGB32_Premultiplied
        return QImage(data.tobytes(), columns, rows, columns * 4, form).copy()

    def _paint_lines(self, painter: QPainter, plane: Plane, view: QRectF) -> None:
        """Where two classes are as likely, as far as no third is likelier."""
        painter.setPen(QPen(theme().colour("text"), 2 * self._scale))
        for first, second in combinations(range(len(plane.weights)), 2):
            a, b, c = line_of(plane.weights, plane.bias, first, second)
            length = a * a + b * b
            if length <= 0:
                continue
            foot = np.array([-a * c, -b * c]) / length
            middle = np.array([view.center().x(), view.center().y()])
            way = np.array([-b, a]) / np.sqrt(length)
            foot = foot + way * float((middle - foot) @ way)  # the point of the line nearest to what is seen
            reach = float(np.hypot(view.width(), view.height()))
            along = np.linspace(-reach, reach, 400)
            places = foot + along[:, None] * way
            logits = places @ plane.weights.T.astype(np.float64) + plane.bias
            shown = logits[:, first] >= logits.max(axis=1) - 1e-6 * (1 + np.abs(logits).max())
            run = [
                self._on_screen((float(x), float(y)), view) for (x, y), seen in zip(places, shown, strict=True) if seen
            ]
            if len(run) > 1:
                painter.drawPolyline(QPolygonF([run[0], run[-1]]))

    def _paint_examples(self, painter: QPainter, view: QRectF) -> None:
        found = self._state.plane
        assert found is not None
        radius = 5 * self._scale
        live = self._state.live
        for number, point in zip(found.examples, found.plane.points, strict=True):
            place = self._on_screen((float(point[0]), float(point[1])), view)
            slot = self._state.slot_of(int(number))
            if live is not None and self._trail and int(number) == live.nearest:
                painter.setPen(QPen(theme().colour("muted"), 1.5, Qt.PenStyle.DashLine))
                painter.drawLine(place, self._on_screen(self._trail[-1], view))
            painter.setPen(QPen(theme().colour("window"), 1.5))
            painter.setBrush(self.colour(slot) if slot else theme().colour("faint"))
            painter.drawEllipse(place, radius, radius)
            painter.setPen(theme().colour("ink") if theme().is_dark else theme().colour("raised"))
            painter.setFont(theme().font("caption", 0.75 * self._scale))
            box = QRectF(place.x() - radius, place.y() - radius, 2 * radius, 2 * radius)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(slot))

    def _paint_live(self, painter: QPainter, view: QRectF) -> None:
        trail = [self._on_screen(point, view) for point in self._trail]
        if not trail:
            return
        for place, (start, end) in enumerate(pairwise(trail)):
            painter.setPen(QPen(theme().colour("accent", 0.6 * (place + 1) / len(trail)), 2 * self._scale))
            painter.drawLine(start, end)
        radius = 8 * self._scale
        painter.setPen(QPen(theme().colour("window"), 4 * self._scale))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(trail[-1], radius, radius)
        painter.setPen(QPen(theme().colour("text"), 2.5 * self._scale))
        painter.drawEllipse(trail[-1], radius, radius)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().colour("text"))
        painter.drawEllipse(trail[-1], 2.5 * self._scale, 2.5 * self._scale)

    def _paint_axes(self, painter: QPainter, area: QRectF, plane: Plane) -> None:
        if plane.features is not None:
            across, up = (tr("feature {n}", n=n) for n in plane.features)
        elif plane.kind == "pca":
            across, up = tr("main direction 1"), tr("main direction 2")
        else:
            across, up = tr("direction 1 of the decision"), tr("direction 2")
        painter.setFont(theme().font("caption", self._scale))
        painter.setPen(theme().colour("muted"))
        line = painter.fontMetrics().height()
        below = QRectF(area.left(), area.bottom() + 3, area.width(), line)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, across)
        painter.translate(area.left() - 4, area.bottom())
        painter.rotate(-90)
        painter.drawText(QRectF(0, -line, area.height(), line), Qt.AlignmentFlag.AlignCenter, up)

    # --- pointer ------------------------------------------------------------------------------------------------

    def _under(self, point: QPointF) -> int | None:
        found = self._state.plane
        if found is None:
            return None
        view = self._view()
        best, where = NEAR * self._scale, None
        for number, place in zip(found.examples, found.plane.points, strict=True):
            apart = self._on_screen((float(place[0]), float(place[1])), view) - point
            distance = float(np.hypot(apart.x(), apart.y()))
            if distance < best:
                best, where = distance, int(number)
        return where

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        number = self._under(event.position())
        if number is None:
            QToolTip.hideText()
            return
        name = self._state.names.get(self._state.slot_of(number), "")
        QToolTip.showText(event.globalPosition().toPoint(), name, self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self._under(event.position())
        if number is not None:
            self.example_chosen.emit(number)


_WRAP = Qt.TextFlag.TextWordWrap


def _sureness(logits: NDArray[np.float64], plane: Plane) -> NDArray[np.float64]:
    """The probability of the class that is said."""
    best = logits.max(axis=1)
    if plane.link == "sigmoid":
        sure: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(best, -60, 60)))
    else:
        sure = 1 / np.exp(logits - best[:, None]).sum(axis=1)
    return sure
