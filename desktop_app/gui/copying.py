"""Results as text, for the clipboard and the screen reader."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from desktop_app.core.results import Classification, Result
from desktop_app.gui.batch_model import name_of
from desktop_app.gui.texts import number, percent, size


def results_as_text(results: Mapping[str, Result], names: Mapping[str, tuple[str, ...]], top_k: int) -> str:
    """A paragraph a model, tab-separated, so that a spreadsheet takes it."""
    return "\n".join(_as_text(result, names.get(key, ()), top_k) for key, result in results.items())


def _as_text(result: Result, names: tuple[str, ...], top_k: int) -> str:
    prediction = result.prediction
    lines = [result.model_key]
    if isinstance(prediction, Classification):
        for i in prediction.top(top_k):
            probability, logit = float(prediction.probabilities[i]), float(prediction.logits[i])
            lines.append(f"{name_of(names, i)}\t{percent(probability)}\t{number(logit, 2)}")
        return "\n".join(lines) + "\n"
    for row, (box, confidence, class_id) in enumerate(
        zip(prediction.xyxy, prediction.confidence, prediction.class_id, strict=True)
    ):
        width, height = round(float(box[2] - box[0])), round(float(box[3] - box[1]))
        track = prediction.track_of(row)
        name = name_of(names, int(class_id)) + ("" if track is None else f" #{track}")
        lines.append(f"{name}\t{number(float(confidence), 2)}\t{size(width, height)}")
    return "\n".join(lines) + "\n"


def spoken(results: Mapping[str, Result], names: Mapping[str, tuple[str, ...]]) -> str:
    """What a screen reader says: counts of a detector, the first class of a classifier."""
    parts: list[str] = []
    for key, result in results.items():
        prediction = result.prediction
        if isinstance(prediction, Classification):
            best = prediction.top(1)
            parts.extend(name_of(names.get(key, ()), i) for i in best)
            continue
        counts = Counter(int(i) for i in prediction.class_id)
        parts.extend(f"{count} {name_of(names.get(key, ()), i)}" for i, count in counts.most_common())
    return ", ".join(parts)
