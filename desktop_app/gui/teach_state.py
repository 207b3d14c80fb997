"""What the window knows of teaching: what was shown, what was learnt, what is said of the live picture."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from typing import Any

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from desktop_app.core.teaching import NONE
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.client import Client

AT_MOST_EVERY = 0.25
"""Seconds between two examples while a key is held."""


class TeachState(QObject):
    """One lesson for the whole window. It lies in the recogniser; this is what it told of it."""

    lesson_changed = Signal()
    learnt_changed = Signal()
    mapped = Signal()
    examined_changed = Signal()
    answered = Signal()
    """`live` is new."""
    adding = Signal()
    saved = Signal(object)
    failed = Signal(str, str)
    shown_changed = Signal()

    def __init__(self, client: Client, parent: QObject) -> None:
        super().__init__(parent)
        self._client = client
        self.wish = m.Teach(0)
        self.lesson = m.LessonChanged(0, "", "softmax", True, (), ())
        self.pictures: dict[int, QImage] = {}
        """Small ones, by the number of the example."""
        self.learnt = m.Learnt(0)
        self.plane: m.Mapped | None = None
        self.examined: m.Examined | None = None
        self.live: m.TeachLive | None = None
        self.files: tuple[int, int] = (0, 0)
        self._taken_at = 0.0
        self._times: deque[float] = deque(maxlen=10)

    @property
    def on(self) -> bool:
        """Something is being taught: the keys 1 to 9 take examples."""
        return self.wish.on

    @property
    def rate(self) -> float:
        """Answers a second."""
        if len(self._times) < 2:
            return 0.0
        return (len(self._times) - 1) / max(1e-3, self._times[-1] - self._times[0])

    @property
    def names(self) -> dict[int, str]:
        """By slot."""
        return dict(self.lesson.classes)

    def labels(self) -> tuple[str, ...]:
        """Of the logits of the live answer."""
        names = self.names
        own = tuple(names.get(slot, "") for slot in self.learnt.slots)
        return own if self.learnt.far is None else (*own, NONE)

    def slot_of(self, example: int) -> int:
        return next((shown.slot for shown in self.lesson.examples if shown.number == example), 0)

    # --- what the user asks for ---------------------------------------------------------------------------------

    def ask(self, **changes: Any) -> None:
        wish = msgspec.structs.replace(self.wish, **changes)
        if wish == self.wish:
            return
        was_on = self.wish.on
        self.wish = msgspec.structs.replace(wish, number=self.wish.number + 1)
        self._client.send(self.wish)
        if was_on != self.wish.on:
            self.live = None
            self._times.clear()
            self.shown_changed.emit()

    def again(self) -> None:
        """A new recogniser reads the lesson from the disk and tells of it anew."""
        if self.wish.on:
            self._client.send(self.wish)

    def take(self, slot: int) -> None:
        """What is on the screen becomes an example; at most a few a second."""
        now = time.monotonic()
        if now - self._taken_at >= AT_MOST_EVERY:
            self._taken_at = now
            self._client.send(m.TakeExample(slot))

    def add(self, slot: int, paths: Sequence[str]) -> None:
        self._client.send(m.AddExamples(slot, tuple(paths)))

    def name(self, slot: int, name: str) -> None:
        self._client.send(m.NameClass(slot, name))

    def remove_class(self, slot: int) -> None:
        self._client.send(m.RemoveClass(slot))

    def move(self, example: int, slot: int) -> None:
        self._client.send(m.MoveExample(example, slot))

    def remove(self, example: int) -> None:
        self._client.send(m.MoveExample(example, 0))

    def clear(self) -> None:
        self._client.send(m.ClearLesson())

    def undo(self) -> None:
        self._client.send(m.UndoTeaching())

    def redo(self) -> None:
        self._client.send(m.UndoTeaching(redo=True))

    def cancel_adding(self) -> None:
        self._client.send(m.CancelAdding())

    def open(self, path: str) -> None:
        """Answers as the file does, on its network."""
        self.ask(model="", link=None, may_be_none=None)
        self._client.send(m.OpenLesson(path))

    def save(self, path: str, *, pictures: bool) -> None:
        self._client.send(m.SaveLesson(path, pictures=pictures))

    def make_model(self, title: str) -> None:
        self._client.send(m.SaveLesson("", title))

    # --- what the recogniser says -------------------------------------------------------------------------------

    def on_event(self, event: m.Event) -> None:
        match event:
            case m.LessonChanged():
                self._on_lesson(event)
            case m.Learnt():
                self.learnt = event
                if event.layer is None:
                    self.plane = self.examined = None
                    self.mapped.emit()
                    self.examined_changed.emit()
                self.learnt_changed.emit()
            case m.Mapped():
                self.plane = event
                self.mapped.emit()
            case m.Examined():
                self.examined = event
                self.examined_changed.emit()
            case m.TeachLive():
                if self.wish.on:
                    self.live = event
                    self._times.append(time.monotonic())
                    self.answered.emit()
            case m.Adding(done, total):
                self.files = (done, total)
                self.adding.emit()
            case m.LessonSaved():
                self.saved.emit(event)
            case m.TeachFailed(message, hint):
                self.failed.emit(message, hint)

    def _on_lesson(self, event: m.LessonChanged) -> None:
        for shown in event.examples:
            if shown.picture:
                self.pictures[shown.number] = QImage.fromData(shown.picture)
        self.lesson = event
        self.examined = None if not event.examples else self.examined
        self.lesson_changed.emit()
