"""A recording: the video, its sound, and what lies beside it, with one time for all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from desktop_app.core.frame import Bgr
from desktop_app.errors import AppError
from desktop_app.i18n import tr
from desktop_app.recording.clocks import FileClock, LiveClock
from desktop_app.recording.formats import Format
from desktop_app.recording.movie import Movie
from desktop_app.recording.sidecar import Sidecar
from desktop_app.recording.sound import Sound
from desktop_app.recording.subtitles import Subtitles


def write_error(path: Path, error: Exception) -> AppError:
    reason = getattr(error, "strerror", None) or str(error)
    return AppError(
        tr("{path} could not be written: {reason}.", path=path, reason=reason),
        tr("Free some space, or choose another folder."),
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """`path`: of the video; what lies beside it has the same name. `rate`: frames a second, where known. `sound`: the
    file whose sound is copied."""

    path: Path
    format: Format = "mkv"
    rate: float | None = None
    sound: str | None = None
    sidecar: bool = False
    subtitles: bool = False
    metadata: dict[str, str] = field(default_factory=dict)


class Take:
    """Raises `AppError` where something cannot be written; what was written until then stays readable."""

    def __init__(self, plan: Plan, clock: LiveClock | FileClock) -> None:
        self.path = plan.path
        self.clock = clock
        self._sound = _sound_of(plan)
        kind: Format = "mkv" if self._sound is not None and not self._sound.fits_mp4 else plan.format
        if kind != plan.format:
            self.path = plan.path.with_suffix(".mkv")
        self._movie = Movie(self.path, kind, plan.rate, self._sound, plan.metadata)
        self._sidecar: Sidecar | None = None
        self._subtitles: Subtitles | None = None
        try:
            if plan.sidecar:
                self._sidecar = Sidecar(self.path.with_suffix(".jsonl"))
            if plan.subtitles:
                self._subtitles = Subtitles(self.path.with_suffix(".vtt"))
        except OSError as error:
            self.abandon()
            raise write_error(self.path, error) from error

    @property
    def frames(self) -> int:
        return self._movie.frames

    @property
    def last(self) -> int:
        """Time of the last frame in milliseconds; -1 before the first."""
        return self._movie.last

    @property
    def length(self) -> int:
        """Milliseconds from the beginning to the end of the last frame."""
        return max(0, self.clock.end if isinstance(self.clock, FileClock) else self.last)

    def frame_of_file(self, bgr: Bgr, index: int, media_time: float) -> int:
        """A frame as it is to be seen; returns its time."""
        assert isinstance(self.clock, FileClock)
        at, new = self.clock.place(index, media_time)
        if new and self._sound is not None:
            self._sound.begin(media_time, at)
        return self._write(bgr, at)

    def live_frame(self, bgr: Bgr, captured_at: float) -> int:
        """The first one is seen from the beginning, even where it came a moment later."""
        assert isinstance(self.clock, LiveClock)
        return self._write(bgr, self.clock.at(captured_at) if self.frames else 0)

    def hold(self, at: int) -> None:
        """What was seen last is still seen at this time."""
        if self.frames and at > self.last:
            with _told(self.path):
                self._movie.repeat(at)

    def fade(self, at: int) -> None:
        """There is no signal from here on: the last picture turns grey."""
        if self.frames:
            with _told(self.path):
                self._movie.fade(at)

    def results(self, rows: Sequence[dict[str, Any]], at: int) -> None:
        """The records of a frame that is seen at this time."""
        with _told(self.path):
            if self._sidecar is not None:
                for row in rows:
                    self._sidecar.write(row, at)
            if self._subtitles is not None:
                self._subtitles.write(rows, at)

    def nothing_seen(self, at: int) -> None:
        if self._subtitles is not None:
            with _told(self.path):
                self._subtitles.forget(at)

    def close(self, *, whole: bool = False) -> None:
        """Makes the files whole. `whole`: the source file was written to its end, and so is its sound."""
        with _told(self.path):
            try:
                if self._sound is not None and self.frames:
                    if whole:
                        self._sound.copy_rest()
                    elif isinstance(self.clock, FileClock):
                        self._sound.copy_until(self.clock.end)
                self._movie.close()
            finally:
                self._close_beside()

    def abandon(self) -> None:
        """After an error: closes everything, writes nothing more than it must."""
        self._movie.abandon()
        with suppress(OSError):
            self._close_beside()

    def remove(self) -> None:
        """Nothing was recorded: the empty files go. After `close` or `abandon`."""
        for suffix in (self.path.suffix, ".jsonl", ".vtt"):
            with suppress(OSError):
                self.path.with_suffix(suffix).unlink()

    def _write(self, bgr: Bgr, at: int) -> int:
        with _told(self.path):
            return self._movie.write(bgr, at)

    def _close_beside(self) -> None:
        sound, self._sound = self._sound, None
        if sound is not None:
            sound.close()
        sidecar, subtitles = self._sidecar, self._subtitles
        self._sidecar = self._subtitles = None
        try:
            if sidecar is not None:
                sidecar.close()
        finally:
            if subtitles is not None:
                subtitles.close(self.length)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """What goes wrong while writing, as an `AppError` that names the file."""
    import av

    try:
        yield
    except (OSError, ValueError, av.FFmpegError) as error:
        raise write_error(path, error) from error


def _sound_of(plan: Plan) -> Sound | None:
    """`None` where the source is silent, or its sound cannot be read: the picture is recorded all the same."""
    import av

    if plan.sound is None:
        return None
    try:
        sound = Sound(plan.sound)
    except (OSError, ValueError, av.FFmpegError):
        return None
    if sound.there:
        return sound
    sound.close()
    return None
