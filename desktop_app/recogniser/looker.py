"""What looks at the frame on the screen beside recognition: a thread that begins when somebody wants it to look."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod

from desktop_app.core.frame import Frame


class Looker(ABC):
    """`offer`, `forget` and what sets the wish never wait. While nobody looks a frame costs one assignment."""

    name = "looker"

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._frame: Frame | None = None
        self._stopped = False
        self._thread: threading.Thread | None = None

    @property
    @abstractmethod
    def _looks(self) -> bool:
        """Whether somebody wants it to look."""

    @abstractmethod
    def _run(self) -> None:
        """The thread, until `_stopped`; it waits for `_changed`."""

    def _wake(self, begin: bool) -> None:
        """With the lock held: something has changed. `begin`: the thread is needed for it."""
        if begin and self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
            self._thread.start()
        self._changed.notify_all()

    def offer(self, frame: Frame) -> None:
        """The frame that is on the screen now."""
        if not self._looks:
            self._frame = frame
            return
        with self._changed:
            self._frame = frame
            self._changed.notify_all()

    def forget(self) -> None:
        """The source was closed."""
        with self._changed:
            self._frame = None

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(1.0)
