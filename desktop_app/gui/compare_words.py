"""What a comparison says, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from desktop_app.core.comparing import Measure, Verdict
from desktop_app.core.results import Classification, Detections, Result
from desktop_app.gui import texts
from desktop_app.gui.batch_model import name_of
from desktop_app.gui.compare_choices import LETTERS
from desktop_app.gui.compare_state import Difference
from desktop_app.gui.describe import ENGINES
from desktop_app.gui.timeline import exact_clock
from desktop_app.i18n import tr, tr_class

Names = Sequence[str]


def placement_text(result: Result) -> str:
    """ "OpenVINO, CPU · bf16 · 416×416"."""
    size = texts.size(*result.input_size)
    return f"{ENGINES.get(result.engine, result.engine)}, {result.device} · {result.precision} · {size}"


def counted(labels: Iterable[str]) -> str:
    """ "person ×4, bus"."""
    found = sorted(Counter(labels).items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(label if count == 1 else f"{label} {texts.TIMES}{count}" for label, count in found)


def labels_of(found: Detections, names: Names, rows: Iterable[int] | None = None) -> list[str]:
    """As shown; of all boxes, or of `rows`."""
    wanted = range(len(found)) if rows is None else rows
    return [tr_class(name_of(tuple(names), int(found.class_id[row]))) for row in wanted]


def answer_text(result: Result, names: Names, rows: Iterable[int] | None = None) -> str:
    """The first class with its probability, or the classes of the boxes (of `rows`) with their numbers."""
    prediction = result.prediction
    if isinstance(prediction, Classification):
        best = prediction.top(1)[0]
        share = texts.percent(float(prediction.probabilities[best]), 0)
        return f"{tr_class(name_of(tuple(names), best))} {share}"
    return counted(labels_of(prediction, names, rows)) or tr("nothing")


def difference_lines(difference: Difference, *, short: bool = False) -> list[tuple[str, str]]:
    """(letter, what that side says), of all sides that take part in the disagreement, in their order. `short`: boxes
    that only one side has as "+ person", none as "–"."""
    lines: dict[int, str] = {}
    for verdict in difference.verdicts:
        first, other = difference.results[0], difference.results[verdict.place]
        if verdict.agrees or first is None or other is None:
            continue
        rows = (verdict.only_first, verdict.only_other) if verdict.measure == "boxes" else (None, None)
        lines.setdefault(0, _line(first, difference.names[0], rows[0], short))
        lines[verdict.place] = _line(other, difference.names[verdict.place], rows[1], short)
    return [(LETTERS[place], text) for place, text in sorted(lines.items())]


def _line(result: Result, names: Names, rows: tuple[int, ...] | None, short: bool) -> str:
    text = answer_text(result, names, rows)
    if rows is None or isinstance(result.prediction, Classification):
        return text
    if short:
        return f"+ {text}" if rows else "–"
    return tr("only here: {boxes}", boxes=text) if rows else tr("nothing of its own")


def difference_time(difference: Difference) -> str:
    """Where in the file, or at what time of the day."""
    if difference.media_time is not None:
        return exact_clock(difference.media_time)
    return difference.when.strftime("%H:%M:%S")


def phase_text(phase: str) -> str:
    phases = {
        "live": tr("Live"),
        "playing": tr("Playing"),
        "paused": tr("Paused"),
        "ended": tr("Ended"),
        "lost": tr("Signal lost"),
    }
    return phases.get(phase, "")


def measure_title(measure: Measure) -> str:
    return {
        "boxes": tr("Same boxes (F1)"),
        "classes": tr("Same first answer"),
        "labels": tr("Answer among the boxes"),
    }[measure]


def overlap_title(measure: Measure) -> str:
    """Of the second number; empty where there is none."""
    return {"boxes": tr("overlap of matched boxes"), "classes": tr("of the first five shared"), "labels": ""}[measure]


def definition(measure: Measure) -> str:
    return {
        "boxes": tr(
            "Two boxes are the same where their class is and they overlap by at least half (IoU ≥ 0.5). "
            "F1 is twice the same boxes, divided by the boxes of both."
        ),
        "classes": tr(
            "The share of frames whose first answer is the same, and how many of the first five answers both name."
        ),
        "labels": tr(
            "A classifier names the whole picture, a detector finds its parts. So only this is compared: whether the "
            "first answer, or a group that it belongs to (Samoyed → dog), is among the labels of the boxes. "
            "Answers that the detector has no word for do not count."
        ),
    }[measure]


def spoken(verdicts: Sequence[Verdict]) -> str:
    """For a screen reader: which sides agree with the first on this frame."""
    said = (
        tr("{letter} agrees", letter=LETTERS[v.place]) if v.agrees else tr("{letter} differs", letter=LETTERS[v.place])
        for v in verdicts
        if v.first + v.other
    )
    return ", ".join(said)
