"""The end of a network, from its last maps to its answer: small, so that it can be asked many times."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from desktop_app.models.engines.openvino_engine import core
from desktop_app.models.engines.silent_openvino import openvino

Floats = NDArray[np.float32]
log = logging.getLogger(__name__)

BATCH = 49
"""Maps that are asked about at once, where the head takes several."""


@dataclass(frozen=True, slots=True)
class Head:
    """`compiled` takes (batch, channels, height, width) and gives (batch, classes)."""

    compiled: Any
    batch: int

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
        try:
            cut = package.Model([model.outputs[0].get_node()], [entry], "head")
        except RuntimeError:  # the picture is still needed: the node was not the only way
            return None
        for batch in (BATCH, 1):
            try:
                cut.reshape([batch, *shape[1:]])
                sides = cut.output(0).get_partial_shape()
                if sides.is_static and sides.get_shape()[0] == batch:
                    settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
                    return Head(core().compile_model(cut, "CPU", settings), batch)
            except RuntimeError as error:  # the batch of one is written into the graph
                log.info("the head does not take %s at once: %s", batch, error)
        return None

    def answers(self, maps: Floats) -> Floats:
        """(n, channels, height, width) → (n, classes)."""
        request = self.compiled.create_infer_request()
        found = []
        for start in range(0, len(maps), self.batch):
            part = maps[start : start + self.batch]
            padded = np.zeros((self.batch, *maps.shape[1:]), np.float32)
            padded[: len(part)] = part
            found.append(request.infer([padded])[0][: len(part)].copy())
        return np.concatenate(found)
