"""Small films with sound, and what is in a film."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from desktop_app.core.frame import Bgr

RATE = 16_000


def flat(value: int, width: int = 64, height: int = 48) -> Bgr:
    return np.full((height, width, 3), value, np.uint8)


def make_film(
    path: Path, times_ms: Sequence[int], *, sound: str | None = "aac", size: tuple[int, int] = (64, 48)
) -> Path:
    """Grey frames at these times, frame n as bright as 4 n (up to 240), and a tone as long as they are."""
    import av

    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=25)
        video.width, video.height = size
        video.pix_fmt = "yuv420p"
        video.codec_context.time_base = Fraction(1, 1000)
        audio: Any = container.add_stream(sound, rate=RATE) if sound else None
        for number, at in enumerate(times_ms):
            picture = av.VideoFrame.from_ndarray(flat(min(240, 4 * number), *size), format="bgr24")
            picture.pts, picture.time_base = at, Fraction(1, 1000)
            container.mux(video.encode(picture))
        container.mux(video.encode())
        if audio is not None:
            _write_tone(container, audio, (times_ms[-1] + 40) / 1000)
    return path


def _write_tone(container: Any, track: Any, seconds: float) -> None:
    import av

    length = 1024
    for start in range(0, int(seconds * RATE), length):
        wave = [math.sin(2 * math.pi * 440 * (start + n) / RATE) * 8000 for n in range(length)]
        frame = av.AudioFrame.from_ndarray(np.array([wave], np.int16), format="s16", layout="mono")
        frame.pts, frame.sample_rate, frame.time_base = start, RATE, Fraction(1, RATE)
        container.mux(track.encode(frame))
    container.mux(track.encode())


def frame_times(path: Path) -> list[int]:
    """Milliseconds of each decoded frame since the first. A file that is cut off ends where a player would end."""
    import av

    times = []
    with av.open(str(path)) as container, suppress(av.error.InvalidDataError):
        for frame in container.decode(video=0):
            times.append(float(frame.pts * frame.time_base))
    return [round((moment - times[0]) * 1000) for moment in times]


def pictures(path: Path) -> list[Bgr]:
    import av

    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]


def sound_packets(path: Path) -> list[str]:
    """A fingerprint of each audio packet, in order."""
    import av

    with av.open(str(path)) as container:
        return [hashlib.sha256(bytes(p)).hexdigest() for p in container.demux(audio=0) if p.size]


def sound_starts(path: Path) -> tuple[float, float]:
    """Seconds of the first video frame and of the first audio packet."""
    import av

    with av.open(str(path)) as container:
        first: dict[str, float] = {}
        for packet in container.demux():
            if packet.pts is not None:
                first.setdefault(packet.stream.type, float(packet.pts * packet.time_base))
    return first["video"], first["audio"]
