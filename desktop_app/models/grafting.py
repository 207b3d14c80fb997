"""Another end on a trained network: its features, and a linear layer on them instead of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.linear_layer import Floats, Link
from desktop_app.core.teaching import SHARPNESS
from desktop_app.errors import ModelLoadFailed
from desktop_app.i18n import tr

if TYPE_CHECKING:
    from torch import Tensor, nn

_OF_TWO = ("Add", "Subtract", "Multiply")
_OF_ONE = (
    *("Result", "Reshape", "Squeeze", "Unsqueeze", "Transpose", "Convert", "FakeQuantize"),
    *("Softmax", "LogSoftmax", "Sigmoid", "Relu", "ReduceMean", "AvgPool", "AdaptiveAvgPool", "Tile"),
)
"""What may come after the last layer with weights; where it has several inputs, the first is the values."""


@dataclass(frozen=True, slots=True, eq=False)
class End:
    """What the features are given to. `weights` (classes, features), `bias` (classes,); `references` (rows, features)
    and `far`: see `core.teaching.Knowledge`."""

    weights: Floats
    bias: Floats
    link: Link
    references: Floats
    far: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Graft:
    """Ends a network at what its last layer is fed: (1, features). With `end` it gives that layer's logits instead,
    (1, classes), with one more for "none of these" where something can be far."""

    end: End | None = None

    def on_graph(self, model: Any) -> Any:
        """Of an OpenVINO model a new one; the old one is used up."""
        from openvino import Model
        from openvino import opset13 as ops

        flat = ops.reshape(_fed_to_the_last_layer(model), np.array([1, -1], np.int64), special_zero=False)
        found = flat if self.end is None else _end_on_graph(flat, self.end)
        return Model([ops.result(found)], model.get_parameters(), "grafted")

    def on_module(self, module: nn.Module) -> nn.Module:
        return _grafted(module, self.end)


def _is_constant(output: Any) -> bool:
    node = output.get_node()
    while node.get_type_name() in ("Convert", "FakeQuantize", "Reshape", "Transpose", "Multiply", "Subtract"):
        node = node.input_value(0).get_node()
    return bool(node.get_type_name() == "Constant")


def _fed_to_the_last_layer(model: Any) -> Any:
    """The output that goes into the last matrix of weights; before a last convolution, its mean over all places."""
    from openvino import opset13 as ops

    node = model.outputs[0].get_node()
    while True:
        kind = node.get_type_name()
        if kind == "MatMul":
            constant = [_is_constant(node.input_value(place)) for place in (0, 1)]
            if constant in ([False, True], [True, False]):
                return node.input_value(constant.index(False))
        if kind == "Convolution":
            return ops.reduce_mean(node.input_value(0), np.array([2, 3], np.int64), keep_dims=False).output(0)
        inputs = [node.input_value(place) for place in range(node.get_input_size())]
        onward = [source for source in inputs if not _is_constant(source)] if kind in _OF_TWO else inputs[:1]
        if kind not in (*_OF_ONE, *_OF_TWO) or len(onward) != 1:
            raise ModelLoadFailed(
                tr("This network does not end with a linear layer, so nothing can be taught on its features."),
                tr("Choose another classifier."),
            )
        node = onward[0].get_node()


def _end_on_graph(features: Any, end: End) -> Any:
    from openvino import opset13 as ops

    x = ops.normalize_l2(features, np.array([1], np.int64), 1e-24, "max")
    logits = ops.add(ops.matmul(x, np.ascontiguousarray(end.weights.T), False, False), end.bias[None])
    if end.far is None:
        return logits
    likeness = ops.matmul(x, np.ascontiguousarray(end.references.T), False, False)
    nearest = ops.reduce_max(likeness, np.array([1], np.int64), keep_dims=True)
    # SHARPNESS · ((1 − likeness) / far − 1)
    slope = np.array([[-SHARPNESS / end.far]], np.float32)
    none = ops.add(ops.multiply(nearest, slope), np.array([[SHARPNESS / end.far - SHARPNESS]], np.float32))
    if end.link == "softmax":
        one = np.array([1], np.int64)
        top = ops.reduce_max(logits, one, keep_dims=True)
        total = ops.reduce_sum(ops.exp(ops.subtract(logits, top)), one, keep_dims=True)
        none = ops.add(none, ops.add(top, ops.log(total)))
    return ops.concat([logits, none], 1)


def _grafted(module: nn.Module, end: End | None) -> nn.Module:
    import torch
    from torch import nn

    layers = [part for part in module.modules() if isinstance(part, nn.Linear | nn.Conv2d)]

    def tensor(values: NDArray[np.float32]) -> nn.Parameter:
        return nn.Parameter(torch.from_numpy(np.ascontiguousarray(values)), requires_grad=False)

    class Grafted(nn.Module):
        facts = getattr(module, "facts", {})

        def __init__(self) -> None:
            super().__init__()
            self.net = module
            self._fed: Tensor | None = None
            layers[-1].register_forward_pre_hook(self._catch)
            if end is not None:
                self.weights, self.bias = tensor(end.weights), tensor(end.bias)
                self.references = tensor(end.references)

        def _catch(self, _: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            self._fed = inputs[0]

        def forward(self, picture: Tensor) -> Tensor:
            self.net(picture)
            fed = self._fed
            assert fed is not None
            self._fed = None
            features = fed.mean((2, 3)) if fed.ndim == 4 else fed.flatten(1)
            if end is None:
                return features
            x = nn.functional.normalize(features.float(), dim=1).to(features.dtype)
            logits = x @ self.weights.T + self.bias
            if end.far is None:
                return logits
            distance = 1 - (x @ self.references.T).amax(1, keepdim=True)
            none = SHARPNESS * (distance / end.far - 1)
            if end.link == "softmax":
                none = none + logits.logsumexp(1, keepdim=True)
            return torch.cat([logits, none], 1)

    return Grafted().eval()
