"""What is put around a network before OpenVINO compiles it."""

from __future__ import annotations

from typing import Any

import numpy as np

from desktop_app.models.engines import Network
from desktop_app.models.engines.detector_heads import add_peaks, take_apart


def with_preprocessing(model: Any, network: Network, apart: bool = False) -> Any:
    """The same network, taking uint8 (1, h, 3 · w), the rows of (1, h, w, 3): layout and normalisation are part of it.

    Rows, because the CPU then converts the pixels as they lie and hands them to the first convolution in one pass.
    Where it can it turns them to planes before that, which makes three passes; the reshape holds it back.
    `apart`: gives boxes and logits apart where it can, see `Network.peaks_from`.
    """
    from openvino import Type
    from openvino.preprocess import PrePostProcessor

    if network.peaks_from is not None and not (apart and take_apart(model, network.peaks_from)):
        add_peaks(model, network.peaks_from)
    steps = PrePostProcessor(model)
    for index in range(len(model.outputs)):
        steps.output(index).tensor().set_element_type(Type.f32)
    model = steps.build()
    _take_rows(model, network)
    return model


def _take_rows(model: Any, network: Network) -> None:
    from openvino import Type
    from openvino import opset13 as ops

    entry = model.get_parameters()[0]
    _, _, height, width = entry.shape
    mean, std = (np.float32(255 * np.array(values)) for values in (network.mean, network.std))

    def normalised(values: Any, shape: tuple[int, ...], times: int = 1) -> Any:
        if mean.any():
            values = ops.subtract(values, np.tile(mean, times).reshape(shape))
        return ops.divide(values, np.tile(std, times).reshape(shape))

    def turned(values: Any) -> Any:
        return ops.transpose(ops.reshape(values, [1, height, width, 3], False), [0, 3, 1, 2])

    rows = ops.parameter([1, height, 3 * width], Type.u8)
    consumers = entry.output(0).get_target_inputs()
    if any(consumer.get_node().get_type_name() == "FakeQuantize" for consumer in consumers):
        # It takes all that comes right before it into one pass, which is exact in bf16 too.
        picture = normalised(ops.convert(turned(rows), Type.f32), (1, 3, 1, 1))
    elif mean.any():
        picture = turned(normalised(ops.convert(rows, Type.f32), (1, 1, -1), width))
    else:  # divided last, for that becomes part of the weights of the first convolution
        picture = normalised(turned(ops.convert(rows, Type.f32)), (1, 3, 1, 1))
    if entry.get_element_type() != Type.f32:
        picture = ops.convert(picture, entry.get_element_type())
    for consumer in consumers:
        consumer.replace_source_output(picture.output(0))
    model.replace_parameter(0, rows)
    model.validate_nodes_and_infer_types()
