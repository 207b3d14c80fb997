"""What X does, and what becomes of the curves of a sweep."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from desktop_app.core.count_tables import as_csv
from desktop_app.core.sweep import CSV_COLUMNS, csv_rows
from desktop_app.gui.saving import write_text
from desktop_app.gui.session import Session
from desktop_app.i18n import tr

if TYPE_CHECKING:
    from desktop_app.gui.main_window import MainWindow


def toggle(window: MainWindow) -> None:
    """Opens the panel, brings it to the front, or closes it: then nothing is changed any more."""
    dock = window.docks.docks["stress"]
    if dock.isHidden() or window.docks.is_behind("stress"):
        window.show_panel("stress")
    else:
        dock.hide()


def enlarge_sweep(window: MainWindow, session: Session) -> None:
    from desktop_app.gui.sweep_window import SweepWindow

    shown = window.findChild(SweepWindow) or SweepWindow(session, lambda: export_sweep(window, session), window)
    shown.show()
    shown.raise_()
    shown.activateWindow()


def export_sweep(window: MainWindow, session: Session) -> None:
    """One line a strength and subject. Class names stay English, as in all files."""
    sweep = session.controller.stress.sweep
    if sweep is None or not sweep.curves.subjects:
        return
    suggestion = Path.home() / f"{tr('sweep')}-{sweep.model}.csv"
    chosen, _ = QFileDialog.getSaveFileName(window, tr("Export the curves as CSV"), str(suggestion), "CSV (*.csv)")
    if not chosen:
        return
    path = Path(chosen)
    if path.suffix.lower() != ".csv":
        path = path.with_name(f"{path.name}.csv")
    rows = csv_rows(sweep.curves, sweep.source, sweep.frame_index, sweep.model, sweep.names)
    try:
        write_text(path, as_csv(CSV_COLUMNS, rows))
    except OSError as error:
        session.notifier.error(
            tr("{path} could not be written: {reason}.", path=path, reason=error.strerror or error),
            tr("Free some space, or choose another folder."),
            (tr("Retry"), lambda: export_sweep(window, session)),
            answer=True,
        )
        return
    session.notifier.tell("success", tr("Curves exported"), path.name, key="sweep")
