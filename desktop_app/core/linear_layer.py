"""A linear layer w·x + b, learnt from a few examples by NumPy alone: logistic regression with an L2 penalty.

Softmax: Bishop, "Pattern Recognition and Machine Learning", 2006, section 4.3.4; sigmoid, each class against the rest:
4.3.2. The penalty is chosen by leaving one example out after the other (Stone 1974): the layer is learnt again without
each of them, with every penalty of `PENALTIES`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Wide = NDArray[np.float64]
Ints = NDArray[np.int64]
Link = Literal["softmax", "sigmoid"]
"""What makes probabilities of the numbers w·x + b: one answer of all classes, or each class by itself."""

PENALTIES = (1e-3, 1e-2, 1e-1, 1.0)
"""From weak to strong, in units of the mean square of the features (about their mean)."""
USUAL_PENALTY = 1e-2
"""Where there are too few examples to choose."""
MANY = 60
"""Examples from which the penalty hardly matters, and trying all of them would take long: the usual one is used."""
_MEMORY = 10
"""Steps that L-BFGS remembers."""
_STEPS = 200
_FLAT = 1e-7
"""The slope at which the lowest point is reached."""


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """`weights` (classes, features), `bias` (classes,)."""

    weights: Floats
    bias: Floats
    link: Link

    def logits(self, x: Floats) -> Floats:
        """(features,) → (classes,), or (n, features) → (n, classes): w·x + b."""
        found: Floats = (x @ self.weights.T + self.bias).astype(np.float32)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """What is learnt from: `x` (rows, features); of each row its class and its example, for several views of one
    picture are several rows of one example."""

    x: Floats
    class_of: Ints
    example_of: Ints
    classes: int

    def shares(self, without: int | None = None) -> Wide:
        """How much each row counts: every class the same, in it every example, in it every view; they sum to 1.
        0 for the rows of the example `without`."""
        counted = np.ones(len(self.x)) if without is None else (self.example_of != without).astype(np.float64)
        views = np.bincount(self.example_of, counted)[self.example_of]
        per_view = np.divide(counted, views, out=np.zeros_like(counted), where=views > 0)
        members = np.bincount(self.class_of, per_view, self.classes)
        shares: Wide = per_view / np.where(members > 0, members, 1)[self.class_of]
        shares /= shares.sum()
        return shares


@dataclass(frozen=True, slots=True, eq=False)
class _Span:
    """The examples in the coordinates of the space that they span, which has at most as many dimensions as there are
    rows: the best w lies in it (the representer theorem; Schölkopf, Herbrich and Smola 2001).

    `z` (rows, dimensions): of mean square 1, which makes the penalty one without a unit. A layer a·z is w·x + b with
    w = a·`basis` and b less by w·`mean`.
    """

    z: Wide
    basis: Wide
    mean: Wide


def _span(x: Floats) -> _Span:
    wide = x.astype(np.float64)
    mean = wide.mean(axis=0)
    centred = wide - mean
    values, vectors = np.linalg.eigh(centred @ centred.T)
    kept = values > max(values[-1], 0) * 1e-10 + 1e-300
    roots = np.sqrt(values[kept])
    z = vectors[:, kept] * roots
    basis = (vectors[:, kept] / roots).T @ centred
    unit = float(np.sqrt((z * z).sum(axis=1).mean())) or 1.0
    return _Span(z / unit, basis / unit, mean)


def _loss(z: Wide, targets: Wide, shares: Wide, penalty: float, link: Link) -> Callable[[Wide], tuple[float, Wide]]:
    """Cross-entropy plus the penalty on w (not on b), and its slope, of parameters (dimensions + 1, classes)."""

    def value_and_slope(parameters: Wide) -> tuple[float, Wide]:
        w, b = parameters[:-1], parameters[-1]
        logits = z @ w + b
        if link == "softmax":
            top = logits.max(axis=1, keepdims=True)
            powers = np.exp(logits - top)
            total = powers.sum(axis=1, keepdims=True)
            surprise = (top + np.log(total))[:, 0] - (logits * targets).sum(axis=1)
            found = powers / total
        else:
            # log(1 + exp(z)) − t·z, without overflow.
            surprise = (np.logaddexp(0, logits) - targets * logits).sum(axis=1)
            found = np.exp(-np.logaddexp(0, -logits))
        error = (found - targets) * shares[:, None]
        slope = np.vstack([z.T @ error + penalty * w, error.sum(axis=0)])
        return float(shares @ surprise + 0.5 * penalty * (w * w).sum()), slope

    return value_and_slope


def _lowest(value_and_slope: Callable[[Wide], tuple[float, Wide]], start: Wide) -> Wide:
    """L-BFGS with a backtracking step (Nocedal and Wright, "Numerical Optimization", 2006, algorithms 7.4 and 3.1)."""
    here = start.copy()
    value, slope = value_and_slope(here)
    steps: list[tuple[Wide, Wide, float]] = []
    for _ in range(_STEPS):
        if np.abs(slope).max() < _FLAT:
            break
        way = -_by_memory(slope, steps)
        fall = float((way * slope).sum())
        if fall >= 0:  # rounding: begin anew, straight down
            steps.clear()
            way, fall = -slope, -float((slope * slope).sum())
        length = 1.0
        while True:
            there = here + length * way
            new_value, new_slope = value_and_slope(there)
            if new_value <= value + 1e-4 * length * fall or length < 1e-10:
                break
            length /= 2
        if new_value >= value:
            break  # nothing lower can be told apart
        moved, turned = there - here, new_slope - slope
        curved = float((moved * turned).sum())
        if curved > 1e-300:
            steps.append((moved, turned, 1 / curved))
            del steps[:-_MEMORY]
        here, value, slope = there, new_value, new_slope
    return here


def _by_memory(slope: Wide, steps: list[tuple[Wide, Wide, float]]) -> Wide:
    """The slope times the inverse curvature that the last steps tell of (the two loops of L-BFGS)."""
    way = slope.copy()
    shares = []
    for moved, turned, inverse in reversed(steps):
        share = inverse * float((moved * way).sum())
        way -= share * turned
        shares.append(share)
    if steps:
        moved, turned, inverse = steps[-1]
        way *= 1 / (inverse * float((turned * turned).sum()))
    for (moved, turned, inverse), share in zip(steps, reversed(shares), strict=True):
        way += (share - inverse * float((turned * way).sum())) * moved
    return way


def _targets(sheet: Sheet) -> Wide:
    return np.eye(sheet.classes)[sheet.class_of]


def _learn(sheet: Sheet, span: _Span, link: Link, penalty: float, start: Wide, without: int | None = None) -> Wide:
    shares = sheet.shares(without)
    used = shares > 0
    loss = _loss(span.z[used], _targets(sheet)[used], shares[used], penalty, link)
    return _lowest(loss, start)


def _beginning(sheet: Sheet, span: _Span) -> Wide:
    return np.zeros((span.z.shape[1] + 1, sheet.classes))


def learn(sheet: Sheet, link: Link, penalty: float = USUAL_PENALTY) -> Layer:
    """The layer that says the classes of the examples with the least cross-entropy and penalty."""
    span = _span(sheet.x)
    found = _learn(sheet, span, link, penalty, _beginning(sheet, span))
    weights = found[:-1].T @ span.basis
    bias = found[-1] - weights @ span.mean
    return Layer(weights.astype(np.float32), bias.astype(np.float32), link)


@dataclass(frozen=True, slots=True, eq=False)
class LeftOut:
    """Of every example that was left out once: what the layer said that was learnt without it. `examples` are those of
    classes with at least two; `said` and `truth`: class by class number; `surprise`: mean cross-entropy."""

    penalty: float
    examples: Ints
    truth: Ints
    said: Ints
    surprise: float

    @property
    def right(self) -> int:
        return int((self.truth == self.said).sum())

    def confusion(self, classes: int) -> Ints:
        """(classes, classes): how many of each true class (row) were taken for each (column)."""
        table = np.zeros((classes, classes), np.int64)
        np.add.at(table, (self.truth, self.said), 1)
        return table


def leaving_out(sheet: Sheet, link: Link, penalty: float) -> Generator[None, None, LeftOut | None]:
    """Exact: learnt again without each example in turn, with a pause after each. Asked about is the first row of an
    example, the picture as it is. `None` where no class has two examples."""
    ids, first = np.unique(sheet.example_of, return_index=True)
    truth = sheet.class_of[first]
    members = np.bincount(truth, minlength=sheet.classes)
    rows = np.flatnonzero(members[truth] > 1)
    if not len(rows) or sheet.classes < 2:
        return None
    span = _span(sheet.x)
    whole = _learn(sheet, span, link, penalty, _beginning(sheet, span))
    said, surprise = [], 0.0
    for place in rows:
        yield
        found = _learn(sheet, span, link, penalty, whole, int(ids[place]))
        logits = span.z[first[place]] @ found[:-1] + found[-1]
        said.append(int(logits.argmax()))
        surprise += _surprise(logits, int(truth[place]), link)
    return LeftOut(penalty, ids[rows], truth[rows], np.array(said, np.int64), surprise / len(rows))


def _surprise(logits: Wide, truth: int, link: Link) -> float:
    if link == "softmax":
        top = float(logits.max())
        return top + float(np.log(np.exp(logits - top).sum())) - float(logits[truth])
    target = np.arange(len(logits)) == truth
    return float((np.logaddexp(0, logits) - target * logits).sum())


def choosing(sheet: Sheet, link: Link) -> Generator[None, None, LeftOut | None]:
    """What leaving one out says with the penalty that it says least surprise for."""
    best: LeftOut | None = None
    few = len(np.unique(sheet.example_of)) <= MANY
    for penalty in PENALTIES if few else (USUAL_PENALTY,):
        found = yield from leaving_out(sheet, link, penalty)
        if found is None:
            return None
        if best is None or found.surprise < best.surprise:
            best = found
    return best


def finished(work: Generator[None, None, LeftOut | None]) -> LeftOut | None:
    """All of it at once."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            found: LeftOut | None = end.value
            return found
