"""A map of examples: a plane in the space of features, on which a linear layer is a linear layer of two numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from desktop_app.core.linear_layer import Floats, Layer, Link, Sheet, Wide, learn

MapKind = Literal["decision", "pca", "features"]
"""`decision`: the plane in which the layer decides. Of two or three classes nothing else counts, so the region in which
a point lies is its answer. `pca`: the plane in which the examples differ most (Pearson 1901). `features`: two features
as they are, with a layer learnt from these two alone."""
_CANDIDATES = 60
"""Features of which the second of a pair is chosen."""
_PAIR_PENALTY = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """`axes` (2, features): a point is `axes @ x`. `points` (examples, 2): where the examples lie. `weights`
    (classes, 2) and `bias` (classes,): what the layer says to a point of the plane. `features`: the two that the axes
    are, where they are features. `right`: how many examples that layer of two features tells right."""

    kind: MapKind
    axes: Floats
    points: Floats
    weights: Floats
    bias: Floats
    link: Link
    features: tuple[int, int] | None = None
    right: int | None = None

    def place(self, x: Floats) -> Floats:
        found: Floats = (self.axes @ x).astype(np.float32)
        return found


def _orthonormal(rows: Wide, count: int) -> Wide:
    """The `count` main directions of the rows (count, features); fewer where they span less."""
    _, values, directions = np.linalg.svd(rows, full_matrices=False)
    kept = values > max(values[0], 1e-300) * 1e-6 if len(values) else values > 0
    return _turned(directions[kept][:count])


def _turned(directions: Wide) -> Wide:
    """The sign of a direction means nothing: the largest share points right, so that the map does not flip over."""
    signs = np.sign(directions[np.arange(len(directions)), np.abs(directions).argmax(axis=1)])
    found: Wide = directions * signs[:, None]
    return found


def _filled(axes: Wide, centred: Wide) -> Wide:
    """Two axes: where there are fewer, the main direction of what is left of the examples joins them."""
    while len(axes) < 2:
        rest = centred - (centred @ axes.T) @ axes if len(axes) else centred
        more = _orthonormal(rest, 1)
        if not len(more):  # a single example, or all the same
            more = np.zeros((1, centred.shape[1]))
            more[0, len(axes)] = 1.0
        axes = np.vstack([axes, more])
    return axes


def plane_of(kind: MapKind, examples: Floats, sheet: Sheet, layer: Layer, pair: tuple[int, int] | None) -> Plane:
    """`examples` (n, features): those of `sheet`, one row each. `pair`: two features, `None` for those that tell the
    classes apart best."""
    if kind == "features":
        return _of_features(examples, sheet, layer.link, pair)
    wide = examples.astype(np.float64)
    centred = wide - wide.mean(axis=0)
    if kind == "decision":
        weights = layer.weights.astype(np.float64)
        axes = _filled(_orthonormal(weights - weights.mean(axis=0), 2), centred)
    else:
        axes = _filled(_orthonormal(centred, 2), centred)
    middle = wide.mean(axis=0)
    # A point of the plane stands for the picture that is the mean of the examples in every other direction.
    weights_here = layer.weights @ axes.T
    rest = middle - axes.T @ (axes @ middle)
    bias = layer.weights @ rest + layer.bias
    points = wide @ axes.T
    return Plane(
        kind,
        axes.astype(np.float32),
        points.astype(np.float32),
        weights_here.astype(np.float32),
        bias.astype(np.float32),
        layer.link,
    )


def _of_features(examples: Floats, sheet: Sheet, link: Link, pair: tuple[int, int] | None) -> Plane:
    chosen = best_pair(sheet) if pair is None else pair
    columns = list(chosen)
    part = sheet.x[:, columns].astype(np.float64)
    # Learnt in units in which both spread alike, told in those of the features.
    middle, spread = part.mean(axis=0), np.maximum(part.std(axis=0), 1e-9)
    scaled = Sheet(((part - middle) / spread).astype(np.float32), sheet.class_of, sheet.example_of, sheet.classes)
    found = learn(scaled, link, _PAIR_PENALTY)
    weights = found.weights / spread
    bias = found.bias - weights @ middle
    axes = np.zeros((2, sheet.x.shape[1]), np.float32)
    axes[[0, 1], columns] = 1.0
    points = examples[:, columns]
    _, first = np.unique(sheet.example_of, return_index=True)
    said = (points @ weights.T + bias).argmax(axis=1)
    right = int((said == sheet.class_of[first]).sum())
    return Plane(
        "features",
        axes,
        points.astype(np.float32),
        weights.astype(np.float32),
        bias.astype(np.float32),
        link,
        chosen,
        right,
    )


def best_pair(sheet: Sheet) -> tuple[int, int]:
    """Two features that tell the classes apart: the one whose classes lie furthest apart for their spread (Fisher
    1936), and beside it the one with which the two classes that are nearest to each other are furthest apart."""
    x = sheet.x.astype(np.float64)
    means = np.stack([x[sheet.class_of == c].mean(axis=0) for c in range(sheet.classes)])
    within = np.stack([x[sheet.class_of == c].var(axis=0) for c in range(sheet.classes)]).mean(axis=0)
    between = means.var(axis=0)
    # Few examples that happen to agree are no proof, nor is what hardly differs from nothing.
    spread = np.sqrt(within) + 0.1 * np.sqrt(between) + 0.25 * np.sqrt((x * x).mean()) + 1e-9
    order = np.argsort(-between / spread**2, kind="stable")
    first = int(order[0])
    candidates = order[1 : 1 + _CANDIDATES]
    if not len(candidates):
        return first, first
    scaled = means / spread
    gaps = (scaled[:, None, :] - scaled[None, :, :]) ** 2
    apart = gaps[..., first, None] + gaps[..., candidates]
    others = ~np.eye(sheet.classes, dtype=bool)
    nearest = apart[others].min(axis=0)
    return first, int(candidates[int(nearest.argmax())])
