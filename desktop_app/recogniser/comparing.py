"""What two models say of one frame, held beside each other."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.comparing import Verdict
from desktop_app.core.results import Classification, Detections, Result
from desktop_app.core.taxonomy import taxonomy_of
from desktop_app.models.agreement import match

TOP = 5
"""As in the top-5 accuracy of ImageNet."""
Names = tuple[str, ...]


def judge(place: int, first: Result, first_names: Names, other: Result, other_names: Names) -> Verdict:
    """`place`: of the other side. Both results are of one frame."""
    a, b = first.prediction, other.prediction
    if isinstance(a, Detections) and isinstance(b, Detections):
        return _boxes(place, a, _in_terms_of(first_names, other_names, b))
    if isinstance(a, Classification) and isinstance(b, Classification):
        return _classes(place, a, b, _ids(first_names, other_names))
    if isinstance(a, Classification) and isinstance(b, Detections):
        return _labels(place, a, first_names, b, other_names)
    assert isinstance(a, Detections)
    assert isinstance(b, Classification)
    return _labels(place, b, other_names, a, first_names)


def said(verdicts: Sequence[Verdict], results: Sequence[Result | None]) -> Hashable:
    """Who says what, where any two disagree; `None` where all agree. Boxes count by their class, not by their place."""
    parts: list[Hashable] = []
    for verdict in verdicts:
        first, other = results[0], results[verdict.place]
        if verdict.agrees or first is None or other is None:
            continue
        alone = (_what(first, verdict.only_first), _what(other, verdict.only_other))
        parts.append((verdict.place, *alone))
    return tuple(parts) or None


def _what(result: Result, rows: tuple[int, ...]) -> tuple[int, ...]:
    if isinstance(result.prediction, Classification):
        return tuple(result.prediction.top(1))
    return tuple(sorted(int(result.prediction.class_id[row]) for row in rows))


def _boxes(place: int, a: Detections, b: Detections) -> Verdict:
    pairs = match(a, b)
    only_first = set(range(len(a))) - {row for row, _, _ in pairs}
    only_other = set(range(len(b))) - {row for _, row, _ in pairs}
    overlap = float(np.mean([iou for _, _, iou in pairs])) if pairs else None
    return Verdict(
        place, "boxes", len(pairs), len(a), len(b), overlap, tuple(sorted(only_first)), tuple(sorted(only_other))
    )


def _classes(place: int, a: Classification, b: Classification, ids: NDArray[np.int64]) -> Verdict:
    ours, theirs = a.top(TOP), [int(ids[class_id]) for class_id in b.top(TOP)]
    shared = len(set(ours) & set(theirs)) / min(len(ours), len(theirs))
    return Verdict(place, "classes", int(ours[0] == theirs[0]), 1, 1, shared)


def _labels(place: int, named: Classification, names: Names, found: Detections, labels: Names) -> Verdict:
    """Nothing is said of a class that the detector has no word for."""
    words = _words(names, named.top(1)[0])
    known = {class_id for class_id, label in enumerate(labels) if label.casefold() in words}
    if not known:
        return Verdict(place, "labels", 0, 0, 0)
    same = any(int(class_id) in known for class_id in found.class_id)
    return Verdict(place, "labels", int(same), 1, 1)


def _words(names: Names, class_id: int) -> set[str]:
    """The class and the groups that it belongs to, where these are known: "samoyed", "dog", "animal"."""
    words = {names[class_id].casefold()}
    tree = taxonomy_of(names)
    if tree is not None:
        words |= {tree.words[node].casefold() for node in tree.chains[class_id]}
    return words


def _in_terms_of(names: Names, other_names: Names, found: Detections) -> Detections:
    if names == other_names:
        return found
    return Detections(found.xyxy, found.confidence, _ids(names, other_names)[found.class_id])


@lru_cache(maxsize=16)
def _ids(names: Names, other_names: Names) -> NDArray[np.int64]:
    """By class id of the other model the id that the first has for the same name, a negative one where it has none."""
    if names == other_names:
        return np.arange(len(names))
    known = {name.casefold(): class_id for class_id, name in reversed(list(enumerate(names)))}
    return np.array([known.get(name.casefold(), -1 - number) for number, name in enumerate(other_names)], np.int64)
