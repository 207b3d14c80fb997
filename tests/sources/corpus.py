"""Pictures and videos to test with: small, generated, each frame carrying its number in its pixels."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from desktop_app.core.frame import Bgr

_BITS = 10
EXIF_ORIENTATION = 0x0112


def numbered(number: int, width: int = 320, height: int = 240) -> Bgr:
    """A grey picture with the number as ten black or white fields: it survives any codec."""
    bgr = np.full((height, width, 3), 60, np.uint8)
    for bit in range(_BITS):
        if number >> bit & 1:
            bgr[40:80, 10 + bit * 30 : 35 + bit * 30] = 255
    return bgr


def number_of(bgr: NDArray[np.uint8]) -> int:
    """The number of a `numbered` picture."""
    return sum(int(bgr[60, 22 + bit * 30].mean() > 150) << bit for bit in range(_BITS))


def jpegs(count: int) -> list[bytes]:
    return [encode(Image.fromarray(numbered(i)), "JPEG") for i in range(count)]


def encode(picture: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def write_video(
    path: Path, codec: str, count: int = 90, *, variable: bool = False, gop: int = 30, b_frames: int = 0
) -> Path:
    """`count` numbered frames, one every 33 ms, or at a `variable` rate two of 20 ms after each of 120 ms."""
    import av

    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=30)
        stream.width, stream.height = 320, 240
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.codec_context.gop_size = gop
        stream.codec_context.max_b_frames = b_frames
        millisecond = Fraction(1, 1000)
        stream.time_base = stream.codec_context.time_base = millisecond
        moment = 0
        for i in range(count):
            frame = av.VideoFrame.from_ndarray(numbered(i), "bgr24").reformat(format=stream.pix_fmt)
            frame.pts, frame.time_base = moment, millisecond
            moment += (20 if i % 3 else 120) if variable else 33
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def zeroed(data: bytes, start: float, end: float) -> bytes:
    a, b = int(len(data) * start), int(len(data) * end)
    return data[:a] + bytes(b - a) + data[b:]


def flipped(data: bytes, random: np.random.Generator, count: int) -> bytes:
    changed = bytearray(data)
    for at in random.integers(0, len(data), count):
        changed[at] ^= 1 << int(random.integers(8))
    return bytes(changed)


def png(width: int, height: int, pixels: bytes = b"", depth: int = 8, colour: int = 2) -> bytes:
    """A PNG by hand: its header may lie about what is in it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(pixels, 1)) + chunk(b"IEND", b"")
    )


HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200)

# As an orientation tag demands that a viewer turns the stored picture, so it is stored turned the other way.
STORED: dict[int, Callable[[Image.Image], Image.Image]] = {
    1: lambda p: p,
    2: lambda p: p.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    3: lambda p: p.transpose(Image.Transpose.ROTATE_180),
    4: lambda p: p.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
    5: lambda p: p.transpose(Image.Transpose.TRANSPOSE),
    6: lambda p: p.transpose(Image.Transpose.ROTATE_90),
    7: lambda p: p.transpose(Image.Transpose.TRANSVERSE),
    8: lambda p: p.transpose(Image.Transpose.ROTATE_270),
}


def corners() -> Image.Image:
    """96 × 64; red, green, blue, white in the corners, clockwise from the upper left."""
    picture = Image.new("RGB", (96, 64), (90, 90, 90))
    for place, colour in (
        ((0, 0, 32, 32), (255, 0, 0)),
        ((64, 0, 96, 32), (0, 255, 0)),
        ((64, 32, 96, 64), (0, 0, 255)),
        ((0, 32, 32, 64), (255, 255, 255)),
    ):
        picture.paste(colour, place)
    return picture


def oriented(kind: str, orientation: int) -> bytes:
    """The corners picture, stored turned, with the tag that turns it back."""
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = orientation
    options: dict[str, Any] = {"quality": 95} if kind in ("JPEG", "WEBP", "AVIF") else {}
    return encode(STORED[orientation](corners()), kind, exif=exif, **options)
