"""Finds the places of a network that are worth a look: 5 to 8 between the first convolution and the last."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from desktop_app.core.explain import Station

LEAST, MOST = 5, 8
_WINDOWS = {"Convolution", "GroupConvolution", "MaxPool", "AvgPool"}
_ENLARGE = {"Interpolate", "ConvolutionBackpropData", "GroupConvolutionBackpropData", "DepthToSpace"}
# What changes values one by one belongs to the layer before it.
_ONE_BY_ONE = {
    *("BatchNormInference", "Relu", "Clamp", "Swish", "HSwish", "Gelu", "Sigmoid", "PRelu", "Elu", "Mish", "HSigmoid"),
    *("FakeQuantize", "Convert"),
}


_ATTENTION = {"ScaledDotProductAttention", "Softmax"}
_TO_LAST, _TO_FIRST = [0, 2, 3, 1], [0, 3, 1, 2]


@dataclass(frozen=True, slots=True)
class _Field:
    """Receptive field of a tensor's cells, in pixels of the input; see `Station`."""

    stride: float = 1.0
    field: float = 1.0
    start: float = 0.5


def _sides(node: Any) -> tuple[int, ...]:
    """Shape of the node's first output; empty where it is not known."""
    shape = node.output(0).get_partial_shape()
    return tuple(shape.get_shape()) if shape.is_static else ()


def _name(node: Any) -> str:
    return str(node.get_friendly_name())


def _inputs(node: Any) -> list[Any]:
    return [node.input_value(index).get_node() for index in range(node.get_input_size())]


def _window(node: Any) -> tuple[int, int, int, int]:
    """Kernel, stride, dilation and padding of a convolution or pooling, along the height."""
    attributes = node.get_attributes()
    convolves = "Convolution" in node.get_type_name()
    kernel = _sides(_inputs(node)[1])[-2] if convolves else next(iter(attributes["kernel"]))
    stride, pad = next(iter(attributes["strides"])), next(iter(attributes["pads_begin"]))
    dilation = next(iter(attributes.get("dilations", [1])))
    return int(kernel), int(stride), int(dilation), int(pad)


def _after(node: Any, before: _Field, sides_before: Sequence[int]) -> _Field:
    """The field of a node's output, from that of its input."""
    kind = node.get_type_name()
    if kind in _WINDOWS:
        kernel, stride, dilation, pad = _window(node)
        reach = (kernel - 1) * dilation
        return _Field(
            before.stride * stride,
            before.field + reach * before.stride,
            before.start + (reach / 2 - pad) * before.stride,
        )
    if kind == "Pad":
        pads = _inputs(node)[1]
        begin = int(pads.data[2]) if pads.get_type_name() == "Constant" else (_sides(node)[2] - sides_before[2]) // 2
        return replace(before, start=before.start - begin * before.stride)
    if kind == "Interpolate":
        return replace(before, stride=before.stride * sides_before[2] / _sides(node)[2])
    return before


def _layouts(order: Sequence[Any]) -> dict[str, str]:
    """Of every node that gives feature maps of more than one cell: "nchw", or "nhwc" where channels come last."""
    layouts: dict[str, str] = {}
    for node in order:
        kind, sides = node.get_type_name(), _sides(node)
        if len(sides) != 4 or sides[0] != 1 or kind == "Constant":
            continue
        sources = [source for source in _inputs(node) if _name(source) in layouts]
        layout: str | None = None
        if kind == "Parameter" or kind in _WINDOWS | _ENLARGE:
            layout = "nchw"
        elif kind == "Transpose" and sources:
            turned = {("nchw", 2): "nhwc", ("nhwc", 3): "nchw"}
            orders = {tuple(_TO_LAST): 2, tuple(_TO_FIRST): 3}
            order_of = tuple(int(axis) for axis in getattr(_inputs(node)[1], "data", ()))
            layout = turned.get((layouts[_name(sources[0])], orders.get(order_of, 0)))
        elif sources and kind not in ("Reshape", "Transpose"):
            layout = layouts[_name(sources[0])]
        if layout is not None and min(sides[2:] if layout == "nchw" else sides[1:3]) > 1:
            layouts[_name(node)] = layout
    return {name: layout for name, layout in layouts.items() if name != _name(order[0])}


def _before_layers(order: Sequence[Any]) -> set[str]:
    """What becomes of the picture before the first window looks at it: its channels may be scaled, one by one."""
    found: set[str] = set()
    layers: set[str] = set()
    for node in order:
        kind, sources = node.get_type_name(), _inputs(node)
        if kind in _WINDOWS or any(_name(source) in layers for source in sources):
            layers.add(_name(node))
        elif kind == "Parameter" or any(_name(source) in found for source in sources):
            found.add(_name(node))
    return found


def _fields(order: Sequence[Any]) -> dict[str, _Field]:
    """Of every node with four dimensions; where branches meet, the widest counts."""
    pixels = _before_layers(order)
    fields: dict[str, _Field] = {}
    for node in order:
        if _name(node) in pixels and len(_sides(node)) == 4:
            fields[_name(node)] = _Field()
            continue
        # A weight for each channel (squeeze and excitation) is no place in the picture.
        before = [
            (fields[_name(source)], _sides(source))
            for source in _inputs(node)
            if _name(source) in fields and len(_sides(source)) == 4
        ]
        if before and len(_sides(node)) == 4:
            fields[_name(node)] = max((_after(node, *pair) for pair in before), key=lambda field: field.field)
    return fields


def _backbone_end(order: Sequence[Any], layouts: Mapping[str, str]) -> Any | None:
    """The last node that gives maps of the smallest size before anything is enlarged again."""
    enlarged: set[str] = set()
    found: list[Any] = []
    for node in order:
        if node.get_type_name() in _ENLARGE or any(_name(source) in enlarged for source in _inputs(node)):
            enlarged.add(_name(node))
        elif _name(node) in layouts and node.get_type_name() != "Parameter":
            found.append(node)
    if not found:
        return None
    heights = [_size(node, layouts)[1] for node in found]
    return next(node for node, height in zip(found[::-1], heights[::-1], strict=True) if height == min(heights))


def _size(node: Any, layouts: Mapping[str, str]) -> tuple[int, int, int]:
    """Channels, height, width."""
    sides = _sides(node)
    return (sides[1], sides[2], sides[3]) if layouts[_name(node)] == "nchw" else (sides[3], sides[1], sides[2])


def _on_every_path(order: Sequence[Any], end: Any) -> list[Any]:
    """The nodes that every path from the input to `end` goes through, in order.

    A node is on every path where the paths to it times those from it are all the paths that there are.
    """
    place = {_name(node): index for index, node in enumerate(order)}
    to = [0] * len(order)
    for index, node in enumerate(order):
        starts = node.get_type_name() == "Parameter"
        to[index] = 1 if starts else sum(to[place[_name(source)]] for source in _inputs(node))
    onward = [0] * len(order)
    last = place[_name(end)]
    onward[last] = 1
    for index in range(last, -1, -1):
        if onward[index]:
            for source in _inputs(order[index]):
                onward[place[_name(source)]] += onward[index]
    return [node for i, node in enumerate(order) if to[i] and to[i] * onward[i] == to[last]]


def layer_name(node: Any) -> str:
    """As the module is called in the program that the network comes from: "layer1.2", "features.0"."""
    name = _name(node)
    traced = re.match(r"__module\.(?:net\.)?([\w.]+)", name)
    if traced:
        return traced.group(1).removeprefix("model.") if "model." in name else traced.group(1)
    exported = re.match(r"/?([\w./]+?)/[A-Z]\w*(?:_\d+)?$", name)
    return exported.group(1).replace("/", ".").strip(".") if exported else name


def _one_by_one(node: Any) -> bool:
    """Whether the node changes each value by itself, or each channel by a number of its own."""
    kind = node.get_type_name()
    if kind in ("Add", "Multiply", "Subtract", "Divide"):
        return any(math.prod(_sides(source)) <= max(_sides(node)[1], _sides(node)[3]) for source in _inputs(node))
    return kind in _ONE_BY_ONE


def _ends_of_layers(nodes: Sequence[Any]) -> list[Any]:
    """Without those that only a step of the same layer follows: its normalisation, its activation."""
    kept = []
    for node, following in zip(nodes, [*nodes[1:], None], strict=True):
        step = following is not None and _sides(node) == _sides(following) and _one_by_one(following)
        if not step and node.get_type_name() not in ("Pad", "Tile"):
            kept.append(node)
    return kept


def _layer_names(order: Sequence[Any]) -> dict[str, str]:
    """By node, the layer that it belongs to. An activation that a network has once and uses everywhere, as those of
    Ultralytics do, is called by the place where it was used last: its nodes are called by what comes before them."""
    steps = [node for node in order if len(_sides(node)) == 4 and _one_by_one(node)]
    used = Counter(layer_name(step) for step in steps)
    shared = {_name(step) for step in steps if used[layer_name(step)] > 1}
    names: dict[str, str] = {}
    for node in order:
        before = [names[_name(source)] for source in _inputs(node) if source.get_type_name() != "Constant"]
        names[_name(node)] = before[0] if _name(node) in shared and before else layer_name(node)
    return names


def _last_of_groups(nodes: Sequence[Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The last node of each group of layers, by the shortest beginning of their names that makes enough groups; the
    first layer stands by itself."""
    groups: dict[str, Any] = {}
    for depth in range(1, 5):
        groups = {".".join(names[_name(node)].split(".")[:depth]): node for node in nodes}
        if len(groups) >= LEAST:
            break
    first = nodes[0]
    return {names[_name(first)]: first} | {name: node for name, node in groups.items() if node is not first}


def _thin(found: list[tuple[str, Any]], layouts: Mapping[str, str]) -> list[tuple[str, Any]]:
    """At most `MOST`, the first and last among them: of neighbours of one size the earlier goes, the most like its
    follower first."""
    found = list(found)
    while len(found) > MOST:

        def likeness(index: int) -> tuple[bool, float, int]:
            here, there = (_size(node, layouts) for _, node in found[index : index + 2])
            return here[1:] != there[1:], abs(math.log(here[0] / there[0])), index

        found.pop(min(range(1, len(found) - 1), key=likeness))
    return found


def _station(layer: str, size: tuple[int, int, int], field: _Field | None, height: int) -> Station:
    """`field`: `None` where attention lets each cell see the whole input, which is `height` pixels high."""
    if field is None:
        stride = height / size[1]
        field = _Field(stride, math.inf, stride / 2)
    return Station(layer, *size, field.stride, field.field, field.start)


def find_stations(model: Any) -> list[tuple[Station, Any, str]]:
    """The stations of an OpenVINO model of fixed input size, each with its node and layout ("nchw" or "nhwc"); none
    where it has no maps."""
    order = list(model.get_ordered_ops())
    layouts = _layouts(order)
    end = _backbone_end(order, layouts)
    if end is None:
        return []
    pixels = _before_layers(order)
    inside = [node for node in _on_every_path(order, end) if _name(node) in layouts and _name(node) not in pixels]
    layers = _ends_of_layers(inside)
    if not layers:
        return []
    fields = _fields(order)
    height = model.input(0).get_partial_shape()[2].get_length()
    found = []
    for layer, node in _thin(list(_last_of_groups(layers, _layer_names(order)).items()), layouts):
        attends = any(step.get_type_name() in _ATTENTION for step in order[: order.index(node)])
        field = None if attends else fields.get(_name(node))
        found.append((_station(layer, _size(node, layouts), field, height), node, layouts[_name(node)]))
    return found
