"""The settings while the program runs: changed in one place, heard everywhere, written a moment later."""

from __future__ import annotations

import dataclasses
import logging
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.errors import SettingsError
from desktop_app.settings import Settings, save_settings

log = logging.getLogger(__name__)
SAVE_AFTER_MS = 600
RECENT = 9


class Preferences(QObject):
    """Holds the `Settings` in use as `values`."""

    changed = Signal(frozenset)
    """The names of the settings that have another value now."""
    failed = Signal(object)
    """The `SettingsError` of a write that did not succeed."""

    def __init__(self, values: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.values = values
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SAVE_AFTER_MS)
        self._timer.timeout.connect(self.save)

    def change(self, **values: Any) -> None:
        """Takes effect at once; a slider that moves is written once, when it rests."""
        names = frozenset(name for name, value in values.items() if getattr(self.values, name) != value)
        if not names:
            return
        self.values = dataclasses.replace(self.values, **values)
        self._timer.start()
        self.changed.emit(names)

    def remember_model(self, key: str) -> None:
        self.change(recent_models=_to_front(key, self.values.recent_models))

    def remember_source(self, spec: str) -> None:
        self.change(recent_sources=_to_front(spec, self.values.recent_sources))

    def save(self) -> None:
        self._timer.stop()
        try:
            save_settings(self.values)
        except SettingsError as error:
            log.warning("%s", error)
            self.failed.emit(error)


def _to_front(item: str, items: tuple[str, ...]) -> tuple[str, ...]:
    return (item, *(other for other in items if other != item))[:RECENT]
