"""Where the pixels of screens and windows come from. Each grabber belongs to one thread and is closed by it."""

from __future__ import annotations

import os
from typing import Any, Protocol

import numpy as np

from desktop_app.core.frame import Bgr
from desktop_app.errors import SourceUnreadable
from desktop_app.i18n import tr
from desktop_app.sources.limits import SYSTEM
from desktop_app.sources.windows import Rect, Window, quartz


class Grabber(Protocol):
    def grab(self, place: Rect) -> Bgr | None:
        """`place`: in units of the desktop, or (of a window) of the window. `None` where there is nothing to see."""

    def close(self) -> None: ...


def refuse_where_impossible() -> None:
    """Raises `SourceUnreadable` where a picture would be black, with the reason."""
    if SYSTEM == "darwin":
        if not quartz().CGPreflightScreenCaptureAccess():
            quartz().CGRequestScreenCaptureAccess()
            raise SourceUnreadable(
                tr("Regard may not see the screen."),
                tr("Allow it in System Settings › Privacy & Security › Screen Recording, then start Regard again."),
            )
    elif SYSTEM != "win32":
        if os.environ.get("WAYLAND_DISPLAY") or os.environ.get("XDG_SESSION_TYPE") == "wayland":
            raise SourceUnreadable(
                tr("This desktop (Wayland) lets no program see the screen by itself."),
                tr("Log in with “Xorg”, or send the screen to Regard through a virtual camera (OBS Studio has one)."),
            )
        if not os.environ.get("DISPLAY"):
            raise SourceUnreadable(
                tr("There is no screen to be seen here."), tr("Start Regard in a desktop session (DISPLAY is not set).")
            )


class ScreenGrabber:
    """Any part of the desktop, as it is seen."""

    def __init__(self, *, cursor: bool) -> None:
        """`cursor`: with the pointer in it, where the system lets us."""
        from mss import MSS

        self._mss: Any = MSS(with_cursor=cursor) if SYSTEM == "linux" else MSS()

    def monitors(self) -> list[Rect]:
        return [Rect(m["left"], m["top"], m["width"], m["height"]) for m in self._mss.monitors[1:]]

    def grab(self, place: Rect) -> Bgr | None:
        shot = self._mss.grab({"left": place.left, "top": place.top, "width": place.width, "height": place.height})
        return _bgr(shot.bgra, shot.width, shot.height)

    def close(self) -> None:
        self._mss.close()


class X11WindowGrabber:
    """The contents of one window, also where others cover it: X11 keeps them apart (Composite)."""

    def __init__(self, window: Window) -> None:
        """Raises whatever Xlib does where the server has no Composite."""
        from Xlib.display import Display
        from Xlib.ext import composite

        self._display: Any = Display(os.environ.get("DISPLAY", ""))
        try:
            self._display.set_error_handler(lambda *_: None)  # a window that was closed; Xlib would print it
            if not self._display.has_extension("Composite"):
                raise OSError("no Composite")
            self._window = self._display.create_resource_object("window", window.id)
            self._window.composite_redirect_window(composite.RedirectAutomatic)
        except BaseException:
            self._display.close()
            raise

    def size(self) -> Rect:
        """Raises whatever Xlib does where the window is gone."""
        geometry = self._window.get_geometry()
        return Rect(0, 0, int(geometry.width), int(geometry.height))

    def grab(self, place: Rect) -> Bgr | None:
        from Xlib import X

        try:
            # A minimised window keeps its last pixels; a new size or a new mapping gives it others.
            if self._window.get_attributes().map_state != X.IsViewable:
                return None
            pixels = self._window.composite_name_window_pixmap()
            try:
                shot = pixels.get_image(place.left, place.top, place.width, place.height, X.ZPixmap, 0xFFFFFFFF)
            finally:
                pixels.free()
        except Exception:  # closed, or resized this very moment
            return None
        if len(shot.data) != 4 * place.width * place.height:
            return None
        return _bgr(shot.data, place.width, place.height)

    def close(self) -> None:
        self._display.close()


def _bgr(bgrx: bytes, width: int, height: int) -> Bgr:
    from desktop_app.sources.opencv import import_cv2

    cv2 = import_cv2()
    return np.asarray(cv2.cvtColor(np.frombuffer(bgrx, np.uint8).reshape(height, width, 4), cv2.COLOR_BGRA2BGR))
