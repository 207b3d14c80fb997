"""Which of its formats a camera is asked for."""

from __future__ import annotations

from collections.abc import Sequence

from desktop_app.core.camera import CameraFormat

USUAL = CameraFormat(1280, 720, 30.0, "")
"""What is asked for where the user chose nothing."""

NO_WISH = CameraFormat(0, 0, 0.0, "")

_LEAST_WIDTH = 640
_FLUENT = 0.8
"""A camera that reaches this share of the rate is not slow."""

DECODED = ("YUYV", "UYVY", "NV12", "NV21", "YU12", "YV12", "BGR3", "RGB3", "GREY", "MJPG", "JPEG")
"""Pixel formats that OpenCV makes pictures of. Not H264: it comes undecoded."""

COMPRESSED = ("MJPG", "JPEG")


def choose_format(formats: Sequence[CameraFormat], wish: CameraFormat = NO_WISH) -> CameraFormat:
    """Of what the camera offers the size nearest to the wish, then a rate that reaches it, then raw before MJPG.

    Raw pictures are sharper and cost no decoding, but USB 2 carries only about ten a second at 1280×720: MJPG where raw
    would be slower than asked. Zeros and no pixel format in `wish`: 1280×720, 30 frames a second, whichever is best;
    where the size was left open, a smaller picture that moves is better than a larger one that jerks.
    """
    width, height = wish.width or USUAL.width, wish.height or USUAL.height
    fps = wish.fps or USUAL.fps
    usable = [f for f in formats if f.pixel_format in DECODED]
    usable = [f for f in usable if f.pixel_format == wish.pixel_format] or usable
    if not wish.width:
        usable = [f for f in usable if f.width >= _LEAST_WIDTH and f.fps >= _FLUENT * fps] or usable
    if not usable:
        return CameraFormat(width, height, fps, wish.pixel_format)

    def preference(f: CameraFormat) -> tuple[int, float, bool]:
        distance = abs(f.width - width) + abs(f.height - height)
        return distance, -min(f.fps, fps), f.pixel_format in COMPRESSED

    best = min(usable, key=preference)
    return CameraFormat(best.width, best.height, _rate(best, fps), best.pixel_format)


def _rate(chosen: CameraFormat, fps: float) -> float:
    """The slowest rate that reaches `fps`, else the fastest; `fps` itself where the camera does not say."""
    reaching = [rate for rate in chosen.rates if rate >= fps - 0.5]
    return min(reaching, default=min(chosen.fps, fps) or fps)


def falls_short(granted: float | None, asked: CameraFormat, wish: CameraFormat) -> bool:
    """Whether raw pictures came out slower than asked and the user did not insist on them: MJPG may be faster."""
    return (
        granted is not None
        and granted < 0.9 * asked.fps
        and wish.pixel_format == ""
        and asked.pixel_format not in COMPRESSED
    )
