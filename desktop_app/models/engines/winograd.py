"""Convolutions of 3 × 3 with half of the multiplications: Winograd's algorithms F(4, 3) and F(7, 3) along the height.

Four rows of the answer take six products of rows instead of twelve, seven take nine instead of twenty-one. Lavin and
Gray, "Fast Algorithms for Convolutional Neural Networks" (arXiv:1509.09308). Sums are in another order than before; no
multiplication is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

TAPS = 3
# For so many rows of the answer at once; and infinity. With ½ in place of 2 the error of four in bfloat16 is a third
# smaller: Barabasz et al., "Error Analysis and Improving the Accuracy of Winograd Convolution for Deep Neural Networks"
# (2020). Those of seven have the smallest error among five of ±¼ … ±4 added to 0 and ±1: three times that of four.
_POINTS: Mapping[int, tuple[float, ...]] = {4: (0, 1, -1, 1 / 2, -2), 7: (0, 1, -1, 1 / 4, 2 / 3, -3 / 4, -2, 3)}
# At this point each row of the answer takes the product once: where the bias is added.
_ONE = 1

# How many rows may be computed at once. In bfloat16 the error of seven would be seen.
_ROWS: Mapping[str, tuple[int, ...]] = {"fp32": (4, 7), "bf16": (4,)}
# What making the rows and putting them together again may cost, in parts of what is saved. Above it gets slower.
_DEAREST = 0.4
# In rows of the answer: enough to keep a convolution busy.
_PART = 28
# In pixels of the answer. Where there are fewer, reading the weights, which are twice as many, takes the time.
_SMALLEST = 100
# In multiplications of one thread. Where there are fewer, eight nodes for one take more than they save.
_LEAST = 60e6

# Of one value alone, so that they may come before the rows are put in their places: there they cost nothing.
_OF_ONE_VALUE = ("Relu", "PRelu", "Swish", "Clamp", "HSwish", "Sigmoid", "Tanh", "Elu", "Gelu", "Mish")

Floats = NDArray[np.float32]


@cache
def matrices(rows: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """(n, n) for n = `rows` + 2 rows of the input, (n, 3) for the taps, (rows, n) for the products: y = A (G g · B d).

    Toom and Cook: the values of two polynomials at n points are multiplied, and by transposition what finds a
    polynomial from its values makes the rows. The rows are scaled and the taps the other way, so that of four rows all
    numbers of the first and the last are exact in bfloat16.
    """

    def values(degree: int) -> NDArray[np.float64]:
        at_infinity = np.eye(degree)[-1:]
        return np.vstack([np.vander(_POINTS[rows], degree, increasing=True), at_infinity])

    of_input = np.linalg.inv(values(rows + TAPS - 1)).T
    of_input[np.abs(of_input) < 1e-9] = 0
    scale = np.min(np.abs(of_input), axis=1, where=of_input != 0, initial=np.inf)[:, None]
    return of_input / scale, values(TAPS) * scale, values(rows).T


@dataclass(frozen=True, slots=True)
class _Layer:
    """A convolution with what follows it. `weights` (out, in, 3, 3), `bias` (1, out, 1, 1)."""

    convolution: Any
    weights: Floats
    bias: Floats | None
    biased: Any
    activation: Any | None

    @property
    def end(self) -> Any:
        return self.activation or self.biased


def with_fewer_products(model: Any, precision: str, threads: int = 1) -> int:
    """Changes each convolution of the OpenVINO model that gets faster by it; how many.

    `threads`: how many work on one picture. Measured on x86-64; ARM's library has the algorithm itself.
    """
    from openvino._offline_transformations import apply_moc_transformations

    rows = _ROWS.get(precision, ())
    if not rows or any(map(_is_quantised, model.get_ops())):
        return 0
    if not any(_gains(node, rows, threads) for node in model.get_ops()):
        return 0
    # As OpenVINO does when it compiles: constants are computed, normalisation becomes part of the weights.
    # Nothing here may hold nodes meanwhile: those that it takes out would still count as consumers.
    apply_moc_transformations(model, True)
    found = [_layer_at(node) for node in model.get_ordered_ops() if _gains(node, rows, threads)]
    for layer in found:
        _replace(layer, precision)
    model.validate_nodes_and_infer_types()
    return len(found)


def _gains(node: Any, rows: tuple[int, ...], threads: int) -> bool:
    """Whether it is a convolution that gets faster."""
    if node.get_type_name() != "Convolution":
        return False
    if node.output(0).partial_shape.is_dynamic or node.output(0).shape[0] != 1:
        return False
    weights = _constant(node.input_value(1))
    settings = node.get_attributes()
    ones = all(list(settings[name]) == [1, 1] for name in ("strides", "dilations", "pads_begin", "pads_end"))
    if weights is None or weights.dtype != np.float32 or weights.shape[2:] != (TAPS, TAPS) or not ones:
        return False
    outs, ins = weights.shape[:2]
    height, width = node.output(0).shape[2:]
    plan = _Plan.of(height, rows)
    # Multiplications for a pixel of the answer. Rows are mixed for each channel in and out.
    mixing = plan.products / plan.at_once * plan.rows * (ins + outs)
    saved = (1 - plan.products / (plan.at_once * TAPS)) * weights.size
    cost = mixing / saved
    enough = height * width >= _SMALLEST and weights.size * height * width >= _LEAST * threads
    return bool(enough and cost <= _DEAREST)


def _layer_at(node: Any) -> _Layer:
    weights = _constant(node.input_value(1))
    assert weights is not None
    biased, bias = node, None
    after = _only_consumer(node)
    if after is not None and after.get_type_name() == "Add":
        added = [each for place in (0, 1) if (each := _constant(after.input_value(place))) is not None]
        if added and added[0].shape == (1, len(weights), 1, 1):
            biased, bias = after, added[0]
            after = _only_consumer(biased)
    activation = after if after is not None and _takes_one_value(after) else None
    return _Layer(node, weights, bias, biased, activation)


def _is_quantised(node: Any) -> bool:
    kind = node.get_type_name()
    return kind == "FakeQuantize" or (kind == "Constant" and node.get_element_type().to_string() in ("i8", "u8"))


def _constant(output: Any) -> NDArray[Any] | None:
    node = output.get_node()
    return node.data if node.get_type_name() == "Constant" else None


def _only_consumer(node: Any) -> Any | None:
    consumers = list(node.output(0).get_target_inputs())
    return consumers[0].get_node() if len(consumers) == 1 else None


def _takes_one_value(node: Any) -> bool:
    others = range(1, node.get_input_size())
    return node.get_type_name() in _OF_ONE_VALUE and all(np.prod(node.input_value(i).shape) == 1 for i in others)


@dataclass(frozen=True, slots=True)
class _Plan:
    """How the `height` rows are dealt out: to `parts`, each of `groups` groups of rows that are computed `at_once`.
    Rows are mixed within a part only, so that this costs no more in a high picture. `rows`: what a part takes, from
    `starts` on."""

    height: int
    at_once: int
    parts: int
    groups: int
    rows: int
    starts: tuple[int, ...]

    @staticmethod
    def of(height: int, choices: tuple[int, ...]) -> _Plan:
        """The one of `choices`, rows at once, that takes the fewest products."""
        plans = [_Plan._for(height, at_once) for at_once in choices]
        return min(plans, key=lambda plan: plan.parts * plan.groups * plan.products)

    @staticmethod
    def _for(height: int, at_once: int) -> _Plan:
        groups = -(-height // at_once)
        parts = max(1, round(groups * at_once / _PART))
        groups = -(-groups // parts)
        rows = min(height, groups * at_once + TAPS - 1)
        firsts = (part * groups * at_once - 1 for part in range(parts))
        return _Plan(height, at_once, parts, groups, rows, tuple(min(max(first, 0), height - rows) for first in firsts))

    @property
    def products(self) -> int:
        """Of a group."""
        return self.at_once + TAPS - 1

    def mixtures(self) -> tuple[Floats, Floats]:
        """(parts, products · groups, rows) and (1, at_once · groups, products · groups): what `matrices` say, for all
        groups of a part."""
        of_input, _, of_products = matrices(self.at_once)
        into = np.zeros((self.parts, self.products, self.groups, self.rows), np.float32)
        back = np.zeros((self.groups, self.at_once, self.products, self.groups), np.float32)
        for group in range(self.groups):
            back[group, :, :, group] = of_products
        for part, group, place in np.ndindex(self.parts, self.groups, self.products):
            row = (part * self.groups + group) * self.at_once + place - 1
            if 0 <= row < self.height:  # above and below there is nothing
                into[part, :, group, row - self.starts[part]] = of_input[:, place]
        shape = (self.products * self.groups, self.at_once * self.groups)
        return into.reshape(self.parts, shape[0], self.rows), back.reshape(1, *shape[::-1])


def _constant_in(precision: str, values: Floats) -> Any:
    """A constant that lies in bfloat16 where the network computes in it, each number rounded to the nearest.

    Of the mixtures that takes nothing. One in float32 would keep the multiplication in float32 while all around it is
    in bfloat16; and weights would stay in the memory in float32 beside those that are computed with.
    """
    from openvino import Tensor, Type
    from openvino import opset13 as ops

    if precision != "bf16":
        return ops.constant(values)
    bits = np.ascontiguousarray(values).view(np.uint32)
    held = Tensor(Type.bf16, values.shape)
    held.data.view(np.uint16)[...] = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16
    packed = ops.convert(ops.constant(held), Type.f32)
    packed.get_rt_info()["decompression_0"] = ""  # so OpenVINO marks packed weights: it leaves them packed
    return packed


def _replace(layer: _Layer, precision: str) -> None:
    """Pictures lie as (height, width · channels) here, as the convolutions leave them: nothing need be moved."""
    from openvino import opset13 as ops

    source = layer.convolution.input_value(0)
    outs, ins = layer.weights.shape[:2]
    height, width = source.shape[2:]
    plan = _Plan.of(height, _ROWS[precision])
    into, back = plan.mixtures()
    _, of_taps, _ = matrices(plan.at_once)
    flat = layer.weights.transpose(2, 0, 1, 3).reshape(TAPS, -1)
    weights = (of_taps.astype(np.float32) @ flat).reshape(plan.products, outs, ins, 1, TAPS)
    kernels = [_constant_in(precision, each) for each in weights]

    def picture(rows: Any, channels: int) -> Any:
        return ops.transpose(ops.reshape(rows, [1, -1, width, channels], False), [0, 3, 1, 2])

    rows = ops.reshape(ops.transpose(source, [0, 2, 3, 1]), [height, width * ins], False)
    if plan.parts > 1:
        rows = ops.concat([ops.slice(rows, [start], [start + plan.rows], [1], [0]) for start in plan.starts], 0)
    rows = ops.reshape(rows, [plan.parts, plan.rows, -1], False)
    mixed = ops.matmul(_constant_in(precision, into), rows, False, False)
    count = plan.parts * plan.products
    pieces = ops.split(ops.reshape(mixed, [count * plan.groups, -1], False), 0, count)
    products = []
    for place in range(count):
        kind = place % plan.products
        product = ops.convolution(picture(pieces.output(place), ins), kernels[kind], [1, 1], [0, 1], [0, 1], [1, 1])
        if layer.bias is not None and kind == _ONE:
            product = ops.add(product, ops.constant(layer.bias))
        products.append(ops.reshape(ops.transpose(product, [0, 2, 3, 1]), [plan.groups, width * outs], False))
    joined = ops.reshape(ops.concat(products, 0), [plan.parts, plan.products * plan.groups, -1], False)
    answer = ops.matmul(_constant_in(precision, back), joined, False, False)
    consumers = layer.end.output(0).get_target_inputs()
    if layer.activation is not None:
        layer.activation.input(0).replace_source_output(answer.output(0))
        layer.activation.validate_and_infer_types()
        answer = layer.activation
    made = plan.parts * plan.groups * plan.at_once
    answer = ops.reshape(answer, [made, width * outs], False)
    if made > height:
        answer = ops.slice(answer, [0], [height], [1], [0])
    whole = picture(answer, outs)
    for consumer in consumers:
        consumer.replace_source_output(whole.output(0))
