"""What the user is told: as toasts, in words, and the same trouble only once until something succeeded."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from desktop_app.core.progress import Progress
from desktop_app.gui import texts
from desktop_app.gui.toasts import Action, Kind, ToastStack, announce
from desktop_app.i18n import tr
from desktop_app.recogniser.messages import Failure

log = logging.getLogger(__name__)
KEPT = 100


@dataclass(frozen=True, slots=True)
class Trouble:
    """One entry of the error log. `details`: the traceback of a bug, empty for what the user can mend."""

    message: str
    hint: str = ""
    details: str = ""


class Notifier(QObject):
    """Speaks through the toasts; keeps what went wrong for the error log."""

    details_wanted = Signal()
    report_wanted = Signal()

    def __init__(self, toasts: ToastStack, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._toasts = toasts
        self._told: set[str] = set()
        self.troubles: list[Trouble] = []

    def tell(
        self, kind: Kind, title: str, detail: str = "", action: Action | None = None, key: str | None = None
    ) -> None:
        self._toasts.show(kind, title, detail, action, key)

    def error(
        self, message: str, hint: str = "", action: Action | None = None, *, kind: Kind = "error", answer: bool = False
    ) -> None:
        """Said once; again only after `succeeded`. An `answer` to what the user just did is said each time."""
        if message in self._told and not answer:
            return
        if message not in self._told:
            self._keep(Trouble(message, hint))
        self._told.add(message)
        self._toasts.show(kind, message, hint, action, key=f"trouble:{message}")

    def bug(self, failure: Failure) -> None:
        """A mistake of the program: it goes on, and the report is one click away."""
        log.error("%s\n%s", failure.message, failure.traceback)
        if failure.message in self._told:
            return
        self._told.add(failure.message)
        self._keep(Trouble(failure.message, "", failure.traceback))
        self._toasts.show(
            "error",
            tr("Something went wrong inside Regard"),
            failure.message,
            (tr("Details"), self.details_wanted.emit),
            key="bug",
        )

    def progress(self, progress: Progress, title: str, cancel: Callable[[], None], share: float | None = None) -> None:
        """One toast a model, until it is ready. `share`: of all the work on it, where that is known."""
        key = f"progress:{progress.key}"
        if progress.stage in ("load", "ready", "failed"):
            self._toasts.close(key)
        else:
            share = progress.fraction if share is None else share
            self._toasts.progress(key, title, share, progress_text(progress, share), cancel=cancel)

    def end_progress(self, key: str) -> None:
        self._toasts.close(f"progress:{key}")

    def work(
        self, key: str, title: str, share: float | None, detail: str, cancel: Callable[[], None], icon_name: str = ""
    ) -> None:
        """How far long work is, until `end_work`. `share`: 0 to 1, `None` where the end is not known."""
        self._toasts.progress(key, title, share, detail, cancel=cancel, icon_name=icon_name)

    def end_work(self, key: str) -> None:
        self._toasts.close(key)

    def keep(self, message: str, hint: str = "") -> None:
        """For the error log; the user is told elsewhere."""
        self._keep(Trouble(message, hint))

    def succeeded(self) -> None:
        """Trouble that comes again now is news; what is on the screen of it is over."""
        for message in self._told:
            self._toasts.close(f"trouble:{message}")
        self._told.clear()

    def _keep(self, trouble: Trouble) -> None:
        self.troubles = [*self.troubles[1 - KEPT :], trouble]


def progress_text(progress: Progress, share: float | None = None) -> str:
    """The sentence beside a bar: fetching in bytes with rate and time left, converting in per cent."""
    if progress.stage == "fetch":
        return texts.progress_sentence(progress.done, progress.total, progress.rate, progress.seconds_left)
    fraction = progress.fraction if share is None else share
    parts = [tr("getting ready, once only")]
    if fraction is not None:
        parts.append(texts.percent(fraction, 0))
    if progress.seconds_left is not None:
        parts.append(tr("{time} left", time=texts.duration(progress.seconds_left)))
    return " · ".join(parts)


__all__ = ["Notifier", "Trouble", "announce", "progress_text"]
