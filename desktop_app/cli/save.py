"""`--save`: annotated pictures and videos, drawn by the renderer of the screen, and their results beside them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from desktop_app.core.frame import Bgr, Frame
from desktop_app.core.marks import Marks
from desktop_app.core.results import Result
from desktop_app.core.source import SourceInfo
from desktop_app.i18n import tr
from desktop_app.recording.clocks import FileClock, LiveClock
from desktop_app.recording.sidecar import Sidecar
from desktop_app.recording.space import DiskFull, Watch
from desktop_app.recording.take import Plan, Take, write_error
from desktop_app.render.annotate import annotate, ensure_gui
from desktop_app.render.overlay import OverlayOptions

_LOSSLESS = (".png", ".webp", ".gif", ".bmp", ".tif", ".tiff")


class Saver:
    """One file a still, one file a video. Existing files of the folder are never overwritten by two sources of one
    run: the second `bus.jpg` becomes `bus-2.jpg`.

    A video is Matroska, which takes the sound of any file, with the true time of each frame.
    """

    def __init__(
        self, folder: Path, top: int, *, sidecar: bool = False, subtitles: bool = False, every: int = 1
    ) -> None:
        self._folder = folder
        self._options = OverlayOptions(top_k=top)
        self._sidecar, self._subtitles, self._every = sidecar, subtitles, every
        self._used: set[str] = set()
        self._take: Take | None = None
        self._watch = Watch(folder)
        self._spec = ""
        self._info: SourceInfo | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise write_error(folder, error) from error
        ensure_gui()

    def open(self, spec: str, info: SourceInfo) -> None:
        self.close()
        self._spec, self._info = spec, info

    def write(
        self,
        frame: Frame,
        results: Sequence[Result],
        names: Mapping[str, tuple[str, ...]],
        rows: Sequence[dict[str, Any]],
        marks: Marks | None = None,
    ) -> None:
        """`rows`: the records of the results. `marks`: what is drawn beside them. Raises `AppError` where
        the folder is full or not writable."""
        info = self._info
        assert info is not None
        drawn = annotate(frame.bgr, results, names, replace(self._options, marks=marks))
        if info.kind in ("image", "images"):
            self._write_still(frame.path or self._spec, drawn, rows)
            return
        if self._take is None:
            self._take = self._new_take(info, frame)
        take = self._take
        try:
            if isinstance(take.clock, FileClock):
                at = take.frame_of_file(drawn, frame.index, frame.media_time or 0.0)
            else:
                self._watch.check()
                at = take.live_frame(drawn, frame.captured_at)
            take.results(rows, at)
        except DiskFull:
            self.close()
            raise
        except Exception:
            self._take = None
            take.abandon()
            raise

    def close(self, *, whole: bool = False) -> None:
        """Finishes the video at hand. `whole`: its source was read to the end."""
        take, self._take = self._take, None
        if take is not None:
            take.close(whole=whole)

    def _new_take(self, info: SourceInfo, first: Frame) -> Take:
        is_file = info.kind == "video" and "://" not in info.spec
        path = self._name(self._spec, ".mkv")
        sound = self._spec if is_file else None
        plan = Plan(path, "mkv", info.fps, sound, self._sidecar, self._subtitles, {"title": info.title})
        timed = first.media_time is not None
        return Take(plan, FileClock(info.fps, skips=self._every > 1) if timed else LiveClock(first.captured_at))

    def _write_still(self, source: str, drawn: Bgr, rows: Sequence[dict[str, Any]]) -> None:
        from desktop_app.sources import import_cv2

        extension = ".png" if source.lower().endswith(_LOSSLESS) else ".jpg"
        path = self._name(source, extension)
        ok, data = import_cv2().imencode(extension, drawn)
        scratch = path.with_name(path.name + ".part")
        try:
            if not ok:
                raise ValueError(tr("the picture cannot be encoded"))
            scratch.write_bytes(data.tobytes())
            scratch.replace(path)
            if self._sidecar:
                self._write_rows(path.with_suffix(".jsonl"), rows)
        except (OSError, ValueError) as error:
            scratch.unlink(missing_ok=True)
            raise write_error(path, error) from error

    def _write_rows(self, path: Path, rows: Sequence[dict[str, Any]]) -> None:
        sidecar = Sidecar(path)
        try:
            for row in rows:
                sidecar.write(row, None)
        finally:
            sidecar.close()

    def _name(self, source: str, extension: str) -> Path:
        stem = os.path.splitext(os.path.basename(source.rstrip("/\\")))[0]  # noqa: PTH119, PTH122 - may be an address
        stem = re.sub(r"[^\w.\- ]+", "_", stem.encode("utf-8", "replace").decode("utf-8")).strip("_ ") or "source"
        name, number = f"{stem}{extension}", 2
        while name in self._used:
            name, number = f"{stem}-{number}{extension}", number + 1
        self._used.add(name)
        return self._folder / name
