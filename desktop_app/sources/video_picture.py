"""The pictures of a video as its decoder gives them, and how their colours are mixed. FFmpeg through PyAV."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.frame import Bgr, Pixels

_IN_PLANES = ("yuv420p", "yuvj420p")
_SAMPLES = range(-36, 37, 4)
"""Colours round the middle grey of which no mixture leaves 0…255, whatever the standard."""


class Conversion:
    """From the decoder's pictures of one video to blue-green-red. FFmpeg's converter serves one at a time, so threads
    wait for each other."""

    def __init__(self) -> None:
        from av.video.reformatter import VideoReformatter

        self._lock = threading.Lock()
        self._reformatter = VideoReformatter()
        self._mixtures: dict[tuple[object, ...], NDArray[np.float32]] = {}

    def bgr(self, picture: Any, size: tuple[int, int] | None = None, interpolation: str | None = None) -> Bgr:
        """Scaled to `size` where one is given; not turned upright."""
        width, height = size or (picture.width, picture.height)
        rows = self._rows(picture, width, height, "bgr24", interpolation)
        return np.ascontiguousarray(rows[:, : width * 3]).reshape(height, width, 3)

    def bgrx(self, picture: Any) -> NDArray[np.uint8]:
        """(h, w, 4), the same with a fourth byte, in four fifths of the time; OpenCV scales it in half the time."""
        width, height = picture.width, picture.height
        rows = self._rows(picture, width, height, "bgra", None)
        return rows[:, : width * 4].reshape(height, width, 4)

    def _rows(self, picture: Any, width: int, height: int, layout: str, interpolation: str | None) -> NDArray[np.uint8]:
        with self._lock:
            converted = self._reformatter.reformat(
                picture, width, height, format=layout, interpolation=interpolation, threads=1
            )
        # `to_ndarray` copies once more, and holds the interpreter meanwhile.
        return _rows_of(converted.planes[0])[:height]

    def pixels(self, picture: Any) -> Pixels:
        """Upright. In planes where they can be worked with as they are."""
        turns = turns_of(picture)
        if not turns and VideoPicture.suits(picture):
            return VideoPicture(picture, self)
        return turned(self.bgr(picture), turns)

    def mixture(self, picture: Any) -> NDArray[np.float32]:
        """(3, 4): red, green, blue of brightness, the two colours, and 1.

        Taken from FFmpeg's own answers to a few colours rather than from the standards, so that it holds for each of
        them, and has the same rounding: FFmpeg cuts off where OpenCV rounds, which is a step of 255.
        """
        key = (picture.format.name, picture.colorspace, picture.color_range)
        if key not in self._mixtures:
            colours = np.array([(128 + y, 128 + u, 128 + v) for y in _SAMPLES[::4] for u in _SAMPLES for v in _SAMPLES])
            found = self.bgr(_of_colours(colours.astype(np.uint8), picture))[0, ::2, ::-1]
            known = np.column_stack([colours, np.ones(len(colours))])
            self._mixtures[key] = np.linalg.lstsq(known, found.astype(np.float64))[0].T.astype(np.float32)
        return self._mixtures[key]


def _rows_of(plane: Any) -> NDArray[np.uint8]:
    """The bytes of a plane as they lie, without a copy: each row has some to spare at its end."""
    return np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)


def turned(bgr: Bgr, turns: int) -> Bgr:
    return np.ascontiguousarray(np.rot90(bgr, turns)) if turns else bgr


def turns_of(picture: Any) -> int:
    rotation: float = picture.rotation
    return round(rotation / 90) % 4


def _of_colours(colours: NDArray[np.uint8], like: Any) -> Any:
    """A picture two rows high, of squares of 2 × 2 pixels in the `colours` (n, 3), in the standard of `like`."""
    import av

    picture = av.VideoFrame(2 * len(colours), 2, like.format.name)
    picture.colorspace, picture.color_range = like.colorspace, like.color_range
    for plane, values, times in zip(picture.planes, colours.T, (2, 1, 1), strict=True):
        _rows_of(plane)[: plane.height, : plane.width] = np.repeat(values, times)
    return picture


class VideoPicture:
    """`Planes`: keeps the decoder's picture, which nobody writes to any more."""

    __slots__ = ("_bgr", "_conversion", "_picture")

    def __init__(self, picture: Any, conversion: Conversion) -> None:
        self._picture, self._conversion = picture, conversion
        self._bgr: Bgr | None = None

    @staticmethod
    def suits(picture: Any) -> bool:
        return (
            picture.format.name in _IN_PLANES
            and not (picture.width % 2 or picture.height % 2)
            and all(plane.line_size >= plane.width for plane in picture.planes)
        )

    @property
    def shape(self) -> tuple[int, int, int]:
        return self._picture.height, self._picture.width, 3

    @property
    def bgr(self) -> Bgr:
        if self._bgr is None:
            bgr = self._conversion.bgr(self._picture)
            bgr.flags.writeable = False
            self._bgr = bgr
        return self._bgr

    def scale_into(self, rgb: NDArray[np.uint8]) -> None:
        import cv2

        size = (rgb.shape[1], rgb.shape[0])
        if (2 * size[0], 2 * size[1]) == (self._picture.width, self._picture.height):
            self._halve_into(rgb)
            return
        bgr = self._bgr  # another thread may make it meanwhile
        whole = self._conversion.bgrx(self._picture) if bgr is None else bgr
        scaled = cv2.resize(whole, size, interpolation=cv2.INTER_LINEAR)
        cv2.cvtColor(scaled, cv2.COLOR_BGRA2RGB if bgr is None else cv2.COLOR_BGR2RGB, dst=rgb)

    def _halve_into(self, rgb: NDArray[np.uint8]) -> None:
        """As most detectors see most videos: 1280 × 720 for an input of 640.

        Four pixels share their colour, so that the mean of their brightness mixed with it is the mean of their mixtures
        but for the rounding: a quarter of the picture is mixed, and the whole of it is never made.
        """
        import cv2

        planes = self._picture.planes
        brightness, *colours = (_rows_of(plane)[: plane.height, : plane.width] for plane in planes)
        brightness = cv2.resize(brightness, rgb.shape[1::-1], interpolation=cv2.INTER_AREA)
        cv2.transform(cv2.merge([brightness, *colours]), self._conversion.mixture(self._picture), dst=rgb)
