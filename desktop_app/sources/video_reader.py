"""The frames of a video by their number, exactly, whatever the container. FFmpeg through PyAV.

Going somewhere only says which frame is wanted next. It comes out of the frames that are kept, or of decoding on, or of
decoding from the nearest place before it; what is decoded on the way is kept, so that stepping back decodes once.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from desktop_app.core.frame import Bgr, Pixels
from desktop_app.core.picture import fitted
from desktop_app.sources.limits import BAD_READS, MAX_PIXELS
from desktop_app.sources.video_index import VideoIndex, keep_index, kept_index, read_index
from desktop_app.sources.video_picture import Conversion, turned, turns_of

_LARGE_PICTURE = 1920 * 1088
_KEPT_BYTES = 192 << 20
"""Of decoded frames round the place, as they come from the decoder: 100 of 720p, 45 of 1080p."""
_PLAYED_BYTES = 48 << 20
"""Of them while a video only plays: enough to step back from where it was paused."""
_PLAYING = 200
"""So many frames after the last move it only plays."""
_OPEN_SECONDS, _READ_SECONDS = 10.0, 10.0
"""For a share or server that has gone away."""
_PROTOCOLS = "file,http,https,httpproxy,tcp,tls"


class _Disorder(Exception):
    """Pictures come in another order than their times say."""


class Unreadable(Exception):
    """There is no video in it that can be decoded, or none within the limits."""


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """A frame as the decoder gave it. `seconds` since the first frame of the video."""

    picture: Any
    number: int
    seconds: float


class VideoReader:
    """Used by one thread. `bad`: packets and frames that could not be decoded since the last good one."""

    def __init__(self, address: str, *, remote: bool = False, cancelled: Callable[[], bool] = lambda: False) -> None:
        """`address`: a path, or with `remote` what FFmpeg fetches. `cancelled`: asked now and then while it is decoding
        its way to a frame. Raises `Unreadable`."""
        self._address, self._remote = address, remote
        self._index: VideoIndex | None = None
        self._container: Any = None
        self._frames: Iterator[Any] = iter(())
        self._kept: OrderedDict[int, Decoded] = OrderedDict()
        self._absent: set[int] = set()
        self._entries: dict[int, int] = {0: 0}
        self._wanted, self._direction, self._played = 0, 1, _PLAYING
        self._last = -1  # number of the frame decoded last
        self._from_start = True
        self._cancelled = cancelled
        self._look_again = 0.0
        self.bad = 0
        self._open()
        codec = self.stream.codec_context
        self.width, self.height = int(codec.width), int(codec.height)
        if not self.width or not self.height or self.width * self.height > MAX_PIXELS:
            self.close()
            raise Unreadable
        # Of a bare stream the demuxer knows no rate and says 25; the codec may know it.
        bare = self.stream.start_time is None
        rates = (self.stream.guessed_rate, self.stream.average_rate)
        fps = (rates[0] or rates[1]) if bare else (rates[1] or rates[0])
        self.fps = float(fps) if fps and 0 < fps <= 1000 else None
        self._unit = float(self.stream.time_base or 0) or 1 / 90_000
        self._conversion = Conversion()

    # --- what there is ------------------------------------------------------------------------------------------------

    @property
    def index(self) -> VideoIndex | None:
        """`None` before `read_index`, and of what is remote."""
        return self._index

    def read_index(self, seconds: float | None) -> None:
        """Finds out which frames there are, for at most `seconds` (`None`: however long it takes)."""
        if self._remote or (self._index is not None and self._index.complete):
            return
        import av

        begun = time.perf_counter()
        try:
            with av.open(self._address, timeout=(_OPEN_SECONDS, _READ_SECONDS)) as container:
                found = read_index(container, container.streams.video[0], seconds)
        except (av.error.FFmpegError, OSError, ValueError, IndexError):
            return
        if not found.complete:
            found = self._kept_index() or found
        else:
            keep_index(self._address, found, time.perf_counter() - begun)
        self._index = found

    def _kept_index(self) -> VideoIndex | None:
        self._look_again = time.monotonic() + 2.0
        return kept_index(self._address)

    @property
    def declared(self) -> int:
        """Frames that the file says it has, 0 where it says nothing."""
        seconds = self.declared_seconds
        by_rate = round(seconds * self.fps) if seconds and self.fps else 0
        counted = int(self.stream.frames) or by_rate
        # An edit list hides frames that the number still counts.
        return min(counted, by_rate or counted) if self._container.format.name.startswith("mov") else counted

    @property
    def declared_seconds(self) -> float:
        if self.stream.duration:
            return float(self.stream.duration) * self._unit
        return self._container.duration / 1e6 if self._container.duration else 0.0

    def seconds_of(self, number: int) -> float:
        index = self._index
        if index is None or not index.ordered or not len(index.times):
            return number / (self.fps or 25.0)
        return (index.moment(number) - int(index.times[0])) * self._unit

    # --- reading ------------------------------------------------------------------------------------------------------

    def seek(self, number: int) -> None:
        """The next frame is `number`, or where it cannot be decoded the nearest one, in the direction of the move."""
        index = self._index
        if index is not None and not index.complete and time.monotonic() > self._look_again:
            self._index = self._kept_index() or index
        self._direction = -1 if number < self._wanted - 1 else 1
        self._wanted = max(0, number)
        self._played = 0

    def next(self) -> Decoded | None:
        """The next frame; `None` at the end, where `BAD_READS` in a row could not be decoded, and when cancelled."""
        while self._wanted in self._absent and self._wanted + self._direction >= 0:
            self._wanted += self._direction
        try:
            found = self._find(self._wanted)
        except _Disorder:
            self._count_from_now_on()
            found = self._find(self._wanted)
        self._direction = 1
        self._played += 1
        if found is not None:
            self._wanted = found.number + 1
        return found

    def _find(self, wanted: int) -> Decoded | None:
        if wanted in self._kept:
            return self._kept[wanted]
        count = self._index.count if self._index is not None else None
        if self._last < wanted and not self._far(wanted):
            return self._choose(wanted, *self._decode_on(wanted))
        return self._go_to(wanted) if count is None or wanted < count else None

    def pixels(self, decoded: Decoded) -> Pixels:
        return self._conversion.pixels(decoded.picture)

    def small(self, decoded: Decoded, width: int, height: int) -> Bgr:
        """The frame, upright and no larger than this."""
        picture = decoded.picture
        turns = turns_of(picture)
        room = (height, width) if turns % 2 else (width, height)
        size = fitted(picture.width, picture.height, room)
        return turned(self._conversion.bgr(picture, size, "AREA"), turns)

    def close(self) -> None:
        self._frames = iter(())
        self._kept.clear()
        if self._container is not None:
            self._container.close()
            self._container = None

    # --- decoding -----------------------------------------------------------------------------------------------------

    def _open(self) -> None:
        import av

        if self._container is not None:
            self._container.close()
            self._container = None
        try:
            self._container = av.open(
                self._address, timeout=(_OPEN_SECONDS, _READ_SECONDS), options={"protocol_whitelist": _PROTOCOLS}
            )
            self.stream = self._container.streams.video[0]
        except (av.error.FFmpegError, OSError, ValueError, IndexError) as error:
            self.close()
            raise Unreadable from error
        codec = self.stream.codec_context
        if codec is None:
            self.close()
            raise Unreadable
        # FFmpeg's threads cost a third more time of the cores, which the network needs; a large picture needs them.
        large = codec.width * codec.height > _LARGE_PICTURE
        codec.thread_type, codec.thread_count = ("AUTO", 0) if large else ("SLICE", 1)
        self._begin(-1, 0, True)

    def _begin(self, last: int, packet: int, from_start: bool) -> None:
        """Decodes from where the container stands; `packet`: how many packets to pass over first."""
        self._last, self.bad, self._from_start = last, 0, from_start
        self._frames = self._pictures(packet)

    def _pictures(self, skip: int) -> Iterator[Any]:
        """All that the decoder gives from here on; `None` for what it cannot decode."""
        import av

        counted = self._counted
        codec, failed, ordinal = self.stream.codec_context, 0, 0
        packets = self._container.demux(self.stream)
        while failed < BAD_READS:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except (av.error.FFmpegError, OSError, IndexError):  # the last of a stream that damage brought about
                failed += 1
                packets = self._container.demux(self.stream)
                yield None
                continue
            failed = 0
            if ordinal < skip and packet.size:
                ordinal += 1
                continue
            if counted and packet.size:
                # So that each picture says which packet it came in: where it can be decoded from the next time.
                packet.pts = packet.dts = ordinal
            ordinal += 1
            try:
                pictures = codec.decode(packet)
            except (av.error.FFmpegError, ValueError):
                yield None
                continue
            yield from pictures

    @property
    def _counted(self) -> bool:
        return self._index is not None and self._index.complete and not self._index.ordered

    def _decode_on(self, wanted: int) -> tuple[Decoded | None, Decoded | None]:
        """Decodes up to the frame `wanted`: the first one before it, for as far as it goes, and it or a later one."""
        before: Decoded | None = None
        for picture in self._frames:
            if self._cancelled():
                break
            if picture is None:
                self.bad += 1
                if self.bad >= BAD_READS:
                    break
                continue
            decoded = self._place(picture)
            if decoded is None:
                continue
            self._keep(decoded)
            if decoded.number >= wanted:
                return before, decoded
            before = decoded
        return before, None

    def _choose(self, wanted: int, before: Decoded | None, found: Decoded | None) -> Decoded | None:
        """The frame, or where it is absent its neighbour in the direction of the move."""
        if found is not None and found.number == wanted:
            return found
        if not self._cancelled():
            end = found.number if found is not None else wanted + 1
            self._absent.update(range(before.number + 1 if before is not None else wanted, end))
        return before if self._direction < 0 and before is not None else found

    def _place(self, picture: Any) -> Decoded | None:
        """The number and time of a picture that comes out of the decoder; `None` for one that is not to be shown."""
        index, last = self._index, self._last
        if self._counted:
            number = last + 1
            if picture.pts is not None and picture.key_frame:
                self._entries[number] = int(picture.pts)
            self._last = number
            return Decoded(picture, number, number / (self.fps or 25.0))
        if index is None or picture.pts is None or not len(index.times):
            number = last + 1
            self._last = number
            return Decoded(picture, number, self._plain_seconds(picture, number))
        if picture.pts < index.times[0]:
            return None
        number = index.number(picture.pts)
        if index.complete and picture.pts > index.times[-1]:
            number = max(number, last) + 1  # damage hid it from the index
        if number <= last:
            if self._from_start and index.complete and index.times[number] == picture.pts:
                raise _Disorder
            return None
        self._last = number
        return Decoded(picture, number, (picture.pts - int(index.times[0])) * self._unit)

    def _plain_seconds(self, picture: Any, number: int) -> float:
        start = self.stream.start_time
        return (picture.pts - (start or 0)) * self._unit if picture.pts is not None else number / (self.fps or 25.0)

    def _count_from_now_on(self) -> None:
        """The order of the pictures is not that of their times, which are therefore worth nothing."""
        assert self._index is not None
        self._index.ordered = False
        self._kept.clear()
        self._absent.clear()
        self._open()

    def _go_to(self, wanted: int) -> Decoded | None:
        """Decodes from the nearest place before the frame; where that does not even give one before it, from an earlier
        one: the first frames after such a place may refer to what was before it."""
        before = found = None
        for moment in self._places(wanted):
            if self._start_at(wanted, moment):
                before, found = self._decode_on(wanted)
                if before is not None or (found is not None and found.number == wanted) or self._cancelled():
                    break
        return self._choose(wanted, before, found)

    def _places(self, wanted: int) -> Iterator[int | None]:
        """Times to go to, nearest first; `None` is the beginning of the file."""
        index = self._index
        if index is not None and index.ordered and len(index.times):
            moment = index.moment(wanted)
            if index.complete:
                yield from index.keys_before(moment)
            else:
                for back in (0.0, 1.0, 4.0, 16.0):
                    yield moment - round(back / self._unit)
        yield None

    def _start_at(self, wanted: int, moment: int | None) -> bool:
        import av

        if moment is None:
            self._open()
            if self._counted:
                entry = max(number for number in self._entries if number <= wanted)
                self._begin(entry - 1, self._entries[entry], False)
            return True
        try:
            self._container.seek(moment, stream=self.stream)
        except (av.error.FFmpegError, OSError):
            return False
        self._begin(-1, 0, False)
        return True

    def _far(self, wanted: int) -> bool:
        """Whether going there is quicker than decoding on."""
        index = self._index
        if wanted <= self._last + 1 or index is None:
            return False
        if self._counted:
            return any(self._last + 1 < number <= wanted for number in self._entries)
        if not index.complete:
            return wanted > self._last + 2 * (self.fps or 25.0)
        key = index.key_of(index.moment(wanted))
        return key is not None and self._last >= 0 and key > index.moment(self._last + 1)

    def _keep(self, decoded: Decoded) -> None:
        self._kept[decoded.number] = decoded
        self._kept.move_to_end(decoded.number)
        bytes_each = self.width * self.height * 3 // 2 * (2 if "10" in decoded.picture.format.name else 1)
        most = max(4, (_KEPT_BYTES if self._played < _PLAYING else _PLAYED_BYTES) // bytes_each)
        while len(self._kept) > most:
            self._kept.popitem(last=False)
