"""Teaching beside recognition: a thread with a network of its own, which rests while frames move, and does nothing and
holds no network while nobody teaches."""

from __future__ import annotations

import time
import traceback
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from desktop_app.core.frame import Frame
from desktop_app.errors import AppError
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.looker import Looker

if TYPE_CHECKING:
    from desktop_app.recogniser.teach_desk import TeachDesk

REST = 3.0
"""So many times as long as it worked on a moving picture it rests, so that recognition loses a quarter at most."""
SAVED_AFTER = 1.0
"""Seconds without a change after which the lesson is written to the disk."""

_Step = Literal["follow", "task", "file", "leave", "learn", "look", "examine", "save"]


class Teacher(Looker):
    """`do`, `offer` and `forget` never wait. `list_changed` is called when a model was added to the list."""

    name = "teacher"

    def __init__(self, send: Callable[[m.Event], None], list_changed: Callable[[], None]) -> None:
        super().__init__()
        self._send, self._list_changed = send, list_changed
        self._wish = m.Teach(0)
        self._followed: m.Teach | None = None
        self._seen: Frame | None = None
        self._tasks: deque[tuple[m.Command, Frame | None]] = deque()
        self._rest_until = self._quiet_since = 0.0
        self._last: _Step | None = None
        self._desk: TeachDesk | None = None

    def do(self, command: m.Command) -> None:
        with self._changed:
            if self._stopped:
                return
            if isinstance(command, m.Teach):
                if command.number < self._wish.number:
                    return
                self._wish = command
            else:
                self._tasks.append((command, self._frame))
            self._wake(begin=self._wish.on or bool(self._tasks))

    @property
    def _looks(self) -> bool:
        return self._wish.on

    # --- the thread -------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        from desktop_app.recogniser.teach_desk import TeachDesk

        desk = self._desk = TeachDesk(self._send, self._list_changed)
        while (step := self._next(desk)) is not None:
            begun, self._last = time.perf_counter(), step
            try:
                self._take(step, desk)
            except AppError as error:
                self._send(m.TeachFailed(error.message, error.hint))
                if step == "follow":
                    desk.tell()  # what is taught on, in place of what could not be
            except Exception as error:
                self._send(m.Failure(f"{type(error).__name__}: {error}", traceback.format_exc()))
            if step in ("look", "examine"):
                rest = REST if step == "look" else 1.0  # learning again and again ends soon
                self._rest_until = time.perf_counter() + rest * (time.perf_counter() - begun)
            elif step != "save":
                self._quiet_since = time.monotonic()
        try:
            desk.save()
        except AppError as error:
            self._send(m.TeachFailed(error.message, error.hint))

    def _next(self, desk: TeachDesk) -> _Step | None:
        """What is to be done first; `None` at the end."""
        with self._changed:
            while not self._stopped:
                if self._tasks and (desk.looks or not self._wish.on or self._followed is self._wish):
                    return "task"
                if self._wish is not self._followed:
                    return "follow" if self._wish.on else "leave"
                if not self._wish.on:
                    self._changed.wait()
                    continue
                if desk.has_files:
                    return "file"
                if desk.is_behind:
                    return "learn"
                if desk.is_unsaved and time.monotonic() - self._quiet_since >= SAVED_AFTER:
                    return "save"
                wait = self._rest_until - time.perf_counter()
                new = self._frame is not None and self._frame is not self._seen and desk.looks
                if wait > 0 and (new or desk.has_examination):
                    self._changed.wait(wait)
                elif new and not (desk.has_examination and self._last == "look"):
                    return "look"
                elif desk.has_examination:
                    return "examine"
                else:
                    self._changed.wait(SAVED_AFTER if desk.is_unsaved else None)
        return None

    def _take(self, step: _Step, desk: TeachDesk) -> None:
        match step:
            case "follow":
                self._followed = self._wish
                desk.follow(self._wish)
                self._seen = None
            case "leave":
                self._followed = self._wish
                desk.leave()
                with self._changed:
                    self._changed.notify_all()
            case "task":
                desk.do(*self._tasks.popleft())
            case "file":
                desk.add_next_file()
            case "learn":
                desk.catch_up()
            case "look":
                frame = self._seen = self._frame
                if frame is not None:
                    desk.look(frame)
            case "examine":
                desk.examine_one()
            case "save":
                desk.save()
