"""What the recogniser tells the recorder, through a socket of this machine that only the right key opens."""

from __future__ import annotations

import secrets
import sys
from functools import reduce
from multiprocessing.connection import Connection, Listener
from operator import or_
from typing import Literal

import msgspec

from desktop_app.recogniser.messages import PackedResult, decoder_of, encode

EndReason = Literal["stopped", "ended", "source"]


class Fed(msgspec.Struct, frozen=True, tag=True):
    """Recogniser to recorder, in order."""


class FedSlots(Fed, frozen=True):
    """Frames from now on lie in these slots; those before have all been told."""

    name: str
    slot_bytes: int


class FedFrame(Fed, frozen=True):
    """A frame lies in `slot`, with the results that are drawn over it. `own`: they are of this very frame and are told
    here only. `dropped`: frames that found no room, since the beginning."""

    slot: int
    width: int
    height: int
    index: int
    captured_at: float
    media_time: float | None
    results: tuple[PackedResult, ...]
    own: bool
    dropped: int = 0


class FedResult(Fed, frozen=True):
    """A result of a live source, as soon as it was there. `width`, `height`: of its frame."""

    result: PackedResult
    width: int
    height: int


class FedNames(Fed, frozen=True):
    """The class names of a model, before its first result."""

    key: str
    names: tuple[str, ...]


class FedPhase(Fed, frozen=True):
    """`lost`: there is no signal since `at`, a time of `time.perf_counter()`."""

    lost: bool
    at: float


class FedEnd(Fed, frozen=True):
    """Nothing more comes: at the user's wish, at the end of the file, or because there is another source."""

    at: float
    reason: EndReason


_decode = decoder_of(reduce(or_, Fed.__subclasses__()))


def send(connection: Connection, message: Fed) -> None:
    """Raises `OSError` where the other end is gone."""
    connection.send_bytes(encode(message))


def receive(connection: Connection) -> Fed:
    """Raises `EOFError` or `OSError` where the other end is gone, `ValueError` for anything that is no message."""
    message: Fed = _decode(connection.recv_bytes())
    return message


def listen() -> tuple[Listener, str, bytes]:
    """A listener, its address and the key that opens it."""
    key = secrets.token_bytes(32)
    # On Linux in no folder: nothing is left of it.
    address = f"\0regard-{secrets.token_hex(12)}" if sys.platform == "linux" else None
    family = "AF_PIPE" if sys.platform == "win32" else "AF_UNIX"
    listener = Listener(address, family, authkey=key)
    return listener, address or str(listener.address), key
