"""What the window asks of the recogniser (`commands`), and what it hears of it (`events`).

Frozen structs on the wire (`wire`). Frames do not travel here but through `frame_ring`. A message more is a struct in
one of the two; everybody else speaks of `messages` only.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import or_
from types import GenericAlias

from desktop_app.recogniser.commands import *
from desktop_app.recogniser.commands import Command as Command
from desktop_app.recogniser.events import *
from desktop_app.recogniser.events import Event as Event
from desktop_app.recogniser.teach_messages import *
from desktop_app.recogniser.wire import decoder_of as decoder_of
from desktop_app.recogniser.wire import encode as encode

_commands: Callable[[bytes], Command] = decoder_of(reduce(or_, Command.__subclasses__()))
_event = reduce(or_, Event.__subclasses__())
_one: Callable[[bytes], Event] = decoder_of(_event)
_several: Callable[[bytes], list[Event]] = decoder_of(GenericAlias(list, (_event,)))


def decode_command(data: bytes) -> Command:
    """Raises `msgspec.DecodeError` or `ValueError` for anything that is not a command."""
    return _commands(data)


def decode_event(data: bytes) -> Event:
    """Raises `msgspec.DecodeError` or `ValueError` for anything that is not an event."""
    return _one(data)


def decode_events(data: bytes) -> list[Event]:
    """Several that were encoded together. Raises as `decode_event` does."""
    return _several(data)
