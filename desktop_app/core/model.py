"""What recognises: the catalogue's record of a model, the model, and the engine below it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.frame import Pixels
from desktop_app.core.results import Prediction, Task, Timings

OriginKind = Literal["torchvision", "ultralytics", "package", "file"]
EngineName = Literal["auto", "openvino", "torch"]
Precision = Literal["auto", "fp32", "fp16", "bf16", "int8"]
Use = Literal["live", "video", "batch", "still"]


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """One line of the catalogue; plain data.

    `labels` names the list of class names ("imagenet", "coco"), or is empty where the model carries its own.
    `input_size`: side of the square input in pixels. `bytes`: size of the download.
    `sha256`: the hash of the weights, or the beginning of it where the maker publishes only that ("" where none).
    `accuracy`: top-1 in % (ImageNet) or mAP 50–95 in % (COCO) as the makers published it, `None` where they did not.
    """

    key: str
    title: str
    task: Task
    family: str
    input_size: int
    labels: str
    origin: OriginKind
    file_name: str
    source_url: str = ""
    bytes: int = 0
    sha256: str = ""
    licence: str = ""
    accuracy: float | None = None
    starter: bool = False


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a box must reach to be shown.

    `iou`: overlap at which the weaker box of one class goes; `None` is the maker's own limit.
    `classes`: the class ids to keep, `None` for all. `max_boxes`: at most so many, the surest.
    """

    confidence: float = 0.25
    iou: float | None = None
    classes: tuple[int, ...] | None = None
    max_boxes: int = 300


@dataclass(frozen=True, slots=True)
class Placement:
    """Where to run, as asked for: "auto" chooses. `device`: auto, cpu, cuda:0, mps, xpu, gpu, npu."""

    engine: EngineName = "auto"
    device: str = "auto"
    precision: Precision = "auto"


@dataclass(frozen=True, slots=True)
class Tuning:
    """How a model is to run on the frames that come.

    `use`: "live" and "still" one frame at a time, as soon as possible; "video" and "batch" as many frames a second as
    possible, in order. `precision` where the placement leaves it to the program: "auto" is exact for pictures ("still",
    "batch"), and for what moves ("live", "video") what the device is fastest at without another network.
    `input_size`: the longer side of the input in pixels, `None` for the model's own.
    """

    use: Use = "still"
    precision: Precision = "auto"
    input_size: int | None = None


Outputs = tuple[NDArray[np.float32], ...]


class Pending(Protocol):
    """A frame that the network works on."""

    def wait(self) -> tuple[Outputs, float]:
        """The outputs and how many milliseconds the network took. The arrays may be written over when the model has
        begun `depth` further frames. Raises `InferenceFailed`."""


class Model(Protocol):
    """A loaded network with its own pre- and postprocessing. Not thread-safe: one per lane.

    `names`: the class names, by class id. `engine`, `device`, `precision`: what really runs, by the last tuning.
    `depth`: how many frames it works on at once. `input_shape`: (height, width) of the last tensor.
    """

    info: ModelInfo
    names: tuple[str, ...]

    @property
    def depth(self) -> int: ...

    @property
    def input_shape(self) -> tuple[int, int]: ...

    @property
    def engine(self) -> str: ...

    @property
    def device(self) -> str: ...

    @property
    def precision(self) -> str: ...

    def preprocess(self, pixels: Pixels) -> NDArray[np.uint8]:
        """The network's input before normalisation: uint8 (1, h, w, 3), in the colour order of the network. The next
        call may write over it."""

    def submit(self, tensor: NDArray[np.uint8]) -> Pending:
        """Begins; at most `depth` frames may be under way. Copies the tensor, where it is not waited for at once."""

    def forward(self, tensor: NDArray[np.uint8]) -> Outputs:
        """Begins and waits."""

    def postprocess(self, outputs: Outputs, frame_shape: tuple[int, ...], thresholds: Thresholds) -> Prediction: ...

    def tune(self, tuning: Tuning) -> None:
        """From the next frame on; none may be under way. What the network or device cannot do is left as it is."""

    def warm(self, tuning: Tuning, pixels: Pixels) -> Callable[[], None]:
        """What the first frame like `pixels` would wait for after `tune(tuning)`: to be called in any thread, while
        frames go on under the tuning at hand. Does as much as it can, and raises nothing."""

    def gears(self) -> tuple[Tuning, ...]:
        """The ways to run live, from the fullest to the fastest; one at least."""


def predict(model: Model, pixels: Pixels, thresholds: Thresholds) -> tuple[Prediction, Outputs, Timings]:
    """The three steps in a row, timed. The outputs come along so that thresholds can be changed afterwards."""
    t0 = time.perf_counter()
    tensor = model.preprocess(pixels)
    t1 = time.perf_counter()
    outputs, forward = model.submit(tensor).wait()
    t2 = time.perf_counter()
    prediction = model.postprocess(outputs, pixels.shape, thresholds)
    t3 = time.perf_counter()
    return prediction, outputs, Timings((t1 - t0) * 1e3, forward, (t3 - t2) * 1e3)
