"""Answers which screens and windows there are, with small pictures."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable

from desktop_app.errors import AppError
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.address_trial import fitted

THUMBNAIL = (240, 150)


class ScreenDesk:
    def __init__(self, send: Callable[[m.Event], None]) -> None:
        self._send = send

    def list(self) -> None:
        threading.Thread(target=self._look, name="list screens", daemon=True).start()

    def _look(self) -> None:
        from desktop_app.sources.screen_survey import survey

        items = []
        try:
            for seen in survey():
                small = None if seen.picture is None else fitted(seen.picture, THUMBNAIL)
                size = (0, 0) if seen.picture is None else (seen.picture.shape[1], seen.picture.shape[0])
                items.append(
                    m.ScreenItem(
                        seen.spec,
                        seen.title,
                        (seen.place.left, seen.place.top, seen.place.width, seen.place.height),
                        size,
                        b"" if small is None else small.tobytes(),
                        (0, 0) if small is None else (small.shape[0], small.shape[1]),
                    )
                )
            self._send(m.ScreensListed(tuple(items)))
        except AppError as error:
            self._send(m.ScreensListed((), error.message, error.hint))
        except Exception as error:
            self._send(m.Failure(f"{type(error).__name__}: {error}", traceback.format_exc()))
            self._send(m.ScreensListed((), str(error)))
