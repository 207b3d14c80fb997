"""What the window and the exporting process say to each other: structs, msgpack on the wire, never pickle."""

from __future__ import annotations

import msgspec
import numpy as np

from desktop_app.exporting.item import ExportItem, ExportJob, ExportReport


class Begin(msgspec.Struct, frozen=True, tag=True):
    """First; `Items` follow, then `End` or `Cancel`."""

    job: ExportJob


class Items(msgspec.Struct, frozen=True, tag=True, eq=False):
    items: tuple[ExportItem, ...]


class End(msgspec.Struct, frozen=True, tag=True):
    """No more items."""


class Cancel(msgspec.Struct, frozen=True, tag=True):
    pass


class Progress(msgspec.Struct, frozen=True, tag=True):
    """Items that are done."""

    done: int


class Done(msgspec.Struct, frozen=True, tag=True):
    report: ExportReport


class Cancelled(msgspec.Struct, frozen=True, tag=True):
    pass


class Failed(msgspec.Struct, frozen=True, tag=True):
    """Nothing half-made was left."""

    message: str
    hint: str = ""


class Crashed(msgspec.Struct, frozen=True, tag=True):
    """A bug of the program."""

    message: str
    traceback: str = ""


Command = Begin | Items | End | Cancel
Event = Progress | Done | Cancelled | Failed | Crashed


def _to_wire(value: object) -> object:
    if isinstance(value, np.ndarray):
        return value.shape, value.tobytes()
    raise TypeError(f"cannot send {type(value).__name__}")


def _from_wire(_kind: type, value: object) -> object:
    """Pixels: uint8, of the shape that is told."""
    shape, raw = msgspec.convert(value, tuple[tuple[int, int, int], bytes])
    return np.frombuffer(raw, np.uint8).reshape(shape)


_encoder = msgspec.msgpack.Encoder(enc_hook=_to_wire)
_commands: msgspec.msgpack.Decoder[Command] = msgspec.msgpack.Decoder(Command, dec_hook=_from_wire)
_events: msgspec.msgpack.Decoder[Event] = msgspec.msgpack.Decoder(Event)


def encode(message: Command | Event) -> bytes:
    return _encoder.encode(message)


def decode_command(data: bytes) -> Command:
    """Raises `msgspec.DecodeError` or `ValueError` for anything that is not a command."""
    return _commands.decode(data)


def decode_event(data: bytes) -> Event:
    """Raises `msgspec.DecodeError` or `ValueError` for anything that is not an event."""
    return _events.decode(data)
