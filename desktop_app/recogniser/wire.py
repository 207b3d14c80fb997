"""Structs to bytes and back: msgpack, never pickle, so that bytes from another process are parsed and not executed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np

_NUMPY = 1


def _to_wire(value: object) -> object:
    if isinstance(value, np.ndarray):
        parts = (value.dtype.str, value.shape, np.ascontiguousarray(value).tobytes())
        return msgspec.msgpack.Ext(_NUMPY, msgspec.msgpack.encode(parts))
    raise TypeError(f"cannot send {type(value).__name__}")


def _array(code: int, data: memoryview) -> object:
    if code != _NUMPY:
        raise ValueError(f"unknown extension {code}")
    dtype, shape, raw = msgspec.msgpack.decode(data, type=tuple[str, tuple[int, ...], bytes])
    if np.dtype(dtype).hasobject:
        raise ValueError("arrays of objects do not travel")
    return np.frombuffer(raw, dtype=dtype).reshape(shape)


def _from_wire(kind: type, value: object) -> object:
    if not isinstance(value, np.ndarray):
        raise TypeError(f"cannot receive {kind}")
    return value


def decoder_of(kinds: Any) -> Callable[[bytes], Any]:
    """Reads messages of these kinds, with arrays in them. Raises `msgspec.DecodeError` or `ValueError`."""
    return msgspec.msgpack.Decoder(kinds, dec_hook=_from_wire, ext_hook=_array).decode


_encoder = msgspec.msgpack.Encoder(enc_hook=_to_wire)


def encode(message: msgspec.Struct) -> bytes:
    return _encoder.encode(message)
