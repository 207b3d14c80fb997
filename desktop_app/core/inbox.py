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

    def __init__(self, size: int = 2) -> None:
        self._changed = threading.Condition()
        self._items: deque[T] = deque()
        self._size = size
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

    def put_every(self, item: T, stop: threading.Event) -> bool:
        """False when closed, or when `stop` was set, before there was room."""
        with self._changed:
            while len(self._items) >= self._size and not self._closed and not stop.is_set():
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
            item = self._items.popleft()
            self._changed.notify_all()
            return item

    def poll(self) -> T | None:
        """What waits, without waiting; `None` where nothing does."""
        with self._changed:
            if not self._items:
                return None
            item = self._items.popleft()
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
