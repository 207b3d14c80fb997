"""What is painted in colours of classes, and grows in the projector."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from desktop_app.render.palette import PaletteName


class Painted(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._palette: PaletteName = "default"
        self._scale = 1.0

    def set_palette(self, palette: PaletteName) -> None:
        self._palette = palette
        self.update()

    def set_scale(self, scale: float) -> None:
        self._scale = scale
        self.updateGeometry()
        self.update()
