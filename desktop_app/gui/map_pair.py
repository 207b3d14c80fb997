"""Two maps side by side, and what differs between them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.core.explain import Map
from desktop_app.gui import texts
from desktop_app.gui.explain_parts import value_texts
from desktop_app.gui.map_card import map_title
from desktop_app.gui.map_picture import MapPicture
from desktop_app.gui.widgets import IconButton, Label
from desktop_app.i18n import tr
from desktop_app.recogniser import messages as m
from desktop_app.render.heat import difference_image, map_image

Floats = NDArray[np.float32]


def of_one_size(first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """Both with the cells of the finer one; those of the coarser are repeated, nothing is made up between them."""
    height, width = max(first.shape[0], second.shape[0]), max(first.shape[1], second.shape[1])

    def repeated(values: Floats) -> Floats:
        rows = np.arange(height) * values.shape[0] // height
        columns = np.arange(width) * values.shape[1] // width
        found: Floats = values[rows[:, None], columns]
        return found

    return repeated(first), repeated(second)


def scaled(values: Floats) -> Floats:
    """From 0 to 1 by its own range."""
    low, high = float(values.min()), float(values.max())
    shares: Floats = ((values - low) / (high - low if high > low else 1.0)).astype(np.float32)
    return shares


def likeness(first: Floats, second: Floats) -> float | None:
    """Correlation of the values (Pearson), −1 to 1; `None` where one of them is the same everywhere."""
    if first.std() == 0 or second.std() == 0:
        return None
    return float(np.corrcoef(first.ravel().astype(np.float64), second.ravel().astype(np.float64))[0, 1])


class MapPair(QWidget):
    """`first` − `second`, each by its own range, or both by one: then the difference is that of the values."""

    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._seen: m.Explained | None = None
        self._maps: tuple[Map, Map] | None = None
        self.pictures = MapPicture(0), MapPicture(0), MapPicture(0)
        self.titles = Label("", "caption", wrap=True), Label("", "caption", wrap=True), Label("", "caption", wrap=True)
        self.same_scale, self.close_ = QCheckBox(), IconButton("x")
        self.title, self.words = Label("", "strong"), Label("", "small", "muted", wrap=True)
        self._assemble()
        self.same_scale.toggled.connect(lambda _: self._refresh())
        self.close_.clicked.connect(self.closed)
        texts.follow_language(self, self._retext)
        self.hide()

    def _assemble(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.same_scale)
        head.addWidget(self.close_)
        grid = QGridLayout()
        grid.setSpacing(8)
        for column, (picture, title) in enumerate(zip(self.pictures, self.titles, strict=True)):
            grid.addWidget(picture, 0, column)
            grid.addWidget(title, 1, column, Qt.AlignmentFlag.AlignTop)
            grid.setColumnStretch(column, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 4, 0, 4)
        whole.addLayout(head)
        whole.addLayout(grid)
        whole.addWidget(self.words)

    def _retext(self) -> None:
        self.title.setText(tr("Two maps"))
        self.same_scale.setText(tr("Same scale"))
        self.same_scale.setToolTip(tr("Both coloured by one range, and the difference that of their values."))
        self.close_.set_text(tr("Compare no longer"))
        for picture, name in zip(self.pictures, (tr("First map"), tr("Second map"), tr("Difference")), strict=True):
            picture.setAccessibleName(name)
        self._refresh()

    def show_maps(self, seen: m.Explained | None, first: Map | None, second: Map | None) -> None:
        both = seen is not None and first is not None and second is not None
        self._seen, self._maps = (seen, (first, second)) if both and first and second else (None, None)
        self.setVisible(both)
        self._refresh()

    def _refresh(self) -> None:
        if self._seen is None or self._maps is None:
            return
        first, second = self._maps
        low = high = None
        one, other = of_one_size(first.values, second.values)
        if self.same_scale.isChecked():
            low, high = float(min(one.min(), other.min())), float(max(one.max(), other.max()))
            difference = one - other
        else:
            difference = scaled(one) - scaled(other)
        for picture, title, found in zip(self.pictures, self.titles, self._maps, strict=False):
            picture.show_values(found.values, map_image(found.values, low, high))
            ends = value_texts(float(found.values.min()), float(found.values.max()))
            title.setText(f"{map_title(self._seen, found)}\n{' … '.join(ends)}")
        self.pictures[2].show_values(difference, difference_image(difference))
        (most,) = value_texts(float(np.abs(difference).max()))
        self.titles[2].setText(tr("Difference up to ±{most}", most=most))
        alike = likeness(one, other)
        said = (
            tr("One of them is the same everywhere.")
            if alike is None
            else tr("Correlation {value}.", value=texts.number(alike, 2))
        )
        self.words.setText(f"{tr('Orange: more in the first; blue: more in the second.')} {said}")
