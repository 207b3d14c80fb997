"""The window's end of the process that measures this machine."""

from __future__ import annotations

import logging
import multiprocessing
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Protocol

import msgspec

from desktop_app.i18n import language
from desktop_app.recogniser import messages as m

log = logging.getLogger(__name__)


class BenchClient(Protocol):
    """What the window needs of it; the tests of the window use a stand-in."""

    def start(self, spec: str, seconds: float) -> None:
        """Measures everything that is ready, everywhere: frames of `spec`, `seconds` for each setup."""

    def poll(self) -> list[m.Event]:
        """The events since the last call; never blocks."""

    @property
    def ended(self) -> bool:
        """Nothing more will come."""

    def stop(self) -> None:
        """At once, wherever it is."""


class BenchProcess:
    """Implements `BenchClient`. A process of its own, because a measurement is cancelled best by ending it."""

    def __init__(self) -> None:
        self._process: BaseProcess | None = None
        self._events: Connection | None = None

    def start(self, spec: str, seconds: float) -> None:
        from desktop_app.recogniser.bench_job import main

        context = multiprocessing.get_context("spawn")
        self._events, events_in = context.Pipe(duplex=False)
        self._process = context.Process(
            target=main, args=(events_in, spec, seconds, language()), name="bench", daemon=True
        )
        self._process.start()
        events_in.close()

    def poll(self) -> list[m.Event]:
        found: list[m.Event] = []
        while self._events is not None and not self._events.closed:
            try:
                if not self._events.poll():
                    break
                found.append(m.decode_event(self._events.recv_bytes()))
            except (EOFError, OSError):
                self._events.close()
                found += self._last_words()
            except (msgspec.DecodeError, ValueError):
                log.exception("the measurement sent something that is not an event")
        return found

    def _last_words(self) -> list[m.Event]:
        """A native crash says nothing itself."""
        assert self._process is not None
        self._process.join(2.0)
        code = self._process.exitcode
        return [m.Failure(f"the measurement ended with exit status {code}", "")] if code else []

    @property
    def ended(self) -> bool:
        return self._events is None or self._events.closed

    def stop(self) -> None:
        if self._events is not None:
            self._events.close()
        if self._process is not None:
            self._process.kill()
            self._process.join(2.0)
            self._process.close()
            self._process = None
