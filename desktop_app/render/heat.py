"""Values as colours: from black over violet and orange to a light yellow, in even steps of lightness."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage, QPainter

STOPS = ((0.0, 0x000000), (0.25, 0x481478), (0.5, 0xBE375F), (0.75, 0xF58230), (1.0, 0xFCF08C))


@cache
def colour_table() -> tuple[int, ...]:
    """256 opaque colours, 0xAARRGGBB."""
    places = np.linspace(0, 1, 256)
    where = [stop for stop, _ in STOPS]
    channels = [
        np.interp(places, where, [colour >> shift & 0xFF for _, colour in STOPS]).round().astype(int)
        for shift in (16, 8, 0)
    ]
    return tuple(0xFF000000 | int(r) << 16 | int(g) << 8 | int(b) for r, g, b in zip(*channels, strict=True))


def tile_image(pixels: NDArray[np.uint8]) -> QImage:
    """uint8 (h, w), 0 the lowest and 255 the highest, in these colours."""
    height, width = pixels.shape
    image = QImage(np.ascontiguousarray(pixels).tobytes(), width, height, width, QImage.Format.Format_Indexed8).copy()
    image.setColorTable(colour_table())
    return image


def map_image(values: NDArray[np.float32], low: float | None = None, high: float | None = None) -> QImage:
    """Any values (h, w), from `low` to `high`: its own lowest and highest where they are not given."""
    low = float(values.min()) if low is None else low
    high = float(values.max()) if high is None else high
    scaled = (values - low) / (high - low if high > low else 1.0) * 255
    return tile_image(scaled.clip(0, 255).astype(np.uint8))


AGAINST, FOR = 0x4F91F2, 0xF99532
"""Colours of differences below and above 0."""


def difference_image(values: NDArray[np.float32]) -> QImage:
    """Differences (h, w): black where there is none, the bluer the further below 0, the more orange the further above,
    by one measure."""
    most = float(np.abs(values).max()) or 1.0
    share = np.abs(values) / most
    colour = np.where(values < 0, AGAINST, FOR)
    channels = [((colour >> shift & 0xFF) * share).astype(np.uint32) for shift in (16, 8, 0)]
    rgb = np.uint32(0xFF000000) | channels[0] << 16 | channels[1] << 8 | channels[2]
    height, width = values.shape
    data = np.ascontiguousarray(rgb, np.uint32)
    return QImage(data.tobytes(), width, height, width * 4, QImage.Format.Format_RGB32).copy()


def filter_image(weights: NDArray[np.float32]) -> QImage:
    """Weights (3, h, w) for red, green and blue as the picture that this filter answers to most: grey is 0, and the
    strongest of its weights is as bright or as dark as can be."""
    most = float(np.abs(weights).max()) or 1.0
    pixels = ((weights / most * 0.5 + 0.5) * 255).round().astype(np.uint8).transpose(1, 2, 0)
    height, width = pixels.shape[:2]
    data = np.ascontiguousarray(pixels).tobytes()
    return QImage(data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def heat_image(values: NDArray[np.float32], strength: float) -> QImage:
    """What speaks for an answer, to be laid over a picture: the more, the more opaque, up to `strength`. Premultiplied.

    What speaks against it (negative) stays clear.
    """
    high = float(values.max())
    share = np.clip(values / high, 0, 1) if high > 0 else np.zeros_like(values)
    table = np.array(colour_table(), np.uint32)[(share * 255).astype(np.uint8)]
    alpha = (strength * (0.35 + 0.65 * share)).astype(np.float32)
    channels = [((table >> shift & 0xFF) * alpha).astype(np.uint32) for shift in (16, 8, 0)]
    argb = (alpha * 255).astype(np.uint32) << 24 | channels[0] << 16 | channels[1] << 8 | channels[2]
    height, width = values.shape
    data = np.ascontiguousarray(argb, np.uint32)
    return QImage(data.tobytes(), width, height, width * 4, QImage.Format.Format_ARGB32_Premultiplied).copy()


def faded(image: QImage, opacity: float) -> QImage:
    """The image with one opacity everywhere."""
    clear = QImage(image.size(), QImage.Format.Format_ARGB32_Premultiplied)
    clear.fill(0)
    with QPainter(clear) as painter:
        painter.setOpacity(opacity)
        painter.drawImage(0, 0, image)
    return clear
