"""The row below the models: the rate that live recognition is to hold."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from desktop_app.gui import texts
from desktop_app.gui.gears import explanation, rate_text
from desktop_app.gui.preferences import Preferences
from desktop_app.gui.widgets import ElidedLabel
from desktop_app.i18n import tr

RATES = (0.0, 10.0, 15.0, 20.0, 25.0, 30.0, 60.0)
"""Frames a second; 0: off."""


class HoldRate(QWidget):
    def __init__(self, preferences: Preferences) -> None:
        super().__init__()
        self._preferences = preferences
        # Gives way: in no language does this row make the panel wider.
        self._name = ElidedLabel()
        self.combo = QComboBox()
        self.combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._name.setBuddy(self.combo)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 6, 12, 8)
        row.setSpacing(8)
        row.addWidget(self._name, 1)
        row.addWidget(self.combo)
        self.setFocusProxy(self.combo)
        self._rates: tuple[float, ...] = ()
        self.combo.currentIndexChanged.connect(self._choose)
        preferences.changed.connect(self._changed)
        texts.follow_language(self, self._retext)

    def _choose(self, row: int) -> None:
        self._preferences.change(live_target_fps=self._rates[row])

    def _changed(self, names: frozenset[str]) -> None:
        if "live_target_fps" in names:
            self._fill()

    def _retext(self) -> None:
        self._name.set_full_text(tr("Hold a rate"))
        self.combo.setAccessibleName(tr("Hold a rate"))
        self.combo.setAccessibleDescription(explanation())
        self._fill()
        self.setToolTip(explanation())

    def _fill(self) -> None:
        """A rate that was written into the settings by hand has its place among the others."""
        chosen = self._preferences.values.live_target_fps
        self._rates = tuple(sorted({*RATES, chosen}))
        with QSignalBlocker(self.combo):
            self.combo.clear()
            self.combo.addItems([rate_text(rate) if rate else tr("Off") for rate in self._rates])
            self.combo.setCurrentIndex(self._rates.index(chosen))
