"""The region of the inspector as text on the clipboard, or as a file of NumPy: of the frame on the screen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop_app.core.frame import Bgr
from desktop_app.core.pixels import Area, Bytes, as_csv, as_numpy, clipped, grey_of, rgb_part
from desktop_app.gui import texts
from desktop_app.gui.explain_parts import save_array
from desktop_app.gui.session import Session
from desktop_app.i18n import tr

MOST_AS_TEXT = 250_000
"""Pixels. More would be a text of many megabytes, which programs choke on; as a file there is no limit."""


def copy_csv(session: Session) -> None:
    def put(rgb: Bytes, area: Area) -> None:
        grey = session.controller.inspector.grey
        what = tr("A matrix of grey values.") if grey else tr("One line a pixel: x, y, R, G, B.")
        _to_clipboard(session, as_csv(rgb, area, grey=grey), area, what)

    _take(session, put, as_text=True)


def copy_numpy(session: Session) -> None:
    def put(rgb: Bytes, area: Area) -> None:
        text = as_numpy(rgb, grey=session.controller.inspector.grey)
        _to_clipboard(session, text, area, tr("An array for NumPy: rows, columns, channels."))

    _take(session, put, as_text=True)


def save_npy(session: Session, parent: QWidget) -> None:
    """The frame is the one that was there when the button was pressed, however long the dialog is open."""

    def ask(rgb: Bytes, area: Area) -> None:
        values = grey_of(rgb) if session.controller.inspector.grey else rgb
        name = f"region-x{area[0]}-y{area[1]}-{area[2] - area[0]}x{area[3] - area[1]}.npy"
        path, _ = QFileDialog.getSaveFileName(parent, tr("Save the region"), name, "NumPy (*.npy)")
        if path:
            save_array(session, path if path.endswith(".npy") else f"{path}.npy", values)

    _take(session, ask, as_text=False)


def _take(session: Session, then: Callable[[Bytes, Area], None], *, as_text: bool) -> None:
    """Gives the true pixels of the region, which may have to be fetched."""
    state = session.controller.inspector
    picture, area = state.picture, state.region
    if picture is None or area is None:
        return
    area = clipped(area, picture.width, picture.height)
    if area is None:
        return
    count = (area[2] - area[0]) * (area[3] - area[1])
    if as_text and count > MOST_AS_TEXT:
        session.notifier.tell(
            "warning",
            tr("{count} pixels are too many for the clipboard", count=texts.number(count)),
            tr("Drag out a smaller region, or save it as a file of NumPy."),
            key="region",
        )
        return

    def answered(bgr: Bgr | None) -> None:
        if bgr is None or bgr.shape[:2] != (picture.height, picture.width):
            session.notifier.error(tr("This frame is gone."), tr("Pause the picture, then try again."))
            return
        then(rgb_part(bgr, area), area)

    session.controller.whole_frames.ask(picture, answered)


def _to_clipboard(session: Session, text: str, area: Area, what: str) -> None:
    QGuiApplication.clipboard().setText(text)
    size = texts.size(area[2] - area[0], area[3] - area[1])
    session.notifier.tell("success", tr("{size} pixels copied", size=size), what, key="region")
