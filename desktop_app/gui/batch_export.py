"""What a batch offers for export: the selection, what the filter shows, or all that was recognised."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from desktop_app.exporting.item import ExportItem
from desktop_app.exporting.names import safe_stem
from desktop_app.gui.batch_table import DONE
from desktop_app.gui.export_offer import Choice, ModelResults, Offer, pictures
from desktop_app.i18n import tr
from desktop_app.recogniser.answers import FLOOR

if TYPE_CHECKING:
    from desktop_app.gui.main_window import MainWindow


def batch_offer(window: MainWindow) -> Offer | None:
    """`None` where no batch is shown, or nothing of it is recognised."""
    if not window.stage.batch_shown:
        return None
    model, controller = window.batch, window.controller
    recognised = [int(number) for number in np.flatnonzero(model.table.state == DONE)]
    known = set(recognised)
    seen = [int(number) for number in model.rows if int(number) in known]
    selected = [number for number in window.stage.batch.grid.numbers() if number in known]
    least = min(FLOOR, controller.thresholds.confidence)

    def choice(key: str, title: Callable[[str], str], numbers: Sequence[int]) -> Choice:
        def items() -> Iterator[ExportItem]:
            # The dialog has a threshold of its own, which may be lower than that of the window.
            thresholds = replace(controller.thresholds, confidence=least)
            for number in numbers:
                records = tuple(model.records([number], thresholds))
                path = model.table.path(number)
                yield ExportItem(records, path, rotation=controller.rotation, mirror=controller.mirror)

        count = len(numbers)
        return Choice(key, lambda: title(pictures(count)), count, items)

    choices = []
    if len(selected) > 1:
        choices.append(choice("selected", lambda count: tr("The selection: {pictures}", pictures=count), selected))
    if len(seen) < len(recognised) and seen:
        choices.append(choice("seen", lambda count: tr("What is shown: {pictures}", pictures=count), seen))
    choices.append(choice("all", lambda count: tr("All that is recognised: {pictures}", pictures=count), recognised))
    if not recognised:
        return Offer("", (), ())
    models = tuple(
        ModelResults(key, "detect" if detects else "classify", tuple(model.table.class_names.get(key, ())))
        for key, detects in model.table.models()
    )
    return Offer(safe_stem(model.title or "batch"), tuple(choices), models)
