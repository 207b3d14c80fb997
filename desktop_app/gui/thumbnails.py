"""Small pictures of the video at hand, as they come."""

from __future__ import annotations

import bisect

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from desktop_app.recogniser.thumbnail_client import ThumbnailClient, ThumbnailProcess

STRIP = 40
"""So many are made of each video, evenly."""
_KEPT = 600
_LOOK_MS = 80
_PATIENCE = 150
"""So many looks without an answer end the looking: a video of which no picture can be made."""


class Thumbnails(QObject):
    """`changed`: a picture came. Nothing is made before a video is shown."""

    changed = Signal()

    def __init__(self, parent: QObject, client: ThumbnailClient | None = None) -> None:
        super().__init__(parent)
        self.client: ThumbnailClient = client or ThumbnailProcess()
        self._spec = ""
        self._images: dict[int, QImage] = {}
        self._numbers: list[int] = []
        self._wanted: set[int] = set()
        self._looks = 0
        self._started = self._resting = False
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self._look)

    def show_video(self, spec: str) -> None:
        """Empty for none."""
        if spec == self._spec:
            return
        self._spec = spec
        self._images.clear()
        self._numbers.clear()
        self._wanted.clear()
        self._timer.stop()
        self._started = False
        self.client.stop()
        if spec and not self._resting:
            self._start()
        self.changed.emit()

    def rest(self, resting: bool) -> None:
        """While a video is played in haste the pictures along the timeline wait: the process that makes them would take
        from each frame what others need."""
        if resting == self._resting:
            return
        self._resting = resting
        if self._started:
            self.client.rest(resting)
            self._listen()
        elif self._spec and not resting:
            self._start()

    def _start(self) -> None:
        self._started = True
        self.client.start(self._spec, STRIP)
        if self._resting:
            self.client.rest(True)
        self._listen()

    def exact(self, number: int) -> QImage | None:
        """The picture of this very frame; where there is none yet it is asked for."""
        image = self._images.get(number)
        if image is None and self._spec and number not in self._wanted:
            self._wanted.add(number)
            if not self._started:
                self._start()
            self.client.want(number)
            self._listen()
        return image

    def nearest(self, number: int, within: tuple[int, int] | None = None) -> QImage | None:
        """The picture that is next to this frame among those there are, of the frames `within` where given."""
        if not self._numbers:
            return None
        at = bisect.bisect_left(self._numbers, number)
        found = min(self._numbers[max(0, at - 1) : at + 1], key=lambda found: abs(found - number))
        return self._images[found] if within is None or within[0] <= found <= within[1] else None

    def stop(self) -> None:
        self._timer.stop()
        self.client.stop()

    def _listen(self) -> None:
        self._looks = 0
        self._timer.start()

    def _look(self) -> None:
        came = self.client.poll()
        self._looks = 0 if came else self._looks + 1
        for small in came:
            image = QImage(small.pixels, small.width, small.height, 3 * small.width, QImage.Format.Format_BGR888)
            if small.number not in self._images:
                bisect.insort(self._numbers, small.number)
            self._images[small.number] = image.copy()
            self._wanted.discard(small.number)
        while len(self._images) > _KEPT:
            number = next(iter(self._images))
            del self._images[number]
            self._numbers.remove(number)
        if came:
            self.changed.emit()
        elif (len(self._images) >= STRIP and not self._wanted) or self._looks > _PATIENCE:
            self._wanted.clear()
            self._timer.stop()
