"""A peer of the start: a program that imports torch, ultralytics and PySide6 first, as most do, then shows a window and
recognises a photograph with the same yolo26n."""

from __future__ import annotations

import sys

from benchmarks.contestants.starting import mark, quiet

quiet()
import numpy as np  # noqa: E402
import torch  # noqa: E402, F401
from PySide6.QtCore import QTimer  # noqa: E402
from PySide6.QtGui import QImage, QPainter, QPaintEvent  # noqa: E402
from PySide6.QtWidgets import QApplication, QMainWindow  # noqa: E402
from ultralytics import YOLO  # noqa: E402


class Window(QMainWindow):
    def __init__(self, weights: str, photograph: str) -> None:
        super().__init__()
        self.resize(1440, 900)
        self._weights, self._photograph = weights, photograph
        self._image: QImage | None = None

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), "black")
            if self._image is not None:
                painter.drawImage(self.rect(), self._image)
                mark("label")
        QTimer.singleShot(0, lambda: mark("window"))

    def recognise(self) -> None:
        result = YOLO(self._weights)(self._photograph, verbose=False)[0]
        rgb = np.ascontiguousarray(result.plot()[..., ::-1])
        self._image = QImage(rgb.data, rgb.shape[1], rgb.shape[0], rgb.strides[0], QImage.Format.Format_RGB888).copy()
        self.update()


if __name__ == "__main__":
    app = QApplication(sys.argv[:1])
    window = Window(*sys.argv[1:3])
    window.show()
    QTimer.singleShot(50, window.recognise)
    sys.exit(app.exec())
