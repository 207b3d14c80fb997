"""What a model says of a frame. Plain arrays: everything downstream (drawing, JSON, panels) speaks only these."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.stress import Stress

Task = Literal["classify", "detect", "segment", "pose", "obb"]
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Classification:
    """`logits` and `probabilities`: float32 (c,), indexed by class id; the probabilities sum to 1, unless the model was
    taught to tell each class by itself (`core.linear_layer.Link`)."""

    logits: Floats
    probabilities: Floats

    def __post_init__(self) -> None:
        if self.logits.ndim != 1 or self.logits.shape != self.probabilities.shape:
            raise ValueError(f"logits {self.logits.shape} and probabilities {self.probabilities.shape} must be (c,)")

    def top(self, k: int) -> list[int]:
        """The ids of the `k` most probable classes, most probable first; equal ones by id.

        Ordered by logit, which still tells classes apart whose probability rounds to the same float.
        """
        return [int(i) for i in np.argsort(-self.logits, kind="stable")[:k]]


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """Struct of arrays, one row per box, by falling confidence; absolute pixels of the frame.

    `xyxy` float32 (n, 4); `confidence` float32 (n,); `class_id` int64 (n,). `track_id` int64 (n,) where things are
    followed from frame to frame: which it is, −1 while that is not known yet.
    """

    xyxy: Floats
    confidence: Floats
    class_id: Ints
    track_id: Ints | None = None

    def __post_init__(self) -> None:
        n = len(self.xyxy)
        lengths = {len(self.confidence), len(self.class_id), n if self.track_id is None else len(self.track_id)}
        if self.xyxy.shape != (n, 4) or lengths != {n}:
            raise ValueError(f"boxes {self.xyxy.shape} and their columns must have the same number of rows")

    def __len__(self) -> int:
        return len(self.xyxy)

    def colour_id(self, row: int) -> int:
        """What the colour of a box is chosen by: its track, or its class."""
        track = self.track_of(row)
        return int(self.class_id[row]) if track is None else track

    def track_of(self, row: int) -> int | None:
        if self.track_id is None or self.track_id[row] < 0:
            return None
        return int(self.track_id[row])

    def pick(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> Detections:
        """The rows that a mask or index array names."""
        track = None if self.track_id is None else self.track_id[rows]
        return replace(
            self, xyxy=self.xyxy[rows], confidence=self.confidence[rows], class_id=self.class_id[rows], track_id=track
        )

    @staticmethod
    def empty() -> Detections:
        return Detections(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int64))


Prediction = Classification | Detections


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds of one prediction."""

    preprocess: float
    forward: float
    postprocess: float

    @property
    def total(self) -> float:
        return self.preprocess + self.forward + self.postprocess


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """What one model said of one frame, and what really ran: `engine` openvino or torch, `device` CPU, cuda:0, …

    `input_size`: (width, height) of the network's input in pixels. `media_time`: see `Frame`.
    `frame_size`: (width, height) of the frame, whose pixels boxes are told in. `stress`: see `Frame`.
    """

    frame_index: int
    captured_at: float
    model_key: str
    prediction: Prediction
    timings: Timings
    engine: str
    device: str
    precision: str = "fp32"
    input_size: tuple[int, int] = (0, 0)
    media_time: float | None = None
    frame_size: tuple[int, int] = (0, 0)
    stress: Stress | None = None
