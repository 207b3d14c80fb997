"""What the actions of counting do: draw, reset, undo, export."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from desktop_app.core.count_tables import EVENT_COLUMNS, SUMMARY_COLUMNS, as_csv, event_rows, summary_rows
from desktop_app.core.shapes import ShapeKind
from desktop_app.gui.saving import write_text
from desktop_app.gui.session import Session
from desktop_app.i18n import tr

if TYPE_CHECKING:
    from desktop_app.gui.main_window import MainWindow


def draw_shape(window: MainWindow, session: Session, kind: ShapeKind) -> None:
    """The panel comes to the front, the keyboard goes to the picture, and things get numbers, without which nothing
    can be counted."""
    counting = session.controller.counting
    if not counting.possible:
        return
    if not window.isFullScreen() and not window.in_projector:
        window.show_panel("counting")
    if session.preferences.values.tracking == "off":
        session.preferences.change(tracking="bytetrack")
    if not session.preferences.values.overlay:
        session.preferences.change(overlay=True)
    counting.editor.begin(kind)
    window.stage.video.setFocus()


def reset_counts(session: Session) -> None:
    session.controller.counting.reset()


def export_counts(window: MainWindow, session: Session) -> None:
    """Two tables side by side: every event, and what they come to."""
    counting = session.controller.counting
    if not counting.shapes:
        return
    suggestion = Path.home() / f"{tr('counts')}.csv"
    chosen, _ = QFileDialog.getSaveFileName(window, tr("Export the counts"), str(suggestion), "CSV (*.csv)")
    if not chosen:
        return
    path = Path(chosen)
    if path.suffix.lower() != ".csv":
        path = path.with_name(f"{path.name}.csv")
    summary = path.with_name(f"{path.stem}-{tr('summary')}.csv")
    source, names = counting.source, counting.names()
    events = event_rows(source, counting.counting, names, time.time() - time.perf_counter())
    try:
        write_text(path, as_csv(EVENT_COLUMNS, events))
        write_text(summary, as_csv(SUMMARY_COLUMNS, summary_rows(source, counting.counting, names)))
    except OSError as error:
        session.notifier.error(
            tr("{path} could not be written: {reason}.", path=path, reason=error.strerror or error),
            tr("Free some space, or choose another folder."),
            (tr("Retry"), lambda: export_counts(window, session)),
        )
        return
    session.notifier.tell(
        "success",
        tr("Counts exported"),
        tr(
            "{events} events in {path}, the totals in {summary}.",
            events=len(events),
            path=path.name,
            summary=summary.name,
        ),
        key="counts",
    )
