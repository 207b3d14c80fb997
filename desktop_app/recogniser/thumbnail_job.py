"""The process that makes small pictures of a video: for the timeline, where the pointer is, and for what was found.

It runs only when nobody else wants the processor, and ends when the window closes the pipe.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import threading
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

import msgspec

from desktop_app.recogniser.environment import secure_environment
from desktop_app.recogniser.thumbnail_wire import SIZE, Begin, Thumbnail

if TYPE_CHECKING:
    from desktop_app.sources.video_reader import VideoReader

_NICENESS = 19
_AT_MOST = 24
"""Wishes that wait; older ones are forgotten, for the pointer has moved on."""


def lowest_priority() -> None:
    """After everything else: at niceness 19 alone it would still take a fifth of a core from a busy recogniser."""
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    if hasattr(os, "SCHED_IDLE"):
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def main(commands: Connection, events: Connection) -> None:
    """Entry of the spawned process. `commands`: `Begin`, then numbers of frames, or whether the strip has to wait."""
    secure_environment()
    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    lowest_priority()
    begin = msgspec.msgpack.decode(commands.recv_bytes(), type=Begin)
    wishes: queue.LifoQueue[int | None] = queue.LifoQueue()
    gone, resting = threading.Event(), threading.Event()

    def listen() -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                told = msgspec.msgpack.decode(commands.recv_bytes(), type=int | bool)
                if isinstance(told, bool):
                    (resting.set if told else resting.clear)()
                wishes.put(None if isinstance(told, bool) else told)
        gone.set()
        wishes.put(None)

    threading.Thread(target=listen, name="wishes", daemon=True).start()
    with contextlib.suppress(OSError):  # the window is gone
        _make(begin, wishes, events, gone, resting)
    events.close()
    os._exit(0)


def _make(
    begin: Begin,
    wishes: queue.LifoQueue[int | None],
    events: Connection,
    gone: threading.Event,
    resting: threading.Event,
) -> None:
    from desktop_app.sources.local import local_path
    from desktop_app.sources.video_reader import Unreadable, VideoReader

    try:
        reader = VideoReader(local_path(begin.spec), cancelled=gone.is_set)
    except Unreadable:
        return
    reader.read_index(None)
    frames = (reader.index.count if reader.index is not None else None) or reader.declared or 1
    strip = iter(strip_order(begin.count))
    while not gone.is_set():
        wish = _next_wish(wishes)
        if wish is None and not resting.is_set() and (slot := next(strip, None)) is not None:
            _send(reader, _strip_frame(reader, (2 * slot + 1) * frames // (2 * begin.count)), events, begin.generation)
            continue
        wish = wishes.get() if wish is None else wish
        if wish is not None:
            _send(reader, wish, events, begin.generation)


def _next_wish(wishes: queue.LifoQueue[int | None]) -> int | None:
    """The newest; of those that wait the oldest are forgotten."""
    waiting: list[int] = []
    while True:
        try:
            wish = wishes.get_nowait()
        except queue.Empty:
            break
        if wish is not None:
            waiting.append(wish)
    for wish in reversed(waiting[1:_AT_MOST]):
        wishes.put(wish)
    return waiting[0] if waiting else None


def strip_order(count: int) -> list[int]:
    """All places of the strip, coarse ones first, so that the whole is seen soon."""
    order: list[int] = []
    step = 1 << max(0, count - 1).bit_length()
    while step >= 1:
        order += [place for place in range(0, count, step) if place not in order]
        step //= 2
    return order


def _strip_frame(reader: VideoReader, number: int) -> int:
    """Where decoding begins, if that is near enough: ten times as quick, and in a strip as good."""
    index = reader.index
    if index is None or not index.complete or not index.ordered:
        return number
    key = index.key_of(index.moment(number))
    near = index.number(key) if key is not None else number
    return near if number - near < max(1, len(index.times) // 100) else number


def _send(reader: VideoReader, number: int, events: Connection, generation: int) -> None:
    reader.seek(number)
    decoded = reader.next()
    if decoded is None:
        return
    bgr = reader.small(decoded, *SIZE)
    thumbnail = Thumbnail(generation, number, bgr.shape[1], bgr.shape[0], bgr.tobytes())
    events.send_bytes(msgspec.msgpack.encode(thumbnail))
