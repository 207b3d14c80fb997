"""The picture on the screen as a PNG file, as large as the frame, drawn by the same renderer."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtGui import QImage

from desktop_app.core.frame import Frame
from desktop_app.core.results import Result
from desktop_app.errors import SourceError
from desktop_app.i18n import tr, tr_class
from desktop_app.render.annotate import annotated_image
from desktop_app.render.overlay import OverlayOptions
from desktop_app.render.qimage import to_qimage


def snapshot_image(
    frame: Frame, results: Sequence[Result], names: Mapping[str, tuple[str, ...]], options: OverlayOptions
) -> QImage:
    """The frame with what was seen over it; without where the overlay is off."""
    picture = to_qimage(frame.bgr).copy()
    if options.visible and results:
        picture = annotated_image(picture, results, names, options, tr_class)
    return picture


def free_name(folder: Path, title: str) -> Path:
    """A name in `folder` that no file has yet."""
    stem = re.sub(r"[^\w.-]+", "-", Path(title).stem, flags=re.UNICODE).strip("-.")[:60] or "regard"
    stamp = time.strftime("%Y%m%d-%H%M%S")
    names = (f"{stem}-{stamp}{f'-{n}' if n else ''}.png" for n in range(10_000))
    return next(path for name in names if not (path := folder / name).exists())


def save_snapshot(picture: QImage, folder: Path, title: str) -> Path:
    """Raises `SourceError` where the folder cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = free_name(folder, title)
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
