"""A video file in which each frame has its true time, and that can be played up to wherever it is cut off."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.frame import Bgr
from desktop_app.recording.formats import Format
from desktop_app.recording.sound import Sound

_CLOCK = Fraction(1, 1000)
"""Matroska counts milliseconds."""
_KEY_SECONDS = 2
_MPEG4_BITS_PER_PIXEL = 12


@dataclass(frozen=True, slots=True)
class _Container:
    """`options`: what was written so far lies in the file twice a second, whole."""

    name: str
    options: dict[str, str]


_MP4 = {"frag_duration": "500000", "flush_packets": "1"}
_CONTAINERS: dict[Format, tuple[_Container, ...]] = {
    "mkv": (_Container("matroska", {"cluster_time_limit": "500", "flush_packets": "1"}),),
    # Fragments while it grows, an ordinary file once it is closed; where FFmpeg is too old for that, fragments only.
    # Its table of contents comes with the first fragment: only then it is known which track begins when.
    "mp4": (
        _Container("mp4", {"movflags": "hybrid_fragmented+delay_moov", **_MP4}),
        _Container("mp4", {"movflags": "frag_keyframe+delay_moov+default_base_moof", **_MP4}),
    ),
}

# In this order, where the library's build has them. Two cores at 960×720, milliseconds of processor a frame, signal to
# noise, size: x264 superfast 6.6 ms, 37.8 dB, 0.9 MB/s (ultrafast 4.8, 37.0, 2.0); VP9 11.9 ms, 39.5 dB, 0.9 MB/s;
# MPEG-4 4.1 ms, 38.5 dB, 2.4 MB/s. Without B frames less is lost when the process is killed.
_ENCODERS: tuple[tuple[str, dict[str, str]], ...] = (
    ("libx264", {"preset": "superfast", "crf": "18", "bf": "0"}),
    ("h264_videotoolbox", {"q": "65", "realtime": "1"}),
    ("h264_mf", {"rate_control": "quality", "quality": "80"}),
    ("mpeg4", {"qmin": "2", "qmax": "5"}),
)


def encoder_names() -> list[str]:
    """Those of `_ENCODERS` that this build of the library has, the best first."""
    import av

    return [name for name, _ in _ENCODERS if name in av.codecs_available]


@dataclass(slots=True)
class Movie:
    """The first frame decides the size; later ones of another size are fitted into it, with black beside them.

    `rate`: frames a second, a hint for players and encoder; the time of each frame is its own. Times are milliseconds
    from the beginning. Errors of writing are `OSError`, `ValueError` or `av.FFmpegError`; what is in the file then
    stays readable.
    """

    path: Path
    format: Format = "mkv"
    rate: float | None = None
    sound: Sound | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    frames: int = 0
    last: int = -1
    """Time of the last frame."""
    _container: Any = None
    _track: Any = None
    _size: tuple[int, int] = (0, 0)
    _planes: NDArray[np.uint8] | None = None

    def write(self, bgr: Bgr, at: int) -> int:
        """A frame; returns the time that it got, which is later than that of the frame before."""
        self._planes = self._converted(bgr)
        return self._encode(at)

    def repeat(self, at: int) -> int:
        """The last frame once more: it is still there at this time."""
        return self._encode(at)

    def fade(self, at: int) -> int:
        """The last frame without its colours and half as bright, as the stage shows one that is not live any more."""
        if self._planes is not None:
            luma = self._planes.shape[0] * 2 // 3
            faded = np.full_like(self._planes, 128)
            faded[:luma] = 16 + (np.maximum(self._planes[:luma], 16) - 16) // 2
            self._planes = faded
        return self._encode(at)

    def close(self) -> None:
        """What remains in the encoder, and the end of the file. Closes the file also where that cannot be written."""
        container, self._container = self._container, None
        if container is None:
            return
        try:
            container.mux(self._track.encode())
        finally:
            container.close()

    def abandon(self) -> None:
        """After a failed write: nothing more is written but what the container holds already."""
        container, self._container = self._container, None
        if container is not None:
            import av

            with suppress(OSError, ValueError, av.FFmpegError):
                container.close()

    def _encode(self, at: int) -> int:
        import av

        assert self._planes is not None
        at = max(at, self.last + 1)
        picture = av.VideoFrame.from_ndarray(self._planes, format="yuv420p")
        picture.pts, picture.time_base = at, _CLOCK
        picture.color_range, picture.colorspace = 1, 6
        self._container.mux(self._track.encode(picture))
        self.last = at
        self.frames += 1
        if self.sound is not None:
            self.sound.copy_until(at)
        return at

    def _converted(self, bgr: Bgr) -> NDArray[np.uint8]:
        import cv2

        if self._container is None:
            self._open(bgr.shape[1], bgr.shape[0])
        width, height = self._size
        # Video range and the matrix of BT.601, as the file says; twice as fast as FFmpeg's conversion, and nearer.
        return np.asarray(cv2.cvtColor(_fitted(bgr, width, height), cv2.COLOR_BGR2YUV_I420), np.uint8)

    def _open(self, width: int, height: int) -> None:
        # The encoders want even sides.
        self._size = width + width % 2, height + height % 2
        self._container = _new_container(self.path, self.format)
        self._container.metadata.update(self.metadata)
        self._track = self._new_track()
        if self.sound is not None:
            self.sound.add_to(self._container)
        self._container.start_encoding()

    def _new_track(self) -> Any:
        rate = Fraction(self.rate or 30).limit_denominator(1001)
        for name, options in _ENCODERS:
            if name not in encoder_names():
                continue
            track = self._container.add_stream(name, rate=rate, options=options)
            track.width, track.height = self._size
            track.pix_fmt = "yuv420p"
            context = track.codec_context
            context.time_base = _CLOCK
            context.gop_size = max(1, round(_KEY_SECONDS * float(rate)))
            context.color_range, context.colorspace = 1, 6
            if name == "mpeg4":
                context.bit_rate = self._size[0] * self._size[1] * _MPEG4_BITS_PER_PIXEL
            return track
        raise ValueError("no encoder")


def _new_container(path: Path, kind: Format) -> Any:
    import av

    *tries, last = _CONTAINERS[kind]
    for container in tries:
        try:
            return av.open(str(path), "w", format=container.name, options=container.options)
        except (ValueError, LookupError):  # an option that this FFmpeg does not know
            continue
    return av.open(str(path), "w", format=last.name, options=last.options)


def _fitted(bgr: Bgr, width: int, height: int) -> Bgr:
    """`bgr` at this size: as it is, with its last row and column twice, or as large as fits with black beside it."""
    import cv2

    own_height, own_width = bgr.shape[:2]
    if (own_width, own_height) == (width, height):
        return bgr
    if (own_width + own_width % 2, own_height + own_height % 2) == (width, height):
        return np.pad(bgr, ((0, height - own_height), (0, width - own_width), (0, 0)), mode="edge")
    scale = min(width / own_width, height / own_height)
    inner = max(1, round(own_width * scale)), max(1, round(own_height * scale))
    left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
    canvas: Bgr = np.zeros((height, width, 3), np.uint8)
    canvas[top : top + inner[1], left : left + inner[0]] = cv2.resize(bgr, inner, interpolation=cv2.INTER_AREA)
    return canvas
