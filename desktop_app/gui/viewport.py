"""Which part of a frame is seen, and how large: geometry of zoom and pan, without a widget."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSizeF

MAX_ZOOM = 160.0
"""A pixel of the frame is then a square with room for its three numbers, also for the last row of a lecture hall."""
EVEN_FROM = 8.0
"""From here on a pixel of the frame takes a whole number of pixels of the screen, so that all squares are alike."""


class Viewport:
    """A frame of `frame` pixels (`None`: nothing) in a widget of `size`, with `margin` around it while it fits."""

    def __init__(self, margin: float) -> None:
        self.frame: tuple[int, int] | None = None
        self.size = QSizeF(1, 1)
        self.margin = margin
        self.ratio = 1.0
        """Pixels of the screen a pixel of the widget."""
        self._zoom: float | None = None  # screen pixels a frame pixel; None fits
        self._centre = QPointF()  # of the widget, in pixels of the frame

    @property
    def fits(self) -> bool:
        return self._zoom is None

    @property
    def zoom(self) -> float:
        """Screen pixels a frame pixel."""
        return self.fit_zoom() if self._zoom is None else self._zoom

    def fit_zoom(self) -> float:
        if self.frame is None:
            return 1.0
        wide, high = self.size.width() - 2 * self.margin, self.size.height() - 2 * self.margin
        zoom = max(0.001, min(wide / self.frame[0], high / self.frame[1]))
        return zoom if zoom < EVEN_FROM else math.floor(zoom * self.ratio) / self.ratio

    def room(self) -> QSizeF:
        """What the picture takes when zoomed, or may take while it fits."""
        if self._zoom is None or self.frame is None:
            return QSizeF(self.size.width() - 2 * self.margin, self.size.height() - 2 * self.margin)
        return QSizeF(self.frame[0] * self._zoom, self.frame[1] * self._zoom)

    def middle(self) -> QPointF:
        return QPointF(self.size.width() / 2, self.size.height() / 2)

    def picture(self) -> QRectF:
        """Where the whole frame lies in the widget; beyond it when zoomed."""
        if self.frame is None:
            return QRectF()
        shown = QSizeF(self.frame[0] * self.zoom, self.frame[1] * self.zoom)
        if self._zoom is None:
            return QRectF(self.middle() - QPointF(shown.width() / 2, shown.height() / 2), shown)
        return QRectF(self.middle() - self._centre * self._zoom, shown)

    def fit(self) -> None:
        self._zoom = None

    def zoom_by(self, factor: float, about: QPointF) -> None:
        """The point of the frame under `about` stays where it is, as far as the picture goes on filling the widget."""
        if self.frame is None:
            return
        under = (about - self.picture().topLeft()) / self.zoom
        wanted = self._even(min(MAX_ZOOM, self.zoom * factor))
        if wanted <= self.fit_zoom():
            self.fit()
            return
        self._zoom = wanted
        self._centre = under + (self.middle() - about) / wanted
        self.keep_in_sight()

    def _even(self, zoom: float) -> float:
        return zoom if zoom < EVEN_FROM else round(zoom * self.ratio) / self.ratio

    def show(self, zoom: float, column: float, row: float) -> None:
        """That place of the frame in the middle."""
        self._zoom = self._even(min(MAX_ZOOM, zoom))
        self._centre = QPointF(column, row)
        self.keep_in_sight()

    def pixel(self, at: QPointF) -> tuple[int, int] | None:
        """Column and row of the frame under a point of the widget; `None` beside the picture."""
        place = self.picture()
        if self.frame is None or not place.contains(at):
            return None
        column, row = ((at - place.topLeft()) / self.zoom).toTuple()
        return min(int(column), self.frame[0] - 1), min(int(row), self.frame[1] - 1)

    def seen(self) -> tuple[int, int, int, int] | None:
        """The pixels of the frame of which something is on the screen: left, top, right, bottom, the last two not
        included."""
        if self.frame is None:
            return None
        place, zoom = self.picture(), self.zoom
        left, top = max(0, math.floor(-place.x() / zoom)), max(0, math.floor(-place.y() / zoom))
        right = min(self.frame[0], math.ceil((self.size.width() - place.x()) / zoom))
        bottom = min(self.frame[1], math.ceil((self.size.height() - place.y()) / zoom))
        return (left, top, right, bottom) if left < right and top < bottom else None

    def pan(self, by: QPointF) -> None:
        """Moves the picture by so many pixels of the screen."""
        self._centre -= by / self.zoom
        self.keep_in_sight()

    def keep_in_sight(self) -> None:
        """The picture fills the widget, or is in its middle where it is smaller."""
        if self._zoom is None or self.frame is None:
            return
        self._centre = QPointF(
            _held(self._centre.x(), self.size.width() / 2 / self._zoom, self.frame[0]),
            _held(self._centre.y(), self.size.height() / 2 / self._zoom, self.frame[1]),
        )


def _held(at: float, reach: float, length: float) -> float:
    """`at`, so that `reach` on both sides of it stays within 0 … `length`."""
    return length / 2 if 2 * reach >= length else min(max(at, reach), length - reach)
