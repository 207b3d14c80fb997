"""The picture on the screen as a file or on the clipboard: as large as the frame, drawn by the same renderer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QImage

from desktop_app.core.frame import Bgr
from desktop_app.core.picture import Picture
from desktop_app.core.results import Result
from desktop_app.errors import AppError, SourceError
from desktop_app.gui import texts
from desktop_app.gui.saving import folder_of, free_name, show_folder
from desktop_app.gui.session import Session
from desktop_app.gui.stress_warning import stress_warning
from desktop_app.i18n import tr, tr_class
from desktop_app.render.annotate import annotated_image
from desktop_app.render.overlay import Names, OverlayOptions
from desktop_app.render.qimage import image_of_picture, to_qimage

if TYPE_CHECKING:
    from desktop_app.gui.main_window import MainWindow


@dataclass(frozen=True, slots=True)
class Seen:
    """What was on the screen at one moment. `facts`: what is written into the file beside the picture."""

    picture: Picture
    results: Sequence[Result]
    names: Names
    options: OverlayOptions
    title: str
    facts: dict[str, Any] = field(default_factory=dict)

    def image(self, bgr: Bgr | None) -> QImage:
        """The whole frame `bgr` with what was seen over it; where there is none, the pixels of the screen."""
        image = image_of_picture(self.picture).copy() if bgr is None else to_qimage(bgr)
        if self.options.visible and self.results:
            size = (self.picture.width, self.picture.height)
            annotated_image(image, self.results, self.names, self.options, tr_class, size)
        return image


class Snapshots(QObject):
    """Takes them of this very picture, although the whole frame comes a moment later. Made with the commands."""

    _written = Signal(object)
    """Calls its argument in the window's thread."""

    def __init__(self, window: MainWindow, session: Session) -> None:
        super().__init__(window)
        self._window, self._session = window, session
        self._written.connect(lambda tell: tell(), Qt.ConnectionType.QueuedConnection)

    def save(self) -> None:
        view = self._window.stage.snapshot_of_view()
        if view is not None:
            self._write(*view, whole=True)
            return
        seen = self._seen(self._session.preferences.values.snapshot_overlay)
        if seen is not None:
            self._session.controller.whole_frames.ask(seen.picture, lambda bgr: self._save(seen, bgr))

    def copy(self) -> None:
        """The picture on the clipboard, with what is drawn over it."""
        seen = self._seen(True)
        if seen is not None:
            self._session.controller.whole_frames.ask(seen.picture, lambda bgr: self._copy(seen, bgr))

    def _seen(self, overlay: bool) -> Seen | None:
        from desktop_app.gui.snapshot_facts import facts_of

        controller = self._session.controller
        picture, info = controller.frame, controller.info
        if picture is None or info is None:
            return None
        results = list(controller.results.values())
        options = self._window.overlay_options()
        facts = facts_of(self._session, picture, info, results, overlay and options.visible)
        return Seen(picture, results if overlay else [], controller.names, options, info.title, facts)

    def _copy(self, seen: Seen, bgr: Bgr | None) -> None:
        image = seen.image(bgr)
        QGuiApplication.clipboard().setImage(image)
        size = texts.size(image.width(), image.height())
        self._session.notifier.tell("success", tr("Picture copied"), size, key="copied")

    def _save(self, seen: Seen, bgr: Bgr | None) -> None:
        self._write(seen.image(bgr), seen.title, seen.facts, whole=bgr is not None)

    def _write(self, image: QImage, title: str, facts: dict[str, Any], *, whole: bool) -> None:
        """Encodes beside the window: a large PNG takes half a second."""
        values = self._session.preferences.values
        folder = folder_of(values.snapshot_folder)
        changed = stress_warning(self._session.controller)
        try:
            path = claim_name(folder, title, SUFFIXES[values.snapshot_format])
        except AppError as error:
            self._failed(error)
            return

        def work() -> None:
            tell: Callable[[], None]
            try:
                write_picture(image, path, facts)
                tell = lambda: self._saved(path, image, changed, whole=whole)  # noqa: E731
            except AppError as error:
                failure = error
                tell = lambda: self._failed(failure)  # noqa: E731
            self._written.emit(tell)

        threading.Thread(target=work, name="snapshot").start()

    def _saved(self, path: Path, image: QImage, changed: str, *, whole: bool) -> None:
        saved = f"{path.name} · {texts.size(image.width(), image.height())}"
        if changed:
            saved = f"{saved}\n{changed}"
        note = tr("The recogniser did not give the whole frame: this is as large as it was on the screen.")
        self._session.notifier.tell(
            "success" if whole else "warning",
            tr("Snapshot saved"),
            saved if whole else f"{saved}\n{note}",
            (tr("Open folder"), lambda: show_folder(path.parent)),
            key="snapshot",
        )

    def _failed(self, error: AppError) -> None:
        self._session.notifier.error(error.message, error.hint, (tr("Retry"), self.save))


SUFFIXES = {"png": ".png", "jpeg": ".jpg", "webp": ".webp"}


def claim_name(folder: Path, title: str, suffix: str) -> Path:
    """An empty file of a new name. Raises `SourceError` where the folder cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = free_name(folder, title, suffix)
        path.touch(exist_ok=False)
    except OSError as error:
        raise _unwritable(folder, error.strerror or str(error)) from error
    return path


def write_picture(image: QImage, path: Path, facts: dict[str, Any]) -> None:
    """In the format of the suffix, with `facts` inside. Raises `SourceError`, and leaves no half of a file."""
    from desktop_app.gui.snapshot_facts import encoded

    try:
        path.write_bytes(encoded(image, path.suffix, facts))
    except (OSError, ValueError) as error:
        path.unlink(missing_ok=True)
        raise _unwritable(path.parent, getattr(error, "strerror", None) or str(error)) from error


def _unwritable(folder: Path, reason: str) -> SourceError:
    return SourceError(
        tr("The snapshot could not be written to {folder}: {reason}.", folder=folder, reason=reason),
        tr("Choose another folder in the settings."),
    )
