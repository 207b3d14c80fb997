"""What the process that makes small pictures of a video is told and answers."""

from __future__ import annotations

import msgspec

SIZE = (192, 108)
"""Width and height of a small picture at most."""


class Begin(msgspec.Struct, frozen=True):
    """`count` pictures, evenly over the video, come unasked. `generation` comes back with each."""

    generation: int
    spec: str
    count: int


class Thumbnail(msgspec.Struct, frozen=True):
    """`pixels`: blue, green, red, row by row. `number`: the frame that was asked for."""

    generation: int
    number: int
    width: int
    height: int
    pixels: bytes
