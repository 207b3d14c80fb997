"""The end of a network, from its last maps to its answer: small, so that it can be asked many times."""

from __future__ import annotations

import logging
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from desktop_app.models.engines.openvino_engine import core
from desktop_app.models.engines.silent_openvino import openvino

Floats = NDArray[np.float32]
log = logging.getLogger(__name__)

BATCH = 49
"""Maps that are asked about at once, where the head takes several."""
_MOVES_VALUES = {"Reshape", "Squeeze", "Unsqueeze", "Transpose", "Tile", "Convert", "Concat", "Result", "Parameter"}
_SUMS = {"Add", "Subtract", "ReduceMean", "ReduceSum", "AvgPool", "AdaptiveAvgPool"}
_PRODUCTS = {"Multiply", "MatMul", "Convolution", "Divide"}
"""Sums of the input where the other factor is a constant."""


class Head:
    """`compiled` takes (batch, channels, height, width) and gives (batch, classes). `affine`: its answer is a weighted
    sum of the maps and a constant, as that of an average and one linear layer."""

    def __init__(self, compiled: Any, batch: int, affine: bool) -> None:
        self._compiled, self.batch, self.affine = compiled, batch, affine

    @staticmethod
    def of(model: Any, node_name: str) -> Head | None:
        """The part of `model` behind the node of that name; `None` where the answer hangs on more than that node."""
        package = openvino()
        from openvino import opset13 as ops

        node = next(node for node in model.get_ordered_ops() if node.get_friendly_name() == node_name)
        shape = list(node.output(0).get_shape())
        entry = ops.parameter(package.PartialShape(shape), np.float32, name="maps")
        for target in node.output(0).get_target_inputs():
            target.replace_source_output(entry.output(0))
        for asks in model.get_ordered_ops():
            # Who asks how large the picture's own values were, as VGG does before its average, asks the maps instead.
            sized = asks.get_type_name() == "ShapeOf" and asks.input(0).get_partial_shape()
            if sized and sized.is_static and list(sized.get_shape()) == shape:
                asks.input(0).replace_source_output(entry.output(0))
        try:
            cut = package.Model([model.outputs[0].get_node()], [entry], "head")
        except RuntimeError:  # the picture is still needed: the node was not the only way
            return None
        affine = _is_affine(cut)
        for batch in (BATCH, 1):
            try:
                cut.reshape([batch, *shape[1:]])
                sides = cut.output(0).get_partial_shape()
                if sides.is_static and sides.get_shape()[0] == batch:
                    settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
                    return Head(core().compile_model(cut, "CPU", settings), batch, affine)
            except RuntimeError as error:  # the batch of one is written into the graph
                log.info("the head does not take %s at once: %s", batch, error)
        return None

    def answers(self, maps: Floats) -> Floats:
        """(n, channels, height, width) → (n, classes)."""
        request = self._compiled.create_infer_request()
        found = []
        for start in range(0, len(maps), self.batch):
            part = maps[start : start + self.batch]
            padded = np.zeros((self.batch, *maps.shape[1:]), np.float32)
            padded[: len(part)] = part
            found.append(request.infer([padded])[0][: len(part)].reshape(len(part), -1).copy())
        return np.concatenate(found)

    @cached_property
    def channel_weights(self) -> Floats:
        """(channels, classes): by how much an answer grows with each channel, averaged over its cells. Of an affine
        head that is the gradient, the same for every picture, and found by asking about each channel by itself."""
        assert self.affine
        _, channels, height, width = (int(side) for side in self._compiled.input(0).get_shape())
        nothing = self.answers(np.zeros((1, channels, height, width), np.float32))[0]
        found = []
        for start in range(0, channels, self.batch):
            here = np.arange(start, min(start + self.batch, channels))
            alone = np.zeros((len(here), channels, height, width), np.float32)
            alone[np.arange(len(here)), here] = 1
            found.append((self.answers(alone) - nothing) / (height * width))
        return np.concatenate(found)


def _is_affine(cut: Any) -> bool:
    """Whether every step from the maps to the answer is: sums, and products with constants."""
    from_maps: set[str] = set()
    for node in cut.get_ordered_ops():
        kind, name = node.get_type_name(), node.get_friendly_name()
        sources = [node.input_value(index).get_node().get_friendly_name() for index in range(node.get_input_size())]
        hangs = [source in from_maps for source in sources]
        if kind == "ShapeOf" or (kind != "Parameter" and not any(hangs)):
            continue  # the same whatever the values are
        from_maps.add(name)
        if kind in _PRODUCTS and (sum(hangs) != 1 or (kind in ("Divide", "Convolution") and not hangs[0])):
            return False
        if kind not in _MOVES_VALUES | _SUMS | _PRODUCTS:
            return False
    return True
