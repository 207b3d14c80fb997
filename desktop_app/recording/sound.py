"""The sound of a video file, copied packet by packet beside the frames that are encoded anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

_FITS_MP4 = {"aac", "mp3", "ac3", "eac3", "alac", "opus", "flac"}


class Sound:
    """All audio tracks of the file. Times of the file are seconds since its first frame; those of the copy,
    milliseconds since its own.

    Raises `OSError`, `ValueError` or `av.FFmpegError` where the file cannot be opened; packets that cannot be read are
    left out.
    """

    def __init__(self, path: str) -> None:
        import av

        # Opened here: FFmpeg neither sees odd names, nor takes one for a protocol.
        self._file = open(path, "rb")  # noqa: SIM115 - closed by `close`
        try:
            self._container: Any = av.open(self._file)
        except BaseException:
            self._file.close()
            raise
        tracks = self._container.streams
        self._tracks: list[Any] = [track for track in tracks.audio if track.codec_context is not None]
        video = tracks.video[0] if tracks.video else None
        start = video.start_time if video is not None else None
        self._zero = float(start * video.time_base) if video is not None and start is not None else 0.0
        self._copies: dict[int, Any] = {}
        self._last: dict[int, int] = {}
        self._packets: Iterator[Any] = iter(())
        self._held: Any = None
        self._begin = self._shift = 0.0
        self._written = False

    @property
    def there(self) -> bool:
        """The file has sound at all."""
        return bool(self._tracks)

    @property
    def fits_mp4(self) -> bool:
        return all(track.codec_context.name in _FITS_MP4 for track in self._tracks)

    def add_to(self, container: Any) -> None:
        """The tracks of the copy. Before the first packet."""
        for track in self._tracks:
            self._copies[track.index] = container.add_stream_from_template(track)
        self._target = container

    def begin(self, media_time: float, at: int) -> None:
        """From now on what sounds from `media_time` of the file on is heard from `at` of the copy on."""
        if not self._tracks:
            return
        self._held = None
        self._shift = at / 1000 - media_time
        # Nothing is cut off before the first frame of the file: a decoder wants what leads in.
        self._begin = float("-inf") if not self._written and media_time <= 0.001 else media_time
        if self._written or self._begin > 0:
            import av

            with suppress(OSError, ValueError, av.FFmpegError):
                self._container.seek(max(0, int((media_time + self._zero) * 1_000_000)), backward=True)
        self._packets = self._demux()

    def copy_until(self, at: int) -> None:
        """Everything up to the time `at` of the copy."""
        while (packet := self._next()) is not None:
            seconds = float(packet.pts * packet.time_base) - self._zero
            if (seconds + self._shift) * 1000 >= at:
                self._held = packet
                return
            if seconds >= self._begin:
                self._copy(packet)

    def copy_rest(self) -> None:
        """All that is left: the film ran to its end."""
        while (packet := self._next()) is not None:
            self._copy(packet)

    def close(self) -> None:
        self._container.close()
        self._file.close()

    def _next(self) -> Any:
        packet, self._held = self._held, None
        return packet if packet is not None else next(self._packets, None)

    def _demux(self) -> Iterator[Any]:
        import av

        with suppress(OSError, ValueError, av.FFmpegError):  # damaged, or at its end: what came before is heard
            for packet in self._container.demux(self._tracks):
                if packet.pts is not None and packet.size:
                    yield packet

    def _copy(self, packet: Any) -> None:
        index = packet.stream.index
        shift = round((self._shift - self._zero) / float(packet.time_base))
        packet.pts += shift
        packet.dts = packet.pts if packet.dts is None else packet.dts + shift
        # Two pieces of the file meet: a packet that reaches back over the seam is left out.
        if packet.dts <= self._last.get(index, packet.dts - 1):
            return
        self._last[index] = packet.dts
        self._written = True
        packet.stream = self._copies[index]
        self._target.mux(packet)
