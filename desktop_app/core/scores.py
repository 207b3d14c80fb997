"""From logits to what they are taken for: softmax with a temperature, sigmoid, entropy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def softmax(logits: Floats, temperature: float = 1.0) -> Floats:
    """exp(z / T) over its sum, of any logits that are numbers: it neither overflows nor sums to other than 1.

    Raises `ValueError` for a temperature that is not above 0.
    """
    if temperature <= 0:
        raise ValueError(f"a temperature is above 0, not {temperature}")
    scaled = logits.astype(np.float64) / temperature
    powers = np.exp(scaled - scaled.max())
    shares: Floats = (powers / powers.sum()).astype(np.float32)
    return shares


def sigmoid(logits: Floats) -> Floats:
    """1 / (1 + exp(−z)): each class by itself, as if the others were not there."""
    wide = logits.astype(np.float64)
    power = np.exp(-np.abs(wide))
    shares: Floats = (np.where(wide >= 0, 1, power) / (1 + power)).astype(np.float32)
    return shares


def entropy(probabilities: Floats) -> float:
    """In bits: 0 where one class has all, log2(n) where n classes have the same (Shannon 1948)."""
    wide = probabilities.astype(np.float64)
    wide = wide[wide > 0]
    return float(-(wide * np.log2(wide)).sum()) + 0.0


def group_logit(logits: Floats, classes: Sequence[int]) -> Floats:
    """(n, c) → (n,): of one class its logit, of several ln Σ exp(z): the logit that a class would need to be as
    probable as all of them together."""
    chosen = logits[:, list(classes)].astype(np.float64)
    highest = chosen.max(axis=1)
    found: Floats = (highest + np.log(np.exp(chosen - highest[:, None]).sum(axis=1))).astype(np.float32)
    return found
