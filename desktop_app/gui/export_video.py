"""What an analysed video offers for export: the frames in which something that was searched for is seen, those of the
range, or all, each with what was found in it."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from desktop_app.core.analysis import Analysis
from desktop_app.core.records import record
from desktop_app.core.results import Detections, Result
from desktop_app.exporting.item import ExportItem
from desktop_app.exporting.names import safe_stem, stem_of
from desktop_app.gui.export_offer import Choice, ModelResults, Offer, pictures
from desktop_app.gui.video_tools import video_tools
from desktop_app.i18n import tr

if TYPE_CHECKING:
    from desktop_app.gui.main_window import MainWindow

TOP = 10


def video_offer(window: MainWindow) -> Offer | None:
    """`None` where the video was not analysed: then it is the frame on the screen."""
    controller = window.controller
    if not controller.is_file or controller.info is None:
        return None
    state = video_tools(controller).analysis
    analyses = {key: analysis for key, analysis in state.analyses.items() if len(analysis.done)}
    if not analyses:
        return None
    spec, rotation, mirror = controller.info.spec, controller.rotation, controller.mirror
    classes = controller.thresholds.classes

    def choice(key: str, title: Callable[[str], str], numbers: frozenset[int]) -> Choice:
        def items() -> Iterator[ExportItem]:
            for number, records in _frames(analyses, spec, classes, numbers):
                yield ExportItem(records, spec, number, rotation=rotation, mirror=mirror)

        count = len(numbers)
        return Choice(key, lambda: title(pictures(count)), count, items, frames=True, files=False)

    every = frozenset(int(number) for analysis in analyses.values() for number in analysis.done)
    first, last = state.range()
    ranged = frozenset(number for number in every if first <= number <= last)
    found = frozenset(n for hit in state.hits for n in range(hit.where.first, hit.where.last + 1)) & every
    choices = []
    if found:
        choices.append(choice("found", lambda count: tr("Where it was found: {pictures}", pictures=count), found))
    if ranged and len(ranged) < len(every):
        choices.append(choice("range", lambda count: tr("The range: {pictures}", pictures=count), ranged))
    choices.append(choice("all", lambda count: tr("All that is analysed: {pictures}", pictures=count), every))
    models = tuple(
        ModelResults(key, "classify" if analysis.head.task == "classify" else "detect", analysis.head.names)
        for key, analysis in analyses.items()
    )
    return Offer(safe_stem(stem_of(spec)), tuple(choices), models)


_Found = tuple[int, str, float, tuple[Result, ...]]


def _frames(
    analyses: dict[str, Analysis], spec: str, classes: tuple[int, ...] | None, numbers: frozenset[int]
) -> Iterator[tuple[int, tuple[dict[str, Any], ...]]]:
    """Number and records of each of these frames, in order."""

    def of(key: str, analysis: Analysis) -> Iterator[_Found]:
        frames = analysis.frames(min(numbers, default=0), max(numbers, default=0))
        return ((number, key, seconds, results) for number, seconds, results in frames if number in numbers)

    merged = heapq.merge(*(of(key, analysis) for key, analysis in analyses.items()), key=lambda found: found[:2])
    for number, group in itertools.groupby(merged, key=lambda found: found[0]):
        records = []
        for _, key, seconds, results in group:
            head = analyses[key].head
            size = (head.width, head.height)
            found = (_of_classes(result, classes) for result in results)
            records += [record(spec, number, seconds, size, result, head.names, TOP) for result in found]
        yield number, tuple(records)


def _of_classes(result: Result, classes: tuple[int, ...] | None) -> Result:
    """The boxes of the classes that are shown; a classifier's answer stays whole."""
    prediction = result.prediction
    if classes is None or not isinstance(prediction, Detections):
        return result
    return replace(result, prediction=prediction.pick(np.isin(prediction.class_id, classes)))
