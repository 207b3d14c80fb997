"""What the user is told: as toasts, in words, and the same trouble only once until something succeeded."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from desktop_app.gui.texts import duration, file_size
from desktop_app.core.progress import Progress
from desktop_app.gui.toasts import ToastStack
from desktop_app.i18n import tr

log = logging.getLogger(__name__)
Act = tuple[str, Callable[[], None]]


@dataclass(frozen=True, slots=True)
class Trouble:
    """One line of the error log. `details` is a traceback, empty for what the user can mend."""

    message: str
    hint: str
    details: str = ""


class Notifier(QObject):
    """Speaks through the toasts; keeps what was said for the error log."""

    details_wanted = Signal(object)
    """The `Trouble` whose details the user asked for."""

    def __init__(self, toasts: ToastStack, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._toasts = toasts
        self._told: set[tuple[str, str]] = set()
        self.troubles: list[Trouble] = []
