"""Small parts of the page that shows what the network sees."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop_app.core.explain import HeatMethod
from desktop_app.gui.session import Session
from desktop_app.gui.theme import theme
from desktop_app.i18n import tr
from desktop_app.render.heat import colour_table


def method_title(method: HeatMethod | None) -> str:
    if method is None:
        return tr("No heat map")
    titles: dict[HeatMethod, str] = {
        "influence": tr("Influence of each place"),
        "occlusion": tr("Hiding place after place"),
        "gradcam": tr("Grad-CAM"),
    }
    return titles[method]


class ColourScale(QWidget):
    """From little to much influence."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(16)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            little, much = tr("little"), tr("much influence")
            painter.setFont(theme().font("caption"))
            painter.setPen(theme().colour("muted"))
            metrics = painter.fontMetrics()
            left, right = metrics.horizontalAdvance(little) + 8, metrics.horizontalAdvance(much) + 8
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, little)
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, much)
            wide = self.width() - left - right
            for x in range(max(0, wide)):
                painter.fillRect(left + x, 6, 1, 5, colour_table()[round(255 * x / max(1, wide - 1))])


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
