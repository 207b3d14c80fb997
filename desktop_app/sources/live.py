"""Live sources: read until the signal is lost, then try to get it back, ever less often."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Self

from desktop_app.core.frame import Bgr, Frame
from desktop_app.core.source import Notify, SourceInfo, SourceNotice
from desktop_app.errors import CameraUnavailable, LoginNeeded, SourceError
from desktop_app.sources.limits import LOOK_SECONDS, PRESENT_DELAY, RETRY_DELAYS, STALE_SECONDS


@dataclass(frozen=True, slots=True)
class Connection:
    """An open device or stream that has given its first frame.

    `read` gives the next frame, or `None` when none came in time or `stop` was set. `lost` is then told to the user.
    """

    info: SourceInfo
    first: Bgr
    read: Callable[[], Bgr | None]
    close: Callable[[], None]
    lost: SourceError


Connect = Callable[[threading.Event], Connection]
"""Opens the device or stream; raises `SourceError`. Gives up soon after the event is set."""


class LiveSource:
    """An endless source over `connect`. One attempt at a time, in the thread that iterates."""

    def __init__(
        self, connect: Connect, notify: Notify, stop: threading.Event, is_back: Callable[[], bool] = lambda: False
    ) -> None:
        """`is_back`: whether a device that was unplugged is there again, which ends the wait for the next attempt."""
        self._connect = connect
        self._is_back = is_back
        self._notify = notify
        self._stop = stop
        self._retry = threading.Event()
        self._old = threading.Event()
        self._connection: Connection | None = None
        self._info: SourceInfo | None = None

    @property
    def info(self) -> SourceInfo:
        assert self._info is not None, "info of a source that is not open"
        return self._info

    def __enter__(self) -> Self:
        self._open()
        return self

    def __exit__(self, *exc: object) -> None:
        self._close()

    def retry_now(self) -> None:
        """Ends the wait before the next attempt. May be called from another thread."""
        self._retry.set()

    def reopen(self) -> None:
        """What comes is old: it is opened anew before the next frame. May be called from another thread."""
        self._old.set()
        self._retry.set()

    def __iter__(self) -> Iterator[Frame]:
        assert self._connection is not None, "frames of a source that is not open"
        bgr: Bgr | None = self._connection.first
        for index in itertools.count():
            if bgr is None:
                bgr = self._regain(self._connection.lost)
            if bgr is None or self._stop.is_set():
                return
            captured_at = time.perf_counter()
            yield Frame(bgr, index, captured_at)
            stale = time.perf_counter() - captured_at > STALE_SECONDS
            bgr = self._refresh() if stale else self._connection.read()
            if self._old.is_set():
                bgr = self._reopened()

    def _open(self) -> Bgr:
        self._old.clear()
        self._connection = self._connect(self._stop)
        self._info = self._connection.info
        return self._connection.first

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _refresh(self) -> Bgr | None:
        self._close()
        try:
            return self._open()
        except SourceError as error:
            return self._regain(error)

    def _reopened(self) -> Bgr | None:
        """The first frame of a new connection; that nothing comes meanwhile was told by who asked for it."""
        first = self._refresh()
        if first is not None:
            self._notify(SourceNotice("live"))
        return first

    def _regain(self, error: SourceError) -> Bgr | None:
        """The first frame of a new connection, or `None` when stopped."""
        self._close()
        for delay in itertools.chain(RETRY_DELAYS, itertools.repeat(RETRY_DELAYS[-1])):
            if self._stop.is_set():
                return None
            wait = _wait(error, delay)
            self._notify(SourceNotice("lost", error, retry_in=wait))
            self._pause(wait)
            if self._stop.is_set():
                return None
            try:
                first = self._open()
            except SourceError as again:
                error = again
                continue
            self._notify(SourceNotice("live"))
            return first
        return None

    def _pause(self, seconds: float) -> None:
        until = time.perf_counter() + seconds
        self._retry.clear()
        while not self._retry.is_set() and not self._is_back() and (left := until - time.perf_counter()) > 0:
            if self._stop.wait(min(left, LOOK_SECONDS)):
                return


def _wait(error: SourceError, delay: float) -> float:
    """Seconds before the next attempt where `delay` is usual."""
    if isinstance(error, LoginNeeded):
        return RETRY_DELAYS[-1]  # cameras lock out who tries a wrong password often
    present = isinstance(error, CameraUnavailable) and error.cause in ("busy", "silent")
    return min(delay, PRESENT_DELAY) if present else delay
