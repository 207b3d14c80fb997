"""One picture of an address, beside what runs: whether it is right shows before it is opened or kept."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable

from desktop_app.core.frame import Bgr
from desktop_app.errors import AppError, CertificateUntrusted, LoginNeeded
from desktop_app.recogniser import messages as m

PICTURE = (640, 360)
"""Largest width and height of the picture."""


def asks_of(error: AppError | None) -> m.Asks | None:
    """What the user could answer to this error."""
    if isinstance(error, LoginNeeded):
        return m.Asks("login", error.place, refused=error.refused)
    if isinstance(error, CertificateUntrusted):
        return m.Asks("certificate", error.place, fingerprint=error.fingerprint)
    return None


def set_access(command: m.SetAccess) -> None:
    from desktop_app.sources import access

    access.forget()
    access.allow(command.logins, command.certificates)


class AddressTrial:
    """One at a time, each in a thread of its own."""

    def __init__(self, send: Callable[[m.Event], None]) -> None:
        self._send = send
        self._stop = threading.Event()

    def begin(self, command: m.TryAddress) -> None:
        self._stop.set()
        if command.spec:
            self._stop = threading.Event()
            threading.Thread(target=self._run, args=(command, self._stop), name="address trial", daemon=True).start()

    def stop(self) -> None:
        self._stop.set()

    def _run(self, command: m.TryAddress, stop: threading.Event) -> None:
        from desktop_app.sources import open_source

        try:
            with open_source([command.spec], lambda _: None, stop) as source:
                frame = next(iter(source))
                small = frame.bgr if command.whole else fitted(frame.bgr, PICTURE)
                answer = m.AddressTried(command.number, source.info, small.tobytes(), small.shape[:2])
        except AppError as error:
            answer = m.AddressTried(command.number, message=error.message, hint=error.hint, asks=asks_of(error))
        except Exception as error:
            self._send(m.Failure(f"{type(error).__name__}: {error}", traceback.format_exc()))
            answer = m.AddressTried(command.number, message=type(error).__name__)
        if not stop.is_set():
            self._send(answer)


def fitted(bgr: Bgr, most: tuple[int, int]) -> Bgr:
    """No larger than `most` (width, height)."""
    from desktop_app.recogniser.scaling import scaled_down

    height, width = bgr.shape[:2]
    scale = min(1.0, most[0] / width, most[1] / height)
    return scaled_down(bgr, max(1, round(width * scale)), max(1, round(height * scale)))
