"""Text for the last row of a hall."""

from __future__ import annotations

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QAbstractButton, QComboBox, QToolButton, QWidget

from desktop_app.gui.theme import theme

PROJECTOR_SCALE = 1.6
"""Of texts in projector mode."""


def scale_texts(root: QWidget, scale: float) -> None:
    """All below `root` as large as the projector needs it; 1 for as ever."""
    for part in root.findChildren(QWidget):
        rescale = getattr(part, "set_scale", None)
        if rescale is not None:
            rescale(scale)
        elif isinstance(part, QComboBox | QAbstractButton) and not isinstance(part, QToolButton):
            part.setFont(QFont() if scale == 1.0 else theme().font("body", scale))
