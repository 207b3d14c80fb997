"""The picture on the screen as a PNG file, as large as the frame, drawn by the same renderer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtGui import QImage

from desktop_app.core.frame import Bgr
from desktop_app.core.picture import Picture
from desktop_app.core.results import Result
from desktop_app.errors import SourceError
from desktop_app.gui.saving import free_name
from desktop_app.i18n import tr, tr_class
from desktop_app.render.annotate import annotated_image
from desktop_app.render.overlay import Names, OverlayOptions
from desktop_app.render.qimage import image_of_picture, to_qimage


@dataclass(frozen=True, slots=True)
class Seen:
    """What was on the screen at one moment."""

    picture: Picture
    results: Sequence[Result]
    names: Names
    options: OverlayOptions
    title: str

    def image(self, bgr: Bgr | None) -> QImage:
        """The whole frame `bgr` with what was seen over it; where there is none, the pixels of the screen."""
        image = image_of_picture(self.picture).copy() if bgr is None else to_qimage(bgr)
        if self.options.visible and self.results:
            size = (self.picture.width, self.picture.height)
            annotated_image(image, self.results, self.names, self.options, tr_class, size)
        return image


def save_snapshot(picture: QImage, folder: Path, title: str) -> Path:
    """Raises `SourceError` where the folder cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = free_name(folder, title, ".png")
        # Claims the name, and says why where it cannot: QImage.save only says that it could not.
        path.touch(exist_ok=False)
    except OSError as error:
        raise _unwritable(folder, error.strerror or str(error)) from error
    if not picture.save(str(path), "PNG"):  # type: ignore[call-overload]
        path.unlink(missing_ok=True)
        raise _unwritable(folder, tr("no space, or no permission"))
    return path


def _unwritable(folder: Path, reason: str) -> SourceError:
    return SourceError(
        tr("The snapshot could not be written to {folder}: {reason}.", folder=folder, reason=reason),
        tr("Choose another folder in the settings."),
    )
