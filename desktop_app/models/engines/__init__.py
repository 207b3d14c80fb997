"""Tensors in, tensors out. An engine knows no family of models, a family knows no engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.model import Pending, Placement, Precision, Tuning
from desktop_app.core.progress import ReportProgress

if TYPE_CHECKING:
    from torch import nn

    from desktop_app.models.grafting import Graft

Notify = Callable[[str, str], None]
"""Called with (message, hint) when something went wrong and the work goes on."""


@dataclass(frozen=True, slots=True)
class Network:
    """What an engine must know to run a network.

    `digest`: hash of the weights. `height`, `width`: the input in pixels; with `dynamic` the usual one, and others are
    taken too. `mean` and `std`: per channel of values in 0…1, in the colour order of the network.
    `build`: the module in eval mode with its weights, float32, input (1, 3, h, w); imports torch when called. The
    argument is true where the module is to be traced for another shape than its first. `onnx`: a file instead.
    `peaks_from`: the engine gives one output more, (1, n): the largest value of each column of the first output
    (1, rows, n) from this row on. So that nobody need read the whole table to find the few columns that matter. Where
    those rows are sigmoids, it may give three outputs instead: the rows before them, the largest values (1, n), and the
    logits (1, n, classes); and a fourth (1, n) by which the sigmoids are multiplied, where they are.
    `graft`: gives the network another end once it was read or built.
    """

    key: str
    digest: str
    height: int
    width: int
    build: Callable[[bool], nn.Module] | None = None
    onnx: Path | None = None
    dynamic: bool = False
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    std: tuple[float, float, float] = (1.0, 1.0, 1.0)
    peaks_from: int | None = None
    graft: Graft | None = None

    def module(self) -> nn.Module:
        """Built, with its other end where it has one; imports torch. Only where there is `build`."""
        assert self.build is not None
        built = self.build(False)
        return built if self.graft is None else self.graft.on_module(built)


class Runner(Protocol):
    """A network on a device. `engine`, `device`, `precision` say what really runs and change after a fallback.

    `fixed_shape`: (h, w) of the input where no other is taken; `takes_any_size`: whether smaller inputs may be tried.
    `facts`: what the module says of itself (its stride). `depth` and `input_shape`: see `Model`.
    """

    @property
    def engine(self) -> str: ...

    @property
    def device(self) -> str: ...

    @property
    def precision(self) -> str: ...

    @property
    def fixed_shape(self) -> tuple[int, int] | None: ...

    @property
    def takes_any_size(self) -> bool: ...

    @property
    def facts(self) -> Mapping[str, int]: ...

    @property
    def depth(self) -> int: ...

    @property
    def input_shape(self) -> tuple[int, int]: ...

    def tune(self, tuning: Tuning) -> None:
        """From the next tensor on; the size of the input is the tensor's."""

    def warm(self, tuning: Tuning, shape: tuple[int, int]) -> None:
        """Called in any thread while tensors are under way; see `Model.warm`. `shape`: (h, w) of the tensor to come."""

    def live_precisions(self) -> tuple[Precision, ...]:
        """From the fullest to the fastest that "live" can choose among; one at least."""

    def submit(self, tensor: NDArray[np.uint8]) -> Pending:
        """`tensor`: uint8 (1, h, w, 3), not to be written to before the answer is there. Raises `InferenceFailed`."""


@dataclass(slots=True)
class Converted:
    """A network that is on the disk as OpenVINO reads it."""

    path: Path
    facts: dict[str, int] = field(default_factory=dict)


def start(network: Network, placement: Placement, tuning: Tuning, report: ReportProgress, notify: Notify) -> Runner:
    """The network on the device that `placement` asks for, or on the CPU where that device fails.

    Raises `ModelLoadFailed`.
    """
    from desktop_app.models.engines.devices import choose

    choice = choose(placement, from_onnx=network.build is None, notify=notify)
    if choice.engine == "torch":
        from desktop_app.models.engines.torch_engine import TorchRunner

        runner = TorchRunner(network, choice.device, choice.precision, notify)
        runner.tune(tuning)
        return runner
    from desktop_app.models.engines.openvino_engine import OpenVinoRunner

    return OpenVinoRunner(network, choice.device, choice.precision, tuning, report, notify)
