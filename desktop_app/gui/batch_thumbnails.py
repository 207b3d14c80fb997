"""Small pictures of what is in sight: asked for when it is painted, a bounded number kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from PySide6.QtCore import QObject, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPixmap

from desktop_app.gui.batch_run import BatchRun
from desktop_app.recogniser import messages as m

KEPT_JPEGS, KEPT_PIXMAPS = 1500, 250
"""About 20 MB, and as much once more decoded and as large as they are shown."""
ASK_MS = 25


class Thumbnails(QObject):
    came = Signal()

    def __init__(self, run: BatchRun, parent: QObject) -> None:
        super().__init__(parent)
        self._run = run
        self._jpegs: OrderedDict[str, bytes] = OrderedDict()
        self._pixmaps: OrderedDict[tuple[str, int, int], QPixmap] = OrderedDict()
        self._wanted: list[str] = []
        self._also = ""
        self._asked: set[str] = set()
        self._timer = QTimer(self, singleShot=True, interval=ASK_MS)
        self._timer.timeout.connect(self._ask)
        run.thumbnails.connect(self._arrived)
        run.begun.connect(lambda _: self.forget())

    def forget(self) -> None:
        """The files may have changed, or lie the other way round."""
        self._jpegs.clear()
        self._pixmaps.clear()
        self._asked.clear()

    def lost(self) -> None:
        """The recogniser was started again and knows of no wish."""
        self._asked.clear()
        self.came.emit()

    def want(self, paths: Sequence[str]) -> None:
        """These are in sight, the foremost first."""
        self._wanted = [path for path in (self._also, *paths) if path and path not in self._jpegs]
        if any(path not in self._asked for path in self._wanted) and not self._timer.isActive():
            self._timer.start()

    def want_also(self, path: str) -> None:
        """The selected picture, which need not be in sight."""
        if path != self._also:
            self._also = path
            if path not in self._jpegs:
                self.want(self._wanted)

    def _ask(self) -> None:
        self._asked = set(self._wanted)
        self._run.ask_thumbnails(tuple(self._wanted))

    def _arrived(self, event: m.Thumbnails) -> None:
        for item in event.items:
            self._asked.discard(item.path)
            self._jpegs[item.path] = item.jpeg
            self._jpegs.move_to_end(item.path)
        while len(self._jpegs) > KEPT_JPEGS:
            self._jpegs.popitem(last=False)
        self.came.emit()

    def has(self, path: str) -> bool:
        """Whether it is known how the file looks, or that it cannot be read."""
        return path in self._jpegs

    def pixmap(self, path: str, size: QSize) -> QPixmap | None:
        """At least as large as `size`, in pixels of the screen, in one direction just so. `None`: not here yet; null:
        the file cannot be read."""
        key = path, size.width(), size.height()
        known = self._pixmaps.get(key)
        if known is not None:
            self._pixmaps.move_to_end(key)
            return known
        jpeg = self._jpegs.get(path)
        if jpeg is None:
            return None
        self._jpegs.move_to_end(path)
        pixmap = QPixmap()
        pixmap.loadFromData(jpeg)
        if not pixmap.isNull() and pixmap.width() > size.width() and pixmap.height() > size.height():
            keep, smooth = Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation
            pixmap = pixmap.scaled(size, keep, smooth)
        self._pixmaps[key] = pixmap
        if len(self._pixmaps) > KEPT_PIXMAPS:
            self._pixmaps.popitem(last=False)
        return pixmap


def middle_of(pixmap: QPixmap, area: QRectF) -> QRectF:
    """The part of a picture that fills `area`, cut where the shapes differ."""
    scale = max(area.width() / pixmap.width(), area.height() / pixmap.height())
    part = QRectF(0, 0, area.width() / scale, area.height() / scale)
    part.moveCenter(QRectF(pixmap.rect()).center())
    return part
