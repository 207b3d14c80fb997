"""Detectors of Ultralytics, as their `predict` runs them, and ONNX files exported from them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.explain import Region
from desktop_app.core.frame import Pixels
from desktop_app.core.input_steps import Scaled
from desktop_app.core.model import ModelInfo, Outputs, Thresholds
from desktop_app.core.results import Detections
from desktop_app.core.scores import sigmoid
from desktop_app.errors import ModelLoadFailed
from desktop_app.i18n import tr
from desktop_app.models.boxes import Letterbox, detect
from desktop_app.models.engines import Network, Runner
from desktop_app.models.formats import sniff
from desktop_app.models.loaded import LoadedModel

if TYPE_CHECKING:
    from torch import nn

IOU = 0.7
STRIDE = 32


def _module(info: ModelInfo, path: Path, traced_for_many_shapes: bool) -> nn.Module:
    from torch import nn

    from desktop_app.models.checkpoints import load_ultralytics

    net: Any = load_ultralytics(path)
    if net.task != "detect":
        raise ModelLoadFailed(
            tr("{model} is a network for “{task}”, not for detection.", model=info.key, task=net.task),
            tr("Import it instead, so that Regard reads what it is."),
        )
    head = net.model[-1]
    head.export = True  # boxes and confidences alone, without the raw maps of the training
    head.dynamic = traced_for_many_shapes  # or the grid of the first shape would become a constant

    class Detector(nn.Module):
        facts = {"stride": max(int(max(net.stride)), STRIDE)}  # noqa: RUF012

        def __init__(self) -> None:
            super().__init__()
            self.net = net

        def forward(self, x: Any) -> Any:
            return self.net(x)

    return Detector().eval()


def network(info: ModelInfo, path: Path, digest: str) -> Network:
    side = -(-info.input_size // STRIDE) * STRIDE
    if sniff(path) == "onnx":
        return Network(info.key, digest, side, side, onnx=path, dynamic=True)
    # 16:9 is what most cameras give; it is compiled for that before the first frame.
    height = -(-side * 9 // 16 // (2 * STRIDE)) * 2 * STRIDE
    return Network(
        info.key, digest, height, side, build=lambda many: _module(info, path, many), dynamic=True, peaks_from=4
    )


class Detector(LoadedModel):
    """A `Model`. Outputs: (1, 4 + classes, n) to be suppressed with the best confidence of each column (1, n), or boxes
    and logits apart (see `Network.peaks_from`), or (1, n, 6) of a network that suppressed them itself.

    `grey_to_stride`: the grey of the letterbox is cut to a multiple of the stride where the network takes any shape.
    """

    iou = IOU
    many_labels = False

    def __init__(self, info: ModelInfo, names: tuple[str, ...], runner: Runner) -> None:
        super().__init__(info, names, runner)
        self._stride = int(runner.facts.get("stride", STRIDE))
        self._side = self._full_side
        self._canvas: tuple[Letterbox, NDArray[np.uint8]] | None = None

    def _letterbox(self, frame_shape: tuple[int, ...]) -> Letterbox:
        if self._runner.fixed_shape is not None:
            return Letterbox.fit(frame_shape, *self._runner.fixed_shape)
        return Letterbox.fit(frame_shape, self._side, self._side, self._stride)

    def preprocess(self, pixels: Pixels) -> NDArray[np.uint8]:
        box = self._letterbox(pixels.shape)
        if self._canvas is None or self._canvas[0] != box:
            self._canvas = (box, box.canvas())
        box.fill(self._canvas[1], pixels)
        return self._canvas[1]

    def steps(self, pixels: Pixels) -> Scaled:
        box, tensor = self._letterbox(pixels.shape), self.preprocess(pixels).copy()
        rows, columns = slice(box.top, box.top + box.inner_height), slice(box.left, box.left + box.inner_width)
        size = (box.inner_width, box.inner_height)
        return Scaled(tensor, tensor[0, rows, columns], size, (-box.left, -box.top), "letterbox", "bilinear", max(size))

    def region(self, frame_shape: tuple[int, ...]) -> Region:
        box = self._letterbox(frame_shape)
        scale_x, scale_y = box.frame_width / box.inner_width, box.frame_height / box.inner_height
        return Region(-box.left * scale_x, -box.top * scale_y, scale_x, scale_y)

    def postprocess(self, outputs: Outputs, frame_shape: tuple[int, ...], thresholds: Thresholds) -> Detections:
        box = self._letterbox(frame_shape)
        if outputs[0].shape[-1] == 6:
            rows = outputs[0][0]
            return _finished(rows[rows[:, 5] < len(self.names)], box, thresholds)
        found = _above(outputs, thresholds.confidence)
        return detect(found, box, thresholds, self.iou, self.many_labels)

    @property
    def _full_side(self) -> int:
        return -(-self.info.input_size // self._stride) * self._stride

    def _set_side(self, side: int) -> None:
        self._side = -(-side // self._stride) * self._stride

    def classes_of(self, outputs: Outputs) -> int | None:
        """How many classes the network tells apart; `None` where the outputs do not say."""
        if _are_apart(outputs):
            return int(outputs[2].shape[-1])
        shape = outputs[0].shape
        if len(shape) != 3 or (shape[-1] != 6 and shape[1] < 5):
            raise ModelLoadFailed(
                tr("{model} gives {shape}, which is no list of boxes.", model=self.info.key, shape=shape),
                tr("Only detectors in the layout of Ultralytics can be used."),
            )
        return None if shape[-1] == 6 else shape[1] - 4


def _are_apart(outputs: Outputs) -> bool:
    return len(outputs) in (3, 4) and outputs[0].shape[1:2] == (4,)


def _above(outputs: Outputs, threshold: float) -> NDArray[np.float32]:
    """The columns (4 + classes, k) of (centre x, centre y, width, height, confidences…) with one above `threshold`."""
    if _are_apart(outputs):
        boxes, peaks, logits, *objectness = (output[0] for output in outputs)
        column = (peaks > threshold).nonzero()[0]
        confidence = sigmoid(logits[column]).T
        for surety in objectness:
            confidence *= surety[column]
        return np.concatenate([boxes[:, column], confidence])
    table: NDArray[np.float32] = outputs[0][0]
    peaks = outputs[1][0] if len(outputs) > 1 else table[4:].max(axis=0)
    return table[:, (peaks > threshold).nonzero()[0]]


def _finished(rows: NDArray[np.float32], box: Letterbox, thresholds: Thresholds) -> Detections:
    """From (n, 6): left, top, right, bottom, confidence, class; by falling confidence."""
    keep = rows[:, 4] > thresholds.confidence
    if thresholds.classes is not None:
        keep &= np.isin(rows[:, 5].astype(np.int64), thresholds.classes)
    rows = rows[keep][: thresholds.max_boxes]
    return Detections(box.undo(rows[:, :4]), rows[:, 4].copy(), rows[:, 5].astype(np.int64))
