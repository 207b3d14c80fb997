"""Work beside the lanes: one thread, which begins with the first wish and takes the newest of them."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod


class Beside(ABC):
    """What sets a wish does so with `_changed` held, then calls `_wake`; it never waits, nor does `stop` for long."""

    name = "beside"

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._stopped = False
        self._cancel = threading.Event()
        """For work that takes long: it is to be given up."""
        self._thread: threading.Thread | None = None

    @abstractmethod
    def _run(self) -> None:
        """The thread, until `_stopped`; it waits for `_changed`."""

    def _wake(self, begin: bool) -> None:
        """With the lock held: something has changed. `begin`: the thread is needed for it."""
        if begin and self._thread is None and not self._stopped:
            self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
            self._thread.start()
        self._changed.notify_all()

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._cancel.set()
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(1.0)
