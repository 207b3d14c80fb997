"""A network with windows in it: it gives, beside its answer, the values at its stations and its very input."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.explain import Station
from desktop_app.core.model import Outputs, Tuning
from desktop_app.models.engines import Network
from desktop_app.models.engines.openvino_engine import OpenVinoRunner, _Compiled, core
from desktop_app.models.engines.openvino_graph import with_preprocessing
from desktop_app.models.explaining.head import Head
from desktop_app.models.explaining.stations import find_stations, layer_name

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Seen:
    """Of one frame: the network's answer, the values at each station, (channels, height, width), and its input after
    normalisation, (3, height, width). All float32, computed in float32 in one pass."""

    outputs: Outputs
    maps: tuple[Floats, ...]
    tensor: Floats


@dataclass(slots=True)
class _Taps:
    """What the outputs behind the network's own are."""

    own: int = 0
    stations: list[Station] = field(default_factory=list)
    nodes: list[str] = field(default_factory=list)
    """Their names in the graph."""
    layouts: list[str] = field(default_factory=list)
    """ "nchw", "nhwc", or "attention": two outputs, queries and keys."""


def find_attention(model: Any) -> list[tuple[Station, Any]]:
    """The self-attention layers of a vision transformer whose tokens are patches of the picture, with their nodes.

    A map shows how much the class token attends to each patch, one map a head.
    """
    found = []
    height = model.input(0).get_partial_shape()[2].get_length()
    for node in model.get_ordered_ops():
        if node.get_type_name() != "ScaledDotProductAttention":
            continue
        shape = node.input(0).get_partial_shape()
        if shape.is_dynamic or len(shape) != 4:
            continue
        _, heads, tokens, _ = shape.get_shape()
        side = math.isqrt(tokens - 1)
        if side > 1 and side * side == tokens - 1:
            stride = height / side
            name = layer_name(node).removesuffix(".self_attention").removesuffix(".attn")
            found.append((Station(name, heads, side, side, stride, math.inf, stride / 2, "attention"), node))
    return found


def _attention(queries: Floats, keys: Floats) -> Floats:
    """(heads, side, side): softmax of the class token's query with all keys, without the class token itself."""
    heads, tokens, depth = queries.shape[1:]
    logits = np.einsum("hd,htd->ht", queries[0, :, 0], keys[0]) / np.float32(math.sqrt(depth))
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    side = math.isqrt(tokens - 1)
    attention: Floats = (powers / powers.sum(axis=1, keepdims=True))[:, 1:].reshape(heads, side, side)
    return attention.astype(np.float32)


def _spread(found: list[tuple[Station, Any]], most: int) -> list[tuple[Station, Any]]:
    """At most `most` of them, evenly, first and last among them."""
    if len(found) <= most:
        return found
    return [found[round(index * (len(found) - 1) / (most - 1))] for index in range(most)]


class InsideRunner(OpenVinoRunner):
    """A `Runner` in float32 on the CPU whose outputs go on with the values at the stations and the input."""

    def __init__(self, network: Network) -> None:
        self._taps: dict[tuple[int, int], _Taps] = {}
        super().__init__(network, "CPU", "fp32", Tuning("still"), lambda _: None, lambda *_: None)

    @property
    def stations(self) -> list[Station]:
        """Of the last shape that ran."""
        return self._taps[self.input_shape].stations

    def filters(self) -> Floats | None:
        """The weights of the first convolution, (filters, 3, height, width); `None` where it sees no colours."""
        for node in self._read_model().get_ordered_ops():
            if node.get_type_name() == "Convolution":
                weights = node.input_value(1).get_node()
                data = getattr(weights, "data", None)
                if data is not None and data.ndim == 4 and data.shape[1] == 3:
                    return np.array(data, np.float32)
                return None
        return None

    def head(self) -> Head | None:
        """What comes after the last station, for the last shape; `None` where it does not hang on that alone."""
        taps = self._taps[self.input_shape]
        if not taps.nodes or taps.layouts[-1] != "nchw":
            return None
        model = self._read_model()
        model.reshape([1, 3, *self.input_shape])
        return Head.of(model, taps.nodes[-1])

    def _compile(self, shape: tuple[int, int]) -> _Compiled:
        model = self._read_model()
        model.reshape([1, 3, *shape])
        taps = _Taps()
        wanted = []
        attention = _spread(find_attention(model), 8)
        for station, node in attention:
            taps.stations.append(station)
            taps.layouts.append("attention")
            wanted += [node.input_value(0), node.input_value(1)]
        for station, node, layout in [] if attention else find_stations(model):
            taps.stations.append(station)
            taps.layouts.append(layout)
            taps.nodes.append(node.get_friendly_name())
            wanted.append(node.output(0))
        first = next(iter(model.input(0).get_target_inputs()))
        built = with_preprocessing(model, self._network)
        taps.own = len(built.outputs)
        # One by one: where two stations share an output, OpenVINO would fold them into one result.
        for output in (*wanted, first.get_source_output()):
            built.add_outputs([output])
        self._taps[shape] = taps
        return _Compiled(core().compile_model(built, "CPU", _SETTINGS), at_once=False)

    def split(self, outputs: Outputs) -> Seen:
        """The arrays are copies; they stay as they are when the next frame comes."""
        taps = self._taps[self.input_shape]
        rest = list(outputs[taps.own :])
        maps: list[Floats] = []
        for layout in taps.layouts:
            if layout == "attention":
                maps.append(_attention(rest.pop(0), rest.pop(0)))
            else:
                found = rest.pop(0)[0]
                maps.append(np.ascontiguousarray(found.transpose(2, 0, 1) if layout == "nhwc" else found.copy()))
        return Seen(tuple(out.copy() for out in outputs[: taps.own]), tuple(maps), rest.pop(0)[0].copy())


_SETTINGS: Mapping[str, str] = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
