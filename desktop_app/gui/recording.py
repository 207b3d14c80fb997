"""What R does: begins a recording as the settings say, and tells how it ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QFont

import desktop_app
from desktop_app.core.source import SourceInfo
from desktop_app.errors import AppError
from desktop_app.gui import texts
from desktop_app.gui.saving import folder_of, free_name, show_folder
from desktop_app.gui.session import Session
from desktop_app.gui.stress_warning import stress_warning
from desktop_app.gui.toasts import announce
from desktop_app.i18n import language, tr
from desktop_app.recording import messages as m
from desktop_app.recording.space import require_space

if TYPE_CHECKING:
    from desktop_app.gui.main_window import MainWindow

_LOOK = {"overlay", "palette", "top_k", "language", "smooth_seconds", "trails"}


class Recording:
    """Begins and ends recordings, and speaks of them. Made with the commands."""

    def __init__(self, window: MainWindow, session: Session) -> None:
        self._window, self._session = window, session
        self._state = session.controller.recording
        self._state.done.connect(self._told)
        session.preferences.changed.connect(self._look_changed)
        session.controller.views.append(self._marks_changed)
        self._marks: object = None
        self._changed = False
        session.controller.stress.changed.connect(self._warn_of_stress)

    def toggle(self) -> None:
        if self._state.runs:
            self._state.stop()
        elif self._session.controller.info is not None:
            self._begin(self._session.controller.info)

    def _begin(self, info: SourceInfo) -> None:
        began_at = time.perf_counter()
        values = self._session.preferences.values
        folder = folder_of(values.recording_folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            require_space(folder)
            path = free_name(folder, info.title, f".{values.recording_format}")
        except AppError as error:
            self._session.notifier.error(error.message, error.hint, self._options_action(), answer=True)
            return
        except OSError as error:
            self._session.notifier.error(
                tr("{path} could not be written: {reason}.", path=folder, reason=error.strerror or error),
                tr("Choose another folder."),
                self._options_action(),
                answer=True,
            )
            return
        self._state.start(self._job(info, path, began_at))
        announce(self._window, tr("Recording"))
        self._changed = False
        self._warn_of_stress()

    def _warn_of_stress(self) -> None:
        """Once a recording, as soon as what it shows is changed on purpose."""
        warning = stress_warning(self._session.controller)
        if warning and self._state.runs and not self._changed:
            self._changed = True
            said = tr("The recording shows it so; results beside it say how.")
            self._session.notifier.tell("warning", warning, said, key="recording-changed")

    def _options_action(self) -> tuple[str, Callable[[], None]]:
        return tr("Choose a folder"), self.options

    def _job(self, info: SourceInfo, path: Path, began_at: float) -> m.Job:
        values = self._session.preferences.values
        local = "://" not in info.spec
        return m.Job(
            path=str(path),
            format=values.recording_format,
            began_at=began_at,
            is_file=not info.live,
            rate=info.fps,
            source=info.spec if local else info.title,
            sound=info.spec if local and info.kind == "video" else None,
            overlay=values.recording_overlay,
            sidecar=values.recording_sidecar,
            subtitles=values.recording_subtitles,
            look=self._look(),
            font=QFont().family(),
            metadata=self._metadata(info),
        )

    def _metadata(self, info: SourceInfo) -> dict[str, str]:
        controller, values = self._session.controller, self._session.preferences.values
        parts = [f"Regard {desktop_app.__version__}", *controller.running, f"confidence {values.confidence:g}"]
        parts += [f"{name} {value:g}" for name, value in controller.stress.acting.changes.items()]
        return {"title": info.title, "comment": ", ".join(parts)}

    def _look(self) -> m.Look:
        values = self._session.preferences.values
        return m.Look(self._window.overlay_options(), values.smooth_seconds, language(), values.top_k)

    def _look_changed(self, names: frozenset[str]) -> None:
        if self._state.runs and names & _LOOK:
            self._state.set_look(self._look())

    def _marks_changed(self) -> None:
        """Lines, zones and their counts, as soon as they are others. Trails the recorder makes itself."""
        if not self._state.runs:
            return
        marks = self._window.stage.marks()
        seen = None if marks is None else (marks.shapes, marks.follow, marks.anchor)
        if seen != self._marks:
            self._marks = seen
            self._state.set_look(self._look())

    def options(self) -> None:
        from desktop_app.gui.recording_dialog import RecordingDialog

        RecordingDialog(self._session.preferences, self._window).open()

    # --- the end ------------------------------------------------------------------------------------------------

    def _told(self, done: m.Done) -> None:
        notifier, path = self._session.notifier, Path(done.path)
        open_folder = (tr("Open folder"), lambda: show_folder(path.parent))
        if not done.frames:
            message = done.message or tr("Nothing was recorded.")
            hint = done.hint or tr("No frame came while it ran.")
            notifier.error(message, hint, answer=True, kind="warning" if done.reason == "stopped" else "error")
            return
        parts = [path.name, texts.clock(done.milliseconds / 1000), texts.file_size(done.bytes)]
        if done.dropped:
            parts.append(tr("{count} frames left out", count=done.dropped))
        detail = " · ".join(parts)
        if done.reason in ("error", "died", "space"):
            message = done.message or tr("The recorder stopped.")
            kept = tr("What was recorded until then can be played.")
            notifier.error(message, f"{kept}\n{detail}", open_folder, answer=True)
            return
        why = {
            "ended": tr("The video is at its end."),
            "source": tr("The input is another one."),
        }.get(done.reason)
        title = tr("Recording saved")
        notifier.tell("success", title, f"{why}\n{detail}" if why else detail, open_folder, key="recording")
