"""The window's end of the recogniser: starts, watches, kills and restarts the child process. No Qt."""

from __future__ import annotations

from typing import Protocol

from desktop_app.core.frame import Frame
from desktop_app.recogniser.messages import Command, Event


class Restarting(Event, frozen=True):
    """The child died or hung; it is started again with the last good state. Made by the client, never sent."""

    reason: str


class GaveUp(Event, frozen=True):
    """The child died more than five times within a minute. Made by the client, never sent."""

    reason: str


class Client(Protocol):
    """What the window needs of the recogniser; the tests of the window use a stand-in."""

    def start(self) -> None: ...

    def send(self, command: Command) -> None:
        """Never blocks. Kept, so that a restarted child gets the last good state again."""

    def poll(self) -> list[Event]:
        """The events since the last call; watches the heartbeat too. Called by the window's timer."""

    def newest_frame(self) -> Frame | None:
        """The newest frame, once; `None` where nothing new came since the last call. The frame is a private copy."""

    def stop(self, timeout: float = 1.5) -> None:
        """Ends the child, by force after `timeout` seconds."""

    @property
    def pid(self) -> int | None: ...
