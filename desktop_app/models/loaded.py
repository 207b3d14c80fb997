"""What all families of models share: a runner, and what it says of itself."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.frame import Pixels
from desktop_app.core.model import ModelInfo, Outputs, Pending, Tuning
from desktop_app.models.engines import Runner

SMALLEST_SIDE = 128
_STEP = 32
# Shares of the full side: each costs about two thirds of the one before.
_SHARES = (0.8, 0.65, 0.5)


class LoadedModel:
    """The half of a `Model` that is the same for every family. Subclasses pre- and postprocess."""

    def __init__(self, info: ModelInfo, names: tuple[str, ...], runner: Runner) -> None:
        self.info = info
        self.names = names
        self._runner = runner
        self._input_size: int | None = None

    @property
    def engine(self) -> str:
        return self._runner.engine

    @property
    def device(self) -> str:
        return self._runner.device

    @property
    def precision(self) -> str:
        return self._runner.precision

    @property
    def depth(self) -> int:
        return self._runner.depth

    @property
    def input_shape(self) -> tuple[int, int]:
        return self._runner.input_shape

    def submit(self, tensor: NDArray[np.uint8]) -> Pending:
        return self._runner.submit(tensor)

    def forward(self, tensor: NDArray[np.uint8]) -> Outputs:
        return self._runner.submit(tensor).wait()[0]

    def tune(self, tuning: Tuning) -> None:
        self._runner.tune(tuning)
        self._input_size = tuning.input_size
        self._set_side(tuning.input_size or self._full_side)

    def warm(self, tuning: Tuning, pixels: Pixels) -> Callable[[], None]:
        self._set_side(tuning.input_size or self._full_side)
        _, height, width, _ = self.preprocess(pixels).shape
        self._set_side(self._input_size or self._full_side)
        return lambda: self._runner.warm(tuning, (height, width))

    def preprocess(self, pixels: Pixels) -> NDArray[np.uint8]:
        raise NotImplementedError

    def gears(self) -> tuple[Tuning, ...]:
        """First other precisions, then smaller inputs: a box that is a little off is better than one not found."""
        precisions = self._runner.live_precisions()
        full = [Tuning("live", precision) for precision in precisions]
        return (*full, *(Tuning("live", precisions[-1], side) for side in self._smaller_sides()))

    def _smaller_sides(self) -> list[int]:
        if not self._runner.takes_any_size:
            return []
        rounded = [round(share * self._full_side / _STEP) * _STEP for share in _SHARES]
        return [side for side in dict.fromkeys(rounded) if SMALLEST_SIDE <= side < self._full_side]

    @property
    def _full_side(self) -> int:
        """The longer side of the model's own input, in pixels."""
        raise NotImplementedError

    def _set_side(self, side: int) -> None:
        """The next frames become inputs of this longer side."""
        raise NotImplementedError
