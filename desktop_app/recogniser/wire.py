"""Structs to bytes and back: msgpack, never pickle, so that bytes from another process are parsed and not executed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import msgspec
import numpy as np

_NUMPY = 1


def _to_wire(value: object) -> object:
    if isinstance(value, np.ndarray):
        parts = (value.dtype.str, value.shape, np.ascontiguousarray(value).tobytes())
        return msgspec.msgpack.Ext(_NUMPY, _plain.encode(parts))
    raise TypeError(f"cannot send {type(value).__name__}")


def _array(code: int, data: memoryview) -> object:
    if code != _NUMPY:
        raise ValueError(f"unknown extension {code}")
    dtype, shape, raw = _parts.decode(data)
    return np.frombuffer(raw, _dtype(dtype)).reshape(shape)


@cache
def _dtype(name: str) -> np.dtype[Any]:
    dtype = np.dtype(name)
    if dtype.hasobject:
        raise ValueError("arrays of objects do not travel")
    return dtype


def _from_wire(kind: type, value: object) -> object:
    if not isinstance(value, np.ndarray):
        raise TypeError(f"cannot receive {kind}")
    return value


def decoder_of(kinds: Any) -> Callable[[bytes], Any]:
    """Reads messages of these kinds, with arrays in them. Raises `msgspec.DecodeError` or `ValueError`."""
    return msgspec.msgpack.Decoder(kinds, dec_hook=_from_wire, ext_hook=_array).decode


_encoder = msgspec.msgpack.Encoder(enc_hook=_to_wire)
_plain = msgspec.msgpack.Encoder()
_parts = msgspec.msgpack.Decoder(tuple[str, tuple[int, ...], bytes])


def encode(message: msgspec.Struct | Sequence[msgspec.Struct]) -> bytes:
    return _encoder.encode(message)
