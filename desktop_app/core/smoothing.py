"""A calmer display of a classifier: the mean of its last results. What is exported never sees it."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import numpy as np

from desktop_app.core.results import Classification, Result


class Smoother:
    """Mean logits and probabilities of the last `seconds` seconds (0: as the network says it)."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._kept: dict[str, deque[tuple[float, Classification]]] = {}

    def add(self, result: Result) -> Result:
        """The result to show for this one; results of one model come in the order of their frames."""
        prediction = result.prediction
        if self.seconds <= 0 or not isinstance(prediction, Classification):
            self._kept.pop(result.model_key, None)
            return result
        kept = self._kept.setdefault(result.model_key, deque())
        if kept and len(kept[-1][1].logits) != len(prediction.logits):
            kept.clear()
        kept.append((result.captured_at, prediction))
        while result.captured_at - kept[0][0] > self.seconds:
            kept.popleft()
        logits = np.stack([c.logits for _, c in kept]).mean(axis=0)
        probabilities = np.stack([c.probabilities for _, c in kept]).mean(axis=0)
        return replace(result, prediction=Classification(np.asarray(logits), np.asarray(probabilities)))

    def clear(self) -> None:
        self._kept.clear()
