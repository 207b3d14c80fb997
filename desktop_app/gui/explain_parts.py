"""Small parts of the page that shows what the network sees."""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop_app.core.explain import HeatMethod
from desktop_app.gui import texts
from desktop_app.gui.session import Session
from desktop_app.gui.theme import theme
from desktop_app.i18n import tr
from desktop_app.render.heat import colour_table


def method_title(method: HeatMethod | None) -> str:
    if method is None:
        return tr("No heat map")
    titles: dict[HeatMethod, str] = {
        "influence": tr("Influence"),
        "occlusion": tr("Occlusion"),
        "gradcam": tr("Grad-CAM"),
    }
    return titles[method]


def method_words(method: HeatMethod | None) -> str:
    """What its numbers are."""
    if method is None:
        return ""
    words: dict[HeatMethod, str] = {
        "influence": tr("How far the logit falls when the network’s last maps are 0 at a place."),
        "occlusion": tr("How far the answer falls when a grey rectangle hides a place of the picture."),
        "gradcam": tr("The last maps, weighted by their gradients; what speaks against is left out."),
    }
    return words[method]


def value_texts(*values: float) -> list[str]:
    """All with as many decimals as the largest of them needs for three digits: two at least."""
    most = max(abs(value) for value in values)
    decimals = 2 if most == 0 else min(6, max(2, 2 - math.floor(math.log10(most))))
    return [texts.number(value, decimals) for value in values]


class ColourScale(QWidget):
    """From little to much influence."""

    def __init__(self) -> None:
        super().__init__()
        self._scale = 1.0
        self.setFixedHeight(16)
        theme().changed.connect(self.update)

    def set_scale(self, scale: float) -> None:
        """For the projector."""
        self._scale = scale
        self.setFixedHeight(round(16 * scale))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            little, much = tr("little"), tr("much influence")
            painter.setFont(theme().font("caption", self._scale))
            painter.setPen(theme().colour("muted"))
            metrics = painter.fontMetrics()
            left, right = metrics.horizontalAdvance(little) + 8, metrics.horizontalAdvance(much) + 8
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, little)
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, much)
            wide = self.width() - left - right
            for x in range(max(0, wide)):
                painter.fillRect(
                    left + x, self.height() // 2 - 2, 1, 5, colour_table()[round(255 * x / max(1, wide - 1))]
                )


def save_array(session: Session, path: str, values: NDArray[Any]) -> None:
    """As NumPy reads it; tells where it lies, or why it could not be written."""
    data = io.BytesIO()
    np.save(data, values)
    try:
        Path(path).write_bytes(data.getvalue())
    except OSError as error:
        session.notifier.error(tr("{path} could not be written: {reason}.", path=path, reason=error.strerror or error))
        return
    session.notifier.tell("success", tr("Saved"), path)
