"""The inbox of a lane: the one place where frames wait."""

from __future__ import annotations

import threading
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Inbox(Generic[T]):
    """Two ways in, one way out.

    `put_newest` (live): replaces what waits, so a slow reader skips instead of falling behind; replaced items are
    counted in `dropped`. `put_every` (files): waits for room, so that every item arrives, in order.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._items: deque[T] = deque()
        self._few = 0
        self._closed = False
        self.dropped = 0

    def put_newest(self, item: T) -> None:
        with self._changed:
            if self._closed:
                return
            self.dropped += len(self._items)
            self._items.clear()
            self._items.append(item)
            self._changed.notify_all()

    def __len__(self) -> int:
        return len(self._items)

    def put_if_empty(self, item: T) -> bool:
        """False when something waits already."""
        with self._changed:
            if self._closed or self._items:
                return False
            self._items.append(item)
            self._changed.notify_all()
            return True

    def put_every(self, item: T, stop: threading.Event, room: int = 2) -> bool:
        """False when closed, or when `stop` was set, before there was room.

        Who finds `room` items waiting goes on when a third of them is left: it makes several in a row then, for which
        a decoder takes less time than for as many with a network at work between them.
        """
        with self._changed:
            if len(self._items) >= room:
                self._few = min(room - 1, max(1, room // 3))
                while len(self._items) > self._few and not self._closed and not stop.is_set():
                    self._changed.wait(0.1)
            if self._closed or stop.is_set():
                return False
            self._items.append(item)
            self._changed.notify_all()
            return True

    def get(self) -> T | None:
        """Waits for an item; `None` when closed."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._items) or self._closed)
            if self._closed:
                return None
            return self._take()

    def poll(self) -> T | None:
        """What waits, without waiting; `None` where nothing does."""
        with self._changed:
            if not self._items:
                return None
            return self._take()

    def _take(self) -> T:
        item = self._items.popleft()
        if len(self._items) <= self._few:
            self._changed.notify_all()
        return item

    def clear(self) -> None:
        """Forgets what waits (the source was changed)."""
        with self._changed:
            self._items.clear()
            self._changed.notify_all()

    def close(self) -> None:
        """Wakes the reader and the writer; later items are ignored."""
        with self._changed:
            self._closed = True
            self._items.clear()
            self._changed.notify_all()
