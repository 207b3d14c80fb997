"""Which frames a video has: the time of each, in the order in which they are shown, and where decoding can begin.

Found by reading all packets without decoding them. What that says of a large file is kept in the cache, by content.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.media import file_identity
from desktop_app.paths import cache_dir
from desktop_app.sources.limits import BAD_READS

_WORTH_KEEPING = 0.3
"""Seconds that finding out took, from which on it is kept."""
_FORMAT = 1
Times = NDArray[np.int64]


@dataclass(slots=True)
class VideoIndex:
    """`times`: of each frame, ascending, in units of the stream. `keys`: of the frames at which decoding can begin.

    `ordered` is False where the packets tell no usable times (bare streams, H.264 in AVI, clips strung together): there
    frames can only be counted. `complete`: all packets were read; until then `rate` has to do (frames a unit of time).
    """

    times: Times
    keys: Times
    ordered: bool = True
    complete: bool = True
    rate: float = 0.0
    hidden: int = 0
    """Packets that an edit list hides."""
    packets: int = 0

    @property
    def count(self) -> int | None:
        """Frames of the whole video; `None` where that is not known."""
        if not self.complete:
            return None
        return len(self.times) if self.ordered else self.packets - self.hidden

    def number(self, moment: int) -> int:
        """Of the frame at this time, or of the one before it."""
        if self.complete:
            return max(0, int(np.searchsorted(self.times, moment, side="right")) - 1)
        return max(0, round((moment - int(self.times[0])) * self.rate)) if len(self.times) else 0

    def moment(self, number: int) -> int:
        """The time of a frame."""
        if number < len(self.times):
            return int(self.times[number])
        return int(self.times[0]) + round(number / self.rate) if len(self.times) and self.rate else 0

    def keys_before(self, moment: int) -> Iterator[int]:
        """Where to begin for a frame: the nearest place first, then ever earlier ones."""
        last = int(np.searchsorted(self.keys, moment, side="right")) - 1
        back = 0
        while last - back >= 0:
            yield int(self.keys[last - back])
            back = max(1, back * 2)

    def key_of(self, moment: int) -> int | None:
        """The nearest place before a frame at which decoding can begin, where it is known."""
        return next(self.keys_before(moment), None) if self.complete else None

    @property
    def even(self) -> bool:
        """The frames follow each other at one rate, within half a frame all along."""
        n = len(self.times)
        if n < 3:
            return True
        straight = np.linspace(self.times[0], self.times[-1], n)
        spacing = (self.times[-1] - self.times[0]) / (n - 1)
        return bool(np.abs(self.times - straight).max() <= 0.6 * spacing)


def read_index(container: Any, stream: Any, seconds: float | None) -> VideoIndex:
    """Reads packets for at most `seconds` (`None`: all of them)."""
    import av

    until = None if seconds is None else time.perf_counter() + seconds
    moments: list[int] = []
    keys: list[int] = []
    hidden = packets = 0
    ordered, complete, last_decoded = not _miscounts(container, stream), True, -(1 << 62)
    vp8 = stream.codec_context.name == "vp8"
    failed = 0
    packets_read = container.demux(stream)
    while failed < BAD_READS:
        try:
            packet = next(packets_read)
        except StopIteration:
            break
        except (av.error.FFmpegError, OSError, IndexError):  # damaged: what comes after it counts too
            failed, packets_read = failed + 1, container.demux(stream)
            continue
        failed = 0
        if packet.size == 0:  # the end
            continue
        if until is not None and not packets % 64 and time.perf_counter() > until:
            complete = False
            break
        if vp8 and not bytes(packet)[0] >> 4 & 1:  # a frame that is only referred to
            continue
        packets += 1
        if packet.dts is not None:
            ordered = ordered and packet.dts >= last_decoded
            last_decoded = packet.dts
        if packet.pts is None:
            ordered = False
            continue
        if packet.is_keyframe:
            keys.append(packet.pts)
        if packet.is_discard:
            hidden += 1
        else:
            moments.append(packet.pts)
    times = np.unique(np.array(moments, np.int64))
    ordered = ordered and len(times) == len(moments) > 0
    found = VideoIndex(times, np.unique(np.array(keys, np.int64)), ordered, complete, _rate(stream), hidden, packets)
    if complete:
        return found
    found.times = times[:1]  # what was read may end between frames that refer to each other
    return found


def _miscounts(container: Any, stream: Any) -> bool:
    """AVI knows one time a packet, in the order of decoding, which is not the order of the pictures."""
    codec = stream.codec_context
    return container.format.name == "avi" and codec.name in ("h264", "hevc", "mpeg4") and bool(codec.has_b_frames)


def _rate(stream: Any) -> float:
    """Frames a unit of the stream's time."""
    fps = stream.average_rate or stream.guessed_rate or stream.base_rate
    return float(fps * stream.time_base) if fps and stream.time_base else 0.0


# --- kept between runs ------------------------------------------------------------------------------------------------


def kept_index(path: str) -> VideoIndex | None:
    """What an earlier run found out of the same content."""
    with contextlib.suppress(OSError, ValueError, KeyError), np.load(_place(path), allow_pickle=False) as kept:
        if int(kept["format"]) == _FORMAT:
            ordered, rate, hidden, packets = kept["facts"].tolist()
            return VideoIndex(kept["times"], kept["keys"], bool(ordered), True, rate, int(hidden), int(packets))
    return None


def keep_index(path: str, index: VideoIndex, took: float) -> None:
    """Where it took long to find out; a full disk only means that it takes long again."""
    if not index.complete or took < _WORTH_KEEPING:
        return
    with contextlib.suppress(OSError):
        place = _place(path)
        scratch = f"{place}.{os.getpid()}.tmp"
        facts = np.array([index.ordered, index.rate, index.hidden, index.packets], np.float64)
        with open(scratch, "wb") as file:
            np.savez(file, format=np.array(_FORMAT), times=index.times, keys=index.keys, facts=facts)
        os.replace(scratch, place)  # noqa: PTH105


def _place(path: str) -> str:
    folder = cache_dir() / "videos"
    folder.mkdir(parents=True, exist_ok=True)
    return str(folder / f"{file_identity(path)}.npz")
