"""Streams that FFmpeg reads, through PyAV: RTSP over TCP, and what else never ends behind http(s)."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

from desktop_app.core.address import safe_title, with_login
from desktop_app.core.frame import Bgr
from desktop_app.core.source import SourceInfo
from desktop_app.sources import probe, tls
from desktop_app.sources.access import login_for
from desktop_app.sources.lag import LagWatch
from desktop_app.sources.limits import FIRST_FRAME_SECONDS, OPEN_SECONDS, STREAM_STALL_SECONDS
from desktop_app.sources.live import Connection
from desktop_app.sources.lost import lost

_OPTIONS = {
    # UDP tears pictures.
    "rtsp_transport": "tcp",
    "allowed_media_types": "video",
    # No protocol that reads local files by another name (concat:, subfile:, data:).
    "protocol_whitelist": "http,https,httpproxy,tcp,tls,rtp,rtsp",
    "fflags": "nobuffer",
    "flags": "low_delay",
    # Microseconds. The size comes with the first frame anyway; by default the first second would be looked at.
    "analyzeduration": "150000",
    "user_agent": "Regard",
}


def connect_ffmpeg(spec: str, address: str, stop: threading.Event) -> Connection:
    """`address`: where `spec` led. Raises `SourceUnreadable` with the reason."""
    container = _open(address, stop)
    reader = _Reader(container)
    try:
        first = reader.first(stop)
        if first is None:
            raise probe.garbage(spec)
    except BaseException:
        container.close()
        raise
    height, width = first.shape[:2]
    fps = float(reader.stream.average_rate or 0)
    info = SourceInfo(
        spec,
        "network",
        safe_title(spec),
        True,
        width,
        height,
        fps if 0 < fps <= 240 else None,
        detail=str(reader.stream.codec_context.name).upper(),
    )
    return Connection(info, first, reader.read, container.close, lost(safe_title(spec)))


def _open(address: str, stop: threading.Event) -> Any:
    """FFmpeg's own errors name the address with its password: none of them goes further."""
    import av

    parts = probe.checked(address)
    options = _OPTIONS | _tls_options(address)
    url = with_login(address, login_for(address))
    try:
        container = av.open(url, options=options, timeout=(OPEN_SECONDS, STREAM_STALL_SECONDS))
    except av.error.HTTPUnauthorizedError:
        raise probe.login_needed(address) from None
    except av.error.HTTPNotFoundError:
        raise probe.missing(address) from None
    except av.error.ExitError:  # its time was over
        raise probe.silent(address) from None
    except Exception:
        if not stop.is_set() and parts.scheme in ("rtsp", "rtsps"):
            probe.ask(address, stop)  # raises what is wrong, mostly
        raise probe.garbage(address) from None
    if not container.streams.video:
        container.close()
        raise probe.garbage(address)
    return container


def _tls_options(address: str) -> dict[str, str]:
    options: dict[str, str] = {}

    def look() -> probe.Answer:
        options.update(tls.ffmpeg_options(probe.checked(address)))
        return probe.Answer(address, "", None)

    probe.told_apart(address, look)
    return options


class _Reader:
    """Frames of a container, newest first where it has fallen behind."""

    def __init__(self, container: Any) -> None:
        self.stream = container.streams.video[0]
        self.stream.thread_type = "SLICE"  # threads by frame hold back as many frames as there are
        self._packets = container.demux(self.stream)
        self._frames: Iterator[Any] = iter(())
        self._watch = LagWatch()

    def first(self, stop: threading.Event) -> Bgr | None:
        """The first bytes of a stream are often undecodable: it was joined in the middle."""
        until = time.perf_counter() + FIRST_FRAME_SECONDS
        while not stop.is_set() and time.perf_counter() < until:
            bgr = self.read()
            if bgr is not None:
                return bgr
        return None

    def read(self) -> Bgr | None:
        """`None` where the stream ended, was silent for `STREAM_STALL_SECONDS`, or sends nothing that is a picture."""
        until = time.perf_counter() + STREAM_STALL_SECONDS
        try:
            while time.perf_counter() < until:
                frame = next(self._frames, None)
                if frame is not None:
                    bgr: Bgr = frame.to_ndarray(format="bgr24")
                    return bgr
                self._frames = self._decode(next(self._packets))
        except Exception:  # the end, a time limit, a connection that broke: no frame
            return None
        return None

    def _decode(self, packet: Any) -> Iterator[Any]:
        if packet.pts is not None and self._watch.leave_out(
            float(packet.pts * packet.time_base), time.perf_counter(), is_key=packet.is_keyframe
        ):
            return iter(())
        try:
            return iter(packet.decode())
        except Exception:  # one damaged packet among good ones
            return iter(())
